"""Exercise of lesson 05: a layer with weights of its own."""

import numpy as np

from dlcore import activations, ops
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes
from dlcore.layers import Dense, Layer


class OwnDense(Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units = units
        self.activation = activations.get(activation)

    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = self.add_weight((self.units,), "zeros")

    def call(self, x):
        return self.activation(ops.dense(x, self.w, self.b))


def tried(kind, units, activation, x, w, b):
    """What is asked of a layer: its weights, how they start, its output for others, its slopes."""
    from dlcore import GradientTape, ops

    layer = kind(units, activation)
    layer.build((None, *x.shape[1:]))
    in_build = len(layer.weights)
    if not in_build:
        layer(x)
    shapes = [
        each.shape if each.trainable else (each.shape, "kept from training")
        for each in layer.weights
    ]
    if layer.weights and not in_build:
        shapes = ["made in call"]
    if shapes != [w.shape, b.shape]:
        return shapes, "not asked", "not asked", "not asked", "not asked"
    w_start, b_start = (each.numpy() for each in layer.weights)
    begins = "with numbers of its own for each unit"
    if not w_start.any():
        begins = "with 0 everywhere"
    elif w_start.size > 1 and np.ptp(w_start) == 0:
        begins = "with the same number everywhere"
    elif len({tuple(column) for column in w_start.T.tolist()}) < units:
        begins = "with units that are alike"
    layer.set_weights([w, b])
    with GradientTape() as tape:
        y = layer(x)
        total = 0.0 if y is None else ops.sum(y)
    slopes = [None, None] if y is None else tape.gradient(total, layer.weights)
    reached = [name for name, slope in zip("wb", slopes, strict=True) if slope is not None]
    return shapes, y, b_start, begins, reached


def draw(rng, size):
    rows, inputs, units = sizes(rng, size, 3)
    activation = (None, "relu", "tanh", "sigmoid")[int(rng.integers(4))]
    between = (2,) if size == 3 else ()
    x, w = numbers(rng, size, rows, *between, inputs), numbers(rng, size, inputs, units)
    return units, activation, x, w / 2, numbers(rng, size, units) / 2


class NoBias(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = 0.0


class OneBias(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = self.add_weight((1,), "zeros")


class BiasForEachInput(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = self.add_weight((input_shape[-1],), "zeros")


class BiasForEachRow(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = self.add_weight((input_shape[0], self.units), "zeros")


class Exchanged(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((self.units, input_shape[-1]))
        self.b = self.add_weight((self.units,), "zeros")


class BiasFirst(OwnDense):
    def build(self, input_shape):
        self.b = self.add_weight((self.units,), "zeros")
        self.w = self.add_weight((input_shape[-1], self.units))


class Frozen(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units), trainable=False)
        self.b = self.add_weight((self.units,), "zeros", trainable=False)


class ZeroStart(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units), "zeros")
        self.b = self.add_weight((self.units,), "zeros")


class RandomBias(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = self.add_weight((self.units,))


class BiasOfOnes(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = self.add_weight((self.units,), "ones")


class NoActivation(OwnDense):
    def call(self, x):
        return x @ self.w + self.b


class AlwaysRelu(OwnDense):
    def call(self, x):
        return activations.relu(x @ self.w + self.b)


class BendBefore(OwnDense):
    def call(self, x):
        return self.activation(x) @ self.w + self.b


class BiasBehind(OwnDense):
    def call(self, x):
        return self.activation(x @ self.w) + self.b


class BiasLeftOut(OwnDense):
    def call(self, x):
        return self.activation(x @ self.w)


class BiasSubtracted(OwnDense):
    def call(self, x):
        return self.activation(x @ self.w - self.b)


class NameKept(OwnDense):
    def __init__(self, units, activation=None):
        super().__init__(units)
        self.activation = activation


class RowsForColumns(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[0], self.units))
        self.b = self.add_weight((self.units,), "zeros")


class NumberByNumber(OwnDense):
    def call(self, x):
        return self.activation(x * self.w + self.b)


class ShapeOfANumber(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = self.add_weight(self.units, "zeros")


class NothingOwned(OwnDense):
    def build(self, input_shape):
        self.w = np.ones((input_shape[-1], self.units))
        self.b = np.zeros(self.units)


class OnlyBiasOwned(OwnDense):
    def build(self, input_shape):
        self.w = np.ones((input_shape[-1], self.units))
        self.b = self.add_weight((self.units,), "zeros")


class WeightsFrozen(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units), trainable=False)
        self.b = self.add_weight((self.units,), "zeros")


class BiasFrozen(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units))
        self.b = self.add_weight((self.units,), "zeros", trainable=False)


class StartOfOnes(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units), "ones")
        self.b = self.add_weight((self.units,), "zeros")


class Forgotten(OwnDense):
    def call(self, x):
        return self.activation(x @ self.w.numpy() + self.b.numpy())


class TwoAxesOnly(OwnDense):
    def build(self, input_shape):
        _, i = input_shape
        self.w = self.add_weight((i, self.units))
        self.b = self.add_weight((self.units,), "zeros")


class FourColumns(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight((4, self.units))
        self.b = self.add_weight((self.units,), "zeros")


class NothingReturned(OwnDense):
    def call(self, x):
        self.y = super().call(x)


class NoInnerBrackets(OwnDense):
    def build(self, input_shape):
        self.w = self.add_weight(input_shape[-1], self.units)
        self.b = self.add_weight((self.units,), "zeros")


def without(kept):
    """The layer without one thing that it keeps; errors name a class, so it has the right name."""

    class Without(OwnDense):
        def __getattribute__(self, name):
            if name == kept:
                raise AttributeError(f"'Dense' object has no attribute '{kept}'")
            return super().__getattribute__(name)

    return Without


class MadeInCall(OwnDense):
    def build(self, input_shape):
        pass

    def call(self, x):
        self.w = self.add_weight((x.shape[-1], self.units))
        self.b = self.add_weight((self.units,), "zeros")
        return self.activation(x @ self.w + self.b)


EXERCISES = [
    Exercise(
        id="05.Dense",
        title="A layer of your own",
        level="core",
        minutes=10,
        answer=Dense,
        spelled=OwnDense,
        use=tried,
        library=("layers.Layer", "activations", "ops", "ops.dense"),
        draw=draw,
        result_names=(
            "the list of the weights' shapes",
            "y",
            "b at the start",
            "how w starts",
            "the list of weights that have a slope",
        ),
        hints=(
            "Start from Standardize above. What does this layer have to know before it sees an "
            "input, what does it find out from the shape of the first one, and what does it do "
            "with every input?",
            "__init__ keeps units, and with activations.get the function that activation names. "
            "build makes w of shape (i, units) and b of shape (units,). call gives "
            "activation(x w + b).",
            "In build: self.w = self.add_weight((input_shape[-1], self.units)), and self.b "
            'likewise with the shape (self.units,) and "zeros". In call: return '
            "self.activation(ops.dense(x, self.w, self.b)).",
        ),
        wrong=(
            WrongAnswer(
                NoBias,
                "b is missing among the weights: each unit has one, and the layer owns only what "
                "add_weight has made.",
            ),
            WrongAnswer(
                OneBias, "One b serves the whole layer; each unit has its own, shape (units,)."
            ),
            WrongAnswer(
                BiasForEachInput,
                "There is a b for each column that comes in; a bias belongs to a unit, so its "
                "shape is (units,).",
            ),
            WrongAnswer(
                BiasForEachRow,
                "b has a row for each example; weights know nothing of the rows, so its shape is "
                "(units,).",
            ),
            WrongAnswer(
                Exchanged,
                "w has shape (units, i), as PyTorch keeps it; here, as in Keras, it is (i, units).",
            ),
            WrongAnswer(
                BiasFirst,
                "b is made before w; the order of add_weight is the order in get_weights, and w "
                "comes first.",
            ),
            WrongAnswer(
                Frozen,
                "The weights are made with trainable=False, so that no training moves them; leave "
                "it out.",
            ),
            WrongAnswer(
                ZeroStart,
                "w starts at 0, so that all units begin alike, and would stay alike; leave the "
                "start of w to add_weight, which draws it.",
            ),
            WrongAnswer(
                RandomBias, 'b starts with random numbers; give its add_weight "zeros" as well.'
            ),
            WrongAnswer(BiasOfOnes, "b starts at 1; it has to start at 0."),
            WrongAnswer(
                NoActivation,
                "The activation is never used, so that layers in a row would draw one straight "
                "line (lesson 04).",
            ),
            WrongAnswer(
                AlwaysRelu, "relu is used whatever was asked for; activation names the function."
            ),
            WrongAnswer(
                BendBefore,
                "The bend comes before the weights here; a layer is activation(x w + b).",
            ),
            WrongAnswer(BiasBehind, "b is added behind the activation; it belongs inside, to x w."),
            WrongAnswer(BiasLeftOut, "b is among the weights, but call does not add it."),
            WrongAnswer(BiasSubtracted, "b is subtracted; it is added."),
            WrongAnswer(
                NameKept,
                "activation is still a name, or None; activations.get gives the function of it.",
            ),
            WrongAnswer(
                RowsForColumns,
                "input_shape[0] is the number of rows, which is open and stands as None; the "
                "columns are input_shape[-1].",
            ),
            WrongAnswer(
                NumberByNumber,
                "* multiplies number by number, and the shapes do not meet; x w is x @ w.",
            ),
            WrongAnswer(
                ShapeOfANumber,
                "A shape is a tuple, also with a single size: (units,) with the comma.",
            ),
            WrongAnswer(
                MadeInCall,
                "The weights are made in call, new ones for every input; build makes them once.",
            ),
            WrongAnswer(
                NothingOwned,
                "w and b were not made with add_weight, so the layer does not own them.",
            ),
            WrongAnswer(
                OnlyBiasOwned,
                "w was not made with add_weight, so the layer does not own it.",
            ),
            WrongAnswer(
                WeightsFrozen,
                "w is kept from training; leave trainable=False out.",
            ),
            WrongAnswer(
                BiasFrozen,
                "b is kept from training; leave trainable=False out.",
            ),
            WrongAnswer(
                StartOfOnes,
                "w starts with the same number everywhere, so that all units would stay alike; "
                "leave its start to add_weight, which draws it.",
            ),
            WrongAnswer(
                Forgotten,
                "What comes out has forgotten the weights: stay with tensors in call, without "
                ".numpy(), get_weights() or np.",
            ),
            WrongAnswer(
                TwoAxesOnly,
                "input_shape may have more than two sizes; input_shape[-1] is the last of them, i.",
            ),
            WrongAnswer(
                FourColumns,
                "w has 4 rows whatever comes in; the columns of the input are input_shape[-1].",
            ),
            WrongAnswer(
                NothingReturned,
                "call gives nothing back: it has to end with return and y.",
            ),
            WrongAnswer(
                NoInnerBrackets,
                "The shape of w is one tuple, in brackets of its own: "
                "add_weight((input_shape[-1], self.units)).",
            ),
            WrongAnswer(
                without("units"),
                "units was not kept: self.units = units in __init__ keeps it for build.",
            ),
            WrongAnswer(
                without("w"),
                "w was not kept: self.w = ... in build keeps it for call.",
            ),
            WrongAnswer(
                without("b"),
                "b was not kept: self.b = ... in build keeps it for call.",
            ),
            WrongAnswer(
                without("activation"),
                "activation was not kept: self.activation = ... in __init__ keeps it for call.",
            ),
        ),
    ),
]
