"""Pictures of files as arrays, and arrays as pictures of files, through Pillow."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from dlcore import resources
from dlcore.engine.tensor import DType, TensorLike, floatx
from dlcore.utils.lookup import one_of

if TYPE_CHECKING:
    from PIL.Image import Image

# How many numbers a pixel has.
CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
_LAYOUTS = ("channels_last", "channels_first")
_METHODS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def load_img(
    path: str | os.PathLike[str] | bytes | IO[bytes],
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Image:
    """Read a picture from a file, as a picture of Pillow.

        picture = load_img("cat.png", target_size=(32, 32))
        x = img_to_array(picture)[None]  # (1, 32, 32, 3)

    As in Keras a picture whose file says that it is to be turned is not turned, and where a file
    has transparency, "rgb" leaves it out.

    Args:
        path: of the file, or an open one.
        color_mode: "rgb" (default), "rgba" or "grayscale". A grey picture of 16 bits keeps them
            in "grayscale"; else they are brought to 8.
        target_size: the height and width to bring it to; default None: those of the file.
        interpolation: "nearest" (default), "bilinear", "bicubic", "hamming", "box" or "lanczos".
        keep_aspect_ratio: whether the sides are cut off where the shape differs, rather than that
            the picture is distorted; default False.

    Raises:
        ModuleNotFoundError: Pillow is not installed.
        FileNotFoundError: there is no such file.
        ValueError: the file is no picture, or is damaged.
    """
    one_of(color_mode, tuple(CHANNELS), "color_mode")
    one_of(interpolation, _METHODS, "interpolation")
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if not isinstance(path, str | os.PathLike) and not hasattr(path, "read"):
        raise TypeError(f"path is the path of a picture or an open file, not {path!r}.")
    picture = read_picture(path, color_mode, keep_bits=True)
    if target_size is None or picture.size == (target_size[1], target_size[0]):
        return picture
    from PIL import Image

    height, width = target_size
    box = None
    if keep_aspect_ratio:
        columns = min(picture.width, picture.height * width // height)
        rows = min(picture.height, picture.width * height // width)
        left, top = (picture.width - columns) // 2, (picture.height - rows) // 2
        box = (left, top, left + columns, top + rows)
    method = Image.Resampling[interpolation.upper()]
    return picture.resize((width, height), method, box=box)


def img_to_array(
    img: Any, data_format: str | None = None, dtype: DType | None = None
) -> np.ndarray:
    """A picture as an array.

        x = img_to_array(load_img("cat.png", color_mode="grayscale"))

    Args:
        img: a picture of Pillow, or an array (height, width) or (height, width, channels).
        data_format: "channels_last" (default) or "channels_first".
        dtype: default: `floatx()`, "float32".

    Returns:
        (height, width, channels); pixels from 0 to 255 stay so.

    Raises:
        ValueError: it has another number of axes.
    """
    last = _is_last(data_format)
    x = np.asarray(img, dtype=dtype or floatx())
    if x.ndim == 2:
        x = x[:, :, None]
    if x.ndim != 3:
        raise ValueError(
            f"A picture is (height, width) or (height, width, channels), but this has shape "
            f"{x.shape}."
        )
    return x if last else x.transpose(2, 0, 1)


def array_to_img(
    x: TensorLike, data_format: str | None = None, scale: bool = True, dtype: DType | None = None
) -> Image:
    """An array as a picture of Pillow.

        picture = array_to_img(np.linspace(0, 1, 48).reshape(4, 4, 3))

    Args:
        x: (height, width, channels) with 1, 3 or 4 channels.
        data_format: "channels_last" (default) or "channels_first".
        scale: whether the smallest number becomes 0 and the largest 255; default True. Else they
            are taken as they are, from 0 to 255.
        dtype: what is reckoned in; default: `floatx()`.

    Raises:
        ModuleNotFoundError: Pillow is not installed.
        ValueError: it has another shape, NaN, or without `scale` numbers out of range.
    """
    resources.need("PIL", "pillow", "array_to_img")
    from PIL import Image

    last = _is_last(data_format)
    array = np.asarray(x, dtype=dtype or floatx())
    if array.ndim == 3 and not last:
        array = array.transpose(1, 2, 0)
    if array.ndim != 3 or array.shape[2] not in CHANNELS.values():
        raise ValueError(
            f"A picture is (height, width, channels) with 1, 3 or 4 channels, but this has shape "
            f"{array.shape}; for one of a batch take x[0], for one without channels x[:, :, None]."
        )
    if not np.isfinite(array).all():
        raise ValueError("A pixel is a number, but some here are NaN or infinite.")
    if scale:
        array = array - array.min(initial=np.inf)
        largest = array.max(initial=0)
        array = array / largest * 255 if largest else array
    grey = array.shape[2] == 1
    if array.size and (array.min() < 0 or array.max() > 255) and not (grey and array.min() >= 0):
        raise ValueError(
            f"Pixels lie between 0 and 255, but these between {array.min():g} and "
            f"{array.max():g}; bring them there, or let scale=True."
        )
    if grey and array.max(initial=0) > 255:
        return Image.fromarray(array[:, :, 0].astype(np.int32))
    pixels = array.astype(np.uint8)
    return Image.fromarray(pixels[:, :, 0] if grey else np.ascontiguousarray(pixels))


def save_img(
    path: str | os.PathLike[str] | IO[bytes],
    x: TensorLike,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as a picture into a file.

        save_img("noise.png", np.random.default_rng(0).random((8, 8, 3)))

    Args:
        path: of the file, or an open one.
        x: (height, width, channels) with 1, 3 or 4 channels.
        data_format: "channels_last" (default) or "channels_first".
        file_format: such as "png"; default: what the ending of the path says.
        scale: as for `array_to_img`; default True.
        kwargs: for `save` of Pillow, such as `quality`.

    Raises:
        ModuleNotFoundError: Pillow is not installed.
        ValueError: the array is no picture, or there is no such format.
    """
    if file_format is None and isinstance(path, str | os.PathLike):
        file_format = Path(path).suffix[1:]
    file_format = {"jpg": "jpeg"}.get((file_format or "").lower(), file_format)
    picture = array_to_img(x, data_format, scale)
    if picture.mode == "RGBA" and (file_format or "").lower() == "jpeg":
        warnings.warn(
            "A JPEG file has no transparency: the fourth channel is left out.", stacklevel=2
        )
        picture = picture.convert("RGB")
    try:
        picture.save(path, format=file_format, **kwargs)
    except KeyError:
        raise ValueError(
            f"Pillow knows no format {file_format!r}; take a path that ends in .png, or file_format"
            "='png'."
        ) from None


