"""`dlcore warmup`: compile every kernel before it is needed, and leave it in the cache.

The first call of a kernel on a machine compiles it. `dlcore learn` runs this beside JupyterLab, so
that no learner waits in the middle of a lesson. What the first lessons use is compiled first. Numba
compiles one thing at a time in a process, so there are as many processes as cores.

What is counted is parts: a kernel has one for each form (for one thread, for several) and each set
of types that training calls it with. Each becomes a file of its own in the cache.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from dlcore.backends import KERNELS, Kernel
from dlcore.course.lesson_map import LESSONS


def compiled_kernels() -> dict[str, Any]:
    """The kernels of the `cpu` backend that Numba compiles, by name, in the order of the lessons.

    Raises:
        ImportError: if Numba cannot be imported.
    """
    from dlcore.backends import cpu
    from dlcore.backends.cpu.random import _fill_uniform

    functions = {name: getattr(cpu, name, None) for name in KERNELS}
    functions["random_uniform"] = _fill_uniform
    compiled = {name: f for name, f in functions.items() if hasattr(f, "py_func")}
    lesson: dict[str, int] = {}
    for row in LESSONS:
        for name in (*row.previews, *row.kernels):
            lesson.setdefault(name, row.number)
            # A layer goes through all the steps of a sequence in one kernel.
            lesson.setdefault(name.replace("_step", ""), row.number)
    # What no lesson speaks of belongs to every training, but for the optimizers.
    last = len(LESSONS)
    lesson |= {n: last for n in compiled if n.endswith("_update") and n not in lesson}
    # That of a model which is compiled without one.
    lesson["rmsprop_update"] = 0
    return dict(sorted(compiled.items(), key=lambda item: lesson.get(item[0], 0)))


def forms(function: Any) -> list[Any]:
    """What is compiled of a kernel: one form, or one for one thread and one for several."""
    return getattr(function, "forms", [function])


def samples(kernel: Kernel) -> list[list[Any]]:
    """Arguments of the types that training calls a kernel with, a list for each set of types.

    They are in the order of the destination-passing form; every letter is two, but the kernel of a
    convolution is 3 by 3, for which there is a way of its own.
    """
    return [_arguments(kernel, types) for types in _TYPES.get(kernel.name, [{}])]


# The types of arrays where they are not float32, nor whole numbers in 64 bits where the contract
# has those.
_TYPES: dict[str, list[dict[str, type]]] = {
    "add_to_mean": [{"state": np.float64, "weights": np.float64}],
    "nadam_update": [{"product": np.float64}],
    "take_rows": [{}, {"y": np.int64, "x": np.int64}],
}


def _arguments(kernel: Kernel, types: dict[str, type]) -> list[Any]:
    arguments: list[Any] = []
    for array in (*kernel.outputs, *kernel.given):
        letters = dict.fromkeys((letter for _, letter in array.factors), 2) | {"kh": 3, "kw": 3}
        shape = (2,) if array.sizes is None else array.shape(letters)
        whole = array.integer or array.name == "step"
        usual = np.int64 if whole else np.float32
        arguments.append(np.zeros(shape, types.get(array.name, usual)))
    if kernel.name == "random_uniform":
        return arguments
    return arguments + list(kernel.attributes.values())


def warm(names: Iterable[str]) -> Iterator[str]:
    """Compile kernels in processes of their own; gives a kernel's name for each part that is ready.

    Where a process ends before its time, what it was at is left out.
    """
    from dlcore.backends.numba.compile import form_of
    from dlcore.backends.numba.workers import Work, processes

    kernels = compiled_kernels()
    of_kernel: dict[Any, str] = {}
    for name in names:
        for form in forms(kernels[name]):
            for arguments in samples(KERNELS[name]):
                of_kernel[form_of(form, arguments)] = name
    work = Work(of_kernel)
    with work.shared(min(processes(), len(of_kernel)), background=True):
        yield from (of_kernel[form] for form in work.ready())


def warmup(quiet: bool = False, names: Iterable[str] = ()) -> int:
    """Compile kernels with a progress bar; returns the exit code.

    Args:
        quiet: say nothing, as beside a running JupyterLab.
        names: only these kernels; default all.
    """
    from tqdm import tqdm

    from dlcore.backends import available_backends

    reason = available_backends()["cpu"]
    if reason is not None:
        if not quiet:
            print(f"There is nothing to compile. {reason}", file=sys.stderr)
        return 1
    kernels = compiled_kernels()
    unknown = [name for name in names if name not in kernels]
    if unknown:
        print(f"There is no kernel {unknown[0]!r} to compile.", file=sys.stderr)
        return 2
    names = [name for name in kernels if not names or name in names]
    total = sum(len(forms(kernels[name])) * len(samples(KERNELS[name])) for name in names)
    done = 0
    # Without an estimate of the time that is left: some take a hundred times as long as others.
    shape = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"
    with tqdm(total=total, desc="Compiling", disable=quiet, bar_format=shape) as bar:
        for name in warm(names):
            bar.set_postfix_str(name)
            bar.update()
            done += 1
        bar.set_postfix_str("")
    if done < total:
        if not quiet:
            print(
                f"{total - done} of {total} parts of kernels were not compiled: the process that "
                "was at it ended, perhaps for want of memory. Their first use compiles them.",
                file=sys.stderr,
            )
        return 1
    if not quiet:
        kinds = f"{len(names)} kernel{'s' * (len(names) != 1)}"
        print(f"{done} parts of {kinds} are compiled; {_where()}.")
    return 0


def _where() -> str:
    from dlcore.backends.numba.cache import folders

    for folder in folders():
        if folder.path.is_dir():
            return f"they lie in {folder.path}"
    return "but there is no folder to keep them in: set DLCORE_CACHE_FOLDER to one"


def start_in_background(environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Run `dlcore warmup --quiet` as a process of its own; whoever starts it may end it any time.

    Two at once do no harm: each writes whole files, and the later one finds them.

    Args:
        environment: more variables for it.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "dlcore.command.cli", "warmup", "--quiet"],
        env=os.environ | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a warm-up that is still running; what it has compiled so far stays."""
    process.terminate()
    process.wait()
