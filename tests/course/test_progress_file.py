"""The progress is never lost: not to a crash, a damaged file, or a second notebook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest

from dlcore.course import next_lesson, progress_file

ADD = """
import sys
from dlcore.course import progress_file
def one_more(progress):
    progress.record("01.dense").attempts += 1
    progress.record(sys.argv[2]).hints = 1
for _ in range(40):
    progress_file.update(one_more, sys.argv[1])
"""


def reach(status, id="01.dense"):
    return progress_file.update(lambda progress: progress.record(id).reach(status))


def test_an_empty_folder_has_no_progress_and_stays_empty(course):
    assert progress_file.load().records == {}
    assert list(course.iterdir()) == []


def test_what_is_recorded_is_there_again(course):
    reach("wrong")
    reach("right")
    reach("wrong")
    record = progress_file.load(course).seen("01.dense")
    assert (record.status, record.attempts) == ("right", 3)
    data = json.loads((course / ".dlcore" / "progress.json").read_text(encoding="utf-8"))
    assert data["exercises"]["01.dense"]["status"] == "right"


def test_nothing_is_written_when_nothing_changes(course):
    reach("right")
    path = course / ".dlcore" / "progress.json"
    before = path.stat().st_mtime_ns
    progress_file.update(lambda progress: None)
    assert path.stat().st_mtime_ns == before


def test_a_damaged_file_is_set_aside_and_the_backup_serves(course):
    reach("right")
    reach("wrong", "04.relu")
    path = course / ".dlcore" / "progress.json"
    path.write_text('{"version": 1, "exerc', encoding="utf-8")
    now = progress_file.load()
    assert now.seen("01.dense").status == "right"
    assert now.remarks == (
        "progress.json was damaged; it was set aside as progress.damaged.json, and the backup "
        "before it serves.",
    )
    after = reach("right", "04.relu")
    assert after.remarks and after.seen("01.dense").status == "right"
    assert (course / ".dlcore" / "progress.damaged.json").read_text().endswith("exerc")
    now = progress_file.load()
    assert now.remarks == () and now.seen("04.relu").status == "right"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"exercises": []}',
        '{"exercises": {"01.dense": 3}}',
        '{"exercises": {"01.dense": {"hints": "many"}}}',
        '{"exercises": {"01.dense": {"status": "perfect"}}}',
        '{"exercises": {"01.dense": {"forms": [3]}}}',
        '{"exercises": {"01.dense": {"forms": ["\\ud800"]}}}',
        '{"exercises": {"01.dense": {"serving": 2, "forms": ["x = 1"]}}}',
        '{"exercises": {"01.dense": {"serving": -1, "forms": ["x = 1"]}}}',
        '{"exercises": {"01.dense": {"hints": -1}}}',
        pytest.param("[" * 100_000 + "]" * 100_000, id="deep"),
    ],
)
def test_every_kind_of_damage_is_survived(course, text):
    (course / ".dlcore").mkdir()
    (course / ".dlcore" / "progress.json").write_text(text, encoding="utf-8")
    assert "the records start anew" in progress_file.load().remarks[0]
    reach("right")
    assert progress_file.load().seen("01.dense").status == "right"


def test_entries_of_a_later_version_are_no_damage(course):
    (course / ".dlcore").mkdir()
    text = '{"exercises": {"01.dense": {"hints": 2, "mood": "good"}}}'
    (course / ".dlcore" / "progress.json").write_text(text, encoding="utf-8")
    assert progress_file.load().seen("01.dense").hints == 2 and not progress_file.load().remarks


def test_two_processes_lose_nothing(course):
    keep = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    started = [
        subprocess.Popen([sys.executable, "-c", ADD, str(course), f"04.process_{i}"], env=keep)
        for i in range(3)
    ]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    records = progress_file.load(course).records
    assert records["01.dense"].attempts == 120
    assert len(records) == 4
    assert not list((course / ".dlcore").glob("*.tmp"))


def test_two_threads_lose_nothing(course):
    def work():
        for _ in range(25):
            reach("wrong")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert progress_file.load().seen("01.dense").attempts == 100


def test_a_crash_while_writing_leaves_the_old_state(course, monkeypatch):
    reach("right")

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(progress_file.os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        reach("right", "04.relu")
    monkeypatch.undo()
    assert list(progress_file.load(course).records) == ["01.dense"]
    assert not list((course / ".dlcore").glob("*.tmp"))


def test_where_nothing_can_be_written_the_session_remembers(course):
    (course / ".dlcore").write_text("a file stands in the way", encoding="utf-8")
    now = reach("wrong")
    assert now.remarks == (f"Nothing is saved: the folder {course} cannot be written.",)
    assert reach("right").seen("01.dense").attempts == 2
    assert progress_file.load().seen("01.dense").status == "right"
    (course / ".dlcore").unlink()
    assert reach("wrong").remarks == ()
    record = progress_file._read(course / ".dlcore").seen("01.dense")
    assert (record.status, record.attempts) == ("right", 3)


def test_the_next_lesson_is_the_first_with_something_left(course):
    assert next_lesson() == "01"
    reach("wrong")
    assert next_lesson(course) == "01"
    reach("right")
    assert next_lesson() == "02"
    progress_file.update(
        lambda progress: setattr(progress.record("02.dense_grad"), "solution_seen", True)
    )
    assert next_lesson() == "04"
    reach("right", "04.relu")
    assert next_lesson() is None  # 04.slope is a stretch exercise.
