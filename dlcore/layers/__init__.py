"""Layers: the building blocks of models."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from dlcore.layers.activation import Activation
from dlcore.layers.activity_regularization import ActivityRegularization
from dlcore.layers.average_pooling import AveragePooling1D, AveragePooling2D, AvgPool1D, AvgPool2D
from dlcore.layers.batch_normalization import BatchNormalization
from dlcore.layers.bidirectional import Bidirectional
from dlcore.layers.concatenate import Concatenate, concatenate
from dlcore.layers.conv1d import Conv1D, Convolution1D
from dlcore.layers.conv2d import Conv2D, Convolution2D
from dlcore.layers.dense import Dense
from dlcore.layers.dropout import Dropout
from dlcore.layers.embedding import Embedding
from dlcore.layers.flatten import Flatten
from dlcore.layers.gaussian_noise import GaussianNoise
from dlcore.layers.global_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
)
from dlcore.layers.gru import GRU, GRUCell
from dlcore.layers.input import Input, InputLayer
from dlcore.layers.layer import Layer, Operation
from dlcore.layers.layer_normalization import LayerNormalization
from dlcore.layers.lstm import LSTM, LSTMCell
from dlcore.layers.masking import Masking
from dlcore.layers.max_pooling import MaxPool1D, MaxPool2D, MaxPooling1D, MaxPooling2D
from dlcore.layers.merging import (
    Add,
    Average,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    maximum,
    minimum,
    multiply,
    subtract,
)
from dlcore.layers.normalization import Normalization
from dlcore.layers.random_flip import RandomFlip
from dlcore.layers.random_rotation import RandomRotation
from dlcore.layers.random_translation import RandomTranslation
from dlcore.layers.relu import ELU, LeakyReLU, ReLU
from dlcore.layers.rescaling import Rescaling
from dlcore.layers.reshape import Permute, RepeatVector, Reshape
from dlcore.layers.rnn import RNN
from dlcore.layers.simple_rnn import SimpleRNN, SimpleRNNCell
from dlcore.layers.softmax import Softmax
from dlcore.utils.keras_alone import no_attribute
from dlcore.utils.object_registration import publish, publish_later
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object

__all__ = [
    "Activation",
    "ActivityRegularization",
    "Add",
    "AdditiveAttention",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "ELU",
    "Embedding",
    "Flatten",
    "GRU",
    "GRUCell",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "IntegerLookup",
    "LSTM",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "Operation",
    "PReLU",
    "Permute",
    "RNN",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv2D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "StringLookup",
    "Subtract",
    "TextVectorization",
    "TimeDistributed",
    "UpSampling1D",
    "UpSampling2D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]

# What is seldom asked for, and the file that is loaded then.
_SELDOM = {
    "AdditiveAttention": "attention",
    "Attention": "attention",
    "CategoryEncoding": "category_encoding",
    "CenterCrop": "resizing",
    "Conv1DTranspose": "conv_transpose",
    "Conv2DTranspose": "conv_transpose",
    "Convolution1DTranspose": "conv_transpose",
    "Convolution2DTranspose": "conv_transpose",
    "Cropping1D": "borders",
    "Cropping2D": "borders",
    "DepthwiseConv2D": "depthwise",
    "Dot": "dot_product",
    "GroupNormalization": "group_normalization",
    "IntegerLookup": "index_lookup",
    "Lambda": "lambda_layer",
    "MultiHeadAttention": "multi_head_attention",
    "PReLU": "prelu",
    "RandomBrightness": "random_brightness",
    "RandomContrast": "random_brightness",
    "RandomCrop": "random_crop",
    "RandomZoom": "random_zoom",
    "Resizing": "resizing",
    "SeparableConv2D": "depthwise",
    "SeparableConvolution2D": "depthwise",
    "StringLookup": "index_lookup",
    "TextVectorization": "text_vectorization",
    "TimeDistributed": "time_distributed",
    "UpSampling1D": "borders",
    "UpSampling2D": "borders",
    "ZeroPadding1D": "borders",
    "ZeroPadding2D": "borders",
    "dot": "dot_product",
}


def serialize(layer: Layer) -> dict[str, Any]:
    """A layer as plain data, in the form of Keras; without its weights.

    Raises:
        TypeError: if a part cannot be described, such as a lambda.
    """
    return serialize_keras_object(layer)


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Layer:
    """A new layer from what `serialize` of dlcore or Keras has returned.

    Args:
        config: "class_name" and "config"; a layer that was built is built again.
        custom_objects: classes and functions of your own by name.

    Raises:
        ValueError: if it describes no layer, or mentions something unknown.
    """
    layer = deserialize_keras_object({"module": "keras.layers", **config}, custom_objects)
    if not isinstance(layer, Layer):
        raise ValueError(f"This describes no layer but a {type(layer).__name__}.")
    return layer


def __getattr__(name: str) -> Any:
    if name not in _SELDOM:
        raise no_attribute(__name__, name)
    found = getattr(importlib.import_module(f"{__name__}.{_SELDOM[name]}"), name)
    return globals().setdefault(name, found)


publish("keras.layers", globals(), set(__all__) - _SELDOM.keys())
publish_later("keras.layers", _SELDOM, __getattr__)


def __dir__() -> list[str]:
    return sorted(__all__)
