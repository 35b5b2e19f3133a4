"""Say which steps of a sequence are no steps at all."""

from __future__ import annotations

from typing import Any

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class Masking(Layer):
    """A mask that is 0 where every column of a step is `mask_value`; these steps become 0.

        x = pad_sequences(sequences, dtype="float32", value=-1)   # (n, steps, columns)
        y = LSTM(16)(Masking(-1.0)(x))                            # passes over what was filled up

    Input and output `(n, steps, columns)`. Layers that take masks, such as LSTM, leave the masked
    steps out, and losses count them as 0.

    Args:
        mask_value: default 0.
        kwargs: those of `Layer`.
    """

    supports_masking = True

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return ops.where(ops.expand_dims(self.compute_mask(x), -1), x, 0.0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape
