"""Attention with several heads, of which Transformers are made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore import constraints, initializers, regularizers
from dlcore.engine import ops
from dlcore.engine.ops.nn import dense
from dlcore.engine.symbol import SymbolicTensor
from dlcore.engine.tensor import Tensor
from dlcore.layers.attention import causal
from dlcore.layers.dropout import Dropout
from dlcore.layers.layer import Layer, Shape, positive
from dlcore.layers.shape_inference import read_shape, shapes_of
from dlcore.layers.softmax import Softmax
from dlcore.utils.lookup import Identifier
from dlcore.utils.serialization import serialize_value

# The arguments of a call in their order.
_ORDER = ("query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask")


class Projection(Layer):
    """A Dense layer between axes of several sizes: its kernel is `(*inputs, *outputs)`.

    Args:
        taken: how many axes at the end of the input are summed over.
        given: the sizes that take their place.
        use_bias: whether there is a bias, of the sizes given.
        weights: initializer, regularizer and constraint of kernel and bias, by their names.
        kwargs: those of `Layer`.
    """

    supports_masking = True

    def __init__(
        self,
        taken: int,
        given: Sequence[int],
        use_bias: bool,
        weights: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.taken, self.given, self.use_bias, self.how = taken, tuple(given), use_bias, weights
        self.kernel: Any = None
        self.bias: Any = None

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        inputs: tuple[Any, ...] = tuple(input_shape)[-self.taken :]
        if None in inputs:
            raise ValueError(
                f"The layer {self.name!r} of an attention needs to know how many columns its input "
                f"has, but the shape is {input_shape}."
            )
        self.kernel = self.add_weight(
            (*inputs, *self.given),
            self.how["kernel_initializer"],
            name="kernel",
            regularizer=self.how["kernel_regularizer"],
            constraint=self.how["kernel_constraint"],
        )
        if self.use_bias:
            self.bias = self.add_weight(
                self.given,
                self.how["bias_initializer"],
                name="bias",
                regularizer=self.how["bias_regularizer"],
                constraint=self.how["bias_constraint"],
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        before = x.shape[: x.ndim - self.taken]
        width, columns = math.prod(x.shape[x.ndim - self.taken :]), math.prod(self.given)
        kernel = ops.reshape(self.kernel, (width, columns))
        bias = None if self.bias is None else ops.reshape(self.bias, (columns,))
        y = dense(ops.reshape(x, (*before, width)), kernel, bias)
        return ops.reshape(y, (*before, *self.given))


class MultiHeadAttention(Layer):
    """Several attentions side by side, each on projections of its own (Vaswani et al. 2017).

        layer = MultiHeadAttention(num_heads=2, key_dim=4)
        y = layer(query, value)               # of (n, 5, 8) and (n, 7, 8): (n, 5, 8)

    Each head projects query, key and value to key_dim and value_dim columns and calculates
    `softmax(q kT / sqrt(key_dim)) v`; one more projection brings the heads together. Query and
    value alike is self-attention: `layer(x, x)`.

    Query `(n, t, d)`, value `(n, s, e)` and key `(n, s, f)`, the value by default; output
    `(n, t, d)`. Masks that they carry, such as an Embedding's, are used: masked steps of the value
    get no weight, and the mask of the query is that of the output.

    The weights are kernel and bias of query, key, value and attention_output, with an axis for the
    heads: `(d, num_heads, key_dim)` and the like.

    Args:
        num_heads: how many.
        key_dim: columns of a query and of a key in each head.
        value_dim: columns of a value in each head; default: key_dim.
        dropout: the share of the attention weights that is left out while training; default 0.
        use_bias: default True.
        output_shape: sizes of the output in place of d, a number or a tuple; default None.
        attention_axes: the axis of the steps, 1, or None for it; there is no other.
        sliding_window: so many steps to each side, itself included, are seen; default: all.
        flash_attention: taken as in Keras; there is one way here.
        kernel_initializer: default "glorot_uniform".
        bias_initializer: default "zeros".
        kernel_regularizer: default None.
        bias_regularizer: default None.
        activity_regularizer: a function of what each projection gives; default None.
        kernel_constraint: what each kernel must be after each step; default None.
        bias_constraint: the same for the biases.
        use_gate: whether what a head gives is multiplied by a sigmoid of a projection of the
            query; default False.
        seed: of dropout; default None.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a number is not positive, or query, value and key do not fit each other.
        TypeError: if it is called without a value.
    """

    supports_masking = True
    not_in_config = Layer.not_in_config | {"flash_attention"}

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Identifier = "glorot_uniform",
        bias_initializer: Identifier = "zeros",
        kernel_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        owner = f"MultiHeadAttention {self.name!r}"
        self.num_heads = positive(num_heads, "num_heads", owner)
        self.key_dim = positive(key_dim, "key_dim", owner)
        self.value_dim = positive(value_dim or key_dim, "value_dim", owner)
        self.dropout = dropout
        self.use_bias, self.use_gate = bool(use_bias), bool(use_gate)
        sizes = (output_shape,) if isinstance(output_shape, int) else output_shape
        self.output_sizes = tuple(positive(n, "output_shape", owner) for n in sizes or ())
        axes = (attention_axes,) if isinstance(attention_axes, int) else attention_axes
        if axes is not None and [axis % 2 for axis in axes] != [1]:
            raise ValueError(
                f"{owner}: attention goes along the axis of the steps, attention_axes=1, not "
                f"{attention_axes!r}; bring another axis there by Permute or Reshape."
            )
        self.attention_axes = None if axes is None else tuple(axes)
        if sliding_window is not None:
            sliding_window = positive(sliding_window, "sliding_window", owner)
        self.sliding_window = sliding_window
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.of_projections = regularizers.get(activity_regularizer)
        self.seed = seed
        self._shapes: tuple[Any, ...] = ()
        self._softmax = Softmax(dtype=self.dtype)
        self._dropout_layer = Dropout(dropout, seed=seed, dtype=self.dtype)

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Make the weights for inputs of these shapes; None stands for the number of rows.

        Raises:
            ValueError: if they are no sequences, or there is not one key for each value.
        """
        shapes = [tuple(s) for s in (query_shape, value_shape, key_shape or value_shape)]
        query, value, key = shapes
        if any(len(shape) != 3 for shape in shapes) or value[1] != key[1]:
            raise ValueError(
                f"The layer {self.name!r} takes query (n, t, d), value (n, s, e) and key (n, s, f)"
                f", but was given {query}, {value} and {key}."
            )
        self._shapes = tuple(shapes)
        heads, inside = self.num_heads, self.value_dim
        self.query_dense = self._projection("query", 1, (heads, self.key_dim), query)
        self.key_dense = self._projection("key", 1, (heads, self.key_dim), key)
        if self.use_gate:
            self._gate_dense = self._projection("gate", 1, (heads, inside), query)
        self.value_dense = self._projection("value", 1, (heads, inside), value)
        sizes = self.output_sizes or query[-1:]
        together = (*query[:-1], heads, inside)
        self.output_dense = self._projection("attention_output", 2, sizes, together)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The output for query, value and perhaps key; see `call` for the arguments."""
        given = dict(zip(_ORDER, args, strict=False)) | kwargs
        if given.get("query") is None or given.get("value") is None:
            raise TypeError(
                f"The layer {self.name!r} is called on a query and a value, {self.name}(x, x) for "
                "self-attention, but one of them is missing."
            )
        for name in ("query", "value", "key"):
            if not isinstance(given.get(name), SymbolicTensor):
                given[name] = self._taken(given.get(name))
        if not self.built:
            shapes = [shapes_of(given[name], open_rows=True) for name in _ORDER[:3]]
            self.build(*shapes)
        query, value, key = (given.pop(name) for name in _ORDER[:3])
        more = {"key": key} if key is not None else {}
        return super().__call__(query, value, **more, **given)

    def call(  # type: ignore[override]
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The output, and beside it the weights if they are asked for.

        Args:
            query: what asks, (n, t, d).
            value: what is weighed, (n, s, e).
            key: what is asked, (n, s, f); default: the value.
            query_mask: which steps count, (n, t); default: the mask that the query carries.
            value_mask: likewise, (n, s).
            key_mask: likewise, (n, s).
            attention_mask: which steps of the query see which of the value, (n, t, s), also
                (t, s) for all rows or (n, heads, t, s).
            return_attention_scores: whether the weights, (n, heads, t, s), come beside the output.
            training: whether dropout leaves weights out.
            use_causal_mask: whether a step sees no later one.
        """
        steps, of = query.shape[1], value.shape[1]
        seen = self._seen(
            (query_mask if query_mask is not None else query.mask, -1),
            (value_mask if value_mask is not None else value.mask, -2),
            (key_mask if key_mask is not None else getattr(key, "mask", None), -2),
        )
        if use_causal_mask:
            seen.append(causal(steps, of, self.dtype))
        if self.sliding_window is not None:
            apart = np.abs(np.arange(steps)[:, None] - np.arange(of))
            seen.append(Tensor((apart < self.sliding_window).astype(self.dtype)[None]))
        masks = [ops.expand_dims(mask, 1) for mask in seen]
        if attention_mask is not None:
            masks.append(self._of_four_axes(attention_mask))
        # The heads are moved before the steps, and all of them multiplied at once.
        q = self.query_dense(query) * (1 / math.sqrt(self.key_dim))
        q = ops.transpose(q, (0, 2, 1, 3))
        k = ops.transpose(self.key_dense(value if key is None else key), (0, 2, 3, 1))
        v = ops.transpose(self.value_dense(value), (0, 2, 1, 3))
        scores = ops.matmul(q, k)
        mask = masks[0] if masks else None
        for other in masks[1:]:
            mask = mask * other
        weights = self._softmax(scores, mask=mask)
        used = self._dropout_layer(weights, training=training)
        y = ops.transpose(ops.matmul(used, v), (0, 2, 1, 3))
        if self.use_gate:
            y = y * ops.sigmoid(self._gate_dense(query))
        y = self.output_dense(y)
        return (y, weights) if return_attention_scores else y

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        config = super().get_config() | {"output_shape": list(self.output_sizes) or None}
        if self.of_projections is not None:
            config["activity_regularizer"] = serialize_value(self.of_projections)
        return config

    def get_build_config(self) -> dict[str, Any] | None:  # noqa: D102
        if not self._shapes:
            return None
        names = ("query_shape", "value_shape", "key_shape")
        return {"shapes_dict": dict(zip(names, self._shapes, strict=True))}

    def build_from_config(self, config: Mapping[str, Any]) -> None:  # noqa: D102
        shapes = config.get("shapes_dict")
        if isinstance(shapes, Mapping) and not self.built:
            names = ("query_shape", "value_shape", "key_shape")
            self.build(*(read_shape(shapes.get(name)) for name in names))

    def _projection(self, name: str, taken: int, given: Sequence[Any], shape: Any) -> Projection:
        parts = ("initializer", "regularizer", "constraint")
        names = [f"{weight}_{part}" for weight in ("kernel", "bias") for part in parts]
        how = {each: getattr(self, each) for each in names}
        layer = Projection(
            taken,
            given,
            self.use_bias,
            how,
            name=name,
            dtype=self.dtype,
            trainable=self._trainable,
            activity_regularizer=self.of_projections,
        )
        layer.build_once(shape)
        return layer

    def _seen(self, *masks: tuple[Any, int]) -> list[Tensor]:
        """Masks of steps, (n, steps), each with an axis for the steps of the other side."""
        return [
            ops.expand_dims(ops.cast(mask, self.dtype), axis)
            for mask, axis in masks
            if mask is not None
        ]

    def _of_four_axes(self, mask: Any) -> Tensor:
        """A mask (n, t, s), (t, s) or (n, heads, t, s) with an axis for the heads."""
        mask = ops.cast(mask, self.dtype)
        while mask.ndim < 4:
            mask = ops.expand_dims(mask, mask.ndim - 2)
        return mask
