"""What lesson 17 says: counts of the stand-in, and the learner's kernels on whatever is there."""

import ast
import os
import subprocess
import sys

import numpy as np
import pytest

from dlcore.backends import mine
from dlcore.course import board, lesson_map, notebooks, own_kernels
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


def test_what_is_to_be_counted_at_the_end_is_still_there():
    """The last cell asks for another launch with c, a and b."""
    found = notebooks.read(next(each.path for each in lesson_map.LESSONS if each.number == 17))
    code = [cell.source for cell in found.cells if cell.cell_type == "code"]
    made = next(i for i, text in enumerate(code) if "a, b, c = " in text)
    again = [
        target.id
        for text in code[made + 1 :]
        for node in ast.parse(text).body
        for target in ast.walk(node)
        if isinstance(node, ast.Assign)
        and isinstance(target, ast.Name)
        and isinstance(target.ctx, ast.Store)
    ]
    assert "table" in again and not set(again) & {"a", "b", "c"}


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


def section(name, text, head=HEAD):
    text = head + text
    return f"# >>> 17.{name} {mine.checksum(text)}\n{text}# <<< 17.{name}\n"


def keep(folder, name, text):
    (folder / mine.FILE).write_text(section(name, text), encoding="utf-8")


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


def test_each_accepted_kernel_has_the_constants_that_it_was_accepted_with(folder):
    other = section("relu_kernel", "def relu_kernel(y, x):\n    y[0] = TILE\n", "TILE = 7\n")
    tiled = section("tiled_matmul_kernel", answer_text(ANSWERS["tiled_matmul_kernel"]))
    (folder / mine.FILE).write_text(tiled + other, encoding="utf-8")
    c, a, b = product(5, 3, 6)
    own_kernels.start("17.tiled_matmul_kernel", (2, 2), (4, 4), c, a, b)
    np.testing.assert_allclose(c, a @ b)
    assert mine.calls["tiled_matmul_kernel"] == 1


def test_a_kernel_with_a_fault_is_not_run_in_silence(folder):
    keep(folder, "relu_kernel", "def relu_kernel(y, x):\n    y[cuda.grid(1)] = 0\n")
    with pytest.raises(Fault, match=r"Thread 2 of block 1 writes y\[6\]"):
        own_kernels.start("17.relu_kernel", 2, 4, np.zeros(6), np.zeros(6))


ON_THE_SIMULATOR = """
import numpy as np
from dlcore.backends import mine
from dlcore.backends.cuda import simple
from dlcore.course import own_kernels

twins, twin = [], simple.twin
simple.twin = lambda name, threads: twins.append(name) or twin(name, threads)
rng = np.random.default_rng(0)
a, b, x = (rng.normal(size=size).astype("f") for size in ((6, 5), (5, 7), (5, 6, 2)))
w, bias = rng.normal(size=(2, 3, 2, 3)).astype("f"), np.arange(3.0, dtype="f")
windows = np.lib.stride_tricks.sliding_window_view(x, (2, 3), axis=(0, 1))
given = {
    "relu_kernel": ((2, (32,)), np.maximum(a.ravel(), 0), (a.ravel(),)),
    "matmul_kernel": (((2, 2), (4, 4)), a @ b, (a, b)),
    "tiled_matmul_kernel": (((2, 2), (4, 4)), a @ b, (a, b)),
    "conv2d_kernel": (((2, 2, 2), (3, 2, 2)),
                      np.einsum("pqcij,ijcf->pqf", windows, w) + bias, (x, w, bias)),
}
for name, (sizes, right, arrays) in given.items():
    y = np.full(right.shape, 99, "f")
    assert own_kernels.start(f"17.{name}", *sizes, y, *arrays) == "simulator"
    assert mine.calls[name] == (name in ACCEPTED), name
    assert np.allclose(y, (2 if name in ACCEPTED else 1) * right, atol=1e-4), name
assert twins == [name for name in given if name not in ACCEPTED]
assert own_kernels.places == dict.fromkeys(ACCEPTED, "simulator")
"""

DOUBLED = {
    "relu_kernel": ("max(x[i], 0)", "2 * max(x[i], 0)"),
    "matmul_kernel": ("= total", "= 2 * total"),
    "tiled_matmul_kernel": ("= total", "= 2 * total"),
    "conv2d_kernel": ("= total", "= 2 * total"),
}


@pytest.mark.parametrize("accepted", [[], ["matmul_kernel"], list(DOUBLED)], ids=len)
def test_an_accepted_kernel_takes_the_place_of_its_twin_in_the_backend_cuda(tmp_path, accepted):
    """On the simulator, in a process of its own: it is chosen before Numba is first imported."""
    pytest.importorskip("numba_cuda")
    text = "".join(
        section(name, answer_text(ANSWERS[name]).replace(*DOUBLED[name])) for name in accepted
    )
    (tmp_path / mine.FILE).write_text(text, encoding="utf-8")
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "DLCORE_COURSE_FOLDER": str(tmp_path)}
    command = [sys.executable, "-c", f"ACCEPTED = {accepted}\n{ON_THE_SIMULATOR}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


COMPILED = """
from types import SimpleNamespace
from unittest import mock
import numba.cuda
from numba.cuda import dispatcher, types
from dlcore.backends.cuda import simple
from dlcore.course.registry import registry

AXES = {"relu_kernel": (1, 1), "matmul_kernel": (2, 2, 2), "tiled_matmul_kernel": (2, 2, 2),
        "conv2d_kernel": (3, 3, 4, 1)}
chip = SimpleNamespace(compute_capability=(9, 0))
with mock.patch.object(dispatcher, "get_current_device", lambda: chip):
    for name, axes in AXES.items():
        kinds = types.void(*(types.Array(types.float32, n, "C") for n in axes))
        for kernel in (simple.twin(name, (4, 4)), registry().find(f"17.{name}").answer):
            code, _ = numba.cuda.compile_ptx(simple._for_numba(kernel), kinds, cc=(9, 0))
            print(name, ".f64" in code)
"""


@pytest.mark.slow
def test_kernels_compile_for_a_gpu_and_only_a_plain_0_makes_64_bits_of_32():
    nvvm = pytest.importorskip("numba.cuda.cudadrv.nvvm")
    try:
        nvvm.NVVM()
    except Exception as error:
        pytest.skip(f"NVVM cannot be loaded ({error})")
    command = [sys.executable, "-c", COMPILED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    wide = [
        "relu_kernel",
        "matmul_kernel",
        "tiled_matmul_kernel",
    ]  # as the lesson says of total = 0
    expected = [(name, each) for name in [*wide, "conv2d_kernel"]
                for each in ("False", str(name in wide))]  # fmt: skip
    assert [tuple(line.split()) for line in done.stdout.splitlines()] == expected


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
