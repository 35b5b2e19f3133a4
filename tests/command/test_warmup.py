"""`dlcore warmup` compiles what training will call, for the types that training calls it with."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from dlcore import backends, layers, models
from dlcore.backends import KERNELS
from dlcore.command import cli, warmup

numba = pytest.importorskip("numba")
NAMES = ["put_rows", "avg_pool2d"]  # one form and two


def start(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "dlcore.command.cli", "warmup", *arguments],
        # Kernels of another test may lie in the temporary folder, where the home cannot be written.
        env=os.environ | {"DLCORE_CACHE_FOLDER": str(folder), "TMPDIR": str(folder.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate()
    return process.returncode, out, err


def files(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*-*") if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    code, out, err = finish(start(folder, *NAMES))
    assert code == 0, err
    assert "3 parts of 2 kernels are compiled; they lie in" in out and str(folder) in out
    assert "0/3" in err and "3/3" in err and "avg_pool2d" in err
    return folder


FIND = """
from dlcore.backends import cpu
from dlcore.command.warmup import forms, samples
from dlcore.backends import KERNELS
for name in ("put_rows", "avg_pool2d"):
    for form in forms(getattr(cpu, name)):
        form(*samples(KERNELS[name])[0])
        print(sum(form.stats.cache_hits.values()), sum(form.stats.cache_misses.values()))
