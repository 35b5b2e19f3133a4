"""A row through a model that is called takes its time for finding out, so that is counted."""

import gc
import sys

import numpy as np
import pytest

from dlcore import Input, Model, Sequential, backends
from dlcore.backends.declare import Kernel
from dlcore.layers import Conv2D, Dense, Flatten, MaxPooling2D
from dlcore.layers.tracking import Tracking


@pytest.fixture(autouse=True)
def cpu(monkeypatch):
    pytest.importorskip("numba")
    # Once a layer has added a loss, each call looks whether there are some to be dropped.
    monkeypatch.setattr(Tracking, "_ever_added", False)
    before = backends.get_backend()
    backends.set_backend("cpu")
    yield
    backends.set_backend(before)


def stack(count):
    return Sequential([Input((8,)), *(Dense(8, "relu") for _ in range(count))])


def graph(count):
    x = y = Input((8,))
    for _ in range(count):
        y = Dense(8, "relu")(y)
    return Model(x, y)


def calls(model):
    """How many functions of the library run while the model is called a third time.

    Not those of others: how often it is asked for its threads goes by how many BLAS are loaded.
    """
    x, seen = np.ones((1, *model.input_shape[1:]), np.float32), []
    model(x)
    model(x)
    gc.collect()  # what other tests have left behind would be let go in the middle, and be counted

    def note(frame, event, _):
        if event == "call" and frame.f_globals.get("__name__", "").startswith("dlcore."):
            seen.append(frame)

    gc.disable()
    sys.setprofile(note)
    try:
        model(x)
    finally:
        sys.setprofile(None)
        gc.enable()
    return len(seen)


@pytest.mark.parametrize("make", [stack, graph])
def test_a_dense_layer_calls_few_functions(make):
    three, six = calls(make(3)), calls(make(6))
    assert (six - three) / 3 < 40 and three < 160


def test_a_convolution_calls_few_functions():
    pair = [Conv2D(4, 3, padding="same", activation="relu"), MaxPooling2D()]
    assert calls(Sequential([Input((8, 8, 3)), *pair, Flatten()])) < 165


def test_the_shapes_of_a_kernel_are_worked_out_once(monkeypatch):
    model, x = stack(2), np.ones((1, 8), np.float32)
    model(x)
    asked = []
    shapes = Kernel.output_shapes
    monkeypatch.setattr(Kernel, "output_shapes", lambda *a: asked.append(a[0].name) or shapes(*a))
    model(x)
    assert asked == []
    model(np.ones((3, 8), np.float32))  # the second layer's are like the first one's
    assert asked == ["dense_relu"]


def test_a_float64_among_float32_is_no_other_plan_for_the_next():
    """What is remembered for some dtypes serves no others."""
    a, b = np.ones(3, np.float32), np.ones(3)
    kinds = [backends.compute("binary", x, y, op="add").dtype for x, y in [(a, a), (a, b), (a, a)]]
    assert kinds == [np.float32, np.float64, np.float32]
    assert backends.compute("binary", a, np.float64(1), op="add").dtype == np.float32
