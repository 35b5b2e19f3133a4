"""The dense layer by panels: at sizes where tiles, panels and parts do not come out even."""

import numpy as np
import pytest

pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

from dlcore.backends import cpu  # noqa: E402
from dlcore.backends.cpu.panels import GROUP  # noqa: E402

SIZES = [(1, 1, 1), (2, 30, 70), (5, 300, 33), (7, 16, 100), (8, 17, 10), (13, 100, 31)]
SIZES += [(40, 9, 65), (33, 70, 129), (150, 128, 40), (6, 1, 200), (100, 3, 7)]
SIZES += [(9, GROUP // 256, 77), (9, 77, GROUP // 256)]  # a panel or two are packed at a time


def guarded(shape, dtype):
    """An array of NaN amidst more of it."""
    rows = np.full((shape[0] + 2, *shape[1:]), np.nan, dtype)
    return rows, rows[1:-1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", SIZES)
def test_products_by_panels(size, dtype):
    n, k, f = size
    rng = np.random.default_rng(0)
    x, w, b, dz = (rng.standard_normal(s).astype(dtype) for s in ((n, k), (k, f), (f,), (n, f)))
    around_z, z = guarded((n, f), dtype)
    way = cpu.dense.ways[1].ways[1]
    for form in (way.serial, way.parallel):
        z[:] = np.nan
        form(z, x, w, b)
        np.testing.assert_allclose(z, x @ w + b, rtol=1e-3, atol=1e-3)
    assert np.isnan(around_z[[0, -1]]).all()

    around_dx, dx = guarded((n, k), dtype)
    around_dw, dw = guarded((k, f), dtype)
    db = np.full(f, np.nan, dtype)
    way = cpu.dense_grad.ways[1]
    for form in (way.serial, way.parallel):
        dx[:], dw[:] = np.nan, np.nan
        form(dx, dw, db, dz, x, w)
        for found, expected in ((dx, dz @ w.T), (dw, x.T @ dz), (db, dz.sum(axis=0))):
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
        dw[:] = np.nan
        form(np.empty((0, 0), dtype), dw, db, dz, x, w)
        np.testing.assert_allclose(dw, x.T @ dz, rtol=1e-3, atol=1e-3)
    assert np.isnan(around_dx[[0, -1]]).all() and np.isnan(around_dw[[0, -1]]).all()


def test_a_nan_stays_in_its_row():
    x, w = np.ones((20, 40), np.float32), np.ones((40, 50), np.float32)
    x[3, 5] = np.nan
    z = np.empty((20, 50), np.float32)
    cpu.dense.ways[1].ways[1].serial(z, x, w, np.zeros(50, np.float32))
    assert np.isnan(z[3]).all() and (np.delete(z, 3, axis=0) == 40).all()
