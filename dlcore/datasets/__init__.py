"""Data sets, loaded as in keras.datasets; most of them without the network.

    from dlcore.datasets import credit
    (x_train, y_train), (x_test, y_test) = credit.load_data()

Each file has a datasheet in the folder `datasets`, which says where the rows come from, what is
wrong with them and what their licence is. `shapes10` is drawn by a program and needs no file.
`mnist`, `fashion_mnist`, `cifar10` and `imdb` are downloaded once; `digits8`, `fashion_small`,
`emoji10` and `names` stand in for them where there is no network.
"""

import importlib
from types import ModuleType

__all__ = [
    "cifar10", "credit", "digits8", "emoji10", "fashion_mnist", "fashion_small", "imdb",
    "mnist", "names", "penguins", "photos", "seattle_weather", "shapes10",
]  # fmt: skip
DOWNLOADED = ("cifar10", "fashion_mnist", "imdb", "mnist")


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"dlcore.datasets has no {name!r}; it has {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return sorted(__all__)
