"""Steps on single batches that are kept do what the step itself would do now, whatever changed."""

import copy
import gc
import re
import weakref

import numpy as np
import pytest

import dlcore
from dlcore import (
    Input,
    Model,
    Sequential,
    activations,
    backends,
    constraints,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    utils,
)
from dlcore.trainer import basis, kept_pass, kept_step
from dlcore.trainer.divergence import Divergence


def mlp():
    return Sequential([Input((6,)), layers.Dense(5, "relu"), layers.Dense(3, "softmax")])


def cnn():
    return Sequential(
        [
            Input((6, 5, 2)),
            layers.Conv2D(3, 3, kernel_regularizer=regularizers.L2(0.1)),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3, "softmax", kernel_constraint=constraints.MaxNorm(1.5)),
        ]
    )


def letters():
    return Sequential(
        [Input((6,), dtype="int64"), layers.Embedding(9, 4), layers.LSTM(5), layers.Dense(3)]
    )


def masked():
    return Sequential(
        [
            Input((6,), dtype="int64"),
            layers.Embedding(9, 4, mask_zero=True),
            layers.GRU(5, return_sequences=True),
            layers.Dense(3, "softmax"),
        ]
    )


def several():
    a, b = Input((4,), name="a"), Input((3,), name="b")
    h = layers.concatenate([layers.Dense(4, "tanh")(a), layers.Dense(2)(b)])
    return Model({"a": a, "b": b}, [layers.Dense(3, name="p")(h), layers.Dense(1, name="q")(h)])


def rows(model, number=4, seed=0):
    """A batch of inputs and targets."""
    rng = np.random.default_rng(seed)

    def of(symbol):
        if symbol.dtype.startswith("int"):
            return rng.integers(0, 9, (number, *symbol.shape[1:]))
        return rng.normal(size=(number, *symbol.shape[1:])).astype("float32")

    if len(model.inputs) > 1:
        y = [rng.normal(size=(number, 3)), rng.normal(size=(number, 1))]
        return {symbol.name: of(symbol) for symbol in model.inputs}, y
    return of(model.inputs[0]), rng.integers(0, 3, (number, *model.output_shape[1:-1]))


def compiled(build, run_eagerly=False, **chosen):
    utils.set_random_seed(3)
    model = build()
    if build is several:
        chosen = {"loss": "mse", "loss_weights": [1.0, 0.5], "metrics": [["mae"], ["mae"]]} | chosen
    from_logits = build is letters
    chosen = {
        "optimizer": "adam",
        "loss": losses.SparseCategoricalCrossentropy(from_logits=from_logits),
        "metrics": ["accuracy"],
    } | chosen
    if not isinstance(chosen["optimizer"], str):
        chosen["optimizer"] = chosen["optimizer"]()
    model.compile(run_eagerly=run_eagerly, **chosen)
    return model


def twins(build, **chosen):
    """Two models alike, one of which keeps nothing."""
    return compiled(build, **chosen), compiled(build, run_eagerly=True, **chosen)


def step_of(model, name="train_step", number=4):
    """What is kept for batches of so many rows."""
    kept = kept_pass.kept_of(model)
    steps = kept and kept.steps.get(name)
    found = [step for key, step in steps._steps.items() if key[0][0][0] == number] if steps else []
    return found[0] if found else None


def is_kept(model, name="train_step", number=4):
    step = step_of(model, name, number)
    return step is not None and step.replays


def train(pair, steps=4, first=0, number=4, **given):
    for seed in range(first, first + steps):
        found = []
        for model in pair:
            utils.set_random_seed(seed)
            found.append(model.train_on_batch(*rows(model, number, seed), **given))
        assert found[0] == found[1]
    assert_alike(pair)


def assert_alike(pair):
    ours, right = ([*m.variables, *m.optimizer.variables] for m in pair)
    for a, b in zip(ours, right, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)


