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
    from dlcore.utils.directory_datasets import (
        image_dataset_from_directory as image_dataset_from_directory,
    )
    from dlcore.utils.directory_datasets import (
        text_dataset_from_directory as text_dataset_from_directory,
    )
    from dlcore.utils.images import array_to_img as array_to_img
    from dlcore.utils.images import img_to_array as img_to_array
    from dlcore.utils.images import load_img as load_img
    from dlcore.utils.images import save_img as save_img
    from dlcore.utils.model_diagram import model_to_dot as model_to_dot
    from dlcore.utils.model_diagram import plot_model as plot_model
    from dlcore.utils.timeseries import (
        timeseries_dataset_from_array as timeseries_dataset_from_array,
    )
    from dlcore.utils.web_file import get_file as get_file

__all__ = [
    "CustomObjectScope",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "clear_session",
    "confusion_matrix",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

# What is seldom asked for, and the file that is loaded then.
_SELDOM = {
    "array_to_img": "images",
    "get_file": "web_file",
    "image_dataset_from_directory": "directory_datasets",
    "img_to_array": "images",
    "load_img": "images",
    "model_to_dot": "model_diagram",
    "plot_model": "model_diagram",
    "save_img": "images",
    "text_dataset_from_directory": "directory_datasets",
    "timeseries_dataset_from_array": "timeseries",
}


def __getattr__(name: str) -> Any:
    if name not in _SELDOM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_SELDOM[name]}"), name)
    return globals().setdefault(name, found)


def __dir__() -> list[str]:
    return sorted(__all__)
