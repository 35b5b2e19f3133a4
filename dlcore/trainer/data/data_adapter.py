"""From what people hand to fit, evaluate and predict to batches that fit the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import tree
from dlcore.engine.tensor import Tensor, floatx, no_grad
from dlcore.layers import Layer
from dlcore.layers.shape_inference import trial
from dlcore.trainer.advice import run
from dlcore.trainer.advice.agreement import (
    check_last_layer,
    check_metrics,
    refuse_other_batches,
    refuse_other_rows,
    same_length,
    say_raw_pixels,
)
from dlcore.trainer.compile_ahead import looked_at
from dlcore.trainer.data.array_data_adapter import ArrayDataAdapter, Arrays, split
from dlcore.trainer.data.arrays import fitted_targets, numbers, takes_class_numbers
from dlcore.trainer.data.class_weights import class_weights, classes_of, weight_table
from dlcore.trainer.data.generator_data_adapter import GeneratorDataAdapter
from dlcore.trainer.data.structures import Inputs, Outputs, is_structure, outline, paths
from dlcore.utils.targets import pack_x_y_sample_weight

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer

DataAdapter = ArrayDataAdapter | GeneratorDataAdapter


class Standardizer:
    """The way from x, y and weights to the arrays of a batch, and back to what a step takes.

    The arrays are those of the inputs, then a target for each output, then its weights.

    Args:
        model: the model.
        step: the method that will take the batches: "train_step", "test_step" or "predict_step".
            To predict there are only inputs. A step of the user's own gets targets as they are
            given.
        what: what messages add to the names x and y, such as "of validation_data".
    """

    def __init__(self, model: Trainer, step: str, what: str = "") -> None:
        self.model, self.what = model, what
        self.predicts = step == "predict_step"
        self.free = not self.predicts and model._overrides(step)
        self.inputs = Inputs(model, what)
        self.outputs: Outputs | None = None
        self._looked: dict[Any, Outputs] = {}
        self._choosy: dict[Any, list[tuple[Any, int]]] = {}
        self._checked: set[Any] = set()  # outputs of which the last layer fits the loss
        self._structures: list[Any] = []
        self._ends = (0, 0)

    def arrays(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        training: bool = False,
    ) -> Arrays:
        """All arrays of x, y and the weights, converted and looked at once.

        Args:
            x: inputs.
            y: targets.
            sample_weight: weights of the rows.
            class_weight: weights of the classes.
            training: whether the model is to be trained on them.

        Raises:
            TypeError, ValueError: if something does not fit; it says what, and the mend.
        """
        xs = self.inputs.arrays(x)
        if self.predicts:
            if is_choosy(self.model):
                self._look(xs)
            self._ends = (len(xs), len(xs))
            return tuple(xs)
        if self.free:
            found = self._as_given(xs, y, sample_weight)
        else:
            found = self._fitted(xs, y, sample_weight)
        if training:
            say_raw_pixels(self.model, x, xs)
        return self.weighed(found, class_weight)

    def _fitted(self, xs: list[np.ndarray], y: Any, sample_weight: Any) -> Arrays:
        """The arrays with targets and weights as the losses of the outputs take them."""
        loss = self.model._require_compiled("compute_loss")
        metrics = self.model._compile_metrics
        self.outputs = outputs = self._look(xs)
        self.model._build_losses(outputs.names)
        self._require_a_loss()
        with_loss = [one is not None for one in loss.losses]
        with_metric = [bool(one.given or one.weighted) for one in metrics.outputs]
        needed = [a or b for a, b in zip(with_loss, with_metric, strict=True)]
        ys = outputs.targets(y, with_loss, needed)
        for name, array in zip(outputs.names, ys, strict=True):
            same_length(**{self._x_label(): xs[0], outputs.label("y", name): array})
        own_loss = self.model._overrides("compute_loss")
        # One of compute_metrics may give the metrics other targets.
        own_metrics = self.model._overrides("compute_metrics")
        for place, (array, row) in enumerate(zip(ys, outputs.rows, strict=True)):
            if array is None:
                continue
            shape = (len(xs[0]), *row)
            chosen = loss.choose(place, array.shape, shape)
            if chosen is not None:
                if (place, row) not in self._checked:
                    check_last_layer(_last_layers(self.model, place, len(ys)), chosen, shape)
                    self._checked.add((place, row))
                # A compute_loss of the model's own gets targets in the shape in which they came.
                if not own_loss or takes_class_numbers(chosen):
                    array = ys[place] = fitted_targets(array, chosen, shape)
            check_metrics(
                metrics.choose(place, array.shape, shape), array, () if own_metrics else shape
            )
        ws = outputs.weights(sample_weight, ys)
        self._ends = (len(xs), len(xs) + len(ys))
        return (*xs, *ys, *ws)

    def weighed(self, arrays: Arrays, class_weight: Mapping[int, float] | None) -> Arrays:
        """The arrays with each row weighted by its class as well, a sequence step by step.

        Raises:
            ValueError: if there are several outputs, no targets, or rows without one class.
        """
        if class_weight is None:
            return arrays
        table = weight_table(class_weight)
        xs, ys, ws = self.parts(arrays)
        if not ys or all(y is None for y in ys):
            raise ValueError(
                "class_weight weighs rows by their class in y, but there is no y; leave it out."
            )
        if len(ys) != 1 or ys[0] is None:
            names = self.outputs.names if self.outputs is not None else ["output_1"]
            raise ValueError(
                "class_weight is for a model with one output; for several, give sample_weight for "
                f"each: {{{names[0]!r}: …}}."
            )
        y = ys[0]
        row = self.outputs.rows[0] if self.outputs is not None else None
        of_loss = getattr(self._only_loss(), "kwargs", {})
        classes = classes_of(y, row, of_loss.get("axis", -1))
        by_class = class_weights(classes, table, of_loss.get("ignore_class"))
        by_class = by_class.astype(floatx())
        # Where there are losses for each step of a sequence, one class of a row serves them all.
        rank = 1 if row is None else len(row)
        by_class = by_class.reshape(by_class.shape + (1,) * (rank - by_class.ndim))
        given = ws[0] if ws else None
        return (*xs, y, by_class if given is None else by_class * given)

    def _only_loss(self) -> Any:
        """The loss of the one output; None if it is not known yet."""
        loss = self.model._compile_loss
        return loss.losses[0] if loss is not None and len(loss.losses) == 1 else None

    def parts(self, arrays: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
        """The inputs, targets and weights among the arrays of a batch."""
        first, second = self._ends
        return arrays[:first], arrays[first:second], arrays[second:]

    def x_y_sample_weight(self, arrays: Sequence[Any]) -> tuple[Any, Any, Any]:
        """x, y and the weights as tensors in their structures, None where there are none."""
        xs, ys, ws = self.parts(arrays)
        y, w = (self._packed(values, i) for i, values in enumerate((ys, ws)))
        return self._argument(xs), y, w

    def data(self, arrays: Sequence[Any]) -> Any:
        """A batch as a step takes it: x, `(x, y)` or `(x, y, sample_weight)`; to predict `(x,)`."""
        x, y, w = self.x_y_sample_weight(arrays)
        return (x,) if self.predicts else pack_x_y_sample_weight(x, y, w)

    def _argument(self, xs: Sequence[np.ndarray]) -> Any:
        """What the model is called on."""
        return self.inputs.packed([Tensor(x) for x in xs])

    def _packed(self, values: Sequence[Any], i: int) -> Any:
        if all(value is None for value in values):
            return None
        tensors = [None if value is None else Tensor(value) for value in values]
        if self.free:
            # Weights of the classes alone have no structure.
            structure = self._structures[i] if self._structures[i] is not None else 0
            return tree.replaced(structure, tensors)
        assert self.outputs is not None
        return self.outputs.packed(tensors)

    def _look(self, xs: list[np.ndarray]) -> Outputs:
        """The outputs for rows of these shapes, by a call of the model on the first two rows."""
        key = tuple(x.shape[1:] for x in xs)
        if key not in self._looked:
            heads = [Tensor(memory.sent(x[:2])) for x in xs]
            packed = self.inputs.packed(heads)
            if backends.get_backend() == "cpu":
                y, notes = looked_at(self.model, packed)
            else:
                with no_grad(), trial() as notes:
                    y = self.model(packed, training=False)
            refuse_other_rows(y, min(2, len(xs[0])))
            self._looked[key] = Outputs(self.model, y, self.what)
            # Layers such as Embedding, which can only take some numbers.
            self._choosy[key] = [
                (layer, place)
                for layer, tensor in notes
                for place, head in enumerate(heads)
                if memory.overlap(tensor.data, head.data) or self.inputs.goes_into(place, layer)
            ]
        for layer, place in self._choosy[key]:
            layer.check_inputs(xs[place], self.inputs.label(place))
        return self._looked[key]

    def choosy(self) -> list[Any]:
        """The layers that can only take some numbers, and of which it has looked at the rows."""
        return [layer for of_shapes in self._choosy.values() for layer, _ in of_shapes]

    def _require_a_loss(self) -> None:
        model = self.model
        losses = model._require_compiled("compute_loss").losses
        with_loss = any(loss is not None for loss in losses)
        if not with_loss and not model.losses and not model._overrides("compute_loss"):
            raise ValueError(
                "The model was compiled without a loss, which it needs to be trained or evaluated; "
                "compile it with a loss such as 'mse' or 'binary_crossentropy'."
            )

    def _as_given(self, xs: list[np.ndarray], y: Any, weights: Any) -> Arrays:
        """Targets and weights as numbers, in whatever structure they have."""
        self._structures, found = [], []
        for what, values in (("y", y), ("sample_weight", weights)):
            listed = [] if values is None else paths(values)
            labels = [f"{what}[{key!r}]" if is_structure(values) else what for key, _ in listed]
            self._structures.append(None if values is None else outline(values))
            found.append([numbers(v, n, True) for n, (_, v) in zip(labels, listed, strict=True)])
        same_length(**{self._x_label(): xs[0]}, **{f"y[{i}]": a for i, a in enumerate(found[0])})
        self._ends = (len(xs), len(xs) + len(found[0]))
        return (*xs, *found[0], *found[1])

    def _x_label(self) -> str:
        return f"x {self.what}".strip()


def for_training(
    model: Trainer,
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Mapping[int, float] | None,
    batch_size: int,
    steps: int | None,
    shuffle: bool | str,
    share: float,
) -> tuple[DataAdapter, Arrays | None]:
    """What gives fit its batches, and the rows that are held out for validation.

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
        steps = run.whole(steps, "steps_per_epoch")
    if isinstance(shuffle, str) and shuffle != "batch":
        raise ValueError(f"shuffle is True, False or 'batch', not {shuffle!r}.")
    standardizer = Standardizer(model, "train_step")
    if run.gives_batches(x) or run.lists_batches(model, x, y):
        run.refuse_beside(x, y, sample_weight, share)
        adapter = GeneratorDataAdapter(x, standardizer, shuffle, steps, class_weight, training=True)
        return adapter, None
    rows = standardizer.arrays(x, y, sample_weight, None, training=True)
    rest = None
    if share:
        rows, rest = split(rows, share)
    # After the split: a validation counts all classes alike.
    rows = standardizer.weighed(rows, class_weight)
    return ArrayDataAdapter(rows, standardizer, batch_size, shuffle, steps), rest


