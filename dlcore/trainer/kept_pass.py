"""A recorded forward pass that a model keeps between calls, for who asks it row by row.

`predict` of a few rows takes its time not for the numbers but for finding out what to do with them:
looking at x, going through the layers, a shape and a new array for each kernel. The second time
that rows of the same shape come, the pass is recorded (`engine/program.py`), and from then on
replayed. It is thrown away when anything is no more as it was then: an attribute of the model or of
a layer, a list in one, the array of a weight, the method `call` of a class, the backend. Numbers
may change in their arrays: training in place of the same weights shows at once.

Kept is what only the library's own code calculates. Layers and functions of the user's own may do
what no recording can see from one call to the next, and layers with a state carry it on; such
models go the long way each time.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import tree
from dlcore.engine.interrupts import one_blas_thread
from dlcore.engine.program import Program
from dlcore.engine.tensor import Tensor, floatx, no_grad
from dlcore.layers.tracking import all_inside, is_the_librarys, stateful_layers
from dlcore.trainer.advice.agreement import refuse_gaps
from dlcore.trainer.basis import Basis
from dlcore.trainer.data.data_adapter import Standardizer

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer

SHAPES = 4  # of so many shapes of x a model keeps the pass
BYTES = 64 << 20  # and only where the arrays that it fills are no larger together

Key = tuple[Any, ...]


class Kept:
    """What one model keeps; a copy of the model gets none of it.

    Passes go by the form of their rows, and are None where none could be kept; steps
    (``kept_step.py``) by the name of their method.
    """

    def __init__(self, model: Trainer | None = None) -> None:
        self.passes: dict[Key, Pass | None] = {}
        self.steps: dict[str, Any] = {}
        self._of = None if model is None else weakref.ref(model)

    def is_of(self, model: Trainer) -> bool:
        """Whether it was made for this model, and not for one that it is a copy of."""
        return self._of is not None and self._of() is model

    def __deepcopy__(self, memo: Any) -> Kept:
        return Kept()

    def __reduce__(self) -> tuple[type[Kept], tuple[()]]:
        return Kept, ()


def kept_of(model: Trainer) -> Kept | None:
    """What a model keeps; None before anything was noted."""
    kept: Kept | None = model.__dict__.get("_kept")
    return kept if kept is not None and kept.is_of(model) else None


def to_keep(model: Trainer) -> Kept:
    """What a model keeps, to be added to."""
    kept = kept_of(model)
    if kept is None:
        kept = model.__dict__["_kept"] = Kept(model)
    return kept


def passes_of(model: Trainer) -> dict[Key, Pass | None] | None:
    """The passes that are kept for a model; None before anything was noted."""
    kept = kept_of(model)
    return None if kept is None else kept.passes


def replayed(model: Trainer, x: np.ndarray) -> Any:
    """The outputs for x by a pass that is kept, as `predict` returns them; None if there is none.

    Raises:
        ValueError: if x has gaps.
    """
    passes = passes_of(model)
    if not passes:
        return None
    key = _key(x)
    found = passes.get(key)
    if found is None or backends.is_recorded() or model.run_eagerly:
        return None
    if not found.holds():
        passes.pop(key, None)
        return None
    return found.outputs(x)


def keep(model: Trainer, x: np.ndarray) -> None:
    """Keep the pass for rows like x, if it can be kept.

    It is called after the long way has answered for x, which therefore fits the model.
    """
    if backends.is_recorded() or memory.device() is not None or model.run_eagerly:
        return
    passes = to_keep(model).passes
    key = _key(x)
    if key in passes:  # it was tried
        return
    if len(passes) >= SHAPES:
        # Where more shapes take turns, to record each anew would cost more than it saves.
        oldest, kept_longest = next(iter(passes.items()))
        if kept_longest is None or kept_longest.holds():
            return
        passes.pop(oldest, None)
    passes[key] = None
    if x.nbytes <= BYTES and x.dtype.kind in "biuf" and _can_be_kept(model):
        made = Pass(model, x)
        if made.replayable:
            passes[key] = made


def _key(x: np.ndarray) -> Key:
    return x.shape, x.dtype, floatx()


class Pass:
    """The pass of a model for rows of one shape.

    Args:
        model: the model, in which nothing is the user's own.
        x: such rows, which it can take.
    """

    def __init__(self, model: Trainer, x: np.ndarray) -> None:
        self._lock = threading.Lock()
        standardizer = Standardizer(model, "predict_step")
        self._x = np.array(standardizer.arrays(x)[0])
        asked = weakref.ref(model)  # or the model would never be let go
        pack, self._label = standardizer.inputs.packed, standardizer.inputs.label(0)
        self._choosy = standardizer.choosy()

        def step() -> Any:
            there = asked()
            assert there is not None
            return there.predict_step((pack([Tensor(self._x)]),))

        # Of weights no copies: they stay where they are as long as the pass holds.
        self._lasting = [variable.data for variable in model.variables]
        self._program = Program(step, self._lasting)
        with no_grad(), one_blas_thread():
            self._program.run()
            self._program.run()
        self._basis = Basis(model, whole=False)
        # What a layer itself looks at, a replay leaves out.
        self._looks = looks_at_all(model, standardizer)

    @property
    def replayable(self) -> bool:
        """Whether the pass is nothing but kernels, and not too large to be kept."""
        small = filled(self._program, self._lasting) <= BYTES
        return self._program.replayed and not self._program.after and small and self._looks

    def holds(self) -> bool:
        """Whether everything that it was recorded from is still the same."""
        return self._basis.holds()

    def outputs(self, x: np.ndarray) -> Any:
        """The outputs for rows x; None while another thread asks."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            with np.errstate(over="ignore"):  # what is too large becomes infinite, and is a gap
                self._x[...] = x.reshape(self._x.shape)
            refuse_gaps(self._x, "x")
            for layer in self._choosy:
                layer.check_inputs(self._x, self._label)
            with one_blas_thread():
                results = self._program.run()
            return tree.transform(lambda leaf: leaf.data.copy(), results)
        finally:
            self._lock.release()


def looks_at_all(model: Trainer, standardizer: Standardizer) -> bool:
    """Whether no layer looks at numbers itself, which were calculated in the model before."""
    choosy = {layer for layer in all_inside(model) if hasattr(layer, "check_inputs")}
    return choosy == {*standardizer.choosy()}


def filled(program: Program, lasting: Sequence[np.ndarray]) -> int:
    """How many bytes a program fills, beside arrays that are there in any case."""
    used = [a for _, arguments in program.calls() for a in arguments if memory.is_array(a)]
    sizes = {memory.address(array): array.nbytes for array in used}
    return sum(sizes.values()) - sum(sizes.get(memory.address(array), 0) for array in lasting)


def _can_be_kept(model: Trainer) -> bool:
    """Whether all that is called in the model is the library's, and carries nothing on."""
    if stateful_layers(model) or backends.get_backend() == "mine":
        return False
    if len(getattr(model, "inputs", None) or (1,)) != 1:
        return False
    values = (value for layer in all_inside(model) for value in layer.__dict__.values())
    # The numbers of an array may change, and go by copies.
    return is_the_librarys(model) and not any(isinstance(value, np.ndarray) for value in values)
