"""Twelve thousand articles of clothing, 28 by 28 pixels (datasheet: datasets/fashion_small.md)."""

import numpy as np

from dlcore.datasets._files import read_npz
from dlcore.datasets._split import Split

class_names = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def load_data() -> Split:
    """Load a part of Fashion-MNIST that needs no network: a grey image in, its class out.

        (x_train, y_train), (x_test, y_test) = fashion_small.load_data()

    A pixel is a whole number from 0 (ground) to 255: divide by 255 before training. The whole
    data set is `fashion_mnist`.

    Returns:
        x_train (10000, 28, 28) uint8 and y_train (10000,) int64, x_test (2000, 28, 28) and y_test
        (2000,), in random order. y is the place of the class in `class_names`, 0 to 9; each class
        is met equally often.

    Raises:
        ValueError: the data file is damaged.
        FileNotFoundError: the data file is missing.
    """
    arrays = read_npz("fashion_small.npz")
    # Unlike uint8, int64 does not wrap round when a learner subtracts two labels.
    train = arrays["X_train"], arrays["y_train"].astype(np.int64)
    return train, (arrays["X_test"], arrays["y_test"].astype(np.int64))
