"""Augmentation, dropout and noise are kernels: a model with them is replayed like any other."""

import numpy as np
import pytest

from dlcore import Input, Sequential, layers
from dlcore.engine.program import Program
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).uniform(size=(22, 6, 6, 2)).astype(np.float32)
Y = np.arange(22) % 3
AUGMENTATION = {
    "RandomFlip": [layers.RandomFlip()],
    "RandomTranslation": [layers.RandomTranslation(0.2, 0.2)],
    "RandomRotation": [layers.RandomRotation(0.1)],
    "Dropout": [layers.Dropout(0.3)],
    "GaussianNoise": [layers.GaussianNoise(0.1)],
    "all": [
        layers.RandomFlip("horizontal"), layers.RandomTranslation(0.1, 0.1),
        layers.RandomRotation(0.1), layers.GaussianNoise(0.1), layers.Dropout(0.2),
        layers.BatchNormalization(),
    ],
}  # fmt: skip


def trained(some, eagerly):
    set_random_seed(5)
    made = [type(layer).from_config(layer.get_config()) for layer in some]
    model = Sequential([Input((6, 6, 2)), *made, layers.Flatten(), layers.Dense(3, "softmax")])
    model.compile(
        "adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=eagerly
    )
    model.fit(X, Y, batch_size=4, epochs=4, verbose=0)
    return [variable.value for variable in model.variables]


@pytest.mark.parametrize("name", sorted(AUGMENTATION))
def test_it_is_replayed_with_the_bits_of_eager_training(name, monkeypatch, recwarn):
    made = []
    start = Program.__init__
    monkeypatch.setattr(Program, "__init__", lambda self, *a: made.append(self) or start(self, *a))
    found = trained(AUGMENTATION[name], False)
    assert [program.reason for program in made] == [None, None]
    assert all(program.replayed for program in made)
    for a, b in zip(found, trained(AUGMENTATION[name], True), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not recwarn.list
