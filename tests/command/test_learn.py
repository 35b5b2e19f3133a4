"""The learner's folder: what is handed out, refreshed, laid beside, and never overwritten."""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from dlcore.command import cli
from dlcore.command.learn import LearnError, hand_out, next_lesson
from dlcore.resources import course_command

LESSON = "01_line.ipynb"
NEWER = "01_line.new.ipynb"


@pytest.fixture
def source(tmp_path):
    """Lessons as they come with dlcore, with things that are not for the learner's folder."""
    folder = tmp_path / "shipped" / "lessons"
    (folder / "exercises").mkdir(parents=True)
    (folder / "exercises" / "ex01_line.py").write_text("answers")
    (folder / "04_bend.ipynb").write_text("bend, first edition")
    (folder / LESSON).write_text("first edition")
    (folder / "README.md").write_text("index")
    return folder


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mine"


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def test_a_new_folder_gets_the_lessons_and_not_the_answers(source, folder):
    delivery = hand_out(folder, source)
    assert contents(folder) == {
        LESSON: "first edition",
        "04_bend.ipynb": "bend, first edition",
        "README.md": "index",
    }
    assert sorted(delivery.new) == sorted(contents(folder))
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [".dlcore"]


def test_the_record_holds_the_checksums_as_handed_out(source, folder):
    hand_out(folder, source)
    record = json.loads((folder / ".dlcore" / "lessons.json").read_text())
    assert record["handed_out"][LESSON] == hashlib.sha256(b"first edition").hexdigest()


def test_handing_out_twice_changes_nothing(source, folder):
    hand_out(folder, source)
    assert hand_out(folder, source).sentences() == []


def test_an_untouched_lesson_is_refreshed_in_place(source, folder):
    hand_out(folder, source)
    (source / LESSON).write_text("second edition")
    delivery = hand_out(folder, source)
    assert (delivery.new, delivery.refreshed, delivery.beside) == ([], [LESSON], [])
    assert contents(folder)[LESSON] == "second edition"
    assert not (folder / NEWER).exists()


def test_work_stays_when_there_is_nothing_newer(source, folder):
    hand_out(folder, source)
    (folder / LESSON).write_text("my work")
    assert hand_out(folder, source).sentences() == []
    assert contents(folder)[LESSON] == "my work"
    assert not (folder / NEWER).exists()


def test_beside_work_the_newer_version_is_laid_once_and_said(source, folder):
    hand_out(folder, source)
    (folder / LESSON).write_text("my work")
    (source / LESSON).write_text("second edition")
    (sentence,) = hand_out(folder, source).sentences()
    assert LESSON in sentence and NEWER in sentence
    assert contents(folder)[LESSON] == "my work"
    assert contents(folder)[NEWER] == "second edition"

    (folder / NEWER).unlink()
    assert hand_out(folder, source).sentences() == [], "they threw it away and do not want it"


def test_a_newer_version_that_nobody_touched_is_itself_brought_up_to_date(source, folder):
    hand_out(folder, source)
    (folder / LESSON).write_text("my work")
    for edition in ("second edition", "third edition"):
        (source / LESSON).write_text(edition)
        hand_out(folder, source)
    found = contents(folder)
    assert (found[LESSON], found[NEWER]) == ("my work", "third edition")
    assert sorted(found) == [LESSON, NEWER, "04_bend.ipynb", "README.md"]


def test_work_in_the_newer_version_is_kept_as_well(source, folder):
    hand_out(folder, source)
    (folder / LESSON).write_text("my work")
    (source / LESSON).write_text("second edition")
    hand_out(folder, source)
    (folder / NEWER).write_text("my work in the second")
    (source / LESSON).write_text("third edition")
    delivery = hand_out(folder, source)
    found = contents(folder)
    assert delivery.beside == [(LESSON, "01_line.new2.ipynb")]
    assert found[LESSON] == "my work"
    assert found[NEWER] == "my work in the second"
    assert found["01_line.new2.ipynb"] == "third edition"


def test_a_deleted_lesson_comes_back_fresh(source, folder):
    hand_out(folder, source)
    (folder / LESSON).unlink()
    assert hand_out(folder, source).new == [LESSON]
    assert contents(folder)[LESSON] == "first edition"


