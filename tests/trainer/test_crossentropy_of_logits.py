"""A compiled crossentropy right after its sigmoid or softmax is reckoned from what went into that.

Where no probability is rounded to 0 or 1 that is the same. So each model here is also trained with
a loss that is not reckoned so, one of a class with a `call` of its own: the two must agree.
"""

import numpy as np
import pytest

from dlcore import GradientTape, Input, Model, Sequential, backends, layers, losses
from dlcore.backends import mine
from dlcore.engine import ops
from dlcore.layers import Activation, Dense
from dlcore.optimizers import SGD
from dlcore.tensor import Tensor
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
N, STEPS = 40, 4
X = RNG.normal(size=(N, 4)).astype(np.float32)
SEQUENCES = RNG.normal(size=(N, STEPS, 3)).astype(np.float32)
SEQUENCES[::2, 2:] = 0  # masked
IMAGES = RNG.normal(size=(N, 4, 4, 1)).astype(np.float32)
LABELS = RNG.integers(0, 3, N)
ONE_HOT = np.eye(3, dtype=np.float32)[LABELS]
SIDES = RNG.integers(0, 2, N)
KINDS = {
    "binary_crossentropy": ("sigmoid", 1, SIDES),
    "categorical_crossentropy": ("softmax", 3, ONE_HOT),
    "sparse_categorical_crossentropy": ("softmax", 3, LABELS),
}
CLASSES = {
    "binary_crossentropy": losses.BinaryCrossentropy,
    "categorical_crossentropy": losses.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": losses.SparseCategoricalCrossentropy,
}


def loss_of(kind, fused, **arguments):
    """The library's own loss, or one with a `call` that does the same."""
    own = CLASSES[kind]
    return own(**arguments) if fused else WITH_CALL[kind](**arguments)


def _with_call(kind):
    class WithCall(CLASSES[kind]):
        def call(self, y_true, y_pred):
            return super().call(y_true, y_pred)

    return WithCall


WITH_CALL = {kind: _with_call(kind) for kind in CLASSES}


def kernels_of(run):
    seen = []
    before = backends.set_recorder(lambda name, *_: seen.append(name))
    try:
        run()
    finally:
        backends.set_recorder(before)
    return seen


def network(kind, last=None):
    activation, units, _ = KINDS[kind]
    return Sequential([Input((4,)), Dense(5, "tanh"), *(last or [Dense(units, activation)])])


def sequences(kind):
    activation, units, _ = KINDS[kind]
    return Sequential([Input((STEPS, 3)), layers.Masking(), Dense(units, activation)])


def images(kind):
    activation, units, _ = KINDS[kind]
    return Sequential([Input((4, 4, 1)), layers.Conv2D(units, 2, activation=activation)])


def with_activation_layer(kind):
    activation, units, _ = KINDS[kind]
    last = layers.Softmax() if activation == "softmax" else Activation("sigmoid")
    return network(kind, [Dense(units), last])


def inside_a_model(kind):
    x = Input((4,))
    return Model(x, network(kind)(x))


def penalised(kind):
    activation, units, _ = KINDS[kind]
    return network(kind, [Dense(units, activation, activity_regularizer="l2")])


def own_activation(kind):
    activation, units, _ = KINDS[kind]
    warm = lambda x: getattr(ops, activation)(x / 2.0) * 0.9 + 0.01  # noqa: E731
    return network(kind, [Dense(units, warm)])


