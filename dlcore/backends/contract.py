"""The kernel contract: every kernel that a backend offers, declared once.

A declaration is a signature, a formula and the attributes with their defaults::

    _declare("dense", "x[n,i], w[i,o], b[o] -> z[n,o]", "z = x w + b")

Letters are sizes that must agree, ``*`` is any shape, ``[]`` a single number, ``:int`` an integer
array. An output with the name of an input is that input, updated in place. The functional form of
a kernel (``numpy.py``, a learner's function) is ``f(*inputs, **attributes) -> outputs``; the
destination-passing form (``cpu.py``) is ``f(*outputs, *inputs, *attributes) -> None`` without
the inputs that are already there as outputs. Whatever a gradient needs is an output of the forward
kernel; a gradient kernel takes the upstream gradient first and overwrites its outputs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Shape = tuple[int, ...]
ShapeRule = Callable[..., tuple[Shape, ...]]


@dataclass(frozen=True)
class Array:
    """One array of a signature: its name, the names of its sizes (None: any shape), its kind."""

    name: str
    sizes: tuple[str, ...] | None
    integer: bool = False

    def __str__(self) -> str:
        sizes = "*" if self.sizes is None else ",".join(self.sizes)
        return f"{self.name}[{sizes}]" + (":int" if self.integer else "")


@dataclass(frozen=True)
class Kernel:
    """A declared kernel. ``rule`` gives the output shapes where letters cannot."""

    name: str
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    formula: str
    attributes: dict[str, Any] = field(default_factory=dict)
    rule: ShapeRule | None = None

    @cached_property
    def updates(self) -> tuple[str, ...]:
        """Names of the inputs that are updated in place; they come first among the inputs."""
        given = {array.name for array in self.inputs}
        return tuple(array.name for array in self.outputs if array.name in given)

    @cached_property
    def elementwise(self) -> bool:
        """Whether every array may be seen as one long row: all shapes are ``*`` or ``[]``."""
        return self.rule is None and not any(a.sizes for a in self.inputs + self.outputs)

    @cached_property
    def given(self) -> tuple[Array, ...]:
        """The inputs that are not updated: those that follow the outputs in the other form."""
        return tuple(a for a in self.inputs if a.name not in self.updates)

    @property
    def signature(self) -> str:
        """The declaration as text, as it stands in this file."""
        left, right = (", ".join(map(str, side)) for side in (self.inputs, self.outputs))
        return f"{left} -> {right}"

    def output_shapes(self, shapes: Sequence[Shape], attributes: dict[str, Any]) -> list[Shape]:
        """Shapes of the outputs for inputs of the given shapes.

        Raises:
            ValueError: if the number of inputs, their ranks or their sizes do not fit the contract.
        """
        if len(shapes) != len(self.inputs):
            raise ValueError(
                f"{self.name} takes {len(self.inputs)} arrays ({self.signature}), "
                f"it was given {len(shapes)}."
            )
        if self.rule is not None:
            return list(self.rule(*shapes, **{**self.attributes, **attributes}))
        bound: dict[str, tuple[int, str]] = {}
        whole: tuple[Shape, str] | None = None
        for array, shape in zip(self.inputs, shapes, strict=True):
            if array.sizes is None:
                whole = whole or (shape, array.name)
                if shape != whole[0]:
                    raise ValueError(
                        f"{self.name}: {array.name} has shape {shape}, but {whole[1]} has shape "
                        f"{whole[0]}; the two must be alike."
                    )
                continue
            if len(shape) != len(array.sizes):
                raise ValueError(
                    f"{self.name}: {array.name} has shape {shape}, but needs {len(array.sizes)} "
                    f"axes: {array}."
                )
            for size, letter in zip(shape, array.sizes, strict=True):
                known, owner = bound.setdefault(letter, (size, array.name))
                if size != known:
                    raise ValueError(
                        f"{self.name}: {array.name} has shape {shape}, but its size {letter} is "
                        f"{known} in {owner}; the contract is {self.signature}."
                    )
        result = []
        for array in self.outputs:
            if array.sizes is None:
                assert whole is not None, f"{self.name}: no input gives the shape of {array}"
                result.append(whole[0])
            else:
                result.append(tuple(bound[letter][0] for letter in array.sizes))
        return result


KERNELS: dict[str, Kernel] = {}

_ARRAY = re.compile(r"(\w+)\[([^\]]*)\](:int)?")


def _arrays(text: str) -> tuple[Array, ...]:
    return tuple(
        Array(name, None if sizes == "*" else tuple(s for s in sizes.split(",") if s), bool(kind))
        for name, sizes, kind in _ARRAY.findall(text)
    )


def _declare(
    name: str, signature: str, formula: str, rule: ShapeRule | None = None, **attributes: Any
) -> None:
    left, right = signature.split(" -> ")
    KERNELS[name] = Kernel(name, _arrays(left), _arrays(right), formula, attributes, rule)


# Dense layer.
_declare("dense", "x[n,i], w[i,o], b[o] -> z[n,o]", "z = x w + b")
_declare(
    "dense_grad",
    "dz[n,o], x[n,i], w[i,o] -> dx[n,i], dw[i,o], db[o]",
    "dx = dz wT, dw = xT dz, db = the sum of dz over the rows",
)

# Activations. Their gradients use the output y where it says enough.
_declare("sigmoid", "x[*] -> y[*]", "y = 1 / (1 + exp(-x))")
_declare("sigmoid_grad", "dy[*], y[*] -> dx[*]", "dx = dy y (1 - y)")
_declare("tanh", "x[*] -> y[*]", "y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))")
_declare("tanh_grad", "dy[*], y[*] -> dx[*]", "dx = dy (1 - y^2)")
_declare("relu", "x[*] -> y[*]", "y = max(x, 0)")
_declare("relu_grad", "dy[*], y[*] -> dx[*]", "dx = dy where y > 0, else 0")
_declare("leaky_relu", "x[*] -> y[*]", "y = x where x > 0, else slope x", negative_slope=0.2)
_declare(
    "leaky_relu_grad",
    "dy[*], x[*] -> dx[*]",
    "dx = dy where x > 0, else slope dy",
    negative_slope=0.2,
)
_declare("softmax", "x[n,k] -> y[n,k]", "y_j = exp(x_j) / sum_i exp(x_i), along each row")
_declare("softmax_grad", "dy[n,k], y[n,k] -> dx[n,k]", "dx_j = y_j (dy_j - sum_i dy_i y_i)")

# Losses: one number for each row; the mean over the batch is taken outside.
_declare("mse", "y[n,k], t[n,k] -> loss[n]", "loss = mean_j (y_j - t_j)^2")
_declare("mse_grad", "dloss[n], y[n,k], t[n,k] -> dy[n,k]", "dy_j = dloss 2 (y_j - t_j) / k")
_declare(
    "binary_crossentropy",
    "y[n,k], t[n,k] -> loss[n]",
    "loss = -mean_j (t_j log y_j + (1 - t_j) log(1 - y_j)), y kept in [1e-7, 1 - 1e-7]",
)
_declare(
    "binary_crossentropy_grad",
    "dloss[n], y[n,k], t[n,k] -> dy[n,k]",
    "dy_j = dloss (y_j - t_j) / (y_j (1 - y_j)) / k",
)
_declare(
    "binary_crossentropy_from_logits",
    "z[n,k], t[n,k] -> loss[n]",
    "loss = mean_j (max(z_j, 0) - z_j t_j + log(1 + exp(-|z_j|)))",
)
_declare(
    "binary_crossentropy_from_logits_grad",
    "dloss[n], z[n,k], t[n,k] -> dz[n,k]",
    "dz_j = dloss (sigmoid(z_j) - t_j) / k",
)
_declare(
    "categorical_crossentropy",
    "y[n,k], t[n,k] -> loss[n]",
    "loss = -sum_j t_j log p_j, p = y / sum y kept in [1e-7, 1 - 1e-7]",
)
_declare(
    "categorical_crossentropy_grad",
    "dloss[n], y[n,k], t[n,k] -> dy[n,k]",
    "dy_j = dloss (sum_i t_i - t_j / p_j) / sum y",
)
_declare(
    "categorical_crossentropy_from_logits",
    "z[n,k], t[n,k] -> loss[n], y[n,k]",
    "y = softmax(z), loss = -sum_j t_j log y_j",
)
_declare(
    "categorical_crossentropy_from_logits_grad",
    "dloss[n], y[n,k], t[n,k] -> dz[n,k]",
    "dz_j = dloss (y_j sum_i t_i - t_j)",
)
_declare(
    "sparse_categorical_crossentropy",
    "y[n,k], labels[n]:int -> loss[n]",
    "loss = -log p_label, p = y / sum y kept in [1e-7, 1 - 1e-7]",
)
_declare(
    "sparse_categorical_crossentropy_grad",
    "dloss[n], y[n,k], labels[n]:int -> dy[n,k]",
    "dy_j = dloss (1 - [j = label] / p_j) / sum y",
)
_declare(
    "sparse_categorical_crossentropy_from_logits",
    "z[n,k], labels[n]:int -> loss[n], y[n,k]",
    "y = softmax(z), loss = -log y_label",
)
_declare(
    "sparse_categorical_crossentropy_from_logits_grad",
    "dloss[n], y[n,k], labels[n]:int -> dz[n,k]",
    "dz_j = dloss (y_j - [j = label])",
)

# Optimizers. What changes from step to step (rate, step count) is an array of no axes.
_declare("sgd_update", "w[*], dw[*], learning_rate[] -> w[*]", "w <- w - learning_rate dw")
_declare(
    "momentum_update",
    "w[*], v[*], dw[*], learning_rate[] -> w[*], v[*]",
    "v <- momentum v - learning_rate dw; w <- w + v (nesterov: + momentum v - learning_rate dw)",
    momentum=0.9,
    nesterov=False,
)
_declare(
    "adam_update",
    "w[*], m[*], v[*], dw[*], learning_rate[], step[] -> w[*], m[*], v[*]",
    "m <- b1 m + (1 - b1) dw; v <- b2 v + (1 - b2) dw^2; "
    "w <- w - learning_rate sqrt(1 - b2^step) / (1 - b1^step) m / (sqrt(v) + epsilon)",
    beta_1=0.9,
    beta_2=0.999,
    epsilon=1e-7,
)


# Chance.
def _given(*_: Shape, shape: Shape) -> tuple[Shape, ...]:
    return (tuple(shape),)


_declare(
    "random_uniform",
    "seed[]:int, stream[]:int, step[]:int -> u[*]",
    "u = uniform numbers in [0, 1) from Philox4x32-10 with key seed and counter (stream, step)",
    _given,
    shape=(),
)


# The generic primitives, from which everything else is composed.
def _broadcast(*shapes: Shape, **_: Any) -> tuple[Shape, ...]:
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            listed = " and ".join(map(str, shapes))
            raise ValueError(f"The shapes {listed} cannot be broadcast together.")
        result.append(wide.pop() if wide else 1)
    return (tuple(result),)


def _reduced(x: Shape, op: str, axis: tuple[int, ...], keepdims: bool) -> tuple[Shape, ...]:
    if keepdims:
        return (tuple(1 if i in axis else size for i, size in enumerate(x)),)
    return (tuple(size for i, size in enumerate(x) if i not in axis),)


def _product(a: Shape, b: Shape) -> tuple[Shape, ...]:
    if len(a) < 2 or len(b) < 2 or a[-1] != b[-2]:
        raise ValueError(
            f"matmul: a has shape {a} and b has shape {b}; the last size of a must be the last "
            "but one of b."
        )
    return (
        (_broadcast(a[:-2], b[:-2])[0] + (a[-2], b[-1]),)
        if len(a) + len(b) > 4
        else ((a[0], b[1]),)
    )


def _transposed(x: Shape, axes: tuple[int, ...]) -> tuple[Shape, ...]:
    return (tuple(x[axis] for axis in axes),)


def _gathered(x: Shape, indices: Shape) -> tuple[Shape, ...]:
    return (indices + x[1:],)


def _scattered(dy: Shape, indices: Shape, size: int) -> tuple[Shape, ...]:
    return ((size,) + dy[len(indices) :],)


_declare(
    "unary", "x[*] -> y[*]", "y = op(x): exp, log, sqrt, square, abs, sign, negative", op="exp"
)
_declare(
    "binary",
    "a[*], b[*] -> y[*]",
    "y = a op b with broadcasting: add, subtract, multiply, divide, maximum, minimum, power, "
    "and the comparisons greater, greater_equal, less_equal, equal, which give 1 or 0",
    _broadcast,
    op="add",
)
_declare("where", "condition[*], a[*], b[*] -> y[*]", "y = a where condition, else b", _broadcast)
_declare(
    "reduce",
    "x[*] -> y[*]",
    "y = the sum, mean, max or min of x over the given axes",
    _reduced,
    op="sum",
    axis=(0,),
    keepdims=False,
)
_declare("matmul", "a[*], b[*] -> y[*]", "y = a b, over the last two axes", _product)
_declare(
    "transpose", "x[*] -> y[*]", "y = x with its axes in the given order", _transposed, axes=()
)
_declare("gather", "x[*], indices[*]:int -> y[*]", "y_i = x[indices_i]", _gathered)
_declare(
    "scatter_add",
    "dy[*], indices[*]:int -> dx[*]",
    "dx[j] = the sum of dy_i over all i with indices_i = j",
    _scattered,
    size=0,
)
_declare("cast", "x[*] -> y[*]", "y = x in the number type of y")
