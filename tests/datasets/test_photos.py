"""The two photographs: what a lesson relies on, and that nobody's copy is changed."""

import numpy as np

from dlcore.datasets import photos


def test_two_photographs_of_one_size_by_their_names():
    both = photos.load_data()
    assert tuple(both) == photos.photo_names
    for photo in both.values():
        assert photo.shape == (160, 240, 3) and photo.dtype == np.uint8
        assert 20 < photo.std()  # a picture, not one tone


def test_the_rows_run_down_and_the_colours_are_red_green_and_blue():
    both = photos.load_data()
    # The sky of china lies above and is lighter than its trees; the flower is orange.
    assert both["china"][:10].mean() > both["china"][-10:].mean() + 50
    red, green, blue = both["flower"][60:100, 100:140].mean(axis=(0, 1))
    assert red > green > blue


def test_who_changes_a_photograph_changes_only_his_own():
    photos.load_data()["china"][:] = 0
    assert photos.load_data()["china"].any()
