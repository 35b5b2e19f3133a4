"""Models of inputs and outputs as Keras 3 describes them: layers, and how they were called.

    {"name": …, "layers": [{…, "name": "dense", "inbound_nodes": [{"args": […], "kwargs": {}}]}],
     "input_layers": [["input_layer", 0, 0]], "output_layers": [["dense", 0, 0]]}

Each entry of "inbound_nodes" is one call of the layer. A tensor is named by the layer that gives
it, the number of that layer's call within the model, and its place among the outputs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dlcore.engine import tree
from dlcore.engine.symbol import Call, SymbolicTensor
from dlcore.files.operation_config import made_operation, written_operation
from dlcore.layers import InputLayer, Layer
from dlcore.layers.layer import Operation
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object

_KEYS = {"name", "layers", "input_layers", "output_layers"}
Key = tuple[str, int]


class GraphModel(Protocol):
    """What is asked of a model of inputs and outputs."""

    name: str
    trainable: bool

    @property
    def layers(self) -> list[Layer]:
        """Its layers."""

    @property
    def inputs(self) -> list[SymbolicTensor] | None:
        """The symbols of the inputs, one after the other."""

    @property
    def calls(self) -> list[Call]:
        """The calls of the layers."""

    @property
    def input(self) -> Any:
        """The symbols of the inputs in their structure."""

    @property
    def output(self) -> Any:
        """The symbols of the outputs in their structure."""


def describes_graph(config: Mapping[str, Any]) -> bool:
    """Whether a configuration is that of a model of inputs and outputs."""
    return _KEYS <= config.keys()


def described(model: GraphModel) -> dict[str, Any]:
    """The configuration of a model of inputs and outputs."""
    layers = list(model.layers)
    names: dict[int, list[Any]] = {}
    # An input may be a tensor inside a larger model: here it starts with an Input of its own.
    inputs = model.inputs or []
    for symbol in inputs:
        assert symbol.call is not None
        if not isinstance(symbol.call.layer, InputLayer):
            name = f"{symbol.name}_input"
            layers.insert(0, InputLayer(batch_shape=symbol.shape, dtype=symbol.dtype, name=name))
            names[id(symbol)] = [name, 0, 0]
    own: dict[int, list[Any]] = {id(layer): [] for layer in layers}
    for call in sorted(model.calls, key=lambda call: call.number):
        own[id(call.layer)].append(call)
    for symbol in inputs:
        assert symbol.call is not None
        names.setdefault(id(symbol), [symbol.call.layer.name, 0, 0])
    for layer in layers:
        for number, call in enumerate(own[id(layer)]):
            for symbol in tree.leaves(call.outputs):
                names.setdefault(id(symbol), [layer.name, number, symbol.position])

    def written(leaf: Any) -> Any:
        if not isinstance(leaf, SymbolicTensor):
            return serialize_keras_object(leaf)
        place = {"shape": leaf.shape, "dtype": leaf.dtype, "keras_history": names[id(leaf)]}
        return {"class_name": "__keras_tensor__", "config": place}

    def end(symbol: SymbolicTensor) -> list[Any]:
        name, number, position = names[id(symbol)]
        # Keras counts a call more for a nested model of this kind, at this place only.
        assert symbol.call is not None
        return [name, number + is_nested(symbol.call.layer), position]

    entries = []
    for layer in layers:
        calls = [(call.args, call.kwargs) for call in own[id(layer)]]
        if isinstance(layer, Operation):
            entry, calls = written_operation(layer, calls)
        else:
            entry = serialize_keras_object(layer)
        entry["name"] = layer.name
        entry["inbound_nodes"] = [
            {"args": tree.transform(written, args), "kwargs": tree.transform(written, kwargs)}
            for args, kwargs in calls
        ]
        entries.append(entry)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": entries,
        "input_layers": tree.transform(lambda symbol: names[id(symbol)], model.input),
        "output_layers": tree.transform(end, model.output),
    }


def made(kind: type, config: Mapping[str, Any]) -> Any:
    """A model of that class from a configuration.

    Raises:
        ValueError: if it does not fit together.
    """
    layers: dict[str, Any] = {}
    nodes: dict[str, list[Any]] = {}
    for entry in _checked(config["layers"], list, "layers"):
        name = _checked(_checked(entry, dict, "layers").get("name"), str, "name")
        if name in layers:
            raise ValueError(f"The description of the model has two layers called {name!r}.")
        nodes[name] = _checked(entry.get("inbound_nodes"), list, "inbound_nodes")
        layers[name] = made_operation(entry) or deserialize_keras_object(entry)
        if not isinstance(layers[name], Layer):
            raise ValueError(f"The description of the model has no layer in the place of {name!r}.")
    symbols = _called(layers, nodes)

    def end(place: list[Any]) -> SymbolicTensor:
        name, number, position = place
        return _output(symbols, name, number - is_nested(layers.get(name)), position)

    def start(place: list[Any]) -> SymbolicTensor:
        return _output(symbols, *place)

    return kind(
        _ends(config["input_layers"], start),
        _ends(config["output_layers"], end),
        name=config["name"],
        trainable=config.get("trainable", True) is not False,
    )


def _called(layers: dict[str, Any], nodes: dict[str, list[Any]]) -> dict[Key, list[Any]]:
    """Call all layers, each as soon as its inputs are there; the outputs by layer and call."""
    symbols: dict[Key, list[Any]] = {}
    waiting: dict[Key, list[Key]] = {}
    missing: dict[Key, int] = {}
    ready: deque[Key] = deque()
    for name, layer in layers.items():
        if isinstance(layer, InputLayer):
            symbols[name, 0] = [layer.output]
            continue
        for number, node in enumerate(nodes[name]):
            needed = set(_sources(_checked(node, dict, "inbound_nodes")))
            # The calls of a layer keep their order.
            needed |= {(name, number - 1)} if number else set()
            needed = {key for key in needed if not _is_input(layers, key)}
            missing[name, number] = len(needed)
            for key in needed:
                waiting.setdefault(key, []).append((name, number))
            if not needed:
                ready.append((name, number))
    while ready:
        key = ready.popleft()
        name, number = key
        args, kwargs = _arguments(nodes[name][number], symbols)
        symbols[key] = tree.leaves(layers[name](*args, **kwargs))
        for later in waiting.get(key, ()):
            missing[later] -= 1
            if not missing[later]:
                ready.append(later)
    left = [name for (name, _), count in missing.items() if count]
    if left:
        raise ValueError(
            f"The description of the model does not say where the inputs of {left[0]!r} come from."
        )
    return symbols


def _is_input(layers: dict[str, Any], key: Key) -> bool:
    return isinstance(layers.get(key[0]), InputLayer)


def _sources(node: Any) -> list[Key]:
    """The calls that the tensors among the arguments of a node come from."""
    found: list[Key] = []
    stack = [node]
    while stack:
        value = stack.pop()
        if _is_tensor(value):
            name, number, _ = _place(value["config"].get("keras_history"))
            found.append((name, number))
        elif isinstance(value, dict | list | tuple):
            stack.extend(value.values() if isinstance(value, dict) else value)
    return found


def _arguments(node: dict[str, Any], symbols: dict[Key, list[Any]]) -> tuple[Any, Any]:
    args, kwargs = node.get("args", []), node.get("kwargs", {})

    def read(value: Any) -> Any:
        if _is_tensor(value):
            return _output(symbols, *_place(value["config"]["keras_history"]))
        if isinstance(value, list | tuple):
            return [read(item) for item in value]
        if isinstance(value, dict) and "class_name" not in value:
            return {key: read(item) for key, item in value.items()}
        return deserialize_keras_object(value)

    # Keras writes arguments that were not given as None.
    given = {name: read(value) for name, value in kwargs.items() if value is not None}
    return [read(value) for value in args], given


def _output(symbols: dict[Key, list[Any]], name: Any, number: Any, position: Any) -> Any:
    found = symbols.get((name, number), ())
    if not 0 <= position < len(found):
        raise ValueError(
            f"The description of the model mentions an output of {name!r} that there is not."
        )
    return found[position]


def _ends(structure: Any, symbol: Callable[[list[Any]], SymbolicTensor]) -> Any:
    """A structure of places, `[name, number, position]`, as one of symbols."""
    if isinstance(structure, dict):
        return {key: _ends(value, symbol) for key, value in structure.items()}
    if not isinstance(structure, list | tuple) or not structure:
        raise ValueError("The inputs and outputs of a model are described by lists.")
    if isinstance(structure[0], str):
        return symbol(_place(structure))
    return [_ends(value, symbol) for value in structure]


def _place(value: Any) -> list[Any]:
    kinds = [type(part) for part in value] if isinstance(value, list | tuple) else []
    if kinds != [str, int, int]:
        raise ValueError(
            f"A tensor is described by a name and two whole numbers, not by {value!r:.60}."
        )
    return list(value)


def _is_tensor(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("class_name") == "__keras_tensor__"
        and isinstance(value.get("config"), dict)
    )


def is_nested(layer: object) -> bool:
    """Whether a layer is a model of inputs and outputs (a Sequential is none here)."""
    return getattr(layer, "_graph", None) is not None and not hasattr(layer, "add")


def _checked(value: Any, kind: type, what: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(
            f"In the description of the model {what!r} holds a {type(value).__name__}, not a "
            f"{kind.__name__}."
        )
    return value
