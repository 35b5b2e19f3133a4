"""Lesson 00 in a real JupyterLab: a digit drawn with the mouse, then one with the keyboard."""

import contextlib

import pytest

from tests.browser import lab
from tests.widgets.strokes import DIGITS

pytestmark = lab.marks()

PAD = ".dlcore-pad-surface"
TOP = ".dlcore-pad-top .dlcore-pad-digit"


@pytest.fixture
def page(tmp_path):
    with lab.lesson(0, tmp_path) as page:
        yield page


def top_becomes(page, digit, timeout=30_000):
    reads = f"document.querySelector('{TOP}')?.textContent === '{digit}'"
    page.wait_for_function(reads, timeout=timeout)


def still(page):
    """Wait until the page above the pad has stopped growing, and bring the pad into sight."""
    box = None
    while box != (box := page.locator(PAD).bounding_box()) or box is None:
        page.locator(PAD).scroll_into_view_if_needed()
        page.wait_for_timeout(700)


def draw(page, strokes):
    still(page)
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
            return top_becomes(page, digit, timeout=10_000)
        page.locator(".dlcore-pad-clear").click()
    draw(page, strokes)
    top_becomes(page, digit)


def test_what_is_drawn_moves_the_bars(page):
    pad = page.locator(PAD)
    pad.scroll_into_view_if_needed()
    assert page.locator(TOP).count() == 0
    for digit in (3, 7):
        draw_until_read(page, next(strokes for label, strokes in DIGITS if label == digit), digit)
        page.locator(".dlcore-pad-clear").click()
        page.wait_for_function(f"!document.querySelector('{TOP}')")
    pad.focus()
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowDown")
    top_becomes(page, 1)
