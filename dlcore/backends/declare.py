"""How a kernel is declared: on its function in NumPy, and nowhere else.

Name, arrays, attributes and formula are read off the page::

    @kernel("x[n, i], w[i, o], b[o] -> z[n, o]")
    def dense(x, w, b):
        "z = x w + b"
        return x @ w + b

Letters are sizes that must agree (``4k`` is four times k), ``*`` is any shape, ``[]`` a single
number, ``:int`` an integer array. An output with the name of an input is that input, updated in
place. What the function takes beside the arrays are attributes, each with its default.

A kernel has two forms. The functional one (the answer key in ``numpy``, a learner's function) is
``f(*inputs, **attributes) -> outputs``; the destination-passing one (``cpu``) is
``f(*outputs, *inputs, *attributes) -> None`` without the inputs that are already there as outputs.
What a gradient needs is an input or an output of the forward kernel; a gradient kernel takes the
upstream gradient first and overwrites its outputs. Of the ``optional`` outputs a caller may want
none: the destination-passing form is then given an array without elements, and leaves the work out.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

Shape = tuple[int, ...]


@dataclass(slots=True)
class Plan:
    """What a call of a kernel on arrays of some shapes and dtypes needs.

    Args:
        wide: the dtype that they are brought to; None if they have one.
        made: shape and dtype of each output that is not an input too.
    """

    wide: np.dtype | None
    made: list[tuple[Shape, np.dtype]]
    # By the function that a backend has for the kernel: the one of its forms for these shapes.
    forms: dict[Any, Any] = field(default_factory=dict)


REMEMBERED = 256  # plans of one kernel

ShapeRule = Callable[..., tuple[Shape, ...]]
Function = Callable[..., Any]


@dataclass(frozen=True)
class Array:
    """One array of a signature: its name, the names of its sizes (None: any shape), its kind."""

    name: str
    sizes: tuple[str, ...] | None
    integer: bool = False

    def __str__(self) -> str:
        sizes = "*" if self.sizes is None else ",".join(self.sizes)
        return f"{self.name}[{sizes}]" + (":int" if self.integer else "")

    @cached_property
    def factors(self) -> tuple[tuple[int, str], ...]:
        """Number and letter of each size: "4k" is four times k, "k" once, "2" is 2 of no letter."""
        letters = [size.lstrip("0123456789") for size in self.sizes or ()]
        counts = [size.removesuffix(k) for size, k in zip(self.sizes or (), letters, strict=True)]
        return tuple((int(count or 1), k) for count, k in zip(counts, letters, strict=True))

    def shape(self, letters: Mapping[str, int]) -> Shape:
        """Its shape for sizes by their letters."""
        return tuple(count * letters[k] if k else count for count, k in self.factors)


@dataclass(frozen=True)
class Kernel:
    """A declared kernel; ``kernel`` says what its parts are. Its ``function`` is the answer key."""

    name: str
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    formula: str
    attributes: dict[str, Any]
    function: Function
    rule: ShapeRule | None = None
    optional: tuple[str, ...] = ()
    choices: Callable[..., int] | None = None

    @cached_property
    def updates(self) -> tuple[str, ...]:
        """Names of the inputs that are updated in place; they come first among the inputs."""
        given = {array.name for array in self.inputs}
        return tuple(array.name for array in self.outputs if array.name in given)

    @cached_property
    def elementwise(self) -> bool:
        """Whether every array may be seen as one long row: all shapes are ``*`` or ``[]``."""
        return self.rule is None and not any(a.sizes for a in self.inputs + self.outputs)

    @cached_property
    def given(self) -> tuple[Array, ...]:
        """The inputs that are not updated: those that follow the outputs in the other form."""
        return tuple(a for a in self.inputs if a.name not in self.updates)

    @cached_property
    def long(self) -> tuple[int, ...]:
        """The places of what is of any shape, among the outputs and the inputs given."""
        return tuple(i for i, a in enumerate(self.outputs + self.given) if a.sizes is None)

    @property
    def signature(self) -> str:
        """The arrays as text, as they are declared."""
        left, right = (", ".join(map(str, side)) for side in (self.inputs, self.outputs))
        return f"{left} -> {right}"

    def plan(
        self, arrays: Sequence[Any], without: Sequence[str], attributes: Mapping[str, Any]
    ) -> Plan:
        """What a call on such arrays needs, worked out once for arrays of these shapes and dtypes.

        In a model that is asked row by row, to work it out takes longer than the kernel.

        Raises:
            ValueError: if the shapes do not fit the contract, or an output is not optional.
        """
        form = (without, *attributes.items(), *[(array.shape, array.dtype) for array in arrays])
        try:
            known = self._plans.get(form)
        except TypeError:  # a list among the attributes is no key
            return self._plan(arrays, without, attributes)
        if known is None:
            if len(self._plans) >= REMEMBERED:
                self._plans.clear()
            known = self._plans[form] = self._plan(arrays, without, attributes)
        return known

    @cached_property
    def _plans(self) -> dict[Any, Plan]:
        return {}

    def _plan(
        self, arrays: Sequence[Any], without: Sequence[str], attributes: Mapping[str, Any]
    ) -> Plan:
        shapes = self.output_shapes([array.shape for array in arrays], attributes)
        if not set(without) <= set(self.optional):
            raise ValueError(f"{self.name} cannot do without {', '.join(set(without))}.")
        # Float32 beside float64 becomes float64, as in NumPy; single numbers take part in neither.
        floating = [array for array in arrays if array.dtype.kind == "f"]
        kinds = {array.dtype for array in floating if array.ndim}
        wide = np.result_type(*kinds) if len(kinds) > 1 else None
        kind = result_type(self, arrays) if wide is None or not floating[0].ndim else wide
        copied = len(self.updates)
        made = [
            (
                (0,) * len(shape) if array.name in without else shape,
                np.dtype(np.int64) if array.integer else kind,
            )
            for array, shape in zip(self.outputs[copied:], shapes[copied:], strict=True)
        ]
        return Plan(wide, made)

    def output_shapes(self, shapes: Sequence[Shape], attributes: Mapping[str, Any]) -> list[Shape]:
        """Shapes of the outputs for inputs of the given shapes.

        Raises:
            ValueError: if the number of inputs, their ranks or their sizes do not fit the contract.
        """
        if len(shapes) != len(self.inputs):
            raise ValueError(
                f"{self.name} takes {len(self.inputs)} arrays ({self.signature}), "
                f"it was given {len(shapes)}."
            )
        if self.rule is not None:
            return list(self.rule(*shapes, **{**self.attributes, **attributes}))
        bound: dict[str, tuple[int, str]] = {}
        whole: tuple[Shape, str] | None = None
        for array, shape in zip(self.inputs, shapes, strict=True):
            if array.sizes is None:
                whole = whole or (shape, array.name)
                if shape != whole[0]:
                    raise ValueError(
                        f"{self.name}: {array.name} has shape {shape}, but {whole[1]} has shape "
                        f"{whole[0]}; the two must be alike."
                    )
                continue
            if len(shape) != len(array.sizes):
                raise ValueError(
                    f"{self.name}: {array.name} has shape {shape}, but needs {len(array.sizes)} "
                    f"axes: {array}."
                )
            for size, letter in zip(shape, array.sizes, strict=True):
                if letter[0].isdigit():
                    continue
                known, owner = bound.setdefault(letter, (size, array.name))
                if size != known:
                    raise ValueError(
                        f"{self.name}: {array.name} has shape {shape}, but its size {letter} is "
                        f"{known} in {owner}; the contract is {self.signature}."
                    )
        letters = {letter: size for letter, (size, _) in bound.items()}
        for array, shape in zip(self.inputs, shapes, strict=True):
            if array.sizes is not None and shape != array.shape(letters):
                raise ValueError(
                    f"{self.name}: {array.name} has shape {shape}, but must have shape "
                    f"{array.shape(letters)}; the contract is {self.signature}."
                )
        result = []
        for array in self.outputs:
            if array.sizes is None:
                assert whole is not None, f"{self.name}: no input gives the shape of {array}"
                result.append(whole[0])
            else:
                result.append(array.shape(letters))
        return result


def result_type(kernel: Kernel, arrays: Sequence[np.ndarray]) -> np.dtype:
    """The dtype of a kernel's outputs: that of its first floating input, else of its first."""
    if kernel.name == "random_uniform":
        return np.dtype(np.float32)
    for array in arrays:
        if array.dtype.kind == "f":
            return array.dtype
    return arrays[0].dtype


