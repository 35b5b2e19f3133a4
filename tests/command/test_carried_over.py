"""A course folder made by version 0.1.0 goes on in this one, and nothing in it is lost.

`course-0.1.0.zip` is such a folder, as that version left it: lesson 00 untouched, lesson 01 solved
and with a note, the answers of lessons 01 and 04 kept; the notebooks of 04 and 08 thrown away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dlcore.backends import mine
from dlcore.command.learn import hand_out, next_lesson
from dlcore.course import keeping, progress_file
from dlcore.course.registry import registry

ARCHIVE = Path(__file__).with_name("course-0.1.0.zip")
WORK = "01_one_linear_neuron.ipynb"
UNTOUCHED = "00_tour.ipynb"


@pytest.fixture
def folder(tmp_path):
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(tmp_path / "course")
    return tmp_path / "course"


def sources(path: Path) -> str:
    return "\n".join("".join(cell["source"]) for cell in json.loads(path.read_text())["cells"])


def test_work_stays_byte_for_byte_and_the_rest_is_brought_up_to_date(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    delivery = hand_out(folder)
    for name in (WORK, mine.FILE):
        assert (folder / name).read_bytes() == before[name]
    assert delivery.beside == [(WORK, "01_one_linear_neuron.new.ipynb")]
    assert UNTOUCHED in delivery.refreshed and "README.md" in delivery.refreshed
    assert {"04_bending_the_line.ipynb", "08_compile_fit_evaluate.ipynb"} <= {*delivery.new}
    assert "My own note, of 2026." in sources(folder / WORK)
    assert hand_out(folder).sentences() == []


def test_what_was_done_counts(folder):
    known = json.loads((folder / ".dlcore" / "progress.json").read_text())["exercises"]
    progress = progress_file.load(folder)
    assert progress.remarks == () and set(progress.records) == set(known)
    for id, entry in known.items():
        record = progress.seen(id)
        assert {name: getattr(record, name) for name in entry} == entry
        assert registry().find(id)  # every exercise of then is one of now
    assert sum(entry["status"] == "right" for entry in known.values()) == 9
    hand_out(folder)
    assert next_lesson(folder) == UNTOUCHED, "the one lesson of which nothing was done"


def test_a_change_to_the_progress_leaves_the_other_records(folder):
    before = progress_file.load(folder).records
    progress_file.update(lambda progress: setattr(progress.record("08.epoch"), "hints", 1), folder)
    after = progress_file.load(folder).records
    assert after.pop("08.epoch").hints == 1
    assert after == {id: record for id, record in before.items() if id != "08.epoch"}


RUN = """
import numpy as np
import dlcore
from dlcore import layers
from dlcore.backends import compute, mine
dlcore.set_backend("mine")
x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
model = dlcore.Sequential([layers.Dense(4, activation="relu"), layers.Dense(2, activation="tanh")])
model.compile("sgd", "mse", run_eagerly=True)
model.fit(x, x[:, :2], epochs=1, verbose=0)
print(*sorted(name for name, count in mine.calls.items() if count))
"""


def test_accepted_kernels_serve(folder):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN],
        env=os.environ | {"DLCORE_COURSE_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert {"dense", "mse", "relu", "relu_grad", "tanh", "tanh_grad"} <= {*run.stdout.split()}


def test_a_new_answer_joins_the_kept_ones(folder):
    text = (folder / mine.FILE).read_text(encoding="utf-8")
    form = "def relu(x):\n    return x * (x > 0)\n"
    assert keeping.keep(folder, "04.relu", form, progress_file.load(folder)) == ""
    now = (folder / mine.FILE).read_text(encoding="utf-8")
    assert form in now
    old, new = mine.sections(text), mine.sections(now)
    assert old.keys() == new.keys()
    for id in old.keys() - {"04.relu"}:
        assert new[id][2] == old[id][2]
