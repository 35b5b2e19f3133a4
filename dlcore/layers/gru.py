"""Gated recurrent units: a state that two gates mix with what is new."""

from __future__ import annotations

from typing import Any

from dlcore import activations
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.recurrent_cell import (
    CONSTRAINTS,
    DROPOUT,
    INITIALIZERS,
    OUTPUTS,
    REGULARIZERS,
    Dropped,
    RecurrentCell,
    takes,
)
from dlcore.layers.rnn import RecurrentLayer
from dlcore.utils.lookup import Identifier

_OF_CELL = (
    "activation", "recurrent_activation", "use_bias",
    *INITIALIZERS, *REGULARIZERS, *CONSTRAINTS, *DROPOUT,
)  # fmt: skip


class GRUCell(RecurrentCell):
    """One step of `GRU`, for use in `RNN`.

    Args:
        units: number of columns of the state.
        activation: default "tanh".
        recurrent_activation: of the gates; default "sigmoid".
        use_bias: whether there is a b; default True.
        kernel_initializer: of w; default "glorot_uniform".
        recurrent_initializer: of u; default "orthogonal".
        bias_initializer: default "zeros".
        kernel_regularizer: of w; default None.
        recurrent_regularizer: of u; default None.
        bias_regularizer: default None.
        kernel_constraint: of w after each step, such as "max_norm"; default None.
        recurrent_constraint: the same of u.
        bias_constraint: the same of b.
        dropout: share of the inputs that is left out while training; default 0.
        recurrent_dropout: share of the state that is left out while training; default 0.
        reset_after: whether the reset gate comes after the product with u; default True.
        seed: of the dropout, as in `Dropout`; default None.
        kwargs: those of `Layer`.
    """

    gates = 3

    @takes(*_OF_CELL, "reset_after", "seed")
    def __init__(self, recurrent_activation: Identifier, reset_after: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = bool(reset_after)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """Shape of the bias: with `reset_after` one row for the inputs and one for the state."""
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def step(  # noqa: D102
        self, x: Tensor, states: list[Tensor], dropped: Dropped
    ) -> tuple[Tensor, list[Tensor]]:
        h, u, b = states[0], self.recurrent_kernel, self.bias
        of_inputs, of_state = (b[0], b[1]) if b is not None and self.reset_after else (b, None)
        x_z, x_r, x_g = ops.split(self.products(x, self.kernel, of_inputs, dropped[0]), 3, 1)
        if self.reset_after:
            h_z, h_r, h_g = ops.split(self.products(h, u, of_state, dropped[1]), 3, 1)
        else:
            for_z, for_r, for_g = (ops.multiply(h, kept) for kept in dropped[1] or (1.0, 1.0, 1.0))
            u_z, u_r, u_g = ops.split(u, 3, 1)
            h_z, h_r = ops.matmul(for_z, u_z), ops.matmul(for_r, u_r)
        z = self.recurrent_activation(ops.add(x_z, h_z))
        r = self.recurrent_activation(ops.add(x_r, h_r))
        if self.reset_after:
            h_g = ops.multiply(r, h_g)
        else:
            h_g = ops.matmul(ops.multiply(r, for_g), u_g)
        g = self.activation(ops.add(x_g, h_g))
        h = ops.add(ops.multiply(z, h), ops.multiply(ops.subtract(1.0, z), g))
        return h, [h]


class GRU(RecurrentLayer):
    """Gated recurrent units (Cho et al. 2014).

        layer = GRU(16)
        y = layer(x)                          # (n, t, i) -> (n, 16), the state after the last step

    The update gate z says how much of the state stays, the reset gate r how much of it what is new
    is made of: with x' = x_t w + b_0 and h' = h_(t-1) u + b_1 in three parts each, and s the
    recurrent activation,

        z = s(x'_z + h'_z),   r = s(x'_r + h'_r)
        h_t = z h_(t-1) + (1 - z) activation(x'_h + r h'_h)

    Without `reset_after` there is no b_1, and r h_(t-1) goes through u instead (the paper's form).

    Input (n, t, i): n sequences of t steps, each described by i numbers. Output (n, units), or
    (n, t, units) with `return_sequences`. The kernel w is (i, 3 units), the recurrent kernel u
    (units, 3 units), the bias b (2, 3 units), or (3 units,) without `reset_after`, in the order z,
    r, h. A step whose mask is 0 is passed over.

    Args:
        units: number of columns of the state, which is the output.
        activation: default "tanh".
        recurrent_activation: of the gates; default "sigmoid".
        use_bias: whether there is a b; default True.
        kernel_initializer: of w; default "glorot_uniform".
        recurrent_initializer: of u; default "orthogonal".
        bias_initializer: default "zeros".
        kernel_regularizer: of w; default None.
        recurrent_regularizer: of u; default None.
        bias_regularizer: default None.
        kernel_constraint: of w after each step, such as "max_norm"; default None.
        recurrent_constraint: the same of u.
        bias_constraint: the same of b.
        dropout: share of the inputs that is left out while training, the same ones in all steps of
            a sequence; default 0.
        recurrent_dropout: the same for the state; default 0. It makes the layer slower, as other
            activations and `reset_after=False` do.
        seed: of the dropout, as in `Dropout`; default None.
        return_sequences: whether to give the states of all steps; default False, the last.
        return_state: whether to give the last state as a second output; default False.
        go_backwards: whether to begin with the last step; default False.
        stateful: whether each batch goes on from the states of the one before; default False.
        unroll: taken for code that sets it; it changes nothing.
        reset_after: whether the reset gate comes after the product with u; default True.
        kwargs: `zero_output_for_mask` of `RNN`, and those of `Layer`.
    """

    cell_type = GRUCell
    __init__ = takes(*_OF_CELL, "seed", *OUTPUTS, "reset_after")(RecurrentLayer.__init__)

    def all_states(self, x: Tensor, states: list[Tensor], mask: Tensor | None) -> list[Tensor]:  # noqa: D102
        cell = self.cell
        return [ops.gru(x, cell.kernel, cell.recurrent_kernel, cell.bias, states[0], mask)]
