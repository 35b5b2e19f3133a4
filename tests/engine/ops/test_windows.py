"""Convolution and pooling as operations: shapes, values, gradients, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import backends
from dlcore.engine import ops
from dlcore.engine.ops.windows import pads, places
from dlcore.layers import Input
from dlcore.tensor import Tensor, gradients
from tests.engine.ops.slopes import check_gradients, distinct

few = st.integers(1, 3)
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def answer_key():
    before = backends.get_backend()
    backends.set_backend("numpy")
    yield
    backends.set_backend(before)


@st.composite
def convolutions(draw):
    """Shapes of x and kernel, and arguments of conv, that fit."""
    rank = draw(st.sampled_from([1, 2]))
    padding = draw(st.sampled_from(["valid", "same", "causal"][: 4 - rank]))
    kernel = [draw(few) for _ in range(rank)]
    dilation = tuple(draw(few) for _ in range(rank))
    strides = tuple(draw(few) for _ in range(rank))
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    least = reach if padding == "valid" else [1] * rank
    space = [size + draw(st.integers(0, 4)) for size in least]
    c, f = draw(few), draw(few)
    arguments = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    return (draw(few), *space, c), (*kernel, c, f), arguments


def expected_size(size, window, stride, padding, dilation=1):
    """The formula of the documentation."""
    if padding == "valid":
        return (size - dilation * (window - 1) - 1) // stride + 1
    return math.ceil(size / stride)


@settings(max_examples=40)
@given(convolutions())
def test_shapes_and_gradients_of_conv(case):
    x_shape, kernel_shape, arguments = case
    arrays = [RNG.normal(size=s) for s in (x_shape, kernel_shape, kernel_shape[-1:])]
    z = ops.conv(arrays[0], arrays[1], **arguments)
    strides, padding, dilation = arguments.values()
    moves = zip(x_shape[1:-1], kernel_shape[:-2], strides, dilation, strict=True)
    sizes = [expected_size(n, k, s, padding, d) for n, k, s, d in moves]
    assert z.shape == (x_shape[0], *sizes, kernel_shape[-1])
    check_gradients(lambda x, w, b: ops.conv(x, w, **arguments, bias=b), arrays)


@settings(max_examples=40)
@given(
    st.sampled_from([ops.max_pool, ops.average_pool]),
    st.lists(st.tuples(few, few, st.integers(0, 4)), min_size=1, max_size=2),
    st.sampled_from(["valid", "same"]),
    st.tuples(few, few),
)
def test_shapes_and_gradients_of_pooling(pool, axes, padding, rows_and_channels):
    windows, strides, more = zip(*axes, strict=True)
    space = [window + m for window, m in zip(windows, more, strict=True)]
    x = distinct(RNG, (rows_and_channels[0], *space, rows_and_channels[1]))
    y = pool(x, windows, strides, padding)
    moves = zip(space, windows, strides, strict=True)
    sizes = [expected_size(n, k, s, padding) for n, k, s in moves]
    assert y.shape == (len(x), *sizes, x.shape[-1])
    check_gradients(lambda x: pool(x, windows, strides, padding), [x])


@given(st.integers(1, 30), st.integers(1, 6), st.integers(1, 6), st.integers(1, 4))
def test_same_pads_as_little_as_it_can_and_the_odd_cell_behind(size, window, stride, dilation):
    before, after = pads("same", size, window, stride, dilation)
    moves = (window, 1), (stride, 1), "same", (dilation, 1)
    count, unknown = places((size, None), *moves)
    assert count == math.ceil(size / stride) and unknown is None
    assert after - before in (0, 1)
    reach = dilation * (window - 1) + 1
    if before + after:
        # Not a cell is left over: one cell less, and the last place would be missing.
        assert (count - 1) * stride + reach == size + before + after


def test_the_odd_cell_is_on_the_right_and_below():
    # A kernel of 2 by 2 that adds up: without the last row and column it sees less there.
    z = ops.conv(np.ones((1, 2, 3, 1)), np.ones((2, 2, 1, 1)), padding="same")
    assert z.data[0, :, :, 0].tolist() == [[4, 4, 2], [2, 2, 1]]


def test_causal_sees_nothing_that_comes_later():
    x = Tensor(RNG.normal(size=(1, 7, 2)), requires_grad=True)
    z = ops.conv(x, RNG.normal(size=(3, 2, 1)), padding="causal", dilation_rate=2)
    assert z.shape == (1, 7, 1)
    (dx,) = gradients(ops.sum(z[0, 4, 0]), [x])
    assert np.abs(dx[0]).sum(1).astype(bool).tolist() == [1, 0, 1, 0, 1, 0, 0]


def test_strides_of_pooling_are_the_window_by_default():
    x = np.arange(6.0).reshape(1, 6, 1)
    assert ops.max_pool(x, 2).data.reshape(-1).tolist() == [1, 3, 5]
    assert ops.average_pool(x, 3).data.reshape(-1).tolist() == [1, 4]
    assert ops.average_pool(x[:, :5], 3, padding="SAME").data.reshape(-1).tolist() == [1, 3.5]


def test_whole_numbers_and_lists_are_taken():
    x = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1)
    z = ops.conv(x, np.ones((2, 2, 1, 1), np.float32), strides=[1, 1])
    assert z.dtype == np.float32 and z.data[0, :, :, 0].tolist() == [[8, 12], [20, 24]]
    assert ops.max_pool(x.tolist(), 3).data.item() == 8
    wide = ops.conv(x.astype(np.float32), np.ones((2, 2, 1, 1)))
    assert wide.dtype == np.float64


def test_on_symbols():
    assert ops.max_pool(Input((8, 8, 3)), 2).shape == (None, 4, 4, 3)
    kernel = np.ones((3, 3, 3, 5), np.float32)
    assert ops.conv(Input((8, 8, 3)), kernel, padding="same").shape == (None, 8, 8, 5)


IMAGE, KERNEL = np.zeros((2, 4, 4, 1)), np.zeros((3, 3, 1, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.conv(IMAGE[0], KERNEL), r"\(4, 4, 1\) and \(3, 3, 1, 2\)"),
        (lambda: ops.conv(IMAGE[..., None], KERNEL[..., None]), "sequences .* or images"),
        (lambda: ops.conv(IMAGE, KERNEL, padding="casual"), "'valid' or 'same', not 'casual'"),
        (lambda: ops.conv(IMAGE, KERNEL, padding="causal"), "'valid' or 'same', not 'causal'"),
        (lambda: ops.conv(IMAGE, KERNEL, padding=1), "'valid' or 'same', not 1"),
        (lambda: ops.conv(IMAGE, KERNEL, strides=0), "strides is a whole number above 0"),
        (lambda: ops.conv(IMAGE, KERNEL, strides=(1, 2, 1)), r"\(3, 3\), not \(1, 2, 1\)"),
        (lambda: ops.conv(IMAGE, KERNEL, strides=True), "not True"),
        (lambda: ops.conv(IMAGE, KERNEL, dilation_rate="2"), "not '2'"),
        (lambda: ops.conv(IMAGE, KERNEL, data_format="channels_first"), "moveaxis"),
        (lambda: ops.conv(IMAGE, KERNEL, dilation_rate=2), "does not fit"),
        (lambda: ops.max_pool(IMAGE, 5), "do not fit into an image of 4 by 4"),
        (lambda: ops.max_pool(IMAGE[0, 0], 2), r"max_pool takes .* not shape \(4, 1\)"),
        (lambda: ops.average_pool(IMAGE, 2.0), "pool_size is a whole number .* not 2.0"),
        (lambda: ops.average_pool(IMAGE, 2, padding="causal"), "average_pool: padding"),
        (lambda: ops.average_pool(IMAGE, 2, data_format="first"), "average_pool: data_format"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 3, 3, 1)])
@pytest.mark.parametrize("pool", [ops.max_pool, ops.average_pool])
def test_pooling_is_of_sequences_and_images(pool, shape):
    with pytest.raises(ValueError, match=r"takes sequences .* or images .*, not shape"):
        pool(np.zeros(shape), 2)


@pytest.mark.parametrize("sizes", [True, 1.0, (1.0, 1.0), (True, 1), (2.0, 2)])
def test_what_equals_a_whole_number_but_is_none_is_refused_each_time(sizes):
    for good in (1, 2, (1, 1), (2, 2)):
        ops.conv(IMAGE, KERNEL, strides=good, dilation_rate=1)
        ops.max_pool(IMAGE, good, strides=good)
    for call in (
        lambda: ops.conv(IMAGE, KERNEL, strides=sizes),
        lambda: ops.conv(IMAGE, KERNEL, dilation_rate=sizes),
        lambda: ops.max_pool(IMAGE, sizes),
        lambda: ops.average_pool(IMAGE, 2, strides=sizes),
    ):
        with pytest.raises(ValueError, match="whole number above 0"):
            call()
