"""Functions that Numba compiles are marked too, behind the same door."""

import time

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


def test_a_loop_that_ends_only_as_python_gets_no_minute():
    # Whole numbers of Python do not overflow; those of Numba do.
    loop = (
        "i = 1\n    for n in range(70):\n        i = i << 1\n"
        "    while i == 0:\n        x[0, 0] += 1\n    return np.maximum(x, 0)"
    )
    begun = time.monotonic()
    verdict = mark("04.relu", COMPILED.format(loop), seconds=1)
    assert verdict.kind == "time"
    assert time.monotonic() - begun < 40


def test_who_only_pretends_to_be_compiled_gets_the_usual_time():
    text = (
        "import time\n\ndef put_on(f):\n    f.py_func = lambda x: x  # numba\n    return f\n\n"
        "@put_on\ndef relu(x):\n    time.sleep(500)\n"
    )
    begun = time.monotonic()
    assert mark("04.relu", text, seconds=1).kind == "time"
    assert time.monotonic() - begun < 20


def test_a_matrix_product_finds_what_it_needs():
    text = "from numba import njit\n\n@njit\ndef dense(x, w, b):\n    return x @ w + b\n"
    verdict = mark("01.dense", text)
    assert verdict.status == "right", verdict.sentence


def test_what_numba_takes_to_compile_does_not_count():
    verdict = mark("04.relu", COMPILED.format(LOOPS), seconds=0.9)
    assert verdict.status == "right", verdict.sentence
