"""Stateful layers need batches of one size: said before the first step, not in mid-epoch."""

from __future__ import annotations

import math
from typing import Any

from dlcore.layers.tracking import stateful_layers
from dlcore.trainer.sources import ArraySource


def refuse_other_batches(
    model: Any, source: Any, count: int | None, what: str, training: int | None = None
) -> None:
    """Raise a ValueError if a stateful layer would meet a batch with another number of rows.

    It would do so in the middle of an epoch; data that come batch by batch cannot be looked at.

    Args:
        model: the model.
        source: where the batches come from.
        count: how many of them will be taken; None if that is not known.
        what: how the message calls the data, such as "training data".
        training: the rows of a batch in the training that a validation belongs to.
    """
    layers = stateful_layers(model)
    if not layers or not isinstance(source, ArraySource):
        return
    rows, size = source.batches.size, source.batches.batch_size
    rest = rows % size
    begin = f"The layer {layers[0].name!r} is stateful and needs batches of one size"
    if rest and (count or 0) >= len(source.batches):
        raise ValueError(
            f"{begin}, but {rows} rows of {what} with a batch_size of {size} leave {rest} for the "
            f"last batch; choose a batch_size that divides {rows}, such as {_divisor(rows, size)}, "
            f"or give {rows - rest} rows."
        )
    if training is not None and training != size:
        raise ValueError(
            f"{begin}, but those of the training have {training} rows and those of the "
            f"{what} {size}; choose one batch_size that divides the number of rows of both."
        )


def _divisor(rows: int, size: int) -> int:
    """The batch size next to `size` that leaves no rows over; 1 only for a single row."""
    fitting = [n for n in range(1, math.isqrt(rows) + 1) if rows % n == 0]
    fitting += [rows // n for n in fitting]
    return min((n for n in fitting if n > 1 or rows == 1), key=lambda n: abs(n - size))
