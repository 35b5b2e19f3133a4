"""Batches that are made one by one: by a generator, another iterable or a PyDataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.backends import memory
from dlcore.engine import random
from dlcore.engine.interrupts import at_once
from dlcore.trainer.data.array_data_adapter import Arrays
from dlcore.utils.py_dataset import PyDataset
from dlcore.utils.targets import unpack_x_y_sample_weight

if TYPE_CHECKING:
    from dlcore.trainer.data.data_adapter import Standardizer


class GeneratorDataAdapter:
    """Batches from a generator, another iterable or a PyDataset.

    Each batch is looked at and copied into buffers, one set for each shape, which a recorded step
    reads. To the memory of a device it goes while the step before it is still running.

    Args:
        source: what gives `(x,)`, `(x, y)` or `(x, y, sample_weight)`.
        standardizer: turns them into arrays, and looks at them.
        shuffle: whether the batches of a PyDataset come in a new random order in each epoch.
        steps: how many batches an epoch takes; default None: all that there are.
        class_weight: weights of the classes.
        training: whether the model is trained on them.

    Raises:
        ValueError: if there is no batch.
    """

    def __init__(
        self,
        source: Iterable[Any],
        standardizer: Standardizer,
        shuffle: bool | str = False,
        steps: int | None = None,
        class_weight: Mapping[int, float] | None = None,
        training: bool = False,
    ) -> None:
        self.source, self.standardizer, self.shuffle = source, standardizer, bool(shuffle)
        self.class_weight, self.training = class_weight, training
        self.once = hasattr(source, "__next__")
        self.ran_dry = False
        self._asked = steps
        self.steps = steps or _count(source)
        self._buffers: dict[Any, Arrays] = {}
        memory.lives(self, "_buffers")
        self._relay = memory.Relay()
        self._rest: Iterator[Any] | None = None
        self._first: Any = None
        self._in_pass = 0
        self._random_state: Any = random.generator().bit_generator.state
        self._look()

    lasting: Sequence[np.ndarray] = ()
    rows: int | None = None  # it does not know how many there will be

    def data(self, batch: Arrays) -> Any:
        """A batch that `epoch` has just given, as a step takes it."""
        return self.standardizer.data(batch)

    def fetch(self, batch: Arrays) -> None:
        """The batches come with their rows."""

    def begin(self) -> None:
        """They do not go on by `fetch`."""

    def _look(self) -> None:
        """Take the first batch and look at it; it will be the first of the first epoch."""
        with at_once():
            self._rest = iter(self._pass())
            self._first = next(self._rest, _NOTHING)
        self._in_pass = 0
        if self._first is _NOTHING:
            raise ValueError(
                f"The {type(self.source).__name__} given as x has no batch; it must give at least "
                "one, such as (x, y)."
            )
        self._taken(self._first)

    def epoch(self, skip: int = 0) -> Iterator[Arrays]:
        """The batches of an epoch; `skip` of them are done already. `ran_dry` tells of too few."""
        data = self.source if isinstance(self.source, PyDataset) else None
        if data is not None:
            data.on_epoch_begin()
        done = skip
        for raw in self._raw() if done != self._asked else ():
            done += 1
            yield self._taken(raw)
            if done == self._asked:
                break
        if self._asked is None and done:
            self.steps = done
        self.ran_dry = done < self._asked if self._asked else not done
        if data is not None:
            data.on_epoch_end()

    def restart(self) -> None:
        """Let the next epoch begin with the first batch, where that can be had again."""
        if not self.once:
            self._rest = self._first = None

    def place(self) -> Any:
        """Where the adapter stands in its pass, as plain data; None at the start of one."""
        if self.once or self._rest is None:
            return None
        return {"chance": self._random_state, "next": self._in_pass}

    def go_to(self, place: Any, epoch: int, batch: int) -> None:
        """Go back to a `place`; the caller then sets the random state that shuffles."""
        self.restart()
        if place is not None and not self.once:
            random.generator().bit_generator.state = place["chance"]
            self._rest = iter(self._pass())
            self._in_pass = int(place["next"])
            for _ in range(self._in_pass):
                next(self._rest, None)

    def again(self) -> None:
        """None: what has gone by does not come back."""

    def _raw(self) -> Iterator[Any]:
        """Batches as they come, anew where they can begin anew."""
        fresh = False
        while True:
            with at_once():
                if self._rest is None:
                    self._rest, fresh = iter(self._pass()), True
                    self._in_pass = 0
                raw = self._first if self._first is not None else next(self._rest, _NOTHING)
            self._first = None
            if raw is not _NOTHING:
                fresh = False
                self._in_pass += 1
                yield raw
                continue
            # One pass is an epoch, unless a number of steps was asked for.
            if not self.once:
                self._rest = None
            if self.once or self._asked is None or fresh:
                return

    def _pass(self) -> Iterable[Any]:
        if isinstance(self.source, PyDataset) and self.shuffle:
            count = self.source.num_batches
            self._random_state = random.generator().bit_generator.state
            if count is not None:
                return (self.source[int(i)] for i in random.permutation(count))
        return self.source

    def _taken(self, raw: Any) -> Arrays:
        """A batch in the buffers for its shapes."""
        x, y, weight = unpack_x_y_sample_weight(raw)
        arrays = self.standardizer.arrays(x, y, weight, self.class_weight, self.training)
        key = tuple(None if a is None else (a.shape, a.dtype) for a in arrays)
        buffers = self._buffers.get(key)
        if buffers is None:
            buffers = tuple(None if a is None else memory.empty(a.shape, a.dtype) for a in arrays)
            self._buffers[key] = buffers
        for buffer, array in zip(buffers, arrays, strict=True):
            if isinstance(buffer, memory.DeviceArray):
                self._relay.write(buffer, array)
            elif buffer is not None:
                buffer[...] = array
        return buffers


_NOTHING = object()


def _count(source: Any) -> int | None:
    if isinstance(source, PyDataset):
        return source.num_batches
    try:
        return len(source)
    except TypeError:
        return None
