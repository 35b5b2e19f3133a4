"""Training: compile, fit, evaluate and predict."""

from dlcore.trainer.trainer import Trainer

__all__ = ["Trainer"]
