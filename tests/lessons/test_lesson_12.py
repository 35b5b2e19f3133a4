"""What lesson 12 promises: three forms run in the engine, steps are replayed, figures hold."""

import re
from pathlib import Path

import numpy as np
import pytest

from dlcore import backends, losses, ops
from dlcore.backends import mine
from dlcore.course import lesson_map, notebooks, speed
from dlcore.course.keeping import keep
from dlcore.course.progress_file import Progress
from dlcore.course.registry import registry
from dlcore.engine.program import Program
from dlcore.widgets import LadderModel
from dlcore.widgets.recorded_times import RECORDED
from dlcore.widgets.rungs import Rung, by_cells, by_rows

LESSON = lesson_map.LESSONS[12]
ROOT = Path(__file__).resolve().parents[2]
FORMS = (
    """
def matmul(a, b):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                y[i, j] += a[i, p] * b[p, j]
    return y
""",
    """
def matmul(a, b):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        y[i] = (a[i][:, None] * b).sum(axis=0)
    return y
""",
    """
from numba import njit
@njit
def matmul(a, b):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                y[i, j] += a[i, p] * b[p, j]
    return y
""",
)


@pytest.fixture(autouse=True)
def backend():
    """Whatever a test chooses, the next one begins with the compiled kernels."""
    before = backends.get_backend()
    backends.set_backend("cpu")
    yield
    backends.set_backend(before)


def answer(name):
    return registry().find(f"12.{name}").answer


def text():
    return "\n".join(cell.source for cell in notebooks.read(LESSON.path).cells)


def cells():
    return [cell.source for cell in notebooks.read(LESSON.path).cells if cell.cell_type == "code"]


def trained():
    """The lesson's own cells from its step to the numbers that it reports."""
    said: dict = {}
    scope = {
        "np": np, "losses": losses, "ops": ops, "speed": speed, "Program": Program,
        "set_backend": backends.set_backend, "progress": lambda *lessons: None,
        "report": lambda **numbers: said.update(numbers),
    }  # fmt: skip
    for source in cells():
        if "def step(" in source or "program, replayed" in source:
            exec(source, scope)
    return said


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_each_form_runs_in_the_engine_and_the_board_counts_it(number, accept, tmp_path):
    accept([])
    keep(tmp_path, "12.matmul", FORMS[number], Progress())
    said = trained()
    # Two products a step: one forward, one on the way back, for the data want no gradient.
    assert mine.calls == {"matmul": 40}
    assert said["replayed"].tolist() == [False, False, True, True] and said["calls"] == 12
    assert said["first_loss"] == pytest.approx(np.log(10), abs=1e-4)
    assert said["last_loss"] == pytest.approx(0.0371, abs=2e-4)


def test_a_product_with_three_axes_is_refused_in_a_sentence(accept, tmp_path):
    accept([])
    keep(tmp_path, "12.matmul", FORMS[0], Progress())
    backends.set_backend("mine")
    with pytest.raises((mine.LearnerError, ValueError), match="Your matmul"):
        ops.matmul(np.ones((2, 3, 4), np.float32), np.ones((2, 4, 5), np.float32))


def test_the_five_lines_get_the_reasons_of_the_lesson():
    said: dict = {}
    scope = {"np": np, "speed": speed, "ops": ops, "losses": losses}
    scope |= {"reading": lambda *functions: None, "report": lambda **found: said.update(found)}
    for source in cells():
        if "itertools.count" in source or "middles = " in source:
            exec(source, scope)
    assert said["h times its mean"].startswith("the value of a tensor of shape () was read")
    assert said["noise of NumPy"].endswith("was calculated outside of dlcore's operations")
    assert said["growing slope"] == "an attribute of leaky_relu changed from 0.1 to 0.2"
    assert said["in turns"] == "two steps called different kernels"
    assert said["counting"] == "replayed" and said["counted"] == 2


def test_a_printed_loss_inside_the_step_stops_the_replay_and_one_after_it_does_not():
    step = speed.small_step(ops.relu)

    def prints():
        loss = step()
        float(loss)
        return loss

    inside, after = Program(prints), Program(step)
    for _ in range(4):
        inside.run()
        float(after.run())
    assert "was read during the step" in inside.reason and after.replayed


def test_the_replay_of_the_articles_step_is_the_same_training():
    one, other = speed.article_step(10), speed.article_step(10)
    program = Program(other)
    for _ in range(6):
        assert float(one()) == float(program.run())
    assert program.replayed and len(program.calls()) == 15


def test_multiply_adds_and_shares_of_the_text():
    count, speedup = answer("multiply_adds"), answer("speedup")
    assert (
        f"{count(64, [784, 128, 10]):,}".replace(",", " ") in text() and 64 * 784 * 128 == 6422528
    )
    # x v of eight rows, forward and once back.
    assert 2 * 8 * 64 * 10 == 10240 and "10 240 multiply-adds" in text()
    for factor, share in ((6.3, 0.96), (3.6, 0.83)):
        assert (1 - 1 / factor) * 8 / 7 == pytest.approx(share, abs=5e-3)
        assert speedup(np.array([(1 - 1 / factor) * 8 / 7]), 8)[0] == pytest.approx(factor)
    assert speedup(np.array([0.9]), 1e12)[0] < 10


