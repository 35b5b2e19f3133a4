"""From what people hand to fit to arrays that fit the model: every check of the data is here."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore import losses, tree
from dlcore.layers.shapes import trial
from dlcore.tensor import Tensor, floatx, no_grad
from dlcore.trainer.arrays import numbers, same_length
from dlcore.trainer.batches import Arrays, class_weights
from dlcore.trainer.compiled import Compiled
from dlcore.trainer.inputs import Inputs, is_structure, paths
from dlcore.trainer.matching import check_last_layer, check_metrics, fitted_targets
from dlcore.trainer.outputs import Outputs
from dlcore.trainer.pixels import say_raw_pixels


class Intake:
    """The way from x, y and weights to the arrays of a batch, and back to what a step works on.

    The arrays are those of the inputs, then a target for each output, then its weights.

    Args:
        model: the model.
        compiled: its losses and metrics; None to predict, where there are only inputs.
        free: whether targets are left as they are given, for a train_step of the model's own.
        what: what messages add to the names x and y, such as "of validation_data".
    """

    def __init__(
        self, model: Any, compiled: Compiled | None, free: bool = False, what: str = ""
    ) -> None:
        self.model, self.compiled, self.free, self.what = model, compiled, free, what
        self.inputs = Inputs(model, what)
        self.outputs: Outputs | None = None
        self._looked: dict[Any, Outputs] = {}
        self._choosy: dict[Any, list[tuple[Any, int]]] = {}
        self._structures: list[Any] = []
        self._ends = (0, 0)

    def take(
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
        if training:
            say_raw_pixels(self.model, x, xs)
        if self.compiled is None:
            if _is_choosy(self.model):
                self._look(xs)
            self._ends = (len(xs), len(xs))
            return tuple(xs)
        if self.free:
            return self.weighed(self._as_given(xs, y, sample_weight), class_weight)
        self.outputs = outputs = self._look(xs)
        self.compiled.plan(outputs.names)
        self._require_a_loss()
        heads = self.compiled.heads
        ys = outputs.targets(y, heads)
        for name, array in zip(outputs.names, ys, strict=True):
            label = outputs._label("y", name)
            same_length(**{self._x_label(): xs[0], label: array})
        own_loss = self.model._overrides("compute_loss")
        for place, (head, row) in enumerate(zip(heads, outputs.rows, strict=True)):
            array, shape = ys[place], (len(xs[0]), *row)
            if array is None:
                continue
            head.settle_loss(array.shape, shape)
            if head.loss is not None:
                last = _with_last_layer(self.model, place, len(heads))
                if last is not None:
                    check_last_layer(last, head.loss, shape)
                # A compute_loss of the model's own gets targets in the shape in which they came.
                if not own_loss or _takes_class_numbers(head.loss):
                    array = fitted_targets(array, head.loss, shape)
            ys[place] = array
            self.compiled.settle(place, array.shape, shape)
            check_metrics([*head.chosen, *head.weighted], array)
        ws = outputs.weights(sample_weight, ys)
        self._ends = (len(xs), len(xs) + len(ys))
        return self.weighed((*xs, *ys, *ws), class_weight)

    def weighed(self, arrays: Arrays, class_weight: Mapping[int, float] | None) -> Arrays:
        """The arrays with each row weighted by its class as well.

        Raises:
            ValueError: if there are several outputs.
        """
        if class_weight is None:
            return arrays
        xs, ys, ws = self.parts(arrays)
        if len(ys) != 1 or ys[0] is None:
            names = self.outputs.names if self.outputs is not None else ["output_1"]
            raise ValueError(
                "class_weight is for a model with one output; for several, give sample_weight for "
                f"each: {{{names[0]!r}: …}}."
            )
        y = ys[0]
        by_class = class_weights(y, class_weight).astype(floatx())
        rank = len(self.outputs.rows[0]) if self.outputs is not None else 1
        # Where there are losses for each step of a sequence, one weight serves all of a row.
        by_class = by_class.reshape(by_class.shape + (1,) * (rank - by_class.ndim))
        given = ws[0] if ws else None
        return (*xs, y, by_class if given is None else by_class * given)

    def parts(self, arrays: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
        """The inputs, targets and weights among the arrays of a batch."""
        first, second = self._ends
        return arrays[:first], arrays[first:second], arrays[second:]

    def argument(self, xs: Sequence[np.ndarray]) -> Any:
        """What the model is called on."""
        return self.inputs.packed([Tensor(x) for x in xs])

    def data(self, arrays: Sequence[Any]) -> tuple[Any, Any, Any]:
        """x, y and the weights as tensors in their structures, None where there are none."""
        xs, ys, ws = self.parts(arrays)
        y, w = (self._packed(values, i) for i, values in enumerate((ys, ws)))
        return self.argument(xs), y, w

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
            with no_grad(), trial() as notes:
                y = self.model(self.argument([x[:2] for x in xs]), training=False)
            refuse_other_rows(y, min(2, len(xs[0])))
            self._looked[key] = Outputs(self.model, y, self.what)
            # Layers such as Embedding, which can only take some numbers.
            self._choosy[key] = [
                (layer, place)
                for layer, tensor in notes
                for place, x in enumerate(xs)
                if np.shares_memory(tensor.data, x) or self.inputs.goes_into(place, layer)
            ]
        for layer, place in self._choosy[key]:
            layer.check_inputs(xs[place], self.inputs.label(place))
        return self._looked[key]

    def _require_a_loss(self) -> None:
        assert self.compiled is not None
        with_loss = any(head.loss is not None for head in self.compiled.heads)
        if not with_loss and not self.model.losses and not self.model._overrides("compute_loss"):
            raise RuntimeError(
                "The model was compiled without a loss, which it needs to be trained or evaluated; "
                "compile it with a loss such as 'mse' or 'binary_crossentropy'."
            )

    def _as_given(self, xs: list[np.ndarray], y: Any, weights: Any) -> Arrays:
        """Targets and weights as numbers, in whatever structure they have."""
        self._structures, found = [], []
        for what, values in (("y", y), ("sample_weight", weights)):
            listed = [] if values is None else paths(values)
            labels = [f"{what}[{key!r}]" if is_structure(values) else what for key, _ in listed]
            self._structures.append(None if values is None else _outline(values))
            found.append([numbers(v, n, True) for n, (_, v) in zip(labels, listed, strict=True)])
        same_length(**{self._x_label(): xs[0]}, **{f"y[{i}]": a for i, a in enumerate(found[0])})
        self._ends = (len(xs), len(xs) + len(found[0]))
        return (*xs, *found[0], *found[1])

    def _x_label(self) -> str:
        return f"x {self.what}".strip()


def refuse_other_rows(y: Any, rows: int) -> None:
    """Raise a ValueError if an output of a model has not one row for each row of input."""
    for leaf in tree.leaves(y):
        if not isinstance(leaf, Tensor) or leaf.ndim == 0 or len(leaf.data) != rows:
            found = f"shape {leaf.shape}" if isinstance(leaf, Tensor) else type(leaf).__name__
            raise ValueError(
                f"A model returns a Tensor with one row of output for each row of input; for "
                f"{rows} rows this one returned {found}."
            )


def _is_choosy(layer: Any) -> bool:
    """Whether a layer, or one inside of it, can only take some numbers."""
    return hasattr(layer, "check_inputs") or any(map(_is_choosy, layer._inside()))


def _takes_class_numbers(loss: Any) -> bool:
    return getattr(loss, "fn", None) is losses.sparse_categorical_crossentropy


def _outline(values: Any) -> Any:
    """The structure of some arrays, with nothing in it."""
    if not is_structure(values):
        return 0
    if isinstance(values, dict):
        return {key: _outline(value) for key, value in values.items()}
    return tuple(_outline(value) for value in values)


def _with_last_layer(model: Any, place: int, count: int) -> Any:
    """Something with the layers that lead to an output; None where they are not known."""
    if hasattr(model, "add") and count == 1:
        return model
    symbols = getattr(model, "outputs", None)
    if not symbols or len(symbols) != count or symbols[place].call is None:
        return None
    return types.SimpleNamespace(layers=[symbols[place].call.layer])
