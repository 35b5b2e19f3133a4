"""The verifier fails where it must: a lesson that no longer tells the truth does not pass."""

import copy

import pytest

from dlcore.course import lesson_map, notebooks
from tests.lessons.verifier import change, copy_of_the_library, nbval, verify

pytestmark = pytest.mark.slow

LESSON = next(lesson for lesson in lesson_map.LESSONS if lesson.number == 1)


@pytest.fixture
def notebook():
    return copy.deepcopy(notebooks.read(LESSON.path))


def code(notebook, text):
    return next(c for c in notebook.cells if c.cell_type == "code" and text in c.source)


def test_a_changed_number_is_noticed(notebook, tmp_path):
    output = code(notebook, "search_path(x, t").outputs[0]
    output.text = output.text.replace("typical miss: 0.393", "typical miss: 0.383")
    found = verify(LESSON, notebook, tmp_path)
    assert any("0.383" in line for line in found)


def test_a_changed_verdict_card_is_noticed(notebook, tmp_path):
    data = code(notebook, '"01.mse"').outputs[0].data
    data["text/html"] = data["text/html"].replace("Not attempted", "Right")
    assert verify(LESSON, notebook, tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("backends/numpy/losses.py", "return np.mean((y - t) ** 2, axis=1)",
         "return np.mean((y - t) ** 2, axis=1) / 2"),
        ("backends/numpy/dense.py", "return x @ w + b", "return x @ w - b"),
        ("plots/neuron.py", "y = x * w + b", "y = x * w - b"),
    ],
)  # fmt: skip
def test_a_changed_library_is_noticed(file, old, new, notebook, tmp_path):
    library = copy_of_the_library(tmp_path / "checkout")
    change(library / "dlcore" / file, old, new)
    folder = tmp_path / "course"
    folder.mkdir()
    assert verify(LESSON, notebook, folder, library)


def test_an_unchanged_copy_of_the_library_passes(notebook, tmp_path):
    """So the failures above come from the change, not from the copy."""
    folder = tmp_path / "course"
    folder.mkdir()
    assert verify(LESSON, notebook, folder, copy_of_the_library(tmp_path / "checkout")) == []


def test_stripped_outputs_are_noticed(notebook, tmp_path):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    assert verify(LESSON, notebook, tmp_path)


def test_one_stripped_output_is_noticed(notebook, tmp_path):
    code(notebook, "search_path(").outputs = []
    assert verify(LESSON, notebook, tmp_path)


def test_a_swapped_plot_is_noticed(notebook, tmp_path):
    """The code draws something else than what is stored, with the same printed numbers."""
    cell = code(notebook, "search_path(x, t, tried, kept)")
    cell.source = cell.source.replace(
        "search_path(x, t, tried, kept)", "search_path(x, t, kept, tried)"
    )
    found = nbval(notebook, tmp_path)
    assert any("text/plain" in line or "kept" in line for line in found)
