"""Operations on tensors, by the name under which programs import them: that of `keras.ops`."""

from dlcore.engine.ops import *  # noqa: F403
from dlcore.engine.ops import __all__ as __all__


def __dir__() -> list[str]:
    return sorted(__all__)
