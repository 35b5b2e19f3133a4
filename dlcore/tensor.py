"""The Tensor and what belongs to it, by the name under which programs import it."""

from dlcore.engine.symbol import SymbolicTensor as KerasTensor
from dlcore.engine.tensor import (
    Backward,
    Node,
    Tensor,
    convert_to_tensor,
    floating,
    floatx,
    gradients,
    no_grad,
    recording,
    set_floatx,
    topological_order,
)
from dlcore.engine.variable import Variable

__all__ = [
    "Backward",
    "KerasTensor",
    "Node",
    "Tensor",
    "Variable",
    "convert_to_tensor",
    "floating",
    "floatx",
    "gradients",
    "no_grad",
    "recording",
    "set_floatx",
    "topological_order",
]


def __dir__() -> list[str]:
    return sorted(__all__)
