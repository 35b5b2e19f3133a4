"""The steps of fit, evaluate and predict as programs: recorded twice, then replayed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.program import Program
from dlcore.trainer.batches import Arrays

Step = Callable[..., Any]


class Replays:
    """A step on a batch that is replayed once it has proved to do the same each time.

    There is a program for each shape of the batch and each backend; a last, smaller batch has one
    of its own. They live as long as the fit, evaluate or predict that they belong to.

    Args:
        step: `step(*arrays)`, the same arrays as given to the call.
        model: the model; with `run_eagerly` every step runs as it is.
        eagerly: the same for this step alone.
        lasting: arrays that stay where they are as long as the steps, see `Recording`.
    """

    def __init__(
        self,
        step: Step,
        model: Any,
        eagerly: bool = False,
        lasting: Sequence[np.ndarray] = (),
    ) -> None:
        self._step = step
        self._model = model
        self._eagerly = eagerly
        self._lasting = lasting
        self._programs: dict[Any, Program] = {}
        self._last: tuple[Any, str, Program] | None = None

    def __call__(self, arrays: Arrays) -> Any:
        """What the step returns for these arrays.

        Batches of one shape must come in the same arrays each time; the results of a replay are
        overwritten by the next one.
        """
        if self._model.run_eagerly or self._eagerly:
            return self._step(*arrays)
        backend = backends.get_backend()
        # Most batches come in the very tuple of the one before.
        if self._last is not None and self._last[0] is arrays and self._last[1] == backend:
            program = self._last[2]
        else:
            program = self._program(arrays, backend)
            self._last = arrays, backend, program
        results = program.run()
        if program.reason is not None:
            self._model.run_eagerly = True
            warnings.warn(
                f"The model {self._model.name!r} runs step by step, which is slower than replaying "
                f"a recorded step: {program.reason}. compile(run_eagerly=True) chooses that "
                "silently.",
                stacklevel=6,
            )
        return results

    def _program(self, arrays: Arrays, backend: str) -> Program:
        """The program for batches of this shape."""
        key = (backend, *(None if a is None else (a.shape, a.dtype) for a in arrays))
        if key not in self._programs:
            step = self._step  # not self: in a circle the buffers would outlive the fit
            self._programs[key] = Program(lambda: step(*arrays), self._lasting)
        return self._programs[key]
