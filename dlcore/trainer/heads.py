"""Which losses and metrics belong to which output of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dlcore import losses, metrics, tree
from dlcore.losses.by_shapes import CrossentropyByShapes
from dlcore.trainer.pending import Pending
from dlcore.utils.lookup import did_you_mean

LOSS, METRICS, LOSS_WEIGHTS = "loss", "metrics", "loss_weights"


@dataclass
class Head:
    """What is measured at one output.

    Args:
        name: of the output; empty where it is the only one.
        loss: its loss, None if it has none.
        weight: what its loss is multiplied by in the sum of all; None is 1.
        chosen: metrics that leave the weights of the rows aside.
        weighted: metrics that take them into account.
    """

    name: str = ""
    loss: losses.Loss | None = None
    weight: float | None = None
    chosen: list[metrics.Metric] = field(default_factory=list)
    weighted: list[metrics.Metric] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tracker = metrics.Mean(name=f"{self.name}_loss")
        self.pending = Pending(self.chosen, self.weighted)

    @property
    def needs_targets(self) -> bool:
        """Whether anything compares this output with a target."""
        return self.loss is not None or bool(self.chosen or self.weighted)

    def settle_loss(self, target: tuple[int, ...], output: tuple[int, ...]) -> None:
        """Decide what "crossentropy" means, by the shapes of targets and outputs."""
        if isinstance(self.loss, CrossentropyByShapes):
            self.loss = self.loss.chosen(target, output)


def heads(
    names: Sequence[str], loss: Any, loss_weights: Any, chosen: Any, weighted: Any
) -> list[Head]:
    """One Head for each output.

    Args:
        names: of the outputs; one empty name for a single output.
        loss: a Loss for all outputs, or a list or dict with one for each.
        loss_weights: a number for all, or a list or dict.
        chosen: metrics: a list for a single output; for several a list or dict with a metric, or
            a list of metrics, for each.
        weighted: likewise.

    Raises:
        ValueError: if there is not one for each output, or a name that no output has.
    """
    if len(names) == 1:
        name = {names[0]} if names[0] else set()
        found = [leaf for leaf in tree.leaves(loss) if leaf is not None]
        if len(found) > 1:
            raise ValueError(
                f"The model has one output, but loss holds {len(found)} losses; give one, or add "
                "the other as a metric."
            )
        if isinstance(loss_weights, dict) and name:
            loss_weights = loss_weights.get(names[0], loss_weights)
        numbers = tree.leaves(loss_weights)
        if len(numbers) > 1:
            raise ValueError("The model has one output, but loss_weights holds several numbers.")
        plain, heavy = (
            [leaf for leaf in tree.leaves(given) if leaf is not None]
            for given in (chosen, weighted)
        )
        return [Head("", found[0] if found else None, numbers[0], plain, heavy)]
    all_losses = _spread(loss, names, LOSS)
    weights = _spread(loss_weights, names, LOSS_WEIGHTS)
    return [
        Head(name, one, weight, _listed(plain), _listed(heavy))
        for name, one, weight, plain, heavy in zip(
            names,
            all_losses,
            weights,
            _spread(chosen, names, METRICS),
            _spread(weighted, names, f"weighted_{METRICS}"),
            strict=True,
        )
    ]


def _spread(given: Any, names: Sequence[str], what: str) -> list[Any]:
    """One entry for each output, None where there is none."""
    if given is None or (isinstance(given, list | tuple) and not given):
        return [None] * len(names)
    if isinstance(given, dict):
        unknown = next((key for key in given if key not in names), None)
        if unknown is not None:
            hint = did_you_mean(str(unknown), names) or f" They are {', '.join(names)}."
            raise ValueError(f"{what} names the output {unknown!r}, which there is not.{hint}")
        return [given.get(name) for name in names]
    if isinstance(given, list | tuple):
        if len(given) == len(names):
            return list(given)
    elif what in (LOSS, LOSS_WEIGHTS):
        return [given] * len(names)
    example = {LOSS: "'mse'", LOSS_WEIGHTS: "1.0"}.get(what, "['mae']")
    raise ValueError(
        f"The model has {len(names)} outputs ({', '.join(names)}), so {what} is a list with one "
        f"entry for each of them, or a dict such as {{{names[0]!r}: {example}}}; it was given "
        f"{len(given) if isinstance(given, list | tuple) else 1}."
    )


def _listed(entry: Any) -> list[metrics.Metric]:
    return [leaf for leaf in tree.leaves(entry) if leaf is not None]
