"""Parts that kernels call rather than include: in one process, and through the cache on disk."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

numba = pytest.importorskip("numba")

from numba import prange  # noqa: E402
from numba.core.caching import NullCache  # noqa: E402

from dlcore.backends.numba import outline  # noqa: E402
from dlcore.backends.numba.compile import compiled, shared  # noqa: E402


@shared
def scaled(y, x, by):
    for i in range(x.size):
        if x[i] == -1:
            raise ValueError("not that one")
        y[i] = x[i] * by


@compiled(large=lambda y, x, by: x.shape[0] > 2)
def scale(y, x, by):
    for row in prange(x.shape[0]):
        scaled(y[row], x[row], by)


@shared
def counted(x):
    return x.size


@compiled
def count(y, x):
    y[0] = counted(x) or 0


@compiled(large=lambda y, x, by: True)
def scale_by_turn(y, x, by):
    scaled(y[0], x[0], 1)
    for row in prange(x.shape[0]):
        scaled(y[row], x[row], row)


# The cache does not look at this file: what an earlier version of it left there would be run.
for form in (scale.serial, scale.parallel, count, scale_by_turn.parallel, *outline._parts.values()):
    if form.__module__ == __name__:
        form._cache = NullCache()


@pytest.mark.parametrize("rows", [2, 5], ids=["serial", "parallel"])
@pytest.mark.parametrize("kind", ["f4", "f8", "i8"])
def test_kernels_in_both_forms_call_it(rows, kind):
    x = np.arange(rows * 3, dtype=kind).reshape(rows, 3)
    y = np.zeros_like(x)
    scale(y, x, 2)
    np.testing.assert_array_equal(y, 2 * x)


def test_one_that_returns_something_is_refused():
    # What calls it is compiled without a look at it.
    with pytest.raises(Exception, match="counted returns something"):
        count(np.zeros(1), np.arange(3.0))


def test_for_the_number_of_a_turn_it_is_compiled_once():
    x, y = np.ones((3, 2), "f2"), np.zeros((3, 2), "f2")
    scale_by_turn.parallel(y.astype("f8"), x.astype("f8"), 1)
    part = outline._parts[f"{__name__}.scaled"]
    turns = [kinds[2] for kinds in part.overloads if kinds[0].ndim == 1]
    assert numba.uint64 not in turns and numba.int64 in turns


def test_its_error_comes_out():
    with pytest.raises(ValueError, match="not that one"):
        scale(np.zeros((1, 2)), np.array([[1.0, -1.0]]), 2)


def test_to_python_it_is_a_function():
    y = np.zeros(2)
    scaled(y, np.ones(2), 5)
    assert y.tolist() == [5, 5]


def test_its_code_is_in_no_kernel():
    scale(np.zeros((1, 2), "f4"), np.ones((1, 2), "f4"), 2)
    (form,) = [f for types, f in scale.serial.overloads.items() if "float32" in str(types)]
    lines = form.library.get_llvm_str().splitlines()
    assert not any("scaled" in line for line in lines if line.startswith("define"))
    assert any(name in line for name in outline._forms for line in lines)


def test_a_part_is_lent_its_arrays():
    """What counts how many hold an array stays with the caller: two threads would wait for it."""
    scale.parallel(np.zeros((1, 2), "f4"), np.ones((1, 2), "f4"), 2)
    for form in scale.parallel.overloads.values():
        lines = form.library.get_llvm_str().splitlines()
        (call,) = [line for line in lines if " call i32 @dlcore_" in line]
        # What counts for an array, and what Python object it belongs to; once for y, once for x.
        assert call.count(" null, ") == 4, call


PROGRAM = """
import json, sys
import numpy as np
from numba import prange
from dlcore.backends.numba.compile import compiled, shared
@compiled
def other(x):
    return x - 1
if "others first" in sys.argv:
    for number in 1, 1.5, 1j:
        other(number)
@shared
def added(y, x, by):
    for i in range(x.size):
        y[i] = x[i] + by
@compiled(large=lambda y, x: True)
def add(y, x):
    for row in prange(x.shape[0]):
        added(y[row], x[row], 1)
x = np.arange(6, dtype="f4").reshape(3, 2)
for form in add.serial, add.parallel:
    y = np.zeros_like(x)
    form(y, x)
    assert (y == x + 1).all(), y
print(sum(add.serial.stats.cache_hits.values()), sum(add.parallel.stats.cache_hits.values()))
"""


def hits(folder, *arguments):
    program = folder.with_suffix(".py")  # what is shared out has to lie in a file
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(program), *arguments],
        env=os.environ | {"DLCORE_CACHE_FOLDER": str(folder), "NUMBA_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.strip()


def part_of(folder):
    (path,) = (p for p in folder.rglob("*") if p.name.startswith("__main__.added-"))
    return path


def test_kernels_and_part_are_found_on_disk(tmp_path):
    assert hits(tmp_path) == "0 0"
    before = part_of(tmp_path).stat().st_mtime_ns
    assert hits(tmp_path) == "1 1"
    assert part_of(tmp_path).stat().st_mtime_ns == before


@pytest.mark.parametrize("what", ["gone", "damaged"])
def test_kernels_call_a_part_that_was_compiled_once_more(tmp_path, what):
    hits(tmp_path)
    if what == "gone":
        part_of(tmp_path).unlink()
    else:
        part_of(tmp_path).write_bytes(b"no code")
    # With other functions before it, Numba gives the part another name than it had before.
    assert hits(tmp_path, "others first") == "1 1"
    assert hits(tmp_path) == "1 1"


def test_every_part_of_the_library_has_a_name_of_its_own():
    import dlcore.backends.cpu  # noqa: F401

    functions = [part.py_func for part in outline._parts.values()]
    assert len(functions) == len(set(functions)) > 10
