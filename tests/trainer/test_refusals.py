"""What goes wrong is answered with one sentence: the layer, the shapes and the mend."""

import re
import warnings

import numpy as np
import pytest

from dlcore.callbacks import Callback, History
from dlcore.layers import Dense, Flatten
from dlcore.losses import BinaryCrossentropy
from dlcore.models import Model, Sequential
from dlcore.optimizers import SGD
from dlcore.trainer.advice.agreement import refuse_gaps
from dlcore.trainer.divergence import Divergence
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
Y = np.array([0, 1, 0, 1, 1, 0, 0, 1], np.float32)


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


def model(units=1, activation="sigmoid", loss="binary_crossentropy", **compiled):
    net = Sequential([Dense(4, "relu", input_dim=3, name="first"), Dense(units, activation)])
    net.compile("sgd", loss, **compiled)
    return net


def with_(array, index, value):
    array = np.array(array, dtype=object if isinstance(value, str | None) else None)
    array[index] = value
    return array


DATA = {
    "NaN in x": (lambda: (with_(X, (5, 1), np.nan), Y), "x holds NaN in column 1, row 5 .1 row of"),
    "gaps in several columns": (
        lambda: (with_(with_(X, (2, 2), np.inf), (6, 0), np.nan), Y),
        "too large number in column 2, row 2 .2 rows of 8; the columns with gaps are 0, 2",
    ),
    "NaN in y": (lambda: (X, with_(Y, 3, np.nan)), "y holds NaN in row 3"),
    "too large for float32": (
        lambda: (with_(X.astype(float), (0, 0), 1e300), Y),
        "too large number in column 0, row 0",
    ),
    "no rows": (lambda: (X[:0], Y[:0]), r"x is empty: its shape is \(0, 3\)"),
    "x missing": (lambda: (None, Y), "x is None"),
    "y missing": (lambda: (X, None), "y is None"),
    "lengths": (lambda: (X, Y[:5]), "x has 8 rows but y has 5 rows"),
    "a single number": (lambda: (3.0, Y), "x is the single number 3"),
    "text in x": (lambda: (with_(X, (4, 1), "red"), Y), "x holds text such as 'red'.*a number"),
    "text labels": (lambda: (X, np.array(["no", "yes"] * 4)), r"y holds text such as 'no'.*unique"),
    "None in x": (lambda: (with_(X, (4, 1), None), Y), "x holds NaN in column 1, row 4"),
    "a list in a table": (
        lambda: (np.array([[1, 2, {}]] * 8, dtype=object), Y),
        "x holds a dict in row 0",
    ),
    "ragged": (lambda: ([[1, 2, 3], [4, 5]], [0, 1]), "row 0 has 3 entries, row 1 has 2"),
    "dates": (lambda: (X.astype("datetime64[s]"), Y), "x holds datetime64.s., not numbers"),
    "width": (
        lambda: (X[:, :2], Y),
        r"with the first layer 'first', takes rows of shape \(3,\), but x has shape \(8, 2\)",
    ),
    "targets in two columns": (
        lambda: (X, np.zeros((8, 2))),
        r"\(8, 2\) do not fit outputs of shape \(8, 1\)",
    ),
    "minus one and one": (lambda: (X, 2 * Y - 1), r"goes from -1 to 1; write y = \(y \+ 1\) / 2"),
    "counts": (lambda: (X, 7 * Y), "lie from 0 to 1, but y goes from 0 to 7"),
}


