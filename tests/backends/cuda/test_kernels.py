"""Every kernel of ``cuda`` against the answer key: on Numba's simulator, or on a GPU (-m gpu).

On the simulator it runs in a process of its own, which ``test_simulator`` starts: the simulator has
to be chosen before Numba is imported.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings

from dlcore.backends import KERNELS, memory
from dlcore.backends import numpy as key

from ..cases import arguments

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
if not SIMULATED:
    cuda = pytest.importorskip("numba.cuda")
    if not cuda.is_available():
        pytest.skip("no GPU, and not on the simulator", allow_module_level=True)

from dlcore.backends import cuda  # noqa: E402

pytestmark = [] if SIMULATED else [pytest.mark.gpu]
TOLERANCE = {np.float32: 2e-5, np.float64: 1e-12}
WRITTEN = sorted(name for name in KERNELS if callable(getattr(cuda, name, None)))


def tuples(results):
    return results if isinstance(results, tuple) else (results,)


def computed(name, inputs, attributes, without=()):
    """The outputs of a kernel, and its inputs afterwards; before it runs its outputs are NaN."""
    kernel = KERNELS[name]
    arrays = [np.ascontiguousarray(x).reshape(np.shape(x)) for x in inputs]
    shapes = kernel.output_shapes([x.shape for x in arrays], attributes)
    kinds = [x.dtype for x in arrays if x.dtype.kind == "f"] or [arrays[0].dtype]
    kind = np.dtype(np.float32) if name == "random_uniform" else kinds[0]
    updated = len(kernel.updates)
    outputs = list(map(sent, arrays[:updated]))
    for array, shape in zip(kernel.outputs[updated:], shapes[updated:], strict=True):
        poison = -7 if array.integer or kind.kind != "f" else np.nan
        shape = (0,) * len(shape) if array.name in without else shape
        outputs.append(sent(np.full(shape, poison, np.int64 if array.integer else kind)))
    given = list(map(sent, arrays[updated:]))
    values = {**kernel.attributes, **attributes}.values()
    getattr(cuda, name)(*(a.view for a in outputs), *(a.view for a in given), *values)
    return tuple(map(memory.to_host, outputs)), tuple(map(memory.to_host, given))


def sent(array):
    made = memory.empty_on(cuda.DEVICE, array.shape, array.dtype)
    if array.size:
        cuda.DEVICE.to_device(made.memory, 0, np.ascontiguousarray(array))
    return made


def check(name, inputs, attributes, tolerance, without=()):
    found, after = computed(name, inputs, attributes, without)
    updated = len(KERNELS[name].updates)
    for x, y in zip(inputs[updated:], after, strict=True):
        np.testing.assert_array_equal(np.asarray(x), y, err_msg="an input was changed")
    expected = tuples(getattr(key, name)(*inputs, **attributes))
    for array, y, y_key in zip(KERNELS[name].outputs, found, expected, strict=True):
        if array.name in without:
            continue
        scale = max(1.0, float(np.max(np.abs(y_key), initial=0)))
        np.testing.assert_allclose(y, y_key, rtol=0, atol=tolerance * scale, err_msg=array.name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", WRITTEN)
def test_agrees_with_the_answer_key(name, dtype):
    @settings(max_examples=40 if not SIMULATED else 12 if dtype is np.float32 else 4)
    @given(arguments(name, dtype))
    def each(case):
        check(name, *case, TOLERANCE[dtype])

    each()
