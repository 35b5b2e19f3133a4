"""The machine code of every kernel of ``cuda``, made on a machine without a GPU.

    python -m tests.backends.cuda.machine_code      writes the table beside this file anew

Each kernel is asked for at the sizes of the lessons, and at some that bring out its other forms.
What it puts into the queue is compiled for sm_90, and looked at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np

from dlcore.backends import KERNELS

from ..lesson_sizes import SIZES, prepared

CAPABILITY = (9, 0)
TABLE = Path(__file__).with_name("machine_code.txt")
COUNTED = ("registers", "stack", "spills", "f64", "local", "div64", "wide")

# Sizes that bring out forms of a kernel for which the lessons have no use.
MORE: dict[str, list[Any]] = {
    "conv2d_grad": [([(8, 7, 7, 8), (8, 15, 15, 4), (3, 3, 4, 8)], {"strides": (2, 2)})],
    "unary": [([(40,)], {"op": "rint"}), ([(40,)], {"op": "ceil"})],
    "binary": [([(7, 5), (5,)], {"op": "divide"})],
    "where": [([(4, 5), (5,), (4, 1)], {})],
    "transpose": [([(4, 5, 6, 7)], {"axes": (3, 1, 0, 2)})],
    "reduce": [([(9, 100_000)], {"axis": (1,), "op": "min"})],
    "gather": [([(30, 33), (64,)], {})],
    "scatter_add": [([(3_000, 8), (3_000,)], {"size": 3_000})],
}


def _wide(gates: int, k: int) -> dict[str, tuple[int, ...]]:
    """Sizes of a recurrent layer of so many units."""
    n, t, i = 16, 3, 8
    return {
        "x": (n, t, i), "w": (i, gates * k), "u": (k, gates * k), "mask": (n, t), "h0": (n, k),
        "b": (2, 3 * k) if gates == 3 else (gates * k,), "c0": (n, k), "h": (n, t, k),
        "c": (n, t, k), "dh": (n, t, k), "dc": (n, t, k), "gates": (n, t, 4 * k),
    }  # fmt: skip


# The most units that fit into registers, in float32, and so many that they do not in any type.
for layer, gates, most in (("simple_rnn", 1, 188), ("gru", 3, 112), ("lstm", 4, 96)):
    for name in (layer, f"{layer}_grad"):
        sizes = [_wide(gates, k) for k in (most, 200)]
        MORE[name] = [([of[a.name] for a in KERNELS[name].inputs], {}) for of in sizes]


def ptxas() -> str | None:
    """The assembler of CUDA: that of the wheel nvidia-cuda-nvcc, or of a toolkit."""
    beside = [Path(folder, "nvidia", "cu13", "bin", "ptxas") for folder in sys.path if folder]
    return next((str(p) for p in beside if p.exists()), None) or shutil.which("ptxas")


class _Row:
    """An array as the types of Numba see it."""

    def __init__(self, dtype: np.dtype) -> None:
        from numba.cuda import types
        from numba.cuda.np.numpy_support import from_dtype

        self._numba_type_ = types.Array(from_dtype(dtype), 1, "C")
        self.dtype, self.gpu_data = dtype, None

    def __getitem__(self, part: slice) -> _Row:
        return self


def launches(dtype: Any, names: Any = None) -> dict[str, tuple[Any, list[Any]]]:
    """What the kernels put into the queue: by a name, a kernel and its arguments, each once."""
    from dlcore.backends import cuda
    from dlcore.backends.cuda import device, launch

    found: dict[str, tuple[Any, list[Any]]] = {}

    def view(block: Any, offset: int, shape: Any, kind: Any) -> Any:
        return device.View(_Row(np.dtype(kind)), tuple(shape), np.dtype(kind), 0)

    def note(kernel: Any, grid: Any, threads: Any, given: list[Any]) -> None:
        kinds = (str(getattr(a, "dtype", "")) for a in given if not isinstance(a, np.generic))
        name = f"{kernel.__name__.strip('_')}({', '.join(k for k in kinds if k)})"
        found.setdefault(name, (kernel, given))

    nothing = SimpleNamespace(address=0)
    fakes = {
        "allocate": lambda n: nothing, "view": view, "to_device": lambda *a: None,
        "shared": lambda n: (nothing, np.zeros(n + 64, np.uint8)),
    }  # fmt: skip
    with mock.patch.multiple(cuda.DEVICE, **fakes), mock.patch.object(launch, "run", note):
        for kept in (device._board, device.zero):
            kept.cache_clear()
        device._scratch.clear()
        for name in names or sorted(KERNELS):
            function = getattr(cuda, name, None)
            for case in (SIZES[name] + MORE.get(name, [])) * callable(function):
                outputs, inputs, values = prepared(name, case, dtype)
                given = [view(None, 0, np.shape(x), np.asarray(x).dtype) for x in outputs + inputs]
                function(*given, *values)
        for kept in (device._board, device.zero):
            kept.cache_clear()
        device._scratch.clear()
    return found


def facts(kernel: Any, arguments: list[Any], assembler: str) -> dict[str, int]:
    """What the compiler makes of a kernel: counts of its instructions, registers and memory."""
    from numba.cuda import compile_ptx, dispatcher

    from dlcore.backends.cuda.launch import signature

    here = SimpleNamespace(compute_capability=CAPABILITY)  # device functions ask for a GPU
    with mock.patch.object(dispatcher, "get_current_device", lambda: here):
        kinds = signature(arguments)
        bounds = getattr(kernel, "threads", None)
        ptx, _ = compile_ptx(kernel, kinds.args, cc=CAPABILITY, launch_bounds=bounds)
    patterns = {
        "f64": r"\.f64", "local": r"(?:ld|st)\.local", "div64": r"(?:div|rem)\.[su]64",
        "wide": r"(?:ld|st)\.global[^;]*v[24]",
    }  # fmt: skip
    counts = {name: len(re.findall(pattern, ptx)) for name, pattern in patterns.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kernel.ptx")
        path.write_text(ptx)
        told = subprocess.run(
            [assembler, "-arch=sm_90", "-v", str(path), "-o", str(path.with_suffix(".cubin"))],
            capture_output=True, text=True, check=True,
        ).stderr  # fmt: skip
    for name, pattern in {
        "registers": r"Used (\d+) registers", "stack": r"(\d+) bytes stack frame",
        "spills": r"(\d+) bytes spill stores",
    }.items():  # fmt: skip
        counts[name] = int(m[1]) if (m := re.search(pattern, told)) else 0
    return counts


def read_table() -> dict[str, dict[str, int]]:
    """The committed table: by the name of a kernel, its counts."""
    rows = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            name, numbers = line.rsplit("  ", 1)
            rows[name.strip()] = dict(zip(COUNTED, map(int, numbers.split()), strict=True))
    return rows


def main(names: list[str]) -> None:
    """Write the table anew; with names of kernels, the lines of what they launch."""
    assembler = ptxas()
    assert assembler, "there is no ptxas"
    rows = read_table() if names else {}
    for dtype in (np.float32, np.float64):
        for name, parts in launches(dtype, names).items():
            rows[name] = facts(*parts, assembler)
            print(name, rows[name], flush=True)
    lines = [f"{name}  {' '.join(str(row[c]) for c in COUNTED)}" for name, row in rows.items()]
    head = f"# What each kernel is compiled to for sm_90: {', '.join(COUNTED)}.\n"
    TABLE.write_text(head + "\n".join(sorted(lines)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