class Doubled(Sequential):
    """Adds the loss of something else to that of the outputs, in a `compute_loss` of its own."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        return loss + ops.mean(ops.square(y_pred))


def own_loss(kind):
    activation, units, _ = KINDS[kind]
    return Doubled([Input((4,)), Dense(units, activation)])


def two_heads(kind):
    """The second head is made of the first."""
    activation, units, _ = KINDS[kind]
    x = Input((4,))
    first = Dense(units, activation, name="first")(x)
    return Model(x, [first, Dense(2, name="second")(first)])


def steps_of(y):
    """Targets for each step of a sequence."""
    return np.stack([np.roll(y, shift, axis=0) for shift in range(STEPS)], axis=1)


def places_of(y):
    return np.stack([np.stack([y] * 3, axis=1)] * 3, axis=1)


# make a model, its inputs, its targets from those of the kind, arguments of the loss and of fit
VARIANTS = {
    "as it is": (network, X, None, {}, {}),
    "activation as a layer": (with_activation_layer, X, None, {}, {}),
    "model in a model": (inside_a_model, X, None, {}, {}),
    "sample weights": (network, X, None, {}, {"sample_weight": RNG.uniform(0, 2, N)}),
    "sum": (network, X, None, {"reduction": "sum"}, {}),
    "label smoothing": (network, X, None, {"label_smoothing": 0.2}, {}),
    "ignored class": (network, X, None, {"ignore_class": 1}, {}),
    "masked steps": (sequences, SEQUENCES, steps_of, {}, {}),
    "places of an image": (images, IMAGES, places_of, {}, {}),
    "activity regularizer": (penalised, X, None, {}, {}),
    "activation of one's own": (own_activation, X, None, {}, {}),
    "compute_loss of one's own": (own_loss, X, None, {}, {}),
    "outputs used elsewhere": (two_heads, X, lambda y: [y, X[:, :2]], {}, {}),
    "float64": (network, X, None, {"dtype": "float64"}, {}),
    "another axis": (images, IMAGES, places_of, {"axis": 1}, {}),
}
PAIRS = [
    (kind, variant)
    for kind in KINDS
    for variant in VARIANTS
    if not (variant == "label smoothing" and kind.startswith("sparse"))
    and not (variant == "ignored class" and not kind.startswith("sparse"))
    and not (variant == "another axis" and kind != "binary_crossentropy")
]


def trained(kind, variant, fused, eagerly=False):
    make, x, targets, arguments, fit = VARIANTS[variant]
    set_random_seed(0)
    model = make(kind)
    y = KINDS[kind][2]
    if kind == "binary_crossentropy" and targets in (steps_of, places_of):
        y = y[:, None]
    y = targets(y) if targets else y
    loss = loss_of(kind, fused, **arguments)
    model.compile(SGD(0.1), [loss, "mse"] if isinstance(y, list) else loss, run_eagerly=eagerly)
    fit = {"batch_size": 8, "epochs": 3, "shuffle": False, "verbose": 0, **fit}
    history = model.fit(x, y, **fit).history
    return history, model.get_weights(), model.evaluate(x, y, verbose=0), model


@pytest.mark.parametrize(("kind", "variant"), PAIRS)
def test_the_same_as_the_loss_of_the_probabilities(kind, variant):
    expected, found = (trained(kind, variant, fused) for fused in (False, True))
    for name, values in expected[0].items():
        np.testing.assert_allclose(found[0][name], values, rtol=2e-5, atol=1e-6)
    for a, b in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-6)
    np.testing.assert_allclose(found[2], expected[2], rtol=2e-5)


@pytest.mark.parametrize(("kind", "variant"), PAIRS)
def test_replay_and_eager_choose_alike(kind, variant):
    eager, replayed = (trained(kind, variant, True, eagerly) for eagerly in (True, False))
    assert not replayed[3].run_eagerly
    assert eager[0] == replayed[0] and eager[2] == replayed[2]
    for a, b in zip(eager[1], replayed[1], strict=True):
        np.testing.assert_array_equal(a, b)


ALONE = ["as it is", "activation as a layer", "model in a model", "masked steps", "sample weights"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variant", ALONE)
def test_which_kernels_run(kind, variant):
    plain = {kind, f"{kind}_grad", f"{KINDS[kind][0]}_grad"}
    fused = {f"{kind}_from_logits", f"{kind}_from_logits_grad"}
    seen = set(kernels_of(lambda: trained(kind, variant, True, True)))
    assert fused <= seen and not plain & seen
    seen = set(kernels_of(lambda: trained(kind, variant, False, True)))
    assert plain <= seen and not fused & seen


@pytest.mark.parametrize("kind", KINDS)
def test_names_functions_and_the_choice_by_shapes_are_taken_alike(kind):
    activation, units, y = KINDS[kind]

    def train(loss):
        set_random_seed(0)
        model = network(kind)
        model.compile(SGD(0.1), loss, run_eagerly=True)
        assert not getattr(model.loss, "kwargs", {}).get("from_logits")
        return model.fit(X, y, epochs=2, verbose=0).history["loss"]

    expected = train(CLASSES[kind]())
    for loss in (kind, getattr(losses, kind), "crossentropy"):
        assert f"{kind}_from_logits_grad" in kernels_of(lambda loss=loss: train(loss))
        assert train(loss) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_fit_together_is_left_alone(kind):
    """Another activation of the last layer, and losses that only use the library's."""
    activation, units, y = KINDS[kind]
    function = getattr(losses, kind)
    operation = getattr(ops, kind)
    other = "softmax" if activation == "sigmoid" else "sigmoid"
    cases = [
        (network(kind, [Dense(max(units, 2), other)]), kind),
        (network(kind), lambda t, p: function(t, p)),
        (
            network(kind),
            lambda t, p: operation(ops.reshape(t, t.shape[:1]) if p.ndim > t.ndim else t, p),
        ),
    ]
    for model, loss in cases:
        model.compile("sgd", loss, run_eagerly=True)
        target = np.eye(2)[SIDES] if model.output_shape[-1] == 2 else y
        target = target[:, None] if kind == "binary_crossentropy" and target.ndim == 1 else target
        seen = kernels_of(lambda m=model, t=target: m.fit(X, t, verbose=0))
        assert kind in seen and not any("from_logits" in name for name in seen)


