"""Classes and functions of the user's own, by the names under which files mention them.

A file holds names only. What a name means is looked up here and in the rooms of the library,
never imported: a file cannot make a program run what it did not have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Named = TypeVar("Named", bound=Callable[..., Any])

_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}
_scopes: list[dict[str, Any]] = []


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
