"""Phase 0: what the machine is, and whether a kernel, a graph and wide accesses work there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from typing import Any

import numpy as np

from tests.benchmarks.cuda.record import SIMULATED, attempt, record
from tests.benchmarks.cuda.timing import numbers, sent

WANTED = re.compile(
    "numba|llvmlite|cuda|nvidia|numpy|torch|cupy|jax|triton|pytest|hypothesis", re.I
)


def main() -> None:
    """Record all of it."""
    names = {d.metadata["Name"] or "": d.version for d in metadata.distributions()}
    versions = {name: names[name] for name in sorted(names) if WANTED.search(name)}
    home = os.environ.get("CUDA_HOME", "")
    record(python=sys.version.split()[0], versions=versions, CUDA_HOME=home)
    attempt("numba.cuda", _numba)
    attempt("a kernel", _a_kernel)
    if not SIMULATED:
        attempt("the GPU", _gpu)
        attempt("nvidia-smi", _driver_by_name)
        attempt("a graph by the driver", _graph_by_driver)
        attempt("a graph by cuda.core", _graph_by_core)


def _numba() -> None:
    from numba import cuda

    from dlcore.backends import available_backends

    record(numba_cuda=cuda.__file__, refusal=available_backends()["cuda"])


def _gpu() -> None:
    from cuda.bindings import driver
    from numba import cuda

    found = cuda.get_current_device()
    name = found.name.decode() if isinstance(found.name, bytes) else str(found.name)
    l2 = driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE
    free, whole = cuda.current_context().get_memory_info()
    record(
        gpu=name,
        capability=list(found.compute_capability),
        multiprocessors=found.MULTIPROCESSOR_COUNT,
        l2_bytes=int(driver.cuDeviceGetAttribute(l2, driver.cuDeviceGet(0)[1])[1]),
        free_bytes=int(free),
        memory_bytes=int(whole),
        cuda_of_driver=int(driver.cuDriverGetVersion()[1]),
    )


def _driver_by_name() -> None:
    if shutil.which("nvidia-smi"):
        asked = ["nvidia-smi", "--query-gpu=name,driver_version,clocks.max.sm", "--format=csv"]
        said = subprocess.run(asked, capture_output=True, text=True, timeout=5)
        record(nvidia_smi=said.stdout.strip().splitlines()[-1:])


def _kernel() -> tuple[Any, Any, np.ndarray]:
    x = numbers(4096)
    return sent(np.full(4096, np.nan, np.float32)), sent(x), np.maximum(x, 0)


def _a_kernel() -> None:
    from dlcore.backends import cuda, memory

    y, x, expected = _kernel()
    cuda.relu(y.view, x.view)
    # The second begins 4 bytes on, so that it takes the way without four numbers at once.
    z = sent(np.full(4096, np.nan, np.float32))
    cuda.relu(z.part(1, 4096).view, x.part(1, 4096).view)
    record(
        relu_by_fours=bool(np.array_equal(memory.to_host(y), expected)),
        relu_by_ones=bool(np.array_equal(memory.to_host(z)[1:], expected[1:])),
    )


def _graph_by_driver() -> None:
    from dlcore.backends import cuda, memory
    from dlcore.backends.cuda import capture

    y, x, expected = _kernel()
    cuda.relu(y.view, x.view)
    start = capture._captured(lambda: cuda.relu(y.view, x.view))
    memory.write(y, np.nan)
    start()
    record(graph_by_driver=bool(np.array_equal(memory.to_host(y), expected)))


def _graph_by_core() -> None:
    """The other way to a graph, for the case that the first one fails."""
    from cuda.core import Device
    from numba import cuda as numba_cuda

    from dlcore.backends import cuda, memory
    from dlcore.backends.cuda import launch

    device = Device()
    device.set_current()
    core = device.create_stream()
    y, x, expected = _kernel()
    cuda.relu(y.view, x.view)
    memory.to_host(y)
    memory.write(y, np.nan)
    cuda.DEVICE.wait()
    builder = core.create_graph_builder()
    builder.begin_building()
    before = launch.stream
    launch.stream = lambda: builder
    try:
        cuda.relu(y.view, x.view)
    finally:
        launch.stream = before
        graph = builder.end_building().complete()
    graph.launch(core)
    core.sync()
    numba_cuda.synchronize()
    record(graph_by_core=bool(np.array_equal(memory.to_host(y), expected)))


if __name__ == "__main__":
    main()
