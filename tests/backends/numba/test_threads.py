"""Kernels with two forms: the same bits from one thread and from several, and the right choice.

The bits are compared in a process of its own, which has four threads whatever the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import KERNELS
from dlcore.backends import numpy as key
from dlcore.backends.dispatch import destination_passing

cpu = pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")
pool = pytest.importorskip("dlcore.backends.numba.pool")

# Shapes of the inputs that are work enough for several threads, and do not divide evenly.
IMAGES = {"strides": (1, 1), "padding": (1, 0, 1, 2)}
WINDOWS = {"pool_size": (3, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}
# 53 sequences of 11 steps with 9 columns, through 40 units.
LETTERS = {"n": 53, "t": 11, "i": 9, "k": 40}
RECURRENT = {
    name: ([array.shape(LETTERS) for array in KERNELS[name].inputs], {})
    for layer in ("simple_rnn", "lstm", "gru")
    for name in (layer, f"{layer}_grad")
}
LARGE = {
    "conv2d": ([(11, 20, 19, 5), (3, 4, 5, 24), (24,)], IMAGES),
    "conv2d_grad": ([(11, 19, 19, 24), (11, 20, 19, 5), (3, 4, 5, 24)], IMAGES),
    "conv2d_relu": ([(11, 20, 19, 5), (3, 4, 5, 24), (24,)], IMAGES),
    "conv2d_relu_grad": (
        [(11, 19, 19, 24), (11, 19, 19, 24), (11, 20, 19, 5), (3, 4, 5, 24)],
        IMAGES,
    ),
    # … and kernels of 3 by 3 with many channels, which go a way of their own.
    "conv2d (special 1)": ([(11, 17, 16, 37), (3, 3, 37, 33), (33,)], IMAGES),
    "conv2d_grad (special 1)": ([(11, 16, 17, 33), (11, 17, 16, 37), (3, 3, 37, 33)], IMAGES),
    "conv2d_relu (special 1)": ([(11, 17, 16, 37), (3, 3, 37, 33), (33,)], IMAGES),
    "conv2d_relu_grad (special 1)": (
        [(11, 16, 17, 33), (11, 16, 17, 33), (11, 17, 16, 37), (3, 3, 37, 33)],
        IMAGES,
    ),
    "dense": ([(50, 1001), (1001, 301), (301,)], {}),
    "dense_grad": ([(50, 301), (50, 1001), (1001, 301)], {}),
    "dense_relu": ([(50, 1001), (1001, 301), (301,)], {}),
    "dense_relu_grad": ([(50, 301), (50, 301), (50, 1001), (1001, 301)], {}),
    "sigmoid": ([(100_003,)], {}),
    "tanh": ([(100_003,)], {}),
    "erf": ([(100_003,)], {}),
    "relu": ([(100_003,)], {}),
    "leaky_relu": ([(100_003,)], {"negative_slope": 0.3}),
    "sigmoid_grad": ([(100_003,), (100_003,)], {}),
    "tanh_grad": ([(100_003,), (100_003,)], {}),
    "relu_grad": ([(100_003,), (100_003,)], {}),
    "leaky_relu_grad": ([(100_003,), (100_003,)], {"negative_slope": 0.3}),
    "dropout": ([(100_003,), (100_003,)], {"rate": 0.5}),
    "take_rows": ([(300, 1001), (300,), ()], {"rows": 201}),
    "batch_norm": ([(4_001, 27), (27,), (27,)], {}),
    "batch_norm_grad": ([(4_001, 27), (4_001, 27), (27,), (27,), (27,)], {}),
    "sgd_update": ([(100_003,)] * 2 + [()], {}),
    **{
        f"{name}_update": ([(100_003,)] * 3 + [()], {})
        for name in ("momentum", "rmsprop", "adagrad", "lion")
    },
    "adam_update": ([(100_003,)] * 4 + [()] * 2, {}),
    "amsgrad_update": ([(100_003,)] * 5 + [()] * 2, {}),
    "nadam_update": ([(100_003,)] * 4 + [()] * 3, {}),
    "adamax_update": ([(100_003,)] * 4 + [()] * 2, {}),
    **{
        f"{name}_update": ([(100_003,)] * 4 + [()], {})
        for name in ("adadelta", "rmsprop_momentum", "rmsprop_centered")
    },
    "rmsprop_centered_momentum_update": ([(100_003,)] * 5 + [()], {}),
    "affine_sample": ([(11, 29, 31, 3), (11, 6)], {}),
    "affine_sample_grad": ([(11, 29, 31, 3), (11, 6)], {"fill_mode": "reflect"}),
    "max_pool2d": ([(11, 33, 31, 12)], WINDOWS),
    "max_pool2d_grad": ([(11, 16, 15, 12), (11, 16, 15, 12), (11, 33, 31, 12)], {}),
    "avg_pool2d": ([(11, 33, 31, 12)], WINDOWS),
    "avg_pool2d_grad": ([(11, 16, 15, 12), (11, 33, 31, 12)], WINDOWS),
    **RECURRENT,
}


def parallel_kernels():
    """By name; a special way of a kernel has its number behind it."""
    found = {name: getattr(cpu, name, None) for name in KERNELS}
    parallel = {}
    for name, way in found.items():
        number = 0
        while hasattr(way, "ways"):
            number += 1
            parallel[f"{name} (special {number})"], way = way.ways
        parallel[name] = way
    return {name: f for name, f in parallel.items() if hasattr(f, "threaded")}


def kernel_of(name):
    return KERNELS[name.partition(" ")[0]]


def arrays(name, shapes, rng):
    """Random inputs; whole numbers are 0 or 1, numbers that must be positive are."""
    for array, shape in zip(kernel_of(name).inputs, shapes, strict=True):
        if array.name == "step":
            yield np.asarray(3)
        elif array.integer:
            yield rng.integers(0, 2, shape)
        elif name.startswith("rmsprop_centered") and array.name == "a":
            yield np.asarray(rng.uniform(0.0, 0.3, shape), np.float32)  # below the root of v
        else:
            yield np.asarray(rng.uniform(0.1, 0.9, shape), np.float32)


def prepared(name):
    """Outputs, inputs and attributes of a kernel at its large shapes."""
    shapes, attributes = LARGE[name]
    kernel, given = kernel_of(name), list(arrays(name, shapes, np.random.default_rng(0)))
    values = {**kernel.attributes, **attributes}
    out = kernel.output_shapes([a.shape for a in given], attributes)
    copied = len(kernel.updates)
    outputs = given[:copied] + [
        np.full(shape, 7, np.int64 if array.integer else np.float32)
        for array, shape in zip(kernel.outputs[copied:], out[copied:], strict=True)
    ]
    if kernel.elementwise:
        outputs, given = ([a.reshape(-1) if a.ndim else a for a in s] for s in (outputs, given))
    return outputs, [*given[copied:], *values.values()]


def compare(name):
    """Run a kernel with one thread, and its parallel form with one, two and four."""
    kernel = parallel_kernels()[name]
    outputs, rest = prepared(name)
    assert kernel.choose((*outputs, *rest)) is kernel.threaded, f"{name}: not large"
    expected = [a.copy() for a in outputs]
    kernel.serial(*expected, *rest)
    assert any(np.any(a != b) for a, b in zip(expected, outputs, strict=True))
    for threads in (1, 2, 4):
        pool.share_among(threads)
        found = [a.copy() for a in outputs]
        kernel.parallel(*found, *rest)
        for a, b in zip(found, expected, strict=True):
            assert a.tobytes() == b.tobytes(), f"{name}: {threads} threads differ"
    print(name, flush=True)


def in_a_process(code, **environment):
    root = Path(__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NUMBA_NUM_THREADS": "4"} | environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_every_parallel_kernel_has_its_large_shapes():
    assert set(parallel_kernels()) == set(LARGE)


def test_the_bits_do_not_depend_on_the_threads():
    code = "from tests.backends.numba.test_threads import *\nfor name in LARGE: compare(name)"
    assert in_a_process(code).splitlines() == list(LARGE)


@pytest.mark.parametrize("name", LARGE)
def test_large_work_gives_what_the_answer_key_gives(name):
    # Here sums go in all their parts, which small arrays have only one of.
    outputs, rest = prepared(name)
    expected = [a.copy() for a in outputs]
    kernel = kernel_of(name)
    destination_passing(kernel, getattr(key, kernel.name))(*expected, *rest)
    parallel_kernels()[name](*outputs, *rest)
    for found, right in zip(outputs, expected, strict=True):
        size = np.abs(right).max(initial=0)
        np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-5 * size)


def test_small_work_stays_with_one_thread():
    x, w, b = np.ones((2, 6, 6, 1)), np.ones((3, 3, 1, 4)), np.ones(4)
    seen = []
    before = backends.set_recorder(lambda name, function, *_: seen.append(function))
    try:
        z = backends.compute("conv2d", x, w, b)
    finally:
        backends.set_recorder(before)
    kernels = parallel_kernels()
    if backends.get_backend() == "cpu":
        assert seen == [kernels["conv2d"].serial]
    assert np.all(z == 10)


TOGETHER = """
import threading, numpy as np
from tests.backends.numba import test_threads as t
kernel = t.parallel_kernels()["conv2d"]
outputs, rest = t.prepared("conv2d")
copies = [[a.copy() for a in outputs] for _ in range(4)]
kernel(*outputs, *rest)
def work(own):
    for _ in range(30):
        kernel(*own, *rest)
