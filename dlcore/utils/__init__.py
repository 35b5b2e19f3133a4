"""Seeds, one-hot labels, files, and the small helpers that every room shares."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from dlcore.utils.confusion import confusion_matrix
from dlcore.utils.labels import to_categorical
from dlcore.utils.lookup import clear_session
from dlcore.utils.norms import normalize
from dlcore.utils.object_registration import (
    CustomObjectScope,
    custom_object_scope,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from dlcore.utils.py_dataset import PyDataset, Sequence
from dlcore.utils.random_seed import set_random_seed
from dlcore.utils.sequences import pad_sequences
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object
from dlcore.utils.targets import pack_x_y_sample_weight, unpack_x_y_sample_weight

if TYPE_CHECKING:
    from dlcore.utils.web_file import get_file as get_file

__all__ = [
    "CustomObjectScope",
    "PyDataset",
    "Sequence",
    "clear_session",
    "confusion_matrix",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

# What is seldom asked for, and the file that is loaded then.
_SELDOM = {
    "get_file": "web_file",
}


def __getattr__(name: str) -> Any:
    if name not in _SELDOM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_SELDOM[name]}"), name)
    return globals().setdefault(name, found)


def __dir__() -> list[str]:
    return sorted(__all__)
