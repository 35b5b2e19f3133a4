"""Names that layers get when they are given none: dense, dense_1, dense_2 and so on."""

import re
from collections import Counter

_used: Counter[str] = Counter()


def snake_case(name: str) -> str:
    """The name of a class as Keras writes it in names: `MyConv2D` becomes `my_conv2d`."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().lstrip("_")


def automatic_name(prefix: str) -> str:
    """`prefix` at its first use in this process, then `prefix_1`, `prefix_2` and so on."""
    _used[prefix] += 1
    count = _used[prefix] - 1
    return f"{prefix}_{count}" if count else prefix


def state() -> Counter[str]:
    """How often each name was used; `restore` goes back to it."""
    return _used.copy()


def restore(state: Counter[str]) -> None:
    """Go on counting as from a `state`."""
    _used.clear()
    _used.update(state)


def clear_session() -> None:
    """Count the automatic names from the start again, as for a new process."""
    _used.clear()
