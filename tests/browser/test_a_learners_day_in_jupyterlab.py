"""A learner's folder in a real JupyterLab: clean, saved unchanged, with a card for what is missing.

Unlike the other browser tests this one starts the server as ``dlcore learn`` does, with its kernel.
"""

import json

import pytest

from dlcore.command import jupyter
from dlcore.command.learn import hand_out
from tests.browser import lab

pytestmark = lab.marks()

LESSON = "01_one_linear_neuron.ipynb"


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    hand_out(folder)
    return folder


@pytest.fixture
def page(course):
    server = jupyter.Server(course, 8930)
    with server, lab.page(height=1400) as page:
        server.wait_until_ready()
        page.goto(server.access.address(LESSON) + "&reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=90_000)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
        yield page


def cell(page, text):
    return page.locator(".jp-CodeCell").filter(has_text=text).first


def select(page, text):
    chosen = cell(page, text)
    chosen.scroll_into_view_if_needed()
    chosen.locator(".jp-InputArea-editor .cm-line").last.click()
    return chosen


def test_it_is_clean_saved_unchanged_and_helps_after_a_restart(page, course):
    file = course / LESSON
    handed_out = file.read_bytes()
    assert page.locator(".jp-CodeCell .jp-OutputArea-output").count() == 0
    page.keyboard.press("Control+s")
    page.wait_for_timeout(3000)
    assert file.read_bytes() == handed_out

    exercise = select(page, '@exercise("01.dense")')
    page.keyboard.press("Control+Enter")
    exercise.get_by_text("is made in a cell of this lesson").wait_for(timeout=60_000)

    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Above Selected Cell", exact=True).click()
    cell(page, "flippers_and_masses").get_by_text("mean mass").wait_for(timeout=60_000)
    select(page, '@exercise("01.dense")')
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("return x @ w")
    page.keyboard.press("Control+Enter")
    exercise.get_by_text("The bias b is not added").wait_for(timeout=60_000)
    progress = course / ".dlcore" / "progress.json"
    assert json.loads(progress.read_text())["exercises"]["01.dense"]["hints"] == 0

    button = exercise.locator("button.widget-button")
    button.click()
    exercise.get_by_text("Take one row of x and one column of w.").wait_for(timeout=30_000)
    assert button.inner_text() == "Hint 2 of 3"
    assert json.loads(progress.read_text())["exercises"]["01.dense"]["hints"] == 1
