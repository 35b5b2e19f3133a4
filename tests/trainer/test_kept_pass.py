"""A forward pass that is kept between calls gives what the model gives now, whatever changed."""

import copy
import gc
import threading
import weakref

import numpy as np
import pytest

import dlcore
from dlcore import Input, Model, Sequential, activations, backends, layers, models
from dlcore.engine.tensor import no_grad
from dlcore.trainer import kept_pass


def mlp():
    return Sequential([Input((8,)), layers.Dense(6, "relu"), layers.Dense(2, "tanh")])


def cnn():
    return Sequential(
        [
            Input((6, 5, 2)),
            layers.Normalization(),
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3, "softmax"),
        ]
    )


def branches():
    x = Input((4, 3))
    h = layers.LSTM(5)(x)
    return Model(x, [layers.Dense(1)(h), layers.add([h, layers.GRU(5)(x)])])


def letters():
    return Sequential(
        [Input((6,), dtype="int64"), layers.Embedding(9, 4), layers.LSTM(5), layers.Dense(2)]
    )


def rows(model, number=1, seed=0):
    shape = model.inputs[0].shape[1:]
    if np.dtype(model.inputs[0].dtype).kind == "i":
        return np.random.default_rng(seed).integers(0, 9, (number, *shape))
    return np.random.default_rng(seed).normal(size=(number, *shape)).astype("float32")


def long_way(model, x):
    with no_grad():
        y = model(x, training=False)
    return [leaf.numpy() for leaf in (y if isinstance(y, list) else [y])]


def assert_as_now(model, x):
    y = model.predict(x, verbose=0)
    for ours, right in zip(y if isinstance(y, list) else [y], long_way(model, x), strict=True):
        np.testing.assert_array_equal(ours, right)


def is_kept(model):
    return any(
        isinstance(one, kept_pass.Pass) for one in (kept_pass.passes_of(model) or {}).values()
    )


def asked(model, number=1):
    """A model whose pass is kept."""
    for seed in range(3):
        model.predict(rows(model, number, seed), verbose=0)
    assert is_kept(model)
    return model


@pytest.mark.parametrize("backend", ["cpu", "numpy"])
@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize("build", [mlp, cnn, branches, letters])
def test_it_gives_the_bits_of_the_long_way(build, number, backend):
    before = dlcore.get_backend()
    dlcore.set_backend(backend)
    try:
        model = asked(build(), number)
        for seed in range(3, 6):
            assert_as_now(model, rows(model, number, seed))
    finally:
        dlcore.set_backend(before)


@pytest.mark.parametrize("build", [mlp, cnn])
def test_it_outlives_a_fit_and_gives_what_the_new_weights_give(build):
    model = build()
    model.compile("sgd", "mse")
    model.fit(x := rows(model, 4), y := model.predict(x, verbose=0) + 1, verbose=0)
    asked(model)
    (kept,) = (one for key, one in kept_pass.passes_of(model).items() if one and key[0][0] == 1)
    before = model.predict(rows(model), verbose=0)
    model.fit(x, y, verbose=0)
    model.evaluate(x, y, verbose=0)
    assert kept.holds()
    assert_as_now(model, rows(model))
    assert np.any(model.predict(rows(model), verbose=0) != before)


def test_numbers_that_a_table_has_no_row_for_are_refused():
    model = asked(letters())
    wrong = rows(model)
    wrong[0, 3] = 9
    with pytest.raises(ValueError, match="from 0 to 8 .* but x holds 9 in row 0, step 3"):
        model.predict(wrong, verbose=0)
    assert_as_now(model, rows(model))


def test_numbers_that_are_calculated_before_a_table_are_looked_at_each_time():
    model = Sequential([Input((3,)), layers.Rescaling(2), layers.Embedding(9, 4)])
    for _ in range(3):
        model.predict(np.ones((1, 3)), verbose=0)
    assert not is_kept(model)
    with pytest.raises(ValueError, match="holds 10"):
        model.predict(np.full((1, 3), 5.0), verbose=0)


def test_what_it_gives_is_the_callers_own():
    model = asked(mlp())
    first = model.predict(rows(model), verbose=0)
    copied = first.copy()
    model.predict(rows(model, seed=9), verbose=0)
    np.testing.assert_array_equal(first, copied)


def train(model):
    model.compile("adam", "mse")
    model.train_on_batch(rows(model, 4), np.ones((4, *model.output_shape[1:]), "float32"))


def fit(model):
    model.compile("adam", "mse")
    model.fit(rows(model, 40), np.ones((40, *model.output_shape[1:])), epochs=2, verbose=0)


def set_weights(model):
    model.set_weights([weight + 0.25 for weight in model.get_weights()])


def other_activation(model):
    model.layers[0].activation = activations.get("sigmoid")


def other_norm(model):
    model.layers[0].adapt(5 + 3 * rows(model, 20))


def other_epsilon(model):
    model.layers[2].epsilon = 3.0


@pytest.mark.parametrize(
    ("build", "change"),
    [
        (mlp, train),
        (mlp, fit),
        (mlp, set_weights),
        (mlp, other_activation),
        (mlp, lambda model: model.add(layers.Dense(4))),
        (mlp, lambda model: model.pop()),
        (cnn, fit),
        (cnn, other_norm),
        (cnn, other_epsilon),
    ],
)
def test_what_has_changed_shows_at_once(build, change):
    model = asked(build())
    x = rows(model, seed=7)
    before = model.predict(x, verbose=0)
    change(model)
    assert_as_now(model, x)
    after = model.predict(x, verbose=0)
    assert before.shape != after.shape or not np.array_equal(before, after)
    asked(model)
    assert_as_now(model, x)


