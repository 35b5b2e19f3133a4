"""Lesson 00: strokes of a pen become a picture like those that the network was trained on.

The pictures of digits8 were made from scanned bitmaps of 32 by 32 dots: each of the 8 by 8 pixels
counts the inked dots in its block of 4 by 4 (E. Alpaydin and C. Kaynak, "Optical Recognition of
Handwritten Digits", UCI 1998). In these bitmaps a digit fills the height, stands in the middle,
and has ink on about three dots in ten. What is drawn is brought to the same form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.scene import Axis, Panel, Scene, bars, brush, heat
from dlcore.plots.still import still

SIDE, BLOCK = 32, 4
BOX = np.array([26.0, 32.0])  # width and height that a digit may fill, in dots
INK = 0.3 * SIDE**2  # the mean over the 1797 pictures of the data, if strokes never crossed
PENS = (1.0, 3.5)  # the thinnest and the thickest pen, as radii in dots; thicker would fill loops
ROUNDS = 6  # until pen and path fit each other to 0.1 dots
STROKE = 0.05  # shorter side by longer, below which it is a mere stroke
LONG = 2.1  # a path of so many heights has loops, which a narrow box would fill
SQUARER = {False: 0.85, True: 0.7}
SEGMENTS = 160  # more than a digit needs; longer scribbles are thinned out to save time
CENTRES = np.arange(SIDE) + 0.5 - SIDE / 2
DOTS = np.stack(np.meshgrid(CENTRES, CENTRES), axis=-1).reshape(-1, 2).astype(np.float32)  # x, y
NOTHING = "Nothing is drawn yet."

PEN = 0.07  # of a stroke of width 1 on the pad, as a share of it
KEYS = "Keyboard: arrows move, Space paints, Shift+arrow draws, Backspace takes back."

Stroke = Sequence[Sequence[float]] | np.ndarray  # points [x, y] or [x, y, width]


class Network(Protocol):
    """What answers."""

    def predict(self, x: np.ndarray, *, verbose: int) -> Any:
        """Ten probabilities [1, 10] for a picture [1, 8, 8]."""


class DigitModel:
    """What a network answers to what is drawn.

    Args:
        network: a model whose ``predict`` takes pictures [1, 8, 8] from 0 to 1 and gives ten
            probabilities [1, 10].
        strokes: each a list of points [x, y] from 0 to 1, y downwards, or [x, y, width] where a
            pen pressed harder than 1 or less; default none.
    """

    def __init__(self, network: Network, strokes: Sequence[Stroke] = ()) -> None:
        """Draw the strokes and ask the network."""
        self.network = network
        self.update(strokes)

    def update(self, strokes: Sequence[Stroke]) -> None:
        """Draw these strokes in place of the old ones, and ask the network again."""
        self.drawn = [points for points in map(_points, strokes) if len(points)]
        self.picture = blocks(bitmap(self.drawn))
        self.probabilities = np.zeros(10)
        if self.drawn:
            answer = self.network.predict(self.picture[None] / 16, verbose=0)
            self.probabilities = np.asarray(answer, float).reshape(10)

    @property
    def strokes(self) -> list[np.ndarray]:
        """The points x, y of each stroke, shape (n, 2)."""
        return [stroke[:, :2] for stroke in self.drawn]

    @property
    def digit(self) -> int | None:
        """The digit with the largest probability; None while nothing is drawn."""
        return int(np.argmax(self.probabilities)) if self.drawn else None

    def report(self) -> str:
        """The answer in one sentence."""
        return NOTHING if self.digit is None else f"The network's answer: {self.digit}"


def scene(model: DigitModel) -> Scene:
    """The strokes, the ten bars, and what the network sees."""
    square = Axis("", 0, 1), Axis("", 1, 0)
    strokes = [np.round(stroke, 3).tolist() for stroke in model.drawn]
    pad = brush(strokes, "strokes", PEN, "pad")
    percent = 100 * model.probabilities
    words = [f"{value:.0f} %" for value in percent] if model.drawn else [""] * 10
    ten = bars(np.arange(10), percent, words, model.digit, "probability of each digit (%)")
    seen = heat(model.picture, (0, 8), (0, 8), 0, 16, "ink of each pixel (0 to 16)", "paper")
    digits = tuple((float(digit), str(digit)) for digit in range(10))
    percents = ((0.0, "0"), (50.0, "50"), (100.0, "100"))
    panels = (
        Panel("Draw a digit", Axis(KEYS, 0, 1), square[1], (pad,), 1.0, bare=True),
        Panel(
            "Its ten probabilities", Axis("probability (%)", 0, 128, percents),
            Axis("digit", 9.6, -0.6, digits), (ten,), 1.0,
        ),
        Panel("What the network sees", Axis("", 0, 8), Axis("", 8, 0), (seen,), 1.0, bare=True),
    )  # fmt: skip
    return Scene(panels, model.report(), 175)


def draw(model: DigitModel) -> Figure:
    """The strokes, the ten bars, and what the network sees."""
    return still(scene(model))


def bitmap(strokes: Sequence[Stroke]) -> np.ndarray:
    """Bring strokes into the box, and draw them with a pen that gives as much ink as in the data.

    Args:
        strokes: each a list of points [x, y] or [x, y, width]; size and place do not matter, and
            of the widths only which part is wider than which.

    Returns:
        bool (32, 32): where there is ink. All False without strokes.
    """
    if not any(len(stroke) for stroke in strokes):
        return np.zeros((SIDE, SIDE), bool)
    start, end, wide = _segments(strokes)
    both = np.concatenate([start, end])
    low, high = both.min(axis=0), both.max(axis=0)
    extent = np.maximum(high - low, 1e-3)
    stretch = _stretch(extent, float(np.linalg.norm(end - start, axis=1).sum()))
    start, end = ((each - (low + high) / 2) * stretch for each in (start, end))
    extent = extent * stretch
    length = float(np.linalg.norm(end - start, axis=1).sum())
    pen = sum(PENS) / 2
    for _ in range(ROUNDS):  # the thicker the pen, the less room is there for its path
        scale = float(np.min((BOX - 2 * pen) / extent))
        wanted = INK / (2 * length * scale + 1.5 * pen)
        pen = float(np.clip((pen + wanted) / 2, *PENS))
    scale = float(np.min((BOX - 2 * pen) / extent))
    return _inked(start * scale, end * scale, pen * wide)


def blocks(inked: np.ndarray) -> np.ndarray:
    """Count the ink in blocks of 4 by 4: bool (32, 32) -> uint8 (8, 8) from 0 to 16."""
    side = SIDE // BLOCK
    counts = inked.reshape(side, BLOCK, side, BLOCK).sum(axis=(1, 3))
    return counts.astype(np.uint8)


def _points(stroke: Stroke) -> np.ndarray:
    """Points x, y and widths, shape (n, 3); what is no number is left out."""
    points = _with_width(stroke)
    points = points[np.isfinite(points).all(axis=1)]
    return np.clip(points, (0, 0, 0.3), (1, 1, 2))


def _with_width(stroke: Stroke) -> np.ndarray:
    if not len(stroke):
        return np.empty((0, 3))
    points = np.asarray(stroke, float)
    if points.shape[1] == 2:
        points = np.column_stack([points, np.ones(len(points))])
    return points


def _stretch(extent: np.ndarray, length: float) -> np.ndarray:
    """How much a narrow digit is widened, and a low one made higher; a mere stroke stays one.

    Of the ratio of the shorter to the longer side its power ``SQUARER`` is left, the smaller power
    for a path with loops (C.-L. Liu et al., "Handwritten digit recognition: investigation of
    normalization and feature extraction techniques", Pattern Recognition 37, 2004).
    """
    ratio = extent.min() / extent.max()
    if ratio < STROKE:
        return np.ones(2)
    power = SQUARER[bool(length > LONG * extent.max())]
    return np.where(extent == extent.min(), ratio ** (power - 1), 1.0)


def _segments(strokes: Sequence[Stroke]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the straight pieces of all strokes start and end, and how wide each is.

    A single point is one piece. The widths have mean 1.
    """
    count = sum(len(stroke) for stroke in strokes)
    every = 1 + count // SEGMENTS
    starts, ends = [], []
    for stroke in strokes:
        points = _with_width(stroke)
        if not len(points):
            continue
        points = np.concatenate([points[:-1:every], points[-1:]])
        starts.append(points[: max(1, len(points) - 1)])
        ends.append(points[min(1, len(points) - 1) :])
    start, end = np.concatenate(starts), np.concatenate(ends)
    wide = (start[:, 2] + end[:, 2]) / 2
    return start[:, :2], end[:, :2], wide / wide.mean()


def _inked(start: np.ndarray, end: np.ndarray, pen: np.ndarray | float) -> np.ndarray:
    """Dots whose centre lies within ``pen`` of a segment; the origin is the middle of the map.

    With a = dot - start, d = end - start and the share t of the way along d where the dot is
    nearest, the squared distance is |a|² - 2 t a·d + t² |d|².
    """
    start, end = start.astype(np.float32), end.astype(np.float32)
    along = end - start
    length2 = np.maximum(np.sum(along**2, axis=1), 1e-9)
    ad = DOTS @ along.T - np.sum(start * along, axis=1)
    a2 = np.sum(DOTS**2, axis=1)[:, None] - 2 * DOTS @ start.T + np.sum(start**2, axis=1)
    share = np.clip(ad / length2, 0, 1)
    distance2 = a2 - share * (2 * ad - share * length2)
    return (distance2 <= np.square(pen)).any(axis=1).reshape(SIDE, SIDE)
