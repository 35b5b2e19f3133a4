"""Lesson 08 in a real JupyterLab: the cockpit steps, plays, pauses, rewinds and looks back."""

import os
from pathlib import Path

import pytest

from tests.browser import lab

pytestmark = lab.marks()

COCKPIT = ".dlcore-cockpit"
SOURCE = f"document.querySelector('{COCKPIT} img.widget-image')?.src"
STATUS = f"document.querySelector('{COCKPIT} [role=status]')?.textContent"


@pytest.fixture
def page(tmp_path):
    with lab.lesson(8, tmp_path) as page:
        page.locator(COCKPIT).scroll_into_view_if_needed()
        page.wait_for_function(
            f"document.querySelector('{COCKPIT} img.widget-image')?.naturalWidth > 900"
        )
        yield page


def press(page, name):
    before = page.evaluate(SOURCE)
    page.locator(f"{COCKPIT} button").filter(has_text=name).first.click()
    page.wait_for_function(f"{SOURCE} !== {before!r}")


def keep(page, name):
    """A picture of the widget, for who wants to look at it: DLCORE_SCREENSHOTS names a folder."""
    folder = os.environ.get("DLCORE_SCREENSHOTS")
    if folder:
        page.locator(COCKPIT).screenshot(path=Path(folder) / f"cockpit-{name}.png")


def test_the_cockpit_steps_plays_pauses_rewinds_and_looks_back(page):
    page.wait_for_function(f"{STATUS}?.includes('batches')")
    start = page.evaluate(STATUS)
    keep(page, "fresh")
    assert "0 whole epochs and 0 of 105 batches" in start
    press(page, "Step")
    assert "0 whole epochs and 1 of 105 batches" in page.evaluate(STATUS)

    player = page.locator(f"{COCKPIT} .widget-play button")
    player.nth(0).click()
    page.wait_for_function(f"parseInt({STATUS}) >= 4", timeout=60_000)
    player.nth(0).click()
    page.wait_for_timeout(2500)
    paused = page.evaluate(STATUS)
    page.wait_for_timeout(1500)
    assert page.evaluate(STATUS) == paused
    keep(page, "trained")

    before = page.evaluate(SOURCE)
    page.locator(f"{COCKPIT} .widget-toggle-button").nth(1).click()
    page.wait_for_function(f"{SOURCE} !== {before!r}")
    keep(page, "backprop")

    press(page, "Rewind")
    page.wait_for_function(f"{STATUS} === {start!r}")
    errors = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
    assert page.locator(errors).count() == 0
