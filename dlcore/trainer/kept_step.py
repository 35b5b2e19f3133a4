"""Steps on single batches that a model keeps recorded: for a training loop of one's own.

`train_on_batch` of a small model takes its time for finding out what to do: looking at the batch,
going through the layers and back over the tape, a new array for each kernel. In a loop that is the
same each time. So from the second batch of a form on the step is recorded as it is taken
(``engine/program.py``), and from the fourth on replayed. Like a kept pass (``kept_pass.py``) it is
thrown away when anything but the numbers has changed, and only what is the library's own is kept.

A replay looks at the loss before it goes on to the weights. So no copies of the weights are needed
to go back to, where the loss is no number: only what the way to it has written is put back, such as
the means of a batch normalisation.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine.program import Program
from dlcore.engine.tensor import floatx
from dlcore.trainer.basis import Basis
from dlcore.trainer.compile_ahead import is_ours
from dlcore.trainer.data.array_data_adapter import Arrays
from dlcore.trainer.data.data_adapter import Standardizer
from dlcore.trainer.kept_pass import SHAPES, Key, filled, looks_at_all, to_keep

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer

BYTES = 256 << 20  # that all steps of a method may fill together
TRIES = 8  # so often it is begun anew; if something changes between any two steps, it is no use


class KeptSteps:
    """The steps of one model by one method, and what looks at its batches.

    Args:
        model: the compiled model, in which all is the library's.
        name: of the method: "train_step" or "test_step".
        tries: how often it was begun anew since a step was replayed.
    """

    def __init__(self, model: Trainer, name: str, tries: int = 0) -> None:
        self.standardizer = Standardizer(model, name)
        self.tries = tries
        self._of, self._name = weakref.ref(model), name
        self._basis = Basis(model, whole=True)
        self._steps: dict[Key, KeptStep | None] = {}  # None: a batch of this form was there
        self._refused: set[Key] = set()  # forms whose step is more than kernels, or too large

    def holds(self) -> bool:
        """Whether there is nothing new since the last step."""
        return self._basis.holds()

    def of(self, model: Trainer, arrays: Arrays) -> KeptStep | None:
        """The step for batches of this form; None for the first one, and where none is kept."""
        key = (*(None if a is None else (a.shape, a.dtype) for a in arrays), floatx())
        if key in self._refused:
            return None
        if key not in self._steps:
            if len(self._steps) >= SHAPES:
                # Where more forms take turns, to record each anew would cost more than it saves.
                once = next((known for known, step in self._steps.items() if step is None), None)
                if once is None:
                    return None
                del self._steps[once]
            self._steps[key] = None
            return None
        step = self._steps[key]
        if step is None:
            left = BYTES - sum(one.filled for one in self._steps.values() if one is not None)
            left -= sum(array.nbytes for array in arrays if array is not None)
            if self._basis.is_known and looks_at_all(model, self.standardizer):
                step = KeptStep(self.loss, self.standardizer.data, arrays, self._basis.arrays, left)
                self._steps[key] = step
                return step
        elif not step.given_up:
            self.tries = 0 if step.replays else self.tries
            return step
        self._refused.add(key)
        del self._steps[key]
        return None

    def loss(self, data: Any) -> np.ndarray:
        """Take the step itself; all that it gives beside its loss is with the model."""
        model = self._of()
        assert model is not None
        loss: np.ndarray = getattr(model, self._name)(data).loss
        return loss

    def look_again(self, model: Trainer) -> None:
        """Note what a step has changed that was not replayed: the first one makes something."""
        if self._basis.is_known and not self.holds():
            self._basis = Basis(model, whole=True)


class KeptStep:
    """The step on batches of one form.

    Args:
        step: takes a batch, and gives the loss.
        data: makes a batch of its arrays.
        arrays: such arrays.
        lasting: arrays that stay where they are, such as those of the weights.
        most: how many bytes it may fill.
    """

    def __init__(
        self,
        step: Callable[[Any], np.ndarray],
        data: Callable[[Arrays], Any],
        arrays: Arrays,
        lasting: list[np.ndarray],
        most: int,
    ) -> None:
        self._arrays: Arrays = tuple(None if a is None else memory.copied(a) for a in arrays)
        self._lasting = lasting
        self.program = Program(step, lasting, partial(data, self._arrays), most)
        self._loss = np.zeros(())
        self._to_loss = 0  # how many of the calls of a replay lead to the loss
        self._written: list[np.ndarray] = []  # what of that which lasts they write

    @property
    def replays(self) -> bool:
        """Whether the next step will be replayed."""
        return self._to_loss > 0

    @property
    def given_up(self) -> bool:
        """Whether the step has proved to be more than kernels, or too large to be kept."""
        return self.program.reason is not None or (self.program.replayed and not self.replays)

    @property
    def filled(self) -> int:
        """How many bytes it fills, as far as that is known."""
        batch = sum(array.nbytes for array in self._arrays if array is not None)
        return max(batch, filled(self.program, self._lasting))

    def record(self, arrays: Arrays) -> float:
        """Take the step on a batch as it is, and record it; gives the loss. To be finished then."""
        self._put(arrays)
        loss = self.program.run()
        if self.program.replayed and not self.program.after:
            self._loss = loss
            self._to_loss, written = self.program.until(loss)
            self._written = [a for a in self._lasting if any(memory.overlap(a, w) for w in written)]
        return float(loss)

    def replay(self, arrays: Arrays, breaks_off: bool) -> float:
        """Take the step on a batch once more; gives the loss.

        Args:
            arrays: the batch.
            breaks_off: whether to leave everything as it was where the loss is no number.
        """
        self._put(arrays)
        before = [array.copy() for array in self._written]
        calls = self.program.calls()
        for function, arguments in calls[: self._to_loss]:
            function(*arguments)
        loss = float(self._loss)
        if breaks_off and not math.isfinite(loss):
            for array, values in zip(self._written, before, strict=True):
                array[...] = values
            return loss
        for function, arguments in calls[self._to_loss :]:
            function(*arguments)
        return loss

    def _put(self, arrays: Arrays) -> None:
        for own, array in zip(self._arrays, arrays, strict=True):
            if own is not None:
                own[...] = array


def steps_of(model: Trainer, name: str) -> KeptSteps | None:
    """The steps that a model keeps, begun anew where anything has changed; None if it keeps none.

    Args:
        model: the compiled model.
        name: of the method.
    """
    if backends.is_recorded() or memory.device() is not None or model.run_eagerly:
        return None
    kept = to_keep(model).steps
    steps: KeptSteps | None = kept.get(name)
    if steps is not None and steps.tries > TRIES:
        return None
    if steps is None or not steps.holds():
        tries = 0 if steps is None else steps.tries + 1
        kept.pop(name, None)
        # A learner's kernels are called each time, and so is all else that is not the library's.
        if backends.get_backend() == "mine" or not is_ours(model):
            return None
        steps = kept[name] = KeptSteps(model, name, tries)
    return steps


def forget(model: Trainer, name: str) -> None:
    """Keep no steps any more, after one has failed."""
    to_keep(model).steps.pop(name, None)
