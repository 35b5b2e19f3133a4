"""What lessons start from has the shapes and the meaning that their text says."""

from __future__ import annotations

import time

import numpy as np
import pytest

from dlcore import Tensor
from dlcore.course import material
from dlcore.datasets import credit, digits8, penguins


def test_the_penguins_of_lesson_01():
    x, t = material.flippers_and_masses()
    assert x.shape == t.shape == (342, 1)
    assert 2.6 < t.min() < t.max() < 6.4 and abs(np.median(x)) < 0.5
    columns = material.measures(["flipper_length_mm", "male"])
    np.testing.assert_allclose(columns.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(columns.std(axis=0), 1)
    assert np.corrcoef(columns[:, 0], x[:, 0])[0, 1] == pytest.approx(1)
    with pytest.raises(ValueError, match="no measure 'age'"):
        material.measures(["age"])


def test_what_was_tried_and_kept():
    changes = [(np.full((1, 1), dw), np.full(1, db)) for dw, db in ((1, 2), (5, 5), (-3, 1))]
    path = [(np.full((1, 1), w), np.full(1, b)) for w, b in ((1, 2), (1, 2), (-2, 3))]
    tried, kept = material.tried_and_kept(path, changes)
    assert tried == [(1, 2), (6, 7), (-2, 3)] and kept == [(0, 0), (1, 2), (-2, 3)]
    made = material.random_changes(np.zeros((5, 3)), size=0.2, trials=7)
    assert len(made) == 7 and made[0][0].shape == (3, 1) and made[0][1].shape == (1,)
    assert all(np.abs(each).max() <= 0.2 for pair in made for each in pair)


def test_the_species_are_measures_too():
    columns = material.measures(["chinstrap", "gentoo"])
    np.testing.assert_allclose(columns.mean(axis=0), 0, atol=1e-9)
    assert ((columns > 0).sum(axis=0) == [68, 123]).all() and not (columns > 0).all(axis=1).any()


def walked(x, t, rate, near):
    """The steps of a walk from nought that arrives, counted."""
    columns = np.column_stack([x, np.ones(len(x))])
    best = np.linalg.lstsq(columns, t, rcond=None)[0]
    lowest, weights, steps = np.mean((columns @ best - t) ** 2), 0 * best, 0
    while np.mean((columns @ weights - t) ** 2) > lowest + near:
        weights = weights - rate * 2 * columns.T @ (columns @ weights - t) / len(x)
        steps += 1
    return steps


@pytest.mark.parametrize(("beyond", "rate"), [(0, 0.1), (0, 0.33), (3, 0.07), (3, 0.08)])
def test_the_steps_of_lesson_02_are_those_of_a_walk(beyond, rate):
    x, t = material.flippers_and_masses()
    needed = material.steps_needed(x + beyond, t, rate)
    assert needed == walked(x + beyond, t, rate, 0.001) > 1
    assert material.steps_needed(x + beyond, t, rate, near=1e9) == 0


def test_the_curvatures_of_lesson_02_are_where_walks_begin_to_climb():
    x, t = material.flippers_and_masses()
    steepest, flattest = material.curvatures(x + 3)
    assert steepest > 24 and 0.3 < flattest < 0.34
    assert material.steps_needed(x + 3, t, 1.999 / steepest) > 1000
    with pytest.raises(ValueError, match=r"climbs; it has to be below 0\.0808"):
        material.steps_needed(x + 3, t, 2.001 / steepest)


def test_the_seasons_of_lesson_04():
    x, t, x_2015, t_2015 = material.seasons()
    assert x.shape == t.shape == (1096, 1) and x_2015.shape == t_2015.shape == (365, 1)
    assert x.min() == -1 and x.max() <= 1 and t[np.abs(x) < 0.2].mean() > 2 * t[x < -0.9].mean()
    assert 15 < material.same_day_loss() < 25


def test_the_two_layers_of_lesson_04():
    w1, b1, w2, b2 = material.spread_hinges(4, start=np.array([1.5]))
    places = np.array([[-1.0], [0.0], [1.0]])
    h, y = material.two_layers(places, "relu", w1, b1, w2, b2)
    assert h.tolist() == [[0, 0, 0, 0], [1, 0.5, 0, 0], [2, 1.5, 1, 0.5]]
    assert y.ravel().tolist() == [1.5, 1.5, 1.5]


def test_the_penguins_of_lesson_03():
    x, t = material.penguins_by_sex()
    assert x.shape == (333, 2) and t.shape == (333, 1) and set(t.ravel()) == {0, 1}
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(x.std(axis=0), 1)
    assert t.sum() == 168 and (x[t.ravel() == 1].mean(axis=0) > 0.3).all()  # males are larger


def test_the_clients_of_lesson_03():
    (x_train, y_train), (x_test, y_test) = credit.load_data()
    x, t, x_unseen, t_unseen = material.clients("Price", "Records", "Job")
    assert x.shape == (3340, 14) and x_unseen.shape == (1114, 14)
    np.testing.assert_array_equal(x[:, :8], x_train)
    np.testing.assert_array_equal(x_unseen[:, :8], x_test)
    np.testing.assert_array_equal(t[:, 0], y_train)
    np.testing.assert_array_equal(t_unseen[:, 0], y_test)
    assert material.clients()[0].shape == (3340, 8)
    with pytest.raises(ValueError, match="no further column 'Shoes'"):
        material.clients("Shoes")


def test_further_columns_of_the_clients_belong_to_their_rows():
    """Amount and Price go together, and the rows of the split are those of load_data."""
    x, _, x_unseen, _ = material.clients("Price", "Records", "Home")
    for part in (x, x_unseen):
        assert np.corrcoef(part[:, 7], part[:, 8])[0, 1] > 0.6
        assert set(np.unique(part[:, 9])) == {0, 1} and 0.1 < part[:, 9].mean() < 0.25
        assert part[:, 10:].sum(axis=1).max() == 1  # a home is of one kind, or unknown
        assert part[:, 10:].sum() > len(part) - 7
    np.testing.assert_allclose(x[:, 8].mean(), 0, atol=1e-5)
    np.testing.assert_allclose(x[:, 8].std(), 1, atol=1e-5)


def test_the_linear_answers_of_lesson_03_have_the_least_squared_miss():
    x, t, _, _ = material.clients()
    y = material.linear_answers(x, t)
    assert y.shape == t.shape and (y - t).mean() == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(x.T @ (y - t) / len(x), 0, atol=1e-5)


def test_the_penguins_of_lesson_06():
    x, t, x_test, species = material.penguins_by_species()
    assert x.shape == (256, 4) and t.shape == (256, 3) and x.dtype == t.dtype == np.float32
    assert x_test.shape == (86, 4) and species.shape == (86,)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(x.std(axis=0), 1, atol=1e-5)
    assert np.abs(x_test.mean(axis=0)).max() < 0.3, "scaled as the others, not by itself"
    assert (t.sum(axis=1) == 1).all() and np.bincount(species).tolist() == [38, 17, 31]


def test_the_arrays_of_a_tape_of_lesson_06():
    a, b = (Tensor(np.float64(number), requires_grad=True) for number in (3.0, 5.0))
    end = a * b + a * a + 2.0
    inputs, slopes, number, (row_a, row_b) = material.tape_as_arrays(end, a, b)
    assert inputs.shape == slopes.shape == (6, 2)
    rows = {tuple(sorted(row)): sorted(s) for row, s in zip(inputs, slopes, strict=True)}
    assert rows[tuple(sorted((row_a, row_b)))] == [3, 5]
    assert rows[row_a, row_a] == [3, 3] and rows[-1, -1] == [0, 0]
    assert sum(inputs[number] >= 0) == 1, "a constant has no slope and no row"


def test_how_long_something_takes():
    calls = []
    assert material.seconds(lambda: calls.append(time.sleep(0.002)), times=3) >= 0.002
    assert len(calls) == 4, "the first is not counted"


def test_the_measures_are_those_that_were_scaled():
    raw = material.penguin_measures()
    assert raw.shape == (256, 4) and 2700 <= raw[:, 3].min() and raw[:, 3].max() <= 6300
    x, _, x_unseen, _ = material.penguins_by_species()
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    np.testing.assert_allclose((raw - mean) / spread, x, atol=1e-5)
    _, (kept_aside, _) = penguins.load_data()
    np.testing.assert_allclose((kept_aside - mean) / spread, x_unseen, atol=1e-5)


def test_the_digits_of_lesson_07():
    x, labels, x_unseen, labels_unseen = material.digits_as_rows()
    assert x.shape == (1347, 64) and x_unseen.shape == (450, 64)
    assert labels.shape == (1347,) and labels.dtype == np.int64 and set(labels) == set(range(10))
    assert x.min() == 0 and x.max() == 1
    (pictures, _), _ = digits8.load_data()
    np.testing.assert_array_equal(x[5].reshape(8, 8) * 16, pictures[5])
    shown, logits, true = material.eight_digits()
    for picture, label in zip(shown, true, strict=True):
        (row,) = np.flatnonzero((x_unseen == picture.ravel() / 16).all(axis=1))
        assert labels_unseen[row] == label
    assert logits.shape == (8, 10)
    assert 1 <= (logits.argmax(axis=1) == true).sum() <= 4  # some easy, some hard


def test_the_ten_sigmoids_of_lesson_07_are_asked_separately():
    x, labels, x_unseen, labels_unseen = material.digits_as_rows()
    y = material.ten_sigmoids(x, labels, x_unseen)
    assert y.shape == (450, 10) and 0 < y.min() < y.max() < 1
    assert np.mean(y.argmax(axis=1) == labels_unseen) == pytest.approx(0.94, abs=0.004)
    assert y.sum(axis=1).min() == pytest.approx(0.194, abs=2e-3)
    assert y.sum(axis=1).max() == pytest.approx(1.82, abs=0.01)
    swapped = np.where(labels == 3, 4, np.where(labels == 4, 3, labels))
    others = [0, 1, 2, 5, 6, 7, 8, 9]  # what they say of their digits depends on nothing else
    other = material.ten_sigmoids(x, swapped, x_unseen)
    np.testing.assert_allclose(other[:, others], y[:, others])
    np.testing.assert_allclose(other[:, 3], y[:, 4])


def test_slopes_by_trial():
    x, dy = np.array([[1.0, -2, 0.5], [3, 0, 1]]), np.array([[2.0, 1, -1], [0.5, 3, 1]])
    np.testing.assert_allclose(material.slopes_by_trial(np.square, x, dy), 2 * x * dy, atol=1e-8)
    turned = material.slopes_by_trial(lambda each: each[::-1], x, dy)
    np.testing.assert_allclose(turned, dy[::-1], atol=1e-8)
