"""The losses and the metrics that `compile` was given, for each output of a model."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore import losses, metrics
from dlcore.backends import memory
from dlcore.engine import ops, tree
from dlcore.engine.program import after_step
from dlcore.engine.tensor import Tensor
from dlcore.losses import by_shapes
from dlcore.losses.crossentropy import with_logits
from dlcore.metrics import Metric
from dlcore.metrics.accuracy_metrics import accuracy_for
from dlcore.trainer.data.structures import by_output, spread

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer

Logs = dict[str, Any]
Shape = tuple[int, ...]


class CompileLoss:
    """The loss of a model: the sum of those of its outputs, each times its weight.

    Args:
        loss: a name, a Loss or a function for each output, alone or in a list or dict; None for a
            model that only predicts, or one that adds its losses itself.
        loss_weights: what the loss of each output is multiplied by in their sum.

    Raises:
        ValueError, TypeError: for a name that does not exist, or weights that are no numbers.
    """

    def __init__(self, loss: Any, loss_weights: Any = None) -> None:
        for number in tree.leaves(loss_weights):
            if number is not None and (
                isinstance(number, bool) or not isinstance(number, int | float | np.number)
            ):
                raise TypeError(
                    f"loss_weights holds numbers, one for each output, not {number!r}; metrics "
                    "are given by name: metrics=['accuracy']."
                )
        self.loss = _each(_loss, loss)
        self._loss_weights = loss_weights
        self.tracker = metrics.Mean(name="loss")
        # For each output, once they are known by name.
        self.names: list[str] = []
        self.losses: list[losses.Loss | None] = []
        self._weights: list[Any] = []
        self._trackers: list[metrics.Mean] = []
        self._parts: list[np.ndarray] = []

    @property
    def trackers(self) -> list[Metric]:
        """The mean loss, and those of the outputs where there are several."""
        return [self.tracker, *(self._trackers if len(self.names) > 1 else ())]

    def build(self, names: Sequence[str]) -> None:
        """Give each output its loss, once the outputs are known by name.

        Raises:
            ValueError: if there is not one for each output, or a name that no output has.
        """
        if self.names == list(names):
            return
        self.losses = list(spread(self.loss, names, "loss"))
        self._weights = spread(self._loss_weights, names, "loss_weights")
        self.names = list(names)
        with_loss = (n for n, loss in zip(names, self.losses, strict=True) if loss is not None)
        self._trackers = [metrics.Mean(name=f"{name}_loss") for name in with_loss]

    def choose(self, place: int, target: Shape, output: Shape) -> losses.Loss | None:
        """The loss of an output; what "crossentropy" means is decided by these shapes."""
        loss = self.losses[place]
        if isinstance(loss, by_shapes.CrossentropyByShapes):
            loss = self.losses[place] = loss.chosen(target, output)
        return loss

    def __call__(
        self, y: Any, y_pred: Any, sample_weight: Any, added: Sequence[Tensor] = ()
    ) -> Tensor:
        """The sum of the losses of all outputs, each times its weight, and of those `added`.

        Args:
            y: targets, in the structure of the outputs.
            y_pred: the outputs.
            sample_weight: weights of the rows, None or as y.
            added: further losses, such as those of regularizers.

        Raises:
            ValueError: if there is no loss at all.
        """
        self._parts[:], parts = [], []
        targets, weights = by_output(y, self.names), by_output(sample_weight, self.names)
        outputs = tree.leaves(y_pred)
        given = zip(self.losses, self._weights, targets, outputs, weights, strict=True)
        for loss, factor, target, output, weight in given:
            if loss is not None:
                part = with_logits(loss)(target, output, weight)
                self._parts.append(part.data)
                parts.append(part if factor is None else ops.multiply(part, factor))
        for extra in map(ops.convert_to_tensor, added):
            parts.append(ops.sum(extra) if extra.ndim else extra)
        if not parts:
            raise ValueError(
                "The model was compiled without a loss, and its layers add none; compile it with a "
                "loss such as 'mse' or 'binary_crossentropy'."
            )
        return functools.reduce(ops.add, parts)

    def count(self, rows: int, loss: Tensor) -> None:
        """Take in the losses of a batch, by kernels: they count as often as it has rows."""
        weight = np.array([rows], np.float64)
        self.tracker.add(loss.data.reshape(1), weight)
        if len(self.names) > 1:
            for tracker, part in zip(self._trackers, self._parts, strict=False):
                tracker.add(part.reshape(1), weight)
        self._parts.clear()

    def result(self) -> Logs:
        """The mean loss, then those of the outputs where there are several."""
        trackers = self.trackers if len(self._trackers) > 1 else [self.tracker]
        return {tracker.name: tracker.result() for tracker in trackers}

    def reset_state(self) -> None:
        """Forget all batches."""
        for tracker in (self.tracker, *self._trackers):
            tracker.reset_state()


class CompileMetrics:
    """The metrics of a model, those of each output beside one another.

    Args:
        given: the metrics, each a name, a Metric or a function of (y_true, y_pred).
        weighted: further metrics, which take the weights of the rows into account.

    Raises:
        ValueError, TypeError: for a name that does not exist, or what is no list.
    """

    def __init__(self, given: Any = None, weighted: Any = None) -> None:
        for what, entry in (("metrics", given), ("weighted_metrics", weighted)):
            if entry is not None and not isinstance(entry, list | tuple | dict):
                raise TypeError(f"{what} is a list: write {what}=[{entry!r}].")
        self._given = _each(_metric, given)
        self._weighted = _each(_metric, weighted)
        # For each output, once they are known by name.
        self.outputs: list[OutputMetrics] = []
        self._keyed: list[tuple[str, Metric]] = []

    @property
    def metrics(self) -> list[Metric]:
        """The metrics in the order of compile."""
        if not self.outputs:
            return [*_listed(self._given), *_listed(self._weighted)]
        for output in self.outputs:
            output.flush()
        return [metric for _, metric in self._keyed]

    @property
    def names(self) -> list[str]:
        """The keys of the results."""
        return list(self.result()) if self.outputs else [metric.name for metric in self.metrics]

    def metric(self, key: str) -> Metric | None:
        """The metric whose result has a key."""
        known = {metric.name: metric for metric in self.metrics}
        return {**known, **dict(self._keyed)}.get(key)

    def build(self, names: Sequence[str]) -> None:
        """Give each output its metrics, once the outputs are known by name.

        Raises:
            ValueError: if there is not an entry for each output, or a name that no output has.
        """
        if [output.name for output in self.outputs] == list(names):
            return
        given = spread(self._given, names, "metrics")
        weighted = spread(self._weighted, names, "weighted_metrics")
        self.outputs = [
            OutputMetrics(name, _listed(plain), _listed(heavy))
            for name, plain, heavy in zip(names, given, weighted, strict=True)
        ]
        self._name_results()

    def choose(self, place: int, target: Shape, output: Shape) -> list[Metric]:
        """The metrics of an output; what "accuracy" means is decided by these shapes."""
        own = self.outputs[place]
        for chosen in (own.given, own.weighted):
            for i, metric in enumerate(chosen):
                if getattr(metric, "by_shapes", False):
                    chosen[i] = accuracy_for(target, output, metric.name)
                    self._name_results()
        return [*own.given, *own.weighted]

    def choose_all(self, y: Any, y_pred: Any) -> None:
        """Decide what "accuracy" means at each output that has targets."""
        names = [output.name for output in self.outputs]
        pairs = zip(by_output(y, names), tree.leaves(y_pred), strict=True)
        for place, (target, output) in enumerate(pairs):
            if target is not None:
                self.choose(place, target.shape, output.shape)

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Let all metrics take in a batch; arguments in the structure of the outputs."""
        names = [output.name for output in self.outputs]
        targets, weights = (
            [v.data if isinstance(v, Tensor) else v for v in by_output(given, names)]
            for given in (y, sample_weight)
        )
        outputs = zip(self.outputs, targets, tree.leaves(y_pred), weights, strict=True)
        for output, target, values, weight in outputs:
            if target is not None:
                output.update_state(target, values, weight)

    def result(self) -> Logs:
        """The results so far; for several outputs in the order of the alphabet."""
        for output in self.outputs:
            output.flush()
        keyed = sorted(self._keyed) if len(self.outputs) > 1 else self._keyed
        return {key: as_number(metric.result()) for key, metric in keyed}

    def reset_state(self) -> None:
        """Forget all batches."""
        for output in self.outputs:
            output.forget()
        for metric in self.metrics:
            metric.reset_state()

    def _name_results(self) -> None:
        """Keys of the results: for several outputs with the name of the output before it."""
        keyed: dict[str, Metric] = {}
        for weighted in (False, True):
            for output in self.outputs:
                for metric in output.weighted if weighted else output.given:
                    before = f"{output.name}_" if output.name else ""
                    name = before + metric.name
                    if weighted and name in keyed:
                        name = f"{before}weighted_{metric.name}"
                    key, count = name, 1
                    while key in keyed or key == "loss":
                        key = f"{name}_{count}"
                        count += 1
                    keyed[key] = metric
        self._keyed = list(keyed.items())