@pytest.mark.parametrize("backend", ["cpu", "numpy"])
@pytest.mark.parametrize("build", [mlp, cnn, letters, several])
def test_it_gives_the_bits_of_the_step_itself(build, backend):
    before = dlcore.get_backend()
    dlcore.set_backend(backend)
    try:
        pair = twins(build)
        train(pair, 7)
        assert is_kept(pair[0]) and not is_kept(pair[1])
        for seed in range(5):
            x, y = rows(pair[0], seed=seed)
            assert pair[0].test_on_batch(x, y) == pair[1].test_on_batch(x, y)
        assert is_kept(pair[0], "test_step")
        train(pair, 3, first=9)
    finally:
        dlcore.set_backend(before)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        lambda: optimizers.AdamW(global_clipnorm=0.1),
        lambda: optimizers.RMSprop(optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)),
        lambda: optimizers.Adagrad(clipvalue=0.01),
    ],
)
def test_every_kind_of_optimizer_steps_as_it_would(optimizer):
    pair = twins(cnn, optimizer=optimizer)
    train(pair, 7)
    assert is_kept(pair[0])


def test_it_is_recorded_from_the_second_batch_on_and_replayed_from_the_fourth():
    model = compiled(mlp)
    for seed in range(3):
        assert not is_kept(model)
        model.train_on_batch(*rows(model, seed=seed))
    assert is_kept(model)


def test_what_takes_part_in_a_metric_after_the_step_does_so_each_time():
    pair = twins(masked)
    train(pair, 6)
    assert not is_kept(pair[0])


def test_another_backend_takes_its_own_steps():
    pair = twins(mlp)
    train(pair, 5)
    step = step_of(pair[0])
    before = dlcore.get_backend()
    try:
        dlcore.set_backend("numpy")
        train(pair, 1, first=7)
        assert step_of(pair[0]) is not step
    finally:
        dlcore.set_backend(before)
    train(pair, 1, first=8)


def test_none_is_kept_of_a_learners_own_kernels(monkeypatch):
    monkeypatch.setattr(backends, "get_backend", lambda: "mine")
    assert kept_step.steps_of(compiled(mlp), "train_step") is None


def test_weights_that_have_moved_are_trained_where_they_are():
    """The optimizer of another model lays the weights that both share into an array of its own."""
    pair = twins(mlp)
    train(pair, 5)
    for model in pair:
        other = Sequential(
            [Input((6,)), model.layers[0], layers.Dense(1, kernel_initializer="ones")]
        )
        other.compile("sgd", "mse")
        x, _ = rows(model)
        other.train_on_batch(x, np.ones((4, 1)))
    train(pair, 6, first=10)
    assert is_kept(pair[0])


def test_weights_of_rows_and_of_classes_are_taken_anew():
    pair = twins(mlp)
    for seed in range(6):
        x, y = rows(pair[0], seed=seed)
        weights = np.random.default_rng(seed).uniform(size=4)
        of_classes = {0: 1.0, 1: 2.0 + seed, 2: 0.5}
        for given in ({"sample_weight": weights}, {"class_weight": of_classes}, {}):
            assert pair[0].train_on_batch(x, y, **given) == pair[1].train_on_batch(x, y, **given)
    assert_alike(pair)
    assert is_kept(pair[0])


def rate(model):
    model.optimizer.learning_rate = 0.5


def weights(model):
    model.set_weights([weight + 0.25 for weight in model.get_weights()])


def frozen(model):
    model.layers[0].trainable = False


def weight_frozen(model):
    model.layers[0].weights[0].trainable = False


def momentum(model):
    model.optimizer.beta_1 = 0.1


def clipped(model):
    model.optimizer.clipnorm = 0.01


def activation(model):
    model.layers[-1].activation = activations.get("sigmoid")


def other_loss(model):
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=model.run_eagerly)


def smoothing(model):
    model.loss.kwargs["ignore_class"] = 1


def decay(model):
    model.layers[0].kernel_regularizer.l2 = 3.0


def bound(model):
    model.layers[-1].kernel_constraint.max_value = 0.1


