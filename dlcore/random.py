"""Random numbers, by the name under which programs import it."""

from dlcore.engine.random import *  # noqa: F403
from dlcore.engine.random import __all__ as __all__


def __dir__() -> list[str]:
    return sorted(__all__)
