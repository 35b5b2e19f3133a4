"""Files of models and of weights, as Keras 3 writes and reads them.

`archive` has whole models (`.keras`), `weights` the weights alone (`.weights.h5`), `state` and
`layout` what both hold. Nothing that is read is executed, and nothing is half read: a file that
does not fit changes nothing. Nothing is half written either, see `disk`.
"""

# The words that descriptions are written in: a name is known once its room is loaded.
from dlcore import layers, losses, metrics, optimizers  # noqa: F401
from dlcore.saving.archive import load_model, save_model
from dlcore.saving.disk import replace
from dlcore.saving.layout import places
from dlcore.saving.weights import load_weights, save_weights
from dlcore.utils.registry import (
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
