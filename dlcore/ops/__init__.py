"""Every differentiable operation, named as in ``keras.ops`` where that has it.

Each has the same build: compute with a kernel, and leave on the tape how a gradient goes back.
Operations take tensors, arrays or numbers and return a Tensor.
"""

from dlcore.ops.activations import elu, erf, log_softmax, logsumexp, softplus
from dlcore.ops.axes import (
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
from dlcore.ops.convolution import conv
from dlcore.ops.core import (
    cast,
    convert_to_numpy,
    convert_to_tensor,
    result,
    stop_gradient,
)
from dlcore.ops.elementwise import (
    abs,
    add,
    clip,
    divide,
    equal,
    exp,
    greater,
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
from dlcore.ops.image import affine_transform
from dlcore.ops.nn import (
    binary_crossentropy,
    categorical_crossentropy,
    dense,
    leaky_relu,
    mean_squared_error,
    relu,
    sigmoid,
    softmax,
    sparse_categorical_crossentropy,
    tanh,
)
from dlcore.ops.normalization import (
    batch_norm,
    batch_normalization,
    layer_normalization,
    moments,
)
from dlcore.ops.pooling import average_pool, max_pool
from dlcore.symbol import takes_symbols

__all__ = [
    "abs",
    "add",
    "average_pool",
    "affine_transform",
    "batch_norm",
    "batch_normalization",
    "binary_crossentropy",
    "cast",
    "categorical_crossentropy",
    "clip",
    "conv",
    "convert_to_numpy",
    "convert_to_tensor",
    "dense",
    "divide",
    "elu",
    "equal",
    "erf",
    "exp",
    "expand_dims",
    "get_item",
    "greater",
    "layer_normalization",
    "leaky_relu",
    "log",
    "log_softmax",
    "logsumexp",
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
    "power",
    "relu",
    "reshape",
    "result",
    "sigmoid",
    "sign",
    "softmax",
    "softplus",
    "sparse_categorical_crossentropy",
    "sqrt",
    "square",
    "squeeze",
    "stop_gradient",
    "subtract",
    "sum",
    "take",
    "tanh",
    "transpose",
    "where",
]

# From outside an operation can also be called on the symbols of a model's Input; among themselves
# the files of this package call each other's functions directly.
_AS_THEY_ARE = {"convert_to_numpy", "convert_to_tensor", "result"}
globals().update(
    {name: takes_symbols(globals()[name]) for name in __all__ if name not in _AS_THEY_ARE}
)
