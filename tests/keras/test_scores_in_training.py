"""Two steps of training and an evaluation beside Keras: losses, metrics, weights and masks."""

import warnings

import numpy as np
import pytest

from dlcore import layers, losses, metrics, models, optimizers
from dlcore.utils import set_random_seed

keras = pytest.importorskip("keras")

# Keras's own, with PyTorch below it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

# For each kind of task: the losses, units, the last activation, targets, and metrics by name.
TASKS = {
    "numbers": (
        ["mse", "mae", "MeanSquaredError", ("Huber", {"delta": 0.5}), "huber",
         ("MeanSquaredError", {"reduction": "sum"}),
         ("MeanAbsoluteError", {"reduction": "mean_with_sample_weight"})],
        2, None, lambda rng, shape: rng.normal(size=(*shape, 2)),
        ["mae", "MSE", "mean_squared_error", "RootMeanSquaredError"],
    ),
    "yes or no": (
        ["binary_crossentropy", "bce", ("BinaryCrossentropy", {"label_smoothing": 0.1}), "hinge"],
        1, "sigmoid", lambda rng, shape: rng.integers(0, 2, (*shape, 1)),
        ["accuracy", "AUC", "Precision", "recall", "binary_accuracy", "bce", "mae"],
    ),
    "scores": (
        [("BinaryCrossentropy", {"from_logits": True}), "hinge"],
        1, None, lambda rng, shape: rng.integers(0, 2, (*shape, 1)),
        [("BinaryCrossentropy", {"from_logits": True}), ("AUC", {"from_logits": True}), "hinge"],
    ),
    "labels": (
        ["sparse_categorical_crossentropy", ("SparseCategoricalCrossentropy", {"ignore_class": 1})],
        4, "softmax", lambda rng, shape: rng.integers(0, 4, shape),
        ["accuracy", "acc", ("SparseTopKCategoricalAccuracy", {"k": 2}),
         "sparse_categorical_crossentropy"],
    ),
    "one-hot": (
        ["categorical_crossentropy", ("CategoricalCrossentropy", {"label_smoothing": 0.2}), "kld"],
        4, "softmax", lambda rng, shape: np.eye(4)[rng.integers(0, 4, shape)],
        ["accuracy", ("TopKCategoricalAccuracy", {"k": 2}), "kl_divergence",
         "categorical_crossentropy"],
    ),
}  # fmt: skip
# They count every step in Keras, also those that a mask leaves out.
WITHOUT_MASKS = ("AUC", "Precision", "recall", "RootMeanSquaredError")


def made(room, chosen):
    """What was chosen, by name or as an object of a room."""
    return getattr(room, chosen[0])(**chosen[1]) if isinstance(chosen, tuple) else chosen


def named(chosen):
    return chosen[0] if isinstance(chosen, tuple) else chosen


def built(library, makers, sequence, masked, units, activation, scores):
    room, model_room, optimizer_room = makers
    stack = [room.Masking()] if masked else []
    stack += [room.SimpleRNN(3, return_sequences=True)] if sequence else [room.Dense(3, "tanh")]
    model = model_room.Sequential([*stack, room.Dense(units, activation)])
    loss_room, metric_room, loss, plain, heavy = scores
    model.compile(
        optimizer_room.SGD(0.1),
        made(loss_room, loss),
        metrics=[made(metric_room, metric) for metric in plain],
        weighted_metrics=[made(metric_room, metric) for metric in heavy],
    )
    model.build((None, 3, 2) if sequence else (None, 2))
    return model


def plain_logs(logs):
    """The logs with the names that Keras counts up brought back to their first."""
    return {key.rstrip("_0123456789"): float(value) for key, value in logs.items()}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(12))
def test_two_steps_and_an_evaluation(task, seed):
    rng = np.random.default_rng([seed, len(task)])
    set_random_seed(seed)
    chosen, units, activation, targets, names = TASKS[task]
    sequence = bool(rng.integers(2))
    masked = sequence and bool(rng.integers(2))
    n = 7
    x = rng.normal(size=(n, 3, 2) if sequence else (n, 2)).astype(np.float32)
    if masked:
        x[rng.random((n, 3)) < 0.3] = 0
    y = np.asarray(targets(rng, x.shape[:-1]), np.float32)
    # Keras takes weights of steps for losses of steps.
    weights = rng.uniform(0, 2, x.shape[:-1]) if rng.integers(2) else None
    loss = chosen[rng.integers(len(chosen))]
    if masked:
        names = [name for name in names if named(name) not in WITHOUT_MASKS]
    plain = [names[i] for i in rng.permutation(len(names))[: rng.integers(0, 3)]]
    heavy = [names[i] for i in rng.permutation(len(names))[: rng.integers(0, 2)]]
    heavy = [name for name in heavy if named(name) not in map(named, plain)]
    if masked and keras.backend.backend() == "torch":
        # There the loss changes the weights in their place, and the metrics get the changed ones.
        heavy = []

    here = built("dlcore", (layers, models, optimizers), sequence, masked, units, activation,
                 (losses, metrics, loss, plain, heavy))  # fmt: skip
    makers = (keras.layers, keras.models, keras.optimizers)
    there = built("keras", makers, sequence, masked, units, activation,
                  (keras.losses, keras.metrics, loss, plain, heavy))  # fmt: skip
    there.set_weights(here.get_weights())
    logs = []
    for model in (here, there):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = {"batch_size": 4, "shuffle": False, "verbose": 0, "sample_weight": weights}
            history = model.fit(x, y, **fit).history
            found = model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)
        first = {key: values[0] for key, values in history.items()}
        logs.append((plain_logs(first), plain_logs(found)))
    case = (task, loss, plain, heavy, sequence, masked, weights is not None)
    for part, (ours, theirs) in enumerate(zip(*logs, strict=True)):
        assert set(ours) == set(theirs), case
        for name, value in theirs.items():
            if masked and part == 0 and name != "loss" and keras.backend.backend() == "jax":
                continue  # There the mask is lost on the way from the gradient to the metrics.
            assert ours[name] == pytest.approx(value, rel=2e-4, abs=1e-5), (name, case)
    for a, b in zip(here.get_weights(), there.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5, err_msg=str(case))