KERNELS: dict[str, Kernel] = {}
"""Every kernel that a backend offers, by its name."""

_ARRAY = re.compile(r"(\w+)\[([^\]]*)\](:int)?")


def _arrays(text: str) -> tuple[Array, ...]:
    return tuple(
        Array(
            name,
            None if sizes == "*" else tuple(size.strip() for size in sizes.split(",") if size),
            bool(kind),
        )
        for name, sizes, kind in _ARRAY.findall(text)
    )


def kernel(
    signature: str,
    *,
    rule: ShapeRule | None = None,
    optional: tuple[str, ...] = (),
    choices: Callable[..., int] | None = None,
) -> Callable[[Function], Function]:
    """Declare a kernel on its function in NumPy, which stays what it is.

    Args:
        signature: its arrays, as the text at the start of this file explains.
        rule: shapes of the outputs from those of the inputs and the attributes, where the letters
            of the signature do not say them.
        optional: names of outputs that a caller may do without.
        choices: from the same shapes and attributes, how many values the whole numbers of the last
            input may have: they lie from 0 to one below, else the kernel raises an IndexError.

    Raises:
        ValueError: where the function is read, if it does not agree with the signature.
    """
    left, right = signature.split(" -> ")

    def declared(function: Function) -> Function:
        name, inputs = function.__name__, _arrays(left)
        parameters = inspect.signature(function).parameters
        found = Kernel(
            name,
            inputs,
            _arrays(right),
            " ".join((function.__doc__ or "").split()),
            {key: p.default for key, p in list(parameters.items())[len(inputs) :]},
            function,
            rule,
            optional,
            choices,
        )
        for problem in _problems(found, signature, list(parameters)):
            raise ValueError(f"The kernel {name} in {function.__module__}: {problem}.")
        KERNELS[name] = found
        return function

    return declared


