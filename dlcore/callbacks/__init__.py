"""Callbacks: what happens beside the training."""

from dlcore.callbacks.backup_and_restore import BackupAndRestore
from dlcore.callbacks.callback import Callback, CallbackList, History
from dlcore.callbacks.csv_logger import CSVLogger
from dlcore.callbacks.early_stopping import EarlyStopping
from dlcore.callbacks.lambda_callback import LambdaCallback
from dlcore.callbacks.learning_rate_scheduler import LearningRateScheduler
from dlcore.callbacks.model_checkpoint import ModelCheckpoint
from dlcore.callbacks.progbar import ProgbarLogger
from dlcore.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from dlcore.callbacks.tensorboard import TensorBoard
from dlcore.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "TensorBoard",
    "TerminateOnNaN",
]


def __dir__() -> list[str]:
    return sorted(__all__)
