"""Folders of pictures and of texts as data sets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcore import resources
from dlcore.utils.file_batches import Folder
from dlcore.utils.images import CHANNELS, read_picture
from dlcore.utils.lookup import one_of
from dlcore.utils.resampling import INTERPOLATIONS, resized

IMAGE_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def image_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: tuple[int, int] | int = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Pictures in folders, one for each class, as batches of arrays with their labels.

        train, held_out = image_dataset_from_directory(
            "animals", image_size=(32, 32), validation_split=0.2, subset="both", seed=0
        )
        print(train.class_names, len(train))
        for x, y in train.take(1):
            print(x.shape, y[:3])

    fit, evaluate and predict take what it gives. The files are read anew in each pass, one after
    another, and never all at once. Pixels are float32 from 0 to 255: begin the model with a
    `Rescaling(1 / 255)`. With `shuffle` each pass has another order, so for predictions whose
    order matters write `shuffle=False`; they are then in the order of `file_paths`.

    Files, labels and what is held out for a seed are those of Keras. The sizes are changed by the
    formulas of Keras, which do not average where a picture becomes smaller; "area" does. Files of
    other kinds in the folders are passed over. Of a moving picture the first is taken, grey and
    palette pictures and those of 16 bits are brought to `color_mode`, and a damaged file is named.

    Args:
        directory: the folder. With inferred labels each folder in it is a class, and pictures may
            also lie in folders further down.
        labels: "inferred" (default); None for none; or a list with a number for each file, in the
            order of their paths.
        label_mode: "int" (default): numbers (n,) int32. "binary": (n, 1) float32, 0 or 1.
            "categorical": one-hot rows (n, classes) float32. None: there are no labels.
        class_names: the folders to take, in this order; default: all, by the alphabet.
        color_mode: "rgb" (default), "rgba" or "grayscale": 3, 4 or 1 channels.
        batch_size: of how many pictures a batch is; default 32. None: each comes alone.
        image_size: the height and width of all; default (256, 256).
        shuffle: whether they come in a random order; default True.
        seed: of this order; default: one that `set_random_seed` decides.
        validation_split: the share that is held out, between 0 and 1; default None.
        subset: "training", "validation" or "both"; goes with `validation_split`.
        interpolation: "bilinear" (default), "nearest", "bicubic", "area", "lanczos3", "lanczos5".
        follow_links: whether links to folders are followed; default False.
        crop_to_aspect_ratio: whether the sides are cut off where the shape differs, rather than
            that the picture is distorted; default False.
        pad_to_aspect_ratio: whether black is added at the sides instead; default False.
        data_format: "channels_last".
        format: taken for code that sets it.
        verbose: whether it is printed how many files there are; default True.

    Returns:
        What gives batches `(x, y)`, or x alone without labels, x (n, height, width, channels)
        float32; with `file_paths`, `class_names`, `len`, `take(count)` and `map(function)`. With
        `subset="both"` a list of two, for training and for validation.

    Raises:
        ModuleNotFoundError: Pillow is not installed.
        FileNotFoundError: there is no such folder.
        ValueError: it has no pictures, or an argument makes no sense; on the way, a file is
            damaged.
    """
    resources.need("PIL", "pillow", "image_dataset_from_directory")
    one_of(color_mode, tuple(CHANNELS), "color_mode")
    one_of(interpolation, INTERPOLATIONS, "interpolation")
    if data_format not in (None, "channels_last"):
        raise ValueError(f"Pictures are in the form 'channels_last', not {data_format!r}.")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("A picture is cropped or padded to the aspect ratio, not both.")
    size = (image_size, image_size) if isinstance(image_size, int) else tuple(image_size)
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"image_size is (height, width), both at least 1, not {image_size!r}.")
    folder = Folder(
        directory, labels, label_mode, class_names, shuffle, seed, validation_split, subset,
        follow_links, verbose, IMAGE_ENDINGS, "picture",
    )  # fmt: skip

    def read(path: str) -> np.ndarray:
        pixels = np.asarray(read_picture(path, color_mode), np.float32)
        pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
        return resized(pixels, size, interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio)

    return folder.batches(read, np.stack, batch_size)


def text_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Texts in folders, one for each class, as batches of strings with their labels.

        train = text_dataset_from_directory("reviews", batch_size=2, shuffle=False)
        lengths = train.map(lambda texts, y: (np.array([len(text) for text in texts]), y))
        for x, y in lengths:
            print(x, y)

    A text goes through a `map` that makes numbers of it before a model takes it.

    Args:
        directory: the folder. With inferred labels each folder in it is a class.
        labels: as for `image_dataset_from_directory`; default "inferred".
        label_mode: likewise; default "int".
        class_names: likewise; default: all folders, by the alphabet.
        batch_size: of how many texts a batch is; default 32. None: each comes alone.
        max_length: letters after which a text is cut; default None: it is not.
        shuffle: whether they come in a random order; default True.
        seed: of this order; default: one that `set_random_seed` decides.
        validation_split: the share that is held out, between 0 and 1; default None.
        subset: "training", "validation" or "both"; goes with `validation_split`.
        follow_links: whether links to folders are followed; default False.
        format: taken for code that sets it.
        verbose: whether it is printed how many files there are; default True.

    Returns:
        As `image_dataset_from_directory`, with x (n,) of strings. Files end in .txt and hold
        UTF-8.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: it has no texts, or an argument makes no sense; on the way, a file is no text.
    """
    folder = Folder(
        directory, labels, label_mode, class_names, shuffle, seed, validation_split, subset,
        follow_links, verbose, (".txt",), "text",
    )  # fmt: skip

    def read(path: str) -> str:
        try:
            return Path(path).read_text("utf-8")[:max_length]
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{path} is no text in UTF-8 (byte {error.start}); save it as UTF-8."
            ) from None

    return folder.batches(read, lambda texts: np.array(texts, object), batch_size)
