"""Padding, norms and the table of which class is taken for which."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients
from dlcore.utils import confusion_matrix, normalize, pad_sequences

LISTS = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=5)
SIDES = st.sampled_from(["pre", "post"])


@given(LISTS, st.one_of(st.none(), st.integers(0, 7)), SIDES, SIDES)
def test_padding_by_hand(sequences, maxlen, padding, truncating):
    length = max(map(len, sequences)) if maxlen is None else maxlen
    expected = []
    for sequence in sequences:
        row = list(sequence)
        while len(row) > length:
            row.pop(0 if truncating == "pre" else -1)
        while len(row) < length:
            row.insert(0 if padding == "pre" else len(row), -1)
        expected.append(row)
    found = pad_sequences(sequences, maxlen, "int64", padding, truncating, -1)
    assert found.tolist() == expected and found.dtype == np.int64


def test_padding_in_front_with_zeros_by_default():
    found = pad_sequences([[1], [2, 3], [4, 5, 6]])
    assert found.tolist() == [[0, 0, 1], [0, 2, 3], [4, 5, 6]] and found.dtype == np.int32
    assert pad_sequences([[1, 2, 3]], maxlen=2).tolist() == [[2, 3]]
    assert pad_sequences([[], [0.5]], dtype="float32", value=2).tolist() == [[2.0], [0.5]]
    assert pad_sequences([]).shape == (0, 0)


def test_padding_of_steps_with_columns():
    found = pad_sequences([np.ones((1, 2)), np.full((3, 2), 4)], padding="post")
    assert found.shape == (2, 3, 2) and found[0].tolist() == [[1, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1], 2],), "number 1 is the int 2; for a single sequence write"),
        ((3,), "a list of sequences, not the int 3"),
        (([[1, 2], [[1], [2]]],), r"Sequence 0 has steps of shape \(\), .* 1 of shape \(1,\)"),
        (([[1]], -1), "maxlen is a length of at least 0, not -1"),
        (([[1]], 2, "int32", "front"), "There is no padding called 'front'"),
        (([[1]], 2, "int32", "pre", "pos"), "Did you mean 'post'"),
    ],
)
def test_padding_refuses(arguments, words):
    with pytest.raises((TypeError, ValueError), match=words):
        pad_sequences(*arguments)


@given(
    st.integers(0, 1000),
    st.sampled_from([0, 1, 2, -1, None]),
    st.sampled_from([1, 2, 3, 0.5, np.inf]),
)
def test_norms_become_one(seed, axis, order):
    x = np.random.default_rng(seed).normal(size=(2, 3, 4)) * 10.0 ** (seed % 5)
    if np.isinf(order):
        norm = np.abs(x).max(axis=axis, keepdims=True)
    else:
        norm = (np.abs(x) ** order).sum(axis=axis, keepdims=True) ** (1 / order)
    np.testing.assert_allclose(normalize(x, axis, order), x / norm, rtol=1e-9)


def test_a_norm_of_zero_and_large_numbers():
    x = np.array([[0.0, 0.0], [3e30, -4e30]], np.float32)
    found = normalize(x)
    assert found.dtype == np.float32 and isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, [[0, 0], [0.6, -0.8]], rtol=1e-6)
    assert normalize([3, 4]).tolist() == [0.6, 0.8]
    with pytest.raises(ValueError, match="above 0, not 0"):
        normalize(x, order=0)


def test_a_tensor_keeps_its_gradient():
    x = Tensor(np.array([3.0, 4.0]), requires_grad=True)
    y = normalize(x)
    assert isinstance(y, Tensor)
    # d(x1 / |x|)/dx = (1 - y1^2, -y1 y2) / |x|
    slope = gradients(ops.sum(y * np.array([1.0, 0.0])), [x])[0]
    np.testing.assert_allclose(slope, [0.64 / 5, -0.48 / 5])


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 5))
def test_confusion_by_hand(seed, n, k):
    rng = np.random.default_rng(seed)
    labels, predictions = rng.integers(0, k, n), rng.integers(0, k, n)
    weights = rng.uniform(0, 2, n)
    expected, weighted = np.zeros((k, k)), np.zeros((k, k))
    for label, prediction, weight in zip(labels, predictions, weights, strict=True):
        expected[label, prediction] += 1
        weighted[label, prediction] += weight
    found = confusion_matrix(labels, predictions, k)
    assert found.dtype == np.int32 and found.tolist() == expected.tolist()
    found = confusion_matrix(labels[:, None], predictions.astype(float), k, weights)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, weighted, rtol=1e-6)
    size = max(labels.max(), predictions.max()) + 1
    assert confusion_matrix(labels, predictions).shape == (size, size)


def test_confusion_of_tensors_and_types():
    found = confusion_matrix(Tensor([0, 1]), Tensor([1, 1]), dtype="int64")
    assert found.tolist() == [[0, 1], [0, 1]] and found.dtype == np.int64
    assert confusion_matrix([], [], num_classes=2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0, 1], [0]), r"labels has shape \(2,\), but predictions has shape \(1,\)"),
        (([0], [[0.1, 0.9]]), r"predictions holds class numbers.*predictions.argmax\(axis=-1\)"),
        (([0, 1], [0.2, 0.7]), r"row 0 is 0.2; make prob.* \(y > 0.5\).astype\(int\)"),
        (([0, -1], [0, 1]), "labels holds class numbers 0, 1, 2, …, but row 1 is -1"),
        (([0, 3], [0, 1], 3), "With num_classes=3 the class numbers go from 0 to 2, .* a 3"),
        (([0], [0], None, [1.0, 2.0]), r"each row, shape \(1,\), but its shape is \(2,\)"),
    ],
)
def test_confusion_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        confusion_matrix(*arguments)
