"""Nobody who handed something in is missing from the tables, whatever it was."""

import csv
import json
import os
import stat
import zipfile

import pytest

from dlcore.command import cli
from dlcore.course.grading import child, grade, judging, marking, outputs, unpacking
from tests.course.grading.classroom import answer, exercises, notebook

RELU = exercises(("04",))[0]
RIGHT = notebook(answer(RELU))


def write(path, text=RIGHT, time=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if time is not None:
        os.utime(path, (time, time))


def table(out, name="details.csv"):
    with open(out / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def relu(out):
    return {row["student"]: row for row in table(out) if row["exercise"] == "04.relu"}


def test_each_way_of_handing_in_has_its_status_and_its_reason(tmp_path, capsys):
    folder = tmp_path / "class"
    old = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": []}]}
    long = notebook(*["x = 1"] * 2001, answer(RELU))
    write(folder / "Ada" / "04.ipynb")
    for name, text in {
        "Bo/work.pdf": "%PDF",
        "Cy/work.py": "x = 1",
        "Dan/work.zip": b"PK",
        "Eve/link.url": "x",
        "Fay/04.ipynb": RIGHT[:200],
        "Gus/04.ipynb": "",
        "Hal/04.ipynb": json.dumps(old),
        "Ida/04.ipynb": long,
        "Kim/04.ipynb": "[]",
        "Lee/.DS_Store": "x",
        "Max.docx": "x",
        "README.txt": "not a student",
        "grading.toml": "points = 1",
    }.items():
        write(folder / name, text)
    (folder / "Nia").mkdir()
    try:
        (folder / "Ole").mkdir()
        (folder / "Ole" / "04.ipynb").symlink_to(folder / "Ada" / "04.ipynb")
    except OSError:
        (folder / "Ole" / "04.ipynb.txt").write_text("no links here")
    assert grade.grade(folder, jobs=1) == 0
    found = relu(folder.with_name("class-marks"))
    said = {name: (row["status"], row["found"]) for name, row in found.items()}
    assert said.pop("Ada")[0] == "right"
    assert said.pop("Lee") == said.pop("Nia") == ("nothing handed in", "Nothing was handed in.")
    assert {status for status, _ in said.values()} == {"not read"}
    words = {"Bo": "only work.pdf", "Cy": "only work.py", "Dan": "only work.zip",
             "Eve": "only link.url", "Fay": "damaged", "Gus": "the file is empty",
             "Hal": "nbformat 3", "Ida": "too many cells", "Kim": "no list of cells",
             "Max": "only Max.docx", "Ole": "04.ipynb"}  # fmt: skip
    assert set(said) == set(words)
    for name, part in words.items():
        assert part in said[name][1], name
    top = capsys.readouterr().out
    assert "of 14 students handed in what can be read." in top
    assert "2 handed in nothing: Lee, Nia." in top


def test_an_export_of_moodle_as_a_zip_with_a_roster(tmp_path, capsys):
    path, roster = tmp_path / "export.zip", tmp_path / "roster.csv"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("Mara Müller_11_assignsubmission_file_/04.ipynb", RIGHT)
        file.writestr("李娜_12_assignsubmission_file_/练习.ipynb", RIGHT)
        file.writestr("Eve_13_assignsubmission_file_/../../x.ipynb", RIGHT)
        file.writestr("Stranger_14_assignsubmission_file_/a.ipynb", RIGHT)
    roster.write_text(
        "Identifier,Full name\nParticipant 11,Mara Müller\nParticipant 12,李娜\n"
        "Participant 13,Eve\nParticipant 15,Zoe\n", encoding="utf-8",
    )  # fmt: skip
    assert cli.main(["grade", str(path), "--roster", str(roster), "--jobs", "1"]) == 0
    found = relu(tmp_path / "export-marks")
    assert {name: row["status"] for name, row in found.items()} == {
        "Eve": "nothing handed in", "Mara Müller": "right", "Stranger": "right",
        "Zoe": "nothing handed in", "李娜": "right",
    }  # fmt: skip
    said = " ".join(capsys.readouterr().out.split())
    assert "Not in the roster: Stranger." in said
    assert "its name leads out of the folder" in said
    wide = {row["student"]: row for row in table(tmp_path / "export-marks", "marks.csv")}
    assert wide["Mara Müller"]["id"] == "Participant 11"
    assert wide["Zoe"]["handed in"] == "nothing handed in"
    assert wide["李娜"]["04.relu"] == "1"


def test_the_last_of_several_hand_ins_counts_and_the_others_are_listed(tmp_path):
    folder = tmp_path / "class"
    wrong = notebook(answer(RELU, RELU.wrong[0].function))
    write(folder / "mullermara_11_500_04.ipynb", wrong, 2_000)
    write(folder / "mullermara_11_600_04-1.ipynb", RIGHT, 1_000)
    write(folder / "noor" / "04.ipynb", RIGHT, 1_000)
    write(folder / "noor" / "04 (1).ipynb", wrong, 1_000)
    write(folder / "zoe" / "a.ipynb", wrong, 2_000)
    write(folder / "zoe" / "b.ipynb", RIGHT, 1_000)
    grade.grade(folder, jobs=1)
    out = folder.with_name("class-marks")
    assert {name: row["status"] for name, row in relu(out).items()} == {
        "mullermara": "right", "noor": "wrong", "zoe": "wrong",
    }  # fmt: skip
    page = (out / "students" / "zoe.html").read_text(encoding="utf-8")
    assert "b.ipynb was handed in before a.ipynb; the last one counts." in page


def test_late_work_points_partial_credit_and_the_teachers_word(tmp_path):
    folder, out = tmp_path / "class", tmp_path / "out"
    write(folder / "mara_LATE_11_1_04.ipynb")
    write(folder / "noor" / "04.ipynb", notebook(answer(RELU, RELU.wrong[0].function)))
    rules = '[exercises]\n"04.relu" = 4\n[partial]\nmistake = 0.5\n[late]\nflat = 0.25\n'
    write(folder / "grading.toml", rules)
    grade.grade(folder, out, jobs=1)

    def wide():
        return {row["student"]: row for row in table(out, "marks.csv")}

    assert (wide()["mara"]["04.relu"], wide()["mara"]["total"], wide()["mara"]["late"]) == (
        "4", "3", "late")  # fmt: skip
    assert wide()["noor"]["total"] == "2"
    assert wide()["noor"]["of"] == "8"
    own = (
        'student,exercise,points,comment\nnoor,04.relu,3.5,"Good idea <b>, =1+1"\n'
        "11,,2,Late by my fault\nnobody,,1,x\nnoor,04.relu,many,\n"
    )
    write(out / "overrules.csv", own)
    for _ in range(2):
        grade.grade(folder, out, jobs=1)
        assert (out / "overrules.csv").read_text(encoding="utf-8") == own
        assert wide()["noor"]["total"] == "3.5"
        assert (wide()["mara"]["total"], wide()["mara"]["comment"]) == ("2", "Late by my fault")
        page = (out / "students" / "noor.html").read_text(encoding="utf-8")
        assert "3.5 points. Good idea &lt;b&gt;, =1+1" in page
        said = " ".join((out / "class.txt").read_text(encoding="utf-8").split())
        assert "a student 'nobody', who is not in this class" in said
        assert "line 5: 'many' is no number of points" in said


def test_a_rule_that_is_not_known_ends_before_anything_is_tried(tmp_path):
    write(tmp_path / "class" / "mara.ipynb")
    write(tmp_path / "class" / "grading.toml", "pionts = 2")
    with pytest.raises(grade.GradeError, match="pionts is not known"):
        grade.grade(tmp_path / "class")


def test_equal_answers_are_a_question(tmp_path):
    folder, out = tmp_path / "class", tmp_path / "class-marks"
    text = (
        '@exercise("04.relu")\ndef relu(x):\n    y = np.zeros_like(x)\n'
        "    for n in range(x.shape[0]):\n        for k in range(x.shape[1]):\n"
        "            if x[n, k] > 0:\n                y[n, k] = x[n, k]\n    return y\n"
    )
    write(folder / "ada" / "a.ipynb", notebook(text))
    write(folder / "bo" / "b.ipynb", notebook("\n" + text.replace("return y", "return  y  # mine")))
    write(folder / "cy" / "c.ipynb", notebook(text.replace("y", "z").replace("zp", "yp")))
    write(folder / "dan" / "d.ipynb")
    write(folder / "eve" / "e.ipynb")
    grade.grade(folder, jobs=1)
    said = (out / "class.txt").read_text(encoding="utf-8")
    assert "Equal answers to 04.relu: ada, bo. Did they work together?" in said
    assert said.count("Equal answers") == 1
    assert {row["status"] for row in relu(out).values()} == {"right"}


def test_a_second_run_tries_nothing_again_until_something_changes(tmp_path, monkeypatch):
    folder, tried = tmp_path / "class", []
    write(folder / "ada" / "a.ipynb")
    write(folder / "bo" / "b.ipynb")
    mark = judging.mark
    monkeypatch.setattr(judging, "mark", lambda *a, **k: (tried.append(a[0].id), mark(*a, **k))[1])
    grade.grade(folder, jobs=1)
    assert tried == ["04.relu"] * 2
    grade.grade(folder, jobs=1)
    assert len(tried) == 2
    write(folder / "bo" / "b.ipynb", RIGHT + " ")
    grade.grade(folder, jobs=1)
    assert len(tried) == 3
    grade.grade(folder, jobs=1, seed=5)
    assert len(tried) == 5


def test_the_seed_is_drawn_once_for_a_class_and_kept(tmp_path):
    write(tmp_path / "class" / "ada.ipynb")
    write(tmp_path / "other" / "ada.ipynb")
    grade.grade(tmp_path / "class", jobs=1)
    path = tmp_path / "class-marks" / "kept" / "seed.txt"
    first = path.read_text()
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0
    grade.grade(tmp_path / "class", jobs=1)
    assert path.read_text() == first
    grade.grade(tmp_path / "other", jobs=1)
    assert (tmp_path / "other-marks" / "kept" / "seed.txt").read_text() != first
    path.write_text("no number")
    with pytest.raises(grade.GradeError, match="holds no seed"):
        grade.grade(tmp_path / "class", jobs=1)


def test_a_killed_run_goes_on_where_it_was(tmp_path, monkeypatch):
    folder, tried = tmp_path / "class", []
    for name in ("ada", "bo", "cy"):
        write(folder / name / "a.ipynb")
    marked = marking.mark_student

    def killed(hand_in, *rest):
        if hand_in.student == "cy":
            raise MemoryError
        return marked(hand_in, *rest)

    monkeypatch.setattr(grade, "mark_student", killed)
    with pytest.raises(MemoryError):
        grade.grade(folder, jobs=1)
    monkeypatch.setattr(grade, "mark_student", marked)
    mark = judging.mark
    monkeypatch.setattr(judging, "mark", lambda *a, **k: (tried.append(1), mark(*a, **k))[1])
    assert grade.grade(folder, jobs=1) == 0
    assert len(tried) == 1
    assert len(relu(tmp_path / "class-marks")) == 3
    assert not child._alive


def test_a_full_disk_is_one_sentence_and_what_was_written_stays(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "class"
    write(folder / "ada" / "a.ipynb")
    grade.grade(folder, jobs=1)
    out = tmp_path / "class-marks"
    before = (out / "marks.csv").read_bytes()
    capsys.readouterr()

    def full(path, text):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(outputs, "write_atomically", full)
    assert cli.main(["grade", str(folder), "--jobs", "1"]) == 1
    said = capsys.readouterr().err
    assert f"The results cannot be written to {out}: No space left on device." in said
    assert "Traceback" not in said
    assert (out / "marks.csv").read_bytes() == before


def test_cells_that_a_spreadsheet_would_calculate_are_made_inert():
    for text in ("=1", "+1+2", "-1+2", "@SUM(A1)", " =1", "\t=1", "|x", "＝1", "'=1", "\r=1"):
        assert outputs._inert(text).startswith("'"), text
    for text in ("-1", "0.5", "mara", "", "a=1"):
        assert outputs._inert(text) == text


def test_one_of_another_name_but_equal_number_is_another_student(tmp_path):
    folder = tmp_path / "class"
    write(folder / "Ana Li_1_assignsubmission_file_" / "a.ipynb")
    write(folder / "Ana Li_2_assignsubmission_file_" / "a.ipynb", notebook("x = 1", answer(RELU)))
    grade.grade(folder, jobs=1)
    rows = table(tmp_path / "class-marks", "marks.csv")
    assert [(row["student"], row["id"]) for row in rows] == [("Ana Li", "1"), ("Ana Li", "2")]
    pages = sorted(p.name for p in (tmp_path / "class-marks" / "students").iterdir())
    assert pages == ["Ana-Li-2.html", "Ana-Li.html"]


def zipped(path, fill):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        fill(file)


def test_a_zip_of_a_student_is_opened_by_the_rules_for_a_class(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(unpacking, "LARGEST", 100_000)
    folder = tmp_path / "class"
    link = zipfile.ZipInfo("04.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    zipped(folder / "Ada" / "work.zip", lambda z: z.writestr("lesson/04.ipynb", RIGHT))
    zipped(folder / "Bo.zip", lambda z: z.writestr("04.ipynb", RIGHT))
    zipped(folder / "Cy" / "a.zip", lambda z: z.writestr("../../Ada/04.ipynb", RIGHT))
    zipped(folder / "Dan" / "a.zip", lambda z: z.writestr(link, "/etc/passwd"))
    zipped(folder / "Eve" / "a.zip", lambda z: z.writestr("/tmp/04.ipynb", RIGHT))
    zipped(folder / "Fay" / "a.zip", lambda z: z.writestr("04.ipynb", "0" * 10**6))
    zipped(tmp_path / "inner.zip", lambda z: z.writestr("04.ipynb", RIGHT))
    zipped(folder / "Gus" / "a.zip", lambda z: z.write(tmp_path / "inner.zip", "inner.zip"))
    zipped(folder / "Hal" / "a.zip", lambda z: z.writestr("notes.pdf", "%PDF"))
    zipped(folder / "Ida" / "a.zip", lambda z: None)
    write(folder / "Kim" / "a.zip", "PK, and no zip")
    locked = (folder / "Ada" / "work.zip").read_bytes()
    for place in (locked.index(b"PK\x03\x04") + 6, locked.index(b"PK\x01\x02") + 8):
        locked = locked[:place] + bytes([locked[place] | 1]) + locked[place + 1 :]
    write(folder / "Lee" / "a.zip", locked)
    # Beside a notebook it is one of two, of which the last counts.
    write(folder / "Max" / "04.ipynb", notebook("x = 1"), time=1)
    zipped(folder / "Max" / "b.zip", lambda z: z.writestr("04.ipynb", RIGHT))
    out = tmp_path / "out"
    assert grade.grade(folder, out, seed=1) == 0
    found = relu(out)
    for name in ("Ada", "Bo", "Max"):
        assert found[name]["status"] == "right", found[name]
    reasons = {
        "Cy": "it leads out",
        "Dan": "it is a link",
        "Eve": "that of a place outside",
        "Fay": "it is larger than",
        "Gus": "a zip in a zip, which is not opened",
        "Hal": "a.zip/notes.pdf",
        "Ida": "there is nothing in it",
        "Kim": "no zip, or a damaged one",
        "Lee": "it is encrypted",
    }
    for name, reason in reasons.items():
        assert found[name]["status"] == "not read", found[name]
        assert reason.replace("it leads out", "its name leads out") in found[name]["found"]
    assert not list(tmp_path.glob("**/etc")) and not (folder / "Ada" / "04.ipynb").exists()