class OutputMetrics:
    """The metrics of an output, with batches that are still held back from some of them.

    What kernels alone can compute is a part of the step, and replayed with it. The others are given
    their batches after the step.

    A metric of dlcore gathers over rows, so that it may be given the rows of many batches at once;
    in a training with small batches that saves most of its time. A metric of the user's own gets
    each batch as it comes, and so do all where the outputs bring a mask.

    Args:
        name: of the output; empty where it is the only one.
        given: metrics that leave the weights of the rows aside.
        weighted: metrics that take them into account.
    """

    # So many numbers of outputs are held back at most, and on a device, which is to go on.
    SIZE, AWAY = 1 << 14, 1 << 22

    def __init__(self, name: str, given: list[Metric], weighted: list[Metric]) -> None:
        self.name, self.given, self.weighted = name, given, weighted
        self._rest: tuple[list[Metric], list[Metric]] = [], []
        self._batches: list[tuple[Any, Any, Any]] = []
        self._size = 0

    def update_state(self, y: np.ndarray, y_pred: Tensor, weights: np.ndarray | None) -> None:
        """Let the metrics take in a batch: by kernels in the step, or after it.

        It depends on the shapes as well which of them kernels alone can compute.
        """
        rest: tuple[list[Metric], list[Metric]] = [], []
        plain = y_pred.mask is None and (weights is None or weights.shape == (len(y),))
        both = (self.given, None, rest[0]), (self.weighted, weights, rest[1])
        for chosen, given, left in both:
            for metric in chosen:
                if plain and getattr(metric, "in_kernels", False) and _gathers_over_rows(metric):
                    metric.add_rows(y, y_pred.data, given)  # type: ignore[attr-defined]
                else:
                    left.append(metric)
        if any(rest):
            after_step(self._take_in, rest, y, y_pred, weights)

    def flush(self) -> None:
        """Let the metrics take in all that was held back."""
        if self._batches:
            batches, self._batches, self._size = self._batches, [], 0
            y, y_pred, weights = zip(*batches, strict=True)
            joined = None if weights[0] is None else memory.gathered(weights)
            self._update(memory.gathered(y), memory.gathered(y_pred), joined)

    def forget(self) -> None:
        """Leave out what was held back."""
        self._batches[:], self._size = [], 0

    def _take_in(self, rest: Any, y: np.ndarray, y_pred: Tensor, weights: Any) -> None:
        """Let some metrics take in a batch now or later; its arrays may be overwritten then."""
        if rest != self._rest:
            self.flush()
        self._rest = rest
        waits = all(_gathers_over_rows(metric) for chosen in rest for metric in chosen)
        if not waits or y_pred.mask is not None:
            self.flush()
            # Plain arrays, for metrics of one's own in NumPy; a mask needs the tensor it is of.
            values = memory.to_host(y_pred.data) if y_pred.mask is None else y_pred
            self._update(memory.to_host(y), values, weights)
            return
        values = y_pred.data
        if self._batches and values.shape[1:] != self._batches[0][1].shape[1:]:
            self.flush()
        kept = weights.copy() if weights is not None and rest[1] else None
        self._batches.append((y.copy(), values.copy(), kept))
        self._size += values.size
        if self._size >= (self.SIZE if memory.device() is None else self.AWAY):
            self.flush()

    def _update(self, y: np.ndarray, y_pred: Any, weights: np.ndarray | None) -> None:
        weights = None if weights is None else memory.to_host(weights)
        for metric in self._rest[0]:
            metric.update_state(y, y_pred)
        for metric in self._rest[1]:
            metric.update_state(y, y_pred, sample_weight=weights)