def kept_apart(model):
    model.layers[-1].weights[0].constraint = constraints.NonNeg()


def epsilon(model):
    model.layers[1].epsilon = 2.0


def rest(model):
    model.layers[1].momentum = 0.1


def dropped(model):
    model.layers[4].rate = 0.9


def fitted(model):
    x, y = rows(model, 12)
    model.fit(x, y, epochs=2, batch_size=4, verbose=0)


def measured(model):
    model.evaluate(*rows(model, 12), verbose=0)
    model.predict(rows(model)[0], verbose=0)
    model(rows(model)[0])


def longer(model):
    model.pop()
    model.add(layers.Dense(3, "softmax", kernel_initializer="ones"))


@pytest.mark.parametrize(
    ("build", "change"),
    [
        (mlp, rate),
        (mlp, weights),
        (mlp, frozen),
        (mlp, weight_frozen),
        (mlp, momentum),
        (mlp, clipped),
        (mlp, activation),
        (mlp, other_loss),
        (mlp, smoothing),
        (mlp, kept_apart),
        (mlp, fitted),
        (mlp, measured),
        (mlp, longer),
        (cnn, frozen),
        (cnn, decay),
        (cnn, bound),
        (cnn, epsilon),
        (cnn, rest),
        (cnn, dropped),
        (cnn, fitted),
        (cnn, measured),
    ],
)
def test_what_has_changed_shows_at_once(build, change):
    pair = twins(build)
    train(pair, 5)
    assert is_kept(pair[0])
    for model in pair:
        utils.set_random_seed(1)
        change(model)
    train(pair, 6, first=20)
    assert is_kept(pair[0])


def test_another_method_of_a_class_is_called(monkeypatch):
    pair = twins(mlp)
    train(pair, 5)
    real = optimizers.Adam.update
    slower = lambda self, weight, gradient, slots: real(self, weight, gradient * 0.5, slots)  # noqa: E731
    monkeypatch.setattr(optimizers.Adam, "update", slower)
    train(pair, 2, first=7)
    monkeypatch.setattr(layers.Dense, "call", lambda self, x: x[:, :3] * 0 + 0.5)
    with pytest.raises(ValueError, match="does not depend on any weight"):
        pair[0].train_on_batch(*rows(pair[0]))


def test_two_that_train_against_each_other_are_both_kept():
    """The discriminator is frozen for the step of the generator, and free for its own."""

    def made(run_eagerly):
        utils.set_random_seed(5)
        judge = Sequential([Input((2,)), layers.Dense(4, "relu"), layers.Dense(1, "sigmoid")])
        judge.compile("adam", "binary_crossentropy", run_eagerly=run_eagerly)
        maker = Sequential([Input((3,)), layers.Dense(2)])
        judge.trainable = False
        both = Sequential([maker, judge])
        both.compile("adam", "binary_crossentropy", run_eagerly=run_eagerly)
        return maker, judge, both

    ours, right = made(False), made(True)
    for seed in range(8):
        found = []
        for maker, judge, both in (ours, right):
            rng = np.random.default_rng(seed)
            z, real = rng.normal(size=(4, 3)), rng.normal(size=(4, 2)) + 3
            fake = maker.predict_on_batch(z)
            judge.trainable = True
            one = judge.train_on_batch(np.concatenate([real, fake]), np.repeat([1, 0], 4))
            judge.trainable = False
            found.append((one, both.train_on_batch(z, np.ones(4))))
        assert found[0] == found[1]
    assert is_kept(ours[1], number=8) and is_kept(ours[2])
    step = step_of(ours[2])
    ours[1].compile("sgd", "mse")  # which the step of the other model does not look at
    ours[2].train_on_batch(z, np.ones(4))
    assert step_of(ours[2]) is step


