"""Who computes: the choice of a backend, and the way from a call to the function of a kernel.

``call`` runs a kernel into arrays that are given, ``compute`` makes them first. Both look the
function up in the table of the active backend, where every kernel has the destination-passing
form: that of ``cpu`` as it is, one of the answer key or of a learner inside of an adapter. Where
the backend has memory of its own, both take arrays of either kind (``memory.py``).
"""

from __future__ import annotations

import difflib
import os
import threading
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.backends.available import at_home, device_of, functions, reason
from dlcore.backends.declare import KERNELS, Function, Kernel, existing, result_type

NAMES = ("numpy", "cpu", "cuda", "mine")

Recorder = Callable[[str, "Callable[..., None] | None", tuple[Any, ...], int], None]

# The name of a backend, its functions, and whose memory its arrays live in.
Choice = tuple[str | None, dict[str, Callable[..., None]], memory.Device | None]

_lock = threading.RLock()


class _Told(threading.local):
    """Of each thread: its recorder, and what is done instead of calling kernels (``rehearsal``)."""

    recorder: Recorder | None = None
    instead: Callable[[str, Callable[..., None], tuple[Any, ...]], None] | None = None


_told = _Told()
_name: str | None = None  # None until the first use: the backend is loaded then
_table: dict[str, Callable[..., None]] = {}
_away = False  # whether arrays live in memory of the backend's own


def get_backend() -> str:
    """Name of the active backend."""
    return _active()[0]


def set_backend(name: str) -> None:
    """Choose the backend for everything that is computed from now on.

    Weights, and whatever else lives on, move to where the backend has its arrays.

    Args:
        name: "numpy" (the answer key, plain formulas), "cpu" (compiled by Numba, the default),
            "cuda" (compiled by Numba for a GPU of NVIDIA) or "mine" (your accepted kernels from
            ``my_dlcore.py``, and ``cpu`` for the rest). "mine" reads ``my_dlcore.py`` anew each
            time.

    Raises:
        ValueError: if there is no backend of that name.
        ImportError: if "cpu" or "cuda" is asked for by name and cannot work here.
        MemoryError: if the GPU has no room for what lives on; the backend stays what it was.
    """
    global _name, _table, _away
    if name not in NAMES:
        close = difflib.get_close_matches(str(name), NAMES, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"There is no backend {name!r}; choose one of {', '.join(NAMES)}.{hint}")
    with _lock:
        table = _load(name)
        memory.use(device_of(name))
        _name, _table, _away = name, table, memory.device() is not None


def choice() -> Choice:
    """What is chosen now, which may be nothing yet, for `go_back`."""
    return _name, _table, memory.device()


def go_back(choice: Choice) -> None:
    """Choose what was chosen before, without loading it anew."""
    global _name, _table, _away
    with _lock:
        memory.use(choice[2])
        _name, _table, _away = choice[0], choice[1], choice[2] is not None


def _active() -> tuple[str, dict[str, Callable[..., None]]]:
    if _name is None:
        with _lock:
            if _name is None:
                _choose_default()
    assert _name is not None
    return _name, _table


def _choose_default() -> None:
    asked = os.environ.get("DLCORE_BACKEND", "cpu")
    if asked == "cpu":
        why_not = reason("cpu")
        if why_not is not None:
            warnings.warn(f"dlcore runs on its slower NumPy backend. {why_not}", stacklevel=5)
            asked = "numpy"
    set_backend(asked)


def _load(name: str) -> dict[str, Callable[..., None]]:
    if name == "mine":
        return _load_mine()
    table = {k.name: destination_passing(k, k.function) for k in KERNELS.values()}
    if name == "numpy":
        return table
    own = functions(name)
    if device_of(name) is not None:
        if (why_not := reason(name)) is not None:
            raise ImportError(why_not)
        table = {kernel: at_home(KERNELS[kernel], f) for kernel, f in table.items()}
    return table | own


def _load_mine() -> dict[str, Callable[..., None]]:
    from dlcore.backends import mine

    table = _load("numpy" if reason("cpu") else "cpu")
    accepted = mine.load()
    for name, function in accepted.items():
        table[name] = destination_passing(KERNELS[name], function, owner="Your")
        table[name].keeps_shapes = True  # type: ignore[attr-defined]
    for name, (step, sequence) in mine.SEQUENCES.items():
        if step in accepted and name not in accepted:
            of_steps = partial(sequence, _functional(KERNELS[step], table[step]))
            table[name] = destination_passing(KERNELS[name], of_steps)
    return table


