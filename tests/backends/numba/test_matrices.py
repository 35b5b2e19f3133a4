"""Products as kernels call them: of whole arrays and parts of them, as they lie and transposed."""

import numpy as np
import pytest

pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

from dlcore.backends.cpu.matrices import multiply, multiply_and_add  # noqa: E402

SIZES = [(5, 7, 3), (1, 7, 3), (5, 1, 3), (5, 7, 1), (1, 1, 1), (70, 33, 90), (0, 3, 2), (3, 2, 0)]


def matrix(rows, columns, turned, part, dtype, rng):
    """Random numbers; stored as their transpose, or as some columns of a wider array."""
    if turned:
        rows, columns = columns, rows
    wide = rng.standard_normal((rows, columns + 3)).astype(dtype)
    made = wide[:, 1 : columns + 1] if part else np.ascontiguousarray(wide[:, :columns])
    return made.T if turned else made


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("part", [False, True])
@pytest.mark.parametrize("a_turned", [False, True])
@pytest.mark.parametrize("b_turned", [False, True])
def test_any_that_have_whole_rows_or_whole_columns(a_turned, b_turned, part, dtype):
    rng = np.random.default_rng(0)
    for m, n, k in SIZES:
        a, b = matrix(m, k, a_turned, part, dtype, rng), matrix(k, n, b_turned, part, dtype, rng)
        around = np.full((m, n + 4), np.nan, dtype)
        c = around[:, 2 : n + 2]
        multiply(c, a, b)
        np.testing.assert_allclose(c, a @ b, rtol=1e-5, atol=1e-5)
        multiply_and_add(c, a, b)
        np.testing.assert_allclose(c, 2 * (a @ b), rtol=1e-5, atol=1e-5)
        assert np.isnan(around[:, :2]).all() and np.isnan(around[:, n + 2 :]).all()


def test_however_they_lie_the_product_is_compiled_once():
    from dlcore.backends.numba import outline

    (product,) = (p for name, p in outline._parts.items() if name.endswith("matrices._product"))
    one = np.ones((2, 2), np.float32)
    for a, b in ((one, one), (one.T, one), (one, one[:, :1])):
        multiply(np.zeros((2, b.shape[1]), np.float32), a, b)
    assert [k[0].layout for k in product.overloads if str(k[0].dtype) == "float32"] == ["A"]


def test_two_types_of_numbers_are_refused():
    import numba

    one = np.ones((2, 2), np.float32)
    with pytest.raises(numba.TypingError):
        multiply(one.copy(), one, one.astype(np.float64))
