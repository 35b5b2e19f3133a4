"""Exercises that are layers, in the form of a lesson's file."""

import numpy as np

from dlcore import ops
from dlcore.course import Exercise, WrongAnswer
from dlcore.layers import Dense, Layer

HINTS = ("What has weights?", "build makes them.", "call uses them.")
LIBRARY = ("layers.Layer", "ops")


class Scale(Layer):
    """y = x factor, a factor for each column."""

    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), initializer="ones", name="factor")

    def call(self, x):
        return x * self.factor


class OneFactor(Scale):
    def build(self, input_shape):
        self.factor = self.add_weight((), initializer="ones", name="factor")


class Frozen(Scale):
    def build(self, input_shape):
        shape = (input_shape[-1],)
        self.factor = self.add_weight(shape, initializer="ones", trainable=False)


class Added(Scale):
    def call(self, x):
        return x + self.factor


def scaled(kind, x, factor):
    layer = kind()
    layer.build(x.shape)
    shapes = [tuple(weight.shape) for weight in layer.trainable_weights]
    if shapes == [factor.shape]:
        layer.set_weights([factor])
    return layer(x), shapes, layer.count_params()


class PlainDense(Layer):
    """A dense layer without an activation."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")
        self.bias = self.add_weight((self.units,), initializer="zeros", name="bias")

    def call(self, x):
        return ops.matmul(x, self.kernel) + self.bias


class NoBias(PlainDense):
    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")

    def call(self, x):
        return ops.matmul(x, self.kernel)


class Exchanged(PlainDense):
    def build(self, input_shape):
        self.kernel = self.add_weight((self.units, input_shape[-1]), name="kernel")
        self.bias = self.add_weight((self.units,), initializer="zeros", name="bias")

    def call(self, x):
        return ops.matmul(x, ops.transpose(self.kernel)) + self.bias


def as_drawn(kind, units, x):
    from dlcore import GradientTape

    layer = kind(units)
    with GradientTape() as tape:
        y = layer(x)
        loss = ops_sum(y * y)
    slopes = tape.gradient(loss, layer.trainable_weights)
    shapes = [tuple(weight.shape) for weight in layer.trainable_weights]
    config = {name: value for name, value in layer.get_config().items() if name == "units"}
    return y, shapes, slopes, config


def ops_sum(y):
    from dlcore import ops

    return ops.sum(y)


EXERCISES = [
    Exercise(
        id="05.Scale",
        title="A layer of one's own",
        level="core",
        minutes=8,
        answer=Scale,
        use=scaled,
        library=LIBRARY,
        draw=lambda rng, size: (rng.normal(size=(size + 2, size + 1)), rng.normal(size=size + 1)),
        hints=HINTS,
        wrong=(
            WrongAnswer(OneFactor, "There is one factor for all columns; each has its own."),
            WrongAnswer(Frozen, "The factor cannot be trained."),
            WrongAnswer(Added, "The factor is added."),
        ),
        result_names=("y", "shapes", "count_params"),
    ),
    Exercise(
        id="05.Dense",
        title="A dense layer",
        level="core",
        minutes=10,
        answer=Dense,
        use=as_drawn,
        library=LIBRARY,
        draw=lambda rng, size: (
            int(rng.integers(2, 4)),
            np.round(rng.normal(size=(size + 3, size + 1)), 1),
        ),
        hints=HINTS,
        wrong=(
            WrongAnswer(NoBias, "The bias is missing."),
            WrongAnswer(Exchanged, "The kernel has shape (units, inputs)."),
        ),
        result_names=("y", "shapes", "slopes", "config"),
    ),
]
