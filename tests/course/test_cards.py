"""The cards: escaped, the same every time, readable without colours; and the board."""

from __future__ import annotations

import html.parser
import re

import numpy as np
import pytest

from dlcore.backends import numpy as kernels
from dlcore.course import board, cards, check, progress_file
from dlcore.course.highlight import highlight
from dlcore.course.verdict import number, numbers, shown
from tests.course import samples

VOID = {"br", "hr", "img", "wbr"}


class Balance(html.parser.HTMLParser):
    """Collects the tags and the visible text; an unclosed tag fails."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], set(), ""

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open += [tag] if tag not in VOID else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(text):
    page = Balance()
    page.feed(text)
    page.close()
    assert page.open == []
    assert "script" not in page.tags and "style" not in page.tags
    return page


def verdict_of(function, exercise=samples.RELU, **more):
    return check(exercise, function, **more).to_dict()


def stub(x): ...


def raises(x):
    raise ValueError("<script>alert(1)</script> & more")


@pytest.mark.parametrize(
    "function, word",
    [(stub, "Not attempted"), (kernels.relu, "Right"), (np.abs, "Wrong"), (raises, "Wrong")],
)
def test_the_status_is_written_in_words_and_in_both_forms(function, word):
    verdict = verdict_of(function)
    text, page = cards.verdict_text(verdict), read(cards.verdict_html(verdict))
    assert text.startswith(word.upper()) and word in page.text
    for line in (verdict["sentence"], "Bending the line", "04.relu", *verdict["notes"]):
        assert line in page.text
        assert " ".join(line.split()) in " ".join(text.split())
    assert re.search(r"var\(--jp-[a-z0-9-]+, ", cards.verdict_html(verdict))


def test_what_a_learner_wrote_is_escaped():
    page = cards.verdict_html(verdict_of(raises))
    assert "<script>" not in page and "&lt;script&gt;alert(1)" in page
    bold = samples.Exercise(**{**vars(samples.RELU), "title": "<b>"})
    for made in (
        cards.hint_html("04.relu", 1, 3, "<b>"),
        cards.solution_html("04.relu", "<b>", "x = '<b>' < 3\n", "<b>"),
        cards.note_html("04.relu", "<b>"),
        board.board_html([], ["<i>"]),
        board.board_html(board.rows([bold], progress_file.Progress(), {})),
    ):
        assert "<b>" not in made and "<i>" not in made
        read(made)


def test_a_wrong_card_shows_input_yours_and_expected():
    verdict = verdict_of(np.abs)
    page = read(cards.verdict_html(verdict))
    text = cards.verdict_text(verdict)
    assert "input x  (shape (2, 2), float32)" in text
    assert "yours y" in text and "expected y" in text
    for word in ("input ", "yours ", "expected "):
        assert word in page.text
    for side in ("inputs", "yours", "expected"):
        assert verdict["case"][side][0]["text"] in page.text


def test_results_that_are_right_are_left_out_of_the_case():
    verdict = verdict_of(samples.mean_bias, samples.DENSE_GRAD)
    assert [each["name"] for each in verdict["case"]["expected"]] == ["db"]
    assert [each["name"] for each in verdict["case"]["yours"]] == ["db"]
    assert [each["name"] for each in verdict["case"]["inputs"]] == ["dz", "x", "w"]


def test_an_input_of_the_name_of_a_right_result_stays():
    exercise = samples.Exercise(
        id="09.momentum_update",
        title="Momentum",
        level="core",
        minutes=5,
        answer=kernels.momentum_update,
        draw=lambda rng, size: (*(rng.normal(size=size) for _ in range(3)), 0.1),
        hints=samples.HINTS,
        wrong=(
            samples.WrongAnswer(lambda w, v, dw, r: (w, v), "a"),
            samples.WrongAnswer(lambda w, v, dw, r: (v, w), "b"),
        ),
    )
    right = kernels.momentum_update
    verdict = verdict_of(lambda w, v, dw, r: (right(w, v, dw, r)[0], v), exercise)
    assert [each["name"] for each in verdict["case"]["inputs"]][:2] == ["w", "v"]
    assert [each["name"] for each in verdict["case"]["yours"]] == ["v"]


def test_a_result_of_the_wrong_kind_is_shown_too():
    verdict = verdict_of(lambda dz, x, w: 3.5, samples.DENSE_GRAD)
    page = read(cards.verdict_html(verdict))
    assert "returned" in page.text and "3.5" in page.text


def test_numbers_are_short_and_aligned():
    assert [number(v) for v in (1.0, -0.0, 1 / 3, 1e-9, 123456.0, 7, True, np.float32(0.1))] == [
        "1",
        "0",
        "0.3333",
        "1e-09",
        "1.235e+05",
        "7",
        "True",
        "0.1",
    ]
    assert number(np.nan) == "nan" and number(-np.inf) == "-inf"
    assert numbers(np.array([[1, -2.5], [10, 0]])) == "[[   1 -2.5]\n [  10    0]]"
    assert numbers(np.zeros((0, 3))) == "[]"
    long = numbers(np.arange(10000.0).reshape(100, 100))
    assert len(long.splitlines()) <= 8 and "..." in long


def test_values_of_other_kinds_are_shown():
    assert shown("x", 0.25).text == "0.25"
    assert shown("f", np.abs).text == "absolute"
    assert len(shown("s", "long " * 100).text) == 200
    assert shown("n", None).text == "None"


def test_code_keeps_its_text_under_the_colours():
    import inspect

    for function in (kernels.softmax, kernels.random_uniform, highlight):
        code = inspect.getsource(function)
        assert read(f"<pre>{highlight(code)}</pre>").text == code
    assert "keyword-color" in highlight("def f():\n    return 1\n")
    assert highlight("x = (") == "x = ("


def test_the_board_counts_what_was_done(course):
    def change(progress):
        progress.record("01.dense").reach("right")
        progress.record("01.dense").forms = ["a", "b"]
        progress.record("01.dense").serving = 1
        progress.record("02.dense_grad").reach("wrong")
        progress.record("02.dense_grad").hints = 2
        progress.record("04.relu").solution_seen = True

    now = progress_file.update(change)
    lessons = board.rows(samples.EXERCISES, now, {"dense": 1234, "relu": 1})
    assert [lesson["summary"] for lesson in lessons] == [
        "1 of 1 right",
        "0 of 1 right, about 10 min to go",
        "0 of 2 right, about 15 min to go",
    ]
    entries = {e["exercise"]: e for lesson in lessons for e in lesson["exercises"]}
    assert entries["01.dense"]["state"] == "right"
    assert entries["01.dense"]["forms"] == "2, form 1 serves"
    assert entries["01.dense"]["in the engine"] == "1,234 calls"
    assert entries["02.dense_grad"]["hints"] == "2 of 3"
    assert entries["04.relu"]["state"] == "solution seen"
    assert entries["04.relu"]["in the engine"] == "1 call"
    assert entries["04.slope"]["in the engine"] == "-"
    text, page = board.board_text(lessons), read(board.board_html(lessons))
    for entry in entries.values():
        for value in entry.values():
            assert value in text and value in page.text
    assert len({line.index("core") for line in text.splitlines() if "core" in line}) == 1
    assert text == board.board_text(lessons)


def test_an_empty_board_says_so():
    assert board.board_text([]) == "There are no exercises."
    assert "There are no exercises." in board.board_html([])


def test_what_stands_between_backticks_is_code():
    page = cards.note_html("04.relu", "`dense` < `a & b` and a ` alone")
    assert page.count("<code") == 2 and ">a &amp; b</code>" in page
    assert read(page).text.endswith("dense < a & b and a ` alone")
