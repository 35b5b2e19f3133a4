"""Split rows into a training part and a test part."""

import operator

import numpy as np

Split = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def stratified_split(
    labels: np.ndarray, test_split: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw `round(test_split * members)` test rows from each class; the rest is for training.

    Both parts are in random order, so that the tail which `fit(validation_split=...)` takes
    holds every class. The same seed gives the same rows with every version of NumPy.

    Args:
        labels: (n,), the class of each row.
        test_split: the share of each class that goes to the test part, between 0 and 1.
        seed: a whole number from 0 up.

    Returns:
        (train, test): the row numbers of the two parts.

    Raises:
        ValueError: test_split or seed is out of range, or a class would be missing in a part.
        TypeError: seed is not a whole number.
    """
    if not 0 < test_split < 1:
        raise ValueError(f"test_split must lie between 0 and 1, but is {test_split}; try 0.25.")
    if operator.index(seed) < 0:
        raise ValueError(f"seed must be 0 or more, but is {seed}; try 0.")
    # NumPy promises the raw bits of a bit generator for ever, those of a shuffle it does not.
    order = np.argsort(np.random.PCG64(seed).random_raw(len(labels)), kind="stable")
    in_test = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        count = round(test_split * len(members))
        if not 0 < count < len(members):
            raise ValueError(
                f"test_split={test_split} puts {count} of the {len(members)} rows of class "
                f"{label} into the test part; choose a share that leaves some in each part."
            )
        in_test[members[:count]] = True
    return order[~in_test[order]], order[in_test[order]]
