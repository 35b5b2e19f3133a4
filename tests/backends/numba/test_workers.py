"""Several processes compile: each form once, and whatever becomes of them the results are right."""

from __future__ import annotations

import itertools
import linecache
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

numba = pytest.importorskip("numba")

from dlcore.backends.numba import cache, outline, workers  # noqa: E402
from dlcore.backends.numba.compile import compile_form, form_of, is_there, kinds_of  # noqa: E402
from dlcore.backends.numba.workers import Work, compile_all  # noqa: E402


def nothing():
    """No Ctrl-C."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setattr(cache, "_FOLDERS", [cache.CacheFolder(tmp_path, "tests")])
    monkeypatch.setattr(workers, "processes", lambda: 2)
    return tmp_path


@pytest.fixture
def started(monkeypatch):
    """The workers that were started, none of which a test may leave behind."""
    found = []
    start = workers._started

    def noted(*arguments):
        found.append(start(*arguments))
        return found[-1]

    monkeypatch.setattr(workers, "_started", noted)
    yield found
    for worker in found:
        worker.wait(30)


numbers = itertools.count()


def new(function):
    """The function under a name that none has had before."""
    function.__qualname__ = f"{function.__name__}_{next(numbers)}"
    return function


SOURCE = """
from numba import prange
from dlcore.backends.numba.compile import compiled, shared
@shared
@new
def doubled(y, x):
    for i in range(x.size):
        y[i] = 2 * x[i]
@compiled(large=lambda y, x: True)
@new
def double(y, x):
    for row in prange(x.shape[0]):
        doubled(y[row], x[row])
@compiled
@new
def one(y, x):
    y[0, 0] = x[0, 0] + 1
@compiled
@new
def two(y, x):
    y[0, 0] = x[0, 0] + 2
@compiled
@new
def three(y, x):
    y[0, 0] = x[0, 0] + 3
