"""The shape of what goes into a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlcore.engine.symbol import Call, SymbolicTensor
from dlcore.engine.tensor import DType, Tensor, floatx
from dlcore.layers.layer import Layer, Shape, shape_tuple


class InputLayer(Layer):
    """Says the shape of one row of input, and passes the rows on.

    Args:
        shape: such as `(8,)`, without the number of rows.
        batch_size: the number of rows, where it is fixed; default None.
        dtype: of the input, such as "int32"; default: `floatx()`.
        batch_shape: the shape with the number of rows, `(None, 8)`, in place of the two before.
        name: default: input_layer, input_layer_1, …
        input_shape: what older code calls `shape`.
        batch_input_shape: what older code calls `batch_shape`.

    Raises:
        ValueError: if there is no shape, or it does not hold positive whole numbers.
    """

    autocast = False
    supports_masking = True

    def __init__(
        self,
        shape: Sequence[int] | None = None,
        batch_size: int | None = None,
        dtype: DType | None = None,
        batch_shape: Sequence[int | None] | None = None,
        name: str | None = None,
        *,
        input_shape: Sequence[int] | None = None,
        batch_input_shape: Sequence[int | None] | None = None,
    ) -> None:
        super().__init__(name=name)
        shape = input_shape if shape is None else shape
        batch_shape = batch_input_shape if batch_shape is None else batch_shape
        if shape is None and batch_shape is None:
            raise ValueError(
                "InputLayer needs the shape of one row of input, such as InputLayer(shape=(8,))."
            )
        if batch_shape is not None:
            batch_size, *rest = batch_shape
            shape = tuple(rest)  # type: ignore[arg-type]
        self.row_shape = self.shape = shape_tuple(shape, "shape")
        self.batch_size = batch_size
        self.batch_shape = (batch_size, *self.row_shape)
        self._dtype = floatx() if dtype is None else str(dtype)
        self.built = True
        symbol = SymbolicTensor(self.batch_shape, self._dtype, self.name)
        symbol.call = Call(self, 0, (), {}, symbol)
        self._calls.append(symbol.call)

    # A file says it in Keras's way.
    not_in_config = Layer.not_in_config | {"shape", "batch_size", "batch_input_shape"}

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape


def Input(  # noqa: N802
    shape: Any = None,
    batch_size: int | None = None,
    dtype: DType | None = None,
    name: str | None = None,
    batch_shape: Any = None,
) -> SymbolicTensor:
    """The start of a model: a symbol to call layers on, or the first entry of a Sequential.

        x = Input((8,))
        y = Dense(1)(Dense(10, activation="relu")(x))
        model = Model(x, y)                     # or Sequential([Input((8,)), Dense(10), Dense(1)])

    Args:
        shape: shape of one row of input, such as `(8,)`, without the number of rows; None in it
            stands for a size that may differ, as that of sequences.
        batch_size: the number of rows, where it is fixed; default None.
        dtype: of the input, such as "int32"; default: `floatx()`.
        name: default: input_layer, input_layer_1, …
        batch_shape: the shape with the number of rows, `(None, 8)`, in place of `shape`.

    Raises:
        ValueError: if there is no shape, or it does not hold positive whole numbers.
    """
    if shape is None and batch_shape is None:
        raise ValueError("Input needs the shape of one row of input, such as Input(shape=(8,)).")
    return InputLayer(shape, batch_size, dtype, batch_shape, name).output
