"""The ten outlines of shapes10, each as a signed distance.

An outline is a function (u, v) -> d. u points right and v down, both of any one shape, in units of
the drawing's radius; d is negative inside, zero on the edge and positive outside, and near an edge
it is the distance from it. A union of two outlines is their minimum, an intersection their
maximum, and `max(d, -e)` cuts e out of d (J. C. Hart, "Sphere tracing", The Visual Computer 12,
1996, section 3).
"""

from collections.abc import Callable

import numpy as np

Outline = Callable[[np.ndarray, np.ndarray], np.ndarray]


def circle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A disc."""
    return np.hypot(u, v) - 0.84


def square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A square on its side."""
    return _box(u, v, 0.74, 0.74)


def triangle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A triangle with three equal sides, one corner up."""
    u, v = np.abs(u), v - 0.2
    slanted = np.sqrt(0.75, dtype=u.dtype) * u - 0.5 * v
    return np.maximum(slanted, v) - 0.54


def star(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A star with five points, one of them up."""
    fifth = 2 * np.pi / 5
    angle = np.arctan2(u, -v)
    # All ten half points are one, seen from the nearest tip.
    angle = np.abs(angle - fifth * np.round(angle / fifth))
    radius = np.hypot(u, v)
    tip, notch = 1.06, 0.47
    dx, dy = notch * np.cos(fifth / 2) - tip, notch * np.sin(fifth / 2)
    return ((radius * np.cos(angle) - tip) * -dy + radius * np.sin(angle) * dx) / -np.hypot(dx, dy)


def cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A plus sign."""
    return np.minimum(_box(u, v, 0.9, 0.3), _box(u, v, 0.3, 0.9))


def ring(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A disc with a round hole."""
    return np.abs(np.hypot(u, v) - 0.68) - 0.22


def heart(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A square on its corner, with half a disc on each of its upper sides."""
    half = 0.54
    v = v - 0.12
    u, step = np.abs(u), half / np.sqrt(2, dtype=u.dtype)
    diamond = (u + np.abs(v)) / np.sqrt(2, dtype=u.dtype) - half
    return np.minimum(diamond, np.hypot(u - step, v + step) - half)


def moon(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A disc out of which another has been cut, up and to the right."""
    return np.maximum(np.hypot(u, v) - 0.92, 0.74 - np.hypot(u - 0.42, v + 0.22))


def arrow(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """An arrow that points right."""
    head = np.maximum((np.abs(v) + u - 0.98) / np.sqrt(2, dtype=u.dtype), 0.12 - u)
    return np.minimum(head, _box(u + 0.38, v, 0.58, 0.24))


def hourglass(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Two triangles that touch with a corner."""
    u, v = np.abs(u), np.abs(v)
    return np.maximum((u - 0.86 * v - 0.07) / np.hypot(1, 0.86), v - 0.86)


def _box(u: np.ndarray, v: np.ndarray, half_width: float, half_height: float) -> np.ndarray:
    return np.maximum(np.abs(u) - half_width, np.abs(v) - half_height)


OUTLINES: tuple[Outline, ...] = (
    circle, square, triangle, star, cross, ring, heart, moon, arrow, hourglass,
)  # fmt: skip