def notebook(*sources: str, outputs: bool = True, metadata: dict | None = None) -> str:
    """A notebook of code cells, executed or not."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": number if outputs else None,
            "id": f"cell-{number:02d}",
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": "it was C"}] * outputs,
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources, 1)
    ]
    whole = {"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole)


def test_a_lesson_is_handed_out_without_outputs(source, folder):
    (source / LESSON).write_text(notebook("print('it was C')", "2 + 2"))
    hand_out(folder, source)
    cells = json.loads(contents(folder)[LESSON])["cells"]
    assert [cell["source"] for cell in cells] == [["print('it was C')"], ["2 + 2"]]
    assert all(not c["outputs"] and c["execution_count"] is None for c in cells)


def test_it_is_written_as_jupyter_writes_it(source, folder):
    """Opening and saving changes no byte: the metadata of the kernel are in the file already."""
    nbformat = pytest.importorskip("nbformat")
    (source / LESSON).write_text(notebook("print('\u00e9')"))
    hand_out(folder, source)
    text = (folder / LESSON).read_text(encoding="utf-8")
    assert nbformat.writes(nbformat.reads(text, 4)) + "\n" == text
    language = json.loads(text)["metadata"]["language_info"]
    assert language["version"].startswith("3.") and language["pygments_lexer"] == "ipython3"


@pytest.mark.parametrize(
    "saved",
    [
        notebook("1", "2"),
        notebook("1", "2", "", outputs=False),
        notebook("1", "2", metadata={"kernelspec": {"name": "mine"}, "widgets": {}}),
    ],
    ids=["run", "with an empty cell at the end", "with other metadata"],
)
def test_running_and_saving_is_no_change(source, folder, saved):
    (source / LESSON).write_text(notebook("1", "2"))
    hand_out(folder, source)
    (folder / LESSON).write_text(saved)
    assert hand_out(folder, source).sentences() == []
    assert contents(folder)[LESSON] == saved
    (source / LESSON).write_text(notebook("1", "3"))
    assert hand_out(folder, source).refreshed == [LESSON]


def test_another_source_is_work(source, folder):
    (source / LESSON).write_text(notebook("1", "2"))
    hand_out(folder, source)
    (folder / LESSON).write_text(notebook("1", "2 + my_own"))
    (source / LESSON).write_text(notebook("1", "3"))
    assert hand_out(folder, source).beside == [(LESSON, NEWER)]
    assert "my_own" in contents(folder)[LESSON]


def test_new_outputs_of_the_same_lesson_are_no_new_version(source, folder):
    (source / LESSON).write_text(notebook("1", "2"))
    hand_out(folder, source)
    (source / LESSON).write_text(notebook("1", "2", outputs=False))
    assert hand_out(folder, source).sentences() == []


def test_a_folder_of_an_older_version_is_known(source, folder):
    """It remembers the checksum of all bytes, outputs and all."""
    old = notebook("1", "2")
    hand_out(folder, source)
    (folder / LESSON).write_text(old)
    record = folder / ".dlcore" / "lessons.json"
    known = json.loads(record.read_text())
    known["handed_out"][LESSON] = hashlib.sha256(old.encode()).hexdigest()
    record.write_text(json.dumps(known))
    (source / LESSON).write_text(notebook("1", "3"))
    assert hand_out(folder, source).refreshed == [LESSON]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"handed_out": 3, "latest": {}}', None])
def test_with_a_lost_or_damaged_record_every_difference_counts_as_work(source, folder, damage):
    hand_out(folder, source)
    (folder / LESSON).write_text("my work")
    record = folder / ".dlcore" / "lessons.json"
    record.unlink() if damage is None else record.write_text(damage)
    hand_out(folder, source)
    assert contents(folder)[LESSON] == "my work"
    assert contents(folder)[NEWER] == "first edition"


def test_a_file_of_theirs_that_was_there_before_stays(source, folder):
    folder.mkdir()
    (folder / LESSON).write_text("something of mine")
    hand_out(folder, source)
    assert contents(folder)[LESSON] == "something of mine"
    assert contents(folder)[NEWER] == "first edition"


def test_a_write_that_fails_leaves_the_old_file_whole(source, folder, monkeypatch):
    hand_out(folder, source)
    (source / LESSON).write_text("second edition")

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(LearnError, match="No space left on device"):
        hand_out(folder, source)
    monkeypatch.undo()
    assert contents(folder)[LESSON] == "first edition"
    assert sorted(contents(folder)) == [LESSON, "04_bend.ipynb", "README.md"]


@pytest.mark.parametrize("place", ["", "..", "exercises"])
def test_the_shipped_lessons_are_no_place_to_work_in(source, place):
    before = contents(source)
    with pytest.raises(LearnError, match="dlcore's own lessons"):
        hand_out(source / place, source)
    assert contents(source) == before
    assert not (source / place / ".dlcore").exists()


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_instead_of_a_folder_gets_one_sentence(source, tmp_path, capsys, monkeypatch, name):
    (tmp_path / "file").write_text("precious")
    monkeypatch.setattr("dlcore.command.learn.lessons_folder", lambda: source)
    assert cli.main(["learn", str(tmp_path / name), "--no-browser"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("dlcore learn: ") and said.err.count("\n") == 1
    assert "is not a folder" in said.err
    assert (tmp_path / "file").read_text() == "precious"


def test_a_folder_that_cannot_be_written_gets_one_sentence(source, folder, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(LearnError, match="cannot be written.*Permission denied.*another folder"):
        hand_out(folder, source)


def test_without_lessons_there_is_one_sentence(tmp_path, folder, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr("dlcore.command.learn.lessons_folder", lambda: tmp_path / "empty")
    assert cli.main(["learn", str(folder)]) == 1
    assert "No lessons in" in capsys.readouterr().err
    assert not folder.exists()


@pytest.mark.parametrize(
    ("number", "lesson"), [("01", LESSON), ("04", "04_bend.ipynb"), (None, "04_bend.ipynb")]
)
def test_it_opens_the_lesson_with_something_to_do(source, folder, monkeypatch, number, lesson):
    hand_out(folder, source)
    (folder / "04_bend.new.ipynb").write_text("not a lesson of its own")
    (folder / "my notes.ipynb").write_text("not a lesson")
    monkeypatch.setattr("dlcore.course.progress_file.next_lesson", lambda folder: number)
    assert next_lesson(folder) == lesson


NAMES = [
    "dlcore course with blanks",
    'cours d\'été & "essai"' if os.name == "posix" else "cours d'été & essai",
    "курс",
    "深度学习 第一課",
    "الدورة",
    "100% $HOME",
    "/".join(["long" * 20] * 4),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_may_have_any_name(source, tmp_path, name):
    (source / "01_línea – 線.ipynb").write_text(notebook("1"), encoding="utf-8")
    folder = tmp_path / name
    assert "01_línea – 線.ipynb" in hand_out(folder, source).new
    assert hand_out(folder, source).sentences() == []
    (folder / LESSON).write_text("my work")
    (source / LESSON).write_text("second edition")
    assert hand_out(folder, source).beside == [(LESSON, NEWER)]
    assert contents(folder)[LESSON] == "my work"


def test_a_name_that_no_disk_takes_gets_one_sentence(source, tmp_path):
    with pytest.raises(LearnError, match="cannot be written.*name another folder"):
        hand_out(tmp_path / ("x" * 300), source)


@pytest.mark.parametrize("place", ["", "lessons", "dlcore/mine", "tests", "datasets", ".git"])
def test_a_checkout_is_no_place_to_work_in(source, tmp_path, place):
    """Also where the dlcore that runs was installed and lies elsewhere."""
    checkout = tmp_path / "checkout"
    for folder in ("lessons/exercises", "dlcore/command"):
        (checkout / folder).mkdir(parents=True)
    with pytest.raises(LearnError, match="belongs to the checkout of dlcore.*dlcore-course"):
        hand_out(checkout / place, source)
    assert not (checkout / place / ".dlcore").exists()


def test_a_folder_of_ones_own_in_a_checkout_is(source, tmp_path):
    """The README's command makes it there."""
    for folder in ("lessons/exercises", "dlcore/command"):
        (tmp_path / folder).mkdir(parents=True)
    assert LESSON in hand_out(tmp_path / "dlcore-course", source).new


def test_a_name_that_jupyter_would_cut_in_two_gets_one_sentence(tmp_path, capsys):
    assert cli.main(["learn", str(tmp_path / f"deep{os.pathsep}learning"), "--no-browser"]) == 1
    said = capsys.readouterr().err
    assert "where Jupyter cuts a path in two: name another folder." in said
    assert list(tmp_path.iterdir()) == []


def test_the_library_alone_says_how_to_add_the_course(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.delattr("dlcore.command.learn.hand_out")  # else a fault would start JupyterLab
    assert cli.main(["learn", str(tmp_path / "course")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("dlcore learn: The course needs jupyterlab") and said.count("\n") == 1
    assert said.strip().endswith(course_command())
    assert not (tmp_path / "course").exists()
