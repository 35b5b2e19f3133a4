"""Objects as plain data that a JSON file holds, in the form of Keras 3, and back.

An object is a dict:

    {"module": "keras.layers", "class_name": "Dense", "config": {"units": 4, …},
     "registered_name": null}

A class of the library stands under Keras's name for its room, so that Keras opens the file; one
of the user's own has its registered name. A function is mentioned by name. Nothing that is read
is executed or imported: a name is looked up in the rooms of the library and the registry.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.engine.tensor import Tensor
from dlcore.utils import size_limits
from dlcore.utils.object_registration import (
    CustomObjectScope,
    builtin_class,
    builtin_function,
    get_registered_name,
    get_registered_object,
    place_of,
    published,
)

_DEEPEST = 60


def serialize_keras_object(obj: Any) -> Any:
    """Plain data that describes an object.

    Args:
        obj: a layer, loss, metric, optimizer, …; a named function; numbers, strings, arrays, and
            lists, tuples and dicts of all these.

    Raises:
        TypeError: if a part cannot be described, such as a lambda or an object without
            `get_config`.
    """
    if isinstance(obj, np.generic):
        return obj.item()
    if obj is None or isinstance(obj, str | bool | int | float):
        return obj
    if isinstance(obj, list | tuple):
        return type(obj)(serialize_keras_object(item) for item in obj)
    if isinstance(obj, Mapping):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, np.ndarray | Tensor):
        return _array(obj)
    if isinstance(obj, slice):
        ends = {"start": obj.start, "stop": obj.stop, "step": obj.step}
        return {"class_name": "__slice__", "config": serialize_keras_object(ends)}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if inspect.isfunction(obj):
        return _function(obj)
    if isinstance(obj, type) or not hasattr(obj, "get_config"):
        raise TypeError(
            f"A file cannot describe {obj!r}: it takes numbers, strings, arrays, named functions "
            "and objects with a get_config()."
        )
    return _object(obj)


def serialize_value(obj: Any) -> Any:
    """The same for an argument: a function of the library is its bare name there."""
    if inspect.isfunction(obj) and builtin_function(obj.__name__) is obj:
        return obj.__name__
    return serialize_keras_object(obj)


def deserialize_keras_object(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """What a description means, as `serialize_keras_object` of dlcore or Keras has written it.

    Args:
        config: plain data.
        custom_objects: classes and functions of your own by name; those that are registered (see
            `register_keras_serializable`) need not be here.

    Raises:
        ValueError: if it mentions something unknown, asks for weights of more than 2^28 numbers,
            or holds code, which is never executed.
    """
    with CustomObjectScope(custom_objects), size_limits.described(config):
        return _read(config, 0)


def _array(obj: Any) -> Any:
    kind = "__tensor__" if isinstance(obj, Tensor) else "__numpy__"
    values = memory.to_host(obj.data) if isinstance(obj, Tensor) else obj
    if values.dtype.kind not in "fiub":
        raise TypeError(f"A file describes arrays of numbers, not of {values.dtype}.")
    if not values.ndim:
        return values.item()
    return {
        "class_name": kind,
        "config": {"value": values.tolist(), "dtype": str(values.dtype)},
    }


def _function(obj: Any) -> dict[str, Any]:
    if obj.__name__ == "<lambda>":
        raise TypeError(
            "A lambda has no name, so that a file cannot mention it; write a function with def, "
            "and decorate it with @register_keras_serializable()."
        )
    return {
        "module": "builtins",
        "class_name": "function",
        "config": get_registered_name(obj),
        "registered_name": "function",
    }


def _object(obj: Any) -> dict[str, Any]:
    kind = type(obj)
    place = place_of(kind)
    module, name = place or (kind.__module__, kind.__name__)
    config = {
        "module": None if module == "__main__" else module,
        "class_name": name,
        "config": serialize_keras_object(obj.get_config()),
        "registered_name": None if place else get_registered_name(kind),
    }
    if module.startswith("keras.src."):
        # Keras looks for such a class under this name.
        config["registered_name"] = name
    for part in ("build", "compile"):
        get = getattr(obj, f"get_{part}_config", None)
        details = get() if get else None
        if details is not None:
            config[f"{part}_config"] = serialize_keras_object(details)
    return config


def _read(config: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError(f"The description is nested more than {_DEEPEST} deep.")
    if config is None or isinstance(config, str | bool | int | float):
        return config
    if isinstance(config, list | tuple):
        return [_read(item, depth + 1) for item in config]
    if not isinstance(config, Mapping):
        # What `from_config` of a class has made an object of already.
        return config
    if not {"class_name", "config"} <= config.keys():
        return {key: _read(value, depth + 1) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if not isinstance(name, str):
        raise ValueError(f"The name of a class is a string, not {type(name).__name__}.")
    if name in ("__numpy__", "__tensor__"):
        return _read_array(name, inner)
    if name == "__slice__":
        return _read_slice(inner)
    if name == "__ellipsis__":
        return Ellipsis
    if name == "function":
        return _read_function(inner)
    if name == "DTypePolicy":
        return _read_policy(inner)
    if name == "SeedGenerator" and config.get("module") == "keras.random":
        # Where an initializer or a layer was given one, its seed serves as well.
        return inner.get("seed") if isinstance(inner, Mapping) else None
    if name == "__lambda__":
        raise ValueError(
            "The description holds a lambda, that is, code, which dlcore never executes; write a "
            "layer or a named function in its place."
        )
    return _read_object(config, name, {} if inner is None else inner)


def _read_array(name: str, inner: Any) -> Any:
    if not isinstance(inner, Mapping) or not {"value", "dtype"} <= inner.keys():
        raise ValueError("An array is described by its value and its dtype.")
    dtype = np.dtype(str(inner["dtype"]))
    if dtype.kind not in "fiub":
        raise ValueError(f"An array in a description holds numbers, not {dtype}.")
    values = np.array(inner["value"], dtype)
    return Tensor(values) if name == "__tensor__" else values


def _read_slice(inner: Any) -> slice:
    ends = [inner.get(end) for end in ("start", "stop", "step")] if inner else [""]
    if not all(end is None or isinstance(end, int) for end in ends):
        raise ValueError("A slice is described by whole numbers.")
    return slice(*ends)


def _read_function(name: Any) -> Any:
    if not isinstance(name, str):
        raise ValueError(f"A function is described by its name, not by {type(name).__name__}.")
    found = get_registered_object(name) or builtin_function(name)
    if found is None:
        raise ValueError(
            f"There is no function {name!r} here: decorate your own with "
            "@register_keras_serializable() before loading, or pass it in custom_objects."
        )
    return found


def _read_policy(inner: Any) -> str:
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(name, str):
        raise ValueError("A DTypePolicy is described by its name, such as 'float32'.")
    return name


def _read_object(config: Mapping[str, Any], name: str, inner: Any) -> Any:
    kind = _class(config, name)
    if not isinstance(inner, Mapping) or not all(isinstance(key, str) for key in inner):
        raise ValueError(f"The configuration of {name!r} is a table of its arguments.")
    own = inner.get("name")
    if isinstance(own, str) and not own.isprintable():
        # Names are printed, and such characters would steer the terminal.
        raise ValueError(
            f"The name {own[:60]!r} of a {name!r} has characters that cannot be printed; leave "
            "them out."
        )
    made = kind.from_config(dict(inner))
    for part in ("build", "compile"):
        details = config.get(f"{part}_config")
        if details and hasattr(made, f"{part}_from_config"):
            getattr(made, f"{part}_from_config")(details)
    return made


def _class(config: Mapping[str, Any], name: str) -> Any:
    """The class that is meant: a registered one first, then one of the library."""
    registered = config.get("registered_name")
    for key in (registered, name):
        found = get_registered_object(key) if isinstance(key, str) else None
        if found is not None:
            break
    else:
        module = config.get("module")
        found = builtin_class(module, name) if isinstance(module, str) else None
        if found is None:
            mend = (
                "if it is a class of your own, decorate it with "
                "@register_keras_serializable() before loading, or pass it in custom_objects"
            )
            if isinstance(module, str) and module.split(".")[0] == "keras":
                mend = "dlcore does not have it"
                if not published("keras.models"):
                    mend += ", or has not loaded it: import dlcore.models first"
            raise ValueError(f"There is no class {name!r} of {module!r} here; {mend}.")
    if not hasattr(found, "from_config"):
        raise ValueError(f"{name!r} cannot be made from a description: it has no from_config().")
    return found
