"""The base of all that can be described by the arguments of its constructor.

Every such object keeps each argument as an attribute of the same name. So its configuration can
be read off, written into a file, and given to the constructor again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from dlcore.utils import size_limits
from dlcore.utils.lookup import arguments_with_bases, did_you_mean
from dlcore.utils.serialization import (
    deserialize_keras_object,
    serialize_keras_object,
    serialize_value,
)

# What Keras writes of arguments that dlcore leaves out, where they change nothing.
_WITHOUT_EFFECT: dict[str, tuple[Any, ...]] = {
    "amsgrad": (False,),
    "data_format": ("channels_last",),
    "dtype": ("float32",),
    "dynamic": (False,),
    "ema_momentum": (0.99,),
    "go_backwards": (False,),
    "groups": (1,),
    "optional": (False,),
    "ragged": (False,),
    "renorm": (False,),
    "renorm_momentum": (0.99,),
    "rms_scaling": (False,),
    "sparse": (False,),
    "stateful": (False,),
    "synchronized": (False,),
    "time_major": (False,),
    "unroll": (False, "auto"),
    "use_ema": (False,),
    "zero_output_for_mask": (False,),
}


class Configurable:
    """Base of layers, losses, metrics, optimizers and of all that these are given to work with.

    A class of your own gets its configuration from here if it keeps every argument of its
    constructor as an attribute of the same name:

        class Scale(Layer):
            def __init__(self, factor=1.0, **kwargs):
                super().__init__(**kwargs)
                self.factor = factor

        Scale(2.0, name="twice").get_config()   # {"name": "twice", …, "factor": 2.0}
    """

    # Arguments that are not part of the configuration, since another one holds them.
    not_in_config: ClassVar[frozenset[str]] = frozenset()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an object like this one, as plain data for a JSON file.

        Raises:
            NotImplementedError: if an argument is not kept as an attribute of its name.
            TypeError: if one is neither a number, a string, an array, a list, tuple or dict of
                these, a named function, nor an object with a `get_config` of its own.
        """
        return arguments_in(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new object from what `get_config` of dlcore or Keras has returned.

        Raises:
            ValueError: if there is an argument that the class does not take, or one asks for a
                giant.
        """
        with size_limits.described(config):
            arguments = {name: deserialize_keras_object(value) for name, value in config.items()}
            return cls(**accepted_arguments(cls, arguments))


class WrapsFunction(Configurable):
    """A loss or a metric that wraps a function.

    Adds to its configuration the function `fn` and its further arguments, as Keras writes them. A
    subclass that fixes its function takes no argument `fn`, and its configuration has none.
    """

    fn: Callable[..., Any]
    kwargs: dict[str, Any]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an object like this one."""
        config = super().get_config()
        if "fn" in config:
            config["fn"] = serialize_keras_object(self.fn)
            config |= {name: serialize_value(value) for name, value in self.kwargs.items()}
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new object from what `get_config` of dlcore or Keras has returned."""
        if "fn" not in config:
            return super().from_config(config)
        return cls(**{name: deserialize_keras_object(value) for name, value in config.items()})


def arguments_in(
    obj: Any, leaving_out: tuple[str, ...] = (), general: type = Configurable
) -> dict[str, Any]:
    """The arguments of an object's constructor, read off its attributes, as plain data.

    A class with a `get_config` beside that of the `general` base adds those that it keeps in
    another way.
    """
    kind = type(obj)
    before = kind.__mro__[: kind.__mro__.index(general)]
    complete = not any("get_config" in vars(base) for base in before)
    config = {}
    for name in config_arguments(kind):
        if name in leaving_out:
            continue
        if name == "activity_regularizer" and getattr(obj, name, None) is None:
            continue  # Keras leaves it out as well, and not all of its layers take it.
        if hasattr(obj, name):
            config[name] = serialize_value(getattr(obj, name))
        elif complete:
            raise NotImplementedError(
                f"The class {kind.__name__} does not keep its argument {name!r}, so that a file "
                f"cannot describe it: write self.{name} = {name} in __init__, or a get_config()."
            )
    return config


def accepted_arguments(kind: type, config: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the arguments in a configuration that a class takes.

    The others are dropped where they have no effect, as a quantization that is None.

    Raises:
        ValueError: if one has an effect.
    """
    known = arguments_with_bases(kind)
    kept = {}
    for name, value in config.items():
        if name in known:
            kept[name] = value
        elif not _has_no_effect(name, value):
            hint = did_you_mean(name, known)
            raise ValueError(
                f"dlcore's {kind.__name__} has no argument {name!r}, which the description sets to "
                f"{_short(value)}.{hint}"
            )
    return kept


def config_arguments(kind: type) -> list[str]:
    """The names of the arguments that the configuration of a class holds, those of bases first."""
    left_out: frozenset[str] = getattr(kind, "not_in_config", frozenset())
    return [name for name in arguments_with_bases(kind) if name not in left_out]


def _has_no_effect(name: str, value: Any) -> bool:
    plain = isinstance(value, str | bool | int | float)
    return value is None or (plain and value in _WITHOUT_EFFECT.get(name, ()))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
