"""Every differentiable operation, named as in ``keras.ops`` where that has it.

Each has the same build: compute with a kernel, and leave on the tape how a gradient goes back.
Operations take tensors, arrays or numbers and return a Tensor.
"""

from collections.abc import Callable
from typing import Any

from dlcore.engine.operators import Operators
from dlcore.engine.ops.activations import elu, erf, log_softmax, logsumexp, softplus
from dlcore.engine.ops.axes import (
    expand_dims,
    get_item,
    matmul,
    max,
    mean,
    min,
    reshape,
    squeeze,
    sum,
    take,
    transpose,
)
from dlcore.engine.ops.comparison import (
    all,
    any,
    argmax,
    argmin,
    equal,
    greater,
    greater_equal,
    holds_numbers,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
    one_hot,
)
from dlcore.engine.ops.einsum import einsum
from dlcore.engine.ops.elementwise import (
    abs,
    add,
    clip,
    divide,
    exp,
    log,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    sign,
    sqrt,
    square,
    subtract,
    where,
)
from dlcore.engine.ops.filling import (
    arange,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    outer,
    shape,
    zeros,
    zeros_like,
)
from dlcore.engine.ops.image import affine_transform
from dlcore.engine.ops.joining import (
    concatenate,
    flip,
    pad,
    repeat,
    slice,
    split,
    stack,
    tile,
)
from dlcore.engine.ops.nn import dense, dropout, leaky_relu, relu, sigmoid, softmax, tanh
from dlcore.engine.ops.normalization import (
    batch_norm,
    batch_normalization,
    layer_normalization,
    moments,
)
from dlcore.engine.ops.numerics import (
    absolute,
    argsort,
    ceil,
    cos,
    cumsum,
    floor,
    isfinite,
    isinf,
    isnan,
    prod,
    round,
    sin,
    sort,
    std,
    tan,
    tensordot,
    top_k,
    var,
)
from dlcore.engine.ops.recurrent import (
    gru,
    lstm,
    lstm_step,
    simple_rnn,
    simple_rnn_step,
    time_step,
)
from dlcore.engine.ops.targets_first import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
from dlcore.engine.ops.transposed import conv_transpose
from dlcore.engine.ops.windows import average_pool, conv, max_pool
from dlcore.engine.symbol import takes_symbols
from dlcore.engine.tensor import (
    cast,
    convert_to_numpy,
    convert_to_tensor,
    result,
    stop_gradient,
)

__all__ = [
    "abs",
    "absolute",
    "add",
    "affine_transform",
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "average_pool",
    "batch_norm",
    "batch_normalization",
    "binary_crossentropy",
    "cast",
    "categorical_crossentropy",
    "ceil",
    "clip",
    "concatenate",
    "conv",
    "conv_transpose",
    "convert_to_numpy",
    "convert_to_tensor",
    "cos",
    "cumsum",
    "dense",
    "divide",
    "dropout",
    "einsum",
    "elu",
    "equal",
    "erf",
    "exp",
    "expand_dims",
    "eye",
    "flip",
    "floor",
    "full",
    "full_like",
    "get_item",
    "greater",
    "greater_equal",
    "gru",
    "isfinite",
    "isinf",
    "isnan",
    "layer_normalization",
    "leaky_relu",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logsumexp",
    "lstm",
    "lstm_step",
    "matmul",
    "max",
    "max_pool",
    "maximum",
    "mean",
    "mean_squared_error",
    "min",
    "minimum",
    "moments",
    "multiply",
    "negative",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "power",
    "prod",
    "relu",
    "repeat",
    "reshape",
    "result",
    "round",
    "shape",
    "sigmoid",
    "sign",
    "simple_rnn",
    "simple_rnn_step",
    "sin",
    "slice",
    "softmax",
    "softplus",
    "sort",
    "sparse_categorical_crossentropy",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "subtract",
    "sum",
    "take",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "time_step",
    "top_k",
    "transpose",
    "var",
    "where",
    "zeros",
    "zeros_like",
]

# From outside an operation can also be called on the symbols of a model's Input; among themselves
# the files of this package call each other's functions directly, and so do layers of the library,
# since what is given to a layer's `call` has values.
_AS_THEY_ARE = {"convert_to_numpy", "convert_to_tensor", "result", "shape"}
globals().update(
    {name: takes_symbols(globals()[name]) for name in __all__ if name not in _AS_THEY_ARE}
)


def _turned(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operation for its right-hand side: `2 - x` asks x to be subtracted from 2."""

    def of_the_right(self: Any, other: Any) -> Any:
        return operation(other, self)

    return of_the_right


def _of_numbers(comparison: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A comparison that leaves what is no number to Python: `x == "mse"` is False."""

    def compared(self: Any, other: Any) -> Any:
        return comparison(self, other) if holds_numbers(other) else NotImplemented

    return compared


# What Python's operators do with tensors and symbols: `x + y` is `add(x, y)`.
for _name, _operation in {
    "add": add,
    "sub": subtract,
    "mul": multiply,
    "truediv": divide,
    "pow": power,
    "matmul": matmul,
    "and": logical_and,
    "or": logical_or,
}.items():
    setattr(Operators, f"__{_name}__", _operation)
    setattr(Operators, f"__r{_name}__", _turned(_operation))
for _name, _operation in {
    "eq": equal,
    "ne": not_equal,
    "lt": less,
    "le": less_equal,
    "gt": greater,
    "ge": greater_equal,
}.items():
    setattr(Operators, f"__{_name}__", _of_numbers(_operation))
Operators.__neg__, Operators.__abs__, Operators.__getitem__ = negative, abs, get_item
Operators.__invert__ = logical_not