def for_validation(
    model: Trainer,
    given: Any,
    rest: Arrays | None,
    training: DataAdapter,
    batch_size: int,
    steps: int | None,
) -> DataAdapter | None:
    """What gives the validations of a fit their batches; None if nothing is held out.

    Args:
        model: a compiled model.
        given: the validation_data; None for none.
        rest: rows that are prepared already, from a validation_split; None for none.
        training: gives the fit its batches.
        batch_size: rows of a batch.
        steps: how many batches, None for all.

    Raises:
        ValueError, TypeError: if the data do not fit.
    """
    if given is None and rest is None:
        return None
    batch_size = run.whole(batch_size, "validation_batch_size")
    standardizer = training.standardizer
    if rest is not None and standardizer.free == model._overrides("test_step"):
        if steps is not None:
            steps = run.whole(steps, "validation_steps")
        adapter: DataAdapter = _at_most(steps, rest, standardizer, batch_size)
    else:
        given = given if rest is None else standardizer.x_y_sample_weight(rest)
        adapter = for_evaluation(model, given, batch_size, steps, "of validation_data")
    refuse_other_batches(model, adapter, "validation data", training=training)
    return adapter


def for_evaluation(
    model: Trainer, given: Any, batch_size: int, steps: int | None, what: str = ""
) -> DataAdapter:
    """What gives an evaluation its batches.

    Args:
        model: a compiled model.
        given: `(x, y, sample_weight)`, or what gives whole batches.
        batch_size: rows of a batch.
        steps: how many batches, None for all.
        what: what messages add to the names x and y.

    Raises:
        ValueError, TypeError: if the data do not fit.
    """
    standardizer = Standardizer(model, "test_step", what)
    if steps is not None:
        steps = run.whole(steps, "validation_steps" if what else "steps")
    x, y, weight = (given, None, None) if not isinstance(given, tuple) else given
    if run.gives_batches(x) or run.lists_batches(model, x, y):
        run.refuse_beside(x, y, weight)
        return GeneratorDataAdapter(x, standardizer, steps=steps)
    return _at_most(steps, standardizer.arrays(x, y, weight), standardizer, batch_size)


