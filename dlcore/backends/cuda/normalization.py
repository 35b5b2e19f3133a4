"""Normalisation over the batch and over each row."""

from dlcore.backends.cuda.elements import each
from dlcore.backends.cuda.launch import device


@device
def _moving(average, value, momentum, real):
    return momentum * average + (real(1) - momentum) * value


def moving_average(average, value, momentum):
    each(_moving, average, average, value, attribute=momentum)
