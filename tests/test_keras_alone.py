"""What Keras has and dlcore has not: one sentence, with what comes nearest."""

from __future__ import annotations

import importlib
import re

import pytest

import dlcore
from dlcore.utils import keras_alone

NAMES = {
    "layers": [
        "Conv3D",
        "Discretization",
        "SpatialDropout1D",
        "Identity",
        "ConvLSTM2D",
        "RandomHue",
    ],
    "losses": ["Dice", "BinaryFocalCrossentropy", "squared_hinge", "CTC"],
    "metrics": ["SensitivityAtSpecificity", "OneHotIoU", "PearsonCorrelation", "squared_hinge"],
    "optimizers": ["Muon", "Ftrl"],
}
CASES = [(f"dlcore.{room}", name) for room, names in NAMES.items() for name in names]
CASES += [("dlcore", name) for name in ("applications", "mixed_precision", "quantizers")]


@pytest.mark.parametrize(("room", "name"), CASES)
def test_who_asks_is_told_what_comes_nearest(room, name):
    with pytest.raises(AttributeError) as caught:
        getattr(importlib.import_module(room), name)
    assert str(caught.value).startswith(
        f"module '{room}' has no attribute '{name}'. Keras has it, dlcore does not; "
    )


@pytest.mark.parametrize("room", ["dlcore", "dlcore.layers", "dlcore.losses", "dlcore.metrics"])
def test_a_name_that_nobody_has_is_not_explained(room):
    with pytest.raises(AttributeError, match="has no attribute 'Convolutionary'$"):
        importlib.import_module(room).Convolutionary  # noqa: B018
    assert not hasattr(importlib.import_module(room), "__wrapped__")


@pytest.mark.parametrize("kind", ["losses", "metrics"])
@pytest.mark.parametrize("name", ["SquaredHinge", "squared_hinge", "CategoricalFocalCrossentropy"])
def test_names_in_compile_are_answered_alike(kind, name):
    with pytest.raises(ValueError, match="Keras has it, dlcore does not; .*write it as a function"):
        getattr(dlcore, kind).get(name)


@pytest.mark.parametrize("room", keras_alone._BY_ROOM)
def test_what_is_said_is_so(room):
    """No name is there after all, and what a sentence names in capital letters is."""
    here = importlib.import_module(room)
    for name, mend in keras_alone._BY_ROOM[room].items():
        assert not hasattr(here, name), name
        assert mend[0].islower() and mend[-1] not in ".;"
        for layer in set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", mend)) - {"NumPy", "ValueError"}:
            pooling = hasattr(dlcore.layers, f"{layer}2D") and "Adaptive" in name
            assert pooling or hasattr(dlcore.layers, layer) or layer == "MaxNorm", (name, layer)
        for path in re.findall(r"\b(?:dlcore|utils|ops|layers)(?:\.\w+)+", mend):
            found = dlcore
            for part in path.removeprefix("dlcore.").split("."):
                found = getattr(found, part)
