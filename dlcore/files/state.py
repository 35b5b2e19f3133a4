"""The weights of a model and the state of its optimizer as an HDF5 file in memory, and back.

For each layer the group `vars` holds its own variables as datasets "0", "1", … (those that are
trained first), with the layer's name as the attribute "name"; see `layout` for the paths. Beside:

    optimizer/vars/0          steps so far (int32), if the model is compiled
    optimizer/vars/1          learning rate
    optimizer/vars/2 …        what the optimizer keeps for each weight: Adam m, v, m, v, …

Where a layer draws random numbers, `vars` has the attribute "dlcore_random", one row (seed,
stream, step) for each of its generators; Keras does not look at it, and writes nothing in its
place.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.files.hdf5 import (
    Misfit,
    Unreadable,
    array_in,
    group_at,
    groups_with_arrays,
    in_short,
    numbers_in,
)
from dlcore.files.layout import join, places
from dlcore.layers import Layer
from dlcore.layers.text import KeepsVocabulary

_RANDOM = "dlcore_random"


def as_bytes(model: Layer) -> bytes:
    """The content of a weights file."""
    import h5py

    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        for place, layer in places(model):
            group = file.create_group(join(place, "vars"))
            group.attrs["name"] = layer.name
            for i, variable in enumerate(layer.own_weights):
                group[str(i)] = memory.to_host(variable.data)
            if isinstance(layer, KeepsVocabulary):
                for name, array in layer.own_arrays().items():
                    group[name] = array
            generators = layer.own_seed_generators
            if generators:
                drawn = [(g.seed, g.stream, g.step.data) for g in generators]
                rows = [[memory.to_host(number) for number in row] for row in drawn]
                group.attrs[_RANDOM] = np.array(rows, np.int64)
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None:
            group = file.create_group("optimizer/vars")
            group.attrs["name"] = optimizer.name
            for i, array in enumerate(optimizer.state_of(model.trainable_weights)):
                values = memory.to_host(array)
                group[str(i)] = values if i else values.astype(np.int32)
    return buffer.getvalue()


def prepared(file: Any, model: Layer, left_out: list[str] | None = None) -> Callable[[], None]:
    """Read and check everything; nothing is changed until what is returned is called.

    Args:
        file: an open HDF5 file.
        model: a model that is built.
        left_out: where to say what does not fit, which is then left out, a layer whole, and with
            it the state of the optimizer. Default None: it is refused.

    Raises:
        Unreadable: if something is damaged or does not fit.
    """
    values, drawn, own = _read(file, model, left_out)
    state = [] if left_out else _read_optimizer(file, model)

    def take() -> None:
        for layer, arrays in own:  # which may refuse them, before anything is changed
            layer.take_own_arrays(arrays)
        for variable, value in values:
            variable.assign(value)
        for generator, (seed, stream, step) in drawn:
            memory.write(generator.seed, seed)
            memory.write(generator.stream, stream)
            generator.step.assign(step)
        for array, value in state:
            memory.write(array, value)

    return take


def _read(
    file: Any, model: Layer, left_out: list[str] | None
) -> tuple[list[Any], list[Any], list[Any]]:
    """Pairs of a variable and its value, of a generator and its place, of a layer and its own."""
    values: list[Any] = []
    drawn: list[Any] = []
    own: list[Any] = []
    known = set()

    def left(misfit: Misfit) -> None:
        if left_out is None:
            raise misfit
        left_out.append(in_short(misfit))

    for place, layer in places(model):
        path = join(place, "vars")
        known.add(path)
        group = group_at(file, path)
        if isinstance(layer, KeepsVocabulary):
            names = () if group is None else group
            own.append((layer, {name: numbers_in(array_in(group, name)) for name in names}))
            continue
        try:
            values += _values_of(layer, group, path)
        except Misfit as misfit:
            left(misfit)
            continue
        generators = layer.own_seed_generators
        rows = None if group is None else group.attrs.get(_RANDOM)
        if rows is not None and np.shape(rows) == (len(generators), 3):
            drawn += zip(generators, rows, strict=True)
    for path in sorted(groups_with_arrays(file)):
        if path not in known and not path.startswith("optimizer/"):
            left(Misfit(f"the file has weights at {path!r}, where the model has no layer"))
    return values, drawn, own


def _values_of(layer: Layer, group: Any, path: str) -> list[tuple[Any, Any]]:
    """Pairs of a variable of a layer itself and its value."""
    variables = layer.own_weights
    count = 0 if group is None else len(group)
    if count != len(variables) or (group is None and variables):
        found = "nothing" if group is None else f"{count} weights"
        mend = "" if layer.built else "; call it on data first, since it is not built yet"
        raise Misfit(
            f"the layer {layer.name!r} has {len(variables)} weights, the file has {found} at "
            f"{path!r}{mend}"
        )
    values = []
    for i, variable in enumerate(variables):
        value = array_in(group, str(i))
        if value.shape != variable.shape:
            raise Misfit(
                f"the {variable.name} of the layer {layer.name!r} has shape {variable.shape}, "
                f"that of the file {value.shape}"
            )
        values.append((variable, numbers_in(value)))
    return values


def _read_optimizer(file: Any, model: Layer) -> list[tuple[np.ndarray, Any]]:
    """Pairs of an array of the optimizer and its value; none where the file has none that fit."""
    group = group_at(file, "optimizer/vars")
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or group is None or not len(group):
        return []
    saved = [array_in(group, str(i)) for i in range(len(group))]
    optimizer.prepare(model.trainable_weights)
    arrays = optimizer.state_of(model.trainable_weights)
    if [array.shape for array in arrays] == [value.shape for value in saved]:
        values = [numbers_in(value) for value in saved]
        _require_counter(values[0], arrays[0].dtype)
        has_rate = any(array is optimizer.rate.data for array in arrays[1:2])  # not with a schedule
        rates = values[1:2] if has_rate else []
        if not all(np.isfinite(rate) and rate >= 0 for rate in rates):
            raise Unreadable(f"its optimizer has the learning rate {rates[0]}")
        return list(zip(arrays, values, strict=True))
    if len(saved) > 2:
        warnings.warn(
            f"The optimizer {optimizer.name!r} starts afresh: the file has the state of another "
            f"one, {str(group.attrs.get('name'))[:80]!r}. The weights were loaded.",
            stacklevel=5,
        )
    return []


def _require_counter(steps: np.ndarray, dtype: np.dtype) -> None:
    """Refuse what cannot be a number of steps: Adam would take the root of a negative number."""
    if steps.ndim or not (0 <= steps <= np.iinfo(dtype).max and steps == np.floor(steps)):
        raise Unreadable(
            f"its optimizer has taken {steps[()]} steps, but steps are counted in whole numbers "
            "from 0 on"
        )