def computed_loss(
    model: Trainer, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool
) -> Tensor:
    """`model.compute_loss`, also one of the user's own that lacks some of the arguments."""
    given = {"x": x, "y": y, "y_pred": y_pred, "training": training}
    given["sample_weight"] = sample_weight
    parameters = inspect.signature(model.compute_loss).parameters
    if not any(p.kind == p.VAR_KEYWORD for p in parameters.values()):
        given = {name: value for name, value in given.items() if name in parameters}
    return ops.convert_to_tensor(model.compute_loss(**given))


def as_number(value: Any) -> Any:
    """A result of a metric as a Python number, or as an array if it holds several."""
    value = memory.to_host(value.data) if isinstance(value, Tensor) else value
    return float(np.reshape(value, ())) if np.size(value) == 1 else value


def detached(x: Tensor) -> Tensor:
    """The same values, and no longer how they were calculated."""
    y = Tensor(x.data)
    y.mask = x.mask
    return y


def _gathers_over_rows(metric: Metric) -> bool:
    """Whether the rows of several batches at once give the metric the same as one by one."""
    parts = type(metric), getattr(metric, "fn", metric)
    return all(str(getattr(part, "__module__", "")).startswith("dlcore.") for part in parts)


def _listed(entry: Any) -> list[Any]:
    return [leaf for leaf in tree.leaves(entry) if leaf is not None]


def _each(function: Callable[[Any], Any], given: Any) -> Any:
    """The structure with `function(identifier)` for each; a dict from a file is one identifier."""
    if isinstance(given, dict) and "class_name" not in given:
        return {key: _each(function, value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [_each(function, value) for value in given]
    return function(given)


def _loss(identifier: Any) -> losses.Loss | None:
    if isinstance(identifier, str) and identifier.lower() in by_shapes.NAMES:
        return by_shapes.CrossentropyByShapes(identifier)
    loss = losses.get(identifier)
    if loss is None or isinstance(loss, losses.Loss):
        return loss
    return losses.LossFunctionWrapper(loss)


def _metric(identifier: Any) -> Metric | None:
    if identifier is None:
        return None
    metric = metrics.get(identifier)
    if isinstance(identifier, str):
        metric.name = identifier
        metric.by_shapes = identifier.lower() in ("accuracy", "acc")
    return metric
