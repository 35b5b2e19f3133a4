"""Files of models and of weights, as Keras 3 writes and reads them: the names of `keras.saving`."""

from dlcore.files.archive import save_model
from dlcore.files.disk import replace
from dlcore.files.layout import places
from dlcore.files.weights import load_weights, save_weights
from dlcore.models import load_model
from dlcore.utils.object_registration import (
    CustomObjectScope,
    custom_object_scope,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "places",
    "register_keras_serializable",
    "replace",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]


def __dir__() -> list[str]:
    return sorted(__all__)
