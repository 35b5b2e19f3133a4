"""Every kernel of ``cuda`` against the answer key: on Numba's simulator, or on a GPU (-m gpu).

On the simulator it runs in a process of its own, which ``test_simulator`` starts: the simulator has
to be chosen before Numba is imported.
"""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from hypothesis import given, settings

from dlcore.backends import KERNELS, memory
from dlcore.backends import numpy as key

from ..cases import arguments
from ..lesson_sizes import prepared

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
if not SIMULATED:
    cuda = pytest.importorskip("numba.cuda")
    if not cuda.is_available():
        pytest.skip("no GPU, and not on the simulator", allow_module_level=True)

from dlcore.backends import cuda  # noqa: E402

pytestmark = [] if SIMULATED else [pytest.mark.gpu]
TOLERANCE = {np.float32: 2e-5, np.float64: 1e-12}
WRITTEN = sorted(name for name in KERNELS if callable(getattr(cuda, name, None)))


def tuples(results):
    return results if isinstance(results, tuple) else (results,)


def computed(name, inputs, attributes, without=()):
    """The outputs of a kernel, and its inputs afterwards; before it runs its outputs are NaN."""
    kernel = KERNELS[name]
    arrays = [np.ascontiguousarray(x).reshape(np.shape(x)) for x in inputs]
    shapes = kernel.output_shapes([x.shape for x in arrays], attributes)
    kinds = [x.dtype for x in arrays if x.dtype.kind == "f"] or [arrays[0].dtype]
    kind = np.dtype(np.float32) if name == "random_uniform" else kinds[0]
    updated = len(kernel.updates)
    outputs = list(map(sent, arrays[:updated]))
    for array, shape in zip(kernel.outputs[updated:], shapes[updated:], strict=True):
        poison = -7 if array.integer or kind.kind != "f" else np.nan
        shape = (0,) * len(shape) if array.name in without else shape
        outputs.append(sent(np.full(shape, poison, np.int64 if array.integer else kind)))
    given = list(map(sent, arrays[updated:]))
    values = {**kernel.attributes, **attributes}.values()
    getattr(cuda, name)(*(a.view for a in outputs), *(a.view for a in given), *values)
    return tuple(map(memory.to_host, outputs)), tuple(map(memory.to_host, given))


def sent(array):
    made = memory.empty_on(cuda.DEVICE, array.shape, array.dtype)
    if array.size:
        cuda.DEVICE.to_device(made.memory, 0, np.ascontiguousarray(array))
    return made


