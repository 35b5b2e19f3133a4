"""Small real data sets, loaded as in keras.datasets and without the network.

    from dlcore.datasets import credit
    (x_train, y_train), (x_test, y_test) = credit.load_data()

Each one has a datasheet in the folder `datasets`, which says where the rows come from, what is
wrong with them and what their licence is.
"""

import importlib
from types import ModuleType

__all__ = ["credit", "digits8", "penguins", "seattle_weather"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"dlcore.datasets has no {name!r}; it has {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