def read_picture(
    path: str | os.PathLike[str] | IO[bytes], color_mode: str, keep_bits: bool = False
) -> Image:
    """The first picture of a file, in a colour mode.

    Args:
        path: of the file, or an open one.
        color_mode: "grayscale", "rgb" or "rgba".
        keep_bits: whether a grey picture of more than 8 bits stays so as "grayscale".

    Raises:
        ModuleNotFoundError: Pillow is not installed.
        ValueError: it is no picture, or damaged.
    """
    resources.need("PIL", "pillow", "Reading a picture")
    from PIL import Image, UnidentifiedImageError

    name = os.fspath(path) if isinstance(path, str | os.PathLike) else "What was given"
    content: Any = path
    if isinstance(path, str | os.PathLike):
        content = io.BytesIO(Path(path).read_bytes())
    try:
        picture = Image.open(content)
        picture.load()
        return _in_mode(picture, color_mode, keep_bits)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        kind = "is no picture" if isinstance(error, UnidentifiedImageError) else "is damaged"
        why = "" if kind == "is no picture" else f" ({error})"
        raise ValueError(f"{name} {kind}{why}; replace the file, or take it away.") from None


def _in_mode(picture: Image, color_mode: str, keep_bits: bool) -> Image:
    from PIL import Image

    if picture.mode == "I" or picture.mode.startswith("I;16"):
        if color_mode == "grayscale" and keep_bits:
            return picture
        # Converting would take everything above 255 for white.
        picture = Image.fromarray((np.asarray(picture).astype(np.int64) >> 8).astype(np.uint8))
    if picture.mode in ("P", "PA") and "transparency" in picture.info:
        picture = picture.convert("RGBA")
    mode = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}[color_mode]
    return picture if picture.mode == mode else picture.convert(mode)


def _is_last(data_format: str | None) -> bool:
    if data_format is not None:
        one_of(data_format, _LAYOUTS, "data_format")
    return data_format != "channels_first"
