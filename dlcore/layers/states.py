"""What recurrent layers with `stateful=True` carry over from one batch to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.layers.rnn import RNN

States = list["list[np.ndarray] | None"]


def stateful_layers(layer: Any) -> list[RNN]:
    """The layers with `stateful=True` inside of a layer or model, itself included; each once."""
    own = [layer] if isinstance(layer, RNN) and layer.stateful else []
    found = own + [one for inside in layer._inside() for one in stateful_layers(inside)]
    return list({id(one): one for one in found}.values())


def states_of(model: Any) -> States:
    """Copies of the states of all stateful layers; None for a layer that has none yet."""
    return [
        None if layer.states is None else [state.data.copy() for state in layer.states]
        for layer in stateful_layers(model)
    ]


def go_back(model: Any, states: Sequence[Any]) -> None:
    """Put states back, as `states_of` gave them."""
    for layer, values in zip(stateful_layers(model), states, strict=True):
        layer.set_states(values)
