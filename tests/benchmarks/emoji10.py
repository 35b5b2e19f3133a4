"""A CNN with batch normalisation, dropout and augmentation on the drawings of emoji10.

`python -m tests.benchmarks.emoji10 0 1 2` trains it from these seeds, some minutes each, and prints
each one's test accuracy. It is more than the article's CNN reaches with the same pictures
(tests/trainer/test_article_cnn.py).
"""

import sys

from dlcore import optimizers
from dlcore.datasets import emoji10
from dlcore.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPooling2D,
    RandomFlip,
    RandomTranslation,
    Rescaling,
)
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

EPOCHS, BATCH = 22, 64


def model(steps: int) -> Sequential:
    """The compiled network, whose rate falls to zero over so many steps."""
    made = Sequential([Input((32, 32, 3)), Rescaling(1 / 127.5, -1)])
    made.add(RandomFlip("horizontal"))
    made.add(RandomTranslation(0.1, 0.1))
    for filters in (24, 48, 96):
        made.add(Conv2D(filters, 3, padding="same", use_bias=False))
        made.add(BatchNormalization(momentum=0.9))
        made.add(Activation("relu"))
        made.add(MaxPooling2D(2))
    made.add(Flatten())
    made.add(Dropout(0.3))
    made.add(Dense(10, activation="softmax"))
    rate = optimizers.schedules.CosineDecay(0.002, steps)
    made.compile(optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


if __name__ == "__main__":
    seeds = [int(word) for word in sys.argv[1:]] or [0]
    (x_train, y_train), (x_test, y_test) = emoji10.load_data()
    for seed in seeds:
        set_random_seed(seed)
        network = model(EPOCHS * -(-len(x_train) // BATCH))
        network.fit(x_train, y_train, epochs=EPOCHS, batch_size=BATCH, verbose=2)
        accuracy = network.evaluate(x_test, y_test, verbose=0)[1]
        print(f"seed {seed}: test accuracy {accuracy:.4f}", flush=True)
