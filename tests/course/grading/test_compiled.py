"""Functions that Numba compiles are marked too, behind the same door."""

import pytest

from tests.course.grading.classroom import mark

pytest.importorskip("numba")
COMPILED = "from numba import njit\n\n@njit\ndef relu(x):\n    {}\n"
LOOPS = (
    "y = np.zeros_like(x)\n    for i in range(x.shape[0]):\n        for j in range(x.shape[1]):\n"
    "            y[i, j] = max(x[i, j], 0)\n    return y"
)


def test_compiled_loops_are_right():
    verdict = mark("04.relu", COMPILED.format(LOOPS))
    assert (verdict.status, verdict.kind) == ("right", "right"), verdict.sentence


def test_a_compiled_loop_without_end_is_ended():
    verdict = mark("04.relu", COMPILED.format("while True:\n        x += 0"), seconds=1)
    assert verdict.kind == "time"


def test_the_door_is_locked_for_compiled_functions_too():
    text = "import numba\n\ndef relu(x):\n    numba.njit\n    open('/etc/hostname')\n    return x\n"
    assert mark("04.relu", text, refuse=False).kind == "refused"
