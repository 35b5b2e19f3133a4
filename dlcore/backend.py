"""What programs ask `keras.backend` for, by that name: names counted anew, and a few settings.

The backends themselves, which compute, are in `dlcore.backends`.
"""

from dlcore.backends.dispatch import get_backend as backend
from dlcore.engine.tensor import floatx, set_floatx
from dlcore.losses.crossentropy import EPSILON
from dlcore.utils.lookup import clear_session

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "image_data_format",
    "set_floatx",
    "set_image_data_format",
]

LAYOUT = "channels_last"


def epsilon() -> float:
    """The small number by which losses keep away from the logarithm of 0: 1e-7, and it stays so."""
    return EPSILON


def image_data_format() -> str:
    """The order of the axes of images: "channels_last", so (rows, height, width, channels)."""
    return LAYOUT


def set_image_data_format(data_format: str) -> None:
    """Say that images are "channels_last", as they always are here.

    Raises:
        ValueError: for "channels_first", or any other name.
    """
    if data_format != LAYOUT:
        raise ValueError(
            f"Images have their channels last here, shape (rows, height, width, channels); there "
            f"is no data format {data_format!r}. Move the axis: np.moveaxis(x, 1, -1)."
        )


def __dir__() -> list[str]:
    return sorted(__all__)
