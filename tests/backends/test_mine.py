"""The learner's kernels as a backend: only what was accepted serves, and it names itself."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import mine


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_COURSE_FOLDER", str(tmp_path))
    before = backends.get_backend()
    mine.calls.clear()
    yield tmp_path
    backends.set_backend(before)
    mine._functions.clear()


def write(course, *functions, before=""):
    text = before
    for id, body in functions:
        body = body.strip() + "\n"
        text += f"# >>> {id} {mine.checksum(body)}\n{body}# <<< {id}\n\n"
    (course / mine.FILE).write_text(text, encoding="utf-8")


RELU = ("04.relu", "def relu(x):\n    return np.maximum(x, 0) + 5")
DENSE = ("01.dense", "def dense(x, w, b):\n    return relu(x @ w + b)")


def test_without_a_file_the_library_serves(course):
    assert mine.load() == {}
    backends.set_backend("mine")
    assert backends.compute("relu", np.array([-1.0, 2.0])).tolist() == [0, 2]
    assert not mine.calls and mine.function("relu") is None


def test_accepted_functions_serve_and_are_counted(course):
    write(course, RELU, DENSE)
    backends.set_backend("mine")
    assert set(mine.load()) == {"relu", "dense"}
    assert backends.compute("relu", np.array([-1.0, 2.0])).tolist() == [5, 7]
    x = np.ones((2, 1), np.float32)
    z = backends.compute("dense", x, x[:1], x[0])
    assert z.tolist() == [[7], [7]]
    # A call from one of the learner's functions to another is not one of the engine's.
    assert mine.calls == {"relu": 1, "dense": 1}
    assert backends.compute("tanh", np.zeros(1)).tolist() == [0]


def test_an_elementwise_function_sees_the_real_shape(course):
    body = "def relu(x):\n    assert x.shape == (2, 3)\n    return np.maximum(x, 0)"
    write(course, ("04.relu", body))
    backends.set_backend("mine")
    assert backends.compute("relu", np.ones((2, 3))).shape == (2, 3)
    assert backends.compute("tanh", np.ones((2, 3))).shape == (2, 3)


def test_mine_is_read_anew_each_time(course):
    write(course, RELU)
    backends.set_backend("mine")
    write(course, ("04.relu", "def relu(x):\n    return x"))
    backends.set_backend("mine")
    assert backends.compute("relu", np.array([-1.0])).tolist() == [-1]


def test_only_sections_are_kernels(course):
    write(course, DENSE, before="def relu(x):\n    return x\n\n\n")
    assert list(mine.load()) == ["dense"]
    assert mine.load()["dense"](np.ones((1, 1)), np.ones((1, 1)), -3) == -2


def test_a_section_that_was_changed_by_hand_does_not_serve(course):
    write(course, RELU)
    path = course / mine.FILE
    path.write_text(path.read_text().replace("+ 5", "+ 6"), encoding="utf-8")
    with pytest.warns(UserWarning, match="relu in my_dlcore.py was changed after it was accepted"):
        assert mine.load() == {}


def test_an_unknown_kernel_is_only_a_function(course):
    write(course, ("01.trial_step", "def trial_step(x):\n    return x"))
    assert mine.load() == {}


def test_other_line_ends_are_no_change(course):
    write(course, RELU)
    path = course / mine.FILE
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert list(mine.load()) == ["relu"]


@pytest.mark.parametrize(
    "text, words",
    [
        ("x = (\n", r"my_dlcore.py, line 1: .*never closed"),
        ("import numpy\n\n\n1 / 0\n", r"my_dlcore.py, line 4: ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_that_does_not_run_is_named_with_its_line(course, text, words):
    (course / mine.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(mine.LearnerError, match=words):
        backends.set_backend("mine")


def test_a_file_that_cannot_be_read_is_named(course):
    (course / mine.FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(mine.LearnerError, match="my_dlcore.py cannot be read"):
        mine.load()


def test_a_function_that_raises_in_the_engine_names_itself_and_the_shapes(course):
    write(course, ("04.relu", "def relu(x):\n    return x[99]"))
    backends.set_backend("mine")
    with pytest.raises(mine.LearnerError) as raised:
        backends.compute("relu", np.ones((2, 3)))
    assert str(raised.value).startswith("Your relu raised IndexError: ")
    assert str(raised.value).endswith("It was given x of shape (2, 3).")
    assert isinstance(raised.value.__cause__, IndexError)


def test_a_wrong_shape_in_the_engine_names_the_function_and_the_shapes(course):
    write(course, ("04.relu", "def relu(x):\n    return x[:1]"))
    backends.set_backend("mine")
    with pytest.raises(ValueError, match=r"Your relu returned y of shape \(1,\).*shape \(4,\)"):
        backends.compute("relu", np.ones(4))


def test_attributes_that_a_function_does_not_take_are_left_out(course):
    short = "def leaky_relu(x):\n    return np.where(x > 0, x, 0.2 * x)"
    write(course, ("04.leaky_relu", short))
    backends.set_backend("mine")
    assert backends.compute("leaky_relu", np.array([-1.0])).tolist() == [-0.2]
    with pytest.raises(mine.LearnerError, match="leaky_relu does not take negative_slope"):
        backends.compute("leaky_relu", np.array([-1.0]), negative_slope=0.5)
    write(course, ("04.leaky_relu", short.replace("(x)", "(x, negative_slope)", 1)))
    backends.set_backend("mine")
    assert backends.compute("leaky_relu", np.array([-1.0]), negative_slope=0.5) == [-0.2]


def test_the_course_folder_is_the_nearest_that_is_marked(tmp_path, monkeypatch):
    inner = tmp_path / "course" / "deep" / "deeper"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert mine.course_folder() == inner
    (tmp_path / "course" / ".dlcore").mkdir()
    assert mine.course_folder() == tmp_path / "course"
    monkeypatch.setenv("DLCORE_COURSE_FOLDER", str(tmp_path / "other"))
    assert mine.course_folder() == tmp_path / "other"
