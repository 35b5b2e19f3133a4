"""The ladder of speeds without a browser and without a real clock."""

import re

import numpy as np
import pytest

from dlcore.plots import describe, ladder, ladder_by_size
from dlcore.plots.ladder import in_words
from dlcore.plots.scene import as_json
from dlcore.widgets import LadderModel, ladder_bench
from dlcore.widgets import ladder as room
from dlcore.widgets.recorded_times import RECORDED
from dlcore.widgets.rungs import (
    BY_CELLS,
    BY_ROWS,
    EAGER,
    FIRST,
    LISTS,
    NUMPY,
    REPLAYED,
    ROWS,
    RUNGS,
    Rung,
)  # fmt: skip

NAMES = [rung.name for rung in RUNGS]


class Clock:
    """A clock that stands still while nothing is calculated."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def __call__(self):
        return self.now

    def rung(self, name, seconds, first=0.0, **more):
        """A rung whose product takes so many seconds a row, and its first call some more."""

        def start(a, b):
            wait = [first]

            def product():
                self.calls.append((name, len(a)))
                self.now += seconds * len(a) + (wait.pop() if wait else 0.0)

            return product

        return Rung(name, start, **more)


@pytest.fixture
def made():
    """A model with a clock of its own, and three rungs: one slow, one fast, one cold."""
    clock = Clock()
    rungs = (
        clock.rung("slow", 0.25, by_rows=True),
        clock.rung("fast", 2.0**-20, first=1.0),
        clock.rung("cold", 2.0**-20, first=0.5, cold=True),
    )
    recorded = {n: {"slow": 9.0, "fast": 8.0, "cold": 7.0} for n in RECORDED}
    return LadderModel(rungs, recorded, clock, budget=1.0), clock


def test_what_is_measured_is_what_the_clock_says(made):
    model, clock = made
    model.update(power=3, cold=1)
    assert model.times == {"slow": 9.0, "fast": 8.0, "cold": 7.0} and not model.measured
    found = model.measure()
    # Four rows of 0.25 s fill the budget; eight rows take twice as long.
    assert found["slow"] == pytest.approx(2.0) and ("slow", 4) in clock.calls
    assert found["fast"] == pytest.approx(8 * 2.0**-20)  # without what its first call took
    assert found["cold"] == pytest.approx(0.5 + 8 * 2.0**-20)
    assert clock.calls.count(("cold", 8)) == 1
    assert model.measured and model.times == found
    said = model.report()
    assert said.startswith("n = 8: 512 multiply-adds · fastest: fast, 7.6 µs · slow: 262,144 times")
    assert "slow ways from fewer rows (4 of 8)" in said and said.endswith("measured here")


def test_the_first_call_is_measured_only_if_it_is_wanted(made):
    model, clock = made
    assert set(model.measure()) == {"slow", "fast"}
    assert not any(name == "cold" for name, _ in clock.calls)
    model.update(cold=1)
    assert set(model.times) == {"slow", "fast"}  # not beside what was measured without it
    model.update(power=5)
    assert set(model.times) == {"slow", "fast", "cold"}


def test_a_slow_rung_ends_though_a_single_row_takes_longer_than_its_time(made):
    model, clock = made
    slow = LadderModel((clock.rung("slow", 5.0, by_rows=True),), {}, clock, budget=1.0)
    slow.update(power=8)
    assert slow.measure() == {"slow": pytest.approx(1280.0)}
    assert len(clock.calls) < 5


def test_a_moved_slider_measures_nothing(made):
    model, clock = made
    bench = ladder_bench(model)
    for power in range(9):
        answer = bench.asked({"number": 1, "set": {"power": power}})
        assert not answer["trouble"] and model.size == 2**power
    assert clock.calls == []
    answer = bench.asked({"number": 2, "action": "measure"})
    assert answer["halt"] and clock.calls and model.measured
    assert ["scene", "said"] in [path for path, _ in answer["changes"]]
    bench.asked({"number": 3, "action": "again"})
    assert model.size == 16 and not model.cold


def test_every_control_changes_scene_words_and_figure():
    for name, value in (("power", 5), ("cold", 1)):
        model = LadderModel()
        shown, text = as_json(room.scene(model)), describe(room.draw(model))
        model.update(**{name: value})
        after = as_json(room.scene(model))
        assert after["panels"] != shown["panels"] and after["words"] != shown["words"], name
        assert describe(room.draw(model)) != text, name


@pytest.mark.parametrize(
    "question", [{"set": {"power": 9}}, {"set": {"cold": 2}}, {"set": {"n": 1}}, {"action": "fly"}]
)
def test_what_is_not_offered_is_said_and_changes_nothing(question):
    bench = ladder_bench()
    before = bench.values()
    answer = bench.asked({"number": 1, **question})
    assert answer["trouble"] and answer["changes"] == [] and bench.values() == before


@pytest.mark.parametrize("rung", RUNGS, ids=NAMES)
def test_every_rung_does_the_same_product(rung):
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=shape).astype(np.float32) for shape in ((3, 5), (5, 4)))
    product = rung.start(a, b)
    for _ in range(3):
        np.testing.assert_allclose(np.asarray(product()), a @ b, rtol=2e-6, atol=2e-6)


def test_the_replayed_rung_is_replayed_and_the_other_is_not():
    a = np.ones((2, 2), np.float32)
    start = {rung.name: rung.start for rung in RUNGS}
    assert start[REPLAYED](a, a).__self__.replayed
    assert start[EAGER](a, a)() is not start[EAGER](a, a)()


def test_what_the_lesson_says_of_the_recorded_times():
    times = RECORDED
    assert set(times) == {2**power for power in range(9)}
    assert all(list(each) == NAMES for each in times.values())
    warm = [each for each in NAMES if each not in (FIRST, EAGER)]
    assert max(times[1][name] for name in warm) < 4 * min(times[1][name] for name in warm)
    assert times[4][ROWS] > times[4][LISTS] and times[8][ROWS] < times[8][LISTS]
    assert times[8][BY_ROWS] < times[8][NUMPY] and times[16][BY_ROWS] > times[16][NUMPY]
    assert all(times[n][BY_CELLS] > 15 * times[n][BY_ROWS] for n in (128, 256))
    assert times[1][EAGER] > 10 * times[1][REPLAYED]
    assert times[256][EAGER] < 1.1 * times[256][REPLAYED]
    assert all(times[n][FIRST] > 250 * times[n][BY_ROWS] for n in times)


def test_times_in_words():
    said = [
        in_words(each) for each in (2e-7, 9.4e-7, 1.3e-6, 2.5e-5, 2.4e-4, 8.6e-3, 0.43, 2.1, 19)
    ]
    assert said == [
        "0.20 µs", "0.94 µs", "1.3 µs", "25 µs", "0.24 ms", "8.6 ms", "0.43 s", "2.1 s", "19 s",
    ]  # fmt: skip


def test_the_figures_tell_their_numbers():
    text = describe(ladder({"a": 1e-3, "b": 1e-6}, "somewhere"))
    assert "somewhere" in text and "1.0 ms" in text and "1.0 µs" in text
    text = describe(ladder_by_size(RECORDED, (LISTS, NUMPY), "there"))
    assert LISTS in text and NUMPY in text and re.search(r"9 points, across 1 to 256", text)


def test_its_text_stands_in_for_it_and_never_changes():
    bench = ladder_bench()
    assert repr(bench) == repr(ladder_bench()) and repr(bench).startswith("<Ladder of speeds: run")
    bench.asked({"number": 1, "set": {"power": 1}})
    assert repr(bench) == repr(ladder_bench())
