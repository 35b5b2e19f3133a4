"""dlcore: a deep-learning library that one can read in an afternoon, and a course that builds it.

The names and their behaviour are those of Keras 3. Nothing heavy is imported here: a submodule,
and with it Numba or matplotlib, loads when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

_SUBMODULES = (
    "activations",
    "backend",
    "backends",
    "callbacks",
    "constraints",
    "course",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "plots",
    "random",
    "regularizers",
    "saving",
    "stand_in",
    "tensor",
    "utils",
    "widgets",
)

_NAMES = {
    "GradientTape": "engine.tape",
    "Initializer": "initializers",
    "Input": "layers",
    "KerasTensor": "tensor",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Model": "models",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "models",
    "Tensor": "tensor",
    "Variable": "initializers",
    "get_backend": "backends",
    "set_backend": "backends",
}

__all__ = [*_SUBMODULES, *_NAMES, "__version__"]

if TYPE_CHECKING:
    from dlcore.backends import get_backend as get_backend
    from dlcore.backends import set_backend as set_backend
    from dlcore.engine.tape import GradientTape as GradientTape
    from dlcore.initializers import Initializer as Initializer
    from dlcore.layers import Input as Input
    from dlcore.layers import Layer as Layer
    from dlcore.losses import Loss as Loss
    from dlcore.metrics import Metric as Metric
    from dlcore.models import Model as Model
    from dlcore.models import Sequential as Sequential
    from dlcore.optimizers import Optimizer as Optimizer
    from dlcore.regularizers import Regularizer as Regularizer
    from dlcore.tensor import KerasTensor as KerasTensor
    from dlcore.tensor import Tensor as Tensor
    from dlcore.tensor import Variable as Variable


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"dlcore.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"dlcore.{_NAMES[name]}"), name)
    if name[0] != "_":
        raise importlib.import_module("dlcore.utils.keras_alone").no_attribute("dlcore", name)
    raise AttributeError(f"module 'dlcore' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
