"""A step for which the memory of a device has no room: how many rows of a batch there is room for.

What a step takes a row is measured on smaller batches, and the answer is tried before it is given.
"""

from __future__ import annotations

import gc
import traceback
from typing import TYPE_CHECKING, Any

from dlcore.backends import memory
from dlcore.callbacks.metric_state import metric_state, put_back

if TYPE_CHECKING:
    from dlcore.trainer.epochs import Step


def too_large(step: Step, name: str, arrays: Any, error: MemoryError) -> MemoryError:
    """The error for a batch that does not fit, with the batch_size that would.

    The model is left as it is: what the trials change is put back.

    Args:
        step: the step, which keeps no programs any more.
        name: of the method that it is, such as "train_step".
        arrays: of the batch.
        error: what the device said of it.
    """
    device = memory.device()
    if device is None:
        return error
    _let_go(error)
    model, rows = step.model, len(next(a for a in arrays if a is not None))
    free = device.free()
    weights = sum(variable.data.nbytes for variable in model.variables)
    of_training = ""
    if name == "train_step":
        weights += sum(variable.data.nbytes for variable in model.optimizer.variables)
        of_training = " with what the optimizer keeps"
    try:
        fitting = _undone(step, name, arrays, rows)
    except Exception as unknown:  # such as a model that takes batches of one size alone
        _let_go(unknown)
        return error
    if fitting:
        mend = f"batch_size={fitting} fits"
    else:
        mend = "not even one row fits: another program has to end, or the model to be smaller"
    return MemoryError(
        f"A step with {rows:,} rows does not fit into the memory of the GPU, where the model"
        f"{of_training} takes {_megabytes(weights)} and {_megabytes(free)} are free; {mend}."
    )


def _undone(step: Step, name: str, arrays: Any, rows: int) -> int:
    """`_fitting`, with the model afterwards as before."""
    from dlcore.trainer.epochs import Snapshot  # which imports this file

    model = step.model
    here = Snapshot(model) if name == "train_step" else None
    measured = metric_state(model.metrics)
    try:
        return _fitting(step, arrays, rows)
    finally:
        put_back(model.metrics, measured)
        if here is not None:
            here.restore()


def _fitting(step: Step, arrays: Any, rows: int) -> int:
    """So many rows, fewer than those of a batch, that a step has been taken on them; 0 for none."""
    found, taken, free = rows // 2, None, 0
    while found and (taken := _taken(step, arrays, found)) is None:
        found //= 2
    half = _taken(step, arrays, found // 2) if found > 1 else None
    if taken is None or half is None or taken[0] <= half[0]:
        return found
    free = taken[1]
    a_row = (taken[0] - half[0]) / (found - found // 2)
    # When a step is recorded it takes somewhat more than it keeps.
    for share in (0.95, 0.75, 0.5):
        more = found + int(share * free / a_row)
        if found < more < rows and _taken(step, arrays, more) is not None:
            return more
    return found


def _taken(step: Step, arrays: Any, rows: int) -> tuple[int, int] | None:
    """Bytes that a recorded step on so many rows keeps, and those left; None without room.

    So does one on what is then left for the last batch.
    """
    device = memory.device()
    assert device is not None
    before = device.held()
    kept: list[Any] = []
    try:
        for size in (rows, (step.adapter.rows or 0) % rows):
            part = tuple(None if a is None else memory.part(a, 0, size) for a in arrays)
            program = step.alone(part)
            for _ in range(2 if size else 0):
                step.adapter.begin()
                kept += [program, program.run()]
        return device.held() - before, device.free()
    except MemoryError as error:
        _let_go(error)
        return None
    finally:
        kept.clear()
        gc.collect()


def _let_go(error: BaseException) -> None:
    """Let go what the functions that an error went through had in their hands."""
    traceback.clear_frames(error.__traceback__)
    error.__traceback__ = error.__context__ = None
    gc.collect()


def _megabytes(nbytes: float) -> str:
    return f"{nbytes / 2**20:,.1f} MB"
