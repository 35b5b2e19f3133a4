"""Random numbers, by the name under which programs import it."""

from dlcore.engine import draws, random
from dlcore.engine.draws import *  # noqa: F403
from dlcore.engine.random import *  # noqa: F403

__all__ = [*draws.__all__, *random.__all__]  # noqa: PLE0604


def __dir__() -> list[str]:
    return sorted(__all__)
