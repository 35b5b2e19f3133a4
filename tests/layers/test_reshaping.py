"""Layers that reshape, merge and bend: their masks and their refusals."""

import numpy as np
import pytest

from dlcore.layers import (
    Add,
    Concatenate,
    GaussianNoise,
    LeakyReLU,
    Maximum,
    Multiply,
    Permute,
    ReLU,
    RepeatVector,
    Rescaling,
    Reshape,
    Softmax,
    Subtract,
)
from dlcore.utils import set_random_seed

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
ROW = X[:, 0]


def test_reshape_works_out_one_size():
    assert Reshape((-1, 2))(X).shape == (2, 6, 2)
    assert Reshape((2, -1)).compute_output_shape((None, None, 4)) == (None, 2, None)
    assert Reshape((2, -1)).compute_output_shape((None, 3, 4)) == (None, 2, 6)


def test_permute_and_repeat():
    np.testing.assert_array_equal(Permute((2, 1))(X).data, X.transpose(0, 2, 1))
    np.testing.assert_array_equal(RepeatVector(3)(ROW).data, np.stack([ROW] * 3, axis=1))


def test_pixels_are_rescaled():
    y = Rescaling(1 / 127.5, offset=-1)(np.array([[0, 255]], np.uint8))
    np.testing.assert_allclose(y.data, [[-1, 1]], atol=1e-6)


def test_an_input_of_fewer_axes_gets_them_after_the_rows():
    np.testing.assert_array_equal(Add()([X, ROW]).data, X + ROW[:, None])
    assert Add().compute_output_shape([(None, 3, 4), (None, 4)]) == (None, 3, 4)


def test_masked_entries_are_left_to_the_other_input():
    a, b = np.full((1, 2, 1), 3.0), np.full((1, 2, 1), 5.0)
    masks = [np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]])]
    assert Maximum()([a, b], mask=masks).data[0, 0, 0] == 3
    assert Multiply()([a, b], mask=masks).data.reshape(-1).tolist() == [3, 0]


def test_softmax_gives_nothing_to_what_is_masked():
    y = Softmax()(ROW, mask=np.array([1.0, 1.0, 0.0, 1.0])).data
    assert (y[:, 2] == 0).all()
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)


def test_where_all_is_masked_softmax_gives_nothing():
    assert not Softmax()(ROW, mask=np.zeros(4)).data.any()


def test_a_masked_first_input_gives_way_to_the_second():
    a, b = np.full((1, 2, 1), 9.0), np.full((1, 2, 1), 5.0)
    masks = [np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])]
    assert Maximum()([a, b], mask=masks).data.reshape(-1).tolist() == [9, 5]


def test_the_mask_of_joined_sequences():
    short, full = np.array([[1.0, 0.0, 0.0]]), np.array([[1.0, 1.0, 0.0]])
    xs = [X[:1], X[:1]]
    along = Concatenate(axis=1).compute_mask(xs, [short, None])
    assert np.asarray(along).tolist() == [[1, 0, 0, 1, 1, 1]]
    across = Concatenate().compute_mask(xs, [short, full])
    assert np.asarray(across).astype(float).tolist() == [[1, 1, 0]]


def test_noise_is_normal_and_only_in_training():
    set_random_seed(0)
    zeros = np.zeros((200, 100), np.float32)
    layer = GaussianNoise(0.5)
    e = layer(zeros, training=True).data / 0.5
    # 20 000 numbers: mean, variance, and the shares within one and two standard deviations.
    assert abs(e.mean()) < 0.03 and abs(e.var() - 1) < 0.05
    assert abs((np.abs(e) < 1).mean() - 0.683) < 0.02
    assert abs((np.abs(e) < 2).mean() - 0.954) < 0.01
    assert not layer(zeros).data.any()


def test_the_older_name_of_the_slope_is_taken():
    assert LeakyReLU(alpha=0.1).negative_slope == LeakyReLU(0.1).negative_slope == 0.1


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: Reshape((5,), name="r")(X), r"'r' makes rows of shape \(5,\).*\(3, 4\)"),
        (lambda: Reshape((-1, 5))(X), "12 numbers"),
        (lambda: Reshape((-1, -1)), "one of which may be -1"),
        (lambda: Reshape((0, 2)), "positive whole numbers"),
        (lambda: Permute((0, 1)), "numbers 1 to 2 once"),
        (lambda: Permute((1, 2, 3))(X), r"3 axes besides the rows.*\(2, 3, 4\)"),
        (lambda: RepeatVector(0), "at least 1"),
        (lambda: RepeatVector(2)(X), r"\(n, columns\).*\(2, 3, 4\)"),
        (lambda: ReLU(max_value=-1), "at least 0, not -1"),
        (lambda: LeakyReLU(None), "at least 0, not None"),
        (lambda: GaussianNoise(2), "from 0 to 1, not 2"),
        (lambda: Softmax(3)(X), "along axis 3"),
        (lambda: Softmax()(X, mask=np.ones(3)), r"mask of shape \(3,\)"),
        (lambda: Add(name="sum")(ROW), r"'sum' takes a list of inputs, as in Add\(\)\(\[a, b\]\)"),
        (lambda: Add()([ROW, ROW[:, :3]]), r"\(None, 4\) and \(None, 3\)"),
        (lambda: Add()([ROW, ROW[:1]]), "broadcast, but was given"),
        (lambda: Subtract()([ROW, ROW, ROW]), "takes 2 inputs, but was given 3"),
        (lambda: Concatenate(name="c")([X, X[:, :, :2], X[:, :2]]), "'c' joins its inputs along"),
        (lambda: Concatenate(axis=5)([X, X]), "along axis 5"),
    ],
)
def test_refusals(action, words):
    with pytest.raises((ValueError, TypeError), match=words):
        action()