@pytest.mark.parametrize("name", DATA)
def test_data(name):
    x, y = DATA[name][0]()
    net = model()
    before = net.get_weights()
    with pytest.raises((ValueError, TypeError), match=DATA[name][1]):
        net.fit(x, y, verbose=0)
    with pytest.raises((ValueError, TypeError), match=DATA[name][1]):
        net.evaluate(x, y, verbose=0)
    assert all((a == b).all() for a, b in zip(before, net.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"epochs": 0}, "epochs must be at least 1, but is 0"),
        ({"epochs": 2.5}, "epochs is a whole number"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"batch_size": True}, "batch_size is a whole number"),
        ({"verbose": 3}, "verbose is 'auto', 0, 1 or 2, not 3"),
        ({"validation_split": 1.0}, "lies between 0 and 1, but is 1.0"),
        ({"validation_split": -0.2}, "lies between 0 and 1"),
        ({"validation_split": 0.999}, "leaves 0 rows for training and 8"),
        ({"validation_data": X}, r"a tuple \(x, y\)"),
        ({"validation_data": (X, Y), "validation_split": 2}, "lies between 0 and 1, but is 2"),
        ({"validation_data": (X, Y * np.nan)}, "y of validation_data holds NaN in row 0"),
        ({"sample_weight": np.ones(3)}, r"shape \(8,\), but its shape is \(3,\)"),
        ({"sample_weight": -np.ones(8)}, "row 0 is -1"),
        ({"class_weight": [1, 2]}, r"class_weight is a dict from .* not \[1, 2\]"),
        ({"class_weight": {"no": 1, "yes": 2}}, "names the class 'no' by text; give its number"),
        ({"class_weight": {0: 1, 1: -1}}, "numbers of at least 0, but class 1 has -1"),
        ({"class_weight": {0: 1, 1: np.nan}}, "but class 1 has nan"),
        ({"initial_epoch": 1.5}, "initial_epoch is a whole number, not 1.5"),
        ({"epoch": 3}, r"fit has no argument 'epoch'. Did you mean 'epochs'"),
        ({"callbacks": [History]}, r"a class: write History\(\)"),
        ({"callbacks": ["history"]}, "a list of Callback objects"),
    ],
)
def test_arguments_of_fit(arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        model().fit(X, Y, **{"verbose": 0, **arguments})


def test_a_forgotten_compile():
    net = Sequential([Dense(1)])
    for method in (net.fit, net.evaluate, net.train_on_batch, net.test_on_batch):
        with pytest.raises(ValueError, match=r"not compiled yet: before .*model.compile\("):
            method(X, Y)
    net.compile("sgd")
    with pytest.raises(ValueError, match="compiled without a loss"):
        net.fit(X, Y)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"optimizer": "adm", "loss": "mse"}, "Did you mean 'adam'"),
        ({"optimizer": "adam", "loss": "mze"}, "Did you mean 'mse'"),
        ({"optimizer": "adam", "loss": "mse", "metrics": ["acuracy"]}, "Did you mean 'accuracy'"),
        ({"optimizer": "adam", "loss": "mse", "metrics": "mae"}, r"metrics=\['mae'\]"),
        ({"optimiser": "adam", "loss": "mse"}, "compile has no argument 'optimiser'.*'optimizer'"),
        ({"optimizer": "adam", "los": "mse"}, "Did you mean 'loss'"),
    ],
)
def test_compile_finds_misspelt_names(arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        Sequential([Dense(1)]).compile(**arguments)


def test_softmax_over_one_unit():
    with pytest.raises(ValueError, match="'dense.*' is a softmax over 1 unit.*'sigmoid'"):
        model(activation="softmax").fit(X, Y, verbose=0)


@pytest.mark.parametrize("activation", [None, "relu", "tanh"])
def test_crossentropy_of_raw_scores(activation):
    with pytest.raises(ValueError, match="takes probabilities.*activation='sigmoid'.*from_logits"):
        model(activation=activation).fit(X, Y, verbose=0)
    model(activation=None, loss=BinaryCrossentropy(from_logits=True)).fit(X, Y, verbose=0)


def test_from_logits_after_a_sigmoid():
    with pytest.warns(UserWarning, match="applies the sigmoid itself"):
        model(loss=BinaryCrossentropy(from_logits=True)).fit(X, Y, verbose=0)


def test_accuracy_of_measurements():
    net = model(activation=None, loss="mse", metrics=["accuracy"])
    with pytest.warns(UserWarning, match=r"y holds other numbers.*metrics=\['mae'\]"):
        net.fit(X, Y * 3.5, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.fit(X, Y, verbose=0)


@pytest.mark.parametrize("loss", ["mse", "categorical_crossentropy"])
@pytest.mark.parametrize("column", [False, True])
def test_class_numbers_against_several_outputs(loss, column):
    net = model(3, "softmax", loss)
    y = Y[:, None] if column else Y
    with pytest.raises(ValueError, match=r"\(8, 3\): if y holds class numbers, use the loss 'sp"):
        net.fit(X, y, verbose=0)


def test_class_numbers_out_of_range():
    net = model(3, "softmax", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="0 to 2 for the 3 outputs.*row 6 of y is 3; .* 4 units"):
        net.fit(X, with_(Y, 6, 3), verbose=0)
    with pytest.raises(ValueError, match=r"one-hot rows use the loss 'categorical_crossentropy'"):
        net.fit(X, np.eye(3)[[0, 1, 2, 0, 1, 2, 0, 1]], verbose=0)


def test_a_row_without_its_axis_and_images_without_channels():
    with pytest.raises(ValueError, match=r"one row without its axis of rows: write x\[None\]"):
        model().predict(X[0], verbose=0)
    images = Sequential([Flatten(input_shape=(8, 8, 1)), Dense(1)])
    with pytest.raises(ValueError, match=r"axis of channels: write x\[..., None\]"):
        images.predict(np.zeros((2, 8, 8)), verbose=0)


def test_a_model_that_does_not_return_a_row_for_each_row():
    class Summing(Model):
        def call(self, x):
            from dlcore.engine import ops

            return ops.sum(x)

    net = Summing()
    net.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"one row of output for each row.*shape \(\)"):
        net.fit(X, Y, verbose=0)


def test_a_loss_that_breaks_stops_and_keeps_the_last_good_weights():
    class Keeper(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.weights = self.model.get_weights()
            self.steps = int(self.model.optimizer.iterations)

    keeper = Keeper()
    net = Sequential([Dense(1, input_dim=3, name="only")])
    net.compile(SGD(100.0), "mse")
    with np.errstate(all="ignore"), pytest.raises(Divergence) as caught:
        net.fit(X * 10, Y, epochs=50, batch_size=2, callbacks=[keeper], verbose=0)
    text = str(caught.value)
    last = net.history.epoch[-1]
    assert re.search(f"in epoch {last + 2}, step [2-4];", text), text
    assert f"the weights are those of the end of epoch {last + 1}" in text
    assert "learning rate 100" in text and "not scaled" in text and "broke" in text
    assert all((a == b).all() for a, b in zip(net.get_weights(), keeper.weights, strict=True))
    assert int(net.optimizer.iterations) == keeper.steps == 4 * (last + 1)
    assert np.isfinite(net.history.history["loss"]).all()


def test_the_layer_that_broke_first_is_named():
    net = Sequential([Dense(2, input_dim=3, name="first"), Dense(1, name="second")])
    net.compile("sgd", "mse")
    w = net.get_weights()
    w[2][:] = np.nan
    net.set_weights(w)
    with pytest.raises(Divergence, match="became NaN in epoch 1, step 1; the outputs of the layer "
                       "'second' broke first.*from before the training"):  # fmt: skip
        net.fit(X, Y, verbose=0)


@pytest.mark.filterwarnings("error")
def test_numbers_whose_squares_are_too_large_are_no_gaps():
    x = with_(X.astype("f4"), (1, 2), 1e30)
    refuse_gaps(x, "x")
    refuse_gaps(x.T[::2], "x")
    refuse_gaps(np.array([60000.0] * 9, "f2"), "x")
    refuse_gaps(np.zeros((0, 3)), "x")
    for gap in (np.nan, np.inf, -np.inf):
        for array in (with_(x, (4, 0), gap), with_(x.T, (0, 4), gap), with_(x, (4, 0), gap)[::2]):
            with pytest.raises(ValueError, match="x holds"):
                refuse_gaps(array, "x")
