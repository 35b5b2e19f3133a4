"""Functions are found whatever was done to the cells around them."""

import json
import time

import pytest

from dlcore.course.forms.cells import cleaned
from dlcore.course.grading import submission
from tests.course.grading.classroom import contents, gathered_from, mark, notebook

RELU = '@exercise("04.relu")\ndef relu(x):\n    return np.maximum(x, 0)\n'
BODY = "def relu(x):\n    return np.maximum(x, 0)\n"
STUB = '@exercise("04.relu")\ndef relu(x):\n    """Doc."""\n    ...  # your code\n'


@pytest.mark.parametrize(
    "cells",
    {
        "as it was": (RELU,),
        "imports deleted": ("y = 1", RELU),
        "decorator lost": (BODY,),
        "decorator retyped": ('@course.exercise(id="04.relu")\n' + BODY,),
        "id retyped wrongly": ('@exercise("04.rulu")\n' + BODY,),
        "name retyped": ('@exercise("04.relu")\ndef rectify(x):\n    return np.maximum(x, 0)\n',),
        "decorator in a cell of its own": ('@exercise("04.relu")', BODY),
        "split within the function": (
            '@exercise("04.relu")\ndef relu(x):\n    y = np.maximum(x, 0)',
            "    return y\n",
        ),
        "indented": ("    " + RELU.replace("\n", "\n    "),),
        "stub again below": (RELU, STUB),
        "stub above": (STUB, RELU),
        "wrong version below": (RELU, RELU.replace("maximum", "minimum")),
        "error in the cell": ("x = = 3\n" + RELU + "\nprint(y[\n",),
        "error elsewhere": ("def broken(:\n  pass", RELU, "1 +"),
        "magics": ("%matplotlib inline\n!pip install x\n" + RELU + "%timeit relu(1)\n?relu",),
        "timed": ("%%time\n" + RELU,),
        "two decorators": ('@exercise(\n    "04.relu"\n)\n@functools.cache\n' + BODY,),
        "a lambda": ("relu = lambda x: np.maximum(x, 0)",),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_function_is_found(cells):
    name, texts = cells
    found, _ = gathered_from("04.relu", texts)
    best = [p for p in found if "maximum" in p.candidate.piece.text]
    assert len(best) == 1, name
    if name != "two decorators":
        verdict = mark("04.relu", *(t for t in texts if "minimum" not in t))
        assert verdict.status == "right", verdict.sentence


def test_a_decorator_of_the_exercise_is_taken_out_and_lines_stay():
    text = '\n@exercise("04.relu")\n@exercise(id="04.relu")\ndef relu(x):\n    return x.nothing\n'
    (gathered,), _ = gathered_from("04.relu", [text])
    assert "exercise" not in gathered.candidate.piece.text
    assert "in line 5: return x.nothing" in mark("04.relu", text).sentence


def test_another_language_is_left_alone():
    found, _ = gathered_from("04.relu", [cleaned("%%bash\n" + BODY)])
    assert found == []


def test_a_stub_is_not_attempted_and_nothing_is_missing():
    assert gathered_from("04.relu", [STUB]) == ([], True)
    assert gathered_from("04.relu", ["x = 1"]) == ([], False)


def test_an_id_belongs_to_one_exercise():
    text = '@exercise("04.tanh")\ndef relu(x):\n    return np.tanh(x)\n'
    assert gathered_from("04.relu", [text])[0] == []
    assert len(gathered_from("04.tanh", [text])[0]) == 1


def test_only_what_is_needed_is_taken():
    (gathered,), _ = gathered_from(
        "04.relu",
        ["import os\nZERO = 0\nrest = os.listdir()", "def lift(x):\n    return np.maximum(x, ZERO)",
         RELU.replace("np.maximum(x, 0)", "lift(x)")],
    )  # fmt: skip
    assert [piece.name for piece in gathered.pieces] == ["ZERO", "lift", "relu"]
    assert gathered.refused == []


def test_the_last_of_two_helpers_serves():
    text = RELU.replace("np.maximum(x, 0)", "lift(x)")
    wrong, right = ("lift = lambda x: -x", "def lift(x):\n    return np.maximum(x, 0)")
    assert mark("04.relu", wrong, right, text).status == "right"
    assert mark("04.relu", right, wrong, text).status == "wrong"


LOSS = "def mean_loss(x, t, w, b):\n    return mse(dense(x, w, b), t).mean()"
MSE = "def mse(y, t):\n    return ((y - t) ** 2).mean(axis=1)"


@pytest.mark.parametrize(
    "cells, status",
    [
        ((LOSS,), "right"),
        ((MSE, LOSS), "right"),
        (("from dlcore.backends.numpy import dense, mse", LOSS), "right"),
        ((MSE.replace("mean(axis=1)", "sum(axis=1)"), LOSS), "wrong"),
    ],
)
def test_earlier_exercises_are_the_students_own_or_else_the_librarys(cells, status):
    assert mark("01.mean_loss", *cells).status == status


def test_an_earlier_exercise_may_stand_in_another_notebook():
    (gathered,), _ = gathered_from("01.mean_loss", [MSE], [LOSS])
    assert [p.name for p in gathered.pieces] == ["mean_loss"]
    assert [(e.name, e.own) for e in gathered.earlier] == [("dense", False), ("mse", True)]


@pytest.mark.parametrize(
    "text",
    [
        "from dlcore.backends.numpy import relu as key\ndef relu(x):\n    return key(x)",
        "import dlcore\ndef relu(x):\n    return dlcore.backends.numpy.relu(x)",
        "def relu(x):\n    from dlcore.backends.numpy import relu\n    return relu(x)",
        # A later exercise is no stand-in: leaky_relu with a slope of 0 is relu.
        "from dlcore.backends.numpy import leaky_relu\ndef relu(x):\n    return leaky_relu(x, 0)",
    ],
)
def test_the_librarys_own_answer_is_refused(text):
    (gathered,), _ = gathered_from("04.relu", [text])
    assert gathered.refused
    assert mark("04.relu", text).kind == "refused"


def test_a_later_exercise_is_not_lent():
    verdict = mark("04.relu", "def relu(x):\n    return leaky_relu(x, 0)")
    assert verdict.sentence.startswith("Your function raises NameError")


DEEP = ["(" * 50_000, "-" * 90_000 + "1", "1+" * 45_000 + "1", "[" * 90 + "]" * 90, "a." * 40_000,
        "lambda:" * 9_000 + "1", "if 1:\n" + " if 1:\n" * 99, "\0", "f'" + "{" * 9_000, "\ud800",
        "@exercise(" + "(" * 500 + ")", "x" + "[0]" * 20_000 + " = 1"]  # fmt: skip


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_text_that_breaks_parsers_harms_nothing(text):
    source = cleaned(text)
    found = contents(source, RELU)
    assert [piece.name for piece in found.pieces if piece.exercise] == ["relu"]
    gathered_from("04.relu", [f"def relu(x):\n    return {source}"])


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[" * 100_000, b"[]", b'{"cells": 3}', b"\xff\xfe", b'{"cells": [1, {}, []]}',
     b'{"cells": [{"cell_type": "code", "source": {"a": 1}}]}'],
)  # fmt: skip
def test_a_damaged_notebook_is_read_without_a_fault(tmp_path, data):
    path = tmp_path / "a.ipynb"
    path.write_bytes(data)
    found = submission.read(path, "a")
    assert found.problem or not any(cell.text for cell in found.cells)


def test_both_conventions_of_folders(tmp_path):
    for name in ("bo/01.ipynb", "bo/deep/er/04.ipynb", "ada.ipynb", "cy__01.ipynb", "cy__04.ipynb",
                 ".hidden/a.ipynb", "bo/.ipynb_checkpoints/01.ipynb", "bo/notes.txt"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(RELU))
    found = submission.hand_ins(tmp_path)
    short = {
        each.student: [file.path.relative_to(tmp_path).as_posix() for file in each.notebooks]
        for each in found
    }
    assert short == {
        "ada": ["ada.ipynb"],
        "bo": ["bo/01.ipynb", "bo/deep/er/04.ipynb"],
        "cy": ["cy__01.ipynb", "cy__04.ipynb"],
    }


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "class").mkdir()
    secret = tmp_path / "other.ipynb"
    secret.write_text(json.dumps({"cells": []}))
    try:
        (tmp_path / "class" / "eve.ipynb").symlink_to(secret)
    except OSError:
        pytest.skip("no links here")
    (eve,) = submission.hand_ins(tmp_path / "class")
    assert eve.notebooks == []
    assert "eve.ipynb (a link, which is not followed)" in eve.reason


