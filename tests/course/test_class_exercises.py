"""An exercise that is a class: built and called by the check, in the notebook and in the child."""

import numpy as np
import pytest

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.checking import check
from dlcore.course.forms.cells import Cell
from dlcore.course.forms.gathering import gather
from dlcore.course.grading import child, finding, judging
from dlcore.course.grading.submission import Notebook


class Momentum:
    """Steps that remember the last one."""

    def __init__(self, learning_rate, momentum):
        self.learning_rate, self.momentum = learning_rate, momentum
        self.v = 0.0

    def step(self, w, dw):
        self.v = self.momentum * self.v - self.learning_rate * dw
        return w + self.v


class Forgetful(Momentum):
    def step(self, w, dw):
        return w - self.learning_rate * dw


class Uphill(Momentum):
    def step(self, w, dw):
        self.v = self.momentum * self.v + self.learning_rate * dw
        return w + self.v


def two_steps(kind, learning_rate, momentum, w, dw):
    optimizer = kind(learning_rate, momentum)
    return optimizer.step(optimizer.step(w, dw), dw)


def draw(rng, size):
    w = rng.normal(size=(size + 1, size))
    return float(rng.choice([0.1, 0.5])), float(rng.choice([0.5, 0.9])), w, rng.normal(size=w.shape)


MOMENTUM = Exercise(
    id="24.Momentum",
    title="Steps that remember",
    level="stretch",
    minutes=15,
    answer=Momentum,
    use=two_steps,
    draw=draw,
    hints=("What is kept?", "v is.", "v = momentum v - rate dw"),
    wrong=(
        WrongAnswer(Forgetful, "Nothing is remembered from the step before."),
        WrongAnswer(Uphill, "The steps go uphill."),
    ),
)
RIGHT = """
@exercise("24.Momentum")
class Momentum:
    def __init__(self, learning_rate, momentum):
        self.rate, self.momentum = learning_rate, momentum
        self.v = 0.0

    def step(self, w, dw):
        self.v = self.momentum * self.v - self.rate * dw
        return w + self.v
"""
FORGETFUL = RIGHT.replace("self.momentum * self.v - ", "-")
FAULTY = RIGHT.replace("return w + self.v", "return w + self.speed")
STUB = '''
@exercise("24.Momentum")
class Momentum:
    """Words."""

    def step(self, w, dw): ...
'''


def by_check(text):
    names = {"np": np, "exercise": lambda id: lambda made: made}
    import linecache

    linecache.cache["<cell>"] = (len(text), None, text.splitlines(keepends=True), "<cell>")
    exec(compile(text, "<cell>", "exec"), names)
    return check(MOMENTUM, names["Momentum"])


def by_grader(text):
    contents = finding.contents(Notebook("a.ipynb", (Cell(1, text),)))
    (candidate,), _ = finding.candidates(MOMENTUM, [contents], frozenset([MOMENTUM.id]))
    gathered = gather(candidate, MOMENTUM, [], [contents])
    return judging.mark(MOMENTUM, gathered, child.Limits(), 7)


@pytest.mark.parametrize("mark", [by_check, by_grader])
def test_a_class_is_built_and_called(mark):
    assert mark(RIGHT).status == "right", mark(RIGHT).sentence
    wrong = mark(FORGETFUL)
    assert (wrong.status, wrong.mistake) == ("wrong", MOMENTUM.wrong[0].sentence)
    assert [each.name for each in wrong.case.inputs] == ["learning_rate", "momentum", "w", "dw"]
    faulty = mark(FAULTY)
    assert "AttributeError" in faulty.sentence
    assert "return w + self.speed" in faulty.sentence


def test_every_wrong_class_deserves_its_own_sentence():
    for wrong in MOMENTUM.wrong:
        assert check(MOMENTUM, wrong.function).mistake == wrong.sentence


def test_a_class_with_nothing_in_it_is_not_attempted():
    contents = finding.contents(Notebook("a.ipynb", (Cell(1, STUB),)))
    assert finding.candidates(MOMENTUM, [contents], frozenset([MOMENTUM.id])) == ([], True)

    class Momentum:
        """Words."""

        def step(self, w, dw): ...

    verdict = check(MOMENTUM, Momentum)
    assert verdict.status == "not attempted"
    assert verdict.sentence.startswith("Write Momentum(learning_rate, momentum)")


def test_a_class_without_a_use_is_refused():
    with pytest.raises(ValueError, match="say with `use` how it is built"):
        Exercise(**{**vars(MOMENTUM), "use": None})


def test_a_result_that_is_no_array_stands_beside_a_wrong_one():
    """Shapes of weights are tuples of several lengths; of the numbers beside them is spoken."""

    class Pair:
        def __init__(self, add):
            self.add = add

        def run(self, x):
            return [(2, 3), (3,)], x + self.add

    class Half(Pair):
        def run(self, x):
            return [(2, 3), (3,)], x + self.add / 2

    class Flat(Pair):
        def run(self, x):
            return [(2, 3)], x + self.add

    pair = Exercise(
        **{
            **vars(MOMENTUM),
            "id": "24.Pair",
            "answer": Pair,
            "use": lambda kind, add, x: kind(add).run(x),
            "draw": lambda rng, size: (float(size), rng.normal(size=(size + 1, size))),
            "wrong": tuple(WrongAnswer(lambda add, x, k=k: k, f"It is {k}.") for k in range(2)),
            "result_names": ("shapes", "y"),
        }
    )
    verdict = check(pair, Half)
    assert verdict.status == "wrong" and "(shapes is right.)" in verdict.sentence
    verdict = check(pair, Flat)
    assert verdict.status == "wrong" and "(y is right.)" in verdict.sentence
