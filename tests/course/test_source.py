"""What a learner's function leans on is found wherever it stands in the text."""

from __future__ import annotations

import math
import sys

import numpy
import numpy as np
import numpy.linalg as la
import pytest
from numpy import exp

from dlcore.course import exercise
from dlcore.course.source import is_stub, source_of

SCALE = 2
prange = numba = njit = None


def helper(x):
    return x


def relu(x):
    return x


def problems(function, known=()):
    return source_of(function, known).problems


def test_np_math_builtins_and_itself_are_known():
    def mine(x):
        y = [math.exp(v) for v in np.ravel(x)]
        return mine(x[1:]) if len(x) > 9 else sum(y) + max(np.pi, 1) + abs(x)

    assert source_of(mine).problems == () and source_of(mine).imports == ()


def test_another_global_is_named_with_the_mend():
    def mine(x):
        return SCALE * exp(helper(x)) + sys.maxsize

    assert problems(mine) == (
        "it uses `SCALE`, which is defined elsewhere; write its value inside, or pass it as an "
        "argument",
        "it uses `exp`, which is defined elsewhere; write np.exp",
        "it uses `helper`, which is defined elsewhere; move that function inside, or solve it as "
        "an exercise first",
        "it uses `sys`, which is defined elsewhere; only np, math and numba can be used",
    )


def test_inner_functions_comprehensions_defaults_and_decorators_are_looked_into():
    def inner(x):
        def deeper():
            return SCALE

        return x * deeper()

    def comprehension(x):
        return np.array([SCALE * v for v in x])

    def default(x, k=SCALE):
        return x * k

    def annotated(x: helper):
        return x

    def in_lambda(x):
        return (lambda v: v * SCALE)(x)

    for mine in (inner, comprehension, default, in_lambda):
        assert [p for p in problems(mine) if "`SCALE`" in p], mine
    assert "`helper`" in problems(annotated)[0]


def test_local_names_hide_globals():
    def mine(x, SCALE=3):
        helper = x
        return helper * SCALE

    assert problems(mine) == ()


def test_a_global_statement_is_hidden_state():
    def mine(x):
        global COUNTER
        COUNTER = 1
        return x

    assert "`COUNTER`" in problems(mine)[0]


def test_a_name_of_the_function_around_is_named():
    outside = 3

    def mine(x):
        return x * outside

    assert problems(mine) == (
        "it uses `outside` of the function around it; make it stand by itself",
    )


def test_imports_inside():
    def fine(x):
        import math

        import numpy.linalg
        from numpy import exp

        return exp(x) + math.pi + numpy.linalg.norm(x)

    def foreign(x):
        import os.path

        from scipy import special

        return special.erf(x), os

    assert problems(fine) == ()
    assert [p.split("`")[1] for p in problems(foreign)] == ["os", "scipy"]


def test_other_names_of_numpy_are_imported():
    def mine(x):
        return numpy.maximum(x, la.norm(x))

    assert source_of(mine).imports == ("import numpy", "import numpy.linalg as la")


def test_earlier_exercises_are_known_once_they_are_kept():
    def mine(x):
        return relu(x)

    assert problems(mine, known={"relu"}) == ()
    assert "`relu`" in problems(mine)[0]


def test_the_librarys_own_function_is_told_apart():
    from dlcore.backends.numpy import dense

    def mine(x, w, b):
        return the_layer(x, w, b)  # noqa: F821

    mine.__globals__["the_layer"] = dense
    try:
        assert "so solve the exercise of the_layer first" in problems(mine)[0]
    finally:
        del mine.__globals__["the_layer"]


def test_a_builtin_that_was_hidden_is_named():
    def mine(x):
        return sum(x)

    mine.__globals__["sum"] = helper
    try:
        assert "`sum`" in problems(mine)[0]
    finally:
        del mine.__globals__["sum"]


def test_an_undefined_name_is_named():
    def mine(x):
        return x if len(x) else nowhere  # noqa: F821

    assert problems(mine) == ("it uses `nowhere`, which is not defined anywhere",)


def test_numba_is_an_accepted_form():
    compiler = pytest.importorskip("numba")
    names = {"njit": compiler.njit, "prange": compiler.prange, "numba": compiler}
    globals().update(names)

    def mine(x):
        for i in prange(3):  # noqa: B007
            numba.get_num_threads()
        return njit(x), i

    try:
        found = source_of(mine)
    finally:
        globals().update(dict.fromkeys(names))
    assert found.problems == ()
    assert found.imports == ("from numba import njit", "from numba import prange", "import numba")


def test_the_decorator_is_taken_off_and_the_text_dedented():
    def unchanged(function):
        return function

    scope = dict(globals())
    scope["unchanged"] = unchanged

    def over_two_lines(
        x,
    ):
        # A comment of mine.
        return x

    assert source_of(over_two_lines).text.startswith("def over_two_lines(\n    x,\n):\n    # A")
    text = "def f(x):\n    return x\n"
    for decorator in ('@exercise("04.relu")\n', '@course.exercise(\n    "04.relu",\n)\n'):
        assert decorated(decorator + text) == text
    assert decorated("@other\n" + text) == "@other\n" + text
    assert exercise


def decorated(text):
    import ast

    from dlcore.course.source import _without_exercise

    return _without_exercise(text, ast.parse(text).body[0])


def test_without_a_text_there_is_nothing_to_keep():
    scope = {}
    exec("def mine(x):\n    return x", scope)
    assert source_of(scope["mine"]) is None
    assert source_of(lambda x: x) is None


def test_what_a_stub_is():
    def words(x):
        """Only words."""

    def dots(x):
        """Words."""
        ...

    def raises(x):
        raise NotImplementedError("not yet")

    def something(x):
        """Words."""
        x = 3  # noqa: F841

    def other_error(x):
        raise ValueError

    assert [is_stub(f) for f in (words, dots, raises)] == [True] * 3
    assert [is_stub(f) for f in (something, other_error, lambda x: None)] == [False] * 3
