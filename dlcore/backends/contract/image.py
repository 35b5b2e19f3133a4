"""Declarations: pictures seen through a transformation."""

from dlcore.backends.contract.kernel import declare

_MEANING = (
    "the point (i', j') = (b0 j + b1 i + b2, a0 j + a1 i + a2) of the picture, with its row "
    "a0, a1, a2, b0, b1, b2 of matrices: interpolated between four pixels (bilinear) or that of "
    "the nearest; beyond the edge the picture is reflected, repeated (wrap), continued (nearest) "
    "or has fill_value (constant)"
)

declare(
    "affine_sample",
    "x[n,h,w,c], matrices[n,6] -> y[n,h,w,c]",
    f"y at row i and column j is {_MEANING}",
    interpolation="bilinear",
    fill_mode="constant",
    fill_value=0.0,
)
declare(
    "affine_sample_grad",
    "dy[n,h,w,c], matrices[n,6] -> dx[n,h,w,c]",
    "dx = the sum of dy over all places that saw the pixel, times the share in which they did",
    interpolation="bilinear",
    fill_mode="constant",
    fill_value=0.0,
)
