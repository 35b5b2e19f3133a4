"""loss="crossentropy": which of the three it is, by the shapes of targets and outputs."""

import numpy as np
import pytest

from dlcore import Input, Model, Sequential, losses, metrics
from dlcore.engine import ops
from dlcore.layers import Dense
from dlcore.models import load_model
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4)).astype("float32")
NUMBERS = RNG.integers(0, 3, 12)
SIDES = RNG.integers(0, 2, 12)
STEPS = RNG.normal(size=(12, 5, 4)).astype("float32")

CASES = {
    "one output": (X, 1, SIDES, "binary"),
    "one output, a column": (X, 1, SIDES[:, None], "binary"),
    "class numbers": (X, 3, NUMBERS, "sparse_categorical"),
    "class numbers, a column": (X, 3, NUMBERS[:, None], "sparse_categorical"),
    "one-hot rows": (X, 3, np.eye(3)[NUMBERS], "categorical"),
    "two columns": (X, 2, np.eye(2)[SIDES], "categorical"),
    "class numbers of steps": (STEPS, 3, RNG.integers(0, 3, (12, 5)), "sparse_categorical"),
    "one output a step": (STEPS, 1, RNG.integers(0, 2, (12, 5, 1)), "binary"),
}


def network(x, units, loss):
    set_random_seed(0)
    activation = "sigmoid" if units == 1 else "softmax"
    model = Sequential([Input(x.shape[1:]), Dense(units, activation=activation)])
    model.compile("sgd", loss, metrics=["accuracy"])
    return model


@pytest.mark.parametrize("name", ["crossentropy", "ce", "CE"])
@pytest.mark.parametrize("case", CASES)
def test_it_trains_like_the_loss_that_is_meant(case, name):
    x, units, y, meant = CASES[case]
    model, other = network(x, units, name), network(x, units, f"{meant}_crossentropy")
    fits = [m.fit(x, y, epochs=3, batch_size=5, shuffle=False, verbose=0) for m in (model, other)]
    assert fits[0].history == fits[1].history
    assert model.evaluate(x, y, verbose=0) == other.evaluate(x, y, verbose=0)


def test_what_does_not_fit_is_refused_as_ever():
    with pytest.raises(ValueError, match="3 is not among them|from 0 to 2"):
        network(X, 3, "crossentropy").fit(X, NUMBERS + 1, verbose=0)
    model = Sequential([Dense(3, activation="relu")])
    model.compile("sgd", "crossentropy")
    with pytest.raises(ValueError, match="'sparse_categorical_crossentropy' takes probabilities"):
        model.fit(X, NUMBERS, verbose=0)
    with pytest.raises(ValueError, match="'binary_crossentropy' lie from 0 to 1"):
        network(X, 1, "ce").fit(X, 2 * SIDES - 1, verbose=0)


def test_each_of_several_outputs_has_its_own():
    x = Input((4,))
    side, kind = Dense(1, "sigmoid", name="side")(x), Dense(3, "softmax", name="kind")(x)
    model = Model(x, [side, kind])
    model.compile("sgd", "crossentropy")
    logs = model.evaluate(X, [SIDES, NUMBERS], verbose=0, return_dict=True)
    first, second = model(X)
    expected = [
        float(ops.mean(losses.binary_crossentropy(SIDES[:, None].astype("float32"), first))),
        float(ops.mean(losses.sparse_categorical_crossentropy(NUMBERS, second))),
    ]
    assert [logs["side_loss"], logs["kind_loss"]] == pytest.approx(expected, rel=1e-5)
    model.compile("sgd", {"side": "ce", "kind": "mse"})
    model.evaluate(X, [SIDES, np.eye(3)[NUMBERS]], verbose=0)


def test_in_a_step_of_ones_own():
    class Own(Model):
        def __init__(self):
            super().__init__()
            self.dense = Dense(3, activation="softmax")

        def call(self, x):
            return self.dense(x)

        def test_step(self, data):
            x, y = data
            return {"loss": self.compute_loss(x, y, self(x))}

    model = Own()
    model.compile("sgd", "crossentropy")
    found = model.evaluate(X, NUMBERS, verbose=0)
    expected = float(ops.mean(losses.sparse_categorical_crossentropy(NUMBERS, model(X))))
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_file_keeps_the_name(tmp_path):
    model = network(X, 3, "crossentropy")
    model.fit(X, NUMBERS, verbose=0)
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    assert again.get_compile_config()["loss"] == "crossentropy"
    assert again.evaluate(X, NUMBERS, verbose=0) == model.evaluate(X, NUMBERS, verbose=0)


@pytest.mark.parametrize("name", ["crossentropy", "ce"])
def test_elsewhere_the_choice_is_named(name):
    """Keras knows them in the loss of compile alone, too."""
    for get in (losses.get, metrics.get):
        with pytest.raises(ValueError, match="Take 'binary_crossentropy' for one output, 'sparse"):
            get(name)
    with pytest.raises(ValueError, match=f"no metric called '{name}'. Take 'binary_crossentropy'"):
        Sequential([Dense(1)]).compile("sgd", "mse", metrics=[name])


@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy"])
def test_accuracy_is_no_loss(name):
    with pytest.raises(ValueError, match=r"is a metric, metrics=\['accuracy'\]; the loss beside"):
        Sequential([Dense(1)]).compile("sgd", name)


def test_what_keras_alone_has_is_not_taken_for_a_slip():
    for get, name in [
        (losses.get, "dice"),
        (losses.get, "squared_hinge"),
        (metrics.get, "categorical_hinge"),
    ]:
        with pytest.raises(ValueError, match="write it as a function of"):
            get(name)
