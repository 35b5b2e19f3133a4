"""Labels that are no class numbers, wherever class numbers are taken."""

import warnings

import numpy as np
import pytest

from dlcore import metrics
from dlcore.utils import confusion_matrix, normalize, pad_sequences, to_categorical

TEXTS = [
    ["cat", "dog", "cat"],
    np.array(["cat", "dog"]),
    np.array([["cat"], ["dog"]]),
    np.array(["cat", "dog"], object),
    np.array([0, "cat"], object),
    ["cat", 1],
    "cat",
]


@pytest.mark.parametrize("labels", TEXTS)
def test_text_is_named_with_the_way_to_number_it(labels):
    words = r"x holds text such as 'cat'; number .*: names, y = np.unique\(y, return_inverse=True\)"
    with pytest.raises(TypeError, match=words):
        to_categorical(labels)
    words = r"text such as 'cat'; .* names = np.unique\(labels\), np.searchsorted\(names, {}\)"
    with pytest.raises(TypeError, match="^labels holds " + words.format("labels")):
        confusion_matrix(labels, [0, 1])
    with pytest.raises(TypeError, match="^predictions holds " + words.format("predictions")):
        confusion_matrix([0, 1], labels)
    for metric in (metrics.SparseCategoricalAccuracy(), metrics.Accuracy(), metrics.Precision()):
        with pytest.raises(TypeError, match="A metric takes numbers, .* text such as 'cat'; numb"):
            metric.update_state(labels, np.ones((2, 2)))


def test_what_the_sentences_propose():
    labels, predictions = np.array(["no", "yes", "no"]), np.array(["no", "no", "yes"])
    _, y = np.unique(labels, return_inverse=True)
    assert to_categorical(y).tolist() == [[1, 0], [0, 1], [1, 0]]
    names = np.unique(labels)
    found = confusion_matrix(np.searchsorted(names, labels), np.searchsorted(names, predictions))
    assert found.tolist() == [[1, 1], [1, 0]]
    words = pad_sequences([["a"], ["b", "c"]], dtype=object, value="")
    assert words.tolist() == [["", "a"], ["b", "c"]]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([None, 1], "x holds None; give numbers"),
        ([object()], "x holds the object '<object"),
        ([0, [1, 2]], "x holds rows of different lengths; give one number each"),
        ([0, np.nan], "these are not whole"),
        ([1e300], "these are not whole"),
    ],
)
def test_what_is_no_class_number(labels, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((TypeError, ValueError), match=words):
            to_categorical(labels)


@pytest.mark.parametrize("count", ["2", 2.5])
def test_what_is_no_number_of_classes(count):
    with pytest.raises(TypeError, match="num_classes is a whole number, not "):
        to_categorical([0, 1], count)
    assert to_categorical([0, 1], np.float64(3)).shape == (2, 3)
    assert to_categorical(np.array([0, 1], object)).tolist() == [[1, 0], [0, 1]]


def test_text_for_numbers():
    with pytest.raises(TypeError, match="Sequence 1 holds text such as 'a'; number the words fir"):
        pad_sequences([[1], ["a", "b"]])
    with pytest.raises(TypeError, match="x holds text such as 'a'; give each text a number first"):
        normalize(np.array([["a", "b"]]))
