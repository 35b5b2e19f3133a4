"""Lesson 01 in a real JupyterLab: a key, a drag, and the page shows what the still figure shows."""

import numpy as np
import pytest

from dlcore.datasets import penguins
from dlcore.plots import neuron_on_bowl
from dlcore.widgets import NeuronModel, neuron
from tests.browser import lab, read

pytestmark = lab.marks()

WIDGET = ".dlcore-widget"
SLIDER = f"{WIDGET} [data-control=w]"
SAID = f"document.querySelector('{WIDGET} .dlcore-said').textContent"


@pytest.fixture
def page(tmp_path):
    with lab.lesson(1, tmp_path) as page:
        page.locator(WIDGET).scroll_into_view_if_needed()
        yield page


def model(**values):
    table = penguins.load_data(raw=True)
    known = ~np.isnan(table["body_mass_g"])
    x = (table["flipper_length_mm"][known][:, None] - 200) / 10
    t = table["body_mass_g"][known][:, None] / 1000
    made = NeuronModel(x[::12], t[::12])
    made.update(**values)
    return made


def same_as_the_figure(page, **values):
    """The page, the widget's still figure and the lesson's own figure show the same."""
    expected = model(**values)
    left, right = read.panels(page)
    ours, lessons = neuron.draw(expected), neuron_on_bowl(expected.x, expected.t, **values)
    for figure in (ours, lessons):
        one, two = figure.axes
        assert left["title"] == one.get_title(loc="left").replace("-", "\N{MINUS SIGN}")
        assert right["title"] == two.get_title(loc="left")
    lines = {line.get_label(): line.get_xydata() for line in ours.axes[0].lines}
    for name in ("penguin, t", "neuron, y = x w + b"):
        np.testing.assert_allclose(left["marks"][name], lines[name], atol=0.02, err_msg=name)
    misses = {c.get_label(): c for c in ours.axes[0].collections}["miss, y \N{MINUS SIGN} t"]
    ends = np.concatenate(misses.get_segments())
    np.testing.assert_allclose(left["marks"]["miss, y \N{MINUS SIGN} t"], ends, atol=0.02)
    (theirs,) = [e for e in lessons.axes[0].lines if e.get_label().startswith("neuron")]
    np.testing.assert_allclose(left["marks"]["neuron, y = x w + b"], theirs.get_xydata(), atol=0.02)
    (dot,) = [line for line in lessons.axes[1].lines if line.get_label() == "now"]
    np.testing.assert_allclose(right["marks"]["now; drag it"], dot.get_xydata(), atol=0.02)


def test_keys_and_a_drag_move_the_picture_and_it_agrees_with_the_figure(page):
    said = page.evaluate(SAID)
    same_as_the_figure(page, w=0.0, b=3.0)
    page.locator(SLIDER).press("ArrowRight")
    page.wait_for_function(f"{SAID} !== {said!r}")
    assert page.locator(f"{WIDGET} .dlcore-value").first.inner_text() == "0.05"
    same_as_the_figure(page, w=0.05, b=3.0)

    said = page.evaluate(SAID)
    x, y = read.middle(page, f"{WIDGET} [data-kind=handle] .dlcore-hit", 2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 50, steps=8)
    page.mouse.up()
    page.wait_for_function(f"{SAID} !== {said!r}")
    page.wait_for_timeout(700)
    w, b = (float(each) for each in page.locator(f"{WIDGET} .dlcore-value").all_inner_texts())
    assert w > 0.2 and b > 3.3
    same_as_the_figure(page, w=w, b=b)

    page.locator(f"{WIDGET} [data-control=again]").click()
    page.wait_for_function(f"{SAID}.startsWith('mean loss 2.87')")
    errors = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
    assert page.locator(errors).count() == 0
    assert page.locator(f"{WIDGET} .dlcore-trouble").inner_text() == ""


def test_the_still_picture_steps_back_where_the_widget_moves(page):
    cell = page.locator(".jp-OutputArea", has=page.locator(WIDGET))
    stills = cell.locator(".jp-OutputArea-child", has=page.locator("img"))
    assert stills.count() == 1
    page.wait_for_function(
        f"""() => document.querySelector('{WIDGET}').closest('.jp-OutputArea')
            .querySelector('img').closest('.jp-OutputArea-child').offsetHeight === 0"""
    )
