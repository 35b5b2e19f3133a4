"""A recurrent layer twice: from the first step to the last, and from the last to the first."""

from __future__ import annotations

from typing import Any

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.utils.config import Configurable, config_arguments

_MODES = ("concat", "sum", "mul", "ave", None)


class Bidirectional(Layer):
    """Two recurrent layers of one kind, of which one reads the sequence backwards.

        layer = Bidirectional(LSTM(16))
        y = layer(x)                          # (n, t, i) -> (n, 32)

    What a step means may depend on what comes after it (Schuster and Paliwal 1997). The outputs
    of the two are merged step by step. With `return_sequences` the output of a step whose mask is 0
    is 0.

    Args:
        layer: such as `LSTM(16)`; two new layers are made like it.
        merge_mode: "concat" (side by side, the default), "sum", "mul", "ave" (the mean), or None
            for a tuple of the two outputs.
        weights: first values of the weights, as `get_weights` gives them; default None.
        backward_layer: the layer that reads backwards, with go_backwards=True; default: like
            `layer`.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if there is no such merge_mode, or the two layers do not fit together.
    """

    supports_masking = True
    not_in_config = Layer.not_in_config | {"weights"}

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for one in (layer, *(() if backward_layer is None else (backward_layer,))):
            if not isinstance(one, Layer) or not hasattr(one, "go_backwards"):
                raise TypeError(
                    f"Bidirectional {self.name!r} takes a recurrent layer such as LSTM(16), not "
                    f"{one!r}."
                )
        if merge_mode not in _MODES:
            raise ValueError(
                f"Bidirectional {self.name!r}: merge_mode is one of {', '.join(map(repr, _MODES))},"
                f" not {merge_mode!r}."
            )
        self.merge_mode = merge_mode
        name = layer.name.removeprefix("forward_")
        self.forward_layer = _like(layer, name=f"forward_{name}")
        if backward_layer is None:
            backward_layer = _like(layer, name=f"backward_{name}", go_backwards=True)
        self.backward_layer = backward_layer
        self._check()
        for one in (self.forward_layer, self.backward_layer):
            one.zero_output_for_mask = one.return_sequences
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self._first_weights = weights

    @property
    def layer(self) -> Any:
        """The layer that reads forwards."""
        return self.forward_layer

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        self.forward_layer.build_once(input_shape)
        self.backward_layer.build_once(input_shape)
        if self._first_weights is not None:
            self.set_weights(self._first_weights)

    def call(  # noqa: D102
        self, x: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        halves: tuple[Any, Any] = (None, None)
        if initial_state is not None:
            middle = len(initial_state) // 2
            halves = (initial_state[:middle], initial_state[middle:])
        y, z = (
            layer(x, initial_state=half, mask=mask, training=training)
            for layer, half in zip((self.forward_layer, self.backward_layer), halves, strict=True)
        )
        states: tuple[Tensor, ...] = ()
        if self.return_state:
            (y, *first), (z, *second) = y, z
            states = (*first, *second)
        if self.return_sequences:
            z = ops.flip(z, 1)
        if self.merge_mode is None:
            return (y, z, *states)
        merged = self._merged(y, z)
        return (merged, *states) if self.return_state else merged

    def compute_output_shape(self, input_shape: Shape) -> Any:  # noqa: D102
        described = self.forward_layer.compute_output_shape(input_shape)
        y, *states = described if self.return_state else (described,)
        if self.merge_mode is None:
            return (y, y, *states, *states)
        if self.merge_mode == "concat":
            back = self.backward_layer.compute_output_shape(input_shape)
            y = (*y[:-1], y[-1] + (back[0] if self.return_state else back)[-1])
        return (y, *states, *states) if self.return_state else y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        if not self.return_sequences or mask is None:
            return None
        return (mask, mask) if self.merge_mode is None else mask

    def reset_state(self) -> None:
        """Let the next batch of stateful layers start from zeros again."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    def _merged(self, y: Tensor, z: Tensor) -> Tensor:
        if self.merge_mode == "concat":
            return ops.concatenate([y, z], -1)
        if self.merge_mode == "mul":
            return ops.multiply(y, z)
        total = ops.add(y, z)
        return total if self.merge_mode == "sum" else ops.divide(total, 2)

    def _check(self) -> None:
        first, second = self.forward_layer, self.backward_layer
        if first.go_backwards == second.go_backwards:
            raise ValueError(
                f"Bidirectional {self.name!r}: one of the two layers reads backwards; make the "
                "backward_layer with go_backwards=True, and the layer without."
            )
        for what in ("stateful", "return_sequences", "return_state"):
            if getattr(first, what) != getattr(second, what):
                raise ValueError(
                    f"Bidirectional {self.name!r}: both layers need the same {what}, but the layer "
                    f"has {getattr(first, what)} and the backward_layer {getattr(second, what)}."
                )


def _like(layer: Any, **changes: Any) -> Any:
    """A new layer with the arguments of another, and weights of its own."""
    arguments = {name: getattr(layer, name) for name in config_arguments(type(layer))}
    for name, value in arguments.items():
        # An initializer repeats itself: the new layer gets one that draws anew.
        if isinstance(value, Configurable):
            arguments[name] = type(value).from_config(value.get_config())
    return type(layer)(**{**arguments, **changes})
