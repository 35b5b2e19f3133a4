"""What metrics have gathered, as plain data: for a backup in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.engine.variable import Variable
from dlcore.metrics import Metric


def metric_state(metrics: Sequence[Metric]) -> list[dict[str, Any]]:
    """For each metric the numbers and arrays that are its attributes, for a JSON file."""
    return [_state(metric) for metric in metrics]


def put_back(metrics: Sequence[Metric], states: Sequence[dict[str, Any]]) -> None:
    """Let metrics go on from what `metric_state` has given of metrics like them."""
    for metric, state in zip(metrics, states, strict=False):
        for name, value in state.items():
            own = vars(metric).get(name)
            if isinstance(own, Metric):
                put_back([own], [value])
            elif isinstance(own, Variable):
                own.assign(np.asarray(value["array"], own.dtype))
            elif memory.is_array(own) and own.shape == np.shape(value["array"]):
                memory.write(own, value["array"])
            elif isinstance(value, dict):
                setattr(metric, name, np.asarray(value["array"], value["dtype"]))
            else:
                setattr(metric, name, value)


def _state(metric: Metric) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in vars(metric).items():
        if isinstance(value, Metric):
            found[name] = _state(value)
        elif memory.is_array(value) or isinstance(value, np.generic | Variable):
            array = memory.to_host(value.data if isinstance(value, Variable) else value)
            found[name] = {"array": array.tolist(), "dtype": str(array.dtype)}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = value
    return found
