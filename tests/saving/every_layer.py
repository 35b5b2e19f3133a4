"""Arguments and inputs for every layer that goes into files.

A case is the name of a class, its arguments, and the shape of one row of its input (a list of
shapes for several inputs). An argument that is itself a layer is given as such a pair of a name
and arguments, so that the same table makes layers of dlcore and of Keras.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import layers

SEQUENCE, IMAGE, ROW = (5, 3), (6, 7, 2), (4,)


class Inner:
    """A layer as an argument of another."""

    def __init__(self, name: str, **arguments: Any) -> None:
        self.name, self.arguments = name, arguments


_RECURRENT = [
    ({"units": 3}, SEQUENCE),
    ({"units": 3, "return_sequences": True, "go_backwards": True, "use_bias": False}, SEQUENCE),
    ({"units": 2, "activation": "relu", "dropout": 0.2, "recurrent_dropout": 0.1}, SEQUENCE),
    ({"units": 2, "kernel_regularizer": "l2", "recurrent_constraint": "unit_norm"}, SEQUENCE),
    ({"units": 2, "recurrent_initializer": "he_normal", "bias_constraint": "non_neg"}, SEQUENCE),
]
_POOLING_1D = [
    ({"pool_size": 2}, SEQUENCE),
    ({"pool_size": 3, "strides": 2, "padding": "same"}, SEQUENCE),
]
_POOLING_2D = [
    ({"pool_size": 2}, IMAGE),
    ({"pool_size": (3, 2), "strides": 1, "padding": "same"}, IMAGE),
]
_GLOBAL_1D = [({}, SEQUENCE), ({"keepdims": True}, SEQUENCE)]
_GLOBAL_2D = [({}, IMAGE), ({"keepdims": True}, IMAGE)]
_MERGING = [({}, [ROW, ROW]), ({}, [ROW, ROW, ROW])]

TABLE: dict[str, list[tuple[dict[str, Any], Any]]] = {
    "Activation": [({"activation": "tanh"}, ROW), ({"activation": "softmax"}, SEQUENCE)],
    "ActivityRegularization": [({"l1": 0.1}, ROW), ({"l1": 0.1, "l2": 0.2}, SEQUENCE)],
    "Add": _MERGING,
    "AdditiveAttention": [
        ({}, [SEQUENCE, (4, 3)]),
        ({"use_scale": False}, [SEQUENCE, (4, 2), (4, 3)]),
    ],
    "Attention": [
        ({}, [SEQUENCE, (4, 3)]),
        ({"use_scale": True}, [SEQUENCE, (4, 2), (4, 3)]),
        ({"score_mode": "concat", "use_scale": True, "dropout": 0.2}, [SEQUENCE, SEQUENCE]),
    ],
    "Average": _MERGING,
    "AveragePooling1D": _POOLING_1D,
    "AveragePooling2D": _POOLING_2D,
    "BatchNormalization": [
        ({}, ROW),
        ({"momentum": 0.9, "epsilon": 0.01, "center": False}, IMAGE),
        ({"scale": False, "beta_constraint": "non_neg"}, SEQUENCE),
    ],
    "Bidirectional": [
        ({"layer": Inner("LSTM", units=2)}, SEQUENCE),
        ({"layer": Inner("GRU", units=2, return_sequences=True), "merge_mode": "sum"}, SEQUENCE),
        ({"layer": Inner("SimpleRNN", units=3), "merge_mode": "ave"}, SEQUENCE),
    ],
    "CategoryEncoding": [
        ({"num_tokens": 7}, (5,)),
        ({"num_tokens": 7, "output_mode": "one_hot"}, (5,)),
        ({"num_tokens": 7, "output_mode": "count"}, (5,)),
    ],
    "CenterCrop": [({"height": 3, "width": 4}, IMAGE), ({"height": 8, "width": 5}, IMAGE)],
    "Concatenate": [({}, [ROW, ROW]), ({"axis": 1}, [SEQUENCE, (2, 3)])],
    "Conv1D": [
        ({"filters": 2, "kernel_size": 3}, SEQUENCE),
        ({"filters": 2, "kernel_size": 2, "padding": "causal", "dilation_rate": 2}, SEQUENCE),
        ({"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}, SEQUENCE),
    ],
    "Conv2D": [
        ({"filters": 2, "kernel_size": 3}, IMAGE),
        ({"filters": 2, "kernel_size": (2, 3), "strides": (2, 1), "padding": "same"}, IMAGE),
        ({"filters": 1, "kernel_size": 2, "dilation_rate": 2, "activation": "elu"}, IMAGE),
    ],
    "Conv1DTranspose": [
        ({"filters": 2, "kernel_size": 3}, SEQUENCE),
        ({"filters": 2, "kernel_size": 2, "strides": 3, "padding": "same"}, SEQUENCE),
    ],
    "Conv2DTranspose": [
        ({"filters": 2, "kernel_size": 3, "activation": "tanh"}, IMAGE),
        ({"filters": 2, "kernel_size": (2, 3), "strides": (2, 1), "padding": "same"}, IMAGE),
        ({"filters": 1, "kernel_size": 2, "strides": 3, "output_padding": (2, 1)}, IMAGE),
        ({"filters": 1, "kernel_size": 2, "dilation_rate": 2, "use_bias": False}, IMAGE),
    ],
    "Cropping1D": [({"cropping": (1, 2)}, SEQUENCE), ({"cropping": 1}, SEQUENCE)],
    "Cropping2D": [({"cropping": ((1, 0), (2, 1))}, IMAGE), ({"cropping": (1, 2)}, IMAGE)],
    "Dense": [
        ({"units": 3}, ROW),
        ({"units": 3, "activation": "relu", "use_bias": False}, SEQUENCE),
        ({"units": 2, "kernel_initializer": "he_normal", "bias_initializer": "ones"}, ROW),
        ({"units": 2, "kernel_regularizer": "l1", "bias_regularizer": "l2"}, ROW),
        ({"units": 2, "activity_regularizer": "l2"}, ROW),
        ({"units": 2, "kernel_constraint": "max_norm", "bias_constraint": "non_neg"}, ROW),
    ],
    "DepthwiseConv2D": [
        ({"kernel_size": 3}, IMAGE),
        ({"kernel_size": 2, "strides": 2, "padding": "same", "depth_multiplier": 3}, IMAGE),
        ({"kernel_size": 2, "depthwise_constraint": "non_neg"}, IMAGE),
        ({"kernel_size": (1, 2), "dilation_rate": 2, "activation": "elu"}, IMAGE),
    ],
    "Dot": [
        ({"axes": 1}, [ROW, ROW]),
        ({"axes": (2, 1)}, [SEQUENCE, (3, 4)]),
        ({"axes": -1, "normalize": True}, [SEQUENCE, (2, 3)]),
    ],
    "Dropout": [({"rate": 0.3}, ROW), ({"rate": 0.5, "noise_shape": (None, 1, 3)}, SEQUENCE)],
    "ELU": [({}, ROW), ({"alpha": 0.5}, ROW)],
    "Embedding": [({"input_dim": 7, "output_dim": 3}, (5,))],
    "Flatten": [({}, IMAGE), ({}, ROW)],
    "GRU": [*_RECURRENT, ({"units": 2, "reset_after": False}, SEQUENCE)],
    "GaussianNoise": [({"stddev": 0.1}, ROW)],
    "GlobalAveragePooling1D": _GLOBAL_1D,
    "GlobalAveragePooling2D": _GLOBAL_2D,
    "GlobalMaxPooling1D": _GLOBAL_1D,
    "GlobalMaxPooling2D": _GLOBAL_2D,
    "GroupNormalization": [
        ({"groups": 2}, (3, 4)),
        ({"groups": -1, "center": False}, IMAGE),
        ({"groups": 3, "axis": 1, "epsilon": 0.1, "scale": False}, IMAGE),
    ],
    "LSTM": [*_RECURRENT, ({"units": 2, "unit_forget_bias": False}, SEQUENCE)],
    "LayerNormalization": [
        ({}, ROW),
        ({"epsilon": 0.1, "center": False}, SEQUENCE),
        ({"axis": (1, 2), "scale": False}, SEQUENCE),
    ],
    "LeakyReLU": [({}, ROW), ({"negative_slope": 0.1}, ROW)],
    "Masking": [({}, SEQUENCE), ({"mask_value": 1.0}, SEQUENCE)],
    "MaxPooling1D": _POOLING_1D,
    "MaxPooling2D": _POOLING_2D,
    "Maximum": _MERGING,
    "Minimum": _MERGING,
    "Multiply": _MERGING,
    "MultiHeadAttention": [
        ({"num_heads": 2, "key_dim": 3}, [SEQUENCE, (4, 2)]),
        ({"num_heads": 1, "key_dim": 2, "value_dim": 2, "use_bias": False}, [SEQUENCE, SEQUENCE]),
        (
            {
                "num_heads": 2,
                "key_dim": 2,
                "kernel_constraint": "unit_norm",
                "bias_constraint": "non_neg",
            },
            [SEQUENCE, SEQUENCE],
        ),
        (
            {"num_heads": 3, "key_dim": 2, "output_shape": 4, "dropout": 0.1, "use_gate": True},
            [SEQUENCE, (4, 2), (4, 5)],
        ),
    ],
    "Normalization": [
        ({}, ROW),
        ({"mean": [1.0, 2.0, 3.0, 4.0], "variance": [1.0, 4.0, 9.0, 1.0]}, ROW),
        ({"axis": None, "mean": 2.0, "variance": 4.0}, ROW),
    ],
    "PReLU": [
        ({}, ROW),
        ({"alpha_initializer": "ones", "alpha_regularizer": "l2", "shared_axes": [1, 2]}, IMAGE),
    ],
    "Permute": [({"dims": (2, 1)}, SEQUENCE)],
    "RNN": [
        ({"cell": Inner("LSTMCell", units=2)}, SEQUENCE),
        ({"cell": Inner("GRUCell", units=2), "return_sequences": True}, SEQUENCE),
        ({"cell": Inner("SimpleRNNCell", units=2), "go_backwards": True}, SEQUENCE),
    ],
    "RandomBrightness": [
        ({"factor": 0.2}, IMAGE),
        ({"factor": (0, 0.5), "value_range": (-1, 1)}, IMAGE),
    ],
    "RandomContrast": [
        ({"factor": (0.1, 0.3)}, IMAGE),
        ({"factor": 0.5, "value_range": (0, 1)}, IMAGE),
    ],
    # Keras leaves images as large as they are in predict.
    "RandomCrop": [({"height": 6, "width": 7}, IMAGE)],
    "RandomFlip": [({}, IMAGE), ({"mode": "horizontal"}, IMAGE)],
    "RandomRotation": [({"factor": 0.1}, IMAGE), ({"factor": (-0.1, 0.2)}, IMAGE)],
    "RandomTranslation": [({"height_factor": 0.1, "width_factor": (-0.2, 0.1)}, IMAGE)],
    "RandomZoom": [
        ({"height_factor": 0.2}, IMAGE),
        ({"height_factor": 0.1, "width_factor": (0.2, 0.3), "fill_mode": "constant"}, IMAGE),
    ],
    "ReLU": [({}, ROW), ({"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.1}, ROW)],
    "RepeatVector": [({"n": 3}, ROW)],
    "Rescaling": [({"scale": 0.5}, ROW), ({"scale": [1.0, 2.0, 3.0, 4.0], "offset": -1.0}, ROW)],
    "Reshape": [({"target_shape": (3, 5)}, SEQUENCE), ({"target_shape": (-1,)}, IMAGE)],
    "Resizing": [
        ({"height": 4, "width": 9}, IMAGE),
        ({"height": 9, "width": 5, "interpolation": "nearest"}, IMAGE),
        ({"height": 4, "width": 4, "interpolation": "bicubic", "antialias": True}, IMAGE),
        ({"height": 5, "width": 9, "crop_to_aspect_ratio": True}, IMAGE),
        ({"height": 9, "width": 5, "pad_to_aspect_ratio": True, "fill_value": 0.5}, IMAGE),
    ],
    "SeparableConv2D": [
        ({"filters": 3, "kernel_size": 2}, IMAGE),
        ({"filters": 2, "kernel_size": 3, "strides": 2, "depth_multiplier": 2}, IMAGE),
        ({"filters": 2, "kernel_size": 2, "padding": "same", "use_bias": False}, IMAGE),
    ],
    "SimpleRNN": _RECURRENT,
    "Softmax": [({}, ROW), ({"axis": 1}, SEQUENCE)],
    "Subtract": [({}, [ROW, ROW])],
    "TimeDistributed": [
        ({"layer": Inner("Dense", units=2)}, SEQUENCE),
        ({"layer": Inner("Conv1D", filters=2, kernel_size=2)}, (2, 5, 3)),
    ],
    "UpSampling1D": [({}, SEQUENCE), ({"size": 3}, SEQUENCE)],
    "UpSampling2D": [
        ({"size": (2, 3)}, IMAGE),
        ({"size": (3, 2), "interpolation": "bilinear"}, IMAGE),
    ],
    "ZeroPadding1D": [({}, SEQUENCE), ({"padding": (2, 0)}, SEQUENCE)],
    "ZeroPadding2D": [({}, IMAGE), ({"padding": ((1, 0), (2, 3))}, IMAGE)],
}

# Layers that take whole numbers, here from 0 to 6.
WHOLE = {"CategoryEncoding", "Embedding"}

# What other cases hold, or what is no layer to be saved by itself; of text see test_text.py.
ELSEWHERE = {
    *("IntegerLookup", "StringLookup", "TextVectorization"),
    *("GRUCell", "Input", "InputLayer", "LSTMCell", "Lambda", "Layer", "Operation"),
    "SimpleRNNCell",
}

CASES = [
    (name, arguments, shape)
    for name, cases in TABLE.items()
    if hasattr(layers, name)
    for arguments, shape in cases
]


def identifier(case: Any) -> str:
    """A name of the case for pytest."""
    return f"{case[0]}-{TABLE[case[0]].index((case[1], case[2]))}"


def made(room: Any, kind: str, arguments: dict[str, Any], **more: Any) -> Any:
    """The layer of a case, from the layers of dlcore or of Keras."""
    given = {
        key: made(room, value.name, value.arguments) if isinstance(value, Inner) else value
        for key, value in arguments.items()
    }
    return getattr(room, kind)(**given, **more)


def applied(layer: Any, inputs: Any, **more: Any) -> Any:
    """What a layer gives for inputs; one takes several, not a list of them."""
    if type(layer).__name__ == "MultiHeadAttention":
        return layer(*inputs, **more)
    return layer(inputs, **more)


def model_of(library: Any, name: str, arguments: dict[str, Any], shape: Any) -> Any:
    """A functional model for several inputs, else a Sequential one, with a Dense at its end."""
    layer = made(library.layers, name, arguments, name="it")
    if isinstance(shape, list):
        inputs = [library.Input(part) for part in shape]
        y = library.layers.Flatten()(applied(layer, inputs))
        return library.Model(inputs, library.layers.Dense(2)(y))
    # The layer after a Masking has to use the mask.
    after = library.layers.LSTM(2) if name == "Masking" else library.layers.Flatten()
    rest = [after, library.layers.Dense(2)]
    return library.Sequential([library.Input(shape), layer, *rest])


def data_for(name: str, shape: Any, rows: int = 4) -> Any:
    """Inputs for a case."""
    rng = np.random.default_rng(sum(map(ord, name)))
    if name in WHOLE:
        return rng.integers(0, 7, (rows, *shape)).astype(np.float32)
    if isinstance(shape, list):
        return [rng.normal(size=(rows, *part)).astype(np.float32) for part in shape]
    return rng.normal(size=(rows, *shape)).astype(np.float32)


def shake(model: Any, seed: int = 0) -> None:
    """Give every weight a value that no initializer gives; none that a variance cannot have."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.1, 1, size=w.shape) for w in model.get_weights()])
    for layer in model.layers:
        # Keras's Normalization computes with copies of its weights.
        getattr(layer, "finalize_state", int)()
