"""Files that go from dlcore to Keras and from Keras to dlcore, for every layer and optimizer."""

from __future__ import annotations

import numpy as np
import pytest

import dlcore
from dlcore import optimizers
from tests.saving.every_layer import CASES, data_for, identifier, model_of, shake

keras = pytest.importorskip("keras")

# Keras's own, with PyTorch or JAX below it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def same_weights(a, b, **tolerance):
    a, b = a.get_weights(), b.get_weights()
    assert [w.shape for w in a] == [w.shape for w in b]
    for v, w in zip(a, b, strict=True):
        np.testing.assert_allclose(v, w, **tolerance)


def same_outputs(a, b, x):
    a, b = (np.asarray(m(x, training=False)) for m in (a, b))
    np.testing.assert_allclose(a, b, **TOLERANCE)


@pytest.mark.parametrize("case", CASES, ids=identifier)
@pytest.mark.parametrize("ending", [".keras", ".weights.h5"])
@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_a_layer_goes_over(case, ending, way, tmp_path):
    first, second = (dlcore, keras) if way == "ours" else (keras, dlcore)
    path = str(tmp_path / f"m{ending}")
    model = model_of(first, *case)
    shake(model)
    if ending == ".keras":
        model.save(path)
        other = second.models.load_model(path)
        assert type(other.get_layer("it")).__name__ == type(model.get_layer("it")).__name__
    else:
        model.save_weights(path)
        other = model_of(second, *case)
        other.load_weights(path)
    same_weights(model, other)
    same_outputs(model, other, data_for(case[0], case[2]))


OPTIMIZERS = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.01, "clipnorm": 0.1}),
    ("RMSprop", {"rho": 0.8}),
    ("RMSprop", {"momentum": 0.5, "centered": True, "clipvalue": 0.05}),
    ("Adagrad", {"learning_rate": 0.1}),
    ("Adam", {"learning_rate": 0.01, "beta_1": 0.8, "global_clipnorm": 0.5}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {"learning_rate": 0.01}),
    ("Nadam", {"learning_rate": 0.01}),
    ("Adamax", {"learning_rate": 0.01}),
    ("Adadelta", {"learning_rate": 1.0}),
    ("Lion", {"learning_rate": 0.001}),
]
SCHEDULES = [
    ("ExponentialDecay", (0.1, 2, 0.5), {"staircase": True}),
    ("CosineDecay", (0.1, 5), {"alpha": 0.1}),
    ("CosineDecay", (0.0, 5), {"warmup_target": 0.1, "warmup_steps": 3}),
    ("InverseTimeDecay", (0.1, 2, 0.5), {}),
    ("PiecewiseConstantDecay", ([1, 3], [0.1, 0.05, 0.01]), {}),
    ("PolynomialDecay", (0.1, 5), {"power": 2.0}),
]
TRAINING = [(*o, None) for o in OPTIMIZERS if hasattr(optimizers, o[0])]
TRAINING += [
    (name, {}, schedule)
    for schedule in SCHEDULES
    if hasattr(optimizers.schedules, schedule[0])
    for name in ("SGD", "Adam")
]
X = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
Y = np.abs(X[:, :2]) / 4


def network(library, loss="mse", metrics=None, optimizer="sgd"):
    x = library.Input((4,))
    h = library.layers.Dense(5, "tanh", kernel_regularizer="l2")(x)
    h = library.layers.BatchNormalization()(h)
    model = library.Model(x, library.layers.Dense(2, "sigmoid")(h))
    model.compile(optimizer, loss, metrics=metrics, run_eagerly=library is keras)
    return model


def steps(model):
    for at in (0, 12):
        model.train_on_batch(X[at : at + 12], Y[at : at + 12])


@pytest.mark.parametrize("training", TRAINING, ids=lambda t: f"{t[0]}-{t[2] and t[2][0]}")
@pytest.mark.parametrize("ending", [".keras", ".weights.h5"])
@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_training_goes_on_in_the_other(training, ending, way, tmp_path):
    name, arguments, schedule = training

    def optimizer(library):
        more = {}
        if schedule:
            kind, args, kwargs = schedule
            rates = library.optimizers.schedules
            more["learning_rate"] = getattr(rates, kind)(*args, **kwargs)
        return getattr(library.optimizers, name)(**arguments, **more)

    first, second = (dlcore, keras) if way == "ours" else (keras, dlcore)
    path = str(tmp_path / f"m{ending}")
    model = network(first, optimizer=optimizer(first))
    shake(model)
    steps(model)
    if ending == ".keras":
        model.save(path)
        other = second.models.load_model(path)
    else:
        model.save_weights(path)
        other = network(second, optimizer=optimizer(second))
        other.optimizer.build(other.trainable_variables)
        other.load_weights(path)
    assert int(np.asarray(other.optimizer.iterations)) == 2
    same_weights(model, other)
    for one in (model, other):
        steps(one)
    same_weights(model, other, **TOLERANCE)
