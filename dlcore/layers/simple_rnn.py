"""The simple recurrent layer: a state that each step mixes with its input."""

from __future__ import annotations

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


class SimpleRNNCell(RecurrentCell):
    """One step of `SimpleRNN`: `h_new = activation(x w + h u + b)`, for use in `RNN`.

    Args:
        units: number of columns of the state.
        activation: default "tanh".
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
        seed: of the dropout, as in `Dropout`; default None.
        kwargs: those of `Layer`.
    """

    __init__ = takes(
        "activation", "use_bias", *INITIALIZERS, *REGULARIZERS, *CONSTRAINTS, *DROPOUT, "seed"
    )(RecurrentCell.__init__)

    def step(  # noqa: D102
        self, x: Tensor, states: list[Tensor], dropped: Dropped
    ) -> tuple[Tensor, list[Tensor]]:
        x, h = self.left_over(x, dropped[0]), self.left_over(states[0], dropped[1])
        w, u, b = self.kernel, self.recurrent_kernel, self.bias
        if self.is_usual:
            y = ops.simple_rnn_step(x, h, w, u, b)
        else:
            y = self.activation(ops.add(ops.dense(x, w, b), ops.matmul(h, u)))
        return y, [y]


class SimpleRNN(RecurrentLayer):
    """`h_t = activation(x_t w + h_(t-1) u + b)`, with the same weights in every step (Elman 1990).

        layer = SimpleRNN(16)
        y = layer(x)                          # (n, t, i) -> (n, 16), the state after the last step

    Input (n, t, i): n sequences of t steps, each described by i numbers. Output (n, units), or
    (n, t, units) with `return_sequences`. The kernel w is (i, units), the recurrent kernel u
    (units, units), the bias b (units,). A step whose mask is 0 is passed over.

    Args:
        units: number of columns of the state, which is the output.
        activation: default "tanh".
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
        recurrent_dropout: the same for the state; default 0. It makes the layer slower.
        return_sequences: whether to give the states of all steps; default False, the last.
        return_state: whether to give the last state as a second output; default False.
        go_backwards: whether to begin with the last step; default False.
        stateful: whether each batch goes on from the states of the one before; default False.
        unroll: taken for code that sets it; it changes nothing.
        seed: of the dropout, as in `Dropout`; default None.
        kwargs: `zero_output_for_mask` of `RNN`, and those of `Layer`.
    """

    cell_type = SimpleRNNCell
    __init__ = takes(
        "activation",
        "use_bias",
        *INITIALIZERS,
        *REGULARIZERS,
        *CONSTRAINTS,
        *DROPOUT,
        *OUTPUTS,
        "seed",
    )(RecurrentLayer.__init__)

    def all_states(self, x: Tensor, states: list[Tensor], mask: Tensor | None) -> list[Tensor]:  # noqa: D102
        cell = self.cell
        return [ops.simple_rnn(x, cell.kernel, cell.recurrent_kernel, cell.bias, states[0], mask)]
