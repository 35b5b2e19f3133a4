"""Callbacks: what happens beside the training."""

from dlcore.callbacks.callback import Callback, CallbackList
from dlcore.callbacks.history import History
from dlcore.callbacks.progbar import ProgbarLogger

__all__ = ["Callback", "CallbackList", "History", "ProgbarLogger"]
