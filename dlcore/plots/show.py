"""From a figure to the page: the picture and its text, as one output."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from dlcore.plots.describe import describe

DPI = 150  # dots an inch in the file; the page shows 96, so that the picture is sharp


def png(figure: Figure, dpi: int = DPI) -> bytes:
    """The figure as a PNG file, the same bytes for the same figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def show(figure: Figure) -> None:
    """Display a figure in a notebook, with the text of ``describe``; elsewhere print that text."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    text = describe(figure)
    if get_ipython() is None:
        print(text)
        return
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    display(
        {"image/png": png(figure), "text/plain": text},
        metadata={"image/png": {"width": width, "height": height}},
        raw=True,
    )