"""


def kernels():
    """Four new kernels, their forms, the form of the part that the first one calls, and an array.

    No worker knows of them: what one can compile lies in a file of the library.
    """
    room, name = {**globals()}, f"<kernels {next(numbers)}>"
    linecache.cache[name] = len(SOURCE), None, SOURCE.splitlines(keepends=True), name
    exec(compile(SOURCE, name, "exec"), room)
    x = np.arange(6, dtype="f4").reshape(2, 3)
    functions = [room["double"].parallel, room["one"], room["two"], room["three"]]
    part = f"{__name__}.{room['doubled'].__qualname__}", tuple(map(numba.typeof, (x[0], x[0])))
    return functions, [form_of(f, (x, x)) for f in functions], part, x


def are_right(functions, x):
    def result(function):
        y = x.copy()
        function(y, x)
        return y[0, 0] if function is not functions[0] else y.tolist()

    return [result(f) for f in functions] == [(2 * x).tolist(), 1, 2, 3]


LIFE = """
import hashlib, sys
import numpy as np
from dlcore import layers, models, utils
from dlcore.backends import cpu
from dlcore.backends.numba import compile, workers
started = []
Popen = workers.subprocess.Popen
workers.subprocess.Popen = lambda *a, **k: started.append(a) or Popen(*a, **k)
utils.set_random_seed(0)
model = models.Sequential([layers.Input((3, 3, 1)), layers.MaxPooling2D(2, strides=1),
    layers.Flatten(), layers.Dense(3, "relu"), layers.Dense(2, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(np.arange(72.0).reshape(8, 3, 3, 1) / 72, np.arange(8) % 2, verbose=0)
weights = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
found = compile._compiled.values()
print(len(started), sum(sum(f.stats.cache_hits.values()) for f in found),
    sum(sum(f.stats.cache_misses.values()) for f in found), weights)
"""


def life(folder, threads):
    """Workers, forms read from disk, forms compiled here, and the weights, of a first fit."""
    out = subprocess.check_output(
        [sys.executable, "-c", LIFE],
        env=os.environ | {"DLCORE_CACHE_FOLDER": str(folder), "NUMBA_NUM_THREADS": threads},
        text=True,
    )
    *counts, weights = out.split()
    return [int(n) for n in counts], weights


def test_a_first_fit_is_compiled_in_two_processes(tmp_path):
    (started, read, here), weights = life(tmp_path, "2")
    # What this process has read, the other one has compiled: a moment ago there was nothing.
    assert started == 1 and read > 0 and here > 0
    (started, read, here), again = life(tmp_path, "2")
    assert started == here == 0 and read > 0
    assert again == weights == life(tmp_path, "1")[1]


def test_what_a_worker_compiles_is_found_on_disk(folder, started):
    from dlcore.backends import cpu

    # With gaps, as no kernel is ever called: nothing has compiled this before.
    x, places = np.zeros((2, 4, 4, 2), "f4")[..., :1], np.zeros((2, 4, 4, 2), "i8")[..., :1]
    pair = (1, 1), (1, 1), (0, 0, 0, 0)
    form = form_of(cpu.max_pool2d.serial, (x, places, x, *pair))
    assert not is_there(form)
    work = Work([form])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_CACHE_FOLDER", str(folder))
        patch.setattr(cache, "_FOLDERS", cache.folders())
        with work.shared(1):
            assert list(work.ready()) == [form]
        names = {path.name.rpartition("-")[0].rpartition(".")[2] for path in folder.rglob("*-*")}
        assert names >= {"max_pool2d", "_max_of_windows"}
        # Where a part is gone, it is compiled again, and nothing else.
        (gone,) = folder.rglob("*_max_of_windows-*")
        gone.unlink()
        again = Work([form])
        (name, _), *more = again._waiting
        assert name == "dlcore.backends.cpu.pooling._max_of_windows" and not more
    assert len(started) == 1


def test_the_types_of_arguments_are_those_of_numba():
    x = np.zeros((4, 6), "f4")
    fixed = x.copy()
    fixed.flags.writeable = False
    shifted = np.frombuffer(b"\0" * 17, np.uint8)[1:].view("f4")
    arrays = [x, x.T, x[:, ::2], x[0], x[0, 0, ...], fixed, shifted, x.astype(int)]
    arguments = [*arrays, 1, 2.0, np.float32(3), (1, 2), "name", True]
    for _ in range(2):  # the second time from memory
        assert kinds_of(arguments) == tuple(map(numba.typeof, arguments))


@pytest.mark.parametrize("code", ["", "import time; time.sleep(60)"], ids=["dies", "hangs"])
def test_without_help_all_is_compiled_here(folder, started, monkeypatch, code):
    monkeypatch.setattr(workers, "_CODE", code)
    monkeypatch.setattr(workers, "PATIENCE", 0.2)
    functions, forms, _, x = kernels()
    compile_all(forms, nothing)
    assert are_right(functions, x)
    assert len(started) == 1 and started[0].wait(30) is not None


def test_where_it_cannot_be_started(folder, monkeypatch):
    def refused(*_):
        raise PermissionError("no processes here")

    monkeypatch.setattr(workers, "_started", refused)
    functions, forms, _, x = kernels()
    compile_all(forms, nothing)
    assert all(map(is_there, forms)) and are_right(functions, x)


@pytest.mark.parametrize("why", ["one core", "all there", "little", "forked", "nowhere to write"])
def test_none_is_started_where_none_would_help(folder, started, monkeypatch, why):
    functions, forms, _, x = kernels()
    if why == "one core":
        monkeypatch.setattr(workers, "processes", lambda: 1)
    elif why == "all there":
        for form in forms:
            compile_form(form)
    elif why == "little":
        forms = forms[:3]
    elif why == "forked":
        monkeypatch.setattr(workers, "_PROCESS", 0)
    else:
        (folder / "file").write_text("not a folder")
        monkeypatch.setattr(cache, "_FOLDERS", [cache.CacheFolder(folder / "file", "tests")])
    compile_all(forms, nothing)
    assert started == []
    assert why == "forked" or are_right(functions, x)


def test_ctrl_c_ends_all(folder, started, monkeypatch):
    monkeypatch.setattr(workers, "_CODE", "import time; time.sleep(60)")

    def pressed():
        raise KeyboardInterrupt

    functions, forms, _, x = kernels()
    with pytest.raises(KeyboardInterrupt):
        compile_all(forms, pressed)
    assert started[0].wait(30) is not None
    assert are_right(functions, x)


def test_a_worker_ends_with_the_process_that_started_it():
    worker = workers._started(False)
    with worker:
        worker.stdin.close()  # as where that process is killed
        assert worker.wait(60) == 0


def test_a_part_that_a_worker_is_at_is_waited_for(folder):
    _, (double, *_), part, _ = kernels()
    work = Work([double])
    work.found(part, by=double)
    assert work.take() == part  # by a worker, before all else
    seen = []
    claims = threading.Thread(target=lambda: (work.claim(part), seen.append("claimed")))
    work._owner = None
    claims.start()
    claims.join(30)
    assert seen == ["claimed"]  # another thread of this process has nothing to do with it
    waits = threading.Thread(target=lambda: (adopt(), work.claim(part), seen.append("waited")))

    def adopt():
        work._owner = threading.get_ident()

    waits.start()
    waits.join(0.2)
    assert seen == ["claimed"]
    work.end(part)
    waits.join(30)
    assert seen == ["claimed", "waited"]


def test_a_part_that_is_claimed_is_left_to_this_process(folder):
    _, forms, _, _ = kernels()
    work = Work(forms)
    work.claim(forms[0])
    taken = [work.take() for _ in forms[1:]]
    assert taken == forms[1:]
    work.found(forms[0], by=forms[1])
    for form in taken:
        work.end(form)
    assert work.take() is None


def test_here_what_calls_no_part_is_first(folder):
    _, forms, _, _ = kernels()
    work = Work(forms)
    assert [work.take_here() for _ in forms] == [*forms[1:], forms[0]]
    assert work.take_here() is None


def test_in_a_process_that_runs_nothing_parts_are_told_of_and_left_alone(folder):
    _, (double, *_), part, _ = kernels()
    told = []
    with outline.telling(told.append, elsewhere=True):
        compile_form(double)
    assert set(told) == {part}
    assert is_there(double) and not is_there(part)
