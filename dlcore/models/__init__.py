"""Models: layers that are trained together."""

from dlcore.models.files import clone_model, model_from_json
from dlcore.models.model import Model
from dlcore.models.sequential import Sequential
from dlcore.saving import load_model, save_model

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]