def test_recorded_figures_of_the_text_are_those_that_are_recorded():
    cells_, rows = "compiled, by cells", "compiled, by rows"
    ratios = [times[cells_] / times[rows] for times in RECORDED.values()]
    assert "up to 26 times apart" in text() and round(max(ratios)) == 26
    page = (ROOT / "tests" / "benchmarks" / "README.md").read_text("utf-8")
    told = re.search(
        r"A step of the MLP takes ([\d.]+) µs .* ([\d.]+) µs if .* ([\d.]+) µs\.", page
    )
    said = re.search(
        r"measured (\d+) µs for an eager .* and ([\d.]+) for a replayed one, ([\d.]+)", text()
    )
    # The page is measured anew now and then, on one machine or another; the lesson keeps the
    # figures of its date. How many times as long one takes as the other is much the same.
    here, there = list(map(float, said.groups())), [float(told[i]) for i in (3, 1, 2)]
    for one, other in zip(here, there, strict=True):
        assert 1 / 3 < one / other < 3
        assert 2 / 3 < (one / here[1]) / (other / there[1]) < 3 / 2


def test_the_three_forms_and_the_tiles_agree_with_the_product():
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=shape).astype(np.float32) for shape in ((7, 11), (11, 5)))
    for form in FORMS:
        scope: dict = {"np": np}
        exec(form, scope)
        np.testing.assert_allclose(scope["matmul"](a, b), a @ b, rtol=2e-5, atol=2e-6)
    tile, y = answer("matmul_tile"), np.zeros((7, 5), np.float32)
    for row in range(3):
        for column in range(2):
            place = slice(3 * row, 3 * row + 3), slice(3 * column, 3 * column + 3)
            y[place] = tile(a, b, row, column, 3)
    np.testing.assert_allclose(y, a @ b, rtol=2e-5, atol=2e-6)


def test_what_cannot_be_diagnosed_is_said():
    def plain(a):
        return a

    with pytest.raises(ValueError, match="keeps no diagnostics of plain"):
        speed.parallel_loops(plain, 1)


@pytest.mark.slow
def test_the_parallel_loops_of_the_lesson_have_numbers():
    source = next(each for each in cells() if "def shared(" in each)
    said: list = []
    from numba import njit, prange

    x, w = speed.fashion_layer()
    scope = {"np": np, "njit": njit, "prange": prange, "speed": speed, "x": x, "w": w}
    file = ROOT / "tests" / "lessons" / "shared_loops.txt"
    scope["report"] = said.append
    import linecache

    linecache.cache[str(file)] = (len(source), None, source.splitlines(keepends=True), str(file))
    exec(compile(source, str(file), "exec"), scope)
    (listing,) = said
    assert "loop #ID" in listing and re.search(r"prange\(a\.shape\[0\]\):-*\| #\d", listing)
    assert str(file) not in listing


@pytest.mark.slow
def test_the_number_to_beat_is_beaten_by_exchanging_two_loops():
    """By a wide margin on any machine: tests run beside others, so only orders are held."""
    x, w = speed.fashion_layer()
    scope: dict = {"np": np}
    exec(FORMS[2], scope)
    times = speed.ladder_of(x, w, scope["matmul"])
    assert times["yours"] < 50 * times["NumPy's @"]
    assert times["compiled, by cells"] > 3 * times["compiled, by rows"]
    assert times["loops over arrays"] > 20 * times["row by row"]
    assert times["compiled, 1st call"] > 50 * times["compiled, by rows"]
    eager, replayed = speed.eager_and_replayed(10)
    assert eager > 4 * replayed


@pytest.mark.slow
def test_jumps_and_the_order_of_the_sum_hold_the_cells_back_together():
    """What the lesson says of it: neither remedy alone does what both do; by orders only."""
    from numba import njit

    def turned(a, b):  # b [m, k]
        y = np.zeros((a.shape[0], b.shape[0]), a.dtype)
        for i in range(a.shape[0]):
            for j in range(b.shape[0]):
                for p in range(a.shape[1]):
                    y[i, j] += a[i, p] * b[j, p]
        return y

    x, w = speed.fashion_layer()
    sides = np.ascontiguousarray(w.T)
    any_order = njit(fastmath=True)
    model = LadderModel()

    def seconds(function, b):
        function(x, b)
        rung = Rung("form", lambda a, other: lambda: function(a, other))
        return model.seconds(rung, x, b)[0]

    both = seconds(any_order(turned), sides)
    assert seconds(njit(turned), sides) > 4 * both
    assert seconds(any_order(by_cells), w) > 4 * both
    assert seconds(njit(by_rows), w) < 4 * both


def test_the_exercises_are_those_of_the_lesson():
    names = [each.name for each in registry().all() if each.lesson == LESSON.key]
    assert sorted(names) == ["matmul", "matmul_tile", "multiply_adds", "speedup"]
    assert answer("matmul") is backends.KERNELS["matmul"].function