def _problems(kernel: Kernel, signature: str, parameters: list[str]) -> Iterable[str]:
    """What of a declaration does not agree with the function under it."""
    known, names = KERNELS.get(kernel.name), [array.name for array in kernel.inputs]
    if known is not None and known.function.__module__ != kernel.function.__module__:
        yield f"{known.function.__module__} declares one of that name"
    if kernel.signature.replace(" ", "") != signature.replace(" ", ""):
        yield f"{signature!r} reads as {kernel.signature!r}"
    if parameters[: len(names)] != names:
        yield f"its arrays are {', '.join(names)}, but it takes {', '.join(parameters)}"
    for name, value in kernel.attributes.items():
        if value is inspect.Parameter.empty:
            yield f"the attribute {name} has no default"
    if not set(kernel.optional) <= {array.name for array in kernel.outputs}:
        yield f"{', '.join(kernel.optional)} is not among its outputs"
    if not kernel.formula:
        yield "it has no docstring, which is its formula"


def kernels_in(package: str, path: Iterable[str]) -> dict[str, Function]:
    """The kernels of a backend: those functions of the files in its folder that are declared.

    A file may import a function from another one; it belongs to the file that it is written in.

    Args:
        package: the name of the backend's package.
        path: its folder, as ``__path__`` has it.

    Raises:
        ValueError: if there are two of one name.
    """
    found: dict[str, Function] = {}
    files = [f"{package}.{file.name}" for file in pkgutil.iter_modules(path)]
    for module in [importlib.import_module(file) for file in files]:
        for name in KERNELS.keys() & vars(module).keys():
            function = vars(module)[name]
            if getattr(function, "__module__", None) != module.__name__:
                continue
            if name in found:
                other = found[name].__module__
                raise ValueError(f"The kernel {name} is in {other} and in {module.__name__}.")
            found[name] = function
    return found


def count_windows(
    size: int, window: int, stride: int = 1, before: int = 0, after: int = 0, dilation: int = 1
) -> int:
    """How many places a window takes on an axis: none, if the axis is too short for it.

    A rule of convolution and pooling. A window of k cells that lie d apart reaches over
    `d (k - 1) + 1` cells; it moves by the stride.

    Args:
        size: length of the axis.
        window: number of cells of the window.
        stride: cells from one place to the next.
        before: cells of padding in front of the axis.
        after: cells of padding behind it.
        dilation: distance between the cells of the window.
    """
    reach = dilation * (window - 1) + 1
    return max(0, (size + before + after - reach) // stride + 1)


def existing(indices: np.ndarray, size: int) -> np.ndarray:
    """The indices, if each is the number of a row, or of a class.

    Neither a count from the end nor a place outside of the array: a replayed step that calculates
    its indices passes no other check than this one.

    Args:
        indices: whole numbers, in any shape.
        size: how many there are.

    Raises:
        IndexError: if one is negative or not below size.
    """
    if indices.size and not (0 <= indices.min() and indices.max() < size):
        raise IndexError(no_index(indices[(indices < 0) | (indices >= size)].flat[0], size))
    return indices


def no_index(index: int, size: int) -> str:
    """The sentence of an index that there is not."""
    known = f"among 0 to {size - 1}" if size else "in an array without rows"
    return (
        f"The index {index} is not {known}; look at how it is calculated, as the input of an "
        "Embedding or as a class number of the targets."
    )
