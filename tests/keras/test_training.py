"""fit, evaluate and predict beside Keras: random models, losses, weights, sources and callbacks.

Both start from the same weights and take the rows in order; then the history, the weights and what
evaluate and predict say must agree.
"""

import csv
import warnings

import numpy as np
import pytest

import dlcore

keras = pytest.importorskip("keras")

# Keras's own, with JAX or PyTorch below it.
pytestmark = pytest.mark.filterwarnings("ignore")

N = 29
LOSSES = {
    "mse": (None, 2, lambda rng: rng.normal(size=(N, 2))),
    "mae": (None, 1, lambda rng: rng.normal(size=N)),
    "huber": (None, 2, lambda rng: rng.normal(size=(N, 2))),
    "binary_crossentropy": ("sigmoid", 1, lambda rng: rng.integers(0, 2, N)),
    "categorical_crossentropy": ("softmax", 3, lambda rng: np.eye(3)[rng.integers(0, 3, N)]),
    "sparse_categorical_crossentropy": ("softmax", 3, lambda rng: rng.integers(0, 3, N)),
}


def chosen(rng, values):
    return values[int(rng.integers(len(values)))]


def metrics_for(rng, loss):
    if loss.endswith("crossentropy"):
        return chosen(rng, [None, ["accuracy"], ["acc", "mse"] if "sparse" not in loss else None])
    return chosen(rng, [None, ["mae"], ["mse", "mae"]])


class Twins:
    """One model in both libraries, with the same weights.

    Args:
        make: `make(library)` returns the model.
    """

    def __init__(self, make):
        keras.utils.clear_session()
        dlcore.utils.clear_session()
        self.theirs, self.ours = make(keras), make(dlcore)
        self.ours.set_weights(self.theirs.get_weights())

    def compile(self, optimizer, **compiled):
        self.theirs.compile(getattr(keras.optimizers, optimizer[0])(optimizer[1]), **compiled)
        self.ours.compile(getattr(dlcore.optimizers, optimizer[0])(optimizer[1]), **compiled)

    def both(self, method, *data, **arguments):
        found = []
        for model in (self.theirs, self.ours):
            made = [listed(item) if model is self.theirs else item for item in data]
            given = dict(arguments)
            if model is self.theirs and isinstance(given.get("validation_data"), tuple):
                given["validation_data"] = tuple(map(listed, given["validation_data"]))
            result = getattr(model, method)(*made, verbose=0, **given)
            found.append(getattr(result, "history", result))
        return found

    def agree(self, method, *data, **arguments):
        expected, found = self.both(method, *data, **arguments)
        same(found, expected)
        return expected

    def agree_in_weights(self):
        same(self.ours.get_weights(), self.theirs.get_weights())


def listed(item):
    """Targets for Keras, which often fails on a dict of them where the model gives a list."""
    return list(item.values()) if isinstance(item, dict) and "p" in item else item


def same(found, expected):
    if isinstance(expected, dict):
        assert sorted(found) == sorted(expected)
        for name, values in expected.items():
            same(found[name], values)
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            same(a, b)
    else:
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5)


def optimizer(rng):
    return chosen(rng, [("SGD", 0.05), ("Adam", 0.01), ("RMSprop", 0.003), ("Adagrad", 0.05)])


def sequential(rng, last, units):
    widths = [int(w) for w in rng.integers(2, 7, size=int(rng.integers(0, 3)))]
    activation = chosen(rng, ["relu", "tanh", "sigmoid"])
    regularizer = chosen(rng, [None, None, "l2"])

    def make(library):
        layers = [library.layers.Dense(w, activation=activation) for w in widths]
        end = library.layers.Dense(units, activation=last, kernel_regularizer=regularizer)
        return library.Sequential([library.Input((4,)), *layers, end])

    return make


