"""All widgets in a real JupyterLab: narrow pages, themes, keyboard, less motion, no kernel."""

import json
import os
from pathlib import Path

import nbformat
import numpy as np
import pytest

from dlcore.widgets.shell import STILL
from tests.browser import lab, read

pytestmark = lab.marks()

NAMES = (
    "neuron", "hinges", "pad", "descent", "cockpit", "shapes", "tape", "deciding", "belief",
    "race",
    "signals",
    "memory",
    "ladder",
    "painter",
    "route",
    "errors",
    "features",
    "threads",
)  # fmt: skip
CODE = {
    "neuron": """
import numpy as np
from dlcore.widgets import (
    descent_bench, digit_pad, hinge_builder, neuron_bench, training_cockpit
)
x = np.linspace(-2, 3, 24)[:, None]
neuron_bench(x, 0.5 * x + 4 + 0.3 * np.sin(9 * x))""",
    "hinges": "hinge_builder(2 * x + 4, 10 + 3 * x)",
    "pad": """
class Network:
    def predict(self, x, verbose):
        return np.exp(x[:, 3, :].sum()) ** -np.linspace(0, 1, 10)[None] / 3
digit_pad(Network())""",
    "descent": "descent_bench(x, 0.5 * x + 4)",
    "cockpit": "training_cockpit()",
    "shapes": """
from dlcore.widgets import ShapeModel, shape_tracer
shape_tracer(ShapeModel(rows=512, units=(64, 64, 64)))  # as wide as words can be""",
    "tape": """
from dlcore.widgets import TapeModel, backprop_tape
model = TapeModel(units=3, bend="tanh")  # as many numbers as there can be
model.go(len(model.steps))
backprop_tape(model)""",
    "deciding": """
from dlcore.widgets import deciding_bench
deciding_bench(np.concatenate([x, np.cos(5 * x)], axis=1), (x > np.sin(3 * x)).astype(float))""",
    "belief": """
from dlcore.widgets import belief_bench
belief_bench(np.full((2, 8, 8), 7.0), np.linspace(-6, 6, 20).reshape(2, 10), np.array([3, 9]))""",
    "race": """
from dlcore.widgets import race_bench
race_bench()""",
    "signals": """
from dlcore.widgets import signal_strip
bench = signal_strip(np.random.default_rng(0).normal(size=(40, 64)))
bench.model.update(depth=50, start="std 0.01")  # as many columns, and as many powers of ten
bench""",
    "memory": """
from dlcore.widgets import memory_bench
rows, classes = np.random.default_rng(0).uniform(size=(1000, 6)), np.arange(1000) % 10
memory_bench(rows, classes, rows[:40], classes[:40])""",
    "ladder": """
from dlcore.widgets import LadderModel, ladder_bench
ladders = LadderModel()
ladders.update(power=8, cold=1)  # the longest bars
ladder_bench(ladders)""",
    "painter": """
from dlcore.datasets import photos
from dlcore.widgets import kernel_painter
painter = kernel_painter(photos.load_data())
painter.model.update(size=5, padding="same", preset="sharpen")  # the most and longest numbers
painter""",
    "route": """
from dlcore.widgets import RouteModel, route_bench
routes = route_bench(np.random.default_rng(0).uniform(size=(50, 8, 8)))
routes.model.update(stack="conv, pool, conv, pool")  # as many maps, and a field beyond the edge
routes""",
    "errors": """
from dlcore.widgets import error_browser
class Random:
    def predict(self, x, verbose):
        logits = x.reshape(len(x), -1) @ np.random.default_rng(1).normal(size=(784, 10))
        y = np.exp(0.3 * logits)
        return y / y.sum(axis=1, keepdims=True)
pictures = np.random.default_rng(2).uniform(size=(900, 28, 28, 1))
errors = error_browser(Random(), pictures, np.arange(900) % 10)
errors.take({"right": -6, "down": 6, "turn": -45, "cover": 14})  # all there is, and as long
errors""",
    "features": """
from dlcore.course import pictures
from dlcore.widgets import feature_viewer
drawn = np.random.default_rng(0).uniform(-1, 1, (12, 32, 32, 3))
bench = feature_viewer({"wide": pictures.RECIPES["wider"].model()}, drawn)
bench.model.update(stage="relu 3", filter=127)  # as many maps as there can be
bench""",
    "threads": """
from dlcore.widgets import thread_bench
grid = thread_bench()
grid.model.update(kernel="tiled matmul", first=False)  # all panels, and the longest sentence
grid""",
}
# What sticks out of the page or of the widget, is too small to read, or too small to hit.
FAULTS = """(at) => {
  const found = [], widget = document.querySelectorAll('.dlcore-widget')[at];
  const name = (e) => `${e.localName}.${e.className.baseVal ?? e.className}`;
  const scrolls = [document.scrollingElement, ...document.querySelectorAll(
    '.jp-WindowedPanel-outer, .jp-OutputArea-output, .dlcore-widget')];
  for (const e of scrolls) {
    if (e.clientWidth && e.scrollWidth > e.clientWidth + 1) found.push(`${name(e)} scrolls`);
  }
  const edge = widget.getBoundingClientRect().right + 2;
  for (const e of widget.querySelectorAll('*')) {
    const box = e.getBoundingClientRect();
    if (!box.width || e.closest('.dlcore-plot') || e.closest('.dlcore-spoken')) continue;
    if (box.right > edge) found.push(`${name(e)} sticks out`);
    const has = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (has && parseFloat(getComputedStyle(e).fontSize) < 11) found.push(`${name(e)} is small`);
    if (e.matches('button, select, summary, textarea, [type=range], .dlcore-hit, .dlcore-option')
        && Math.min(box.width, box.height) < 24) found.push(`${name(e)} is hard to hit`);
  }
  return found;
}"""
# Contrast of each piece of text with the ground of the widget.
CONTRAST = """(at) => {
  const widget = document.querySelectorAll('.dlcore-widget')[at];
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(widget).backgroundColor);
  const worst = [...widget.querySelectorAll('*')].filter((e) =>
    [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())).map((e) => {
      const style = getComputedStyle(e);
      const text = light(e.ownerSVGElement ? style.fill : style.color);
      return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    });
  return Math.min(...worst);
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("everywhere")
    (folder / "course").mkdir()
    cells = [nbformat.v4.new_code_cell(CODE[name].strip()) for name in NAMES]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "course" / "all.ipynb")
    with (
        lab.server(folder / "course", folder / "private", folder / "log") as server,
        lab.page() as opened,
    ):
        lab.run_all(opened, server.url("all.ipynb"))
        opened.evaluate("window.jupyterapp.shell.collapseLeft()")
        there = f"document.querySelectorAll('.dlcore-widget').length === {len(NAMES)}"
        opened.wait_for_function(there)
        yield opened


def theme(page, name):
    chosen = f"'apputils:change-theme', {{theme: '{name}'}}"
    page.evaluate(f"window.jupyterapp.commands.execute({chosen})")
    page.wait_for_function(f"document.body.dataset.jpThemeName === '{name}'")
    page.wait_for_timeout(1000)


def seen(page, at):
    widget = page.locator(".dlcore-widget").nth(at)
    widget.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    return widget


@pytest.mark.parametrize("name", ["JupyterLab Light", "JupyterLab Dark"])
def test_at_every_width_in_every_theme(page, name):
    theme(page, name)
    # 640 by 450 is also what a window of 1280 by 900 leaves at 200 % zoom.
    for width, height in ((1280, 900), (900, 900), (640, 450)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(600)
        for at, widget in enumerate(NAMES):
            shown = seen(page, at)
            if os.environ.get("DLCORE_SCREENSHOTS"):
                folder = Path(os.environ["DLCORE_SCREENSHOTS"])
                shown.screenshot(path=folder / f"{widget}-{width}-{name.split()[1].lower()}.png")
            assert page.evaluate(FAULTS, at) == [], (widget, width)
            assert page.evaluate(CONTRAST, at) >= 4.5, (widget, width)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_beside_an_open_file_browser_the_bars_of_the_pad_stand_beside_its_sheet(page):
    page.set_viewport_size({"width": 640, "height": 900})
    page.evaluate("window.jupyterapp.commands.execute('filebrowser:activate')")
    page.wait_for_timeout(1000)
    widget = seen(page, NAMES.index("pad"))
    sheet, bars = (
        widget.locator(".dlcore-panel").nth(i).locator("svg.dlcore-picture").bounding_box()
        for i in (0, 1)
    )
    assert sheet["x"] + sheet["width"] < bars["x"] and sheet["width"] > 100
    assert abs(sheet["y"] - bars["y"]) < 60
    words = widget.locator(".dlcore-frame").nth(1).locator("text[text-anchor=end]")
    tops = [words.nth(i).bounding_box()["y"] for i in range(10)]
    assert all(below - above >= 14 for above, below in zip(tops, tops[1:], strict=False))
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_timeout(600)


def test_everything_is_reached_by_the_keyboard_with_the_focus_in_sight(page):
    for at, name in enumerate(NAMES):
        widget = seen(page, at)
        controls = widget.locator("button, select, input, summary, .dlcore-sheet")
        shown = [i for i in range(controls.count()) if controls.nth(i).is_visible()]
        controls.nth(shown[0]).focus()
        page.keyboard.press("Shift+Tab")
        met, names = 0, []
        # JupyterLab may put a stop or two of its own before the widget's first.
        for _ in range(len(shown) + 2):
            page.keyboard.press("Tab")
            now = page.evaluate(
                f"""() => {{
                    const e = document.activeElement, style = getComputedStyle(e);
                    const widget = document.querySelectorAll('.dlcore-widget')[{at}];
                    const name = e.getAttribute('aria-label') ?? e.closest('label')?.textContent
                        ?? e.textContent;
                    return [widget.contains(e), style.outlineStyle, style.outlineWidth, name];
                }}"""
            )
            if now[0]:
                met += 1
                names.append(now[3])
                assert now[1] == "solid" and float(now[2][:-2]) >= 2, (name, now)
        radios = widget.locator("[type=radio]").count()
        assert met >= len(shown) - max(0, radios - 1), (name, met, len(shown))
        assert all(each.strip() for each in names)


def test_there_is_text_for_who_does_not_see_the_picture(page):
    for at in range(len(NAMES)):
        widget = seen(page, at)
        pictures = widget.locator("svg.dlcore-picture")
        for i in range(pictures.count()):
            assert pictures.nth(i).get_attribute("role") in ("img", "application")
            assert pictures.nth(i).get_attribute("aria-label")
        words = widget.locator(".dlcore-words pre").text_content()
        assert words.startswith("Picture 1 of") and len(words.splitlines()) > 4
        assert widget.locator("[role=status].dlcore-said").inner_text()


def test_play_takes_one_tick_a_press_where_less_motion_is_asked_for(page):
    page.emulate_media(reduced_motion="reduce")
    widget = seen(page, NAMES.index("cockpit"))
    player = widget.locator("[data-control=tick]")
    page.wait_for_timeout(300)
    assert player.inner_text() == "Play one tick"
    said = widget.locator(".dlcore-said")
    player.click()
    page.wait_for_timeout(2500)
    assert said.inner_text().startswith("1 whole epoch and")
    player.click()
    page.wait_for_timeout(2500)
    assert said.inner_text().startswith("2 whole epochs and")
    page.emulate_media(reduced_motion="no-preference")


def test_a_finger_drags_as_a_mouse_does(page):
    widget = seen(page, 0)
    before = widget.locator(".dlcore-said").inner_text()
    x, y = read.middle(page, ".dlcore-widget [data-kind=handle] .dlcore-hit", 2)
    touch = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + 20, "y": y - 15}]),
        ("touchMove", [{"x": x + 50, "y": y - 40}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(150)
    page.wait_for_timeout(800)
    assert widget.locator(".dlcore-said").inner_text() != before


def test_a_step_puts_the_ball_where_the_arrow_pointed(page):
    widget = seen(page, NAMES.index("descent"))

    def picture():
        (found,) = [each["marks"] for each in read.panels(page) if "ball" in each["marks"]]
        return found

    before = picture()
    start, tip = before["next step, against the slope"]
    np.testing.assert_allclose(before["ball"], [start], atol=0.03)
    assert np.linalg.norm(tip - start) > 0.3
    widget.locator("[data-control=step]").press("Space")
    page.wait_for_timeout(800)
    np.testing.assert_allclose(picture()["ball"], [tip], atol=0.03)


def test_a_window_is_dragged_and_a_kernel_painted_by_mouse_and_keys(page):
    widget = seen(page, NAMES.index("painter"))
    fields, said = widget.locator(".dlcore-field"), widget.locator(".dlcore-said")
    titles = widget.locator(".dlcore-title")
    assert fields.count() == 3
    photo = fields.nth(0).bounding_box()
    page.mouse.move(photo["x"] + 0.5 * photo["width"], photo["y"] + 0.4 * photo["height"])
    page.mouse.down()
    page.mouse.move(photo["x"] + 0.6 * photo["width"], photo["y"] + 0.4 * photo["height"], steps=6)
    page.mouse.up()
    page.wait_for_timeout(600)
    dragged = titles.nth(3).inner_text()
    page.mouse.move(photo["x"] + 0.2 * photo["width"], photo["y"] + 0.2 * photo["height"])
    fields.nth(0).focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_timeout(600)
    column, after = (int(text.rpartition(" ")[2]) for text in (dragged, titles.nth(3).inner_text()))
    assert 100 < column < 160 and after == column - 10  # the hand without a button moved nothing
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    for name in ("ArrowRight", "Space", "+"):
        page.keyboard.press(name)
    page.wait_for_timeout(600)
    assert titles.nth(2).inner_text() == "weights: painted"
    assert said.inner_text().startswith("sum of the kernel 2.10")  # 1 of sharpen, 1 and 0.1 painted


def test_a_cell_is_chosen_by_mouse_and_keys_until_there_is_none_to_choose(page):
    widget = seen(page, NAMES.index("route"))
    field, said = widget.locator(".dlcore-field"), widget.locator(".dlcore-spoken")
    assert field.count() == 1 and "Enter" not in field.get_attribute("aria-label")
    field.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    box, row = field.bounding_box(), widget.locator("input[data-control=row]")
    column = widget.locator("input[data-control=column]")
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    page.wait_for_timeout(600)
    assert [float(each.input_value()) for each in (row, column)] == [0, 1]  # a map of 2 by 2
    for name in ("ArrowDown", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(name)
    page.wait_for_timeout(600)
    assert [float(each.input_value()) for each in (row, column)] == [1, 0]
    assert said.inner_text() == "row 1, column 0"
    widget.get_by_text("every cell", exact=True).click()
    page.wait_for_timeout(600)
    assert field.count() == 0 and widget.locator("svg[tabindex]").count() == 0
    widget.get_by_text("the chosen cell", exact=True).click()
    page.wait_for_timeout(600)
    assert field.count() == 1 and field.get_attribute("role") == "application"


def test_of_the_pictures_below_each_other_one_is_chosen_by_keys(page):
    widget = seen(page, NAMES.index("errors"))
    matrix, pictures = (widget.locator(".dlcore-field").nth(i) for i in (0, 1))
    chosen, called = (widget.locator(f"[data-control={n}]") for n in ("chosen", "column"))
    pictures.focus()
    for name in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(name)
    page.wait_for_timeout(800)
    assert float(chosen.input_value()) == 6
    before = called.input_value()
    page.keyboard.press("Enter")  # back to the matrix, the first of the two
    assert matrix.evaluate("(e) => e === document.activeElement")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(800)
    assert called.input_value() != before


def test_without_a_kernel_the_page_says_so_over_a_still_picture(page):
    """The still picture is what a file keeps; the widget on the page says that nobody answers."""
    outputs = page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
            .filter((cell) => cell.model.type === 'code')
            .map((cell) => cell.model.outputs.toJSON())"""
    )
    for shown in outputs:
        still, widget = shown[-2:]
        assert set(still["data"]) == {"image/png", "text/plain"}
        assert STILL in "".join(still["data"]["text/plain"])
        assert still["metadata"]["image/png"]["alt"] == "".join(still["data"]["text/plain"])
        assert "application/vnd.jupyter.widget-view+json" in widget["data"]
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.wait_for_timeout(1500)
    widget = seen(page, 0)
    if widget.count():  # some versions take the widget away with its kernel
        widget.locator("[data-control=w]").press("ArrowRight")
        page.wait_for_function(
            "document.querySelector('.dlcore-widget .dlcore-trouble').textContent.includes("
            + json.dumps("run this cell again")
            + ")"
        )
