"""`dlcore warmup`: compile every kernel before it is needed, and leave it in the cache.

The first call of a kernel on a machine compiles it. `dlcore learn` runs this beside JupyterLab, so
that no learner waits in the middle of a lesson.
"""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from dlcore.backends.contract import KERNELS, Kernel


def compiled_kernels() -> dict[str, Any]:
    """The kernels of the `cpu` backend that Numba compiles, by name.

    Raises:
        ImportError: if Numba cannot be imported.
    """
    from dlcore.backends import cpu

    functions = {name: getattr(cpu, name, None) for name in KERNELS}
    functions["random_uniform"] = cpu.chance.fill_uniform
    return {name: f for name, f in functions.items() if hasattr(f, "py_func")}


def sample(kernel: Kernel) -> list[Any]:
    """Arguments of the types that training calls a kernel with: float32, whole numbers in 64 bits.

    They are in the order of the destination-passing form; every letter is two.
    """
    arguments: list[Any] = []
    for array in (*kernel.outputs, *kernel.given):
        letters = dict.fromkeys((letter for _, letter in array.factors), 2)
        shape = (2,) if array.sizes is None else array.shape(letters)
        whole = array.integer or array.name == "step"
        arguments.append(np.zeros(shape, np.int64 if whole else np.float32))
    if kernel.name == "random_uniform":
        return arguments
    return arguments + list(kernel.attributes.values())


def warm() -> Iterator[str]:
    """Compile the kernels one after the other; gives the name of each when it is ready."""
    for name, function in compiled_kernels().items():
        with np.errstate(all="ignore"):
            function(*sample(KERNELS[name]))
        yield name


def warmup(quiet: bool = False) -> int:
    """Compile all kernels with a progress bar; returns the exit code.

    Args:
        quiet: say nothing, as beside a running JupyterLab.
    """
    from tqdm import tqdm

    from dlcore.backends import available_backends

    reason = available_backends()["cpu"]
    if reason is not None:
        if not quiet:
            print(f"There is nothing to compile. {reason}", file=sys.stderr)
        return 1
    total = len(compiled_kernels())
    with tqdm(total=total, desc="Compiling", unit="kernel", disable=quiet) as bar:
        for name in warm():
            bar.set_postfix_str(name)
            bar.update()
        bar.set_postfix_str("")
    if not quiet:
        places = sorted({str(f.stats.cache_path) for f in compiled_kernels().values()})
        print(f"{total} kernels are compiled; they lie in {' and '.join(places)}.")
    return 0


def start_in_background() -> subprocess.Popen[bytes]:
    """Run `dlcore warmup --quiet` as a process of its own; whoever starts it may end it any time.

    Two at once do no harm: each writes whole files, and the later one finds them.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "dlcore.cli", "warmup", "--quiet"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a warm-up that is still running; what it has compiled so far stays."""
    process.terminate()
    process.wait()