def _functional(kernel: Kernel, function: Function) -> Function:
    """Give a kernel that updates nothing its functional form: from destination-passing back."""

    def run(*inputs: np.ndarray) -> Any:
        given = [np.ascontiguousarray(x) for x in inputs]
        shapes = kernel.output_shapes([x.shape for x in given], {})
        outputs = [np.empty(shape, result_type(kernel, given)) for shape in shapes]
        function(*outputs, *given)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    return run


def call(
    name: str,
    outputs: Sequence[np.ndarray],
    inputs: Sequence[np.ndarray],
    attributes: dict[str, Any] | None = None,
) -> None:
    """Run a kernel of the active backend into the given arrays.

    Args:
        name: A kernel of ``KERNELS``.
        outputs: C-contiguous arrays that are overwritten (or changed, those that the kernel
            updates), in the order of its declaration.
        inputs: C-contiguous arrays, without those that are updated in place: they are outputs.
        attributes: Values by name; its declaration has the defaults.
    """
    _run(KERNELS[name], outputs, inputs, attributes, {})


def _run(
    kernel: Kernel,
    outputs: Sequence[np.ndarray],
    inputs: Sequence[np.ndarray],
    attributes: dict[str, Any] | None,
    forms: dict[Any, Any],
) -> None:
    """The same with the forms found before for such arrays, see `Plan`."""
    function = (_active()[1] if _name is None else _table)[kernel.name]
    if _away:
        inputs = [memory.given(x) for x in inputs]
        assert not any(map(memory.is_constant, outputs)), f"{kernel.name} would change a constant"
        if not all(map(memory.is_here, outputs)):
            _call_from_home(kernel, outputs, inputs, attributes)
            return
    values = {**kernel.attributes, **attributes} if attributes else kernel.attributes
    # A learner's function sees the shapes that it was written for; its loops may need them.
    arrays = [*outputs, *inputs]
    if kernel.elementwise and not getattr(function, "keeps_shapes", False):
        for i in kernel.long:  # as one long row: one compiled version then serves all shapes
            if arrays[i].ndim != 1:
                arrays[i] = arrays[i].reshape(-1)
    arguments = (*arrays, *values.values())
    if hasattr(function, "choose"):  # one thread or several
        form = forms.get(function)
        if form is None:
            form = forms[function] = function.choose(arguments)
        function = form
    if _away:
        function(*as_taken(function, arguments))
    elif (instead := _told.instead) is not None:
        instead(kernel.name, function, arguments)
    else:
        function(*arguments)
    if (recorder := _told.recorder) is not None:
        recorder(kernel.name, function, arguments, len(outputs))


def _call_from_home(
    kernel: Kernel,
    outputs: Sequence[Any],
    inputs: Sequence[Any],
    attributes: dict[str, Any] | None,
) -> None:
    """Run a kernel on a device into arrays of which some are NumPy's: they get copies."""
    there = [y if memory.is_here(y) else memory.copied(y) for y in outputs]
    _run(kernel, there, inputs, attributes, {})
    for y, result in zip(outputs, there, strict=True):
        if y is not result:
            note_reading(result)
            memory.write(y, result)


def compute(name: str, *inputs: Any, without: Sequence[str] = (), **attributes: Any) -> Any:
    """Run a kernel of the active backend and return its outputs as new arrays.

    Args:
        name: A kernel of ``KERNELS``.
        inputs: Arrays (or numbers, for inputs of no axes) in the order of its declaration. None is
            changed: those that the kernel updates are copied first.
        without: Names of outputs that are not wanted, out of those that are declared
            optional; default none.
        attributes: Values by name; its declaration has the defaults.

    Returns:
        One array, or a tuple of arrays where several outputs are declared; None in the place
        of one that is not wanted. They live where the backend has its arrays; but if all inputs
        are NumPy's, they are too.

    Raises:
        ValueError: if the shapes do not fit the declaration, or an output is not optional.
    """
    kernel = KERNELS[name]
    if _name is None:
        _active()  # settles where arrays live
    arrays: list[Any] = [*map(memory.given if _away else _plain, inputs)]
    plan = kernel.plan(arrays, without, attributes)
    if (wide := plan.wide) is not None:
        arrays = [_cast(a, wide) if a.ndim and a.dtype.kind == "f" else a for a in arrays]
    copied = len(kernel.updates)
    outputs = [array.copy() for array in arrays[:copied]] if copied else []
    for shape, kind in plan.made:
        outputs.append(memory.empty(shape, kind))
    _run(kernel, outputs, arrays[copied:], attributes, plan.forms)
    if _away and not any(isinstance(x, memory.DeviceArray) for x in inputs):
        for y in outputs:  # a replayed step would go on with the numbers of the recorded one
            note_reading(y)
        outputs = [memory.to_host(y) for y in outputs]
    if without:
        names = [array.name for array in kernel.outputs]
        return tuple(None if n in without else y for n, y in zip(names, outputs, strict=True))
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def _plain(x: Any) -> np.ndarray:
    """An array of NumPy that a kernel can take."""
    if type(x) is not np.ndarray:
        x = memory.given(x)
    return x if x.flags.c_contiguous else np.ascontiguousarray(x)


