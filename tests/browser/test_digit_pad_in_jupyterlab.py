"""Lesson 00 in a real JupyterLab: a digit drawn with the mouse, then one with the keyboard."""

import contextlib
import json

import numpy as np
import pytest

from dlcore.widgets import digits
from tests.browser import lab, read
from tests.widgets.strokes import DIGITS

pytestmark = lab.marks()

PAD = ".dlcore-sheet"
SAID = "document.querySelector('.dlcore-widget .dlcore-said')?.textContent"
# The page draws each tone of ink as one path of boxes: read the 8 by 8 pixels back from them.
PIXELS = """() => {
  const pixels = Array(64).fill(0);
  const svg = document.querySelector('[data-kind=heat]').ownerSVGElement;
  const side = svg.width.baseVal.value / 8;
  for (const path of document.querySelectorAll('[data-kind=heat] path')) {
    const ink = Math.round(16 * path.getAttribute('fill-opacity'));
    for (const [, x, y] of path.getAttribute('d').matchAll(/M([\\d.]+) ([\\d.]+)/g)) {
      pixels[8 * Math.round(y / side) + Math.round(x / side)] = ink;
    }
  }
  return pixels;
}"""


@pytest.fixture
def page(tmp_path):
    with lab.lesson(0, tmp_path) as page:
        yield page


def answer_becomes(page, digit, timeout=30_000):
    page.wait_for_function(f'{SAID} === "The network\'s answer: {digit}"', timeout=timeout)


def draw(page, strokes):
    read.middle(page, PAD)
    box = page.locator(PAD).bounding_box()
    for stroke in strokes:
        at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*at[0])
        page.mouse.down()
        for point in at[1:]:
            page.mouse.move(*point, steps=3)
        page.mouse.up()


def draw_until_read(page, strokes, digit):
    """Draw it; once more if the page moved under the mouse, as it may on a busy machine."""
    from playwright.sync_api import TimeoutError as Late

    for _ in range(2):
        draw(page, strokes)
        with contextlib.suppress(Late):
            return answer_becomes(page, digit, timeout=10_000)
        page.locator("[data-control=clear]").click()
    draw(page, strokes)
    answer_becomes(page, digit)


def test_what_is_drawn_moves_the_bars(page):
    pad = page.locator(PAD)
    pad.scroll_into_view_if_needed()
    page.wait_for_function(f"{SAID} === {json.dumps(digits.NOTHING)}")
    for digit in (3, 7):
        strokes = next(strokes for label, strokes in DIGITS if label == digit)
        draw_until_read(page, strokes, digit)
        page.wait_for_timeout(500)
        expected = digits.blocks(digits.bitmap(strokes)).ravel()
        shown = np.array(page.evaluate(PIXELS))
        assert np.abs(shown - expected).max() <= 3, "the page shows what the model sees"
        page.locator("[data-control=clear]").click()
        page.wait_for_function(f"{SAID} === {json.dumps(digits.NOTHING)}")
        assert page.locator(f"{PAD} .dlcore-pen").count() == 0
    pad.focus()
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowDown")
    answer_becomes(page, 1)
    page.keyboard.press("Backspace")
    page.wait_for_function(f"{SAID} === {json.dumps(digits.NOTHING)}")
