"""Operations on symbols, such as `x + y`, in the form in which Keras 3 describes them."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Mapping
from typing import Any

from dlcore.engine import ops, tree
from dlcore.engine.symbol import SymbolicTensor
from dlcore.layers.layer import Operation
from dlcore.utils import size_limits
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object

_NUMPY, _NN = "keras.src.ops.numpy", "keras.src.ops.nn"

# For each operation Keras's module and class, and those arguments that belong to the
# configuration; the other arguments belong to the call.
_KNOWN: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "abs": (_NUMPY, "Absolute", ()),
    "add": (_NUMPY, "Add", ()),
    "all": (_NUMPY, "All", ("axis", "keepdims")),
    "any": (_NUMPY, "Any", ("axis", "keepdims")),
    "argsort": (_NUMPY, "Argsort", ("axis",)),
    "ceil": (_NUMPY, "Ceil", ()),
    "clip": (_NUMPY, "Clip", ("x_min", "x_max")),
    "concatenate": (_NUMPY, "Concatenate", ("axis",)),
    "cos": (_NUMPY, "Cos", ()),
    "cumsum": (_NUMPY, "Cumsum", ("axis", "dtype")),
    "divide": (_NUMPY, "TrueDivide", ()),
    "equal": (_NUMPY, "Equal", ()),
    "exp": (_NUMPY, "Exp", ()),
    "expand_dims": (_NUMPY, "ExpandDims", ("axis",)),
    "floor": (_NUMPY, "Floor", ()),
    "get_item": (_NUMPY, "GetItem", ()),
    "greater": (_NUMPY, "Greater", ()),
    "greater_equal": (_NUMPY, "GreaterEqual", ()),
    "isfinite": (_NUMPY, "Isfinite", ()),
    "isinf": (_NUMPY, "Isinf", ()),
    "isnan": (_NUMPY, "Isnan", ()),
    "less": (_NUMPY, "Less", ()),
    "less_equal": (_NUMPY, "LessEqual", ()),
    "log": (_NUMPY, "Log", ()),
    "log_softmax": (_NN, "LogSoftmax", ("axis",)),
    "logical_and": (_NUMPY, "LogicalAnd", ()),
    "logical_not": (_NUMPY, "LogicalNot", ()),
    "logical_or": (_NUMPY, "LogicalOr", ()),
    "matmul": (_NUMPY, "Matmul", ()),
    "max": (_NUMPY, "Max", ("axis", "keepdims")),
    "maximum": (_NUMPY, "Maximum", ()),
    "mean": (_NUMPY, "Mean", ("axis", "keepdims")),
    "min": (_NUMPY, "Min", ("axis", "keepdims")),
    "minimum": (_NUMPY, "Minimum", ()),
    "multiply": (_NUMPY, "Multiply", ()),
    "negative": (_NUMPY, "Negative", ()),
    "not_equal": (_NUMPY, "NotEqual", ()),
    "ones_like": (_NUMPY, "OnesLike", ("dtype",)),
    "power": (_NUMPY, "Power", ()),
    "prod": (_NUMPY, "Prod", ("axis", "keepdims", "dtype")),
    "relu": (_NN, "Relu", ()),
    "reshape": (_NUMPY, "Reshape", ("newshape",)),
    "round": (_NUMPY, "Round", ("decimals",)),
    "sigmoid": (_NN, "Sigmoid", ()),
    "sign": (_NUMPY, "Sign", ()),
    "sin": (_NUMPY, "Sin", ()),
    "softmax": (_NN, "Softmax", ("axis",)),
    "softplus": (_NN, "Softplus", ()),
    "sort": (_NUMPY, "Sort", ("axis",)),
    "sqrt": (_NUMPY, "Sqrt", ()),
    "square": (_NUMPY, "Square", ()),
    "squeeze": (_NUMPY, "Squeeze", ("axis",)),
    "stack": (_NUMPY, "Stack", ("axis",)),
    "std": (_NUMPY, "Std", ("axis", "keepdims")),
    "subtract": (_NUMPY, "Subtract", ()),
    "sum": (_NUMPY, "Sum", ("axis", "keepdims")),
    "tan": (_NUMPY, "Tan", ()),
    "tanh": (_NUMPY, "Tanh", ()),
    "top_k": ("keras.src.ops.math", "TopK", ("k", "sorted")),
    "transpose": (_NUMPY, "Transpose", ("axes",)),
    "var": (_NUMPY, "Var", ("axis", "keepdims")),
    "where": (_NUMPY, "Where", ()),
    "zeros_like": (_NUMPY, "ZerosLike", ("dtype",)),
}
_BY_CLASS = {(module, kind): name for name, (module, kind, _) in _KNOWN.items()}
_BY_CLASS[_NUMPY, "Divide"] = "divide"
# What Keras's configurations hold beside, where it changes nothing.
_WITHOUT_EFFECT = {"initial": None}

Calls = list[tuple[Any, Any]]


def written_operation(layer: Operation, calls: Calls) -> tuple[dict[str, Any], Calls]:
    """The description of an operation, and its calls without what went into the description.

    Raises:
        TypeError: if files have no form for the operation.
    """
    name = layer.function.__name__
    if name not in _KNOWN:
        raise TypeError(
            f"A file cannot describe the operation {name!r} on a symbol: call it within a layer of "
            "your own, registered with @register_keras_serializable()."
        )
    module, kind, fixed = _KNOWN[name]
    config: dict[str, Any] = {"name": layer.name}
    rest: Calls = []
    signature = inspect.signature(layer.function)
    for args, kwargs in calls:
        kwargs = {key: value for key, value in kwargs.items() if key != "training"}
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        for argument in fixed:
            config[argument] = serialize_keras_object(given.pop(argument))
        rest.append((tuple(given.values()), {}))
    described = {"module": module, "class_name": kind, "config": config, "registered_name": kind}
    return described, rest


def made_operation(entry: Mapping[str, Any]) -> Operation | None:
    """The layer for the description of an operation; None if it describes something else.

    Raises:
        ValueError: if dlcore lacks the operation, or an argument of it.
    """
    module, kind = entry.get("module"), entry.get("class_name")
    if not isinstance(module, str) or not module.startswith("keras.src.ops."):
        return None
    name = _BY_CLASS.get((module, str(kind)))
    if name is None:
        raise ValueError(f"There is no operation {kind!r} of {module!r} here; dlcore lacks it.")
    config = entry.get("config")
    if not isinstance(config, Mapping):
        raise ValueError(f"The configuration of {kind!r} is a table of its arguments.")
    fixed = {}
    for key, value in config.items():
        if key in _KNOWN[name][2]:
            fixed[key] = deserialize_keras_object(value)
        elif key != "name" and (key not in _WITHOUT_EFFECT or value is not _WITHOUT_EFFECT[key]):
            raise ValueError(f"dlcore's operation {name!r} has no argument {key!r}.")
    return _Described(getattr(ops, name), config.get("name"), fixed)


class _Described(Operation):
    """An operation some of whose arguments are known from a file."""

    def __init__(self, function: Any, name: Any, fixed: dict[str, Any]) -> None:
        super().__init__(function, name=name)
        self.fixed = fixed

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # Called once on symbols, and with what was noted then each time after.
        if self.function.__name__ == "get_item":
            args = (args[0], tuple(args[1]) if isinstance(args[1], list) else args[1])
        size_limits.refuse_giant(
            _largest(self.function.__name__, [leaf.shape for leaf in _symbols(args)])
        )
        return super().__call__(*args, **{**self.fixed, **kwargs})


def _symbols(args: Any) -> list[SymbolicTensor]:
    return [leaf for leaf in tree.leaves(args) if isinstance(leaf, SymbolicTensor)]


def _largest(function: str, shapes: list[tuple[int | None, ...]]) -> list[int]:
    """The sizes of what an operation gives at most: its inputs spread along one another."""
    if function == "matmul":
        # (…, m, k) and (…, k, n) give (…, m, n): as if the two axes lay apart.
        shapes = [
            (*shape[:-1], 1) if i == 0 else (*shape[:-2], 1, *shape[-1:])
            for i, shape in enumerate(shapes)
        ]
    axes = itertools.zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1)
    return [max(size or 1 for size in axis) for axis in axes]
