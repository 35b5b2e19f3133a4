"""How well the pad reads 240 digits that people write otherwise than the data do.

Recipes were chosen on parts a and b; part c was looked at once, when the recipe was fixed.
Measured with seed 0: 94 % of a and of b are right, and 95 % of c, with seeds 1 and 2 95 % and 97 %
of c. Most often wrong are a 1 with flag and foot, a steep 7, 8 and 9 with a small loop, and a tall
open 4.
"""

import numpy as np
import pytest

from dlcore.datasets import digits8
from dlcore.widgets import digit_copies
from tests.widgets import handwriting


@pytest.fixture(scope="module")
def network():
    return handwriting.network(seed=0)


def test_there_are_as_many_of_each_digit_each_in_a_manner_of_its_own():
    for part, count in (("a", 7), ("b", 7), ("c", 10)):
        digits = [each.digit for each in handwriting.written(part)]
        assert np.bincount(digits).tolist() == [count] * 10
    manners = [(each.digit, each.manner) for each in handwriting.written()]
    assert len(set(manners)) == 240
    for each in handwriting.written():
        for stroke in each.strokes:
            assert all(len(point) == 3 and 0 <= min(point[:2]) and max(point[:2]) <= 1
                       for point in stroke)  # fmt: skip


@pytest.mark.parametrize(
    ("part", "least", "least_of_one_digit"), [("a", 0.91, 0.5), ("b", 0.9, 0.6), ("c", 0.92, 0.7)]
)
def test_most_of_what_is_written_is_read(part, least, least_of_one_digit, network):
    written = handwriting.written(part)
    right = handwriting.right(network, written)
    assert right.mean() >= least
    for digit in range(10):
        of_it = right[[each.digit == digit for each in written]]
        assert of_it.mean() >= least_of_one_digit, digit


def test_copies_help_the_pad_and_cost_the_data_nothing(network):
    (x, t), (x_test, t_test) = digits8.load_data()
    answers = np.argmax(network.predict(x_test / 16, verbose=0), axis=1)
    assert np.mean(answers == t_test) > 0.97
    plain = handwriting.network(seed=0, copies=0, epochs=200)
    written = handwriting.written("ab")
    gain = handwriting.right(network, written).mean() - handwriting.right(plain, written).mean()
    assert gain > 0.04


def test_copies_keep_labels_shape_and_ink_and_follow_from_the_seed():
    (x, t), _ = digits8.load_data()
    x, t = x[:60], t[:60]
    more, labels = digit_copies(x, t, copies=3, seed=4)
    assert more.shape == (240, 8, 8) and more.dtype == np.float32
    np.testing.assert_array_equal(labels, np.tile(t, 4))
    np.testing.assert_array_equal(more[:60], x)
    assert more.min() >= 0 and more.max() <= 16
    again, _ = digit_copies(x, t, copies=3, seed=4)
    other, _ = digit_copies(x, t, copies=3, seed=5)
    np.testing.assert_array_equal(more, again)
    assert not np.array_equal(more[60:], other[60:])
    changed = np.abs(more.reshape(4, 60, 64) - x.reshape(60, 64)).mean(axis=2)
    assert (changed[1:] > 0.2).all() and (changed[1:] < 6).all()


def test_the_dots_of_a_picture_give_its_counts():
    from dlcore.widgets import copies

    (x, _), _ = digits8.load_data()
    dots = copies._dots(x.astype(np.float32))
    np.testing.assert_array_equal(copies._counted(dots), x)
    thin = copies._thinned(dots)
    assert (dots | thin == dots).all() and 0.2 < thin.sum() / dots.sum() < 0.7


def test_a_copy_without_any_change_is_the_picture(monkeypatch):
    from dlcore.widgets import copies

    for name in ("TURN", "SLANT", "SIZE", "SHIFT", "BEND", "THIN"):
        monkeypatch.setattr(copies, name, 0.0)
    (x, t), _ = digits8.load_data()
    more, _ = digit_copies(x[:20], t[:20], copies=1)
    np.testing.assert_array_equal(more[20:], x[:20])


@pytest.mark.parametrize("name", ["TURN", "SLANT", "SIZE", "SHIFT", "BEND", "THIN"])
def test_each_change_alone_changes_the_copies(name, monkeypatch):
    from dlcore.widgets import copies

    kept = getattr(copies, name)
    for each in ("TURN", "SLANT", "SIZE", "SHIFT", "BEND", "THIN"):
        monkeypatch.setattr(copies, each, kept if each == name else 0.0)
    (x, t), _ = digits8.load_data()
    more, _ = digit_copies(x[:20], t[:20], copies=1)
    assert np.abs(more[20:] - x[:20]).mean() > 0.1
