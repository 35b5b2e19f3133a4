"""The source of the batches of a run, with the intake that looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.trainer import checks
from dlcore.trainer.batches import Arrays, split
from dlcore.trainer.intake import Intake
from dlcore.trainer.sources import ArraySource, StreamSource

Source = ArraySource | StreamSource


def training_source(
    model: Any,
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Mapping[int, float] | None,
    batch_size: int,
    steps: int | None,
    shuffle: bool | str,
    share: float,
) -> tuple[Source, Intake, Arrays | None]:
    """Where fit takes its batches from, and the rows that are held out for validation.

    Args:
        model: a compiled model.
        x: inputs, or what gives whole batches.
        y: targets.
        sample_weight: weights of the rows.
        class_weight: weights of the classes.
        batch_size: rows of a batch.
        steps: batches of an epoch, None for all.
        shuffle: as for fit.
        share: of the rows that are held out; 0 for none.

    Raises:
        ValueError, TypeError: if the data do not fit.
    """
    if steps is not None:
        steps = checks.at_least_one(steps, "steps_per_epoch")
    if isinstance(shuffle, str) and shuffle != "batch":
        raise ValueError(f"shuffle is True, False or 'batch', not {shuffle!r}.")
    intake = Intake(model, model._compiled, model._overrides("train_step"))
    if checks.is_stream(x):
        _refuse_beside(x, y, sample_weight)
        if share:
            raise ValueError(
                "validation_split takes rows off the end of arrays, but x gives batches one by "
                "one; give validation_data instead."
            )
        stream = StreamSource(x, intake, shuffle, steps, class_weight, training=True)
        stream.look()
        return stream, intake, None
    rows = intake.take(x, y, sample_weight, None, training=True)
    rest = None
    if share:
        rows, rest = split(rows, share)
    # After the split: a validation counts all classes alike.
    rows = intake.weighed(rows, class_weight)
    return ArraySource(rows, batch_size, shuffle, steps), intake, rest


def evaluation_source(
    model: Any,
    given: Any,
    rest: Arrays | None,
    training: Intake | None,
    batch_size: int,
    steps: int | None,
) -> tuple[Source, Intake]:
    """Where an evaluation takes its batches from.

    Args:
        model: a compiled model.
        given: `(x, y, sample_weight)`, or what gives whole batches.
        rest: rows that are prepared already, from a validation_split.
        training: the intake of the fit that it belongs to, None outside of one.
        batch_size: rows of a batch.
        steps: how many batches, None for all.

    Raises:
        ValueError, TypeError: if the data do not fit.
    """
    name = "steps" if training is None else "validation_steps"
    if steps is not None:
        steps = checks.at_least_one(steps, name)
    free = model._overrides("test_step")
    if rest is not None and training is not None:
        if training.free == free:
            return _arrays(rest, batch_size, steps), training
        given = training.data(rest)
    what = "" if training is None else "of validation_data"
    intake = Intake(model, model._compiled, free, what)
    x, y, weight = (given, None, None) if not isinstance(given, tuple) else given
    if checks.is_stream(x):
        _refuse_beside(x, y, weight)
        stream = StreamSource(x, intake, steps=steps)
        stream.look()
        return stream, intake
    return _arrays(intake.take(x, y, weight), batch_size, steps), intake


def prediction_source(
    model: Any, x: Any, batch_size: int, steps: int | None
) -> tuple[Source, Intake]:
    """Where predict takes its batches from; targets in them are left aside."""
    if steps is not None:
        steps = checks.at_least_one(steps, "steps")
    intake = Intake(model, None)
    if checks.is_stream(x):
        stream = StreamSource(x, intake, steps=steps)
        stream.look()
        return stream, intake
    return _arrays(intake.take(x), batch_size, steps), intake


def _arrays(rows: Arrays, batch_size: int, steps: int | None) -> ArraySource:
    """At most `steps` batches: an evaluation does not begin anew."""
    source = ArraySource(rows, batch_size)
    if steps is None or steps >= source.steps:
        return source
    return ArraySource(rows, batch_size, steps=steps)


def _refuse_beside(x: Any, y: Any, sample_weight: Any) -> None:
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(
                f"x is a {type(x).__name__}, which gives whole batches (x, y, sample_weight); "
                f"leave {name} out."
            )
