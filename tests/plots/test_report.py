"""A report: numbers by their names, rounded, and figures below them."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import plots
from dlcore.plots.report import title, worded


@pytest.mark.parametrize(
    "value, text",
    [
        (0.15493, "0.155"),
        (np.float32(14.66), "14.7"),
        (1234.0, "1,234"),
        (-0.0, "0"),
        (342, "342"),
        (True, "yes"),
        (np.False_, "no"),
        ((342, 1), "(342, 1)"),
        ((0.8012, "kg"), "0.801 kg"),
        (np.array([3.2451, -0.0]), "[3.25 0.  ]"),
        (np.array([1, 20]), "[ 1 20]"),
        ("10 in 100", "10 in 100"),
    ],
)
def test_values_are_short(value, text):
    assert worded(value) == text


def test_names_are_words():
    assert title("mean_loss_below_0_16", 1) == "mean loss below 0.16"
    assert title("x_train", (3, 4)) == "x_train"
    assert title("numbers_in_w1_b1", 3) == "numbers in w1 b1"


def test_sentences_come_first_then_numbers_then_figures(capsys):
    figure = plots.curves({"loss": [3, 2]}, title="A title", xlabel="x (m)", ylabel="y (s)")
    plots.report(figure, "A sentence.", rows=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["A sentence.", "rows: 2", "Figure: A title"]
