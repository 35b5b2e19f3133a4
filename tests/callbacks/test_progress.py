"""Progress in a pipe, in a terminal and in a notebook, real or run by a program."""

import os
import re
import subprocess
import sys
import types

import numpy as np
import pytest

from dlcore.callbacks import display, progbar
from dlcore.callbacks.display import as_text
from dlcore.layers import Dense
from dlcore.models import Sequential

PROGRAM = """
import numpy as np
from dlcore.models import Sequential
from dlcore.layers import Dense
from dlcore.callbacks.display import place
from dlcore.trainer.advice import run as waiting
waiting.SECONDS = 1000
model = Sequential([Dense(1, input_dim=2)])
model.compile("sgd", "mse", metrics=["mae"])
x, y = np.zeros((64, 2)), np.ones(64)
model.fit(x, y, epochs=2, validation_split=0.5{more})
model.evaluate(x, y{more})
model.predict(x{more})
"""

EPOCH = r"Epoch {}/2 - \d+\.\ds - loss: \d\.\d{{4}} - mae: \d\.\d{{4}} - val_loss: \d\.\d{{4}} - "


def run_in_pipe(more=""):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(more=more)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout


def test_a_pipe_gets_a_line_an_epoch_and_no_carriage_return():
    out = run_in_pipe()
    assert "\r" not in out and "\x1b" not in out
    lines = out.splitlines()
    assert len(lines) == 3
    assert re.match(EPOCH.format(1), lines[0]) and re.match(EPOCH.format(2), lines[1])
    assert re.fullmatch(r"Evaluate 2 batches - \d+\.\ds - loss: \d\.\d+ - mae: \d\.\d+", lines[2])


def test_silence():
    assert run_in_pipe(", verbose=0") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("more", ["", ", verbose=2"])
def test_a_terminal_gets_bars_that_become_lines(more):
    import pty

    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(more=more)], stdout=child, stderr=child,
        env={**os.environ, "COLUMNS": "100", "TERM": "xterm"},
    )  # fmt: skip
    os.close(child)
    out = b""
    while True:
        try:
            data = os.read(parent, 4096)
        except OSError:
            break
        if not data:
            break
        out += data
    os.close(parent)
    assert process.wait(timeout=120) == 0, out
    text = out.decode("utf8")
    # What stays on the screen of a line is what was written after its last carriage return.
    lines = [line.rstrip("\r").split("\r")[-1] for line in text.split("\n")]
    lines = [line for line in lines if line.strip()]
    assert len(lines) == 3, text
    assert re.match(EPOCH.format(1), lines[0]) and re.match(EPOCH.format(2), lines[1])
    assert lines[2].startswith("Evaluate 2 batches - ")
    drawn = re.findall(r"(Epoch \d/2|Evaluate)\s+\d+%\|", text)
    assert set(drawn) == (set() if more else {"Epoch 1/2", "Epoch 2/2", "Evaluate"})


class FakeBar:
    made: list = []

    def __init__(self, total, desc, delay=0):
        self.total, self.labels, self.n, self.open = total, [desc], 0, True
        self.text = ""
        FakeBar.made.append(self)

    def update(self):
        self.n += 1

    def set_description_str(self, text, refresh):
        self.labels.append(text)

    def set_postfix_str(self, text, refresh):
        self.text = text

    def close(self):
        self.open = False


@pytest.fixture
def kernel(monkeypatch):
    """An IPython kernel, with nobody in front of it yet."""
    shell = types.SimpleNamespace(kernel=object(), user_ns={})
    module = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return shell


@pytest.fixture
def notebook(kernel, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/lessons/01.ipynb")
    monkeypatch.setattr(display, "_has_widgets", lambda: True)
    fake = types.ModuleType("tqdm.notebook")
    fake.tqdm_notebook = FakeBar
    monkeypatch.setitem(sys.modules, "tqdm.notebook", fake)
    FakeBar.made.clear()


def test_places(kernel, monkeypatch):
    monkeypatch.setattr(display, "_has_widgets", lambda: True)
    assert display.place() == "log"
    monkeypatch.setenv("JPY_SESSION_NAME", "x")
    assert display.place() == "notebook"
    monkeypatch.setattr(display, "_has_widgets", lambda: False)
    assert display.place() == "log"
    monkeypatch.setattr(display, "_has_widgets", lambda: True)
    monkeypatch.delenv("JPY_SESSION_NAME")
    kernel.user_ns["__vsc_ipynb_file__"] = "x"
    assert display.place() == "notebook"


def model():
    net = Sequential([Dense(1, input_dim=2)])
    net.compile("sgd", "mse")
    return net


def test_a_notebook_gets_one_bar_for_the_whole_training(notebook, capsys):
    model().fit(np.zeros((64, 2)), np.ones(64), epochs=3, validation_split=0.5)
    assert capsys.readouterr().out == ""
    (bar,) = FakeBar.made
    assert (bar.total, bar.n, bar.open) == (3, 3, False)
    assert bar.labels[-1] == "Epoch 3/3" and "val_loss: " in bar.text


def test_a_bar_is_closed_when_the_training_breaks_off(notebook):
    def broken(y_true, y_pred):
        raise ZeroDivisionError

    net = model()
    net.compile("sgd", broken)
    with pytest.raises(ZeroDivisionError):
        net.fit(np.zeros((64, 2)), np.ones(64))
    assert [bar.open for bar in FakeBar.made] == [False]


def test_verbose_2_is_lines_in_a_notebook_too(notebook, capsys):
    model().fit(np.zeros((64, 2)), np.ones(64), verbose=2)
    assert FakeBar.made == [] and capsys.readouterr().out.startswith("Epoch 1/1 - ")


def test_numbers_as_text():
    logs = {"loss": 0.00012345, "big": 123456.0, "accuracy": 0.75, "f1": np.array([0.5, 0.25])}
    assert as_text(logs) == (
        "accuracy: 0.7500 - big: 1.2346e+05 - f1: [0.5000 0.2500] - loss: 1.2345e-04"
    )
    assert as_text(None) == ""


def test_a_bar_looks_at_the_numbers_only_now_and_then(monkeypatch):
    calls = []
    monkeypatch.setattr(progbar, "as_text", lambda logs: calls.append(logs) or "")
    monkeypatch.setattr(progbar, "place", lambda: "notebook")
    monkeypatch.setattr(progbar, "_bar", lambda *args, **kwargs: FakeBar(args[1], args[2]))
    model().fit(np.zeros((640, 2)), np.ones(640), batch_size=1)
    assert len(calls) < 200
