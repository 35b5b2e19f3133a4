"""Layers: the building blocks of models."""

from dlcore.layers.activation import Activation
from dlcore.layers.dense import Dense
from dlcore.layers.dropout import Dropout
from dlcore.layers.flatten import Flatten
from dlcore.layers.input import Input, InputLayer
from dlcore.layers.layer import Layer
from dlcore.layers.operation import Operation

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "InputLayer", "Layer", "Operation"]
