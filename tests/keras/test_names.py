"""Every layer, loss and metric of Keras is here, or its absence is explained."""

from __future__ import annotations

import importlib
import inspect

import pytest

keras = pytest.importorskip("keras")


@pytest.mark.parametrize("room", ["layers", "losses", "metrics", "optimizers"])
def test_each_name(room):
    ours = importlib.import_module(f"dlcore.{room}")
    for name, value in vars(getattr(keras, room)).items():
        if name[0] == "_" or not (inspect.isclass(value) or callable(value)):
            continue
        if name in ("serialize", "deserialize", "get", "OptimizerMap"):
            continue
        try:
            getattr(ours, name)
        except AttributeError as error:
            assert len(str(error).split(". ", 1)) == 2, name
