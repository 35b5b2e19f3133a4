"""The class that is made up for the benchmark is marked as it should be."""

import pytest

from tests.benchmarks import grading

pytest.importorskip("numba")


def test_a_small_class_comes_out_as_it_should(tmp_path):
    expected = grading.make_class(tmp_path / "class", 40)
    assert len(expected) == 40 * 5
    texts = "".join(path.read_text() for path in tmp_path.rglob("*.ipynb"))
    assert 4 < texts.count("while True") < 16
    assert 4 < texts.count("@njit") < 16
    found = grading.run(3, 1, 2)
    assert found["status"] == 0
    assert found["not as they should be"] == {}
