"""Attacks on the grader. Each is shown to work where its defence is down, so the test can fail.

An attack here is a function that gives the right answer only if it reached what it reached for.
"""

import io
import os
import queue
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dlcore.backends import numpy as key
from dlcore.course.cases import draw_cases
from dlcore.course.grading import child
from dlcore.course.registry import registry
from tests.course.grading.classroom import mark

RIGHT = "return np.maximum(x, 0)"


@pytest.fixture(scope="module")
def held():
    """What this system can hold a submission to."""
    job = {"name": "f", "standins": [], "pieces": []}
    with child.Child(job, child.Limits()) as probe:
        return probe.held


def needs(held, layer):
    names = {"landlock": "files", "seccomp": "system calls", "rlimits": "processor time"}
    if layer in names and names[layer] not in held:
        pytest.skip(f"this system has no {layer}")


def binds_root(name, layer):
    """Whether a limit holds for root too; that of the number of processes does not."""
    return (name, layer) != ("starts a process", "rlimits")


def attack(body, helper=""):
    lines = "\n    ".join(body.strip().split("\n"))
    return helper, f"def relu(x):\n    {lines}\n"


FILE = "open({!r}, encoding='utf-8').read()"
ATTACKS = {
    "reads the answer key": (
        ("landlock", "guard"),
        "text = " + FILE.format(key.activations.__file__) + "\nstart = text.index('def relu(x)')\n"
        "names = {'np': np}\nexec(text[start : text.index('@', start)], names)\n"
        "return names['relu'](x)",
    ),
    "imports the library": (
        ("landlock", "guard"),
        "import sys\nsys.path.append(" + repr(str(Path(key.__file__).parents[3]))
        + ")\nimport dlcore.backends.numpy as key\nreturn key.relu(x)",
    ),
    "reads a file of the home folder": (
        ("landlock", "guard"), "open(%(target)r).read()\n" + RIGHT,
    ),
    "writes outside": (
        ("rlimits", "landlock", "guard"),
        "with open(%(target)r, 'w') as f: f.write('x')\n" + RIGHT,
    ),
    "deletes a file": (("landlock", "guard"), "import os\nos.remove(%(target)r)\n" + RIGHT),
    "makes a folder": (("landlock", "guard"), "import os\nos.mkdir(%(target)r + 'd')\n" + RIGHT),
    "changes the rights of a file": (
        ("seccomp", "guard"), "import os\nos.chmod(%(target)r, 0o777)\n" + RIGHT,
    ),
    "starts a process": (
        ("rlimits", "seccomp", "guard"),
        "import os\npid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)\n" + RIGHT,
    ),
    "runs a program": (
        ("landlock", "seccomp", "guard"),
        "import subprocess\nsubprocess.run(['/bin/true'], check=True)\n" + RIGHT,
    ),
    "opens a socket": (("seccomp", "guard"), "import socket\nsocket.socket().close()\n" + RIGHT),
    "signals the grader": (("seccomp", "guard"), "import os\nos.kill(os.getppid(), 0)\n" + RIGHT),
    "reads the grader's environment": (
        ("landlock", "guard"),
        "text = open(f'/proc/{__import__(\"os\").getppid()}/environ', 'rb').read()\n"
        "if b'PATH' in text: " + RIGHT,
    ),
    "looks through all objects": (("guard",), "import gc\ngc.get_objects()\n" + RIGHT),
    "loads a C library": (
        ("guard",), "import ctypes\nctypes.CDLL(None).getpid()\n" + RIGHT,
    ),
}  # fmt: skip
CASES = [(name, layer) for name, (layers, _) in ATTACKS.items() for layer in layers]


@pytest.mark.skipif(sys.platform != "linux", reason="written for Linux")
@pytest.mark.parametrize("name, layer", CASES, ids=lambda each: each.replace(" ", "-"))
def test_a_layer_alone_stops_the_attack(name, layer, tmp_path, held):
    needs(held, layer)
    if os.geteuid() == 0 and not binds_root(name, layer):
        pytest.skip("root may start any number of processes")
    target = tmp_path / "file"
    target.write_text("old")
    target.chmod(0o600)
    body = ATTACKS[name][1]
    cells = attack(body % {"target": str(target)} if "%(target)" in body else body)
    verdict = mark("04.relu", *cells, layers=(layer,), refuse=False)
    assert verdict.status == "wrong", verdict.sentence
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_text() in ("old", "")
    assert len(list(tmp_path.iterdir())) == 1
    if layer == "guard":
        assert verdict.kind == "refused"


@pytest.mark.skipif(sys.platform != "linux", reason="written for Linux")
@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_works_where_nothing_stops_it_and_its_text_is_refused(name, tmp_path):
    target = tmp_path / "file"
    target.write_text("old")
    body = ATTACKS[name][1]
    cells = attack(body % {"target": str(target)} if "%(target)" in body else body)
    # Deleting or making something works once; the function is called more often.
    if name not in ("deletes a file", "makes a folder"):
        assert mark("04.relu", *cells, layers=(), refuse=False).status == "right"
    verdict = mark("04.relu", *cells)
    assert verdict.kind == "refused"
    assert "so it is not accepted" in verdict.sentence


