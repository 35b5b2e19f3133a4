"""One call of a learner's function: what it leaves behind in the engine is put back."""

import numpy as np
import pytest

from dlcore.course import outcome
from dlcore.course.time_limit import Limit, OutOfTime
from dlcore.engine import tensor
from dlcore.layers import tracking


def leaves_the_tape_off(x):
    tensor.no_grad().__enter__()
    tracking.within.names = ("inside",)
    return x


def never_comes_back(x):
    leaves_the_tape_off(x)
    while True:
        pass


@pytest.mark.parametrize("function", [leaves_the_tape_off, never_comes_back])
def test_a_call_leaves_the_engine_as_it_was(function):
    with Limit(0.2) as limit:
        try:
            outcome.call(function, (np.ones((2, 3)),), limit)
        except OutOfTime:
            assert function is never_comes_back
    assert tensor.recording() and tracking.within.names == ()
