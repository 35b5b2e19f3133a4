"""The guard of the child, what is no attack at all, and what one student may use."""

import time

import pytest

from dlcore.course.grading import child, judging
from dlcore.course.registry import registry
from tests.course.grading.classroom import gathered_from, mark
from tests.course.grading.test_attacks import RIGHT, attack

DISARM = r"""
D = '_' + '_'
def at(o, path):
    for name in path.split('.'):
        o = [v for k, v in ((k, o.__getattribute__(k)) for k in dir(o)) if k == name][0]
    return o
def wipe():
    try:
        open('/nowhere')
    except BaseException as error:
        trace = at(error, D + 'traceback' + D)
        while trace is not None:
            frame = at(trace, 'tb_frame')
            while frame is not None:
                for value in list(at(frame, 'f_globals').values()):
                    if type(value) is tuple and value and 'os.' in value:
                        at(frame, 'f_globals').clear()
                frame = at(frame, 'f_back')
            trace = at(trace, 'tb_next')
"""


@pytest.mark.parametrize(
    "body",
    [
        "wipe()\n" + RIGHT,
        # Errors in the middle of the guard lead nowhere.
        "def deep(n):\n    try:\n        deep(n + 1)\n    except RecursionError:\n"
        "        open('/nowhere')\ndeep(0)\n" + RIGHT,
        "class Text(str):\n    def startswith(self, *a): return True\n"
        "try: open(Text('/etc/hostname'))\nexcept BaseException: pass\n" + RIGHT,
        "class Path:\n    def __fspath__(self): return '/etc/hostname'\n"
        "try: open(Path())\nexcept BaseException: pass\n" + RIGHT,
        "import builtins, sys\nbuiltins.type = builtins.str = lambda *a: len\n"
        "try: open('/etc/hostname')\nexcept BaseException: pass\n" + RIGHT,
        "import sys\nsys.settrace(lambda *a: None)\n" + RIGHT,
    ],
    ids=["wipes", "recurses", "puts on a text", "is a path", "patches", "traces"],
)
def test_what_was_tried_cannot_be_taken_back(body):
    """The guard alone: it writes what was reached for and ends the process, all in one."""
    helper, function = attack(body, DISARM)
    verdict = mark("04.relu", helper, function, layers=("guard",), refuse=False)
    assert verdict.kind == "refused", verdict.sentence
    assert "reached for" in verdict.sentence


@pytest.mark.parametrize(
    "body",
    [
        "y = np.maximum(x, 0)\nglobal y\nreturn y",
        "if x.size:\n    break\n" + RIGHT,
        "import warnings\nwarnings.warn('slow')\n" + RIGHT,
        "from collections import namedtuple\nnamedtuple('P', 'a b')\n" + RIGHT,
        "import dataclasses\n@dataclasses.dataclass\nclass P:\n    a: int = 0\n" + RIGHT,
        "np.random.default_rng(0).normal()\nnp.linalg.norm(x)\nnp.fft.fft(x)\n" + RIGHT,
        "1 / 0",
    ],
)
def test_a_slip_and_plain_python_are_no_attack(body):
    verdict = mark("04.relu", *attack(body), refuse=False)
    assert verdict.kind in ("raises", "right"), verdict.sentence
    assert ("SyntaxError" in verdict.sentence) == ("global" in body or "break" in body)


def test_an_array_that_takes_no_memory_is_judged_by_its_shape():
    body = "return [np.broadcast_to(np.float32(0), (1 << 25,))] * 16"
    verdict = mark("04.relu", *attack(body))
    assert verdict.kind == "shape"
    assert "has shape (16, 33554432)" in verdict.sentence
    assert verdict.case.yours == ()


def test_a_student_has_a_budget_for_versions():
    budget = judging.Budget(versions=1.0)
    text = "def relu(x):\n    while True: pass\n"
    (gathered,), _ = gathered_from("04.relu", [text])
    exercise = registry().find("04.relu")
    begun = time.monotonic()
    verdict = judging.mark(exercise, gathered, child.Limits(), 7, budget, last=False)
    assert verdict.kind == "time"
    assert budget.versions <= 0
    assert time.monotonic() - begun < 30
