"""Lesson 01 in a real JupyterLab: run all, press an arrow key on a slider, see the picture move."""

import pytest

from tests.browser import lab

pytestmark = lab.marks()

BENCH = ".dlcore-bench"
PICTURE = f"{BENCH} img.widget-image"
SOURCE = f"document.querySelector('{PICTURE}').src"


@pytest.fixture
def page(tmp_path):
    with lab.lesson(1, tmp_path) as page:
        yield page


def test_a_key_on_the_slider_moves_the_picture(page):
    page.locator(BENCH).scroll_into_view_if_needed()
    page.wait_for_function(f"document.querySelector('{PICTURE}')?.naturalWidth > 0")
    before, said = page.evaluate(SOURCE), page.locator(f"{BENCH} [role=status]").inner_text()
    page.locator(f"{BENCH} .widget-slider .noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{SOURCE} !== {before!r}")
    assert page.locator(f"{BENCH} .widget-readout").first.inner_text() == "0.05"
    assert page.locator(f"{BENCH} [role=status]").inner_text() != said
    assert page.evaluate(f"document.querySelector('{PICTURE}').naturalWidth") > 600
    assert (
        page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count()
        == 0
    )
