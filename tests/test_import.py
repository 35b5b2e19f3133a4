"""Importing dlcore is light: what is heavy loads when it is first used."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys

import pytest

import dlcore
from dlcore.resources import course_command

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


ROOMS = dlcore._SUBMODULES


@pytest.mark.parametrize("room", ["", *ROOMS])
def test_completion_offers_public_names_and_nothing_else(room):
    module = importlib.import_module(f"dlcore.{room}".rstrip("."))
    offered = dir(module)
    assert offered == sorted(set(module.__all__))
    assert [name for name in offered if name.startswith("_") and name != "__version__"] == []
    assert all(hasattr(module, name) for name in offered)


# A machine with the library alone: what only the course brings cannot be imported.
ALONE = """
import sys
for name in ("anywidget", "ipykernel", "ipywidgets", "jupyterlab", "jupyter_core", "matplotlib"):
    sys.modules[name] = None
"""


def test_the_library_alone_trains_and_grades():
    code = f"""
import dlcore
for room in {sorted({*ROOMS} - {"plots", "widgets"})}:
    getattr(dlcore, room)
from dlcore.course.grading import grade
from dlcore.datasets import credit
(x, y), _ = credit.load_data()
model = dlcore.Sequential([dlcore.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x[:64], y[:64], epochs=2)
assert not {{"IPython", "traitlets", "nbformat"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", ALONE + code], check=True)


@pytest.mark.parametrize("room", ["plots", "widgets"])
def test_what_the_course_shows_says_how_to_install_it(room):
    code = f"{ALONE}import dlcore.{room}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 1
    said = run.stderr.splitlines()[-1]
    assert "The course needs matplotlib, which is not installed" in said
    assert said.endswith(course_command())


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
            env=os.environ | {"DLCORE_CACHE_FOLDER": str(tmp_path), "TMPDIR": str(tmp_path)},
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
