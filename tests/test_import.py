"""Importing dlcore is light: what is heavy loads when it is first used."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

HEAVY = ("numba", "scipy", "matplotlib", "ipywidgets", "anywidget", "IPython", "tqdm", "jupyterlab")


def loaded_after(code: str) -> list[str]:
    code += f"\nimport sys, json; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "code",
    [
        "import dlcore",
        "import dlcore.ops",
        "from dlcore.models import Sequential; from dlcore.layers import Dense",
        "import dlcore; [getattr(dlcore, n) for n in ('losses', 'metrics', 'optimizers')]",
        "from dlcore.datasets import credit; credit.load_data()",
    ],
)
def test_imports_nothing_heavy(code):
    assert loaded_after(code) == []


def test_the_first_calculation_loads_numba():
    pytest.importorskip("numba")
    code = "import dlcore, numpy; dlcore.set_backend('cpu')"
    assert "numba" in loaded_after(code)


@pytest.mark.parametrize(
    ("code", "most"),
    [
        ("import dlcore", 10),
        ("from dlcore.models import Sequential; from dlcore.layers import Dense", 250),
    ],
)
def test_import_costs_few_modules(code, most):
    """What import time is made of, counted: modules beyond NumPy's own."""
    program = (
        f"import numpy, numpy.random, sys; before = set(sys.modules)\n{code}\n"
        "print(len(set(sys.modules) - before))"
    )
    out = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert int(out) <= most


FIRST = """
import sys
import numpy as np
from dlcore import backends
one = np.ones((2, 2), np.float32)
assert (backends.compute("dense", one, one, one[0]) == 3).all()
print("scipy.linalg" in sys.modules, "numba.typed.typeddict" in sys.modules)
import scipy.linalg
from scipy.linalg import cython_blas
print(scipy.linalg.det(np.eye(2)), cython_blas is sys.modules["scipy.linalg.cython_blas"])
"""


def test_a_kernel_on_disk_is_run_without_what_compiles_it(tmp_path):
    """Neither all of SciPy's linear algebra nor all that Numba can compile: 0.3 s together."""
    pytest.importorskip("numba")
    outs = [
        subprocess.check_output(
            [sys.executable, "-c", FIRST],
            env=os.environ | {"DLCORE_CACHE_FOLDER": str(tmp_path), "DLCORE_BACKEND": "cpu"},
            text=True,
        ).splitlines()
        for _ in range(2)
    ]
    assert outs[1] == ["False False", "1.0 True"]
    assert outs[0] == ["False True", "1.0 True"]  # else the second says nothing


@pytest.mark.parametrize("room", ["models", "saving"])
def test_a_model_is_read_by_whoever_imports_only_load_model(tmp_path, room):
    from dlcore import Sequential, layers

    Sequential([layers.Input((3,)), layers.Dense(1)]).save(tmp_path / "m.keras")
    code = f"from dlcore.{room} import load_model; load_model({str(tmp_path / 'm.keras')!r})"
    subprocess.run([sys.executable, "-c", code], check=True)
