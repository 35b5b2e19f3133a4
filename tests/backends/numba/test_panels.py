"""Products with panels: of all sizes around those of a tile, the same numbers in any company."""

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

from llvmlite.binding import get_host_cpu_features  # noqa: E402
from numba import njit  # noqa: E402

from dlcore.backends.cpu.panels import (  # noqa: E402
    add_transposed_product,
    multiply_panels,
    panels_of,
    positions,
)
from dlcore.backends.numba.registers import NARROW, WIDE  # noqa: E402

SIZES = [(1, 1, 1), (1, 3, 17), (5, 4, 20), (6, 6, 16), (7, 5, 8), (13, 27, 33), (150, 7, 10)]
SIZES += [(6, 12, 64), (64, 6, 16), (129, 13, 5), (70, 1, 32), (9, 0, 3), (31, 8, 70)]


@njit
def product(y, x, panels, b, relu):
    places, offsets = positions(x.shape[0], x.shape[1]), positions(x.shape[1], 1)
    multiply_panels(y, 0, x.reshape(-1), places, offsets, panels, b, relu)


@njit
def transposed_product(y, x, z):
    places, offsets = positions(x.shape[0], x.shape[1]), positions(x.shape[1], 1)
    add_transposed_product(y, x.reshape(-1), places, offsets, z)


def arrays(size, dtype):
    n, k, f = size
    rng = np.random.default_rng(0)
    return [rng.standard_normal(s).astype(dtype) for s in ((n, k), (k, f), (f,), (n, f))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", SIZES)
def test_products_of_all_sizes(size, dtype):
    x, w, b, z = arrays(size, dtype)
    around = np.full((len(z) + 2, z.shape[1]), np.nan, dtype)
    y = around[1:-1]
    for relu in (False, True):
        product(y, x, panels_of(w, False), b, relu)
        expected = x @ w + b
        expected = np.maximum(expected, 0) if relu else expected
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    sums = np.ones_like(w)
    transposed_product(sums, x, z)
    np.testing.assert_allclose(sums, 1 + x.T @ z, rtol=1e-4, atol=1e-4)
    assert np.isnan(around[[0, -1]]).all()


@pytest.mark.parametrize("turned", [False, True])
def test_a_matrix_and_its_transpose_lie_alike_in_panels(turned):
    wide, half = WIDE // 4, NARROW // 8
    w = np.arange(1.0, 3 * (wide + 4) + 1, dtype=np.float32).reshape(3, wide + 4)
    given = w.T.copy() if turned else w
    np.testing.assert_array_equal(panels_of(given, turned), [w[:, :wide], w[:, 4:]])
    few = panels_of(given[:half].copy() if turned else given[:, :half].copy(), turned)
    assert few.shape == (1, 3, 2 * half) and not few[0, :, half:].any()
    np.testing.assert_array_equal(few[0, :, :half], w[:, :half])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("inner", [1, 7, 8, 16, 19, 40])
def test_each_panel_holds_its_columns(inner, turned, dtype):
    for size in (3, 16, 32, 50, 100):
        w = np.arange(1, inner * size + 1, dtype=dtype).reshape(inner, size)
        panels = panels_of(w.T.copy() if turned else w, turned)
        columns = panels.shape[2]
        for i, panel in enumerate(panels):
            start = max(0, min(i * columns, size - columns))
            expected = w[:, start : start + columns]
            np.testing.assert_array_equal(panel[:, : expected.shape[1]], expected)
            assert not panel[:, expected.shape[1] :].any()


def test_a_row_has_the_same_bits_whatever_stands_beside_it():
    x, w, b, z = arrays((40, 50, 30), "float32")
    panels, whole = panels_of(w, False), np.empty_like(z)
    product(whole, x, panels, b, True)
    for start, stop in ((0, 1), (3, 8), (5, 11), (33, 40)):
        some = np.empty((stop - start, 30), np.float32)
        product(some, x[start:stop].copy(), panels, b, True)
        np.testing.assert_array_equal(some, whole[start:stop])


def test_relu_lets_a_nan_through_and_no_number_below_zero():
    x = np.array([[1.0], [-1], [np.nan], [0]], np.float32)
    y, one = np.empty((4, 1), np.float32), np.ones((1, 1), np.float32)
    product(y, x, panels_of(one, False), 0 * one[0], True)
    np.testing.assert_array_equal(y[:, 0], [1, 0, np.nan, 0])


IN_ANOTHER_PROCESS = """
import numpy as np
from dlcore.backends.numba.registers import NARROW, WIDE
from tests.backends.numba.test_panels import arrays, panels_of, product, transposed_product
x, w, b, z = arrays((29, 5, 20), "float32")
product(z, x, panels_of(w, False), b, False)
np.testing.assert_allclose(z, x @ w + b, rtol=1e-4, atol=1e-5)
sums = np.ones_like(w)
transposed_product(sums, x, z)
np.testing.assert_allclose(sums, 1 + x.T @ z, rtol=1e-4, atol=1e-4)
print(WIDE // NARROW)
"""


@pytest.mark.parametrize("cpu", ["generic", ""])
def test_a_tile_is_as_wide_as_the_processor_can_keep(tmp_path, cpu):
    times = 2 if not cpu and get_host_cpu_features().get("avx512f", False) else 1
    choice = {"NUMBA_CPU_NAME": cpu, "DLCORE_CACHE_FOLDER": str(tmp_path)}
    environment = {**os.environ, **choice} if cpu else dict(os.environ)
    ran = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == [str(times)]
