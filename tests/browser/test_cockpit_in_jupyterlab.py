"""Lesson 08 in a real JupyterLab: the cockpit steps, plays, pauses, rewinds and looks back."""

import os
from pathlib import Path

import pytest

from tests.browser import lab, read

pytestmark = lab.marks()

COCKPIT = ".dlcore-widget"
SAID = f"document.querySelector('{COCKPIT} .dlcore-said').textContent"


@pytest.fixture
def page(tmp_path):
    with lab.lesson(8, tmp_path) as page:
        read.middle(page, f"{COCKPIT} [data-control=step]")
        yield page


def press(page, name):
    said = page.evaluate(SAID)
    page.locator(f"{COCKPIT} [data-control={name}]").click()
    page.wait_for_function(f"{SAID} !== {said!r}")


def keep(page, name):
    """A picture of the widget, for who wants to look at it: DLCORE_SCREENSHOTS names a folder."""
    folder = os.environ.get("DLCORE_SCREENSHOTS")
    if folder:
        page.locator(COCKPIT).screenshot(path=Path(folder) / f"cockpit-{name}.png")


def test_the_cockpit_steps_plays_pauses_rewinds_and_looks_back(page):
    start, first = page.evaluate(SAID), read.panels(page)
    keep(page, "fresh")
    assert "0 whole epochs and 0 of 105 batches" in start
    press(page, "step")
    assert "0 whole epochs and 1 of 105 batches" in page.evaluate(SAID)

    player = page.locator(f"{COCKPIT} [data-control=tick]")
    player.click()
    assert player.inner_text() == "Pause"
    page.wait_for_function(f"parseInt({SAID}) >= 4", timeout=60_000)
    player.click()
    page.wait_for_timeout(2000)
    paused = page.evaluate(SAID)
    page.wait_for_timeout(1500)
    assert page.evaluate(SAID) == paused and player.inner_text() == "Play"
    keep(page, "trained")
    assert read.panels(page)[2]["marks"]["all rows"].shape[0] >= 5

    page.locator(f"{COCKPIT} [data-control=mode]").nth(1).check()
    page.wait_for_function(f"{SAID}.startsWith('forward')")
    found = page.locator(f"{COCKPIT} [data-control=found]")
    assert found.input_value() == "0"
    titles = page.locator(f"{COCKPIT} .dlcore-title").all_inner_texts()
    assert len(titles) == 13 and sum("not found yet" in title for title in titles) == 6
    found.press("ArrowRight")
    page.wait_for_function(f"{SAID}.includes('backward, from the right: dy;')")
    keep(page, "backprop")
    page.locator(f"{COCKPIT} [data-control=mode]").nth(0).check()
    page.wait_for_function(f"{SAID} === {paused!r}")

    press(page, "rewind")
    page.wait_for_function(f"{SAID} === {start!r}")
    again = read.panels(page)
    assert [panel["title"] for panel in again] == [panel["title"] for panel in first]
    errors = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
    assert page.locator(errors).count() == 0
    assert page.locator(f"{COCKPIT} .dlcore-trouble").inner_text() == ""


def test_own_data_with_decimal_commas_are_pasted(page):
    page.locator(f"{COCKPIT} summary", has_text="Your own data").click()
    rows = [f"{i},5;{(i * 7) % 11},25;{'big' if i > 9 else 'small'}" for i in range(20)]
    page.locator(f"{COCKPIT} [data-control=table]").fill("\n".join(["a;b;kind", *rows]))
    page.locator(f"{COCKPIT} [data-control=take]").click()
    page.wait_for_function(
        f"document.querySelector('{COCKPIT} .dlcore-note').textContent.startsWith('20 rows')"
    )
    options = page.locator(f"{COCKPIT} [data-control=across] option").all_inner_texts()
    assert options == ["a", "b"]
    assert page.locator(f"{COCKPIT} details[open]").count() == 1, "the drawer stays open"