@pytest.mark.parametrize("build", [mlp, cnn])
def test_a_loss_that_is_no_number_changes_nothing(build):
    pair = twins(build, optimizer=lambda: optimizers.SGD(0.01))
    train(pair, 5)
    assert is_kept(pair[0])
    told = []
    for model in pair:
        x, y = rows(model)
        model.weights[0].assign(np.full(model.weights[0].shape, 10.0))
        before = [variable.numpy() for variable in model.variables]
        utils.set_random_seed(1)
        with pytest.raises(Divergence) as error:
            model.train_on_batch(np.full_like(x, 3e38), y)
        broke = re.search("of the layer '(.*)' broke first", str(error.value))
        told.append([layer.name for layer in model.layers].index(broke[1]))
        for variable, values in zip(model.variables, before, strict=True):
            np.testing.assert_array_equal(variable.numpy(), values)
    assert told == [0, 0]
    train(pair, 6, first=30)


def test_only_the_way_to_the_loss_has_run_where_it_is_no_number():
    model = compiled(cnn)
    for seed in range(5):
        model.train_on_batch(*rows(model, seed=seed))
    step = step_of(model)
    means = model.layers[1].moving_mean.data
    steps = [generator.step.data for generator in model.seed_generators]
    written = [*step._written]
    assert any(array is means for array in written) and any(a is steps[0] for a in written)
    assert not any(array is model.layers[0].kernel.data for array in written)
    assert 0 < step._to_loss < len(step.program.calls())


def test_a_loss_that_is_no_number_is_only_told_where_nothing_is_trained():
    model = compiled(mlp)
    for seed in range(5):
        model.test_on_batch(*rows(model, seed=seed))
    assert is_kept(model, "test_step")
    model.set_weights([weight * np.nan for weight in model.get_weights()])
    assert np.isnan(model.test_on_batch(*rows(model))[0])


def test_forms_of_batches_take_turns():
    pair = twins(mlp)
    for turn in range(4):
        for number in (4, 7, 2):
            train(pair, 1, first=turn, number=number)
    assert all(is_kept(pair[0], number=number) for number in (4, 7, 2))
    model = pair[0]
    for number in range(1, 12):
        for seed in range(3):
            train(pair, 1, first=seed, number=number)
    steps = kept_pass.kept_of(model).steps["train_step"]._steps
    assert len(steps) <= kept_pass.SHAPES


def test_what_does_not_fit_is_refused_as_ever():
    model = compiled(letters)
    for seed in range(5):
        model.train_on_batch(*rows(model, seed=seed))
    assert is_kept(model)
    x, y = rows(model)
    x[0, 3] = 9
    with pytest.raises(ValueError, match="from 0 to 8 .* but x holds 9 in row 0, step 3"):
        model.train_on_batch(x, y)
    x[0, 3] = 8
    with pytest.raises(ValueError, match="y"):
        model.train_on_batch(x, y + 7)
    with pytest.raises(ValueError, match="rows"):
        model.train_on_batch(x, y[:2])
    before = model.get_weights()
    assert np.isfinite(model.train_on_batch(x, y)[0])
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_numbers_that_are_calculated_before_a_table_are_looked_at_each_time():
    model = Sequential([Input((3,)), layers.Rescaling(2), layers.Embedding(9, 4), layers.Flatten()])
    model.compile("sgd", "mse")
    for _ in range(5):
        model.test_on_batch(np.ones((2, 3)), np.zeros((2, 12)))
    assert not is_kept(model, "test_step", 2)
    with pytest.raises(ValueError, match="holds 10"):
        model.test_on_batch(np.full((2, 3), 5.0), np.zeros((2, 12)))


class Counting(layers.Layer):
    calls = 0

    def call(self, x):
        self.calls += 1
        return x * 1.0


class OwnLoss(losses.Loss):
    def call(self, y_true, y_pred):
        counted.append(1)
        return (y_true - y_pred) ** 2


