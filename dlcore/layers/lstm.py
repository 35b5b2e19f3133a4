"""Long short-term memory: a cell state that gates write, keep and read."""

from __future__ import annotations

from typing import Any

import numpy as np

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
    "activation", "recurrent_activation", "use_bias", *INITIALIZERS, "unit_forget_bias",
    *REGULARIZERS, *CONSTRAINTS, *DROPOUT, "seed",
)  # fmt: skip


class LSTMCell(RecurrentCell):
    """One step of `LSTM`, for use in `RNN`; its states are h and c.

    Args:
        units: number of columns of each state.
        activation: default "tanh".
        recurrent_activation: of the gates; default "sigmoid".
        use_bias: whether there is a b; default True.
        kernel_initializer: of w; default "glorot_uniform".
        recurrent_initializer: of u; default "orthogonal".
        bias_initializer: default "zeros".
        unit_forget_bias: whether the bias of the forget gate starts at 1; default True.
        kernel_regularizer: of w; default None.
        recurrent_regularizer: of u; default None.
        bias_regularizer: default None.
        kernel_constraint: of w after each step, such as "max_norm"; default None.
        recurrent_constraint: the same of u.
        bias_constraint: the same of b.
        dropout: share of the inputs that is left out while training; default 0.
        recurrent_dropout: share of the state h that is left out while training; default 0.
        seed: of the dropout, as in `Dropout`; default None.
        kwargs: those of `Layer`.
    """

    gates = 4

    @takes(*_OF_CELL)
    def __init__(
        self, recurrent_activation: Identifier, unit_forget_bias: bool, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    @property
    def state_size(self) -> Any:
        """Number of columns of each state."""
        return [self.units, self.units]

    def first_bias(self, shape: tuple[int, ...]) -> np.ndarray:  # noqa: D102
        if not self.unit_forget_bias:
            return self.bias_initializer(shape)
        # Jozefowicz et al. 2015: a gate that starts open lets gradients through.
        i, rest = (self.bias_initializer((count * self.units,)) for count in (1, 2))
        return np.concatenate([i, np.ones_like(i), rest])

    def step(  # noqa: D102
        self, x: Tensor, states: list[Tensor], dropped: Dropped
    ) -> tuple[Tensor, list[Tensor]]:
        h, c = states
        w, u, b = self.kernel, self.recurrent_kernel, self.bias
        if self.is_usual and dropped[1] is None:
            h, c = ops.lstm_step(self.left_over(x, dropped[0]), h, c, w, u, b)
            return h, [h, c]
        z = ops.add(self.products(x, w, b, dropped[0]), self.products(h, u, None, dropped[1]))
        i, f, g, o = ops.split(z, 4, 1)
        i, f, o = (self.recurrent_activation(gate) for gate in (i, f, o))
        c = ops.add(ops.multiply(f, c), ops.multiply(i, self.activation(g)))
        h = ops.multiply(o, self.activation(c))
        return h, [h, c]


class LSTM(RecurrentLayer):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000).

        layer = LSTM(16)
        y = layer(x)                          # (n, t, i) -> (n, 16), the state after the last step

    Beside its output h the layer keeps a cell state c, which a step changes only as far as its
    gates say: with the parts z_i, z_f, z_c, z_o of z = x_t w + h_(t-1) u + b, and s the recurrent
    activation,

        c_t = s(z_f) c_(t-1) + s(z_i) activation(z_c)
        h_t = s(z_o) activation(c_t)

    Input (n, t, i): n sequences of t steps, each described by i numbers. Output (n, units), or
    (n, t, units) with `return_sequences`. The kernel w is (i, 4 units), the recurrent kernel u
    (units, 4 units), the bias b (4 units,), in the order i, f, c, o. A step whose mask is 0 is
    passed over.

    Args:
        units: number of columns of the states; h is the output.
        activation: default "tanh".
        recurrent_activation: of the gates; default "sigmoid".
        use_bias: whether there is a b; default True.
        kernel_initializer: of w; default "glorot_uniform".
        recurrent_initializer: of u; default "orthogonal".
        bias_initializer: default "zeros".
        unit_forget_bias: whether the bias of the forget gate starts at 1; default True.
        kernel_regularizer: of w; default None.
        recurrent_regularizer: of u; default None.
        bias_regularizer: default None.
        kernel_constraint: of w after each step, such as "max_norm"; default None.
        recurrent_constraint: the same of u.
        bias_constraint: the same of b.
        dropout: share of the inputs that is left out while training, the same ones in all steps of
            a sequence; default 0.
        recurrent_dropout: the same for the state h; default 0. It makes the layer slower, as other
            activations do.
        seed: of the dropout, as in `Dropout`; default None.
        return_sequences: whether to give h of all steps; default False, the last.
        return_state: whether to give the last h and c as two more outputs; default False.
        go_backwards: whether to begin with the last step; default False.
        stateful: whether each batch goes on from the states of the one before; default False.
        unroll: taken for code that sets it; it changes nothing.
        kwargs: `zero_output_for_mask` of `RNN`, and those of `Layer`.
    """

    cell_type = LSTMCell
    __init__ = takes(*_OF_CELL, *OUTPUTS)(RecurrentLayer.__init__)

    def all_states(self, x: Tensor, states: list[Tensor], mask: Tensor | None) -> list[Tensor]:  # noqa: D102
        w, u, b = self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias
        return list(ops.lstm(x, w, u, b, states[0], states[1], mask))
