"""Random arguments for every kernel, drawn by hypothesis.

A kernel whose arguments are not any numbers of the shapes in its signature has a function of its
name, `name(draw, rng, dtype) -> (inputs, attributes)`, in the file of its family.
"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from dlcore.backends import KERNELS, Kernel

from . import (
    affine,
    convolution,
    metrics,
    normalization,
    optimizers,
    pooling,
    primitives,
    random,
    recurrent,
)
from .common import numbers, shapes, sizes

__all__ = ["arguments", "numbers"]

FAMILIES = (
    affine, convolution, metrics, normalization, optimizers, pooling, primitives, random, recurrent,
)  # fmt: skip

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


@st.composite
def arguments(draw: Any, name: str, dtype: Any) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Inputs and attributes for the kernel of the given name."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    for family in FAMILIES:
        special = getattr(family, name, None)
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
