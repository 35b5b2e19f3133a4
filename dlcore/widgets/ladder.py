"""Lesson 12: one product in many ways, and how long each takes on the machine of the reader."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.backends.numba.blas import single_threaded_blas
from dlcore.plots.ladder import in_words, ladder_scene
from dlcore.plots.scene import Scene
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Button, Choice, Control, Group
from dlcore.widgets.recorded_times import RECORDED, WHERE
from dlcore.widgets.rungs import RUNGS, Product, Rung

BUDGET = 0.15  # seconds for each rung
BATCH = 2e-5  # seconds that a reading of the clock should span, far above its own cost
SHOWN = ("warm calls", "the first call as well")


class LadderModel:
    """A product of two matrices [n, n], by each rung of a ladder, and the seconds it takes.

    Until `measure` is called for a size, the times are recorded ones.

    Args:
        rungs: the ways, the lowest first.
        recorded: by size and by the name of a rung, seconds; they hold until something is measured.
        clock: gives the time in seconds.
        budget: seconds after which a rung is measured no more.
    """

    controls = (Control("power", "size n = 2 to this power (no unit)", 0.0, 8.0, 1.0),)

    def __init__(
        self,
        rungs: Sequence[Rung] = RUNGS,
        recorded: Mapping[int, Mapping[str, float]] = RECORDED,
        clock: Callable[[], float] = time.perf_counter,
        budget: float = BUDGET,
    ) -> None:
        """Begin at n = 16 with what is recorded."""
        self.rungs, self._recorded = tuple(rungs), recorded
        self._clock, self._budget = clock, budget
        self.power, self.cold = 4.0, False
        self._measured: dict[int, dict[str, float]] = {}
        self._of_rows: dict[int, dict[str, int]] = {}

    @property
    def size(self) -> int:
        """The number n of rows and columns."""
        return int(2**self.power)

    @property
    def measured(self) -> bool:
        """Whether the times of this size were measured here."""
        return self.size in self._measured

    @property
    def times(self) -> dict[str, float]:
        """Seconds of one product by the name of its rung, those that are to be shown."""
        known = self._measured.get(self.size) or self._recorded.get(self.size, {})
        shown = (each.name for each in self.rungs if self.cold or not each.cold)
        return {name: known[name] for name in shown if name in known}

    def update(self, **values: float) -> None:
        """Set the size, or whether the first call is shown; nothing is measured."""
        for name, value in values.items():
            setattr(self, name, bool(value) if name == "cold" else value)

    def measure(self) -> dict[str, float]:
        """Measure all rungs that are shown, at this size, on one thread."""
        rng = np.random.default_rng(0)
        a, b = rng.normal(size=(2, self.size, self.size)).astype(np.float32)
        found, rows = {}, {}
        for rung in self.rungs:
            if self.cold or not rung.cold:
                found[rung.name], rows[rung.name] = self.seconds(rung, a, b)
        self._measured[self.size], self._of_rows[self.size] = found, rows
        return found

    def seconds(self, rung: Rung, a: np.ndarray, b: np.ndarray) -> tuple[float, int]:
        """The seconds of one product by a rung, and from how many rows of a they were found.

        Args:
            rung: the way.
            a: the first matrix, [n, k].
            b: the second, [k, m].
        """
        rows = len(a)
        with single_threaded_blas():
            if rung.cold:
                return self._time(rung.start(a, b), 1), rows
            if rung.by_rows:
                single = rung.start(a[:1], b)
                one = min(self._time(single, 1), self._time(single, 1))
                rows = max(1, min(rows, int(self._budget / max(one, 1e-9))))
            return self.least(rung.start(a[:rows], b)) * len(a) / rows, rows

    def report(self) -> str:
        """Which way is the fastest, by how much, and where the times are from."""
        times, n = self.times, self.size
        best = min(times, key=lambda name: times[name])
        worst = max(times, key=lambda name: times[name])
        said = (
            f"n = {n}: {n**3:,} multiply-adds · fastest: {best}, {in_words(times[best])} · "
            f"{worst}: {many(times[worst] / times[best])} times as long"
        )
        parts = [f"{k} of {n}" for k in self._of_rows.get(n, {}).values() if k < n]
        if parts:
            said += f" · slow ways from fewer rows ({', '.join(parts)})"
        return f"{said} · {'measured here' if self.measured else f'recorded, {WHERE}'}"

    def least(self, product: Product) -> float:
        """Seconds of the fastest of many calls, the one that was disturbed least."""
        begin = self._clock()
        once = self._time(product, 1)
        once = min(once, self._time(product, 1))
        count = max(1, min(1000, int(BATCH / max(once, 1e-9))))
        for _ in range(200):
            if self._clock() - begin > self._budget:
                break
            once = min(once, self._time(product, count))
        return once

    def _time(self, product: Product, count: int) -> float:
        begin = self._clock()
        for _ in range(count):
            product()
        return (self._clock() - begin) / count


def many(ratio: float) -> str:
    """How many times, with two digits, or whole with commas where it is large."""
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def scene(model: LadderModel) -> Scene:
    """A bar for each rung."""
    n = model.size
    where = "measured here" if model.measured else "recorded on another machine"
    return ladder_scene(model.times, f"a [{n}, {n}] times b [{n}, {n}]: {where}", model.report())


def draw(model: LadderModel) -> Figure:
    """The same as a figure."""
    return still(scene(model))


class Ladder(Bench):
    """A slider for the size, a choice and a button that measures."""

    model: LadderModel
    offers = {"cold": (False, True)}

    def __init__(self, model: LadderModel) -> None:
        """Show what is recorded."""
        super().__init__("Ladder of speeds", model, scene)

    def controls(self) -> list[Group]:
        """The size, what is shown, and the button."""
        return [
            Group((*self.model.controls, Choice("cold", "times of", SHOWN))),
            Group(
                (
                    Button("measure", "Measure", "Measure this size on this machine, some seconds"),
                    Button("again", "Start again", "Back to n = 16; what was measured is kept"),
                )
            ),
        ]

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Measure, or go back to the beginning."""
        if name != "measure":
            return super().act(name, given)
        self.model.measure()
        return True

    def __repr__(self) -> str:
        return f"<Ladder of speeds: run this cell to measure {len(self.model.rungs)} ways>"


def ladder_bench(model: LadderModel | None = None) -> Ladder:
    """The widget of lesson 12.

    Args:
        model: what is shown; default: all rungs, with recorded times.
    """
    return Ladder(LadderModel() if model is None else model)
