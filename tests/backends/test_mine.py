"""The learner's kernels as a backend: only what was accepted serves, and it names itself."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import Sequential, backends
from dlcore.backends import mine
from dlcore.backends import numpy as key
from dlcore.course.source import answer_text
from dlcore.layers import LSTM, RNN, Dense, Input, LSTMCell, SimpleRNN, SimpleRNNCell
from dlcore.utils import set_random_seed


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


# Sequences, which are made of the learner's steps.

STEPS, BATCHES = 5, 4
LAYERS = {
    "simple_rnn": (SimpleRNN, SimpleRNNCell),
    "lstm": (LSTM, LSTMCell),
}


def accept(course, *names):
    """Write the answer key's own functions as the learner's."""
    write(course, *((f"19.{name}", answer_text(getattr(key, name))) for name in names))


def trained(layer, backend, **fit):
    """The weights after a few steps of a model with a recurrent layer, some of it masked."""
    backends.set_backend(backend)
    set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4 * BATCHES, STEPS, 3)).astype(np.float32)
    model = Sequential([Input((STEPS, 3)), layer(), Dense(1)])
    model.compile("sgd", "mse", **fit)
    model.fit(x, x.sum(axis=(1, 2)), batch_size=4, epochs=1, verbose=0)
    return model.get_weights()


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("accepted", ["step", "gradient", "both"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_sequence_is_made_of_an_accepted_step(course, name, accepted, eagerly):
    own = {"step": ["_step"], "gradient": ["_step_grad"], "both": ["_step", "_step_grad"]}
    sigmoid = ["sigmoid"] if name == "lstm" else []
    accept(course, *sigmoid, *(name + end for end in own[accepted]))
    layer = LAYERS[name][0]
    expected = trained(lambda: layer(4), "cpu", run_eagerly=eagerly)
    assert not mine.calls
    found = trained(lambda: layer(4), "mine", run_eagerly=eagerly)
    # Before the first batch fit tries the layers once, on zeros.
    times = {"_step": STEPS * (BATCHES + 1), "_step_grad": STEPS * BATCHES}
    assert mine.calls == {name + end: times[end] for end in own[accepted]}
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_a_cell_calls_the_accepted_step_itself(course, name):
    accept(course, f"{name}_step", f"{name}_step_grad", "sigmoid")
    cell = LAYERS[name][1]
    expected = trained(lambda: RNN(cell(4)), "cpu")
    found = trained(lambda: RNN(cell(4)), "mine")
    assert mine.calls[f"{name}_step"] >= STEPS * BATCHES
    assert mine.calls[f"{name}_step_grad"] >= STEPS * BATCHES
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def sequence_case(name):
    rng, k = np.random.default_rng(1), 4 if name == "lstm" else 1
    mask = np.array([[1, 0, 1], [0, 1, 1]])
    shapes = [(2, 3, 2), (2, 3 * k), (3, 3 * k), (3 * k,), *[(2, 3)] * (1 + (name == "lstm"))]
    return [*(rng.normal(size=s).astype(np.float32) for s in shapes), mask]


@pytest.mark.parametrize("name", LAYERS)
def test_a_step_that_is_left_out_leaves_the_state(course, name):
    accept(course, f"{name}_step", "sigmoid")
    given = sequence_case(name)
    expected = getattr(key, name)(*given)
    backends.set_backend("mine")
    found = backends.compute(name, *given)
    both = zip(found, expected, strict=True) if name == "lstm" else [(found, expected)]
    for a, b in both:
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert mine.calls[f"{name}_step"] == 3


def test_an_accepted_sequence_comes_before_one_that_is_made_of_steps(course):
    body = "def simple_rnn(x, w, u, b, h0, mask):\n    return np.full((*mask.shape, 3), 7.0)"
    step = ("19.simple_rnn_step", answer_text(key.simple_rnn_step))
    write(course, step, ("19.simple_rnn", body))
    backends.set_backend("mine")
    assert (backends.compute("simple_rnn", *sequence_case("simple_rnn")) == 7).all()
    assert mine.calls == {"simple_rnn": 1}


def test_a_step_in_a_sequence_gets_whole_arrays_and_names_itself(course):
    body = (
        "def simple_rnn_step(x, h, w, u, b):\n"
        "    assert x.flags.c_contiguous and x.shape == (2, 2)\n"
        "    return (x @ w)[:1]"
    )
    write(course, ("19.simple_rnn_step", body))
    backends.set_backend("mine")
    with pytest.raises(ValueError, match=r"Your simple_rnn_step returned y of shape \(1, 3\)"):
        backends.compute("simple_rnn", *sequence_case("simple_rnn"))
