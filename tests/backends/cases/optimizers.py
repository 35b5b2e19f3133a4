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
