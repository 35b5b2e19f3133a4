"""Models: layers that are trained together."""

from dlcore.models.model import Model
from dlcore.models.sequential import Sequential

__all__ = ["Model", "Sequential"]
