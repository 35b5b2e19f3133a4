"""Models: layers that are trained together."""

from dlcore.files.archive import save_model
from dlcore.models.loading import clone_model, load_model, model_from_json
from dlcore.models.model import Model
from dlcore.models.sequential import Sequential
from dlcore.utils.object_registration import publish

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]

# The first place of each is the one that is written.
publish("keras.src.models.functional", {"Functional": Model})
publish("keras", {"Sequential": Sequential, "Model": Model})
publish("keras.models", {"Sequential": Sequential, "Functional": Model, "Model": Model})


def __dir__() -> list[str]:
    return sorted(__all__)
