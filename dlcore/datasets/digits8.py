"""Handwritten digits, 8 by 8 pixels (datasheet: datasets/digits8.md)."""

import numpy as np

from dlcore.datasets._files import read_npz
from dlcore.datasets._split import Split, stratified_split


def load_data(test_split: float = 0.25, seed: int = 0) -> Split:
    """Load 1797 images of handwritten digits.

        (x_train, y_train), (x_test, y_test) = digits8.load_data()

    A pixel is a whole number from 0 (paper) to 16 (ink): divide by 16 before training.

    Args:
        test_split: the share of each digit that is kept for testing; default 0.25.
        seed: chooses which rows; the default 0 always gives the same ones.

    Returns:
        x_train (1347, 8, 8) uint8 and y_train (1347,) int64, x_test (450, 8, 8) and y_test
        (450,), in random order. y is the digit, 0 to 9.

    Raises:
        ValueError: test_split or seed is out of range, or the data file is damaged.
        FileNotFoundError: the data file is missing.
    """
    arrays = read_npz("digits8.npz")
    x = arrays["X"]
    # Unlike uint8, int64 does not wrap round when a learner subtracts two labels.
    y = arrays["y"].astype(np.int64)
    train, test = stratified_split(y, test_split, seed)
    return (x[train], y[train]), (x[test], y[test])
