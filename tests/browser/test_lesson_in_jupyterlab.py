"""Lesson 01 in a real JupyterLab: run all, press an arrow key on a slider, see the picture move."""

import importlib.util

import pytest

from dlcore.course import lesson_map
from tests.browser import lab

REASON = None
if importlib.util.find_spec("playwright") is None:
    REASON = "Playwright is not installed: pip install playwright"
elif lab.chromium() is None:
    REASON = "Chromium is not installed: apt-get install chromium"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(REASON is not None, reason=str(REASON)),
]

BENCH = ".dlcore-bench"
PICTURE = f"{BENCH} img.widget-image"
SOURCE = f"document.querySelector('{PICTURE}').src"


@pytest.fixture
def page(tmp_path):
    lesson = next(lesson for lesson in lesson_map.LESSONS if lesson.number == 1)
    root, private = tmp_path / "course", tmp_path / "private"
    root.mkdir()
    (root / lesson.file).write_bytes(lesson.path.read_bytes())
    with lab.server(root, private, tmp_path / "log") as server, lab.page() as page:
        lab.run_all(page, server.url(lesson.file))
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
