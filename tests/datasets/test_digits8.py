"""The small digits: shapes, range, and images that still carry their own label."""

import numpy as np

from dlcore.datasets import _files, digits8


def test_shapes_types_and_shares():
    (x_train, y_train), (x_test, y_test) = digits8.load_data()
    assert x_train.shape == (1347, 8, 8) and y_train.shape == (1347,)
    assert x_test.shape == (450, 8, 8) and y_test.shape == (450,)
    assert x_train.dtype == x_test.dtype == np.uint8
    assert y_train.dtype == y_test.dtype == np.int64
    assert (x_train.min(), x_train.max()) == (x_test.min(), x_test.max()) == (0, 16)
    assert np.bincount(y_test).tolist() == [44, 46, 44, 46, 45, 46, 45, 45, 44, 45]


def test_every_image_is_in_one_part_with_its_own_label():
    (x_train, y_train), (x_test, y_test) = digits8.load_data()
    arrays = _files.read_npz("digits8.npz")
    label_of = {x.tobytes(): int(y) for x, y in zip(arrays["X"], arrays["y"], strict=True)}
    loaded = [(x.tobytes(), int(y)) for x, y in zip(x_train, y_train, strict=True)]
    loaded += [(x.tobytes(), int(y)) for x, y in zip(x_test, y_test, strict=True)]
    assert dict(loaded) == label_of
    assert len(loaded) == 1797


def test_the_seed_chooses_the_rows():
    first, again, other = (digits8.load_data(seed=seed)[1][0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
