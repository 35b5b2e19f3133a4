"""Lesson 13: a photograph in grey, shapes in and out of order, and steps that can be compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from dlcore.backends import get_backend, set_backend
from dlcore.backends.numba.blas import single_threaded_blas
from dlcore.datasets import photos, shapes10
from dlcore.layers import Input, Layer
from dlcore.models import Sequential
from dlcore.optimizers import Adam
from dlcore.utils import set_random_seed
from dlcore.widgets.painter import grey

Array = np.ndarray
Convolution = Callable[..., Array]


def grey_photo(name: str = "china") -> Array:
    """How bright each pixel of a photograph is.

    Args:
        name: "china" or "flower".

    Returns:
        [160, 240] float32, from 0 to 1.
    """
    return grey(photos.load_data()[name])


def shapes(n_train: int = 5000, n_test: int = 1000) -> tuple[Array, Array, Array, Array]:
    """Drawn shapes with pixels from -1 to 1.

    Returns:
        x [n_train, 32, 32, 3] and y [n_train], the number of the shape; and of the unseen ones
        x [n_test, 32, 32, 3] and y [n_test].
    """
    (x, y), (x_test, y_test) = shapes10.load_data(n_train, n_test)
    # With all inputs positive and large the dense net's relus would die in the first steps.
    return (*_centred(x, y), *_centred(x_test, y_test))


def shuffled(x: Array, seed: int = 0) -> Array:
    """The pixels of every picture in one and the same order, which was drawn once.

    Args:
        x: [n, h, w, c].
        seed: another one gives another order.
    """
    n, h, w, c = x.shape
    order = np.random.default_rng(seed).permutation(h * w)
    return x.reshape(n, h * w, c)[:, order].reshape(x.shape)


def five_steps(make: Callable[[], Sequence[Layer]], x: Array, y: Array, backend: str) -> Array:
    """The losses of a network's first five steps with Adam, 32 pictures each.

    Args:
        make: makes its layers; they get the same first weights each time.
        x: pictures [n, h, w, c], n at least 160.
        y: their classes [n].
        backend: who computes; whichever was chosen before is chosen again afterwards.

    Returns:
        [5], the loss of each batch before its step.
    """
    before = get_backend()
    set_backend(backend)
    try:
        set_random_seed(0)
        model = Sequential([Input(x.shape[1:]), *make()])
        model.compile(Adam(), "sparse_categorical_crossentropy")
        batches = [slice(start, start + 32) for start in range(0, 160, 32)]
        return np.array([float(model.train_on_batch(x[each], y[each])) for each in batches])
    finally:
        set_backend(before)


def milliseconds(convolution: Convolution, x: Array, filters: int, calls: int = 3) -> float:
    """How long a convolution with a kernel of 3 by 3 takes, the fastest of a few calls.

    Args:
        convolution: a function of x, w and b.
        x: pictures [n, h, w, c].
        filters: how many outputs it has.
        calls: how many are timed; one more goes before them.
    """
    rng = np.random.default_rng(0)
    w = rng.normal(size=(3, 3, x.shape[3], filters)).astype(np.float32)
    b = np.zeros(filters, np.float32)
    took = []
    with single_threaded_blas():  # as inside of fit: two sets of threads fight for the same cores
        convolution(x, w, b)
        for _ in range(calls):
            began = time.perf_counter()
            convolution(x, w, b)
            took.append(time.perf_counter() - began)
    return 1000 * min(took)


def _centred(x: Array, y: Array) -> tuple[Array, Array]:
    return x.astype(np.float32) / 127.5 - 1, y