def test_another_method_of_the_class_is_called(monkeypatch):
    model = asked(mlp())
    monkeypatch.setattr(layers.Dense, "call", lambda self, x: x[:, :2] * 0 + 7)
    np.testing.assert_array_equal(model.predict(rows(model), verbose=0), np.full((1, 2), 7))


def test_code_of_the_users_own_is_called_each_time():
    class Counting(layers.Layer):
        calls = 0

        def call(self, x):
            self.calls += 1
            return x * self.calls

    model = Sequential([Input((3,)), Counting()])
    start = model.layers[0].calls
    for _ in range(5):
        model.predict(np.ones((1, 3)), verbose=0)
    assert model.layers[0].calls == start + 5
    factors = iter(range(1, 9))
    model = Sequential([Input((3,)), layers.Lambda(lambda x: x * next(factors))])
    model.predict(np.ones((1, 3)), verbose=0)
    found = [model.predict(np.ones((1, 3)), verbose=0)[0, 0] for _ in range(3)]
    assert np.diff(found).tolist() == [1, 1]


def test_a_layer_with_a_state_carries_it_on():
    layer = layers.LSTM(3, stateful=True)
    model = Sequential([Input(batch_shape=(1, 4, 2)), layer])
    x = np.ones((1, 4, 2), "float32")
    found = [model.predict(x, verbose=0) for _ in range(5)]
    assert all(not np.array_equal(a, b) for a, b in zip(found, found[1:], strict=False))


def test_gaps_are_refused_and_other_forms_of_rows_are_taken():
    model = asked(mlp())
    x = rows(model)
    x[0, 3] = np.nan
    with pytest.raises(ValueError, match="column 3"):
        model.predict(x, verbose=0)
    assert_as_now(model, rows(model).astype("float64"))
    assert_as_now(model, rows(model, 3))
    np.testing.assert_array_equal(
        model.predict(rows(model).tolist(), verbose=0), model.predict(rows(model), verbose=0)
    )
    with pytest.raises(ValueError, match="9"):
        model.predict(np.ones((1, 9)), verbose=0)


def test_two_threads_may_ask_at_once():
    model = asked(mlp())
    right = {seed: long_way(model, rows(model, seed=seed))[0] for seed in range(8)}
    wrong = []

    def ask(seed):
        x = rows(model, seed=seed)
        for _ in range(200):
            if not np.array_equal(model.predict_on_batch(x), right[seed]):
                wrong.append(seed)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in right]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, models.clone_model])
def test_a_copy_of_the_model_has_a_pass_of_its_own(copied):
    model = asked(mlp())
    other = copied(model)
    assert not is_kept(other)
    other.layers[-1].activation = activations.get("sigmoid")
    assert_as_now(other, rows(other))
    set_weights(asked(other))
    assert_as_now(other, rows(other))
    assert_as_now(model, rows(model))


def test_it_holds_no_model_alive():
    model = asked(mlp())
    there = weakref.ref(model)
    del model
    gc.collect()
    assert there() is None


def test_few_shapes_are_kept_and_no_large_ones():
    model = mlp()
    for number in range(1, 12):
        for _ in range(3):
            model.predict_on_batch(rows(model, number))
    assert len(kept_pass.passes_of(model)) <= kept_pass.SHAPES
    wide = Sequential([Input((4,)), layers.Dense(3 << 20)])
    for _ in range(3):
        y = wide.predict_on_batch(np.ones((8, 4), "float32"))
    assert y.nbytes > kept_pass.BYTES and not is_kept(wide)


def test_texts_and_objects_are_read_anew_each_time():
    texts = np.array(["a b c", "c d", "e a"])
    reader = layers.TextVectorization(max_tokens=20, output_mode="multi_hot")
    reader.adapt(texts)
    model = Sequential([reader, layers.Dense(1)])
    first = model.predict(texts, verbose=0)
    for _ in range(3):
        np.testing.assert_array_equal(model.predict(texts, verbose=0), first)
        np.testing.assert_array_equal(model.predict(texts[::-1].copy(), verbose=0), first[::-1])
    model = asked(mlp())
    objects = rows(model).astype(object)
    for _ in range(3):
        assert_as_now(model, rows(model))
        model.predict(objects, verbose=0)
    objects[0, 2] = None
    with pytest.raises((TypeError, ValueError), match="x"):
        model.predict(objects, verbose=0)


def test_shapes_that_take_turns_are_not_recorded_again_and_again(monkeypatch):
    model = mlp()
    made = []
    real = kept_pass.Pass
    monkeypatch.setattr(kept_pass, "Pass", lambda *a: made.append(a) or real(*a))
    for _ in range(4):
        for number in range(1, 9):
            assert_as_now(model, rows(model, number))
    assert len(made) == kept_pass.SHAPES
    other_activation(model)  # what is kept no longer holds, and makes room
    for _ in range(3):
        model.predict(rows(model, 20), verbose=0)
    assert (20, 8) in {key[0] for key in kept_pass.passes_of(model)}


def test_recording_in_one_thread_leaves_the_others_alone():
    """Servers ask from many threads; each records for itself, and nothing is left behind."""
    wrong = []

    def ask(seed):
        model = mlp()
        for turn in range(20):
            x = rows(model, 1 + turn % 3, seed)
            if not np.array_equal(model.predict_on_batch(x), long_way(model, x)[0]):
                wrong.append(seed)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and not backends.is_recorded()
