"""Ten drawn shapes in colour, 32 by 32 pixels: as many images as you like, and no file.

Each image is a function of its class and of 31 numbers from 0 to 1: they choose the ground, the
clutter on it, and the colour, place, size and turn of the shape.
"""

import operator

import numpy as np

from dlcore.datasets._outlines import OUTLINES
from dlcore.datasets._split import Split

class_names = tuple(outline.__name__ for outline in OUTLINES)

SIDE = 32
SPECKS = 4
NUMBERS = 11 + 5 * SPECKS  # how many numbers from 0 to 1 describe an image
TURN = np.deg2rad(20)  # to either side
SHIFT = 5.0  # pixels from the middle, in each direction
RADIUS = (8.0, 10.5)  # pixels
DARK = 0.25  # the share of dark grounds
_ROWS, _COLUMNS = np.indices((SIDE, SIDE), dtype=np.float32) + np.float32(0.5 - SIDE / 2)


def load_data(n_train: int = 5000, n_test: int = 1000, seed: int = 0) -> Split:
    """Draw images of ten shapes: circle, square, triangle, star, cross, ring, heart, ...

        (x_train, y_train), (x_test, y_test) = shapes10.load_data(n_train=2000)

    The shape is turned by up to 20 degrees and shifted by up to 5 pixels; it is light on a dark
    ground or, three times in four, dark on a light one. So no single pixel says much about what
    is drawn, and a linear model gets about three in ten right, while the edges say it all to a
    network that looks for them everywhere.

    Args:
        n_train: how many images to train on; default 5000, which takes about a second.
        n_test: how many to test on; default 1000.
        seed: chooses all of them; default 0. The same seed gives the same images; asking for
            more of them adds to the end and leaves the first ones as they were.

    Returns:
        x_train (n_train, 32, 32, 3) uint8, red, green and blue from 0 to 255, and y_train
        (n_train,) int64, the place of the shape in `class_names`; x_test and y_test likewise.
        Of every ten images in a row, one is of each class.

    Raises:
        ValueError: n_train or n_test is less than 1, or seed is negative.
        TypeError: one of the three is not a whole number.
    """
    for name, count in (("n_train", n_train), ("n_test", n_test)):
        if operator.index(count) < 1:
            raise ValueError(f"{name} must be 1 or more, but is {count}; try 1000.")
    if operator.index(seed) < 0:
        raise ValueError(f"seed must be 0 or more, but is {seed}; try 0.")
    # NumPy promises the raw bits of a bit generator for ever; `jumped` begins 2**127 draws later.
    train, test = np.random.PCG64(seed), np.random.PCG64(seed).jumped()
    return _part(n_train, train), _part(n_test, test)


def draw(label: int, numbers: np.ndarray) -> np.ndarray:
    """Draw images of one class.

    Args:
        label: the place of the shape in `class_names`.
        numbers: (n, 31), from 0 to 1, what differs from image to image.

    Returns:
        (n, 32, 32, 3) uint8.
    """
    # Each is (n, 1, 1): one number for all pixels of an image.
    by_name = iter(numbers.astype(np.float32).T[:, :, None, None])
    hue, second, dark, angle, where = (next(by_name) for _ in range(5))
    paint, across, down, turn, size, tint = (next(by_name) for _ in range(6))
    dark = np.where(dark < DARK, np.float32(1), np.float32(0))

    image = _colour(hue, 0.65 - 0.4 * (1 - dark), 0.95 - 0.53 * dark)
    other = _colour(hue + 0.06 + 0.1 * second, 0.65 - 0.4 * (1 - dark), 0.87 - 0.52 * dark)
    angle = 2 * np.pi * angle
    edge = _COLUMNS * np.cos(angle) + _ROWS * np.sin(angle) + 14 * (where - 0.5)
    image = _cover(np.broadcast_to(image, (len(numbers), SIDE, SIDE, 3)), edge, other)

    for _ in range(SPECKS):
        x, y, length, lean, tone = (next(by_name) for _ in range(5))
        speck = _speck(30 * (x - 0.5), 30 * (y - 0.5), 2.4 * length, np.pi * lean)
        shade = _colour(hue + 0.5 * tone, 0.5 - 0.15 * (1 - dark), 0.74 - 0.18 * dark)
        image = _cover(image, speck, shade)

    radius = RADIUS[0] + (RADIUS[1] - RADIUS[0]) * size
    turn = TURN * (2 * turn - 1)
    x, y = _COLUMNS - SHIFT * (2 * across - 1), _ROWS - SHIFT * (2 * down - 1)
    u = (x * np.cos(turn) + y * np.sin(turn)) / radius
    v = (y * np.cos(turn) - x * np.sin(turn)) / radius
    # Lit from above: the colour fades a little on the way down.
    value = 0.92 - (0.32 - 0.12 * tint) * (1 - dark) - 0.08 * np.clip(v, -1, 1)
    colour = _colour(hue + 0.3 + 0.4 * paint, 0.85 - 0.45 * dark, value)
    image = _cover(image, OUTLINES[label](u, v) * radius, colour)
    return np.rint(255 * image).astype(np.uint8)


def _part(count: int, bits: np.random.BitGenerator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `count` images, all of one class at a time."""
    blocks = -(-count // 10)
    numbers = (bits.random_raw(blocks * 10 * (NUMBERS + 1)) >> np.uint64(11)) * 2.0**-53
    numbers = numbers.reshape(blocks, 10, NUMBERS + 1)
    # Of every ten rows, the one with the least first number becomes a circle, and so on.
    y = np.argsort(np.argsort(numbers[:, :, 0], axis=1, kind="stable"), axis=1).reshape(-1)[:count]
    rows = numbers.reshape(-1, NUMBERS + 1)[:count, 1:]
    x = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for label in range(len(OUTLINES)):
        members = np.flatnonzero(y == label)
        # A few hundred at a time: their arrays fit the processor's cache.
        for some in np.array_split(members, -(-len(members) // 200) or 1):
            x[some] = draw(label, rows[some])
    return x, y.astype(np.int64)


def _cover(image: np.ndarray, distance: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Paint over what lies inside; a pixel on the edge is covered in part.

    Args:
        image: (n, 32, 32, 3).
        distance: (n, 32, 32), from the edge in pixels, negative inside.
        colour: (n, 1, 1, 3) or (n, 32, 32, 3).
    """
    share = np.clip(0.5 - distance, 0, 1)[..., None]
    return image + share * (colour - image)


def _speck(x: np.ndarray, y: np.ndarray, length: np.ndarray, lean: np.ndarray) -> np.ndarray:
    """The distance from a short thick stroke around (x, y), half its length either way."""
    x, y = _COLUMNS - x, _ROWS - y
    along = x * np.cos(lean) + y * np.sin(lean)
    aside = y * np.cos(lean) - x * np.sin(lean)
    return np.hypot(aside, np.maximum(np.abs(along) - length, 0)) - 1


def _colour(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Hue (once round from 0 to 1), saturation and value -> red, green, blue on a last axis.

    Each is `value * (1 - saturation * clip(|6 h mod 6 - 3| - 1, ...))`, the hue a third of a turn
    later for each (A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978).
    """
    turned = np.asarray(hue)[..., None] + np.array([0, 2 / 3, 1 / 3], np.float32)
    ramp = np.clip(np.abs(turned % 1 * 6 - 3) - 1, 0, 1)
    return np.asarray(value)[..., None] * (1 - np.asarray(saturation)[..., None] * (1 - ramp))
