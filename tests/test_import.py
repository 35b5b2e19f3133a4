"""Importing dlcore is light: what is heavy loads when it is first used."""

from __future__ import annotations

import json
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


def test_import_costs_few_modules():
    """What import time is made of, counted: modules beyond NumPy's own."""
    code = (
        "import numpy, sys; before = set(sys.modules); import dlcore\n"
        "print(len(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 10