class OwnRate(optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        counted.append(1)
        return 0.1


class OwnPenalty(regularizers.Regularizer):
    def __call__(self, x):
        counted.append(1)
        return dlcore.ops.sum(x * x)


def own_metric(y_true, y_pred):
    counted.append(1)
    return dlcore.ops.mean(y_pred, axis=-1)


counted = []


@pytest.mark.parametrize(
    ("layer", "chosen"),
    [
        (Counting, {}),
        (lambda: layers.Lambda(lambda x: counted.append(1) or x), {}),
        (lambda: layers.Dense(2, kernel_regularizer=OwnPenalty()), {}),
        (lambda: layers.Dense(2, activation=lambda x: counted.append(1) or x), {}),
        (layers.ReLU, {"loss": OwnLoss()}),
        (layers.ReLU, {"optimizer": optimizers.SGD(OwnRate())}),
        (layers.ReLU, {"metrics": [own_metric]}),
    ],
)
def test_code_of_the_users_own_is_called_each_time(layer, chosen):
    model = Sequential([Input((2,)), layers.Dense(2), layer()])
    model.compile(**{"optimizer": "sgd", "loss": "mse"} | chosen)
    x, y = np.ones((3, 2)), np.zeros((3, 2))
    for _ in range(2):
        model.train_on_batch(x, y)

    def count():
        return len(counted) + getattr(model.layers[1], "calls", 0)

    grew = []
    for _ in range(5):
        before = count()
        model.train_on_batch(x, y)
        grew.append(count() - before)
    assert min(grew) >= 1 and len(set(grew)) == 1
    assert not is_kept(model, number=3)


def test_a_model_with_a_step_or_a_loss_of_its_own_is_asked_each_time():
    class Own(Model):
        calls = 0

        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            self.calls += 1
            return dlcore.ops.mean((y - y_pred) ** 2)

    model = Own()
    model.compile("sgd", "mse")
    for _ in range(6):
        model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))
    assert model.calls == 6


def test_metrics_that_are_more_than_kernels_gather_each_batch():
    pair = twins(mlp, metrics=[metrics.SparseTopKCategoricalAccuracy(2)])
    train(pair, 6)
    built = lambda: Sequential([Input((2,)), layers.Dense(1, "sigmoid")])  # noqa: E731
    found = []
    for run_eagerly in (False, True):
        utils.set_random_seed(0)
        model = built()
        chosen = [metrics.AUC(), metrics.Precision()]
        model.compile("sgd", "binary_crossentropy", metrics=chosen, run_eagerly=run_eagerly)
        x = np.random.default_rng(0).normal(size=(8, 2))
        found.append([model.train_on_batch(x, x[:, 0] > 0) for _ in range(6)])
    assert found[0] == found[1]


def test_a_layer_with_a_state_carries_it_on():
    def build():
        return Sequential([Input(batch_shape=(2, 4, 2)), layers.LSTM(3, stateful=True)])

    found = []
    for run_eagerly in (False, True):
        utils.set_random_seed(0)
        model = build()
        model.compile("sgd", "mse", run_eagerly=run_eagerly)
        x = np.ones((2, 4, 2))
        found.append([model.train_on_batch(x, np.zeros((2, 3))) for _ in range(6)])
        assert not is_kept(model, number=2)
    assert found[0] == found[1]


@pytest.mark.parametrize("copied", [copy.deepcopy, models.clone_model])
def test_a_copy_of_the_model_keeps_steps_of_its_own(copied):
    model = compiled(mlp)
    for seed in range(5):
        model.train_on_batch(*rows(model, seed=seed))
    other = copied(model)
    other.compile("adam", "sparse_categorical_crossentropy")
    before = model.get_weights()
    for seed in range(5):
        other.train_on_batch(*rows(other, seed=seed))
    assert is_kept(other)
    for ours, values in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, values)
    assert not np.array_equal(other.get_weights()[0], before[0])


def test_it_holds_no_model_alive():
    model = compiled(mlp)
    for seed in range(5):
        model.train_on_batch(*rows(model, seed=seed))
    assert is_kept(model)
    there = weakref.ref(model)
    del model
    gc.collect()
    assert there() is None


def wide():
    return Sequential([Input((6,)), layers.Dense(3000, "relu"), layers.Dense(3, "softmax")])


