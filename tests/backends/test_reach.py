"""Every kernel is called by the engine: what nothing calls is not taught and not kept.

One run of all that is public: each layer forwards and backwards, each activation, loss, optimizer,
metric and initializer, and a training with each callback, all eager, so that every call is seen.
"""

from __future__ import annotations

import functools
import inspect

import numpy as np
import pytest

from dlcore import (
    activations,
    backends,
    callbacks,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from dlcore.backends import KERNELS
from dlcore.engine import ops
from dlcore.layers import Dense, Input
from dlcore.models import Sequential
from dlcore.tensor import Tensor, Variable, gradients
from dlcore.utils import set_random_seed
from tests.device import NAME, hidden
from tests.saving.every_layer import (
    CASES,
    WHOLE,
    applied,
    data_for,
    made,
)

RNG = np.random.default_rng(0)

# Kernels that nothing calls, each with its reason to be.
NOT_CALLED: dict[str, str] = {}

ROWS = RNG.uniform(0.1, 0.9, (6, 3)).astype(np.float32)
ROWS /= ROWS.sum(axis=1, keepdims=True)
ONE_HOT = np.eye(3, dtype=np.float32)[[0, 2, 1, 1, 0, 2]]
LABELS = ONE_HOT.argmax(axis=1)
LOSS = "categorical_crossentropy"


def classes(room, base):
    """The public classes of a room that can be made: not the base, and no abstract ones."""
    found = [kind for _, kind in inspect.getmembers(room, inspect.isclass)]
    return [kind for kind in found if issubclass(kind, base) and kind is not base]


def targets_of(name):
    return LABELS if name.startswith("Sparse") else ONE_HOT


def run_layers():
    fused = ("Conv2D", {"filters": 1, "kernel_size": 2, "activation": "relu"}, (3, 3, 1))
    for name, arguments, shape in [*CASES, fused]:
        layer = made(layers, name, arguments)
        x = data_for(name, shape)
        parts = x if isinstance(x, list) else [x]
        tensors = [Tensor(part, requires_grad=name not in WHOLE) for part in parts]
        y = applied(layer, tensors if isinstance(x, list) else tensors[0], training=True)
        sources = [*layer.trainable_weights, *(t for t in tensors if t.requires_grad)]
        if sources:
            gradients(ops.sum(y), sources)


def run_cells():
    for cell in (layers.SimpleRNNCell(2), layers.LSTMCell(2)):
        layer = layers.RNN(cell)
        gradients(ops.sum(layer(np.ones((2, 3, 2)))), layer.trainable_weights)


def run_activations():
    for name, activation in inspect.getmembers(activations, inspect.isfunction):
        if next(iter(signature_of(activation))) == "x":
            x = Tensor(ROWS, requires_grad=True)
            more = (0.5, 0.0) if name == "threshold" else ()
            gradients(ops.sum(activation(x, *more)), [x])


def run_losses():
    for kind in set(classes(losses, losses.Loss)) - {losses.LossFunctionWrapper}:
        both = [{}, {"from_logits": True}] if "from_logits" in signature_of(kind) else [{}]
        for arguments in both:
            y = Tensor(ROWS, requires_grad=True)
            gradients(kind(**arguments)(targets_of(kind.__name__), y), [y])


def run_metrics():
    inside = {metrics.MeanMetricWrapper, metrics.Mean, metrics.Sum, metrics.MeanIoU}
    for kind in set(classes(metrics, metrics.Metric)) - inside:
        targets = targets_of(kind.__name__)
        model = Sequential([Input((3,)), Dense(3, activation="softmax")])
        loss = LOSS if targets is ONE_HOT else f"sparse_{LOSS}"
        model.compile("sgd", loss, metrics=[kind()], run_eagerly=True)
        model.evaluate(ROWS, targets, verbose=0)


def run_optimizers():
    rate = optimizers.schedules.CosineDecay(0.1, 10)
    for kind in classes(optimizers, optimizers.Optimizer):
        forms = [{"momentum": 0.9}, {"amsgrad": True}, {"centered": True}]
        forms += [{"centered": True, "momentum": 0.9}]
        more = [form for form in forms if form.keys() <= signature_of(kind).keys()]
        for arguments in [{}, {"clipnorm": 1.0, "learning_rate": rate}, *more]:
            weight = Variable(ROWS)
            kind(**arguments).apply_gradients([(ROWS, weight)])


def run_initializers():
    for kind in classes(initializers, initializers.Initializer):
        kind()((4, 4))


def run_regularizers():
    for name in ("l1", "l2", "l1_l2", "orthogonal_regularizer"):
        weight = Variable(ROWS)
        gradients(regularizers.get(name)(weight), [weight])


def run_training(folder):
    kinds = {
        callbacks.ModelCheckpoint: {"filepath": str(folder / "best.keras"), "monitor": "loss"},
        callbacks.BackupAndRestore: {"backup_dir": str(folder / "backup")},
        callbacks.CSVLogger: {"filename": str(folder / "log.csv")},
        callbacks.TensorBoard: {"log_dir": str(folder / "logs")},
        callbacks.LearningRateScheduler: {"schedule": lambda epoch, rate: rate / 2},
        callbacks.EarlyStopping: {"monitor": "loss", "restore_best_weights": True},
        callbacks.ReduceLROnPlateau: {"monitor": "loss"},
    }
    model = Sequential([Input((3,)), Dense(3, activation="softmax")])
    model.compile("adam", LOSS, metrics=["accuracy"], run_eagerly=True)
    model.fit(
        ROWS, ONE_HOT, batch_size=4, epochs=2, validation_split=0.5, verbose=0,
        callbacks=[kind(**kinds.get(kind, {})) for kind in classes(callbacks, callbacks.Callback)],
    )  # fmt: skip
    model.evaluate(ROWS, ONE_HOT, verbose=0)
    model.predict(ROWS, verbose=0)


def run_on_a_device(folder):
    """What only a backend with memory of its own needs."""
    with hidden():
        backends.set_backend(NAME)
        run_training(folder)


@functools.cache
def signature_of(kind):
    return inspect.signature(kind).parameters


@pytest.fixture(scope="module")
def called(tmp_path_factory):
    """The names of all kernels that ran."""
    set_random_seed(0)
    chosen, seen = backends.get_backend(), set()
    backends.set_backend("numpy")
    before = backends.set_recorder(lambda name, *_: seen.add(name))
    try:
        run_layers()
        run_cells()
        run_activations()
        run_losses()
        run_metrics()
        run_optimizers()
        run_initializers()
        run_regularizers()
        run_training(tmp_path_factory.mktemp("training"))
        ops.argmax(ROWS)
        if backends.available_backends()["cpu"] is None:
            run_on_a_device(tmp_path_factory.mktemp("device"))
    finally:
        backends.set_recorder(before)
        backends.set_backend(chosen)
    return seen


@pytest.mark.parametrize("name", sorted(KERNELS))
def test_the_engine_calls_it_or_there_is_a_reason(name, called):
    if name in NOT_CALLED:
        assert name not in called, f"{name} is called: take it out of the list"
    else:
        assert name in called, f"nothing calls {name}"


def test_the_list_names_kernels_only():
    assert set(NOT_CALLED) <= set(KERNELS)
