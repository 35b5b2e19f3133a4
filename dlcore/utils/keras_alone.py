"""What Keras has and dlcore has not, each with what comes nearest, for whoever asks for it."""

from __future__ import annotations

_3D = "dlcore has those for sequences (1D) and images (2D); {}"
_FILM = _3D.format("of a film, TimeDistributed takes a layer for images to each picture")
_BLOCK = _3D.format("bring two axes together by Reshape")
_STEPWISE = "take TimeDistributed(Conv2D(…)) and Flatten for each step, then LSTM"
_ADAPTIVE = "take {0}Pooling with the pool_size that gives the size, or Global{0}Pooling for one"
_ROW = "take {}, with Reshape((1, steps, channels)) before it and a kernel_size of (1, k)"
_WHOLE_MAPS = "take Dropout(rate, noise_shape=({}))"
_LIGHT = "take RandomBrightness and RandomContrast"
_PLACE = "take RandomRotation, RandomTranslation and RandomZoom"
_MIXED = "take a Sequential of RandomFlip, RandomZoom, RandomContrast and their kin"
_TWO_ROWS = "mix the rows of x and y with NumPy, in a generator that fit is given"
_ANOTHER = "write a Layer whose call does what the other library's model does"
_NUMBERED = "number the values before fit: values, x = np.unique(x, return_inverse=True)"
_SOUND = "calculate it before fit, with scipy.signal"
_OWN_LAYER = "write a Layer whose call says it with operations of dlcore.ops"

_LAYERS = {
    "AdaptiveAveragePooling1D": _ADAPTIVE.format("Average"),
    "AdaptiveAveragePooling2D": _ADAPTIVE.format("Average"),
    "AdaptiveAveragePooling3D": _FILM,
    "AdaptiveMaxPooling1D": _ADAPTIVE.format("Max"),
    "AdaptiveMaxPooling2D": _ADAPTIVE.format("Max"),
    "AdaptiveMaxPooling3D": _FILM,
    "AlphaDropout": "take Dropout",
    "AugMix": _MIXED,
    "AutoContrast": _LIGHT,
    "AveragePooling3D": _FILM,
    "AvgPool3D": _FILM,
    "ContrastLimitedAdaptiveHistogramEqualization": _LIGHT,
    "Conv3D": _FILM,
    "Conv3DTranspose": _FILM,
    "ConvLSTM1D": "take TimeDistributed(Conv1D(…)) and Flatten for each step, then LSTM",
    "ConvLSTM2D": _STEPWISE,
    "ConvLSTM3D": _FILM,
    "Convolution3D": _FILM,
    "Convolution3DTranspose": _FILM,
    "Cropping3D": _BLOCK,
    "CutMix": _TWO_ROWS,
    "DepthwiseConv1D": _ROW.format("DepthwiseConv2D"),
    "Discretization": "take np.digitize(x, bin_boundaries) before fit",
    "EinsumDense": "take Dense, which weighs the last axis, with Permute or Reshape around it",
    "Equalization": _LIGHT,
    "FlaxLayer": _ANOTHER,
    "GaussianDropout": "take Dropout, or GaussianNoise",
    "GlobalAveragePooling3D": _FILM,
    "GlobalAvgPool3D": _FILM,
    "GlobalMaxPool3D": _FILM,
    "GlobalMaxPooling3D": _FILM,
    "GroupQueryAttention": "take MultiHeadAttention, in which each query has keys of its own",
    "HashedCrossing": _NUMBERED,
    "Hashing": _NUMBERED,
    "Identity": "take Activation('linear')",
    "InputSpec": "look at input_shape in build, and raise a ValueError where it does not fit",
    "JaxLayer": _ANOTHER,
    "MaxNumBoundingBoxes": "pad the boxes with np.pad before fit",
    "MaxPool3D": _FILM,
    "MaxPooling3D": _FILM,
    "MelSpectrogram": _SOUND,
    "MixUp": _TWO_ROWS,
    "Pipeline": "take a Sequential of the layers",
    "RMSNormalization": "take LayerNormalization(center=False)",
    "RandAugment": _MIXED,
    "RandomColorDegeneration": _LIGHT,
    "RandomColorJitter": _LIGHT,
    "RandomElasticTransform": _PLACE,
    "RandomErasing": "set parts of the images to 0 with NumPy, in a generator that fit is given",
    "RandomGaussianBlur": "take GaussianNoise",
    "RandomGrayscale": _LIGHT,
    "RandomHue": _LIGHT,
    "RandomInvert": _LIGHT,
    "RandomPerspective": _PLACE,
    "RandomPosterization": _LIGHT,
    "RandomSaturation": _LIGHT,
    "RandomSharpness": _LIGHT,
    "RandomShear": _PLACE,
    "ReversibleEmbedding": "take Embedding, and Dense on the way back",
    "STFTSpectrogram": _SOUND,
    "SeparableConv1D": _ROW.format("SeparableConv2D"),
    "SeparableConvolution1D": _ROW.format("SeparableConv2D"),
    "Solarization": _LIGHT,
    "SpatialDropout1D": _WHOLE_MAPS.format("None, 1, None"),
    "SpatialDropout2D": _WHOLE_MAPS.format("None, 1, 1, None"),
    "SpatialDropout3D": _WHOLE_MAPS.format("None, 1, 1, 1, None"),
    "SpectralNormalization": "take kernel_constraint=MaxNorm(…) of the layer",
    "StackedRNNCells": "take several recurrent layers, all but the last with return_sequences=True",
    "TFSMLayer": _ANOTHER,
    "TorchModuleWrapper": _ANOTHER,
    "UnitNormalization": _OWN_LAYER,
    "UpSampling3D": _BLOCK,
    "Wrapper": "write a Layer that keeps the other layer as an attribute",
    "ZeroPadding3D": _BLOCK,
}
_TYPES = "say dtype='float64' of a layer, or dlcore.backend.set_floatx('float64') for all"
_ON_HOST = "the backend says where a program computes: dlcore.set_backend('cuda')"
_TOP = {
    "DTypePolicy": _TYPES,
    "FloatDTypePolicy": _TYPES,
    "Quantizer": "weights are float32 or float64",
    "RematScope": "take a smaller batch_size where memory is short",
    "applications": "build the network of layers, or open the .keras file of one of Keras's by "
    "dlcore.models.load_model",
    "config": "take dlcore.backend.set_floatx, dlcore.set_backend and dlcore.utils.set_random_seed",
    "device": _ON_HOST,
    "distillation": "write a Model with a train_step that asks the teacher",
    "distribution": "a model trains on one machine, on all of its cores or on one GPU",
    "dtype_policies": _TYPES,
    "export": "save a .keras file, which Keras opens and exports",
    "mixed_precision": "numbers are float32 or float64: " + _TYPES,
    "name_scope": "give layers and weights a name",
    "preprocessing": "take layers.Resizing and its kin, and utils.pad_sequences",
    "quantizers": "weights are float32 or float64",
    "remat": "take a smaller batch_size where memory is short",
    "wrappers": "call fit and predict of the model, or write a class that does",
}
_BY_ROOM = {"dlcore": _TOP, "dlcore.layers": _LAYERS}


def no_attribute(room: str, name: str) -> AttributeError:
    """The error for a name that a room has not, which tells of what Keras alone has.

    Args:
        room: the name of the module, "dlcore.layers".
        name: what was asked of it.
    """
    mend = _BY_ROOM[room].get(name)
    told = f". Keras has it, dlcore does not; {mend}." if mend else ""
    return AttributeError(f"module {room!r} has no attribute {name!r}{told}")
