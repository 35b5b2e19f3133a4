"""What lesson 17 says: counts of the stand-in, and the learner's kernels on whatever is there."""

import os
import subprocess
import sys

import numpy as np
import pytest

from dlcore.backends import mine
from dlcore.course import board, own_kernels
from dlcore.course.progress_file import Progress
from dlcore.course.registry import registry
from dlcore.course.source import answer_text
from dlcore.stand_in import Fault, launch
from tests.course.grading import classroom

ANSWERS = {each.name: each.answer for each in registry().all() if each.lesson == "17"}
HEAD = "import numpy as np\nfrom dlcore.stand_in import cuda\nTILE = 4\n"


def with_tiles_of(size):
    """The answer with another width of the tile."""
    names = {}
    exec(HEAD.replace("4", str(size)) + answer_text(ANSWERS["tiled_matmul_kernel"]), names)
    return names["tiled_matmul_kernel"]


def product(n, k, m):
    rng = np.random.default_rng(0)
    return np.full((n, m), 99.0), rng.normal(size=(n, k)), rng.normal(size=(k, m))


def test_a_thousand_numbers_in_blocks_of_256():
    blocks = ANSWERS["grid_size"](1000, 256)
    assert blocks == 4 and blocks * 256 - 1000 == 24


@pytest.mark.parametrize(
    ("size", "sizes", "reads"),
    [(4, (8, 16, 8), 512), (8, (8, 16, 8), 256), (4, (6, 10, 7), 260)],
)
def test_reads_fall_by_the_width_of_the_tile(size, sizes, reads):
    c, a, b = product(*sizes)
    grid = ANSWERS["grid_size"](sizes[2], size), ANSWERS["grid_size"](sizes[0], size)
    assert launch(with_tiles_of(size), grid, (size, size), c, a, b).reads() == reads
    np.testing.assert_allclose(c, a @ b)
    whole = launch(ANSWERS["matmul_kernel"], grid, (size, size), c, a, b)
    assert whole.reads() == 2 * np.prod(sizes)


def test_each_number_of_a_is_read_once_for_each_block_along_its_row():
    c, a, b = product(8, 4, 10)
    log = launch(with_tiles_of(4), (3, 2), (4, 4), c, a, b).log
    found = [each.place for each in log if each.array == "a"]
    assert len(found) == a.size * 3 == len(set(found)) * 3


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_COURSE_FOLDER", str(tmp_path))
    yield tmp_path
    mine.calls.clear()
    own_kernels.places.clear()


def keep(folder, name, text):
    text = HEAD + text
    section = f"# >>> 17.{name} {mine.checksum(text)}\n{text}# <<< 17.{name}\n"
    (folder / mine.FILE).write_text(section, encoding="utf-8")


def test_an_accepted_kernel_computes_on_the_stand_in_and_the_board_says_so(folder):
    if own_kernels.where() == own_kernels.GPU:
        pytest.skip("there is a GPU")
    c, a, b = product(5, 3, 6)
    assert own_kernels.start("17.matmul_kernel", (2, 2), (4, 4), c, a, b) == "stand-in"
    np.testing.assert_allclose(c, a @ b)
    assert not mine.calls["matmul_kernel"]  # the one that was written for the exercise
    twice = answer_text(ANSWERS["matmul_kernel"]).replace("= total", "= 2 * total")
    keep(folder, "matmul_kernel", twice)
    own_kernels.start("17.matmul_kernel", (2, 2), (4, 4), c, a, b)
    np.testing.assert_allclose(c, 2 * a @ b)
    exercises = [registry().find("17.matmul_kernel"), registry().find("17.relu_kernel")]
    rows = board.rows(exercises, Progress(), mine.calls, places=own_kernels.places)
    shown = [each["in the engine"] for each in rows[0]["exercises"]]
    assert shown == ["1 call, stand-in", "no"]
    text = (folder / mine.FILE).read_text(encoding="utf-8")
    (folder / mine.FILE).write_text(text.replace("2 * total", "3 * total"), encoding="utf-8")
    assert own_kernels.accepted("17.matmul_kernel") is None


def test_a_kernel_with_a_fault_is_not_run_in_silence(folder):
    keep(folder, "relu_kernel", "def relu_kernel(y, x):\n    y[cuda.grid(1)] = 0\n")
    with pytest.raises(Fault, match=r"Thread 2 of block 1 writes y\[6\]"):
        own_kernels.start("17.relu_kernel", 2, 4, np.zeros(6), np.zeros(6))


ON_NUMBA = """
import numpy as np
from dlcore.course import own_kernels
from dlcore.course.registry import registry
rng = np.random.default_rng(0)
a, b = rng.normal(size=(6, 5)).astype("f"), rng.normal(size=(5, 7)).astype("f")
for name in ("matmul_kernel", "tiled_matmul_kernel"):
    c = np.full((6, 7), 99, "f")
    kernel = registry().find(f"17.{name}").answer
    own_kernels.on_the_gpu(kernel, (2, 2), (4, 4), c, a, b)
    assert np.allclose(c, a @ b, atol=1e-4), name
y, x = np.full(10, 99, "f"), rng.normal(size=10).astype("f")
own_kernels.on_the_gpu(registry().find("17.relu_kernel").answer, 3, 4, y, x)
assert np.array_equal(y, np.maximum(x, 0))
"""


def test_the_way_to_a_gpu_on_the_simulator_of_numba():
    """In a process of its own: the simulator is chosen before Numba is first imported."""
    pytest.importorskip("numba_cuda")
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    command = [sys.executable, "-c", ON_NUMBA]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_work_for_each_number_that_travels():
    def work(n, k, m):
        return 2 * n * k * m / (n * k + k * m + n * m)

    assert round(work(8, 784, 10)) == 9 and round(work(1000, 1000, 1000)) == 667


@pytest.mark.parametrize("name", [name for name in ANSWERS if name.endswith("_kernel")])
def test_a_grader_marks_a_kernel_as_the_notebook_does(name):
    exercise = registry().find(f"17.{name}")
    assert classroom.mark(exercise.id, HEAD, classroom.answer(exercise)).status == "right"


def test_a_grader_names_the_thread_and_the_mistake():
    text = "def relu_kernel(y, x):\n    i = cuda.grid(1)\n    y[i] = max(x[i], 0)\n"
    verdict = classroom.mark("17.relu_kernel", HEAD, f'@exercise("17.relu_kernel")\n{text}')
    assert verdict.sentence.startswith("Thread 2 of block 2 reads x[10]")
    assert "test i < x.size first" in verdict.mistake
