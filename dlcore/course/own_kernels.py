"""Kernels of threads in the notebook: on the GPU where there is one, else on the stand-in.

What the learner has accepted serves; until then the one that was written for the exercise. The
board says how often a learner's own kernel was started, and on what.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.backends import mine
from dlcore.course.registry import registry
from dlcore.stand_in import without_faults

GPU, STAND_IN = "GPU", "stand-in"
Kernel = Callable[..., Any]
Size = tuple[int, ...] | int

places: dict[str, str] = {}
"""On what each of the learner's kernels of threads ran last in this process, by its name."""


def where() -> str:
    """What kernels of threads run on here: "GPU" or "stand-in"."""
    return GPU if backends.available_backends()["cuda"] is None else STAND_IN


def accepted(id: str) -> Kernel | None:
    """The learner's kernel as it was accepted; None if there is none, or it was changed since.

    Args:
        id: of the exercise, such as "17.relu_kernel".
    """
    path = mine.course_folder() / mine.FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    section = mine.sections(text).get(id)
    if section is None:
        return None
    start, _, body = section
    first_line = text[start:].partition("\n")[0]
    if first_line.split()[-1] != mine.checksum(body):
        return None
    return mine.run(text, str(path)).get(id[3:])


def start(id: str, grid: Size, threads: Size, *arrays: np.ndarray) -> str:
    """Start the kernel of an exercise, and count it for the board if it is the learner's own.

    Args:
        id: of the exercise, such as "17.relu_kernel".
        grid: how many blocks.
        threads: how many threads a block has.
        arrays: what the kernel is given; they are changed in place.

    Returns:
        What it ran on: "GPU" or "stand-in".

    Raises:
        dlcore.stand_in.Fault: on the stand-in, if threads do what no GPU promises to get right.
    """
    exercise, own, on = registry().find(id), accepted(id), where()
    kernel = own or exercise.answer
    if on == GPU:
        on_the_gpu(kernel, grid, threads, *arrays)
    else:
        without_faults(kernel, grid, threads, *arrays)
    if own:
        mine.calls[exercise.name] += 1
        places[exercise.name] = on
    return on


def on_the_gpu(kernel: Kernel, grid: Size, threads: Size, *arrays: np.ndarray) -> None:
    """Compile a kernel with numba-cuda, send the arrays, run it, and fetch what it wrote."""
    from numba import cuda

    plain: Any = getattr(kernel, "py_func", kernel)
    names = {**plain.__globals__, "cuda": cuda}
    copy = FunctionType(
        plain.__code__, names, plain.__name__, plain.__defaults__, plain.__closure__
    )
    there = [cuda.to_device(each) for each in arrays]
    cuda.jit(copy)[grid, threads](*there)
    cuda.synchronize()  # a launch returns before the work is done
    for here, each in zip(arrays, there, strict=True):
        here[...] = each.copy_to_host()
