"""A small class from its folder to its pages."""

import csv
import io
import re

import pytest

from dlcore.command import cli
from dlcore.course.grading import child, grade, judging, outputs
from dlcore.course.grading.marks import page_names
from tests.course.grading.classroom import answer, exercises, notebook, stub

EXERCISES = exercises(("04",))
WRONG = EXERCISES[0].wrong[0]
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A class of six: right, blank, wrong, hostile, strange, and one whose notebook is damaged."""
    place = tmp_path_factory.mktemp("school") / "class"
    relu = EXERCISES[0]
    students = {
        "Ada": [answer(e) for e in EXERCISES],
        "Bo": [stub(e) for e in EXERCISES],
        "Cy": [answer(relu, WRONG.function)] + [answer(e) for e in EXERCISES[1:]],
        "Eve": [f"def relu(x):\n    # {SCRIPT}\n    raise ValueError('{SCRIPT}')",
                "def tanh(x):\n    import os\n    os._exit(0)", answer(EXERCISES[1])],
        "=1+1<b>\x1b[2J": [answer(relu)],
    }  # fmt: skip
    for name, cells in students.items():
        (place / name).mkdir(parents=True)
        (place / name / "work.ipynb").write_text(notebook(*cells), encoding="utf-8")
    (place / "Zed.ipynb").write_text("{")
    return place


@pytest.fixture(scope="module")
def marked(folder):
    """The folder of the results."""
    assert grade.grade(folder) == 0
    return folder.with_name("class-marks")


def rows(out):
    return list(csv.DictReader(io.StringIO((out / "details.csv").read_text(encoding="utf-8"))))


def status(out, student):
    return {row["exercise"]: row["status"] for row in rows(out) if row["student"] == student}


def test_the_marks(marked):
    assert set(status(marked, "Ada").values()) == {"right"}
    assert set(status(marked, "Bo").values()) == {"not attempted"}
    assert set(status(marked, "Zed").values()) == {"not read"}
    assert status(marked, "Cy") == {e.id: "right" for e in EXERCISES} | {"04.relu": "wrong"}
    relu = next(r for r in rows(marked) if (r["student"], r["exercise"]) == ("Cy", "04.relu"))
    assert (relu["points"], relu["mistake"]) == ("0", WRONG.sentence)


def test_an_attack_costs_and_gives_nothing_in_another_exercise(marked):
    assert status(marked, "Eve") == {
        "04.relu": "wrong",
        "04.relu_grad": "right",
        "04.tanh": "refused",
        "04.tanh_grad": "missing",
        "04.leaky_relu": "missing",
    }


def test_a_page_has_the_sentence_and_the_smallest_case(marked):
    page = (marked / "students" / "Cy.html").read_text(encoding="utf-8")
    assert WRONG.sentence in page
    assert "4 of 5 points" in page
    assert ">expected <" in page


def test_no_page_holds_what_a_submission_put_in(marked):
    pages = [*marked.glob("*.html"), *marked.glob("students/*.html")]
    assert len(pages) == 7
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "<b>\x1b" not in text
        assert "\x1b" not in text
        assert "default-src 'none'" in text
        assert not re.search(r"(src|href)=\"(https?:)?//", text)
    eve = (marked / "students" / "Eve.html").read_text(encoding="utf-8")
    assert eve.count("&lt;script&gt;") >= 2


def test_no_cell_of_the_table_is_a_formula(marked):
    strange = [row["student"] for row in rows(marked) if "1+1" in row["student"]]
    assert strange
    assert all(name.startswith("'=") for name in strange)
    assert "\x1b" not in (marked / "class.txt").read_text(encoding="utf-8")


def test_the_commonest_mistakes_are_listed(marked):
    text = " ".join((marked / "class.txt").read_text(encoding="utf-8").split())
    assert f"1 04.relu {WRONG.sentence}" in text
    assert WRONG.sentence in (marked / "class.html").read_text(encoding="utf-8")
    assert "Refused something, look at: Eve." in text


def test_a_second_run_gives_the_same_bytes_and_leaves_other_files(folder, marked):
    (marked / "students" / "notes.txt").write_text("mine")
    before = {p: p.read_bytes() for p in marked.rglob("*") if p.is_file()}
    assert grade.grade(folder, marked, jobs=1) == 0
    assert {p: p.read_bytes() for p in marked.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("name", ["marks.csv", "details.csv", "class.html", "students/Ada.html"])
def test_a_file_of_another_hand_is_not_overwritten(folder, tmp_path, name):
    (tmp_path / "students").mkdir()
    (tmp_path / name).write_text("mine")
    with pytest.raises(grade.GradeError, match="not of an earlier marking"):
        grade.grade(folder, tmp_path)
    assert (tmp_path / name).read_text() == "mine"


def test_an_interruption_leaves_what_was_finished(folder, tmp_path, monkeypatch):
    write, finished = outputs.write_student, []

    def interrupted(out, student, rules):
        write(out, student, rules)
        finished.append(student.page)
        if len(finished) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(outputs, "write_student", interrupted)
    assert grade.grade(folder, tmp_path, jobs=1) == grade.INTERRUPTED
    assert sorted(p.name for p in (tmp_path / "students").iterdir()) == sorted(finished)
    assert len({row["student"] for row in rows(tmp_path)}) == 1
    assert "It was interrupted: 1 of 6 students." in (tmp_path / "class.txt").read_text("utf-8")
    assert not child._alive


def test_what_cannot_be_marked_is_said_and_no_learner_is_blamed(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(judging, "mark", lambda *a, **k: 1 / 0)
    grade.grade(folder, tmp_path)
    assert status(tmp_path, "Ada") == {e.id: "not marked" for e in EXERCISES}


def test_a_machine_that_can_start_nothing_is_said_at_once(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(child, "BOOT", "raise SystemExit(3)")
    with pytest.raises(grade.GradeError, match="No submission can be tried"):
        grade.grade(folder, tmp_path)


def test_a_weak_system_is_named(monkeypatch):
    bare = child.Limits(layers=())
    monkeypatch.setattr(child, "Limits", lambda: bare)
    (remark,) = grade.limits_here()
    assert "cannot limit which files a submission reads" in remark


def test_the_command(folder, tmp_path, capsys):
    assert cli.main(["grade", str(folder), "--out", str(tmp_path), "--lessons", "01"]) == 0
    assert {row["exercise"][:2] for row in rows(tmp_path)} == {"01"}
    assert cli.main(["grade", str(folder), "--out", str(tmp_path), "--lessons", "77"]) == 1
    assert "no exercises of a lesson '77'" in capsys.readouterr().err
    assert cli.main(["grade", str(tmp_path / "nowhere")]) == 1
    assert "There is no folder" in capsys.readouterr().err


def test_pages_have_names_that_fit_every_file_system():
    names = ["Ada", "ada", "../../etc/passwd", "", "Éve", "a/b"]
    pages = page_names(names)
    assert pages[:2] == ["Ada.html", "ada-2.html"]
    assert len({page.lower() for page in pages}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+\.html", page) for page in pages)
