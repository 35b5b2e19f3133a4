"""Random arguments for the updates of optimizers that keep squares, magnitudes or a product."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from .common import numbers, shapes

RATES = st.sampled_from([0.001, 0.1, 1.0])
EPSILONS = st.sampled_from([1e-7, 1e-3, 0.5])
STEPS = st.sampled_from([1, 2, 10, 100_000])


def rmsprop_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    attributes = {"rho": draw(st.floats(0, 0.99)), "epsilon": draw(EPSILONS)}
    return _given(draw, rng, dtype), attributes


def rmsprop_momentum_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    (w, v, dw, rate), attributes = rmsprop_update(draw, rng, dtype)
    attributes["momentum"] = draw(st.floats(0, 0.99))
    return [w, v, numbers(rng, w.shape, dtype), dw, rate], attributes


def rmsprop_centered_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    (w, v, dw, rate), attributes = rmsprop_update(draw, rng, dtype)
    return [w, *_mean_and_square(rng, v, dtype), dw, rate], attributes


def rmsprop_centered_momentum_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    (w, v, u, dw, rate), attributes = rmsprop_momentum_update(draw, rng, dtype)
    v, a = _mean_and_square(rng, v, dtype)
    return [w, v, u, a, dw, rate], attributes


def _mean_and_square(rng: np.random.Generator, v: np.ndarray, dtype: Any) -> list[np.ndarray]:
    """A mean square, and a mean whose square is well below it: there is a variance."""
    a = numbers(rng, v.shape, dtype)
    return [np.asarray(v + 2 * a**2 + 1, dtype), a]


def adagrad_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    return _given(draw, rng, dtype), {"epsilon": draw(EPSILONS)}


def adadelta_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    attributes = {"rho": draw(st.floats(0, 0.99)), "epsilon": draw(EPSILONS)}
    w, a, dw, rate = _given(draw, rng, dtype)
    return [w, a, np.abs(numbers(rng, w.shape, dtype)), dw, rate], attributes


def amsgrad_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    w, v, dw, rate = _given(draw, rng, dtype)
    m, v_hat = numbers(rng, w.shape, dtype), np.abs(numbers(rng, w.shape, dtype))
    return [w, m, v, v_hat, dw, rate, np.asarray(draw(STEPS))], _betas(draw)


def nadam_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    w, v, dw, rate = _given(draw, rng, dtype)
    product = np.asarray(draw(st.floats(0, 0.9)), dtype)
    m, step = numbers(rng, w.shape, dtype), np.asarray(draw(STEPS))
    return [w, m, v, dw, rate, step, product], _betas(draw)


def adamax_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    w, u, dw, rate = _given(draw, rng, dtype)
    return [w, numbers(rng, w.shape, dtype), u, dw, rate, np.asarray(draw(STEPS))], _betas(draw)


def _betas(draw: Any) -> dict[str, float]:
    return {
        "beta_1": draw(st.floats(0, 0.95)),
        "beta_2": draw(st.floats(0.5, 0.999)),
        "epsilon": draw(EPSILONS),
    }


def _given(draw: Any, rng: np.random.Generator, dtype: Any) -> list[np.ndarray]:
    """A weight, the squares that are kept, a gradient and a rate."""
    shape = draw(shapes)
    w, v, dw = (numbers(rng, shape, dtype) for _ in range(3))
    return [w, np.abs(v), dw, np.asarray(draw(RATES), dtype)]
