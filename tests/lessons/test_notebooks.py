"""The command that executes and normalises the lessons."""

import shutil

import pytest

from dlcore import resources
from dlcore.course import lesson_map, notebooks


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A folder of lessons that may be written to, with lesson 01 and its exercises."""
    folder = tmp_path / "lessons"
    shutil.copytree(resources.exercises_folder(), folder / "exercises")
    shutil.copy(lesson_map.LESSONS[1].path, folder)
    monkeypatch.setattr(resources, "lessons_folder", lambda: folder)
    return folder


def write_pages(folder):
    for name, text in notebooks.PAGES.items():
        (folder / name).write_text(text(), encoding="utf-8")


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_running_it_twice_changes_no_byte(lessons, capsys):
    path = next(lessons.glob("*.ipynb"))
    disordered = notebooks.read(path)
    disordered.cells[3]["id"] = "by-chance"
    disordered.cells[1].metadata["execution"] = {"iopub.status.busy": "2026-01-01"}
    disordered.metadata["widgets"] = {"state": {}}
    path.write_text(notebooks.text_of(disordered), encoding="utf-8")
    assert notebooks.main([]) == 0
    once = everything(lessons)
    assert set(once) == {path.name, *notebooks.PAGES}
    assert b"by-chance" not in once[path.name] and b"iopub" not in once[path.name]
    assert notebooks.main([]) == 0
    assert everything(lessons) == once
    assert "up to date" in capsys.readouterr().out


def test_check_fails_on_a_difference_and_changes_nothing(lessons, capsys):
    path = next(lessons.glob("*.ipynb"))
    notebook = notebooks.read(path)
    notebook.cells[1].outputs[0].text = "another number\n"
    path.write_text(notebooks.text_of(notebook), encoding="utf-8")
    write_pages(lessons)
    before = everything(lessons)
    assert notebooks.main(["--check", "01"]) == 1
    assert everything(lessons) == before
    assert f"it would change {path.name}." in capsys.readouterr().err


def test_check_passes_on_what_is_committed(lessons):
    write_pages(lessons)
    assert notebooks.main(["--check"]) == 0
    for name, text in notebooks.PAGES.items():
        (lessons / name).write_text("old", encoding="utf-8")
        assert notebooks.main(["--check", "01"]) == 1
        (lessons / name).write_text(text(), encoding="utf-8")


def test_an_unknown_lesson_is_named(capsys):
    assert notebooks.main(["99"]) == 2
    assert "no lesson '99'" in capsys.readouterr().err


def test_committed_notebooks_are_normal():
    for path in notebooks.find([]):
        assert notebooks.text_of(notebooks.normalise(notebooks.read(path))) == path.read_text(
            encoding="utf-8"
        )


def test_streams_are_joined_and_widget_views_left_out():
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    view = new_output(
        "execute_result",
        data={"text/plain": "w", "application/vnd.jupyter.widget-view+json": {"model_id": "1"}},
        execution_count=9,
    )
    streams = [new_output("stream", name="stdout", text=text) for text in "ab"]
    cell = new_code_cell("x  \n", outputs=[*streams, view], execution_count=9)
    (done,) = notebooks.normalise(new_notebook(cells=[cell])).cells
    assert [each.get("text") for each in done.outputs] == ["ab", None]
    assert dict(done.outputs[1].data) == {"text/plain": "w"}
    assert done.execution_count == done.outputs[1].execution_count == 1
    assert done.source == "x" and done.id == "cell-01"


def test_progress_is_left_out_of_cells_that_are_not_compared():
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    text = (
        "Compiling the kernels for the first step; the next runs find them on disk.\n"
        "Epoch 1/2 - 0.1s - loss: 0.5\nEpoch 2/2 - 0.0s - loss: 0.4\n"
        "Evaluate 3 batches - 0.0s - loss: 0.4\n"
    )
    cells = [
        new_code_cell("fit", outputs=[new_output("stream", name="stdout", text=each)])
        for each in (text, text + "Epochs: 2\n", text)
    ]
    for cell in cells[:2]:
        cell.metadata.tags = ["nbval-ignore-output"]
    done = notebooks.normalise(new_notebook(cells=cells)).cells
    assert done[0].outputs == []
    assert [each.text for each in done[1].outputs] == ["Epochs: 2\n"]
    assert [each.text for each in done[2].outputs] == [text]


def test_answers_take_the_place_of_stubs_and_nothing_else():
    source = (
        'before = 1\n\n@exercise("04.relu")\ndef relu(x):\n    """x -> y"""\n    ...\n\nafter = 2'
    )
    solved = notebooks.solved(source)
    expected = 'before = 1\n\n@exercise("04.relu")\ndef relu(x):\n    return np.maximum(x, 0)'
    assert solved == f"{expected}\n\nafter = 2"
    assert notebooks.solved("def relu(x):\n    ...") == "def relu(x):\n    ..."


def test_every_stub_of_every_lesson_is_filled():
    for path in notebooks.find([]):
        before, after = notebooks.read(path), notebooks.fill_answers(notebooks.read(path))
        least = 1 if path.name.startswith("00_") else 3  # the tour has one exercise
        assert sum(cell.source.count("    ...") for cell in before.cells) >= least
        assert not any("    ..." in cell.source for cell in after.cells)


def test_a_cell_that_fails_is_an_error(tmp_path):
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import new_code_cell, new_notebook

    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        notebooks.execute(new_notebook(cells=[new_code_cell("1 / 0")]))


def test_a_notebook_runs_in_a_course_folder_of_its_own():
    from nbformat.v4 import new_code_cell, new_notebook

    code = "import os; print(os.listdir(os.environ['DLCORE_COURSE_FOLDER']), os.listdir())"
    done = notebooks.execute(new_notebook(cells=[new_code_cell(code)]))
    assert done.cells[0].outputs[0].text == "[] []\n"
