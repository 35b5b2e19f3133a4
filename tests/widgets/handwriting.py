"""The digits of ``handwriting.txt``: 240 of them, 24 of each, in the parts a, b and c."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcore import layers, models, utils
from dlcore.datasets import digits8
from dlcore.widgets import DigitModel, digit_copies

FILE = Path(__file__).with_name("handwriting.txt")


@dataclass(frozen=True)
class Written:
    """One digit: which it is, its part, its manner, and strokes as the pad has them."""

    digit: int
    part: str
    manner: str
    strokes: list[list[list[float]]]


def written(parts: str = "abc") -> list[Written]:
    """The digits of some parts, or of all."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    found = [_read(line) for line in lines if line and not line.startswith("#")]
    return [each for each in found if each.part in parts]


def network(seed: int, copies: int = 50, epochs: int = 15) -> Any:
    """The network under the pad; with seed 0 that of lesson 00."""
    (x, t), _ = digits8.load_data()
    x_more, t_more = digit_copies(x, t, copies, seed=seed)
    utils.set_random_seed(seed)
    made = models.Sequential(
        [
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    made.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    made.fit(x_more / 16, t_more, batch_size=128, epochs=epochs, verbose=0)
    return made


def right(network: Any, digits: list[Written]) -> np.ndarray:
    """For each digit, whether the network reads it as it came through the pad."""
    return np.array([DigitModel(network, each.strokes).digit == each.digit for each in digits])


def _read(line: str) -> Written:
    head, _, tail = line.partition(";")
    digit, part, manner = head.split(" ", 2)
    strokes = []
    for stroke in tail.split("|"):
        width, _, points = stroke.partition(":")
        strokes.append([[*_point(point), float(width)] for point in points.split()])
    return Written(int(digit), part, manner, strokes)


def _point(text: str) -> list[float]:
    return [int(number) / 100 for number in text.split(",")]