def two_heads(rng):
    shapes = [(3,), (5,)][: int(rng.integers(1, 3))]
    activation = chosen(rng, ["relu", "tanh"])

    def make(library):
        inputs = [library.Input(s, name=n) for s, n in zip(shapes, "ab", strict=False)]
        h = [library.layers.Dense(4, activation=activation)(x) for x in inputs]
        h = library.layers.Concatenate()(h) if len(h) > 1 else h[0]
        p = library.layers.Dense(1, activation="sigmoid", name="p")(h)
        q = library.layers.Dense(2, name="q", activity_regularizer="l2")(h)
        return library.Model(inputs, [p, q])

    return make, [rng.normal(size=(N, *shape)).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("seed", range(40))
def test_one_input_and_one_output(seed):
    rng = np.random.default_rng(seed)
    loss = chosen(rng, sorted(LOSSES))
    last, units, targets = LOSSES[loss]
    x, y = rng.normal(size=(N, 4)).astype(np.float32), targets(rng)
    if y.dtype.kind == "f":
        y = y.astype(np.float32)
    twins = Twins(sequential(rng, last, units))
    measured = metrics_for(rng, loss)
    weighted = chosen(rng, [None, metrics_for(rng, loss)])
    scale = chosen(rng, [None, None, 0.5])
    twins.compile(
        optimizer(rng), loss=loss, metrics=measured, weighted_metrics=weighted, loss_weights=scale
    )
    fit = {"epochs": int(rng.integers(1, 4)), "batch_size": int(rng.integers(3, 12))}
    weights = chosen(rng, [None, rng.uniform(0, 2, N).astype(np.float32)])
    by_class = None
    if weights is None and y.ndim == 1 and loss.endswith("crossentropy"):
        by_class = chosen(rng, [None, {0: 0.5, 1: 2.0, 2: 1.5}])
    held_out = chosen(rng, [{}, {"validation_split": 0.3}, {"validation_data": (x[:7], y[:7])}])
    if held_out:
        held_out["validation_freq"] = chosen(rng, [1, 2, [1, 3]])
        held_out["validation_batch_size"] = chosen(rng, [None, 4])
    if "validation_data" in held_out:
        held_out["validation_steps"] = chosen(rng, [None, 1])
    twins.agree(
        "fit", x, y, shuffle=False, sample_weight=weights, class_weight=by_class, **fit, **held_out
    )
    twins.agree_in_weights()
    twins.agree("evaluate", x, y, sample_weight=weights, batch_size=8, return_dict=True)
    if not set(measured or ()) & set(weighted or ()):
        # Where both name the same metric, Keras lists its value twice.
        twins.agree("evaluate", x, y, steps=2, batch_size=6)
    twins.agree("predict", x, batch_size=7)
    twins.agree("predict", x, batch_size=7, steps=2)


@pytest.mark.parametrize("seed", range(60))
def test_several_inputs_and_outputs(seed):
    rng = np.random.default_rng(1000 + seed)
    make, xs = two_heads(rng)
    p, q = (xs[0].sum(axis=1) > 0).astype(np.float32), rng.normal(size=(N, 2)).astype(np.float32)
    twins = Twins(make)
    loss, named = chosen(
        rng,
        [
            ("mse", False),
            (["binary_crossentropy", "mae"], False),
            ({"p": "binary_crossentropy", "q": "mse"}, True),
        ],
    )
    scale = chosen(rng, [None, {"p": 0.3, "q": 2.0} if named else [0.3, 2.0]])
    if loss == "mse":
        scale = None
    measured = chosen(
        rng, [None, [["accuracy"], ["mae", "mse"]], {"q": ["mae"]}, {"p": "accuracy", "q": "mse"}]
    )
    weighted = chosen(rng, [None, {"q": ["mae"]}])
    twins.compile(
        optimizer(rng), loss=loss, loss_weights=scale, metrics=measured, weighted_metrics=weighted
    )
    x = chosen(rng, [xs, dict(zip("ab", xs, strict=False))]) if len(xs) > 1 else xs[0]
    y = chosen(rng, [[p, q], {"p": p, "q": q}]) if named else [p, q]
    w = rng.uniform(0, 2, (2, N)).astype(np.float32)
    weights = chosen(rng, [None, [w[0], w[1]], w[0]])
    held_out = chosen(rng, [{}, {"validation_split": 0.3}, {"validation_data": (x, y)}])
    fit = {"epochs": 2, "batch_size": int(rng.integers(3, 12)), "shuffle": False}
    twins.agree("fit", x, y, sample_weight=weights, **fit, **held_out)
    twins.agree_in_weights()
    twins.agree("evaluate", x, y, sample_weight=weights)
    twins.agree("evaluate", x, y, return_dict=True)
    twins.agree("predict", x)


@pytest.mark.parametrize("seed", range(20))
def test_batches_one_by_one(seed):
    rng = np.random.default_rng(2000 + seed)
    x = rng.normal(size=(N, 4)).astype(np.float32)
    y, w = x[:, :2] * 2, rng.uniform(0, 2, N).astype(np.float32)
    size = int(rng.integers(3, 12))
    weighted = bool(rng.integers(2))
    batches = [
        (x[i : i + size], y[i : i + size], *((w[i : i + size],) if weighted else ()))
        for i in range(0, N, size)
    ]

    def forever():
        while True:
            yield from batches

    def data_set(library):
        class Data(library.utils.PyDataset):
            def __len__(self):
                return len(batches)

            def __getitem__(self, i):
                return batches[i]

        return Data()

    twins = Twins(sequential(rng, None, 2))
    twins.compile(optimizer(rng), loss="mse", metrics=["mae"])
    steps = int(rng.integers(1, 2 * len(batches)))
    fit = {"epochs": 3, "shuffle": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for data, more in (
            (lambda library: forever(), {"steps_per_epoch": steps}),
            (lambda library: forever(), {"steps_per_epoch": steps, "validation_data": (x, y)}),
            (data_set, {}),
            (data_set, {"validation_data": (x, y), "validation_batch_size": 5}),
        ):
            expected = twins.theirs.fit(data(keras), verbose=0, **fit, **more).history
            same(twins.ours.fit(data(dlcore), verbose=0, **fit, **more).history, expected)
            twins.agree_in_weights()
        for data in (lambda library: forever(), data_set):
            expected = twins.theirs.evaluate(data(keras), steps=2, verbose=0)
            same(twins.ours.evaluate(data(dlcore), steps=2, verbose=0), expected)
        expected = twins.theirs.predict(data_set(keras), verbose=0)
        same(twins.ours.predict(data_set(dlcore), verbose=0), expected)


@pytest.mark.parametrize("seed", range(10))
def test_epochs_of_a_number_of_steps(seed):
    rng = np.random.default_rng(3000 + seed)
    x = rng.normal(size=(24, 4)).astype(np.float32)
    twins = Twins(sequential(rng, None, 4))
    twins.compile(optimizer(rng), loss="mse")
    # The rows end where an epoch ends; where they don't, Keras warns and has a short epoch.
    steps = chosen(rng, [1, 2, 3, 6])
    twins.agree("fit", x, x, batch_size=4, steps_per_epoch=steps, epochs=7, shuffle=False)
    twins.agree_in_weights()


@pytest.mark.parametrize("seed", range(12))
def test_callbacks(seed, tmp_path):
    rng = np.random.default_rng(4000 + seed)
    x = rng.normal(size=(N, 4)).astype(np.float32)
    y = x.sum(axis=1) + rng.normal(size=N).astype(np.float32) * 2
    twins = Twins(sequential(rng, None, 1))
    name = chosen(rng, ["SGD", "Adam"])
    twins.compile((name, 0.1), loss="mse", metrics=["mae"])
    plateau = {
        "factor": float(rng.uniform(0.2, 0.8)),
        "patience": int(rng.integers(1, 3)),
        "min_delta": float(chosen(rng, [1e-4, 0.05, 0.5])),
        "cooldown": int(rng.integers(0, 3)),
        "min_lr": 0.01,
        "monitor": chosen(rng, ["val_loss", "loss", "val_mae"]),
    }
    stop = {"patience": int(rng.integers(1, 5)), "restore_best_weights": bool(rng.integers(2))}
    found = []
    for library, model in ((keras, twins.theirs), (dlcore, twins.ours)):
        path = tmp_path / f"{library.__name__}.csv"
        room = library.callbacks
        callbacks = [
            room.ReduceLROnPlateau(mode="min", **plateau),
            room.EarlyStopping(**stop),
            room.CSVLogger(path, separator=";"),
        ]
        history = model.fit(
            x, y, validation_split=0.4, epochs=12, batch_size=8, shuffle=False, verbose=0,
            callbacks=callbacks,
        )  # fmt: skip
        with open(path, newline="") as file:
            rows = list(csv.reader(file, delimiter=";"))
        table = [[float(entry) for entry in row] for row in rows[1:]]
        found.append((history.history, history.epoch, rows[0], table))
    same(found[1][0], found[0][0])
    assert found[1][1] == found[0][1] and found[1][2] == found[0][2]
    same(found[1][3], found[0][3])
    twins.agree_in_weights()


@pytest.mark.parametrize("seed", range(10))
def test_one_batch_at_a_time(seed):
    rng = np.random.default_rng(5000 + seed)
    x = rng.normal(size=(N, 4)).astype(np.float32)
    y = (x.sum(axis=1) > 0).astype(np.float32)
    w = chosen(rng, [None, rng.uniform(0, 2, N).astype(np.float32)])
    twins = Twins(sequential(rng, "sigmoid", 1))
    twins.compile(optimizer(rng), loss="binary_crossentropy", metrics=["accuracy"])
    for model in (twins.theirs, twins.ours):
        model.train_on_batch(x, y, sample_weight=w)
    twins.agree_in_weights()
    expected = twins.theirs.predict_on_batch(x)
    same(twins.ours.predict_on_batch(x), expected)
    twins.theirs.reset_metrics()
    expected = twins.theirs.test_on_batch(x, y, sample_weight=w)
    same(twins.ours.test_on_batch(x, y, sample_weight=w), expected)
