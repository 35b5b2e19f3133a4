"""The split is stratified, complete, repeatable, and in random order."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from dlcore.datasets._split import stratified_split


@hypothesis.given(
    sizes=st.lists(st.integers(4, 40), min_size=1, max_size=5),
    test_split=st.floats(0.2, 0.8),
    seed=st.integers(0, 2**40),
)
def test_every_row_is_in_one_part_and_every_class_gives_its_share(sizes, test_split, seed):
    labels = np.repeat(np.arange(len(sizes)) * 3, sizes)
    train, test = stratified_split(labels, test_split, seed)
    assert sorted([*train, *test]) == list(range(len(labels)))
    for label, size in zip(np.arange(len(sizes)) * 3, sizes, strict=True):
        assert np.sum(labels[test] == label) == round(test_split * size)


def test_the_same_seed_gives_the_same_rows_everywhere():
    """These numbers were written down once: no version of NumPy may change them."""
    train, test = stratified_split(np.array([0] * 8 + [1] * 4), 0.25, seed=0)
    assert train.tolist() == [1, 8, 6, 0, 7, 4, 10, 5, 9]
    assert test.tolist() == [11, 3, 2]


def test_another_seed_gives_other_rows():
    labels = np.repeat([0, 1], 50)
    parts = {tuple(stratified_split(labels, 0.25, seed)[1]) for seed in range(10)}
    assert len(parts) == 10


def test_both_parts_are_in_random_order():
    labels = np.repeat([0, 1], 500)
    for rows in stratified_split(labels, 0.5, seed=0):
        tail = labels[rows][-100:]
        assert 30 < tail.sum() < 70


@pytest.mark.parametrize("test_split", [0, 1, -0.1, 1.5, 25, float("nan")])
def test_a_share_outside_0_to_1_is_refused(test_split):
    with pytest.raises(ValueError, match=f"test_split must lie between 0 and 1.* {test_split};"):
        stratified_split(np.zeros(10), test_split, 0)


@pytest.mark.parametrize(("test_split", "count"), [(0.05, 0), (0.95, 4)])
def test_a_share_that_empties_a_class_is_refused(test_split, count):
    labels = np.array([0] * 100 + [1] * 4)
    with pytest.raises(ValueError, match=f"puts {count} of the 4 rows of class 1"):
        stratified_split(labels, test_split, 0)


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="seed must be 0 or more, but is -1"):
        stratified_split(np.zeros(10), 0.5, -1)


@pytest.mark.parametrize("seed", [None, 0.5, "0"])
def test_a_seed_that_is_not_a_whole_number_is_refused(seed):
    with pytest.raises(TypeError):
        stratified_split(np.zeros(10), 0.5, seed)