def _cast(array: Any, kind: np.dtype) -> Any:
    if isinstance(array, np.ndarray):
        return array.astype(kind)
    made = memory.empty(array.shape, kind)
    call("cast", (made,), (array,))
    return made


def destination_passing(kernel: Kernel, function: Function, owner: str = "") -> Function:
    """Give a functional kernel the destination-passing form.

    Args:
        kernel: The declaration of the kernel.
        function: ``f(*inputs, **attributes)`` that returns one array, or a tuple of them.
        owner: Words that an error names the function with, such as "Your".

    Returns:
        ``f(*outputs, *inputs, *attributes)``, which copies the results into the outputs.

    Raises:
        ValueError: from the returned function, if a result is missing or has another shape.
        IndexError: from the returned function, if a whole number is none of the kernel's choices.
    """
    names = tuple(kernel.attributes)
    count = len(kernel.outputs)
    # An array that is updated is passed once, as an output; the function wants it as an input.
    inputs_given = len(kernel.given)
    called = f"{owner} {kernel.name}".strip()

    def run(*arguments: Any) -> None:
        outputs = arguments[:count]
        inputs = arguments[count : count + inputs_given]
        attributes = dict(zip(names, arguments[count + inputs_given :], strict=True))
        updated = outputs[: len(kernel.updates)]
        if kernel.choices is not None:
            # In the middle of a replayed step nothing else looks at them.
            shapes = map(np.shape, (*updated, *inputs))
            existing(inputs[-1], kernel.choices(*shapes, **attributes))
        results = function(*updated, *inputs, **attributes)
        if count == 1 and not isinstance(results, tuple):
            results = (results,)
        if not isinstance(results, tuple | list) or len(results) != count:
            found = "None" if results is None else f"{type(results).__name__}"
            raise ValueError(
                f"{called} must return {count} arrays ({kernel.signature}), it returned {found}."
            )
        for array, output, result in zip(kernel.outputs, outputs, results, strict=True):
            if array.name in kernel.optional and output.size == 0:
                continue
            if np.shape(result) != output.shape:
                raise ValueError(
                    f"{called} returned {array.name} of shape {np.shape(result)}, but it must "
                    f"have shape {output.shape}."
                )
            output[...] = result

    return run


def as_taken(function: Callable[..., None], arguments: Sequence[Any]) -> Sequence[Any]:
    """Arguments as the function of a kernel takes them: of arrays of a device their views."""
    if memory.device() is None or hasattr(function, "at_home"):
        return arguments
    return memory.views(arguments)


def settled(function: Callable[..., None], arguments: Sequence[Any]) -> Callable[..., None]:
    """A function of a kernel for arguments of these types alone.

    A kernel of Numba looks at the types of its arguments each time that it is called, which for a
    small one takes as long as its work. The form that it has compiled for them does not look.
    """
    forms = getattr(function, "overloads", None)
    if forms is None or memory.device() is not None:
        return function
    from dlcore.backends.numba.compile import kinds_of

    form = forms.get(kinds_of(arguments))
    return function if form is None else form.entry_point


def is_library(*names: str) -> bool:
    """Whether the library's functions run these kernels, and none of them a learner's.

    One fused kernel may then stand for them all.
    """
    active, table = _active()
    if active != "mine":
        return True
    return not any(getattr(table[name], "keeps_shapes", False) for name in names)


def set_recorder(recorder: Recorder | None) -> Recorder | None:
    """Have each call of this thread told to ``recorder``; returns the recorder before, or None.

    It is given the kernel's name, the function that ran, all its arguments, and how many of them
    are outputs; of `note_reading` the name "read", no function, and the array.
    """
    before, _told.recorder = _told.recorder, recorder
    return before


def is_recorded() -> bool:
    """Whether calls are told to a recorder: what else happens now, a replay would leave out."""
    return _told.recorder is not None


def may_look() -> bool:
    """Whether the host may look at numbers now: not where a recorded step would wait for it."""
    return not is_recorded() or (memory.device() is None and _told.instead is None)


def note_reading(array: np.ndarray) -> None:
    """Tell the recorder, if there is one, that a program looks at the numbers of an array."""
    if (recorder := _told.recorder) is not None:
        recorder("read", None, (array,), 0)
