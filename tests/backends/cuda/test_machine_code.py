"""What the compiler makes of the kernels of ``cuda``, on a machine without a GPU."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from dlcore.backends import KERNELS

from .machine_code import facts, launches, ptxas, read_table

pytestmark = pytest.mark.slow

# Kernels of float32 which calculate in 64 bits, as they say at the place.
IN_64_BITS = (
    "adam",
    "amsgrad",
    "nadam",
    "sample",
    "sample_grad",
    "join",
    "join_slopes_by_column",
    "join_slopes_by_row",
)


def _missing():
    if importlib.util.find_spec("numba_cuda") is None:
        return "numba-cuda is not installed: pip install 'dlcore-course[cuda]'"
    if ptxas() is None:
        return "there is no ptxas: pip install nvidia-cuda-nvcc"
    from numba.cuda.cudadrv import nvvm

    try:
        nvvm.NVVM()
    except Exception as error:
        return f"NVVM cannot be loaded ({error}): pip install 'dlcore-course[cuda]'"
    return None


# Many kernels of the contract share what they launch: it is compiled once.
_known: dict[str, dict[str, int]] = {}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_machine_code(kernel, dtype):
    if missing := _missing():
        pytest.skip(missing)
    table, kind = read_table(), np.dtype(dtype).name
    found = launches(dtype, [kernel])
    for name, parts in found.items():
        if name not in _known:
            _known[name] = facts(*parts, ptxas())
    assert set(found) <= set(table), "write the table anew: machine_code says how"
    problems = []
    for name in found:
        counts = _known[name]
        if counts["f64"] and kind == "float32" and not name.startswith(IN_64_BITS):
            problems.append(f"{name} calculates in 64 bits {counts['f64']} times")
        for part in ("stack", "spills", "local", "div64"):
            if counts[part]:
                problems.append(f"{name} has {part} {counts[part]}")
        # Another version of the compiler may take a few registers more.
        if counts["registers"] > table[name]["registers"] + 8:
            problems.append(f"{name}: {counts['registers']} registers, {table[name]} before")
        if counts["wide"] < table[name]["wide"]:
            problems.append(f"{name}: {counts['wide']} wide accesses, {table[name]} before")
    assert not problems, "\n".join(problems)


# Compiles a kernel as a launch on a GPU would, but for the last step, which needs one; says whether
# it was found on disk.
ONE_KERNEL = """
from types import SimpleNamespace
from unittest import mock
import numpy as np
from numba.cuda import codegen, dispatcher
from tests.backends.cuda.machine_code import launches
from dlcore.backends.cuda import launch

here = SimpleNamespace(compute_capability=(9, 0))
context = SimpleNamespace(device=here)
cubin = lambda kernel: kernel._codelibrary.get_cubin(cc=(9, 0))
with mock.patch.object(codegen.devices, "get_context", lambda: context), \\
     mock.patch.object(dispatcher, "get_current_device", lambda: here), \\
     mock.patch.object(dispatcher._Kernel, "bind", cubin):
    for kernel, given in launches(np.float32, ["sigmoid"]).values():
        made = launch._compile(kernel, launch.signature(given))
        print(*("read" if made._cache_hits else "compiled" for _ in made.overloads))
"""


def test_a_second_process_reads_what_the_first_one_compiled(tmp_path):
    if missing := _missing():
        pytest.skip(missing)
    env = {**os.environ, "DLCORE_CACHE_FOLDER": str(tmp_path), "NUMBA_ENABLE_CUDASIM": "0"}
    said = [
        subprocess.run(
            [sys.executable, "-c", ONE_KERNEL], env=env, capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["compiled", "read"]
