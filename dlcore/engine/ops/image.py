"""Images seen through a transformation."""

from __future__ import annotations

from typing import Any

from dlcore.backends import compute
from dlcore.engine.tensor import Tensor, TensorLike, convert_to_tensor, floating, result

INTERPOLATIONS = ("bilinear", "nearest")
FILL_MODES = ("reflect", "wrap", "constant", "nearest")


def affine_transform(
    images: TensorLike,
    transform: TensorLike,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Tensor:
    """Images rotated, translated, stretched or flipped.

    The row `a0, a1, a2, b0, b1, b2` of an image says what is seen at column x and row y: the point
    `(a0 x + a1 y + a2, b0 x + b1 y + b2)` of the image. The gradient goes to the images, not
    to the transformation.

    Args:
        images: shape (n, height, width, channels).
        transform: shape (n, 6): the rows of Keras without the two zeros at their end.
        interpolation: "bilinear" weighs the four pixels around the point, "nearest" takes one.
        fill_mode: what lies beyond the edge: the image reflected ("reflect"), repeated ("wrap"),
            its last pixel ("nearest") or `fill_value` ("constant", the default).
        fill_value: default 0.

    Raises:
        ValueError: for another interpolation or fill mode, or shapes that do not fit.
    """
    for value, known, what in (
        (interpolation, INTERPOLATIONS, "interpolation"),
        (fill_mode, FILL_MODES, "fill_mode"),
    ):
        if value not in known:
            raise ValueError(f"{what} is one of {', '.join(known)}, not {value!r}.")
    x = floating(images)
    rows = convert_to_tensor(transform, x.dtype).data
    if x.ndim != 4 or rows.shape != (len(x), 6):
        raise ValueError(
            "affine_transform takes images of shape (n, height, width, channels) and a transform "
            f"of shape (n, 6), but was given {x.shape} and {rows.shape}."
        )
    how: dict[str, Any] = {
        "interpolation": interpolation,
        "fill_mode": fill_mode,
        "fill_value": float(fill_value),
    }
    y = compute("affine_sample", x.data, rows, **how)
    return result(y, [x], lambda dy: [compute("affine_sample_grad", dy, rows, **how)])