def for_prediction(model: Trainer, x: Any, batch_size: int, steps: int | None) -> DataAdapter:
    """What gives predict its batches; targets in them are left aside."""
    if steps is not None:
        steps = run.whole(steps, "steps")
    standardizer = Standardizer(model, "predict_step")
    if run.gives_batches(x) or run.lists_batches(model, x, ()):
        return GeneratorDataAdapter(x, standardizer, steps=steps)
    return _at_most(steps, standardizer.arrays(x), standardizer, batch_size)


def _at_most(
    steps: int | None, rows: Arrays, standardizer: Standardizer, batch_size: int
) -> ArrayDataAdapter:
    """Batches of all rows, but so many at most: an evaluation does not begin anew."""
    adapter = ArrayDataAdapter(rows, standardizer, batch_size)
    if steps is not None:
        adapter.steps = min(steps, adapter.steps)
    return adapter


def is_choosy(layer: Layer) -> bool:
    """Whether a layer, or one inside of it, can only take some numbers."""
    return hasattr(layer, "check_inputs") or any(map(is_choosy, layer._inside()))


def _last_layers(model: Trainer, place: int, count: int) -> list[Layer]:
    """Layers, the last of which gives an output; none where they are not known."""
    if hasattr(model, "add") and count == 1:
        return getattr(model, "layers", [])
    symbols = getattr(model, "outputs", None)
    if not symbols or len(symbols) != count or symbols[place].call is None:
        return []
    return [symbols[place].call.layer]
