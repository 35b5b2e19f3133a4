"""The names of Keras under which files mention what dlcore has.

A file says that a layer is the "Dense" of "keras.layers"; here that is dlcore's. Only names that
a room lists in its `__all__` are found, so that a file reaches nothing else.
"""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any

# Rooms by Keras's name for them.
_ROOMS = {
    "keras.activations": "activations",
    "keras.initializers": "initializers",
    "keras.layers": "layers",
    "keras.losses": "losses",
    "keras.metrics": "metrics",
    "keras.optimizers": "optimizers",
    "keras.optimizers.schedules": "optimizers.schedules",
    "keras.regularizers": "regularizers",
}
# These stand a floor above, and are loaded on use only.
_MODELS = {
    # The first of each is the one that is written.
    ("keras", "Sequential"): "Sequential",
    ("keras.models", "Sequential"): "Sequential",
    ("keras.src.models.functional", "Functional"): "Model",
    ("keras.models", "Functional"): "Model",
    ("keras", "Model"): "Model",
    ("keras.models", "Model"): "Model",
}
# Keras on PyTorch writes the optimizers under the names of files of its own.
_OPTIMIZERS_ON_TORCH = "keras.src.backend.torch.optimizers."
_WITH_FUNCTIONS = ("keras.activations", "keras.losses", "keras.metrics")
_NOT_VALUES = {"get", "serialize", "deserialize"}


def builtin_class(module: str, name: str) -> type | None:
    """The class of dlcore that stands for one of Keras, or None."""
    if module.startswith(_OPTIMIZERS_ON_TORCH):
        module = "keras.optimizers"
    if (module, name) in _MODELS:
        found = getattr(importlib.import_module("dlcore.models"), _MODELS[module, name], None)
    else:
        found = _names(module).get(name)
    return found if isinstance(found, type) and hasattr(found, "from_config") else None


def builtin_function(name: str) -> Any:
    """The activation, loss or metric function of a name, or None."""
    for module in _WITH_FUNCTIONS:
        found = _names(module).get(name)
        if inspect.isfunction(found) and name not in _NOT_VALUES:
            return found
    return None


def place_of(kind: type) -> tuple[str, str] | None:
    """Keras's module and name for a class of dlcore; None for one that is the user's own."""
    if kind.__module__.split(".")[0] != "dlcore":
        return None
    for (module, name), own in _MODELS.items():
        if own == kind.__name__ and builtin_class(module, name) is kind:
            return module, name
    for module in reversed(_ROOMS):
        if _names(module).get(kind.__name__) is kind:
            return module, kind.__name__
    return None


def _names(module: str) -> dict[str, Any]:
    room = _ROOMS.get(module)
    if room is None:
        return {}
    try:
        loaded = importlib.import_module(f"dlcore.{room}")
    except ModuleNotFoundError:
        return {}
    return {name: vars(loaded)[name] for name in _listed(loaded) if name in vars(loaded)}


def _listed(room: ModuleType) -> list[str]:
    """The `__all__` of a room; of a room in one file what it defines itself."""
    own = [
        name
        for name, value in vars(room).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == room.__name__
    ]
    return getattr(room, "__all__", own)
