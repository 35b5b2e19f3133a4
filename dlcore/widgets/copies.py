"""More examples of handwriting from those there are: shifted, turned, bent and thinner copies.

Whoever draws on a pad shifts, slants and presses otherwise than the thirteen people whose digits
the network learns from. A copy with such a change keeps its label; so the network sees more hands
than there were (P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural
networks applied to visual document analysis", ICDAR 2003).

A pixel of the data counts the inked dots in a block of 4 by 4. Copies are made on dots too, and
counted again: moved as whole pixels they would be blurred, as nothing is that a pen has drawn.
"""

from __future__ import annotations

import numpy as np

BLOCK = 4  # dots of a pixel, across and down
TURN = 0.3  # radians, to either side
SLANT = 0.4  # dots across for each dot up
SIZE = 0.25  # of the width and of the height, apart from each other
SHIFT = 3.2  # dots
BEND = 4.8  # dots, at each knot of a grid; between knots the bend is mixed
KNOTS = 4
THIN = 0.6  # the share of copies with a thinner pen


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
    dots = _dots(x)
    pens = np.stack([dots, _thinned(dots)])
    changed = [_counted(_moved(pens, chance)) for _ in range(copies)]
    return np.concatenate([x, *changed]), np.tile(t, 1 + copies)


def _dots(x: np.ndarray) -> np.ndarray:
    """Dots that give these counts, (n, 8, 8) -> bool (n, 32, 32).

    Of each block those dots are inked that lie nearest to the ink of the pixels around it.
    """
    count, side, _ = x.shape
    weights = _weights((np.arange(side * BLOCK) + 0.5) / BLOCK - 0.5, side)
    near = (weights @ x @ weights.T).reshape(count, side, BLOCK, side, BLOCK)
    blocks = near.transpose(0, 1, 3, 2, 4).reshape(count, side, side, BLOCK**2)
    rank = np.argsort(np.argsort(-blocks, axis=-1, kind="stable"), axis=-1)
    inked = (rank < x[..., None]).reshape(count, side, side, BLOCK, BLOCK)
    return inked.transpose(0, 1, 3, 2, 4).reshape(count, side * BLOCK, side * BLOCK)


def _counted(dots: np.ndarray) -> np.ndarray:
    """The ink of each pixel, bool (n, 32, 32) -> float32 (n, 8, 8)."""
    side = dots.shape[1] // BLOCK
    blocks = dots.reshape(len(dots), side, BLOCK, side, BLOCK)
    return blocks.sum(axis=(2, 4), dtype=np.float32)


def _thinned(dots: np.ndarray) -> np.ndarray:
    """Without the dots at the rim of the ink: those with paper beside, above or below them."""
    paper = np.pad(dots, ((0, 0), (1, 1), (1, 1)))
    beside = paper[:, 1:-1, :-2] & paper[:, 1:-1, 2:]
    return dots & beside & paper[:, :-2, 1:-1] & paper[:, 2:, 1:-1]


def _moved(pens: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Each picture turned, bent, sized and shifted by chance, with the first pen or the second.

    For each dot of a copy the place is found that it comes from: with the middle of the picture
    as origin, (x, y) -> M (x, y) + shift.

    Args:
        pens: the dots with each pen, bool (2, n, side, side).
        chance: where the changes come from.
    """
    _, count, side, _ = pens.shape
    thin = np.less(chance.random(count), THIN).astype(np.int32)
    turn, slant = chance.uniform(-1, 1, (2, count)) * [[TURN], [SLANT]]
    wide, high = 1 + SIZE * chance.uniform(-1, 1, (2, count))
    shift = SHIFT * chance.uniform(-1, 1, (2, count))
    bends = BEND * chance.uniform(-1, 1, (2, count, KNOTS, KNOTS))
    middle = (side - 1) / 2
    across, down = np.meshgrid(*2 * [np.arange(side, dtype=np.float32) - middle])
    cosine, sine = np.cos(turn), np.sin(turn)
    # What multiplies across and down, for the columns and for the rows.
    factors = [
        (wide * cosine, wide * (cosine * slant - sine)),
        (high * sine, high * (sine * slant + cosine)),
    ]
    weights = _weights(np.linspace(0, KNOTS - 1, side), KNOTS)
    paper = np.pad(pens, ((0, 0), (0, 0), (1, 1), (1, 1)))  # beyond the edge nothing is written
    found = []
    for (first, second), by, bend in zip(factors, shift, bends, strict=True):
        place = _each(first) * across + _each(second) * down
        place += weights @ bend.astype(np.float32) @ weights.T
        place += _each(by) + middle + 1.5  # a rim more, and half a dot to round by cutting
        found.append(np.clip(place, 0, side + 1, out=place).astype(np.int32))
    columns, rows = found
    sheet = (thin * count + np.arange(count, dtype=np.int32)) * (side + 2) ** 2
    return paper.ravel().take(sheet[:, None, None] + rows * (side + 2) + columns)


def _each(values: np.ndarray) -> np.ndarray:
    """A value for each picture, shape (n, 1, 1)."""
    return values.astype(np.float32)[:, None, None]


def _weights(places: np.ndarray, knots: int) -> np.ndarray:
    """How much each place takes from each of the knots at 0, 1, 2 …, shape (places, knots)."""
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(knots))).astype(np.float32)
