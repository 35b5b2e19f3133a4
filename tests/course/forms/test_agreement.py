"""What is right in a notebook is right for the grader, and what is refused gets one sentence."""

import pytest

from dlcore.backends import mine
from tests.course.grading.classroom import mark

START = "import numpy as np\nimport math\nfrom dlcore.course import exercise\n"
RELU = '@exercise("04.relu")\ndef relu(x):\n    return {}\n'

ACCEPTED = {
    "a function": (RELU.format("np.maximum(x, 0)"),),
    "a lambda": ('relu = exercise("04.relu")(lambda x: np.maximum(x, 0))',),
    "a callable": (
        "from functools import partial",
        'relu = exercise("04.relu")(partial(np.maximum, 0))',
    ),
    "an object that is called": (
        "class Bend:\n    def __init__(self, low):\n        self.low = low\n"
        "    def __call__(self, x):\n        return np.maximum(x, self.low)",
        'relu = exercise("04.relu")(Bend(0))',
    ),
    "a function that is decorated below": (
        "def relu(x):\n    return np.maximum(x, 0)",
        'exercise("04.relu")(relu)',
    ),
    "helpers, and constants of theirs": (
        "LOW = 0", "def bend(x):\n    return np.maximum(x, LOW)", RELU.format("bend(x)"),
    ),
    "a constant that changes later": (
        "low = 0", RELU.format("np.maximum(x, low)"), "low = 5",
    ),
    "a constant in steps": (
        "low = [3]", "low[0] = 1", "low.append(0)", "scale = 1", "scale -= 1",
        RELU.format("np.maximum(x, low[1] + scale)"),
    ),
    "in if, try, for and with": (
        "if len([]):\n    LOW = 3\nelse:\n    LOW = 1",
        "try:\n    from math import nowhere\nexcept ImportError:\n    nowhere = 0",
        "for step in range(1, 3):\n    LAST = step",
        "with np.errstate(all='ignore'):\n    ONE = np.float32(1)",
        "if True:\n    " + RELU.format("np.maximum(x, LOW + nowhere - LAST + ONE)").replace(
            "\n", "\n    "),
    ),
    "imports of all kinds": (
        "import numpy, math as m, os", "from numpy import *", "from math import inf as oo",
        RELU.format("numpy.where(minimum(x, oo) > 0, x, m.floor(0.5))"),
    ),
    "type hints of names that are not there": (
        "from __future__ import annotations\n"
        + '@exercise("04.relu")\ndef relu(x: Array, low: Number = 0) -> Array:\n'
        "    return np.maximum(x, low)\n",
    ),
    "the decorator under another name": (
        "from dlcore.course import exercise as task\nimport dlcore.course as course",
        '@task("04.relu")\ndef relu(x):\n    return -x',
        '@course.exercise(id="04.relu")\ndef relu(x):\n    return np.maximum(x, 0)',
    ),
    "the decorator with a name of its own": (
        'ex = exercise("04.relu")', "@ex\ndef relu(x):\n    return np.maximum(x, 0)",
    ),
    "a cell that is timed": ("%%time\nLOW = 0\n" + RELU.format("np.maximum(x, LOW)"),),
    "magics beside it": ("%precision 3\n" + RELU.format("np.maximum(x, 0)"),),
    "several statements on a line": (
        "a = 1; b = 2; c = 'é'; d = -3", RELU.format("np.maximum(x, a + b + d)"),
    ),
    "print": (RELU.format("print('here') or np.maximum(x, 0)"),),
    "getattr with a word": (RELU.format("getattr(np, 'maximum')(x, 0)"),),
    "a generator of helpers": (
        "kinds = {n: (lambda n: lambda x: np.maximum(x, n))(n) for n in range(2)}",
        RELU.format("kinds[0](x)"),
    ),
    "long double": (RELU.format("np.maximum(x, 0).astype(np.longdouble)"),),
    "the function calls itself": (
        '@exercise("04.relu")\ndef relu(x):\n'
        "    return x * (x > 0) if x.ndim == 1 else np.array([relu(row) for row in x])\n",
    ),
}  # fmt: skip

REFUSED = {
    "the library's own": ("from dlcore.backends.numpy import relu as key", RELU.format("key(x)")),
    "by a module": ("import dlcore.backends.numpy as key", RELU.format("key.relu(x)")),
    "inside": (
        '@exercise("04.relu")\ndef relu(x):\n    from dlcore.backends.numpy import relu as key\n'
        "    return key(x)\n",
    ),
    "what was handed out": (
        '@exercise("04.relu")\ndef relu(x):\n    ...', "given = relu", RELU.format("given(x)"),
    ),
    "another library": ("import os", RELU.format("np.maximum(x, 0 * len(os.sep) - 0)")),
    "eval": (RELU.format("eval('np.maximum(x, 0)')"),),
    "dlcore's other parts": ("from dlcore import ops", RELU.format("ops.maximum(x, 0).numpy()")),
}  # fmt: skip

