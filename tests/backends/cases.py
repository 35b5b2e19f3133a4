"""Random arguments for every kernel of the contract, drawn by hypothesis."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from dlcore.backends.contract import KERNELS, Kernel

sizes = st.integers(1, 6)
shapes = st.lists(sizes, min_size=0, max_size=3).map(tuple)

# Kernels whose inputs are not any numbers at all.
PROBABILITIES = {
    "binary_crossentropy",
    "binary_crossentropy_grad",
    "categorical_crossentropy",
    "categorical_crossentropy_grad",
    "sparse_categorical_crossentropy",
    "sparse_categorical_crossentropy_grad",
    "categorical_crossentropy_from_logits_grad",
    "sparse_categorical_crossentropy_from_logits_grad",
    "sigmoid_grad",
}
UNARY = ("exp", "log", "sqrt", "square", "abs", "sign", "negative")
BINARY = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "maximum",
    "minimum",
    "power",
    "greater",
    "greater_equal",
    "less_equal",
    "equal",
)


def numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Numbers of both signs, with some exact zeros, and some far from zero."""
    values = rng.normal(0, 1, shape) * rng.choice([0.0, 1.0, 1.0, 8.0], shape)
    return np.asarray(values, dtype)


@st.composite
def arguments(draw: Any, name: str, dtype: Any) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Inputs and attributes for the kernel of the given name."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    special = globals().get(f"_{name}")
    if special is not None:
        return special(draw, rng, dtype)
    return _from_signature(draw, rng, KERNELS[name], dtype)


def _from_signature(draw: Any, rng: Any, kernel: Kernel, dtype: Any) -> Any:
    letters = {s: draw(sizes) for a in kernel.inputs for s in a.sizes or ()}
    whole = draw(shapes)
    inputs = []
    for array in kernel.inputs:
        shape = whole if array.sizes is None else tuple(letters[s] for s in array.sizes)
        if array.integer:
            inputs.append(rng.integers(0, letters["k"], shape))
        elif array.name in ("y", "t") and kernel.name in PROBABILITIES:
            p = rng.uniform(0.02, 0.98, shape)
            inputs.append(np.asarray(p, dtype))
        elif array.name == "learning_rate":
            inputs.append(np.asarray(draw(st.sampled_from([0.001, 0.1, 1.0])), dtype))
        elif array.name == "step":
            inputs.append(np.asarray(draw(st.sampled_from([1, 2, 10, 100_000]))))
        elif kernel.name == "adam_update" and array.name == "v":
            inputs.append(np.abs(numbers(rng, shape, dtype)))
        else:
            inputs.append(numbers(rng, shape, dtype))
    attributes = {}
    if "negative_slope" in kernel.attributes:
        attributes["negative_slope"] = draw(st.sampled_from([0.0, 0.01, 0.2, 0.3]))
    if "nesterov" in kernel.attributes:
        attributes = {"momentum": draw(st.floats(0, 1)), "nesterov": draw(st.booleans())}
    return inputs, attributes


def _random_uniform(draw: Any, rng: Any, dtype: Any) -> Any:
    whole = st.integers(0, 2**63 - 1)
    key = [np.asarray(draw(s)) for s in (whole, st.integers(0, 2**32 - 1), whole)]
    return key, {"shape": draw(shapes)}


def _unary(draw: Any, rng: Any, dtype: Any) -> Any:
    op = draw(st.sampled_from(UNARY))
    x = numbers(rng, draw(shapes), dtype)
    return [np.abs(x) + np.asarray(0.1, dtype) if op in ("log", "sqrt") else x], {"op": op}


def _pairs(draw: Any) -> list[tuple[int, ...]]:
    """Shapes that broadcast together: a shape, and it with axes left out or of size one."""
    shape = draw(shapes)
    both = []
    for _ in range(2):
        kept = draw(st.integers(0, len(shape)))
        both.append(tuple(draw(st.sampled_from([1, n])) for n in shape[len(shape) - kept :]))
    return both


def _binary(draw: Any, rng: Any, dtype: Any) -> Any:
    op = draw(st.sampled_from(BINARY))
    a, b = (numbers(rng, shape, dtype) for shape in _pairs(draw))
    if op == "divide":
        b = np.where(b == 0, 1, b).astype(dtype)
    if op == "power":
        a = np.abs(a) + np.asarray(0.1, dtype)
    return [a, b], {"op": op}


def _where(draw: Any, rng: Any, dtype: Any) -> Any:
    first, second = _pairs(draw)
    condition = np.asarray(rng.integers(0, 2, first), dtype)
    return [condition, numbers(rng, second, dtype), numbers(rng, first, dtype)], {}


def _reduce(draw: Any, rng: Any, dtype: Any) -> Any:
    x = numbers(rng, draw(st.lists(sizes, min_size=1, max_size=3).map(tuple)), dtype)
    axis = draw(st.sets(st.integers(0, x.ndim - 1), min_size=1))
    op = draw(st.sampled_from(["sum", "mean", "max", "min"]))
    return [x], {"op": op, "axis": tuple(sorted(axis)), "keepdims": draw(st.booleans())}


def _matmul(draw: Any, rng: Any, dtype: Any) -> Any:
    n, i, o = draw(sizes), draw(sizes), draw(sizes)
    first, second = _pairs(draw)
    return [numbers(rng, (*first, n, i), dtype), numbers(rng, (*second, i, o), dtype)], {}


def _transpose(draw: Any, rng: Any, dtype: Any) -> Any:
    x = numbers(rng, draw(st.lists(sizes, min_size=1, max_size=4).map(tuple)), dtype)
    return [x], {"axes": tuple(draw(st.permutations(range(x.ndim))))}


def _gather(draw: Any, rng: Any, dtype: Any) -> Any:
    x = numbers(rng, (draw(sizes), *draw(shapes)), dtype)
    return [x, rng.integers(0, len(x), draw(shapes))], {}


def _scatter_add(draw: Any, rng: Any, dtype: Any) -> Any:
    indices, row, size = draw(shapes), draw(shapes), draw(sizes)
    dy = numbers(rng, (*indices, *row), dtype)
    return [dy, rng.integers(0, size, indices)], {"size": size}