@pytest.mark.parametrize(("build", "number"), [(mlp, 4), (mlp, 300), (wide, 2)])
def test_what_would_fill_much_memory_is_not_kept(build, number, monkeypatch):
    model = compiled(build)

    def kept_within(room):
        monkeypatch.setattr(kept_step, "BYTES", room)
        kept_pass.to_keep(model).steps.clear()
        for seed in range(4):
            model.train_on_batch(*rows(model, number, seed))
        return is_kept(model, number=number)

    assert kept_within(kept_step.BYTES)
    filled = step_of(model, number=number).filled
    gradients = sum(weight.data.nbytes for weight in model.weights)  # gathered from where they were
    assert filled > gradients + rows(model, number)[0].nbytes
    assert kept_within(filled + gradients) and not kept_within(int(0.8 * filled))
    assert step_of(model, number=number) is None


def test_all_that_is_kept_has_its_room_together(monkeypatch):
    model = compiled(mlp)
    for seed in range(4):
        model.train_on_batch(*rows(model, seed=seed))
    monkeypatch.setattr(kept_step, "BYTES", int(1.5 * step_of(model).filled))
    for seed in range(4):
        model.train_on_batch(*rows(model, 5, seed))
    assert is_kept(model) and step_of(model, number=5) is None


def test_where_something_changes_between_all_steps_none_is_recorded(monkeypatch):
    pair = twins(mlp)
    made = []
    real = kept_step.KeptSteps
    monkeypatch.setattr(kept_step, "KeptSteps", lambda *a: made.append(a) or real(*a))
    for seed in range(30):
        for model in pair:
            model.layers[0].activation = activations.get(["relu", "tanh"][seed % 2])
        train(pair, 1, first=seed)
    assert len(made) <= kept_step.TRIES + 2


def test_where_something_changes_now_and_then_it_is_recorded_again():
    pair = twins(mlp)
    for turn in range(kept_step.TRIES + 3):
        for model in pair:
            model.layers[0].activation = activations.get(["relu", "tanh"][turn % 2])
        train(pair, 4, first=turn)
    assert is_kept(pair[0])


def held_by(model):
    """All objects with attributes that a step looks at."""
    compile_loss, compile_metrics = model._compile_loss, model._compile_metrics
    (kind,) = compile_metrics.metrics
    inside = [model.optimizer, model.optimizer._memory, compile_loss, compile_loss.loss]
    return [model, *model.layers, *inside, compile_metrics, *compile_metrics.outputs, kind]


def test_an_attribute_more_or_less_or_another_one_is_seen():
    model = compiled(mlp)
    model.train_on_batch(*rows(model))
    found = basis.Basis(model, whole=True)
    assert found.holds() and found.is_known
    for one in held_by(model):
        vars(one)["extra"] = 1.5
        assert not found.holds(), one
        del vars(one)["extra"]
        assert found.holds()
        name = [name for name in vars(one) if name not in basis._NOT_READ][-1]
        value = vars(one).pop(name)
        assert not found.holds(), one
        vars(one)[name] = value
        assert found.holds()
        vars(one)[name] = object()
        assert not found.holds(), (one, name)
        vars(one)[name] = value
        assert found.holds()
    for one in found._holders:
        if isinstance(one, list):
            one.append(1.5)
            assert not found.holds()
            del one[-1]
    weight, moved = model.weights[0], model.weights[0].data.copy()
    before, weight.data = weight.data, moved
    assert not found.holds()
    weight.data = before
    assert found.holds()


def test_a_step_that_was_broken_off_is_not_kept(monkeypatch):
    model = compiled(mlp)
    for seed in range(5):
        model.train_on_batch(*rows(model, seed=seed))

    def broken(self, arrays, breaks_off):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(kept_step.KeptStep, "replay", broken)
        with pytest.raises(KeyboardInterrupt):
            model.train_on_batch(*rows(model))
    assert not is_kept(model)
    for seed in range(5):
        model.train_on_batch(*rows(model, seed=seed))
    assert is_kept(model)
