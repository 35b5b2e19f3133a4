"""Lesson 12: what is timed there, and the steps that are recorded and replayed."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.backends.numba.blas import single_threaded_blas
from dlcore.datasets import digits8, fashion_small
from dlcore.engine import ops
from dlcore.engine.program import Program
from dlcore.engine.tensor import Tensor
from dlcore.engine.variable import Variable
from dlcore.layers import Dense, Input
from dlcore.losses import BinaryCrossentropy
from dlcore.models import Sequential
from dlcore.optimizers import SGD
from dlcore.utils import set_random_seed
from dlcore.widgets import LadderModel
from dlcore.widgets.rungs import Rung

Array = np.ndarray
Step = Callable[[], Tensor]


def fashion_layer() -> tuple[Array, Array]:
    """The input and the weights of a dense layer of 128 units, both float32.

    Returns:
        x [64, 784], 64 articles of clothing, each a row of pixels from 0 to 1; and w [784, 128].
    """
    (images, _), _ = fashion_small.load_data()
    x = images[:64].reshape(64, -1).astype(np.float32) / 255
    return x, np.random.default_rng(0).normal(0, 0.05, (784, 128)).astype(np.float32)


def ladder_of(a: Array, b: Array, yours: Callable[[Array, Array], Any]) -> dict[str, float]:
    """Measure the product of two arrays by all rungs of the ladder, and by one more function.

    Args:
        a: of shape [n, k], float32.
        b: of shape [k, m], float32.
        yours: a function of a and b; its first call is not measured.

    Returns:
        Seconds by the name of the rung; "yours" is the last.
    """
    yours(a[:1], b)
    own = Rung("yours", lambda a, b: lambda: yours(a, b), by_rows=True)
    model = LadderModel()
    return {rung.name: model.seconds(rung, a, b)[0] for rung in (*model.rungs, own)}


def parallel_loops(function: Any, *arrays: Array) -> str:
    """What Numba says of the parallel loops of a compiled function: its lines with their numbers.

    Args:
        function: with ``@njit(parallel=True)``.
        arrays: what it is called with first, so that it is compiled.

    Raises:
        ValueError: if Numba has nothing to say of it.
    """
    function(*arrays)
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            function.parallel_diagnostics(level=1)
    except (AttributeError, ValueError) as error:
        name = getattr(function, "__name__", str(function))
        raise ValueError(
            f"Numba keeps no diagnostics of {name}; it has to be compiled in this process, with "
            "@njit(parallel=True)."
        ) from error
    lines = [line.rstrip() for line in said.getvalue().splitlines()]
    listing = [line for line in lines if re.search(r"\|(loop #ID|.*#\d+| *$)", line)]
    verdict = [line for line in lines if line.startswith("Parallel structure")]
    return "\n".join([*listing, *verdict])


def small_step(middle: Callable[[Tensor], Any]) -> Step:
    """A training step of a small network, with something of one's own in its middle.

    Args:
        middle: from the hidden numbers h [4, 3] to what takes their place, of the same shape.

    Returns:
        The step: dense, the middle, dense, the mean squared error, back, and a move of the weights.
    """
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(4, 5)).astype(np.float32), np.ones((4, 2), np.float32)
    weights = [Variable(rng.normal(size=shape)) for shape in ((5, 3), (3,), (3, 2), (2,))]
    optimizer = SGD(0.01)
    optimizer.build(weights)  # now, since it moves the weights into one long array

    def step() -> Tensor:
        h = ops.dense(x, weights[0], weights[1])
        y = ops.dense(middle(h), weights[2], weights[3])
        loss = ops.mean(ops.mean_squared_error(t, y))
        loss.backward()
        optimizer.apply([weight.grad for weight in weights], weights)
        return loss

    return step


def five_times(middle: Callable[[Tensor], Any]) -> str:
    """Run the program of a ``small_step`` five times; why it is not replayed, or "replayed".

    Args:
        middle: as for ``small_step``.
    """
    program = Program(small_step(middle))
    for _ in range(5):
        program.run()
    return program.reason or "replayed"


def eager_and_replayed(rows: int) -> tuple[float, float]:
    """How long a training step of the article's first network takes, as it is and from a list.

    Args:
        rows: of its batch.

    Returns:
        Seconds, the least of many times each, on one thread.
    """
    step = article_step(rows)
    program = Program(step)
    for _ in range(3):
        program.run()
    if not program.replayed:
        raise RuntimeError(f"The step is not replayed: {program.reason}.")
    model = LadderModel()
    with single_threaded_blas():
        return model.least(step), model.least(program.run)


def article_step(rows: int) -> Step:
    """A training step of the first network of the article on Keras, 8-10-8-1, on random rows.

    Args:
        rows: how many there are in the batch.
    """
    set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 8)).astype(np.float32)
    t = rng.integers(0, 2, (rows, 1)).astype(np.float32)
    inside = [Dense(10, activation="relu"), Dense(8, activation="relu")]
    model = Sequential([Input((8,)), *inside, Dense(1, activation="sigmoid")])
    loss_of, optimizer = BinaryCrossentropy(), SGD(0.1)
    optimizer.build(model.weights)

    def step() -> Tensor:
        loss: Tensor = loss_of(t, model(x))
        loss.backward()
        optimizer.apply([weight.grad for weight in model.weights], model.weights)
        return loss

    return step


def eight_digits() -> tuple[Array, Array]:
    """Eight handwritten digits as rows of 64 numbers from 0 to 1, [8, 64], and their labels [8]."""
    (x, labels), _ = digits8.load_data()
    return x[:8].reshape(8, -1).astype(np.float32) / 16, labels[:8]


def digit_weights() -> tuple[Variable, Variable, SGD]:
    """Weights [64, 10] and a bias [10], both 0, and an optimizer that knows where they lie."""
    w, b = Variable(np.zeros((64, 10))), Variable(np.zeros(10))
    optimizer = SGD(0.5)
    optimizer.build([w, b])
    return w, b, optimizer
