"""Sequences that look things up in sequences: each step takes what it needs of another's values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.random import SeedGenerator
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer
from dlcore.layers.merging import listed
from dlcore.utils.lookup import find

# Taken off a score, it leaves nothing of exp.
_NEVER = 1e9


class Attention(Layer):
    """`y = softmax(q kT) v`: for each query a mean of the values, weighed by how its key fits.

        y = Attention()([query, value])       # of (n, 5, 8) and (n, 7, 8): (n, 5, 8)

    Inputs: a list of query `(n, t, d)`, value `(n, s, e)` and, if it is not the value, key
    `(n, s, d)`. Output `(n, t, e)` (Luong, Pham and Manning 2015). What the mask of the value
    leaves out gets no weight; the steps that the mask of the query leaves out become 0, and the
    output has that mask.

    The scalars scale and concat_score_weight are weights where `use_scale` or `score_mode` ask for
    them.

    Args:
        use_scale: whether the scores are multiplied by a number that is learnt; default False.
        score_mode: how a key fits: "dot", `q kT`, or "concat", `w sum(tanh(q + k))`.
        dropout: the share of the weights that is left out while training; default 0.
        seed: of dropout; default None.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if there are not two or three inputs, or their sizes do not fit.
    """

    supports_masking = True
    scale: Any = None
    concat_score_weight: Any = None

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.use_scale = bool(use_scale)
        self.score_mode = find(score_mode, {"dot": "dot", "concat": "concat"}, "score_mode")
        self.dropout = _share(dropout, self)
        self.seed = seed
        if self.dropout:
            self.seed_generator = SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:  # noqa: D102
        self._check([tuple(shape) for shape in listed(self, input_shape)])
        if self.use_scale:
            self.scale = self.add_weight((), "ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def call(
        self,
        inputs: Sequence[Tensor],
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The weighed means.

        Args:
            inputs: query, value and perhaps key.
            mask: of query and value, a list; each (n, steps) or None.
            training: whether dropout leaves weights out.
            return_attention_scores: whether the weights, (n, t, s), come beside the output.
            use_causal_mask: whether a step sees no later one.
        """
        self._check([x.shape for x in inputs])
        query, value, key = inputs[0], inputs[1], inputs[-1]
        masks = [None, None] if mask is None else list(mask)
        scores = self.scores(query, key)
        seen = None if masks[1] is None else _spread(masks[1], -2, self.dtype)
        if use_causal_mask:
            earlier = causal(scores.shape[-2], scores.shape[-1], self.dtype)
            seen = earlier if seen is None else seen * earlier
        if seen is not None:
            scores = ops.where(seen, scores, scores - _NEVER)
        weights = ops.softmax(scores)
        if training and self.dropout:
            u = self.seed_generator.uniform(weights.shape)
            weights = ops.dropout(weights, u, self.dropout)
        y = ops.matmul(weights, value)
        if masks[0] is not None:
            y = ops.where(_spread(masks[0], -1, self.dtype), y, 0.0)
        return (y, weights) if return_attention_scores else y

    def scores(self, query: Tensor, key: Tensor) -> Tensor:
        """How each key fits each query, (n, t, s)."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.transpose(key, (0, 2, 1)))
            return scores if self.scale is None else scores * self.scale
        both = ops.expand_dims(query, 2) + ops.expand_dims(key, 1)
        both = both if self.scale is None else both * self.scale
        return self.concat_score_weight * ops.sum(ops.tanh(both), -1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        return None if mask is None else mask[0]

    def _check(self, shapes: Sequence[Any]) -> None:
        if len(shapes) not in (2, 3) or any(len(shape) != 3 for shape in shapes):
            raise ValueError(
                f"The layer {self.name!r} takes a list of query (n, t, d), value (n, s, e) and "
                f"perhaps key (n, s, d), but was given {' and '.join(map(str, shapes))}."
            )
        query, value, key = shapes[0], shapes[1], shapes[-1]
        if _differ(query[-1], key[-1]) or _differ(value[1], key[1]):
            raise ValueError(
                f"The layer {self.name!r} needs keys as wide as queries, and one for each value, "
                f"but query, value and key have the shapes {query}, {value} and {key}."
            )


class AdditiveAttention(Attention):
    """`y = softmax(w tanh(q + k)) v`, as `Attention` but for how a key fits a query.

        y = AdditiveAttention()([query, value])   # of (n, 5, 8) and (n, 7, 8): (n, 5, 8)

    The weight scale, w, has one number for each column (Bahdanau, Cho and Bengio 2015).

    Args:
        use_scale: whether there is a w; without it the sum of the tanh counts. Default True.
        dropout: the share of the weights that is left out while training; default 0.
        kwargs: `seed`, and those of `Layer`.
    """

    not_in_config = Attention.not_in_config | {"score_mode"}

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:  # noqa: D102
        shapes = [tuple(shape) for shape in listed(self, input_shape)]
        self._check(shapes)
        if self.use_scale:
            self.scale = self.add_weight((shapes[0][-1],), "glorot_uniform", name="scale")

    def scores(self, query: Tensor, key: Tensor) -> Tensor:  # noqa: D102
        both = ops.tanh(ops.expand_dims(query, 2) + ops.expand_dims(key, 1))
        return ops.sum(both if self.scale is None else both * self.scale, -1)


def causal(steps: int, of: int, dtype: str) -> Tensor:
    """A mask (1, steps, of) with 1 where a step sees another: itself and the earlier ones."""
    return Tensor(np.tril(np.ones((1, steps, of), dtype)))


def _spread(mask: Any, axis: int, dtype: str) -> Tensor:
    """A mask of steps with a new axis, in the type of the numbers."""
    return ops.expand_dims(ops.cast(mask, dtype), axis)


def _share(dropout: Any, layer: Layer) -> float:
    if not isinstance(dropout, int | float | np.number) or not 0 <= dropout < 1:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: dropout is the share that is left out, from "
            f"0 to below 1, not {dropout!r}."
        )
    return float(dropout)


def _differ(size: int | None, other: int | None) -> bool:
    return None not in (size, other) and size != other