def test_whoever_reaches_out_gets_no_marks_even_with_the_right_answer():
    body = "try: open('/etc/passwd')\nexcept Exception: pass\n" + RIGHT
    verdict = mark("04.relu", *attack(body), refuse=False)
    assert verdict.kind == "refused"
    assert "reached for open" in verdict.sentence


def test_the_environment_is_empty(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "abc")
    body = "import os\nif not any('SECRET' in name for name in os.environ): " + RIGHT
    assert mark("04.relu", *attack(body), layers=(), refuse=False).status == "right"
    body = "import os\nif os.listdir('.') == []: " + RIGHT
    assert mark("04.relu", *attack(body), layers=(), refuse=False).status == "right"


def test_only_numpy_is_found_among_the_packages():
    body = "try:\n    import pytest\nexcept ImportError: " + RIGHT
    assert mark("04.relu", *attack(body), layers=(), refuse=False).status == "right"


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import time\ntime.sleep(1000)",
    ],
)
def test_an_endless_loop_is_ended(loop):
    begun = time.monotonic()
    verdict = mark("04.relu", *attack(loop + "\n" + RIGHT), seconds=1)
    assert verdict.kind == "time"
    assert "may take 1 seconds" in verdict.sentence
    assert time.monotonic() - begun < 30
    assert not child._alive


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who waits for the processor")
def test_who_does_not_get_the_processor_has_longer(monkeypatch):
    """As on a machine that is busy: the child seems to be ready to run and to have run nothing."""
    monkeypatch.setattr(child, "_used", lambda pid: (0.0, "R"))
    begun = time.monotonic()
    assert mark("04.relu", *attack("while True: pass"), seconds=0.5).kind == "time"
    assert time.monotonic() - begun > 0.5 * child.TURNS
    monkeypatch.setattr(child, "_used", lambda pid: (0.0, "S"))
    begun = time.monotonic()
    assert mark("04.relu", *attack("import time\ntime.sleep(60)"), seconds=0.5).kind == "time"
    assert time.monotonic() - begun < 30


def test_an_endless_loop_outside_the_function_is_ended():
    assert mark("04.relu", "a = [0 for i in iter(int, 1)]", f"def relu(x):\n    a\n    {RIGHT}",
                seconds=1).kind == "time"  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to the limit of memory")
def test_a_memory_bomb_finds_no_memory():
    body = "a = np.empty(2 * 10**8)\n" + RIGHT
    assert mark("04.relu", *attack(body), megabytes=8192).status == "right"
    verdict = mark("04.relu", *attack(body), megabytes=1024)
    assert "MemoryError" in verdict.sentence
    bomb = "a = []\nwhile True: a.append(bytearray(10**8))"
    assert "MemoryError" in mark("04.relu", *attack(bomb)).sentence


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_nothing_of_its_group_is_left_over():
    body = "import os, time\npid = os.fork()\nif pid == 0: time.sleep(600)\nprint(pid)\n" + RIGHT
    verdict = mark("04.relu", *attack(body), layers=(), refuse=False)
    assert verdict.status == "right"
    pid = int(verdict.notes[0].split()[-1])
    for _ in range(100):
        if not _runs(pid):
            return
        time.sleep(0.05)
    os.kill(pid, 9)
    pytest.fail("a process was left over")


