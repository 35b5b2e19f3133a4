"""Seeds, one-hot labels and names."""

import random as python_random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.engine import random
from dlcore.utils import clear_session, set_random_seed, to_categorical
from dlcore.utils.lookup import automatic_name, did_you_mean, snake_case


def test_one_seed_for_python_numpy_and_dlcore():
    draws = []
    for _ in range(2):
        set_random_seed(4)
        draws.append((python_random.random(), np.random.rand(), *random.permutation(5)))  # noqa: NPY002
    assert draws[0] == draws[1]
    set_random_seed(5)
    assert python_random.random() != draws[0][0]


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, "7"])
def test_what_is_no_seed(seed):
    with pytest.raises(ValueError, match="whole number from 0"):
        set_random_seed(seed)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_to_categorical_has_one_one_a_row(labels):
    rows = to_categorical(labels, 7)
    assert rows.shape == (len(labels), 7) and rows.dtype == np.float32
    assert (rows.sum(axis=1) == 1).all() and rows.argmax(axis=1).tolist() == labels


def test_to_categorical_counts_classes_and_drops_a_last_axis_of_one():
    assert to_categorical([[0], [2]]).tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0.5, 1]])
def test_to_categorical_refuses(labels):
    with pytest.raises(ValueError, match="class numbers"):
        to_categorical(labels, 3)


def test_snake_case():
    names = ("Dense", "MyDense", "LSTM", "F1Score", "Conv2D", "LeakyReLU")
    assert [snake_case(name) for name in names] == [
        "dense", "my_dense", "lstm", "f1_score", "conv2d", "leaky_re_lu",
    ]  # fmt: skip


def test_names_count_up_until_the_session_is_cleared():
    clear_session()
    assert [automatic_name("x") for _ in range(3)] == ["x", "x_1", "x_2"]
    clear_session()
    assert automatic_name("x") == "x"


def test_did_you_mean():
    assert did_you_mean("adm", ["Adam", "adam", "sgd"]) == " Did you mean 'adam'?"
    assert did_you_mean("lr", ["learning_rate"]) == " Did you mean 'learning_rate'?"
    assert did_you_mean("zzz", ["adam"]) == ""
