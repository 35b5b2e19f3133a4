"""Functions that kernels only include: without machine code, and stored for others to include."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("numba")

from numba.core.caching import NullCache  # noqa: E402
from numba.core.codegen import JITCodeLibrary  # noqa: E402

from dlcore.backends.numba.compile import compiled  # noqa: E402


@pytest.fixture(autouse=True)
def without_a_disk(monkeypatch):
    """What an earlier version of this file left on the disk is not run."""
    monkeypatch.setattr("dlcore.backends.numba.compile.KernelCache", lambda name: NullCache())
    monkeypatch.setattr("dlcore.backends.numba.compile.IncludedCache", lambda name: NullCache())


def twice(x):
    return 2 * x


def in_a_kernel(function):
    """What a kernel writes that includes a function of a number, for 0, 1 and 2."""

    def kernel(y, x):
        for i in range(x.size):
            y[i] = function(x[i])

    x = np.arange(3, dtype=np.float32)
    y = np.zeros_like(x)
    compiled(kernel)(y, x)
    return y.tolist()


def test_what_is_included_gets_no_machine_code(monkeypatch):
    made, before = [], JITCodeLibrary._finalize_specific

    def note(library):
        made.append(library.name)
        before(library)

    monkeypatch.setattr(JITCodeLibrary, "_finalize_specific", note)
    assert in_a_kernel(compiled(twice)) == [0, 2, 4]
    names = [name.rpartition(".")[2] for name in made if name != "nrt"]  # Numba's own
    assert names == ["kernel"]


def test_what_a_kernel_includes_can_be_called_from_python_as_well():
    function = compiled(twice)
    assert in_a_kernel(function) == [0, 2, 4]
    # For the kernel it has been compiled as what Python could not call.
    assert not function.overloads
    assert function(np.float32(1.5)) == 3


# Two kernels that include the same function, which calls a part. Run, each in a process of its own.
KERNELS = """
import sys
import numpy as np
from dlcore.backends.numba import compile as room
@room.shared
def doubles(y, x):
    for i in range(x.size):
        y[i] = 2 * x[i]
@room.compiled
def through(y, x):
    doubles(y, x)
    return y[0]
@room.compiled
def once(y, x):
    through(y, x)
@room.compiled
def twice(y, x):
    through(y, x)
    through(y, y)
x = np.arange(1, 4, dtype=np.float32)
y = np.zeros_like(x)
{"once": once, "twice": twice}[sys.argv[1]](y, x)
inside = room._compiled["__main__.through_inside"].stats
print(y.tolist(), sum(inside.cache_hits.values()), sum(inside.cache_misses.values()))
"""


def test_another_process_includes_what_is_stored(tmp_path):
    environment = os.environ | {"DLCORE_CACHE_FOLDER": str(tmp_path)}

    def said(kernel):
        done = subprocess.run(
            [sys.executable, "-c", KERNELS, kernel], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0 and not done.stderr, done.stderr
        return done.stdout.strip()

    assert said("once") == "[2.0, 4.0, 6.0] 0 1"
    assert said("twice") == "[4.0, 8.0, 12.0] 1 0"
