"""Whoever follows a batch from `fit` to the kernel opens few doors: three numbers are held."""

from __future__ import annotations

import functools

import pytest

from tests.path import PROGRAMS, Walk, lines_of, lines_of_code, walk

FILES = {"mlp": 47, "cnn": 53}
CROSSINGS = 10
CLASSES = 5
LINES = 400
SCREEN = 50  # lines of code of a function

walked = functools.cache(walk)


@pytest.fixture(params=PROGRAMS)
def found(request) -> Walk:
    return walked(request.param)


def test_few_files_lie_on_the_path(found, request):
    program = request.node.callspec.params["found"]
    assert len(found.files) <= FILES[program], found.files


def test_few_calls_cross_files(found):
    assert found.chain[0] == "trainer/trainer.py:Trainer.fit"
    assert found.chain[-1].startswith("backends/numpy/") and found.chain[-1].endswith(":dense")
    assert found.crossings <= CROSSINGS, found.chain


def test_few_classes_stand_above_sequential(found):
    assert {"Model", "Layer"} <= set(found.classes)
    assert len(found.classes) <= CLASSES, found.classes


def test_no_file_on_the_path_is_long(found):
    assert {file: n for file in found.files if (n := lines_of(file)) > LINES} == {}


def test_a_function_on_the_path_fits_a_screen(found):
    long = {
        f"{file}:{first}": n
        for file, starts in found.functions.items()
        for first in starts
        if (n := lines_of_code(file, first)) > SCREEN
    }
    assert long == {}


def test_the_walk_sees_the_way(found):
    """What certainly runs is there, and what certainly does not is not."""
    assert {"trainer/trainer.py", "layers/dense.py", "models/sequential.py"} <= set(found.files)
    assert not {"layers/lstm.py", "backends/cpu/__init__.py"} & set(found.files)
    convolved = "backends/numpy/convolution.py" in found.files
    assert convolved == ("layers/flatten.py" in found.files)