def _runs(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.parametrize(
    "body, found",
    [
        ("import os\nos._exit(0)", "exit status 0"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise BaseExceptionGroup('a', [SystemExit()])", "BaseExceptionGroup"),
    ],
)
def test_ending_the_process_is_no_pass(body, found):
    verdict = mark("04.relu", *attack(body), refuse=False)
    assert verdict.status == "wrong"
    assert found in verdict.sentence


FORGED = [
    '{"status": "right"}', '{"value": {"kind": "none"}, "changed": "all"}', "[]", "\\xff",
    '{"value": 3}', "[" * 5000, '{"value": {"kind": "array", "dtype": "float32"}}',
    '{"error": 3, "printed": 4}',
]  # fmt: skip


@pytest.mark.parametrize("line", FORGED, ids=range(len(FORGED)))
def test_forged_results_on_the_channel_are_no_marks(line):
    body = (
        f"import os\nline = {line!r}.encode() + b'\\n'\nfor fd in range(1, 20):\n"
        f"    try: os.write(fd, line)\n    except OSError: pass\n{RIGHT}"
    )
    verdict = mark("04.relu", *attack(body), refuse=False)
    assert verdict.status == "wrong"
    assert "interfered with the marking" in verdict.sentence


@pytest.mark.parametrize("part", [b"x" * 65536, b"{}\n" * 20_000], ids=["a line", "lines"])
def test_the_parent_does_not_read_on_and_on(part):
    class Stream(io.BytesIO):
        count = 0

        def read(self, size=-1):
            self.count += 1
            return part if self.count < 1000 else b""

    stream, lines = Stream(), queue.Queue()
    child._read_lines(stream, lines)
    assert stream.count < 200
    assert stream.closed


def test_flooding_the_channel_is_no_pass():
    body = (
        "import os\nwhile True:\n    for fd in range(3, 20):\n"
        "        try: os.write(fd, b'x' * 65536)\n        except OSError: pass"
    )
    verdict = mark("04.relu", *attack(body), refuse=False, seconds=3)
    assert verdict.status == "wrong"


def test_printing_a_result_is_only_printing():
    body = "print('{\"value\": 1}', flush=True)\nprint('x' * 10**7)\nreturn x"
    verdict = mark("04.relu", *attack(body))
    assert verdict.kind == "numbers"
    assert len("".join(verdict.notes)) < 3000


def test_patched_numpy_changes_nothing_outside():
    before = np.isclose, np.allclose
    patch = "np.isclose = np.allclose = np.array_equal = lambda *a, **k: np.array(True)\nreturn -x"
    assert mark("04.relu", *attack(patch)).kind == "numbers"
    assert (np.isclose, np.allclose) == before


def test_a_cell_that_patches_things_is_never_run():
    cells = (
        "get_ipython().input_transformers_cleanup.append(lambda lines: [])",
        "import dlcore.course.checking as c\nc.difference = lambda *a: None",
        "np.allclose = lambda *a, **k: True\nassert False",
        "def relu(x):\n    return x",
    )
    assert mark("04.relu", *cells).kind == "numbers"


def test_patching_the_runner_gives_no_marks():
    body = (
        "import sys\nframe = sys._getframe()\nwhile frame:\n"
        "    for name in ('encode', '_same', 'raised'):\n"
        "        if name in frame.f_globals:\n"
        "            frame.f_globals[name] = lambda *a, **k: {'kind': 'none'}\n"
        "    frame = frame.f_back\nreturn np.maximum(x, 0)"
    )
    assert mark("04.relu", *attack(body), refuse=False).status == "wrong"
    assert mark("04.relu", *attack(RIGHT)).status == "right"


def test_the_expected_values_are_not_in_the_child():
    """Every object that frames lead to is searched for the answer to the case under way."""
    body = (
        "import sys\nseen, waiting = set(), [sys._getframe().f_back]\n"
        "frame = waiting[0]\nwhile frame.f_back: frame = frame.f_back; waiting.append(frame)\n"
        "waiting = [v for f in waiting for d in (f.f_locals, f.f_globals) for v in d.values()]\n"
        "waiting += [v for m in list(sys.modules.values()) for v in vars(m).values()]\n"
        "for v in waiting:\n"
        "    if getattr(v, '__name__', '') in ('answer', 'check'): return v(x)\n"
        "    if isinstance(v, dict) and 'expected' in v: return v['expected']\n"
        "return x"
    )
    assert mark("04.relu", *attack(body), refuse=False, layers=()).status == "wrong"


@pytest.mark.parametrize(
    "value",
    ["Equal()", "x.view(Array)", "[Equal()]", "Number(1)", "np.array([Equal()], object)",
     "np.ma.masked_all(x.shape)", "Equal", "(Equal(),)"],
)  # fmt: skip
def test_objects_that_equal_everything_are_worth_nothing(value):
    helper = (
        "class Equal:\n    __eq__ = lambda s, o: True\n    __array__ = lambda s, *a, **k: s\n"
        "    __reduce__ = lambda s: (print, ('run',))\n    __float__ = lambda s: 1.0\n"
        "\nclass Array(np.ndarray):\n    __eq__ = lambda s, o: np.array(True)\n"
        "\nclass Number(float):\n    __eq__ = lambda s, o: True\n"
    )
    verdict = mark("04.relu", helper, f"def relu(x):\n    return {value}", refuse=False)
    assert verdict.status == "wrong"
    assert mark("04.relu", *attack(RIGHT)).status == "right"


def test_answers_learned_by_heart_are_worth_nothing():
    cases = draw_cases(registry().find("04.relu"))
    table = {x.tobytes(): key.relu(x).tolist() for (x,) in cases}
    cells = attack(f"table = {table!r}\nreturn np.array(table.get(x.tobytes(), x), x.dtype)")
    assert mark("04.relu", *cells).kind == "numbers"
    names = {"np": np}
    exec(cells[1], names)
    assert all((names["relu"](x) == key.relu(x)).all() for (x,) in cases), "it knows the cases"


def test_steering_characters_do_not_pass():
    verdict = mark("04.relu", *attack("raise ValueError('\\x1b[2J\\u202e\\x00end')"))
    assert verdict.sentence.isprintable()
