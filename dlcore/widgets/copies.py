"""More examples of handwriting from those there are: shifted, turned, bent and thickened copies.

Whoever draws on a pad shifts, slants and presses otherwise than the thirteen people whose digits
the network learns from. A copy with such a change keeps its label; so the network sees more hands
than there were (P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural
networks applied to visual document analysis", ICDAR 2003).
"""

from __future__ import annotations

import numpy as np

TURN = 0.3  # radians, to either side
SLANT = 0.4  # pixels across for each pixel up
SIZE = 0.25  # of the width and of the height, apart from each other
SHIFT = 0.8  # pixels
BEND = 1.2  # pixels, at each knot of a grid; between knots the bend is mixed
KNOTS = 4
PRESS = 0.9  # how much of a pixel's darkest or palest neighbour it takes over
INK = 16.0


def digit_copies(
    x: np.ndarray, t: np.ndarray, copies: int = 50, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The pictures, and after them changed copies of all of them.

    Args:
        x: ink of each pixel from 0 to 16, shape (n, 8, 8).
        t: labels, shape (n,).
        copies: how many of each picture; default 50.
        seed: of the changes; the same seed gives the same copies.

    Returns:
        Pictures as float32, shape (n (1 + copies), 8, 8), and their labels.
    """
    chance = np.random.default_rng(seed)
    x = np.asarray(x, np.float32)
    changed = [x, *(_pressed(_moved(x, chance), chance) for _ in range(copies))]
    return np.concatenate(changed), np.tile(t, 1 + copies)


def _moved(x: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Each picture turned, bent, sized and shifted by chance, by mixing the four nearest pixels.

    For each pixel of a copy the place is found that it comes from: with the middle of the picture
    as origin, (x, y) -> M (x, y) + shift.
    """
    count, side, _ = x.shape
    turn, slant = chance.uniform(-1, 1, (2, count)) * [[TURN], [SLANT]]
    wide, high = 1 + SIZE * chance.uniform(-1, 1, (2, count))
    shift = SHIFT * chance.uniform(-1, 1, (count, 2))
    middle = (side - 1) / 2
    across, down = (each.ravel() for each in np.meshgrid(*2 * [np.arange(side) - middle]))
    sideways = across + slant[:, None] * down
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    columns = wide[:, None] * (cosine * sideways - sine * down) + shift[:, :1] + middle
    rows = high[:, None] * (sine * sideways + cosine * down) + shift[:, 1:] + middle
    bends = BEND * chance.uniform(-1, 1, (2, count, KNOTS, KNOTS))
    weights = _weights(side)
    columns, rows = (
        each + (weights @ bend @ weights.T).reshape(count, -1)
        for each, bend in zip((columns, rows), bends, strict=True)
    )
    paper = np.pad(x, ((0, 0), (1, 1), (1, 1)))  # beyond the edge nothing is written
    columns, rows = (np.clip(each + 1, 0, side + 0.999) for each in (columns, rows))
    left, top = columns.astype(int), rows.astype(int)
    right, below = columns - left, rows - top
    which = np.arange(count)[:, None]
    mixed = (
        paper[which, top, left] * (1 - right) * (1 - below)
        + paper[which, top, left + 1] * right * (1 - below)
        + paper[which, top + 1, left] * (1 - right) * below
        + paper[which, top + 1, left + 1] * right * below
    )
    return mixed.reshape(x.shape).astype(np.float32)


def _pressed(x: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Each picture with a thicker or a thinner pen: it takes over some of its neighbours' ink."""
    paper = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    near = [paper[:, 1:-1, :-2], paper[:, 1:-1, 2:], paper[:, :-2, 1:-1], paper[:, 2:, 1:-1], x]
    press = PRESS * chance.uniform(-1, 1, (len(x), 1, 1)).astype(np.float32)
    thick, thin = np.max(near, axis=0), np.min(near, axis=0)
    pressed = np.where(press > 0, x + press * (thick - x), x - press * (thin - x))
    return np.clip(pressed, 0, INK)


def _weights(side: int) -> np.ndarray:
    """How much each pixel of a row takes from each knot, shape (side, knots)."""
    place = np.linspace(0, KNOTS - 1, side)[:, None]
    return np.maximum(0, 1 - np.abs(place - np.arange(KNOTS)))
