"""A recurrent layer around any cell: the same step for each entry of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import call, memory
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.layers.recurrent_cell import Dropped, RecurrentCell
from dlcore.layers.shape_inference import on_trial
from dlcore.utils.lookup import arguments_of, snake_case


class _State(Tensor):
    """Zeros that a stateful layer writes into; no Variable, since it is no weight."""

    __slots__ = ("__weakref__",)

    def __init__(self, shape: Sequence[int], dtype: str) -> None:
        super().__init__(memory.full(shape, 0, dtype))
        memory.lives(self, "data")


class RNN(Layer):
    """`y_t, state = cell(x_t, state)` for each step t of a sequence, with the same weights.

        layer = RNN(SimpleRNNCell(16))
        y = layer(x)                          # (n, t, i) -> (n, 16), the output of the last step

    The three axes of x are n rows (sequences), t steps (such as the letters of a name) and i
    columns (the numbers that describe one step). A step whose mask is 0 leaves the state as it is,
    and repeats the output before it.

    Args:
        cell: a layer with `call(x, states) -> output, new states`, where x is one step (n, i) and
            states a list, and with `state_size`, the number of columns of the state, or a list of
            them; `output_size` where the output has another number of columns than the first state.
        return_sequences: whether to give the outputs of all steps, (n, t, units); default False:
            only that of the last, (n, units).
        return_state: whether to give the states after the last step as well; default False.
        go_backwards: whether to begin with the last step; the outputs of all steps are then those
            of the last step first. Default False.
        stateful: whether row i of a batch goes on from the state after row i of the batch before,
            until `reset_state()`; default False: every batch starts from zeros.
        unroll: taken for code that sets it; it changes nothing.
        zero_output_for_mask: whether a step whose mask is 0 has the output 0; default False.
        kwargs: those of `Layer`.
    """

    supports_masking = True

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(cell, list | tuple):
            raise TypeError(
                "RNN takes one cell; to stack several, put one recurrent layer after the other, "
                "each but the last with return_sequences=True."
            )
        if not hasattr(cell, "state_size") or not callable(cell):
            raise TypeError(
                f"RNN takes a cell such as LSTMCell(16), a layer with call(x, states) and a "
                f"state_size, not {cell!r}."
            )
        self.cell = cell
        self.return_sequences = bool(return_sequences)
        self.return_state = bool(return_state)
        self.go_backwards = bool(go_backwards)
        self.stateful = bool(stateful)
        self.unroll = unroll
        self.zero_output_for_mask = bool(zero_output_for_mask)
        # Plain tensors: the states are no weights.
        self.states: list[Tensor] | None = None

    @property
    def state_size(self) -> list[int]:
        """Number of columns of each state."""
        size = self.cell.state_size
        return list(size) if isinstance(size, list | tuple) else [size]

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        if len(input_shape) != 3:
            raise ValueError(
                f"The layer {self.name!r} takes sequences, of shape (n, steps, columns), but was "
                f"given shape {input_shape}; for steps of one number, write x[..., None]."
            )
        if input_shape[-1] is None:
            raise ValueError(
                f"The layer {self.name!r} needs to know how many columns each step has, but the "
                f"shape is {input_shape}; only the rows and the steps may be left open."
            )
        if isinstance(self.cell, Layer):
            self.cell.build_once((input_shape[0], input_shape[2]))

    def call(  # noqa: D102
        self, x: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        mask = None if mask is None else ops.convert_to_tensor(mask, np.int64)
        self._check(x, mask)
        if self.go_backwards:
            x = ops.flip(x, 1)
            mask = None if mask is None else ops.flip(mask, 1)
        y, states = self.run(x, self._first_states(x, initial_state), mask, training)
        if self.stateful and on_trial() is None:
            for kept, state in zip(self.states or (), states, strict=True):
                call("cast", (kept.data,), (memory.contiguous(state.data),))
        return (y, *states) if self.return_state else y

    def run(
        self, x: Tensor, states: list[Tensor], mask: Tensor | None, training: bool
    ) -> tuple[Tensor, list[Tensor]]:
        """The output and the last states, step by step from the first.

        The states may be left out where neither `return_state` nor `stateful` asks for them.
        """
        dropped: Dropped | None = None
        if isinstance(self.cell, RecurrentCell):
            dropped = self.cell.draw(x, training)
        outputs = []
        for t in range(x.shape[1]):
            y, new = self._step(ops.time_step(x, t), states, dropped, training)
            if mask is not None:
                on = ops.reshape(ops.time_step(mask, t), (-1, 1))
                y = ops.where(on, y, 0.0 if self.zero_output_for_mask else states[0])
                new = [ops.where(on, a, b) for a, b in zip(new, states, strict=True)]
            states = new
            outputs.append(y)
        return (ops.stack(outputs, 1) if self.return_sequences else outputs[-1]), states

    def output_of(self, h: Tensor, mask: Tensor | None) -> Tensor:
        """The output that is asked for, from those of all steps, (n, t, units)."""
        if mask is not None and self.zero_output_for_mask:
            h = ops.where(ops.expand_dims(mask, -1), h, 0.0)
        return h if self.return_sequences else ops.time_step(h, -1)

    def compute_output_shape(self, input_shape: Shape) -> Any:  # noqa: D102
        units = getattr(self.cell, "output_size", None) or self.state_size[0]
        y: Shape = (*input_shape[:2], units) if self.return_sequences else (input_shape[0], units)
        if self.return_state:
            return (y, *((input_shape[0], size) for size in self.state_size))
        return y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        return mask if self.return_sequences else None

    def reset_state(self) -> None:
        """Let the next batch of a stateful layer start from zeros again."""
        for state in self.states or ():
            memory.write(state.data, 0)

    reset_states = reset_state

    def set_states(self, values: Sequence[np.ndarray] | None) -> None:
        """Let the next batch of a stateful layer start from these states.

        Args:
            values: an array (rows, columns) for each state; None for zeros, whatever the rows.
        """
        if values is None:
            self.reset_state()
            return
        if self.states is None or self.states[0].shape[0] != len(values[0]):
            self.states = [_State(np.shape(v), self.dtype) for v in values]
        for state, value in zip(self.states, values, strict=True):
            memory.write(state.data, value)

    def _step(
        self, x: Tensor, states: list[Tensor], dropped: Dropped | None, training: bool
    ) -> tuple[Tensor, list[Tensor]]:
        if dropped is not None:
            return self.cell.step(x, states, dropped)
        y, new = self.cell(x, states, training=training)
        return y, list(new) if isinstance(new, list | tuple) else [new]

    def _first_states(self, x: Tensor, given: Any) -> list[Tensor]:
        shapes = [(x.shape[0], size) for size in self.state_size]
        if self.stateful and on_trial() is None:
            self._keep_states(shapes)
        if given is None and self.stateful and on_trial() is None:
            assert self.states is not None
            # Copies: the gradient needs what the end of the step overwrites.
            return [ops.cast(state, x.dtype) for state in self.states]
        if given is None:
            return [Tensor(np.zeros(shape, x.dtype)) for shape in shapes]
        listed = given if isinstance(given, list | tuple) else [given]
        states = [ops.convert_to_tensor(state, x.dtype) for state in listed]
        if [state.shape for state in states] != shapes:
            found = ", ".join(str(state.shape) for state in states)
            raise ValueError(
                f"The layer {self.name!r} starts from {len(shapes)} states of the shapes "
                f"{', '.join(map(str, shapes))}, but initial_state has {found}."
            )
        return states

    def _keep_states(self, shapes: Sequence[tuple[int, int]]) -> None:
        """Make the states that a stateful layer keeps, where there are none for so many rows."""
        if self.states is not None and [state.shape for state in self.states] == list(shapes):
            return
        kept = [memory.to_host(state.data) for state in self.states or ()]
        if any(state.any() for state in kept):
            raise ValueError(
                f"The layer {self.name!r} is stateful and keeps the states of "
                f"{len(kept[0])} rows, but this batch has {shapes[0][0]}; choose a "
                "batch_size that divides the number of rows, or call reset_state() first."
            )
        self.states = [_State(shape, self.dtype) for shape in shapes]

    def _check(self, x: Tensor, mask: Any) -> None:
        kernel = getattr(self.cell, "kernel", None)
        columns = None if kernel is None else kernel.shape[0]
        if x.ndim != 3 or columns not in (None, x.shape[-1]):
            wanted = "columns" if columns is None else columns
            raise ValueError(
                f"The layer {self.name!r} takes sequences of shape (n, steps, {wanted}), but was "
                f"given shape {x.shape}."
            )
        if mask is not None and tuple(mask.shape) != x.shape[:2]:
            raise ValueError(
                f"The layer {self.name!r} takes a mask with one entry for each step, shape "
                f"{x.shape[:2]}, but was given shape {tuple(mask.shape)}."
            )


class RecurrentLayer(RNN):
    """Base of the layers with a cell of their own, which a kernel computes over whole sequences.

    A subclass names its `cell_type` and writes `all_states`. Its constructor, see `takes`, has the
    arguments of the cell and those of `RNN`.
    """

    cell_type: type[RecurrentCell]
    not_in_config = RNN.not_in_config | {"cell"}

    def __init__(self, **given: Any) -> None:
        of_cell = {name: given.pop(name) for name in arguments_of(self.cell_type.__init__)}
        cell = self.cell_type(
            **of_cell,
            name=snake_case(self.cell_type.__name__),
            trainable=given.get("trainable", True),
            dtype=given.get("dtype"),
        )
        super().__init__(cell, **given)
        for name in of_cell:
            setattr(self, name, getattr(cell, name))

    def all_states(self, x: Tensor, states: list[Tensor], mask: Tensor | None) -> list[Tensor]:
        """Each state after all steps, (n, t, units), by the kernel; the first is the output."""
        raise NotImplementedError(f"The layer {self.name!r} has no all_states(x, states, mask).")

    def run(  # noqa: D102
        self, x: Tensor, states: list[Tensor], mask: Tensor | None, training: bool
    ) -> tuple[Tensor, list[Tensor]]:
        if not self.cell.has_kernel(training):
            return super().run(x, states, mask, training)
        found = self.all_states(self.cell.without_dropped(x, training), states, mask)
        wanted = self.return_state or self.stateful
        last = [ops.time_step(state, -1) for state in found] if wanted else []
        return self.output_of(found[0], mask), last
