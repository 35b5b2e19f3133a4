"""`dlcore warmup` compiles what training will call, for the types that training calls it with."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dlcore import cli, warmup

numba = pytest.importorskip("numba")


def run(folder, code, **more):
    environment = os.environ | {"DLCORE_CACHE_FOLDER": str(folder)} | more
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )


COMMAND = "import sys; from dlcore.cli import main; sys.exit(main(['warmup', *{}]))"
TRAIN = """
import numpy as np
from dlcore import layers, models
from dlcore.backends import cpu
from dlcore.warmup import compiled_kernels
x = np.random.default_rng(0).normal(size=(20, 3))
def train(units, last, loss, y, optimizer):
    hidden = [layers.Dense(4, activation=a) for a in ("relu", "tanh", "leaky_relu", "sigmoid")]
    model = models.Sequential([*hidden, layers.Dense(units, activation=last)])
    model.compile(optimizer, loss)
    model.fit(x, y, verbose=0)
whole = np.arange(20) % 3
train(1, "sigmoid", "binary_crossentropy", whole == 1, "adam")
train(1, None, "mse", x[:, 0], "sgd")
train(3, "softmax", "sparse_categorical_crossentropy", whole, "sgd")
train(3, "softmax", "categorical_crossentropy", np.eye(3)[whole], "adam")
missed = {n: f.stats.cache_misses for n, f in compiled_kernels().items() if f.stats.cache_misses}
print(sum(bool(f.stats.cache_hits) for f in compiled_kernels().values()), missed)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    done = run(folder, COMMAND.format([]))
    assert done.returncode == 0, done.stderr
    count = len(warmup.compiled_kernels())
    assert f"{count} kernels are compiled" in done.stdout and f"{count}/{count}" in done.stderr
    return folder


def test_after_it_training_compiles_nothing(folder):
    done = run(folder, TRAIN)
    assert done.returncode == 0, done.stderr
    hits, missed = done.stdout.split(maxsplit=1)
    assert int(hits) >= 20 and missed.strip() == "{}"


def test_every_compiled_kernel_is_tried():
    names = set(warmup.compiled_kernels())
    assert {"dense", "dense_grad", "adam_update", "random_uniform"} <= names
    assert "matmul" not in names
    assert set(warmup.warm()) == names


COUNT = """
from dlcore import warmup
list(warmup.warm())
print(sum(sum(f.stats.cache_misses.values()) for f in warmup.compiled_kernels().values()))
"""


def test_quiet_says_nothing_and_a_second_run_compiles_nothing(folder):
    done = run(folder, COMMAND.format(["--quiet"]))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run(folder, COUNT).stdout.strip() == "0"


def test_two_at_once(tmp_path):
    environment = os.environ | {"DLCORE_CACHE_FOLDER": str(tmp_path)}
    command = [sys.executable, "-c", COMMAND.format(["--quiet"])]
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        assert process.communicate()[1] == b"" and process.returncode == 0


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
