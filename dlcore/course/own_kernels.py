"""Kernels of threads in the notebook: on the GPU where there is one, else on the stand-in.

On the GPU what the learner has accepted takes the place of its twin in ``backends/cuda/simple.py``,
which runs until then; on the stand-in, of the one that was written for the exercise. The board says
how often a learner's own kernel was started, and on what.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.backends import mine
from dlcore.backends.available import reason
from dlcore.course.registry import registry
from dlcore.stand_in import without_faults

GPU, SIMULATOR, STAND_IN = "GPU", "simulator", "stand-in"
Kernel = Callable[..., Any]
Size = tuple[int, ...] | int

places: dict[str, str] = {}
"""On what each of the learner's kernels of threads ran last in this process, by its name."""


def where() -> str:
    """What kernels of threads run on here.

    Returns:
        "GPU", "simulator" if the backend cuda only plays one, or "stand-in".
    """
    if reason("cuda") is not None:
        return STAND_IN
    from dlcore.backends.cuda.device import SIMULATED

    return SIMULATOR if SIMULATED else GPU


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
    # By itself, since another section may have a TILE too; with its lines where they are.
    above = "\n" * (text.count("\n", 0, start) + 1)
    return mine.run(above + body, str(path)).get(id[3:])


def start(id: str, grid: Size, threads: Size, *arrays: np.ndarray) -> str:
    """Start the kernel of an exercise, and count it for the board if it is the learner's own.

    Args:
        id: of the exercise, such as "17.relu_kernel".
        grid: how many blocks.
        threads: how many threads a block has.
        arrays: what the kernel is given; they are changed in place.

    Returns:
        What it ran on, as ``where`` says it.

    Raises:
        dlcore.stand_in.Fault: on the stand-in, if threads do what no GPU promises to get right.
    """
    exercise, own, on = registry().find(id), accepted(id), where()
    if on == STAND_IN:
        without_faults(own or exercise.answer, grid, threads, *arrays)
    else:
        from dlcore.backends.cuda import simple

        simple.start(exercise.name, grid, threads, *arrays, own=own)
    if own:
        mine.calls[exercise.name] += 1
        places[exercise.name] = on
    return on
