"""From a figure to the page: the picture and its text, as one output."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from dlcore.plots.describe import describe

DPI = 150  # dots an inch in the file; the page shows 96, so that the picture is sharp
SEEN = 96  # dots an inch on the page
COLOURS = 256  # of a file; a figure has few, and each costs one byte a dot in place of four


def png(figure: Figure, dpi: int = DPI) -> bytes:
    """The figure as a small PNG file, the same bytes for the same figure."""
    from PIL import Image  # matplotlib needs it too

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi)
    picture = Image.open(drawn).convert("RGB")
    few = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(small, "png", optimize=True)
    return small.getvalue()


def picture_of(figure: Figure, text: str, dpi: int = DPI) -> tuple[dict, dict]:
    """The figure as data and metadata of an output of a notebook.

    The text stands beside the picture, where nothing is drawn and for who compares, and in it as
    its alternative text, which a page reads out to who does not see the picture.

    Args:
        figure: what is shown.
        text: what it shows, in words.
        dpi: dots an inch in the file.
    """
    width, height = (round(SEEN * inches) for inches in figure.get_size_inches())
    data = {"image/png": png(figure, dpi), "text/plain": text}
    return data, {"image/png": {"width": width, "height": height, "alt": text}}


def show(figure: Figure) -> None:
    """Display a figure in a notebook, with the text of ``describe``; elsewhere print that text."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    text = describe(figure)
    if get_ipython() is None:
        print(text)
        return
    data, metadata = picture_of(figure, text)
    display(data, metadata=metadata, raw=True)
