"""Random arguments for the recurrent kernels, with and without gates."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from dlcore.backends import KERNELS

sizes = st.integers(1, 4)


def _case(name: str) -> Any:
    """Draw the inputs of one kernel from its signature.

    Weights, states and gates are kept so small that a gradient neither grows without bounds nor
    dies over the steps; the gates of a trained layer lie in (0, 1), the states in (-1, 1).
    """

    def draw_case(draw: Any, rng: Any, dtype: Any) -> Any:
        letters = {letter: draw(sizes) for letter in "ntik"}
        inputs = []
        for array in KERNELS[name].inputs:
            shape = array.shape(letters)
            if array.integer:
                kept = draw(st.sampled_from([0.0, 0.6, 1.0]))
                inputs.append((rng.random(shape) < kept).astype(np.int64))
            elif array.name == "gates":
                inputs.append(np.asarray(rng.uniform(0.02, 0.98, shape), dtype))
            else:
                inputs.append(np.asarray(rng.uniform(-0.95, 0.95, shape), dtype))
        return inputs, {}

    return draw_case


simple_rnn_step = _case("simple_rnn_step")
simple_rnn_step_grad = _case("simple_rnn_step_grad")
simple_rnn = _case("simple_rnn")
simple_rnn_grad = _case("simple_rnn_grad")
lstm_step = _case("lstm_step")
lstm_step_grad = _case("lstm_step_grad")
lstm = _case("lstm")
lstm_grad = _case("lstm_grad")
gru = _case("gru")
gru_grad = _case("gru_grad")
