"""What the names in files mean: classes and functions of the library, and those of the user.

A file says that a layer is the "Dense" of "keras.layers"; here that is dlcore's, since the room
has entered what it lists in its `__all__`. A file holds names only. What a name means is looked up
here, never imported: a file cannot make a program run what it did not have, and reaches nothing
that no room lists.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

Named = TypeVar("Named", bound=Callable[..., Any])

# What the rooms of the library have published, by Keras's name for the room; and the other way
# round where a class stands.
_published: dict[str, dict[str, Any]] = {}
_places: dict[type, tuple[str, str]] = {}
# What a room loads when it is first asked for, by name: the function that gives it.
_later: dict[str, dict[str, Callable[[str], Any]]] = {}
# Keras on PyTorch writes the optimizers under the names of files of its own.
_OPTIMIZERS_ON_TORCH = "keras.src.backend.torch.optimizers."
# What Keras 3.0 to 3.6 called classes that have another name today.
_OLDER_NAMES = {
    ("keras.initializers", "IdentityInitializer"): "Identity",
    ("keras.initializers", "OrthogonalInitializer"): "Orthogonal",
}
_WITH_FUNCTIONS = ("keras.activations", "keras.losses", "keras.metrics")
_NOT_VALUES = ("get", "serialize", "deserialize")

# What users have registered.
_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}
_scopes: list[dict[str, Any]] = []


def publish(module: str, things: Mapping[str, Any], names: Iterable[str] | None = None) -> None:
    """Enter what a room offers, so that files can mention it.

    Args:
        module: Keras's name for the room, such as "keras.layers".
        things: classes and functions by name.
        names: those of them that are meant, the `__all__` of the room; default: all.
    """
    room = _published.setdefault(module, {})
    for name in things if names is None else names:
        if name not in _NOT_VALUES:
            room[name] = things[name]
    # A class with two names is written under its own.
    for name, thing in sorted(room.items(), key=lambda item: item[0] != _own_name(item[1])):
        if isinstance(thing, type):
            _places.setdefault(thing, (module, name))


def publish_later(module: str, names: Iterable[str], load: Callable[[str], Any]) -> None:
    """Enter names of a room whose files are loaded when something is first asked for.

    Args:
        module: Keras's name for the room, such as "keras.layers".
        names: what can be asked for.
        load: gives the class or function of a name.
    """
    _later.setdefault(module, {}).update(dict.fromkeys(names, load))


def _entry(module: str, name: str) -> Any:
    """What the room of Keras's name has under a name, loaded if need be; None if nothing."""
    if module.startswith(_OPTIMIZERS_ON_TORCH):
        module = "keras.optimizers"
    load = _later.get(module, {}).get(name)
    if load is not None and name not in published(module):
        publish(module, {name: load(name)})
    return published(module).get(name)


def published(module: str) -> dict[str, Any]:
    """What the room of Keras's name has entered, by name; nothing while it is not loaded."""
    if module.startswith(_OPTIMIZERS_ON_TORCH):
        module = "keras.optimizers"
    return _published.get(module, {})


def published_functions(module: str) -> dict[str, Any]:
    """The functions among what a room has entered, by name."""
    room = published(module)
    return {name: found for name, found in room.items() if inspect.isfunction(found)}


def builtin_class(module: str, name: str) -> type | None:
    """The class of dlcore that stands for one of Keras, or None."""
    found = _entry(module, _OLDER_NAMES.get((module, name), name))
    return found if isinstance(found, type) and hasattr(found, "from_config") else None


def builtin_function(name: str) -> Any:
    """The activation, loss or metric function of a name, or None."""
    for module in _WITH_FUNCTIONS:
        if inspect.isfunction(found := _entry(module, name)):
            return found
    return None


def place_of(kind: type) -> tuple[str, str] | None:
    """Keras's module and name for a class of dlcore; None for one that is the user's own."""
    if kind not in _places:
        for module in _later:
            _entry(module, kind.__name__)
    return _places.get(kind)


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[Named], Named]:
    """Decorate a class or a function of your own so that files of models can mention it.

        @register_keras_serializable("shop")
        class Scale(Layer):
            def __init__(self, factor=1.0, **kwargs):
                super().__init__(**kwargs)
                self.factor = factor

    Files call it "shop>Scale". The program that loads such a file must have run this decorator.

    Args:
        package: keeps the names of different authors apart; default "Custom".
        name: default: the name of the class or function.

    Raises:
        TypeError: if a class cannot be described, for want of a method `get_config`.
    """

    def register(thing: Named) -> Named:
        if isinstance(thing, type) and not hasattr(thing, "get_config"):
            raise TypeError(
                f"The class {thing.__name__} has no get_config(), so that a file cannot describe "
                "it; make it a subclass of Layer, Loss, Metric or another class of dlcore."
            )
        full = f"{package}>{name or thing.__name__}"
        _registered[full] = thing
        _names[thing] = full
        return thing

    return register


def get_registered_name(thing: Any) -> str:
    """The name "package>name" of what is registered, else the plain name of a class or function."""
    return _names.get(thing) or thing.__name__


def get_registered_object(name: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The class or function of a name, from `custom_objects`, a scope or the registry, or None."""
    for table in (custom_objects or {}, *reversed(_scopes), _registered):
        if name in table:
            return table[name]
    return None


class CustomObjectScope:
    """Within `with`, names in files mean what a dict says.

        with custom_object_scope({"Scale": Scale}):
            model = load_model("model.keras")

    Args:
        custom_objects: classes and functions by name.
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})

    def __enter__(self) -> CustomObjectScope:
        _scopes.append(self.custom_objects)
        return self

    def __exit__(self, *_: Any) -> None:
        _scopes.pop()


custom_object_scope = CustomObjectScope


def _own_name(thing: Any) -> str:
    return getattr(thing, "__name__", "")
