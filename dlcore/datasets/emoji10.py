"""Emoji in ten classes, 32 by 32 pixels in colour (datasheet: datasets/emoji10.md)."""

import numpy as np

from dlcore.datasets._files import read_npz
from dlcore.datasets._split import Split

class_names = (
    "face", "hand", "person", "mammal", "critter",
    "plant", "dish", "vehicle", "building", "clothing",
)  # fmt: skip


def load_data() -> Split:
    """Load images of emoji: 32 by 32 pixels in colour in, one of ten classes out.

        (x_train, y_train), (x_test, y_test) = emoji10.load_data()
        x_train = x_train.astype("float32") / 255
        y_train = to_categorical(y_train)

    The images have the form of CIFAR-10, so programs written for that run on them. A drawing
    of the test part does not occur in the training part, in any place, size or turn.

    Returns:
        x_train (6000, 32, 32, 3) uint8, red, green and blue from 0 to 255, and y_train (6000,)
        int64, x_test (1500, 32, 32, 3) and y_test (1500,), in random order. y is the place of the
        class in `class_names`, 0 to 9; each class is met equally often. It is one number for each
        image, as in the other data sets here, where cifar10 has the shape (n, 1);
        `to_categorical` and the sparse loss take either.

    Raises:
        ValueError: the data file is damaged.
        FileNotFoundError: the data file is missing.
    """
    arrays = read_npz("emoji10.npz")
    # Unlike uint8, int64 does not wrap round when a learner subtracts two labels.
    train = arrays["X_train"], arrays["y_train"].astype(np.int64)
    return train, (arrays["X_test"], arrays["y_test"].astype(np.int64))
