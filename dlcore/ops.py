"""Operations on tensors, by the name under which programs import them: that of `keras.ops`."""

import sys
from typing import Any

from dlcore.engine.ops import *  # noqa: F403
from dlcore.engine.ops import __all__ as __all__


def __getattr__(name: str) -> Any:
    # Keras sorts its operations into rooms as well: `ops.nn.relu` is `ops.relu`.
    if name in ("linalg", "nn", "numpy"):
        return sys.modules[__name__]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
