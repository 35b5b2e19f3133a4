"""The grid of threads without a browser: its model by its numbers, its shell by questions."""

import numpy as np
import pytest

from dlcore.course.registry import registry
from dlcore.plots.scene import as_json
from dlcore.widgets import ThreadModel, thread_bench
from dlcore.widgets import thread_grid as room

SET = {"kernel": 1, "n": 13, "threads": 3, "guard": 1, "order": 1, "column": 7, "step": 0}


def test_relu_has_twelve_threads_and_two_without_a_number():
    model = ThreadModel()
    assert model.states().tolist() == [[0] * 4 + [1] * 4 + [2] * 2 + [-1] * 2]
    assert model.report() == (
        "12 threads, 2 write nothing · 10 reads and 10 writes of the large memory · all numbers "
        "are right · no fault found"
    )
    model.update(column=6)
    assert model.writer() == ((1, 0, 0), (2, 0, 0))
    assert [(e.array, e.place, e.writes) for e in model.shown()] == [
        ("x", (6,), False),
        ("y", (6,), True),
    ]
    model.update(step=1)
    assert len(model.shown()) == 1


def test_without_the_guard_the_line_names_the_thread_and_the_numbers_are_right():
    model = ThreadModel(guard=False)
    assert model.fault.startswith("Thread 2 of block 2 reads x[10]")
    assert model.report().startswith("12 threads, 0 write nothing, 2 reach beside an array")
    assert "all numbers are right" in model.report()
    assert model.states()[0, -2:].tolist() == [-2, -2]


@pytest.mark.parametrize(
    ("left_out", "order", "says"),
    [
        ({"first": False}, "ascending", "41 of 42 numbers are NaN"),
        ({"first": False}, "descending", "38 of 42 numbers are NaN"),
        ({"second": False}, "ascending", "37 of 42 numbers are wrong"),
    ],
)
def test_a_barrier_left_out_gives_what_the_lesson_says(left_out, order, says):
    model = ThreadModel(kernel="tiled matmul", order=order, **left_out)
    assert says in model.report() and "no barrier between" in model.report()


def test_reads_of_a_product_with_and_without_tiles():
    assert [ThreadModel(kernel=k).done.reads() for k in room.KERNELS[1:]] == [840, 260]
    whole = ThreadModel(kernel="matmul", row=2, column=3)
    assert {e.place for e in whole.shown() if e.array == "a"} == {(2, p) for p in range(10)}
    tiled = ThreadModel(kernel="tiled matmul", row=2, column=3)
    reads = [each for each in tiled.shown() if not each.writes]
    large = [(each.array, each.place) for each in reads if each.array in ("a", "b")]
    assert large == [("a", (2, 3)), ("b", (2, 3)), ("a", (2, 7)), ("b", (6, 3))]
    assert len(reads) - len(large) == 24  # four of each tile in three rounds


@pytest.mark.parametrize("name", SET)
def test_a_question_of_the_page_moves_the_picture(name):
    bench = thread_bench()
    start, shown = bench.values(), as_json(bench.scene())
    answer = bench.asked({"number": 1, "set": {name: SET[name]}})
    assert answer["trouble"] == "" and bench.values()[name] == SET[name]
    now = as_json(bench.scene())
    assert now["panels"] != shown["panels"] or name == "order"  # without a race it does not matter
    bench.asked({"number": 2, "action": "again"})
    assert bench.values() == start and as_json(bench.scene()) == shown


def test_a_press_on_the_result_chooses_the_cell_under_it():
    bench = thread_bench()
    bench.take({"kernel": 1})
    (pressed,) = [m for p in bench.scene().panels for m in p.marks if m.kind == "cells"]
    assert pressed.data["counts"] == list(bench.model.owners().shape)
    for cell in ((3, 0), (1, 6), (5, 6)):
        sets = dict(zip(pressed.data["sets"], cell, strict=True))
        assert bench.asked({"number": 1, "set": sets})["trouble"] == ""
        assert (bench.model.row, bench.model.column) == cell


def test_what_a_kernel_has_not_got_is_hidden():
    bench = thread_bench()
    assert bench.hidden() == ["first", "second", "row"]
    bench.take({"kernel": 2})
    assert bench.hidden() == ["guard", "threads"]


def test_an_own_kernel_is_in_the_menu_and_its_errors_are_said():
    own = registry().find("17.tiled_matmul_kernel").answer
    bench = thread_bench(own=own)
    bench.take({"kernel": 3})
    assert bench.model.done.reads() == 260 and "no fault" in bench.model.report()

    def broken(y, x):
        y[0] = nowhere  # noqa: F821

    bench = thread_bench(own=broken)
    bench.take({"kernel": 3})
    assert "NameError" in bench.model.report() and bench.scene()


def test_a_cell_that_nobody_wrote_has_no_writer():
    def nothing(y, x):
        pass

    model = ThreadModel(kernel="yours", own=nothing)
    assert model.writer() is None and model.shown() == []
    assert np.all(model.owners() == -1)


@pytest.mark.parametrize("given", [{"n": 3}, {"kernel": 3}, {"threads": 9}, {"size": 1}])
def test_what_is_not_offered_is_refused_in_a_sentence(given):
    answer = thread_bench().asked({"number": 1, "set": given})
    assert answer["trouble"].startswith("ValueError") and answer["halt"]