threads = [threading.Thread(target=work, args=[own]) for own in copies]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(all((own[0] == outputs[0]).all() for own in copies))
"""


def test_several_threads_of_python_may_ask_at_once():
    assert in_a_process(TOGETHER) == "True\n"


FORKED = """
import os, numpy as np
from tests.backends.numba import test_threads as t
kernel = t.parallel_kernels()["conv2d"]
outputs, rest = t.prepared("conv2d")
kernel(*outputs, *rest)
expected = outputs[0].copy()
outputs[0][:] = 0
child = os.fork()
if child == 0:
    kernel(*outputs, *rest)
    os._exit(0 if (outputs[0] == expected).all() else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_does_without_the_threads():
    # They are not in the child, where the one that is there does all the work.
    assert in_a_process(FORKED) == "0\n"


NUMBAS = """
import numba
from tests.backends.numba import test_threads as t
from dlcore.backends.numba.pool import available_threads
kernel = t.parallel_kernels()["conv2d"]
outputs, rest = t.prepared("conv2d")
kernel(*outputs, *rest)
started = numba.np.ufunc.parallel._is_initialized
found = [available_threads()]
for count in (3, 1):
    numba.set_num_threads(count)
    found += [available_threads(), kernel.choose((*outputs, *rest)) is kernel.threaded]
print(started, *found)
"""


def test_they_are_as_many_as_numba_is_allowed_and_not_its_own():
    assert in_a_process(NUMBAS) == "False 4 3 True 1 False\n"
    assert in_a_process(NUMBAS, NUMBA_NUM_THREADS="3") == "False 3 3 True 1 False\n"
