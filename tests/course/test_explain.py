"""The table of the commonest errors: one kind sentence each, with the name and the mend."""

from __future__ import annotations

import linecache
import math

import numpy as np
import pytest

from dlcore.course.explain import explain
from dlcore.course.outcome import Outcome, call
from dlcore.course.registry import registry
from dlcore.course.time_limit import Limit


def arguments():
    return {
        "x": np.arange(6.0).reshape(2, 3) - 2,
        "w": np.ones((2, 4)),
        "b": np.ones(4),
        "v": np.ones(2),
    }


def said(line: str, count=[0]) -> str:  # noqa: B006
    """What is said of a function whose body is one line."""
    count[0] += 1
    name, code = f"<line {count[0]}>", f"def f(x, w, b, v):\n    {line}\n"
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    scope = {"np": np, "math": math}
    scope["mse"] = registry().find("01.mse").answer
    exec(compile(code, name, "exec"), scope)
    given = arguments()
    with Limit(5.0) as limit:
        outcome = call(scope["f"], tuple(given.values()), limit)
    assert outcome.error is not None
    return explain(outcome, given, "01.mse")


@pytest.mark.parametrize(
    "line, words",
    [
        ("return x if x > 0 else 0", "np.where(x > 0, a, b) chooses number by number"),
        ("if x > 0: return x", "`x > 0` is an array, one answer for each number"),
        ("return max(x, 0)", "np.maximum(x, 0) takes the larger of the two"),
        ("return min(0, x)", "np.minimum(0, x) takes the smaller of the two"),
        ("return max(x)", "np.max(x) goes through the numbers"),
        ("return x > 0 and x < 2", "number by number it is (x > 0) & (x < 2)"),
        ("return not x", "number by number it is ~(x)"),
        ("return 0 < x < 2", "join two comparisons in brackets by &"),
        ("return math.exp(x)", "np.exp takes every number of it"),
        ("return math.pow(x, 2)", "np.power takes every number of it"),
        ("return float(x)", "np.array(x, float)"),
        ("return x ^ 2", "write x ** 2"),
        ("return (x - 1) ^ 2", "write (x - 1) ** 2"),
        ("return x > 0 & x < 1", "each comparison needs its brackets"),
        ("return x @ x", "Number by number they go together: x * x."),
        ("return x.T * w", "x.T of shape (3, 2) and w of shape (2, 4)"),
        ("return x.T * w", "The matrix product, which also adds up, is x.T @ w."),
        ("return w + v[:, None] @ b[:, None]", "v[:, None] of shape (2, 1)"),
        ("return x.T @ w + b[:, None]", "x.T @ w of shape (3, 4) and b[:, None] of shape (4, 1)"),
        ("return 1 if x.sum(axis=0) > v.sum() else 0", "np.where(x.sum(axis=0) > v.sum(), a, b)"),
        ("r = x @ np.ones((3, 5)); return 1 if r > 2 * r else 0", "one choice is to be made"),
        ("x[x > 0] = x", "pick on the right too, x[x > 0]"),
        ("x[x > 0] = x * 2", "pick on the right too, (x * 2)[x > 0]"),
        ("return np.where(x > 0, x / 2)", "where `x > 0` does not hold: np.where(x > 0, x / 2, b)"),
        ("m, i = np.max(x, axis=0)", "the places come from np.argmax"),
        ("return np.max(x, x)", "np.maximum(x, x) compares the two number by number"),
        ("t, y = x, w; mse(t, y)", "in another order than the function takes them: mse(y, t)"),
        ("return np.mean(mse(mse, x))", "`mse` is the function itself"),
        ("return x - mse", "call it, with round brackets behind it"),
        ("return x @ w", "x of shape (2, 3) and w of shape (2, 4)"),
        ("return x.T @ w.T", "x.T of shape (3, 2) and w.T of shape (4, 2)"),
        ("return np.dot(x, w) + b", "x of shape (2, 3) and w of shape (2, 4)"),
        ("return v @ 3", "3 is a single number here: multiply by it with *"),
        ("return x - v", "v[:, None] makes a column of v"),
        ("return x * w", "x of shape (2, 3) and w of shape (2, 4)"),
        ("return [] + x", "An empty list takes no part in + with an array"),
        ("return x[1.0]", "places are whole numbers"),
        ("i = v[0]; return v[i]", "If i was taken out of v, keep the place where it stood instead"),
        ("return x[:len(x) / 2]", "len(x) // 2 counts how often it goes in"),
        ("return [0 for i in range(len(x) / 2)]", "`len(x) / 2` is not a whole number"),
        ("return range(x)", "its rows are len(x)"),
        ("for i in len(x): pass", "goes over range(len(x))"),
        ("return x(0)", "x[0], and a product needs its sign"),
        ("return x.shape(0)", "x.shape[0]"),
        ("return x.T()", "written without them"),
        ("return np.maximum[x, 0]", "takes round brackets: np.maximum(...)"),
        ("return np.zeros(2, 3)", "np.zeros((2, 3))"),
        ("return np.array(1, 2)", "np.array([1, 2])"),
        ("return np.concatenate(x, x)", "np.concatenate([x, x])"),
        ("return np.clamp(x, 0)", "np.clip"),
        ("return x.exp()", "np.exp(...)"),
        ("return torch.relu(x)", "PyTorch's; these exercises are written with NumPy"),
        ("return exp(x)", "NumPy has it as `np.exp`"),
        ("return X + 1", "small and capital letters are different"),
        ("return dense(x, w, b)", "the exercise 01.dense, whose cell has to run first"),
        ("return np.sum(x, dim=1)", "NumPy calls it `axis`, not `dim`"),
        ("return np.sum(v, axis=1)", "this array has one axis, number 0"),
        ("return x[5, 0]", "they count from 0, and the last is 1"),
        ("return v[0, 1]", "`v` has 1 axis"),
        ("return [1, 2] - 1", "lists do not calculate"),
        ("y = [1]; return y + 2", "`y` is a list, and lists do not calculate: np.array(y)"),
        ("return [1.0] * 2.5", "lists do not calculate"),
        ("return [1, 2].shape", "turn it into an array with np.array(...)"),
        ("return x.reshape(4, 2)", "6 numbers cannot fill the shape (4, 2), which holds 8"),
        ("z = np.zeros(2); z[0] = x", "Several numbers are written into the place of one"),
        ("z = np.zeros((2, 3), int); z += 0.5", "make the array of floats"),
        ("z = 0.0; z[0] = 1", "`z` is a single number (float)"),
        ("total += 1", "such as `total = 0` before a sum"),
        ("y = [].append(1); return y + 1", "`y` is None"),
        ("x.setflags(write=False); x[0] = 1", "x = x.copy()"),
        ("n = 0; return 1 / n", "`n` is 0 here"),
        ("return math.exp(1000)", "larger than any number a computer has"),
        ("return np.arange(3) ** -1", "no negative powers"),
        ("n, k, m = x.shape", "`x` has shape (2, 3), so its shape has 2 numbers, not 3"),
        ("return x + np.sum", "`np.sum` is a function: call it"),
        ("import torch", "np, math and numba are what an exercise can use"),
    ],
)
def test_an_error_is_explained(line, words):
    sentence = said(line)
    assert words in sentence, sentence
    assert sentence.endswith(".") and "!" not in sentence


