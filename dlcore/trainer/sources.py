"""Where the batches of a run come from: arrays, or what makes batches one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlcore import random
from dlcore.interrupts import at_once
from dlcore.trainer.batches import Arrays, Batches
from dlcore.trainer.intake import Intake
from dlcore.utils.py_dataset import PyDataset, unpack_x_y_sample_weight


class ArraySource:
    """Batches of arrays.

    Args:
        rows: the arrays, as an Intake gives them.
        batch_size: rows of a batch.
        shuffle: whether each pass takes the rows in a new random order.
        steps: how many batches an epoch takes; default None: all. With a number, an epoch goes on
            where the last one stopped, and the rows begin anew when they end.
    """

    ran_dry = False

    def __init__(
        self, rows: Arrays, batch_size: int, shuffle: bool | str = False, steps: int | None = None
    ) -> None:
        self.batches = Batches(rows, batch_size)
        self.shuffle = shuffle
        self.steps = len(self.batches) if steps is None else steps
        self._order: np.ndarray | None = None
        self._next = 0  # the number of the next batch in this pass, where epochs are no passes
        self._began: list[tuple[Any, int]] = []
        self._chance: Any = None
        self.fill, self.lasting = self.batches.fill, self.batches.lasting

    def epoch(self, skip: int = 0) -> Iterator[Arrays]:
        """The batches of an epoch, to be filled; `skip` are done already, see `go_to`."""
        self._began = []
        done = skip
        while done < self.steps:
            if self._order is None or self._next >= len(self.batches):
                self._draw()
                self._next = 0
            self._began.append((self._order, self._next))
            for batch in self.batches.in_order(self._order, self._next):
                self._next += 1
                done += 1
                yield batch
                if done == self.steps:
                    break

    def place(self) -> Any:
        """Where the source stands, as plain data for a file."""
        if self._order is None or self._next >= len(self.batches):
            return None
        return {"chance": self._chance, "next": self._next}

    def go_to(self, place: Any, epoch: int, batch: int) -> None:
        """Go back to a `place`; the caller then sets the chance that shuffles."""
        self._order = None
        if place is not None:
            random.generator().bit_generator.state = place["chance"]
            self._draw()
            self._next = int(place["next"])

    def _draw(self) -> None:
        """A new order, with the chance that it came from."""
        self._chance = random.generator().bit_generator.state
        self._order = self.batches.order(self.shuffle)

    def restart(self) -> None:
        """Let the next epoch begin with the first row."""
        self._order = None

    def again(self) -> Iterator[Arrays]:
        """The batches of the epoch that is going on, from its start, to be filled."""
        for order, first in self._began:
            yield from self.batches.in_order(order, first)


class StreamSource:
    """Batches from a generator, another iterable or a PyDataset.

    Each batch is looked at and copied into buffers, one set for each shape, which a recorded step
    reads.

    Args:
        stream: gives `(x,)`, `(x, y)` or `(x, y, sample_weight)`.
        intake: what turns them into arrays.
        shuffle: whether the batches of a PyDataset come in a new random order in each epoch.
        steps: how many batches an epoch takes; default None: all that there are.
        class_weight: weights of the classes.
        training: whether the model is trained on them.
    """

    def __init__(
        self,
        stream: Iterable[Any],
        intake: Intake,
        shuffle: bool | str = False,
        steps: int | None = None,
        class_weight: Mapping[int, float] | None = None,
        training: bool = False,
    ) -> None:
        self.stream, self.intake, self.shuffle = stream, intake, bool(shuffle)
        self.class_weight, self.training = class_weight, training
        self.once = hasattr(stream, "__next__")
        self.ran_dry = False
        self._asked = steps
        self.steps = steps or _count(stream)
        self._buffers: dict[Any, Arrays] = {}
        self._rest: Iterator[Any] | None = None
        self._first: Any = None
        self._in_pass = 0
        self._chance: Any = random.generator().bit_generator.state

    lasting: Sequence[np.ndarray] = ()

    def fill(self, batch: Arrays) -> None:
        """The batches come with their rows."""

    def look(self) -> None:
        """Take the first batch and look at it; it will be the first of the first epoch.

        Raises:
            ValueError: if there is none.
        """
        with at_once():
            self._rest = iter(self._pass())
            self._first = next(self._rest, _NOTHING)
        self._in_pass = 0
        if self._first is _NOTHING:
            raise ValueError(
                f"The {type(self.stream).__name__} given as x has no batch; it must give at least "
                "one, such as (x, y)."
            )
        self._taken(self._first)

    def epoch(self, skip: int = 0) -> Iterator[Arrays]:
        """The batches of an epoch; `skip` of them are done already. `ran_dry` tells of too few."""
        data = self.stream if isinstance(self.stream, PyDataset) else None
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
        """Where the source stands in its pass, as plain data; None at the start of one."""
        if self.once or self._rest is None:
            return None
        return {"chance": self._chance, "next": self._in_pass}

    def go_to(self, place: Any, epoch: int, batch: int) -> None:
        """Go back to a `place`; the caller then sets the chance that shuffles."""
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
        if isinstance(self.stream, PyDataset) and self.shuffle:
            count = self.stream.num_batches
            self._chance = random.generator().bit_generator.state
            if count is not None:
                return (self.stream[int(i)] for i in random.permutation(count))
        return self.stream

    def _taken(self, raw: Any) -> Arrays:
        """A batch in the buffers for its shapes."""
        x, y, weight = unpack_x_y_sample_weight(raw)
        arrays = self.intake.take(x, y, weight, self.class_weight, self.training)
        key = tuple(None if a is None else (a.shape, a.dtype) for a in arrays)
        buffers = self._buffers.get(key)
        if buffers is None:
            buffers = tuple(None if a is None else np.empty_like(a) for a in arrays)
            self._buffers[key] = buffers
        for buffer, array in zip(buffers, arrays, strict=True):
            if buffer is not None:
                buffer[...] = array
        return buffers


_NOTHING = object()


def _count(stream: Any) -> int | None:
    if isinstance(stream, PyDataset):
        return stream.num_batches
    try:
        return len(stream)
    except TypeError:
        return None
