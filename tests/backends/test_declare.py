"""A kernel is declared once, on its function in NumPy, and found by going through the folders."""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dlcore
from dlcore import backends
from dlcore.backends import KERNELS
from dlcore.backends.declare import kernel, kernels_in

PACKAGES = ["numpy", "cpu"] if backends.available_backends()["cpu"] is None else ["numpy"]


def files_of(backend):
    """The files of a backend: name -> module."""
    package = importlib.import_module(f"dlcore.backends.{backend}")
    names = [file.name for file in pkgutil.iter_modules(package.__path__)]
    return {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}


# What stands in the answer key and is no kernel, each with its reason to be.
BESIDE = {
    "conv2d_im2col": "conv2d in a second form",
    "through_time": "makes a sequence of a step, also of a learner's",
    "back_through_time": "makes the gradient of a sequence of that of a step",
}


def functions_of(module):
    """The functions that are written in a file and begin with no underscore."""
    return {
        name
        for name, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", None) == module.__name__
        and not name.startswith("_")
    }


# What is read off the page.


@pytest.fixture
def declared():
    """Declare a function for the time of the test."""
    before = dict(KERNELS)
    yield lambda function, *signature, **more: kernel(*signature, **more)(function)
    KERNELS.clear()
    KERNELS.update(before)


def test_everything_is_read_off_the_function(declared):
    def scaled_add(total, x, scale=2.0, times=1):
        """total <- total + scale x,
        so many times
        """

    assert declared(scaled_add, "total[n, 4k], x[n, 4k] -> total[n, 4k]") is scaled_add
    found = KERNELS["scaled_add"]
    assert found.formula == "total <- total + scale x, so many times"
    assert found.attributes == {"scale": 2.0, "times": 1}
    assert found.updates == ("total",) and [a.name for a in found.given] == ["x"]
    assert found.inputs[0].factors == ((1, "n"), (4, "k"))
    assert found.function is scaled_add


def no_formula(x):
    return x


def no_default(x, axis):
    """y = x"""


def good(x, op="exp"):
    """y = op(x)"""


def relu(x):
    """y = max(x, 0)"""


@pytest.mark.parametrize(
    ("function", "signature", "more", "words"),
    [
        (good, "z[*] -> y[*]", {}, "its arrays are z, but it takes x, op"),
        (good, "x[*], op[*], z[*] -> y[*]", {}, "its arrays are x, op, z, but it takes x, op"),
        (good, "x[*] -> y[*], z", {}, "reads as 'x[*] -> y[*]'"),
        (good, "x[n; k] -> y[n k", {}, "reads as"),
        (good, "x[*] -> y[*]", {"optional": ("dx",)}, "dx is not among its outputs"),
        (no_default, "x[*] -> y[*]", {}, "the attribute axis has no default"),
        (no_formula, "x[*] -> y[*]", {}, "it has no docstring, which is its formula"),
        (relu, "x[*] -> y[*]", {}, "dlcore.backends.numpy.activations declares one of that name"),
    ],
)
def test_what_does_not_agree_is_said_where_the_file_is_read(
    function, signature, more, words, declared
):
    with pytest.raises(ValueError) as raised:
        declared(function, signature, **more)
    assert str(raised.value).startswith(f"The kernel {function.__name__} in {__name__}: ")
    assert words in str(raised.value)


# Where it is found.


@pytest.mark.parametrize("backend", PACKAGES)
def test_a_family_file_holds_kernels_and_its_own_parts_alone(backend):
    """Each file is named after one of the answer key, or holds no kernel at all."""
    key = {name: functions_of(module) for name, module in files_of("numpy").items()}
    for name, module in files_of(backend).items():
        public = functions_of(module)
        if name in key:
            strange = public - key[name]
            assert not strange, f"{strange} of {name}.py: no kernel of numpy/{name}.py"
        else:
            assert not public & set(KERNELS), f"{name}.py is no family of numpy/"
    assert set.union(*key.values()) == set(KERNELS) | set(BESIDE)


@pytest.mark.parametrize("backend", PACKAGES)
def test_no_name_is_there_twice(backend):
    seen: dict[str, str] = {}
    for name, module in files_of(backend).items():
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in KERNELS:
                assert node.name not in seen, f"{node.name}: {seen[node.name]}.py and {name}.py"
                seen[node.name] = name
    assert set(seen) == set(KERNELS) - set(backends.missing_kernels(backend))


@pytest.mark.parametrize("backend", PACKAGES)
def test_where_file_and_kernel_have_one_name_the_package_shows_the_kernel(backend):
    package = importlib.import_module(f"dlcore.backends.{backend}")
    for name in ("dense", "lstm", "gru", "simple_rnn"):
        assert callable(getattr(package, name))


def test_two_files_with_one_kernel_are_refused(tmp_path, monkeypatch):
    package = tmp_path / "twofold"
    package.mkdir()
    for name in ("__init__", "first", "second"):
        (package / f"{name}.py").write_text("def relu(y, x):\n    y[:] = x\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"relu is in twofold\.first and in twofold\.second"):
        kernels_in("twofold", [str(package)])


NEW = {
    "numpy": '''
import numpy as np
from dlcore.backends.declare import kernel
@kernel("x[n, k] -> y[n]")
def norm(x, order=2):
    """y = (the sum of |x_j|^order)^(1 / order) of each row"""
    return (np.abs(x) ** order).sum(axis=1) ** (1 / order)
''',
    "cpu": """
from dlcore.backends.numba.compile import compiled
@compiled
def norm(y, x, order):
    for i in range(x.shape[0]):
        total = 0.0
        for j in range(x.shape[1]):
            total += abs(x[i, j]) ** order
        y[i] = total ** (1 / order)
""",
}
USE = """
import numpy as np
from dlcore import backends
x = np.array([[3, 4], [0, -2]], np.float32)
print(backends.compute("norm", x).tolist(), backends.compute("norm", x, order=1).tolist())
print("norm" in backends.missing_kernels("cpu"), backends.KERNELS["norm"].signature)
"""


@pytest.mark.parametrize("backend", PACKAGES)
def test_a_new_pair_of_kernels_touches_two_files(backend, tmp_path):
    shutil.copytree(Path(dlcore.__file__).parent, tmp_path / "dlcore")
    for name in PACKAGES:
        (tmp_path / f"dlcore/backends/{name}/norms.py").write_text(NEW[name])
    caches = {"DLCORE_CACHE_FOLDER": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
    out = subprocess.check_output(
        [sys.executable, "-c", USE],
        env=os.environ | caches | {"DLCORE_BACKEND": backend},
        cwd=tmp_path,
        text=True,
    )
    assert out.splitlines() == ["[5.0, 2.0] [7.0, 2.0]", "False x[n,k] -> y[n]"]
    compiled = [path.name for path in (tmp_path / "cache").rglob("*norm-*")]
    assert bool(compiled) == (backend == "cpu")


def test_a_file_that_has_the_name_of_a_missing_kernel_is_not_taken_for_it(monkeypatch):
    cpu = pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")
    monkeypatch.setattr(cpu, "dense", sys.modules["dlcore.backends.cpu.dense"])
    assert backends.missing_kernels("cpu") == ["dense"]
    before = backends.get_backend()
    backends.set_backend("cpu")
    one = np.ones((1, 1))
    try:
        assert backends.compute("dense", one, one, one[0]) == 2
    finally:
        backends.set_backend(before)
