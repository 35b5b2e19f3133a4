"""The named models reach the named accuracy on the named data, for seeds 0, 1 and 2."""

import subprocess
import sys

import pytest

from dlcore.datasets import credit, digits8
from dlcore.layers import Dense, Flatten
from dlcore.models import Sequential
from dlcore.optimizers import Adam
from dlcore.utils import set_random_seed


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_credit_eight_numbers(seed):
    (x, y), (x_test, y_test) = credit.load_data()
    set_random_seed(seed)
    model = Sequential()
    model.add(Dense(10, input_dim=8, activation="relu"))
    model.add(Dense(8, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=Adam(0.003), metrics=["accuracy"])
    model.fit(x, y, epochs=40, batch_size=256, verbose=0)
    assert model.evaluate(x_test, y_test, verbose=0)[1] >= 0.745


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_digits8_with_64_units(seed):
    (x, y), (x_test, y_test) = digits8.load_data()
    set_random_seed(seed)
    model = Sequential([Flatten(input_shape=(8, 8))])
    model.add(Dense(64, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x / 16, y, epochs=100, verbose=0)
    assert model.evaluate(x_test / 16, y_test, verbose=0)[1] >= 0.97


ARTICLE = """
from dlcore.models import Sequential
from dlcore.layers import Dense
from dlcore.datasets import credit
(x, y), _ = credit.load_data()
model = Sequential()
model.add(Dense(10, input_dim=8, activation='relu'))
model.add(Dense(8, activation='relu'))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(x, y, epochs=2, batch_size=10)
scores = model.evaluate(x, y)
print(len(scores))
"""


def test_the_first_program_of_the_article_runs_without_a_warning():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", ARTICLE], capture_output=True, text=True, timeout=200
    )
    assert run.returncode == 0 and run.stderr == "", run.stderr
    lines = [line for line in run.stdout.splitlines() if not line.startswith("Compiling")]
    assert lines[0].startswith("Epoch 1/2 - ") and "accuracy: 0." in lines[1]
    assert lines[2].startswith("Evaluate 105 batches") and "loss: 0." in lines[2]
    assert lines[3] == "2"
