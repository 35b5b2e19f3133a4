"""The crossentropy that `compile(loss="crossentropy")` means, by the shapes that it meets."""

from __future__ import annotations

from collections.abc import Callable

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
    with_logits,
)
from dlcore.losses.loss import Loss, LossFunctionWrapper

Shape = tuple[int, ...]

# Keras resolves these in `compile` alone: elsewhere there are no shapes to go by.
NAMES = ("crossentropy", "ce")


class CrossentropyByShapes(Loss):
    """Stands for one of three losses until targets and outputs are known."""

    def chosen(self, target: Shape, output: Shape) -> LossFunctionWrapper:
        """The loss for targets and outputs of these shapes.

        One output: binary; class numbers, `(n,)` or `(n, 1)`, against several: sparse categorical;
        otherwise categorical.
        """
        fn: Callable[..., Tensor]
        if len(output) < 2 or output[-1] == 1:
            fn = binary_crossentropy
        elif len(target) < len(output) or target[-1] == 1:
            fn = sparse_categorical_crossentropy
        else:
            fn = categorical_crossentropy
        return LossFunctionWrapper(fn, name=self.name)

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> Tensor:  # noqa: D102
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        return with_logits(self.chosen(y_true.shape, y_pred.shape)).call(y_true, y_pred)