DENSE = '@exercise("01.dense")\ndef dense(x, w, b):\n    {}\n    return x @ w + b\n'
HELPED = "def aid(v):\n    return v.nowhere\n\n"
RAISES = {
    "an array in an if": RELU.format("x if x > 0 else 0"),
    "max of an array": RELU.format("max(x, 0)"),
    "a function of math": RELU.format("math.exp(x)"),
    "a power": RELU.format("x ^ 2"),
    "a product that does not fit": DENSE.format("w @ x"),
    "a sum that does not fit": DENSE.format("z = x @ w + x"),
    "a float as a place": DENSE.format("z = x[x.shape[0] / 2]"),
    "too many places": RELU.format("x[0, 0, 0, 0, 0]"),
    "a name that is not there": RELU.format("np.maximum(y, 0)"),
    "a name of NumPy that is not there": RELU.format("np.relu(x)"),
    "a name that comes too late": DENSE.format("s = s + x.sum()"),
    "a call of an array": DENSE.format("z = x(w)"),
    "a part of a line of several": DENSE.format("z = (x @ w) + (x.sum(axis=7)\n        + 1)"),
    "in a helper of the same cell": HELPED + RELU.format("aid(x)"),
    "in a comprehension": RELU.format("np.array([row + w for row in x])"),
    "an error of its own": DENSE.format("raise KeyError('é' * 300 + chr(7))"),
    "no answer in the end": RELU.format("relu(x)"),
    "None": RELU.format("None.shape"),
    "of NumPy's own kind": RELU.format("np.array(['a']) * 2"),
    "a text that steers": DENSE.format("raise ValueError('\\x1b[31mred\\x1b[0m <b>')"),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_right_in_the_notebook_is_right_for_the_grader_and_is_kept(name, cells):
    texts = ACCEPTED[name]
    card = cells(START, *texts)
    assert card.startswith("RIGHT"), card
    assert "It is kept" in card
    verdict = mark("04.relu", START, *texts)
    assert verdict.status == "right", verdict.sentence
    import numpy as np

    assert mine.load()["relu"](np.array([[-1.0, 2.0]], np.float32)).tolist() == [[0, 2]]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_accepted_gets_the_same_sentence(name, cells):
    card = cells(START, *REFUSED[name])
    verdict = mark("04.relu", START, *REFUSED[name])
    assert verdict.kind == "refused"
    assert card.startswith("WRONG")
    assert verdict.sentence in card
    calls = name in ("the library's own", "by a module", "inside", "what was handed out")
    assert verdict.sentence.startswith("This calls the answer") == calls


@pytest.mark.parametrize("name", RAISES)
def test_an_error_gets_the_same_sentences(name, cells):
    text = RAISES[name]
    id = "01.dense" if "dense" in text else "04.relu"
    card = cells(START, text)
    verdict = mark(id, START, text)
    assert (verdict.status, verdict.kind) in (("wrong", "raises"), ("wrong", "recursion"))
    assert verdict.sentence in card
    assert verdict.mistake in card
    assert f"{verdict.mistake} {verdict.sentence} input" in card


def test_most_of_these_errors_are_explained():
    ids = {name: "01.dense" if "dense" in text else "04.relu" for name, text in RAISES.items()}
    said = [mark(ids[name], START, text).mistake for name, text in RAISES.items()]
    assert len([each for each in said if each]) >= 0.7 * len(RAISES)


def test_what_is_right_only_where_it_stands_says_so(cells):
    card = cells(START, "globals()['LOW'] = 0", RELU.format("np.maximum(x, LOW)"))
    assert card.startswith("WRONG")
    assert "an answer has to stand by itself" in card
    assert "NameError: name 'LOW' is not defined" in card
    assert mark("04.relu", RELU.format("np.maximum(x, LOW)")).status == "wrong"


def test_two_answers_may_have_a_helper_of_the_same_name(cells):
    import numpy as np

    cells(START, "low = 0", RELU.format("np.maximum(x, low)"))
    tanh = '@exercise("04.tanh")\ndef tanh(x):\n    return low * np.tanh(x)\n'
    assert cells("low = 1", tanh).startswith("RIGHT")
    kernels = mine.load()
    x = np.array([[-1.0, 0.5]], np.float32)
    assert kernels["relu"](x).tolist() == [[0, 0.5]]
    np.testing.assert_allclose(kernels["tanh"](x), np.tanh(x))


def test_a_print_is_shown_at_the_check_and_says_nothing_in_the_engine(cells, capsys):
    import numpy as np

    assert "It prints while it runs: here" in cells(START, RELU.format(
        "print('here') or np.maximum(x, 0)"))  # fmt: skip
    kernels = mine.load()
    capsys.readouterr()
    kernels["relu"](np.zeros((1, 1), np.float32))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("options", ["", "(parallel=True)"])
def test_a_print_in_a_compiled_answer_too(options, cells, capfd):
    pytest.importorskip("numba")
    import numpy as np

    texts = (
        START, "from numba import njit, prange",
        f'@exercise("04.relu")\n@njit{options}\ndef relu(x):\n    y = np.zeros_like(x)\n'
        "    for n in prange(x.shape[0]):\n        for k in range(x.shape[1]):\n"
        "            print('here', n)\n            y[n, k] = max(x[n, k], 0)\n"
        "    print('there')\n    return y\n",
    )  # fmt: skip
    card = cells(*texts)
    assert card.startswith("RIGHT"), card
    assert "It prints while it runs: here" in card
    assert "It prints while it runs: here" in " ".join(mark("04.relu", *texts).notes)
    kernels = mine.load()
    capfd.readouterr()
    found = kernels["relu"](np.array([[-1.0, 2.0]], np.float32))
    assert found.tolist() == [[0, 2]]
    assert capfd.readouterr().out == ""


def test_a_compiled_helper_and_a_parallel_loop(cells):
    pytest.importorskip("numba")
    texts = (
        START, "from numba import njit, prange",
        "@njit\ndef bend(v):\n    return v if v > 0 else 0 * v",
        '@exercise("04.relu")\n@njit(parallel=True)\ndef relu(x):\n    y = np.zeros_like(x)\n'
        "    for n in prange(x.shape[0]):\n        for k in range(x.shape[1]):\n"
        "            y[n, k] = bend(x[n, k])\n    return y\n",
    )  # fmt: skip
    card = cells(*texts)
    assert card.startswith("RIGHT"), card
    assert "It is kept" in card
    verdict = mark("04.relu", *texts)
    assert verdict.status == "right", verdict.sentence
