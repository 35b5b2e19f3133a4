"""Choosing a backend, running without Numba, the messages of the adapter."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import KERNELS, dispatch
from dlcore.backends.dispatch import destination_passing

HIDE_NUMBA = """
import sys, importlib.abc
class Hide(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "numba":
            raise ModuleNotFoundError("No module named 'numba'", name="numba")
sys.meta_path.insert(0, Hide())
"""


def python(code, **environment):
    keep = {k: v for k, v in os.environ.items() if k != "DLCORE_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=keep | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


@pytest.fixture(autouse=True)
def restore():
    before = backends.get_backend()
    yield
    backends.set_backend(before)


def test_the_default_is_cpu_and_the_environment_chooses():
    show = "import dlcore; print(dlcore.get_backend())"
    assert python(show)[0] == "cpu"
    assert python(show, DLCORE_BACKEND="numpy")[0] == "numpy"


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'numpy'"):
        backends.set_backend("nunpy")
    assert backends.get_backend() in dispatch.NAMES


def test_without_numba_numpy_serves_and_says_so_once():
    code = HIDE_NUMBA + (
        "import numpy as np, dlcore\n"
        "from dlcore import ops\n"
        "ops.relu(np.ones(3)); ops.relu(np.ones(3))\n"
        "print(dlcore.get_backend(), dlcore.backends.available_backends()['cpu'])"
    )
    out, err = python(code)
    assert out == (
        "numpy Numba could not be imported (No module named 'numba'); "
        "to mend this: pip install numba"
    )
    assert err.count("could not be imported") == 1 and "pip install numba" in err


def test_cpu_asked_for_by_name_without_numba_is_an_error():
    code = HIDE_NUMBA + (
        "import dlcore\n"
        "try: dlcore.set_backend('cpu')\n"
        "except ImportError as error: print(error)\n"
        "dlcore.set_backend('mine'); print(dlcore.get_backend())"
    )
    assert python(code)[0] == "No module named 'numba'\nmine"


def test_compute_checks_shapes_and_leaves_inputs_alone():
    with pytest.raises(ValueError, match="dense takes 3 arrays"):
        backends.compute("dense", np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"mse: y has shape \(3,\), but needs 2 axes: y\[n,k\]"):
        backends.compute("mse", np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match=r"y has shape \(3,\), but dy has shape \(2,\)"):
        backends.compute("relu_grad", np.ones(2), np.ones(3))
    w = np.ones(3, np.float32)
    new = backends.compute("sgd_update", w, w, np.float32(0.5))
    np.testing.assert_array_equal(w, 1)
    np.testing.assert_array_equal(new, 0.5)


def test_compute_takes_arrays_in_any_memory_order():
    x = np.arange(12.0).reshape(3, 4)
    for name in ("numpy", "cpu"):
        backends.set_backend(name)
        np.testing.assert_array_equal(backends.compute("relu", x.T), x.T)
        np.testing.assert_array_equal(backends.compute("relu", x[:, ::2]), x[:, ::2])


def test_the_adapter_names_what_a_function_returned():
    outputs = [np.empty((2, 4)), np.empty((4, 3)), np.empty(3)]
    arrays = [np.ones((2, 3)), np.ones((2, 4)), np.ones((4, 3))]
    kernel = KERNELS["dense_grad"]
    run = destination_passing(kernel, lambda dz, x, w: None, owner="Your")
    with pytest.raises(ValueError, match="Your dense_grad must return 3 arrays.*returned None"):
        run(*outputs, *arrays)
    run = destination_passing(kernel, lambda dz, x, w: (x, w.T, dz.sum(0)), owner="Your")
    with pytest.raises(ValueError, match=r"dw of shape \(3, 4\), but it must have shape \(4, 3\)"):
        run(*outputs, *arrays)


def test_signatures_read_as_declared():
    dense = KERNELS["dense"]
    assert dense.signature == "x[n,i], w[i,o], b[o] -> z[n,o]"
    adam = KERNELS["adam_update"]
    assert adam.updates == ("w", "m", "v") and [a.name for a in adam.given] == [
        "dw",
        "learning_rate",
        "step",
    ]
    # Updated arrays come first on both sides: the adapter and the calls rely on it.
    for kernel in KERNELS.values():
        n = len(kernel.updates)
        assert tuple(a.name for a in kernel.inputs[:n]) == kernel.updates
        assert tuple(a.name for a in kernel.outputs[:n]) == kernel.updates


def test_a_broken_numba_is_like_none():
    code = (
        HIDE_NUMBA.replace("ModuleNotFoundError(", "OSError(").replace(', name="numba"', "")
        + "import dlcore; print(dlcore.get_backend())"
    )
    out, err = python(code)
    assert out == "numpy" and "to mend this: pip install numba" in err


def test_a_settled_function_is_the_compiled_form_for_these_types():
    cpu = pytest.importorskip("dlcore.backends.cpu")
    x, y = np.array([-1, 2], np.float32), np.zeros(2, np.float32)
    relu = cpu.relu.serial
    relu(y, x)
    form = backends.settled(relu, (y, x))
    assert form is not relu
    y[:] = 7
    form(y, x)
    assert y.tolist() == [0, 2]


def test_a_settled_function_for_other_types_is_the_kernel_itself():
    cpu = pytest.importorskip("dlcore.backends.cpu")
    other = np.zeros(2, np.complex64)
    assert backends.settled(cpu.relu.serial, (other, other)) is cpu.relu.serial
    assert backends.settled(print, (1,)) is print


def test_an_attribute_is_the_one_of_the_call_not_an_equal_one_of_a_call_before():
    x = np.array([-1.0], np.float32)
    signs = [
        np.signbit(backends.compute("leaky_relu", x, negative_slope=slope)).item()
        for slope in (0.0, -0.0, 0.0)
    ]
    assert signs == [True, False, True]