"""


def test_both_forms_are_then_found_on_disk(folder):
    environment = os.environ | {"DLCORE_CACHE_FOLDER": str(folder)}
    out = subprocess.check_output([sys.executable, "-c", FIND], env=environment, text=True)
    assert out.splitlines() == ["1 0"] * 3


def test_quiet_says_nothing_and_a_second_run_compiles_nothing(folder):
    before = files(folder)
    assert finish(start(folder, *NAMES, "--quiet")) == (0, "", "")
    assert before and files(folder) == before


def test_two_at_once(tmp_path):
    both = [start(tmp_path, "put_rows", "--quiet") for _ in range(2)]
    assert [finish(process) for process in both] == [(0, "", "")] * 2
    assert [name.rpartition("-")[0].rpartition(".")[2] for name in files(tmp_path)] == ["put_rows"]


def test_what_it_says_is_what_it_compiled(tmp_path):
    """The bar, the last sentence and the files agree, also for a kernel with two sets of types."""
    folder = tmp_path / "Кэш 缓存 mit Leerzeichen"
    assert len(warmup.samples(KERNELS["take_rows"])) == 2
    code, out, err = finish(start(folder, "take_rows"))
    assert code == 0, err
    count = len(files(folder))
    assert count > 1
    assert f"{count} parts of 1 kernel are compiled; they lie in {folder}" in out
    assert f"| 0/{count} " in err and f"| {count}/{count} " in err


def test_every_compiled_kernel_is_among_them_the_first_lessons_first():
    names = list(warmup.compiled_kernels())
    assert {"dense", "dense_grad", "adam_update", "random_uniform", "lstm_grad"} <= set(names)
    assert "matmul" not in names
    assert names.index("dense") < names.index("conv2d") < names.index("lstm")
    # What the lessons name goes before the optimizers that a program may never choose.
    assert names.index("rmsprop_update") < names.index("dense")
    assert names.index("lstm") < names.index("lion_update")


def test_all_are_compiled_where_none_is_named(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(warmup, "warm", lambda names: asked.extend(names) or iter(()))
    assert cli.main(["warmup"]) == 1
    assert asked == list(warmup.compiled_kernels())
    total = sum(
        len(warmup.forms(f)) * len(warmup.samples(KERNELS[name]))
        for name, f in warmup.compiled_kernels().items()
    )
    assert f"{total} of {total} parts of kernels were not compiled" in capsys.readouterr().err


def test_a_process_that_ends_early_is_told(monkeypatch, capsys, tmp_path):
    from dlcore.backends.numba import cache, workers

    # As where the system ends it for want of memory: when it has compiled one form.
    code = (
        "import os; from dlcore.backends.numba import workers; say = workers._say; "
        "workers._say = lambda line: (say(line), line == workers._DONE and os._exit(1)); "
        "workers.work()"
    )
    begin = workers._CODE[: workers._CODE.index("from dlcore")]
    monkeypatch.setattr(workers, "_CODE", begin + code)
    monkeypatch.setattr(workers, "processes", lambda: 1)
    monkeypatch.setenv("DLCORE_CACHE_FOLDER", str(tmp_path))
    monkeypatch.setattr(cache, "_FOLDERS", cache.folders())
    monkeypatch.setattr(warmup, "samples", with_gaps(warmup.samples))
    assert cli.main(["warmup", "avg_pool2d", "put_rows"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and "2 of 3 parts of kernels were not compiled" in err


def with_gaps(samples):
    """Arguments of other types, of which no kernel has a form in this process yet."""

    def found(kernel):
        return [
            [x.repeat(2, -1)[..., ::2] if isinstance(x, np.ndarray) else x for x in arguments]
            for arguments in samples(kernel)
        ]

    return found


def test_a_wrong_name(capsys):
    assert cli.main(["warmup", "reluu"]) == 2
    assert "no kernel 'reluu' to compile" in capsys.readouterr().err


def test_without_numba_it_says_why(capsys, monkeypatch):
    monkeypatch.setattr("dlcore.backends.available_backends", lambda: {"cpu": "No Numba here."})
    assert cli.main(["warmup"]) == 1
    assert "No Numba here." in capsys.readouterr().err


def test_in_the_background_it_can_be_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_CACHE_FOLDER", str(tmp_path))
    process = warmup.start_in_background()
    assert process.poll() is None
    warmup.stop(process)
    assert process.returncode is not None


x = np.random.default_rng(0).normal(size=(20, 6, 6, 3))
whole = np.arange(20) % 3
words = np.arange(80).reshape(20, 4) % 5


def dense(*activations):
    return [layers.Flatten(), *(layers.Dense(4, activation=a) for a in activations)]


TRAININGS = {
    "activations": (
        dense("relu", "tanh", "leaky_relu", "sigmoid", "elu", "gelu"),
        (1, "sigmoid", "binary_crossentropy", x, whole == 1, "adam"),
    ),
    "regression": (dense("relu"), (1, None, "mse", x, x[:, 0, 0, 0], "sgd")),
    "momenta": (dense("relu"), (1, None, "mse", x, x[:, 0, 0, 0], "nadam")),
    "classes": (
        dense("softmax"),
        (3, "softmax", "sparse_categorical_crossentropy", x, whole, "rmsprop"),
    ),
    "one-hot": (
        dense("relu"),
        (3, "softmax", "categorical_crossentropy", x, np.eye(3)[whole], "adagrad"),
    ),
    "pictures": (
        [
            layers.RandomFlip(),
            layers.RandomTranslation(0.1, 0.1),
            layers.Conv2D(4, 3, activation="relu", padding="same"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Conv2D(4, 2),
            layers.AveragePooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.LayerNormalization(),
        ],
        (3, "softmax", "sparse_categorical_crossentropy", x, whole, "adam"),
    ),
    "words": (
        [
            layers.Embedding(5, 3),
            layers.LSTM(4, return_sequences=True),
            layers.GRU(4, return_sequences=True),
            layers.SimpleRNN(4),
        ],
        (3, "softmax", "sparse_categorical_crossentropy", words, whole, "adam"),
    ),
}


def types_of(arguments):
    return [str(numba.typeof(value)) for value in arguments]


@pytest.mark.parametrize("name", TRAININGS)
def test_after_it_training_compiles_nothing(name):
    """Every kernel of a training is called with the types of the sample."""
    stack, (units, last, loss, x, y, optimizer) = TRAININGS[name]
    model = models.Sequential([*stack, layers.Dense(units, activation=last)])
    model.compile(optimizer, loss, metrics=["mae" if last is None else "accuracy"])
    seen = {}
    chosen = backends.get_backend()
    backends.set_backend("cpu")
    before = backends.set_recorder(
        lambda name, f, given, _: seen.setdefault(name, []).append(given)
    )
    try:
        model.run_eagerly = True
        model.fit(x, y, batch_size=8, validation_split=0.2, verbose=0)
        model.predict(x, verbose=0)
    finally:
        backends.set_recorder(before)
        backends.set_backend(chosen)
    kernels = warmup.compiled_kernels()
    warmed = {
        kernel: [types_of(arguments) for arguments in warmup.samples(KERNELS[kernel])]
        for kernel in seen
        if kernel in kernels and kernel != "random_uniform"
    }
    assert len(warmed) > 6
    for kernel, known in warmed.items():
        for given in seen[kernel]:
            assert types_of(given) in known, kernel