def check(name, inputs, attributes, tolerance, without=()):
    found, after = computed(name, inputs, attributes, without)
    updated = len(KERNELS[name].updates)
    for x, y in zip(inputs[updated:], after, strict=True):
        np.testing.assert_array_equal(np.asarray(x), y, err_msg="an input was changed")
    expected = tuples(getattr(key, name)(*inputs, **attributes))
    for array, y, y_key in zip(KERNELS[name].outputs, found, expected, strict=True):
        if array.name in without:
            continue
        scale = max(1.0, float(np.max(np.abs(y_key), initial=0)))
        np.testing.assert_allclose(y, y_key, rtol=0, atol=tolerance * scale, err_msg=array.name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", WRITTEN)
def test_agrees_with_the_answer_key(name, dtype):
    @settings(max_examples=40 if not SIMULATED else 12 if dtype is np.float32 else 4)
    @given(arguments(name, dtype))
    def each(case):
        check(name, *case, TOLERANCE[dtype])

    each()


def test_every_kernel_is_written():
    assert WRITTEN == sorted(KERNELS)


# Beyond one block, one tile, one part of a sum, and no multiple of any of them. By the name of a
# kernel: shapes as in the table of sizes, and attributes.
BEYOND = {
    "relu": [([(4_099,)], {})],
    "adam_update": [([(1_030,)] * 4 + [(), ()], {})],
    "nadam_update": [([(1_030,)] * 4 + [(), (), ()], {})],
    "transpose": [([(2, 40, 35)], {"axes": (0, 2, 1)}), ([(9, 4, 10)], {"axes": (2, 0, 1)})],
    "binary": [([(7, 33), (7, 1)], {"op": "multiply"}), ([(5, 300), (300,)], {"op": "add"})],
    "gather": [([(11, 12), (70,)], {})],
    "scatter_add": [([(70, 12), (70,)], {"size": 11})],
    "softmax": [([(3, 1_100)], {}), ([(19, 70)], {})],
    "softmax_grad": [([(2, 1_100)] * 2, {})],
    "categorical_crossentropy_from_logits": [([(2, 1_100)] * 2, {}), ([(40, 10)] * 2, {})],
    "sparse_categorical_crossentropy_from_logits": [([(40, 10), (40,)], {})],
    "categorical_accuracy": [([(9, 70)] * 2, {}), ([(1, 1_100)] * 2, {})],
    "add_to_mean": [([(2,), (700,), (700,)], {})],
    "reduce": [
        ([(8_200,)], {"axis": (0,)}),
        ([(3, 8_200)], {"axis": (1,), "op": "max"}),
        ([(130, 33)], {"axis": (0,), "op": "mean"}),
        ([(3, 140, 5)], {"axis": (1,), "op": "min"}),
        ([(4, 6, 5, 3)], {"axis": (0, 2)}),
    ],
    "batch_norm": [([(200, 33), (33,), (33,)], {})],
    "batch_norm_grad": [([(200, 33)] * 2 + [(33,)] * 3, {})],
    "layer_norm": [([(3, 1_100), (1_100,), (1_100,)], {})],
    "layer_norm_grad": [([(140, 33)] * 2 + [(33,), (140,), (140,)], {})],
    "matmul": [
        ([(5, 300), (300, 6)], {}),  # in parts
        ([(130, 20), (20, 129)], {}),
        ([(3, 33, 5), (5, 40)], {}),
        ([(2, 1, 3, 4), (5, 4, 8)], {}),
    ],
    "dense": [([(33, 260), (260, 36), (36,)], {})],
    "dense_grad": [([(33, 36), (33, 44), (44, 36)], {})],
    "dense_relu": [([(33, 260), (260, 36), (36,)], {})],
    "dense_relu_grad": [([(33, 36), (33, 36), (33, 44), (44, 36)], {})],
    "conv2d": [([(2, 9, 8, 4), (3, 3, 4, 36), (36,)], {"padding": (1, 1, 2, 0)})],
    "conv2d_relu": [([(3, 7, 9, 3), (3, 2, 3, 8), (8,)], {"strides": (2, 1)})],
    "conv2d_grad": [
        ([(2, 8, 8, 8), (2, 8, 8, 4), (3, 3, 4, 8)], {"padding": (1, 1, 1, 1)}),
        ([(2, 4, 3, 8), (2, 9, 7, 4), (3, 3, 4, 8)], {"strides": (2, 2)}),
    ],
    "max_pool2d": [([(2, 9, 9, 8)], {"pool_size": (3, 3), "padding": (1, 0, 0, 1)})],
    "avg_pool2d_grad": [([(2, 5, 4, 8), (2, 10, 9, 8)], {})],
    "lstm": [([(33, 2, 8), (8, 16), (4, 16), (16,), (33, 4), (33, 4), (33, 2)], {})],
    "gru": [([(130, 2, 3), (3, 12), (4, 12), (2, 12), (130, 4), (130, 2)], {})],
    "simple_rnn": [([(130, 2, 3), (3, 5), (5, 5), (5,), (130, 5), (130, 2)], {})],
    "random_uniform": [([(), (), ()], {"shape": (1_030,)})],
}


# Inputs with a variance among them, or a sum of squares, cannot be negative.
POSITIVE = {"batch_norm_grad", "layer_norm_grad", "adam_update", "nadam_update"}


@pytest.mark.parametrize("name", BEYOND)
def test_beyond_one_block(name):
    rng, updated = np.random.default_rng(1), len(KERNELS[name].updates)
    for case in BEYOND[name]:
        outputs, inputs, _ = prepared(name, case)
        arrays = [*outputs[:updated], *inputs]
        for array in arrays:
            if array.dtype.kind == "f" and name not in POSITIVE:
                array *= rng.choice(np.array([-1, 1], array.dtype), array.shape)
        check(name, arrays, case[1], 5e-5)


SEQUENCES = ["simple_rnn", "simple_rnn_grad", "gru", "gru_grad", "lstm", "lstm_grad"]


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence_whose_weights_do_not_fit_into_registers(name, monkeypatch):
    module = sys.modules[f"dlcore.backends.cuda.{name.removesuffix('_grad')}"]
    monkeypatch.setattr(module, "fits", lambda gates, u: False)

    @settings(max_examples=4)
    @given(arguments(name, np.float32))
    def each(case):
        check(name, *case, TOLERANCE[np.float32])

    each()


@pytest.mark.parametrize(("count", "size"), [(300, 7), (70, 300), (600, 3)])
def test_rows_are_added_in_the_order_of_their_indices_also_when_sorted(count, size, monkeypatch):
    module, rng = sys.modules["dlcore.backends.cuda.scatter"], np.random.default_rng(count)
    monkeypatch.setattr(module, "CHUNKS", 2)
    dy = rng.normal(size=(count, 3)).astype(np.float32)
    inputs, attributes = [dy, rng.integers(0, size, count)], {"size": size}
    expected = computed("scatter_add", inputs, attributes)[0][0]
    monkeypatch.setattr(module, "FEW", 0)
    found = computed("scatter_add", inputs, attributes)[0][0]
    np.testing.assert_array_equal(expected, key.scatter_add(*inputs, **attributes))
    if count // size < 64:  # more are added in blocks
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(found, computed("scatter_add", inputs, attributes)[0][0])
    inputs[1][3] = size
    with pytest.raises(IndexError, match=f"The index {size} is not among 0 to {size - 1}"):
        computed("scatter_add", inputs, attributes)


@pytest.mark.parametrize("name", [k.name for k in KERNELS.values() if k.optional])
def test_an_output_that_nobody_wants(name):
    @settings(max_examples=3)
    @given(arguments(name, np.float32))
    def each(case):
        check(name, *case, 2e-5, without=KERNELS[name].optional)

    each()


@pytest.mark.parametrize("name", ["reduce", "matmul", "batch_norm", "conv2d_grad"])
def test_the_same_bits_again(name):
    outputs, inputs, values = prepared(name, BEYOND[name][0])
    first, _ = computed(name, inputs, BEYOND[name][0][1])
    second, _ = computed(name, inputs, BEYOND[name][0][1])
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("index", [-1, 3, 2**40])
@pytest.mark.parametrize("name", [k.name for k in KERNELS.values() if k.choices])
def test_an_index_that_there_is_not(name, index):
    rows, labels = np.ones((3, 3), np.float32), np.array([0, index, 1])
    inputs = {"gather": [rows, labels], "scatter_add": [rows, labels]}.get(name)
    if inputs is None:
        loss = [np.ones(3, np.float32)] if name.endswith("grad") else []
        inputs = [*loss, rows / 3, labels]
    attributes = {"size": 3} if name == "scatter_add" else {}
    with pytest.raises(IndexError, match=f"The index {index} is not among 0 to 2"):
        computed(name, inputs, attributes)
    assert cuda.DEVICE.wrong_index() is None


def test_an_array_that_starts_between():
    # A part of a long array need not lie at a multiple of 16 bytes: then no four numbers at once.
    x = np.arange(-20, 21, dtype=np.float32)
    whole, y = sent(x), sent(np.full(41, np.nan, np.float32))
    cuda.relu(y.part(1, 40).view, whole.part(1, 40).view)
    expected = np.maximum(x, 0)
    expected[[0, 40]] = np.nan
    np.testing.assert_array_equal(memory.to_host(y), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["relu", "dense", "conv2d_relu", "max_pool2d", "reduce"])
def test_a_number_that_is_not_finite_stays(name, value):
    inputs = {
        "relu": [np.ones(9)],
        "dense": [np.ones((3, 4)), np.ones((4, 5)), np.zeros(5)],
        "conv2d_relu": [np.ones((1, 3, 3, 4)), np.ones((2, 2, 4, 4)), np.zeros(4)],
        "max_pool2d": [np.ones((1, 4, 4, 4))],
        "reduce": [np.ones((3, 5))],
    }[name]
    inputs = [np.asarray(x, np.float32) for x in inputs]
    inputs[0].reshape(-1)[-1] = value
    attributes = {"op": "max", "axis": (1,)} if name == "reduce" else {}
    with np.errstate(invalid="ignore"):
        expected = tuples(getattr(key, name)(*inputs, **attributes))
    np.testing.assert_array_equal(computed(name, inputs, attributes)[0][0], expected[0])
