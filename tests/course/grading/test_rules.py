"""Points by the teacher's rules, and a sentence for a rule that cannot be."""

import datetime

import pytest

from dlcore.course.grading import rules
from dlcore.course.registry import registry
from dlcore.course.verdict import Verdict

EXERCISES = registry().all()


def load(tmp_path, text):
    path = tmp_path / "grading.toml"
    path.write_text(text, encoding="utf-8")
    return rules.load(path, EXERCISES)


def found(kind="numbers", status="wrong", mistake=""):
    return Verdict("04.relu", "", status, kind, "", mistake)


def exercise(id):
    return registry().find(id)


def test_without_a_file_each_exercise_is_one_point(tmp_path):
    usual = rules.load(tmp_path / "nowhere", EXERCISES)
    assert {usual.worth(e) for e in EXERCISES} == {1}
    assert usual.earned(EXERCISES[0], found("right", "right")) == 1
    assert usual.earned(EXERCISES[0], found()) == 0
    assert usual.lost(True, 3) == 0


def test_points_by_level_exercise_and_lesson(tmp_path):
    own = load(
        tmp_path,
        'points = 2\n[levels]\nstretch = 5\n[exercises]\n"04.relu" = 3\n[weights]\n"04" = 0.5\n',
    )
    assert own.worth(exercise("01.trial_step")) == 5
    assert own.worth(exercise("04.relu")) == 1.5
    assert own.worth(exercise("04.tanh")) == 1.0


def test_partial_credit_is_for_what_was_tried(tmp_path):
    own = load(tmp_path, "[partial]\nwrong = 0.25\nmistake = 0.5\nshape = 0.4\n")
    earned = [
        own.earned(exercise("04.relu"), each)
        for each in (
            found(), found("shape"), found(mistake="It is |x|."), found("refused"), found("failed"),
            found("missing", "not attempted"), found("stub", "not attempted"),
        )
    ]  # fmt: skip
    assert earned == [0.25, 0.4, 0.5, 0, 0, 0, 0]


def test_late_work(tmp_path):
    own = load(
        tmp_path,
        "[late]\ndue = 2026-11-01T12:00:00\nper_day = 0.1\nflat = 0.2\nmost = 0.35\n",
    )
    due = datetime.datetime(2026, 11, 1, 12).timestamp()
    assert [own.days_late([due + s]) for s in (-5, 0, 1, 86400, 86401)] == [0, 0, 1, 1, 2]
    assert [own.lost(True, days) for days in (0, 1, 2, 9)] == [0.2, 0.1, 0.2, 0.35]
    assert own.lost(False, 0) == 0


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("x", "no TOML"), ("pionts = 3", "pionts is not known"), ("points = -1", "points is -1"),
        ("[levels]\nhard = 2", r"hard in \[levels\] is not known; there are easy"),
        ('[exercises]\n"04.rulu" = 2', "04.rulu"), ("[partial]\nwrong = 2", "a share from 0 to 1"),
        ("[late]\ndue = 3", "write 2027"), ("points = true", "a number from 0"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_named(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        load(tmp_path, text)
