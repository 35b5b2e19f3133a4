"""The page that ties lesson, kernel and library together says what is so."""

import re
from functools import reduce
from pathlib import Path

import numpy as np
import pytest

import dlcore
from dlcore import activations, backends, layers, losses, metrics, ops, optimizers, resources
from dlcore.course import kernel_map, lesson_map
from dlcore.tensor import Tensor, Variable

KERNELS = [kernel for lesson in lesson_map.LESSONS for kernel in lesson.kernels]
PAGE = resources.lessons_folder() / "KERNELS.md"

ROWS = np.float32([[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]])
HOT = np.float32([[0, 1], [1, 0], [0, 1]])
SEQUENCES = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
IMAGES = np.random.default_rng(0).normal(size=(2, 5, 6, 3)).astype(np.float32)
LETTERS = np.array([[1, 2]])


def layer(made, x, training=None):
    return made(Tensor(x), training=training)


def update(optimizer):
    optimizer.apply([np.ones(3, np.float32)], [Variable(np.ones(3, np.float32))])


# How each part of the library is put to work; an operation alone is called by it.
AT_WORK = {
    "layers.Dense": lambda: layer(layers.Dense(3), ROWS),
    "losses.MeanSquaredError": lambda: losses.MeanSquaredError()(HOT, ROWS),
    "losses.BinaryCrossentropy": lambda: losses.BinaryCrossentropy()(HOT, ROWS),
    "losses.CategoricalCrossentropy": lambda: losses.CategoricalCrossentropy()(HOT, ROWS),
    "losses.SparseCategoricalCrossentropy": lambda: losses.SparseCategoricalCrossentropy()(
        [1, 0, 1], ROWS
    ),
    "activations.sigmoid": lambda: activations.sigmoid(ROWS),
    "activations.relu": lambda: activations.relu(ROWS),
    "activations.tanh": lambda: activations.tanh(ROWS),
    "activations.leaky_relu": lambda: activations.leaky_relu(ROWS),
    "activations.softmax": lambda: activations.softmax(ROWS),
    "metrics.SparseCategoricalAccuracy": lambda: metrics.SparseCategoricalAccuracy().by_kernels(
        np.zeros(len(ROWS), int), ROWS  # as evaluate does
    ),
    "optimizers.SGD": lambda: [update(optimizers.SGD(0.1, momentum=m)) for m in (0.0, 0.9)],
    "optimizers.Adam": lambda: update(optimizers.Adam(0.1)),
    "layers.BatchNormalization": lambda: layer(layers.BatchNormalization(), ROWS, True),
    "layers.Dropout": lambda: layer(layers.Dropout(0.5), ROWS, True),
    "ops.matmul": lambda: ops.matmul(ROWS, HOT.T),
    "layers.Conv2D": lambda: layer(layers.Conv2D(2, 3), IMAGES),
    "layers.MaxPooling2D": lambda: layer(layers.MaxPooling2D(2), IMAGES),
    "layers.Embedding": lambda: ops.sum(layer(layers.Embedding(5, 2), LETTERS)).backward(),
    "layers.SimpleRNNCell": lambda: layers.RNN(layers.SimpleRNNCell(3))(SEQUENCES),
    "layers.LSTMCell": lambda: layers.RNN(layers.LSTMCell(3))(SEQUENCES),
}  # fmt: skip


def named(path):
    return reduce(getattr, path.split("."), dlcore)


def called(work):
    """The kernels that run while something is done."""
    names = []
    before = backends.set_recorder(lambda name, *_: names.append(name))
    try:
        work()
    finally:
        backends.set_recorder(before)
    return names


@pytest.mark.parametrize("kernel", sorted(set(KERNELS) - lesson_map.KERNELS_TO_COME))
def test_every_kernel_of_the_map_has_its_place(kernel):
    assert kernel_map.use_of(kernel) is not None


@pytest.mark.parametrize("kernel", sorted(set(kernel_map.USES) - lesson_map.KERNELS_TO_COME))
def test_the_part_works_by_the_kernel_and_the_operation_is_there(kernel):
    use = kernel_map.USES[kernel]
    assert kernel in called(AT_WORK[use.part])
    assert callable(named(use.part))
    assert not use.operation or callable(named(use.operation))


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == kernel_map.page()


def test_what_it_links_is_there():
    links = re.findall(r"\]\(([^)]+)\)", kernel_map.page())
    files = re.findall(r"`((?:numpy|cpu)/\w+\.py)`", kernel_map.page())
    backends_folder = Path(dlcore.__file__).parent / "backends"
    assert len(links) >= len(lesson_map.written()) - 3 and len(files) > 30
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
    assert [file for file in files if not (backends_folder / file).exists()] == []
