"""The base of the losses: one loss a row becomes one number for the batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from dlcore import ops
from dlcore.losses.reduction import REDUCTIONS, reduced
from dlcore.tensor import Tensor
from dlcore.utils.config import Configurable, WrapsFunction
from dlcore.utils.lookup import find, helpful_arguments
from dlcore.utils.naming import snake_case
from dlcore.utils.targets import fitted


class Loss(Configurable):
    """Base of the losses: `loss(y_true, y_pred, sample_weight=None)` gives one number.

    A subclass writes `call(y_true, y_pred)`, which gets Tensors and returns one loss a row, or
    for sequences one a row and step. Targets `(n,)` reach it as `(n, 1)` where the outputs have
    that shape.

        class Quartic(Loss):
            def call(self, y_true, y_pred):
                return ops.mean((y_true - y_pred) ** 4, axis=-1)

    Steps that the mask of y_pred leaves out do not count: with "sum_over_batch_size" and "mean"
    the sum is divided by the number of those that do.

    Args:
        name: a name for messages; default: from the name of the class.
        reduction: "sum_over_batch_size" (default) or "mean": the sum divided by the number of
            losses; "mean_with_sample_weight": divided by the sum of the weights; "sum"; or
            "none" or None: the losses as they are.
        dtype: "float32" or "float64", in which to compute; default: the number type of y_pred.

    Raises:
        ValueError: if there is no such reduction.
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: str | None = None,
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.reduction = find(reduction or "none", {r: r for r in REDUCTIONS}, "reduction")
        self.dtype = dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """The losses, each times its weight if there are any, reduced.

        Args:
            y_true: targets.
            y_pred: outputs; a Tensor may bring a mask.
            sample_weight: one weight a row `(n,)`, or for sequences also one a step `(n, steps)`.

        Raises:
            ValueError: if the shapes do not fit; it names them and the mend.
        """
        mask = y_pred.mask if isinstance(y_pred, Tensor) else None
        y_pred = ops.convert_to_tensor(y_pred, self.dtype)
        y_true = ops.convert_to_tensor(y_true)
        y_true = fitted(y_true, y_pred.shape, strict=False)
        losses = ops.convert_to_tensor(self.call(y_true, y_pred))
        return reduced(losses, sample_weight, (mask, losses.mask), self.reduction)

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """One loss a row."""
        raise NotImplementedError(f"{type(self).__name__} has no call(y_true, y_pred).")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class LossFunctionWrapper(WrapsFunction, Loss):
    """A loss made of a function `fn(y_true, y_pred, **kwargs)` that returns one loss a row.

    Args:
        fn: the function.
        reduction: as in `Loss`.
        name: default: the name of the function.
        dtype: as in `Loss`.
        kwargs: further arguments for the function.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn
        self.kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Tensor:  # noqa: D102
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        if y_true.ndim == y_pred.ndim == 1:
            # A model that gives one number a row without an axis for it: still one loss a row.
            y_true, y_pred = ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)
        return self.fn(y_true, y_pred, **self.kwargs)


class PlainLoss(LossFunctionWrapper):
    """A loss of the library whose function, `function` of the class, takes nothing further.

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default: from the name of the class.
        dtype: as in `Loss`.
    """

    function: ClassVar[Callable[..., Tensor]]

    @helpful_arguments
    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(type(self).function, reduction, name, dtype)
