"""The article's second program, word for word but for the import, on the drawings of emoji10."""

import numpy as np
import pytest

from dlcore.datasets import emoji10
from dlcore.layers import Conv2D, Dense, Flatten, MaxPooling2D
from dlcore.models import Sequential
from dlcore.utils import set_random_seed, to_categorical


@pytest.mark.slow
def test_the_cnn_of_the_article_reaches_its_accuracy():
    set_random_seed(0)
    (x_train, y_train), (x_test, y_test) = emoji10.load_data()
    x_train, x_test = x_train.astype(np.float32) / 255, x_test.astype(np.float32) / 255
    y_train, y_test = to_categorical(y_train, 10), to_categorical(y_test, 10)

    model = Sequential()
    model.add(Conv2D(32, (3, 3), padding="same", activation="relu", input_shape=(32, 32, 3)))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Conv2D(64, (3, 3), padding="same", activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Flatten())
    model.add(Dense(128, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=10, batch_size=32, verbose=0)

    assert not model.run_eagerly
    assert model.evaluate(x_test, y_test, verbose=0)[1] >= 0.48