def extreme(kind, scale=200.0):
    """A model whose first loss meets probabilities of exactly 0 and 1, and its logits."""
    activation, units, y = KINDS[kind]
    set_random_seed(1)
    model = Sequential([Input((4,)), Dense(units, activation)])
    weights = [scale * w for w in model.get_weights()]
    model.set_weights(weights)
    return model, X @ weights[0] + weights[1], y


def exact_loss(kind, z, y):
    """In float64, by logarithms of sums."""
    z = z.astype(np.float64)
    if kind == "binary_crossentropy":
        return np.logaddexp(0, np.where(y[:, None] == 1, -z, z)).mean()
    labels = y if y.ndim == 1 else y.argmax(axis=1)
    top = z.max(axis=1)
    total = top + np.log(np.exp(z - top[:, None]).sum(axis=1))
    return (total - z[np.arange(len(z)), labels]).mean()


@pytest.mark.parametrize("backend", ["numpy", "cpu"])
@pytest.mark.parametrize("kind", KINDS)
def test_where_probabilities_are_rounded_loss_and_gradient_are_exact(kind, backend):
    before = backends.get_backend()
    backends.set_backend(backend)
    try:
        model, z, y = extreme(kind)
        p = model.predict(X, verbose=0)
        # The compiled sigmoid ends at the smallest number that is not denormal.
        assert (p < 1e-37).any() and (p == 1).any()
        model.compile(SGD(1.0), kind)
        expected = exact_loss(kind, z, y)
        assert expected > 20  # clipped at 1e-7 it could not be above 16.2
        assert model.evaluate(X, y, verbose=0) == pytest.approx(expected, rel=1e-5)
        w = model.get_weights()[0]
        loss = model.train_on_batch(X, y)
        assert loss == pytest.approx(expected, rel=1e-5)
        slope = w - model.get_weights()[0]
        t = y if y.ndim == 2 else (y[:, None] if p.shape[1] == 1 else np.eye(3)[y])
        np.testing.assert_allclose(slope, X.T @ (p - t) / N, rtol=2e-3, atol=2e-5)
    finally:
        backends.set_backend(before)


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_and_metrics_are_those_of_the_probabilities(kind):
    model, _, y = extreme(kind, 1.0)
    p = model.predict(X, verbose=0)
    clipped = float(CLASSES[kind]()(y if y.ndim == 2 or p.shape[1] > 1 else y[:, None], p))
    model.compile("sgd", kind, metrics=[kind, "accuracy"])
    logs = model.evaluate(X, y, verbose=0, return_dict=True)
    assert logs[kind] == pytest.approx(clipped, rel=1e-5)
    assert logs["loss"] == pytest.approx(clipped, rel=1e-5)
    np.testing.assert_array_equal(model.predict(X, verbose=0), p)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_to_the_outputs_themselves_is_still_there(kind):
    """In a step of one's own, which may ask for it beside that of the weights."""
    _, units, y = KINDS[kind]
    t = np.eye(3)[LABELS] if units == 3 else SIDES[:, None]
    model = network(kind)
    model.compile("sgd", kind)
    with GradientTape() as tape:
        y_pred = model(X, training=True)
        loss = model.compute_loss(y=Tensor(y if units == 3 else y[:, None]), y_pred=y_pred)
    of_outputs, of_weights = tape.gradient(loss, [y_pred, model.trainable_weights[-2]])
    alone = tape.gradient(loss, model.trainable_weights[-2])
    p = y_pred.numpy()
    expected = (p - t) / (p * (1 - p)) if units == 1 else 1 - t / p
    np.testing.assert_allclose(of_outputs.data, expected / N, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(of_weights.data, alone.data, rtol=1e-4, atol=1e-6)
    assert np.abs(alone.data).max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_a_loop_that_one_sees_does_what_it_says(kind):
    activation, units, y = KINDS[kind]
    t = Tensor(y if units == 3 else y[:, None])
    model = network(kind)

    def loop():
        with GradientTape() as tape:
            p = getattr(ops, activation)(model.layers[-1].kernel[:3] * 1.0)
            given = Tensor(t.data[:3])
            loss = ops.mean(getattr(ops, kind)(given, p)) + CLASSES[kind]()(given, p)
        tape.gradient(loss, model.trainable_weights)

    seen = kernels_of(loop)
    assert seen.count(kind) == 2 and seen.count(f"{activation}_grad") >= 1
    assert not any("from_logits" in name for name in seen)


# On the backend mine.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("eagerly", [False, True])
def test_the_kernels_of_a_learner_are_called(accept, kind, eagerly):
    activation = KINDS[kind][0]
    expected = trained(kind, "as it is", True)
    plain = [activation, kind, f"{activation}_grad", f"{kind}_grad"]
    fused = [f"{kind}_from_logits", f"{kind}_from_logits_grad"]
    # What is accepted, and what of it must run.
    cases = [
        ([activation, kind], [activation, kind]),
        (plain, plain),
        ([activation, kind, fused[1]], [activation, kind, fused[1]]),
        ([*plain, *fused], [activation, kind, fused[1]]),
        ([f"{kind}_grad"], [f"{kind}_grad"]),
        ([f"{activation}_grad"], [f"{activation}_grad"]),
        (fused, fused),
    ]
    for accepted, called in cases:
        accept(accepted)
        backends.set_backend("mine")
        mine.calls.clear()
        found = trained(kind, "as it is", True, eagerly)
        assert set(mine.calls) == set(called), accepted
        assert min(mine.calls.values()) >= 3 * N // 8
        np.testing.assert_allclose(found[0]["loss"], expected[0]["loss"], rtol=2e-5)
        for a, b in zip(found[1], expected[1], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-6)
