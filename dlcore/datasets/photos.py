"""Two photographs in colour, to look at through a window (datasheet: datasets/photos.md)."""

import numpy as np

from dlcore.datasets._files import read_npz

photo_names = ("china", "flower")


def load_data() -> dict[str, np.ndarray]:
    """Load two photographs: a temple in China, and a flower.

        china = photos.load_data()["china"].astype("float32") / 255

    They are for looking at: two pictures train nothing, so there are no labels and no test part.

    Returns:
        "china" and "flower", each (160, 240, 3) uint8: rows, columns, and red, green and blue
        from 0 to 255.

    Raises:
        ValueError: the data file is damaged.
        FileNotFoundError: the data file is missing.
    """
    arrays = read_npz("photos.npz")
    return {name: arrays[name] for name in photo_names}
