"""The decorator and its companions, through a real IPython shell and through plain Python."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import mine
from dlcore.course import progress_file
from tests.course import samples

START = "import numpy as np\nimport math\nfrom dlcore.course import *"
RIGHT = '@exercise("04.relu")\ndef relu(x):\n    # mine\n    return x * (x > 0)\n'
DENSE = '@exercise("01.dense")\ndef dense(x, w, b):\n    return x @ w + b\n'


class Shell:
    """Cells in a real IPython; keeps what was displayed."""

    def __init__(self, shell, shown):
        self.shell, self.shown = shell, shown
        self.namespace = shell.user_ns

    def __call__(self, cell):
        """Run a cell; the plain text of its one card."""
        self.shown.clear()
        result = self.shell.run_cell(textwrap.dedent(cell), store_history=True)
        result.raise_error()
        assert len(self.shown) <= 1
        return self.shown[0]["text/plain"] if self.shown else ""


@pytest.fixture
def run(course, monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(course / "ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config, user_ns={})
    shown = []
    shell.display_pub.publish = lambda data, **_: shown.append(data)
    run = Shell(shell, shown)
    run(START)
    yield run
    InteractiveShell.clear_instance()
    sys.last_value = None


@pytest.fixture
def restored_backend():
    before = backends.get_backend()
    yield
    backends.set_backend(before)


def kept(course):
    return (course / "my_dlcore.py").read_text(encoding="utf-8")


def run_file(course):
    spec = importlib.util.spec_from_file_location("my_dlcore", course / "my_dlcore.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_stub_gives_the_librarys_function_and_leaves_no_file(run, course):
    text = run('@exercise("04.relu")\ndef relu(x):\n    """y = max(x, 0)"""\n    ...  # yours\n')
    assert text.startswith("NOT ATTEMPTED  04.relu  Bending the line  (core, 5 min)")
    assert "Write relu(x): y = max(x, 0)." in text
    assert run.namespace["relu"] is samples.RELU.answer
    assert not (course / ".dlcore").exists() and not (course / "my_dlcore.py").exists()


def test_a_wrong_attempt_stays_the_learners(run, course):
    text = run('@exercise("04.relu")\ndef relu(x):\n    return abs(x)\n')
    assert text.startswith("WRONG  04.relu") and "This is |x|" in text
    assert run.namespace["relu"](np.array(-2)) == 2
    assert progress_file.load().seen("04.relu").status == "wrong"
    assert not (course / "my_dlcore.py").exists()


def test_the_card_is_html_and_text(run):
    run('@exercise("04.relu")\ndef relu(x):\n    return abs(x)\n')
    (data,) = run.shown
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/html"].startswith("<div") and "This is |x|" in data["text/html"]


def test_a_right_function_is_kept_and_stays_the_learners(run, course):
    text = run(RIGHT)
    assert text.startswith("RIGHT  04.relu") and "It is kept in my_dlcore.py" in text
    assert run.namespace["relu"].__code__.co_name == "relu"
    assert run.namespace["relu"] is not samples.RELU.answer
    assert "@exercise" not in kept(course)
    assert "def relu(x):\n    # mine\n    return x * (x > 0)\n# <<< 04.relu\n" in kept(course)
    assert run_file(course).relu(np.array(-3.0)) == 0
    record = progress_file.load().seen("04.relu")
    assert (record.status, record.serving, len(record.forms)) == ("right", 1, 1)


def test_running_a_cell_again_changes_nothing(run, course):
    first = run(RIGHT)
    before = kept(course)
    assert run(RIGHT) == first and kept(course) == before
    assert len(progress_file.load().seen("04.relu").forms) == 1


def test_the_kept_function_runs_in_the_engine(run, course, restored_backend):
    run('@exercise("04.relu")\ndef relu(x):\n    return np.where(x > 0, x, 0) + 0\n')
    backends.set_backend("mine")
    mine.calls.clear()
    y = backends.compute("relu", np.array([[-1.0, 2.0]], np.float32))
    assert y.tolist() == [[0, 2]] and mine.calls == {"relu": 1}
    assert "1 call" in run("progress()")
    mine.calls.clear()
    assert "yes, earlier" in run("progress()")


def test_an_engine_on_mine_gets_a_new_form_at_once(run, course, restored_backend):
    backends.set_backend("mine")
    assert mine.function("relu") is None
    run(RIGHT)
    assert mine.function("relu")(np.array(-1.0)) == 0


def test_a_constant_and_a_helper_of_other_cells_are_kept_with_it(run, course):
    run("threshold, unused = 0, 1")
    run("def above(x):\n    return x > threshold")
    text = run('@exercise("04.relu")\ndef relu(x):\n    return x * above(x)\n')
    assert text.startswith("RIGHT") and "It is kept" in text
    assert "threshold, unused = 0, 1\ndef above(x):" in kept(course)
    assert run_file(course).relu(np.array(-3.0)) == 0


def test_another_name_is_right_but_not_kept(run, course):
    text = run('@exercise("04.relu")\ndef my_relu(x):\n    return x * (x > 0)\n')
    assert "it is called `my_relu`; call it `relu`" in " ".join(text.split())


def test_an_earlier_exercise_may_be_used_once_it_is_kept(run, course):
    uses = (
        '@exercise("02.dense_grad")\ndef dense_grad(dz, x, w):\n'
        "    zero = np.zeros(dz.shape[1], dz.dtype)\n"
        "    return dz @ w.T, dense(x.T, dz, zero), dz.sum(0)\n"
    )
    run('@exercise("01.dense")\ndef dense(x, w, b):\n    ...\n')
    text = " ".join(run(uses).split())
    assert text.startswith("RIGHT") and "so solve the exercise of dense first" in text
    run(DENSE)
    assert "It is kept" in run(uses)
    dw = run_file(course).dense_grad(np.ones((2, 1)), np.ones((2, 3)), np.ones((3, 1)))[1]
    assert dw.tolist() == [[2]] * 3


def test_hand_edits_outside_the_sections_survive(run, course):
    run(RIGHT)
    path = course / "my_dlcore.py"
    text = kept(course)
    text = text.replace("# >>> 04", "def my_own():\n    return 42\n\n\n# >>> 04") + "\nTAIL = 3\n"
    path.write_text(text, encoding="utf-8")
    run(DENSE)
    run('@exercise("04.relu")\ndef relu(x):\n    return np.maximum(x, 0)\n')
    module = run_file(course)
    assert (module.my_own(), module.TAIL) == (42, 3)
    assert kept(course).count("def relu") == 1 and "np.maximum(x, 0)" in kept(course)
    assert kept(course).index("my_own") < kept(course).index("relu") < kept(course).index("TAIL")


def test_a_damaged_file_is_set_aside_and_made_anew(run, course):
    run(RIGHT)
    (course / "my_dlcore.py").write_text("def broken(:\n", encoding="utf-8")
    text = " ".join(run(DENSE).split())
    assert "was no longer Python; it lies beside as my_dlcore.damaged.py" in text
    assert (course / "my_dlcore.damaged.py").read_text(encoding="utf-8") == "def broken(:\n"
    module = run_file(course)
    assert module.relu(np.array(-1.0)) == 0 and module.dense
    (course / "my_dlcore.py").write_bytes(b"\xff\xfe\x00")
    assert "my_dlcore.damaged2.py" in run(RIGHT)


def test_a_file_that_fails_when_run_is_left_alone(run, course):
    (course / "my_dlcore.py").write_text("import nowhere_to_be_found\n", encoding="utf-8")
    text = " ".join(run(RIGHT).split())
    assert "not kept in my_dlcore.py, where it does not run: my_dlcore.py, line 1" in text
    assert kept(course) == "import nowhere_to_be_found\n"
    assert progress_file.load().seen("04.relu").status == "right"


def test_several_forms_are_kept_and_one_is_chosen(run, course):
    run(RIGHT)
    text = run('@exercise("04.relu")\ndef relu(x):\n    return np.maximum(x, 0)\n')
    assert "as form 2 of 2" in text and "np.maximum" in kept(course)
    assert "2, form 2 serves" in run("progress()")
    assert "Form 1 of 2 serves now." in run('use("04.relu", form=1)')
    assert "x * (x > 0)" in kept(course) and "np.maximum" not in kept(course)
    assert "2, form 1 serves" in run("progress()")
    run.shown.clear()
    run.shell.run_cell('use("04.relu")').raise_error()
    assert [data["text/plain"].splitlines()[0] for data in run.shown] == [
        "FORM 1, SERVES  04.relu  Bending the line",
        "FORM 2  04.relu  Bending the line",
    ]
    with pytest.raises(ValueError, match="has the forms 1 to 2; there is no form 3"):
        run('use("04.relu", form=3)')
    with pytest.raises(ValueError, match="01.dense has 0 accepted forms"):
        run('use("01.dense")')


def test_a_form_that_numba_compiles_is_kept(run, course):
    pytest.importorskip("numba")
    run("from numba import njit")
    text = run(
        '@exercise("01.dense")\n@njit\ndef dense(x, w, b):\n'
        "    z = np.zeros((x.shape[0], w.shape[1]), x.dtype)\n"
        "    for n in range(x.shape[0]):\n        for o in range(w.shape[1]):\n"
        "            for i in range(w.shape[0]):\n                z[n, o] += x[n, i] * w[i, o]\n"
        "            z[n, o] += b[o]\n    return z\n"
    )
    assert text.startswith("RIGHT") and "It is kept" in text
    assert "from numba import njit\n@njit\ndef dense" in kept(course)


def test_an_endless_loop_that_numba_would_compile_is_stopped(run):
    pytest.importorskip("numba")
    run("from numba import njit")
    text = run(
        '@exercise("04.relu", seconds=0.3)\n@njit\ndef relu(x):\n    i = 0\n'
        "    while i < 1:\n        i = 0\n    return x\n"
    )
    assert text.startswith("WRONG") and "Your function was stopped" in text


def test_an_endless_loop_leaves_the_kernel_alive(run):
    text = run('@exercise("04.relu", seconds=0.3)\ndef relu(x):\n    while True: pass\n')
    assert "may take 0.3 seconds" in text
    assert run(RIGHT).startswith("RIGHT")


def test_hints_come_one_after_the_other_and_end(run):
    texts = [run('hint("04.relu")') for _ in range(5)]
    assert texts[0] == "HINT 1 of 3  04.relu\nLook at the shapes."
    assert texts[2] == "HINT 3 of 3  04.relu\nIt is x @ w."
    assert texts[3] == texts[4] and texts[3].startswith("NO MORE HINTS")
    assert 'solution("04.relu")' in texts[3]
    assert progress_file.load().seen("04.relu").hints == 3


def test_the_solution_is_the_answers_own_source(run):
    text = run('solution("04.relu")')
    assert "    def relu(x):\n        return np.maximum(x, 0)" in text
    assert "np.maximum broadcasts the 0." in text
    assert progress_file.load().seen("04.relu").solution_seen


def test_unknown_ids_say_which_was_meant(run):
    for cell in ('hint("04.rel")', 'solution("04.rel")', 'use("04.rel")', '@exercise("04.rel")\n'):
        with pytest.raises(ValueError, match=r"did you mean '04.relu'\?"):
            run(cell + "def f(): ..." if cell.startswith("@") else cell)
    with pytest.raises(TypeError, match="Name the exercise above the function"):
        run("@exercise\ndef relu(x):\n    ...")


def test_a_folder_that_cannot_be_written_is_said_once_a_card(run, course):
    (course / ".dlcore").write_text("in the way", encoding="utf-8")
    text = run(RIGHT)
    assert text.startswith("RIGHT") and text.count("Nothing is saved") == 1
    assert run('hint("04.relu")') and "HINT 2" in run('hint("04.relu")')
    assert "Nothing is saved" in run("progress()")


def test_cards_are_the_same_every_time(run, course):
    cell = '@exercise("04.relu")\ndef relu(x):\n    return x / 3\n'
    first = (run(cell), dict(run.shown[0]))
    assert (run(cell), dict(run.shown[0])) == first


def test_in_plain_python_the_card_is_printed(course, tmp_path):
    script = tmp_path / "work.py"
    script.write_text(
        "import numpy as np\nfrom dlcore.course import Exercise\n"
        "from tests.course.conftest import Samples\n"
        "import importlib\n"
        "notebook = importlib.import_module('dlcore.course.notebook')\n"
        "notebook.registry = Samples\n"
        "from dlcore.course import exercise, progress, hint\n" + RIGHT + "progress()\n",
        encoding="utf-8",
    )
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("RIGHT  04.relu") and "LESSON 04: 1 of 2 right" in done.stdout
    assert "x * (x > 0)" in kept(course)


def test_the_board_of_one_lesson(run, course):
    whole, one = run("progress()"), run('progress("04")')
    assert "LESSON 01" in whole and "LESSON 04" in whole
    assert "LESSON 01" not in one and "04.slope" in one
    # Of a lesson that is not begun the whole board has a line, and says how to see more.
    assert "04.slope" not in whole and 'progress("01") lists the exercises' in whole
    run(RIGHT)
    begun = run("progress()")
    assert "04.slope" in begun and "01." not in begun
    with pytest.raises(ValueError, match="no lesson '4' with exercises; there are 01, "):
        run("progress('4')")


def test_a_wrong_attempt_after_a_right_one_says_which_form_still_serves(run):
    run(RIGHT)
    text = run('@exercise("04.relu")\ndef relu(x):\n    return x\n')
    assert text.startswith("WRONG") and "The form accepted earlier still serves" in text
    run('@exercise("04.relu")\ndef relu(x):\n    return np.maximum(x, 0)\n')
    run('use("04.relu", form=1)')
    again = " ".join(run('@exercise("04.relu")\ndef relu(x):\n    return x\n').split())
    assert "Form 1 of 2 still serves in the engine." in again


def test_a_wrong_card_has_its_hint_at_hand_and_counts_none(run):
    text = run('@exercise("04.relu")\ndef relu(x):\n    return x\n')
    assert 'hint("04.relu") helps in three steps.' in text
    assert progress_file.load().seen("04.relu").hints == 0


def test_the_button_gives_the_hints_one_after_the_other(run, monkeypatch):
    """With a kernel behind the page the hint is a button below the card."""
    widgets = pytest.importorskip("ipywidgets")
    shown, made = [], []
    monkeypatch.setattr("dlcore.course.notebook_output.has_kernel", lambda: True)
    monkeypatch.setattr("dlcore.course.notebook.has_kernel", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    original = widgets.VBox
    monkeypatch.setattr(widgets, "VBox", lambda *a: made.append(original(*a)) or made[-1])
    run.shell.run_cell('@exercise("04.relu")\ndef relu(x):\n    return x\n').raise_error()
    assert [list(data)[0] for data in shown] == [
        "text/html",
        "application/vnd.jupyter.widget-view+json",
    ]
    assert shown[1]["text/plain"] == 'hint("04.relu")'
    assert "hint(" not in shown[0]["text/plain"] and progress_file.load().seen("04.relu").hints == 0
    cards, box = made
    button = box.children[0]
    labels = []
    for _ in range(4):
        labels.append(button.description)
        button.click()
    assert labels == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "After the hints"]
    texts = [each.value for each in cards.children]
    assert "Look at the shapes." in texts[0] and "solution(" in texts[3]
    assert progress_file.load().seen("04.relu").hints == 3 and button.layout.display == "none"


def test_after_the_hints_only_the_librarys_own_is_called_so(run):
    for _ in range(4):
        text = run('hint("04.slope")')
    assert 'solution("04.slope") shows a way to write it.' in text


def test_a_prediction_is_answered_in_the_same_words(capsys):
    from dlcore.course import reveal

    for said in ("A", "a", " A) ", "(a)"):
        reveal(said, "C")
    assert set(capsys.readouterr().out.splitlines()) == {"You said A; it was C."}
    reveal("?", "C")
    assert capsys.readouterr().out.startswith("You have not said yet; it was C.")
