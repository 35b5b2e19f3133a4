"""The cards say of every collected wrong answer what was written down for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dlcore.course.guesses import slips
from dlcore.course.registry import registry
from tests.course.wrong_answers import VERDICTS, counts, judged, read, verdict_of

ANSWERS = read()


@pytest.mark.parametrize("number", range(1, len(ANSWERS) + 1))
def test_a_collected_answer_gets_its_sentence(number, monkeypatch):
    answer = ANSWERS[number - 1]
    monkeypatch.setattr(slips, "SECONDS", 60.0)  # the same sentence on a busy machine
    assert answer["verdict"] in VERDICTS and answer["first"] in VERDICTS
    verdict = verdict_of(answer, number)
    # A sentence that is there may still say only what differs: that a person tells.
    allowed = {"own": ("own",), "general": ("own", "general"), "right": ("right",)}
    if answer["verdict"] != "false":
        assert judged(verdict) in allowed[answer["verdict"]], verdict.sentence
    assert verdict.mistake == answer["says"]


def test_the_answers_are_of_exercises_and_different():
    known = {exercise.id for exercise in registry().all()}
    assert {answer["exercise"] for answer in ANSWERS} <= known
    texts = [(a["exercise"], "".join(a["code"].split())) for a in ANSWERS]
    assert len(set(texts)) == len(texts)


def test_no_card_says_something_false_now():
    assert counts(ANSWERS, "verdict").get("false", 0) == 0


def test_answers_without_a_verdict_are_shown_and_written(tmp_path):
    file = tmp_path / "new.toml"
    file.write_text(
        '[[answer]]\nexercise = "04.relu"\nmistake = "no floor"\n'
        "code = '''\ndef relu(x):\n    return abs(x)\n'''\n"
    )

    def run(*more):
        command = [sys.executable, "-m", "tests.course.wrong_answers", f"--file={file}", *more]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "WRONG  04.relu" in run() and read(file)[0].get("verdict") is None
    run("--write")
    (answer,) = read(file)
    assert (answer["first"], answer["verdict"]) == ("own", "own")
    assert answer["says"].startswith("This is the absolute value")
