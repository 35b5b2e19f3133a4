"""Every lesson keeps the contract, and each of its rules notices a lesson that does not."""

import copy

import pytest

from dlcore.course import lesson_map, notebooks
from tests.lessons.rules import names_used, permitted, problems

WRITTEN = lesson_map.written()


@pytest.mark.parametrize("lesson", WRITTEN, ids=lambda lesson: lesson.slug)
def test_a_lesson_keeps_the_contract(lesson):
    assert problems(lesson, notebooks.read(lesson.path)) == []


def test_every_notebook_is_on_the_map():
    assert [lesson.path for lesson in WRITTEN] == notebooks.find([])


def code(notebook, text):
    return next(c for c in notebook.cells if c.cell_type == "code" and text in c.source)


def prose(notebook, text):
    return next(c for c in notebook.cells if c.cell_type == "markdown" and text in c.source)


def replace(text, new):
    def change(notebook):
        cell = prose(notebook, text)
        cell.source = cell.source.replace(text, new)

    return change


def append(text, line):
    def change(notebook):
        code(notebook, text).source += f"\n{line}"

    return change


def strip(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def drop_text_of_picture(notebook):
    for output in code(notebook, "report(penguin").outputs:
        output.get("data", {}).pop("text/plain", None)


def drop_alternative_text(notebook):
    for output in code(notebook, "report(penguin").outputs:
        output.get("metadata", {}).get("image/png", {}).pop("alt", None)


def fatten(notebook):
    for output in code(notebook, "report(penguin").outputs:
        if "image/png" in output.get("data", {}):
            output.data["image/png"] += 500_000 * "A"


VIOLATIONS = {
    "headings": replace("## Predict", "## Guess"),
    "the heading": replace("# 01 · One linear neuron", "# 01 · A neuron"),
    "minutes": replace("About 35 minutes", "About 3 minutes"),
    "folded answers": replace("<details>", "<div>"),
    "Next": replace("**Next.**", "Later:"),
    "exclamation": replace("mood", "mood!"),
    "emoji": replace("mood", "mood \N{PENGUIN}"),
    "simply": replace("mood", "mood, simply"),
    "lines": append("search_path(", "x = 1\n" * 8),
    "prints and draws": append("neuron_bench", "report(\n" * 6 + ")" * 6),
    "draws by itself": append("neuron_bench", "import matplotlib.pyplot as plt"),
    "cells": lambda notebook: notebook.cells.extend(notebook.cells[:1]),
    "ids": lambda notebook: notebook.cells[3].update(id="abc"),
    "exercises": lambda notebook: [
        c.update(source=c.source.replace("@exercise", "@other"))
        for c in notebook.cells
        if "01.dense" in c.source or "01.mse" in c.source
    ],
    "not executed": strip,
    "has no output": lambda notebook: code(notebook, "report(").update(outputs=[]),
    "picture without its text": drop_text_of_picture,
    "without alternative text": drop_alternative_text,
    "kB are more than": fatten,
    "relu before its turn": append("neuron_bench", "from dlcore.backends.numpy import relu"),
    "layers.Dense before its turn": append("neuron_bench", "import dlcore; dlcore.layers.Dense(1)"),
}


@pytest.mark.parametrize("what", VIOLATIONS)
def test_each_rule_notices(what):
    lesson = lesson_map.LESSONS[1]
    notebook = copy.deepcopy(notebooks.read(lesson.path))
    VIOLATIONS[what](notebook)
    found = problems(lesson, notebook)
    assert any(what in problem for problem in found), found


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("from dlcore.plots import show\nshow(1)", {"plots.show"}),
        ("from dlcore import plots as p\np.show(1)", {"plots.show"}),
        ("import dlcore\ndlcore.layers.Dense(2)", {"layers.Dense"}),
        ("import dlcore.layers as l\nl.Dense(2)", {"layers.Dense"}),
        ("from dlcore import losses\nlosses.Huber()(t, y)", {"losses.Huber"}),
        ("compute('relu_grad', dy, y)", {"relu_grad"}),
        ("y = tanh(x)", {"tanh"}),
        ("from dlcore.datasets import penguins\npenguins.load_data()",
         {"datasets.penguins.load_data"}),
        ("import numpy as np\nnp.tanh(x); layers = 3", set()),
    ],
)  # fmt: skip
def test_names_are_found_however_they_are_imported(text, used):
    assert names_used(text) == used


def test_a_module_on_the_map_stands_for_all_in_it():
    lesson = lesson_map.LESSONS[1]
    allowed = permitted(lesson, {"datasets.penguins.load_data", "datasets.credit.load_data"})
    assert allowed == {"datasets.penguins.load_data"}