@pytest.mark.parametrize(
    "line", ["raise KeyError('a')", "raise ValueError('of my own')", "assert 0"]
)
def test_what_the_table_does_not_know_it_leaves_alone(line):
    assert said(line) == ""


def test_without_the_expression_the_line_has_to_do():
    """A grader knows the line alone; the shapes are then those of the arguments."""
    error = ValueError(
        "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
        "(n?,k),(k,m?)->(n?,m?) (size 2 is different from 3)"
    )
    outcome = Outcome(error=error, line=(3, "return x @ w + b"))
    assert "x of shape (2, 3) and w of shape (2, 4)" in explain(outcome, arguments(), "01.dense")


def test_a_later_exercise_is_not_sent_to():
    assert "exercise" not in said("return relu(x)")


@pytest.mark.parametrize(
    "line, words",
    [
        ('return np.einsum("ij,jk->ik", x.T, w)', "Numba does not know np.einsum; write it out"),
        ("return np.zeros((2, 3), int)", "`int` is not the type of an array; take that of"),
        ("return mse(x, x)", "`mse` is not compiled; put @njit above it"),
        ("return np.stack([x[0], x[1]])", "Numba could not compile this: it knows numbers"),
    ],
)
def test_what_numba_could_not_compile_is_explained(line, words):
    numba = pytest.importorskip("numba")
    scope = {"np": np, "mse": registry().find("01.mse").answer}
    exec(f"def f(x, w, b, v):\n    {line}\n", scope)
    given = arguments()
    with Limit(60.0) as limit:
        outcome = call(numba.njit(scope["f"]), tuple(given.values()), limit)
    assert words in explain(outcome, given, "12.matmul"), outcome.error