@pytest.mark.parametrize(
    "cells",
    {
        "short statements": lambda n: ("a = 0\n" * n,),
        "one line": lambda n: ("a=0;" * n,),
        "each on the one before": lambda n: ("a = a + 1\n" * n + "def relu(x):\n    return x + a",),
        "changes": lambda n: ("a = []\n" + "a.append(1)\n" * n + "def relu(x):\n    return a",),
        "cells that go on in one another": lambda n: ("if 1:\n    a = 0", *["    a = 0"] * n),
        "decorators": lambda n: ("@f\n" * n + "x = = 1",),
        "damaged": lambda n: ("a = = 0\n" * n,),
        "names": lambda n: ("".join(f"a{k} = a{k - 1}\n" for k in range(1, n)),),
        "imports": lambda n: ("import numpy as np\n" * n + RELU,),
    }.items(),
    ids=lambda item: item[0],
)
def test_reading_takes_time_in_proportion_to_the_length(cells):
    _, make = cells

    def seconds(count):
        texts = make(count)
        best = 100.0
        for _ in range(3):
            start = time.perf_counter()
            gathered_from("04.relu", texts)
            best = min(best, time.perf_counter() - start)
        return best

    seconds(50)
    assert seconds(4000) < 8 * seconds(1000) + 0.2


def test_a_notebook_is_bounded_as_a_whole(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(RELU, *["x = 0\n" * 16_000] * 9))
    found = submission.read(path, "a")
    assert sum(len(cell.text) for cell in found.cells) <= submission.LARGEST_TEXT
    assert "A part of it is left out" in found.problem
