"""Targets in the shape of the outputs: the one rule that losses and metrics share."""

import numpy as np
import pytest

from dlcore import Tensor, losses, metrics
from dlcore.utils.targets import fitted, rows_of_labels


@pytest.mark.parametrize("make", [np.zeros, lambda shape: Tensor(np.zeros(shape))])
@pytest.mark.parametrize(
    ("target", "output"), [((4,), (4, 1)), ((4, 1), (4,)), ((4, 3), (4, 3, 1)), ((4, 3), (4, 3))]
)
def test_an_axis_of_one_is_no_difference(make, target, output):
    y = make(target)
    for strict in (True, False):
        assert fitted(y, output, strict).shape == output
    assert (fitted(y, output) is y) == (target == output)


@pytest.mark.parametrize(("target", "output"), [((4,), (4, 3)), ((4, 2), (4, 3)), ((1,), (4, 1))])
def test_what_would_be_spread_is_refused(target, output):
    y = np.zeros(target)
    assert fitted(y, output, strict=False) is y
    told = f"shape {target}".replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(ValueError, match=f"{told} do not fit"):
        fitted(y, output)
    with pytest.raises(ValueError, match=f"{told} do not fit"):
        losses.mean_squared_error(y, np.zeros(output))
    with pytest.raises(ValueError, match=told):
        metrics.binary_accuracy(y, np.zeros(output))


def test_class_numbers_are_one_a_row():
    assert rows_of_labels((4,), (4, 3), "sparse_x") == (4,)
    assert rows_of_labels((4, 2, 1), (4, 2, 3), "sparse_x") == (4, 2)
    with pytest.raises(ValueError, match=r"of shape \(4,\) for .*\(4, 3\), but.* use 'x'\."):
        rows_of_labels((4, 3), (4, 3), "sparse_x")
