"""Dropout: what fraction it drops, what it does to gradients, and where its mask comes from."""

import numpy as np
import pytest

from dlcore import backends
from dlcore.engine import ops
from dlcore.engine.random import SeedGenerator
from dlcore.layers import Dense, Dropout
from dlcore.models import Sequential
from dlcore.tensor import Tensor, gradients
from dlcore.utils import set_random_seed

ONES = np.ones((200, 100), np.float32)


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


@pytest.fixture(params=["numpy", "cpu"])
def backend(request):
    before = backends.get_backend()
    reason = backends.available_backends()[request.param]
    if reason:
        pytest.skip(reason)
    backends.set_backend(request.param)
    yield request.param
    backends.set_backend(before)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_that_is_dropped_and_the_scale_of_the_rest(rate):
    y = Dropout(rate)(ONES, training=True).data
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / (1 - rate))}
    # 20 000 draws: four standard deviations of the share.
    assert abs((y == 0).mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / y.size)
    assert abs((y == 0).mean(axis=0) - rate).max() < 0.2, "some column is dropped more often"


def test_the_ends_of_the_rate():
    assert Dropout(0)(ONES, training=True).data.min() == 1
    x = Tensor(ONES, requires_grad=True)
    y = Dropout(1)(x, training=True)
    (dx,) = gradients(ops.sum(y), [x])
    assert not y.data.any() and not dx.any()


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan"), "half", None])
def test_other_rates_are_refused(rate):
    with pytest.raises(ValueError, match=r"Dropout 'drop': rate .* from 0 to 1"):
        Dropout(rate, name="drop")


def test_it_is_off_unless_the_model_trains():
    layer = Dropout(0.5)
    assert layer(ONES).data is not None
    for training in (None, False):
        np.testing.assert_array_equal(layer(ONES, training=training).data, ONES)
    assert int(layer.seed_generator.step) == 0
    assert (layer(ONES, training=True).data == 0).any()
    assert int(layer.seed_generator.step) == 1


def test_the_gradient_goes_where_the_value_went():
    x = Tensor(np.full((4, 50), 3.0, np.float32), requires_grad=True)
    y = Dropout(0.2)(x, training=True)
    (dx,) = gradients(ops.sum(y * y), [x])
    np.testing.assert_allclose(dx, 2 * y.data * np.where(y.data > 0, 1.25, 0), rtol=1e-6)
    assert dx.dtype == np.float32


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.7, 1.0])
def test_one_kernel_makes_output_and_gradient_with_the_bits_of_a_mask(backend, rate):
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(30, 20)).astype(np.float32), requires_grad=True)
    dy = rng.normal(size=x.shape).astype(np.float32)
    seen = []
    before = backends.set_recorder(lambda name, *_: seen.append(name))
    try:
        y = Dropout(rate, seed=4)(x, training=True)
        (dx,) = gradients(ops.sum(y * dy), [x])
    finally:
        backends.set_recorder(before)
    assert seen.count("dropout") == 2
    kept = SeedGenerator(4).uniform(x.shape) >= np.float32(rate)
    mask = kept * np.float32(0 if rate == 1 else 1 / (1 - rate))
    assert y.data.tobytes() == (x.data * mask).tobytes()
    assert dx.tobytes() == (dy * mask).tobytes()
    assert rate == 1 or 0 < kept.mean() < 1


def test_the_output_has_the_number_type_of_the_layer():
    x = ONES.astype(np.float64)
    assert Dropout(0.5)(x, training=True).dtype == np.float32
    assert Dropout(0.5, dtype="float64")(x, training=True).dtype == np.float64


def test_every_draw_and_every_layer_differ():
    first, second = Dropout(0.5), Dropout(0.5)
    draws = [layer(ONES, training=True).data for layer in (first, first, second)]
    for a, b in [(0, 1), (0, 2), (1, 2)]:
        assert 0.4 < (draws[a] == draws[b]).mean() < 0.6


def test_the_seed_of_all_repeats_it_and_another_does_not():
    def draw(seed):
        set_random_seed(seed)
        return Dropout(0.5)(ONES, training=True).data

    np.testing.assert_array_equal(draw(3), draw(3))
    assert (draw(3) != draw(4)).any()


def test_a_seed_of_its_own_depends_on_nothing_else():
    first = Dropout(0.5, seed=9)(ONES, training=True).data
    set_random_seed(5)
    Dropout(0.5)
    np.testing.assert_array_equal(Dropout(0.5, seed=9)(ONES, training=True).data, first)
    for seed in (-1, 1.5, 2**63, "9"):
        with pytest.raises(ValueError, match="A seed is a whole number"):
            Dropout(0.5, seed=seed)


def test_the_same_bits_on_every_backend(backend):
    y = Dropout(0.5, seed=1)(ONES[:2, :8], training=True).data
    # Computed once with the answer key.
    assert (y > 0).astype(int).tolist() == EXPECTED


EXPECTED = [[1, 1, 1, 1, 1, 1, 0, 1], [0, 1, 1, 1, 1, 0, 0, 0]]


def test_a_mask_that_is_shared_along_an_axis():
    cube = np.ones((6, 5, 40), np.float32)
    y = Dropout(0.5, noise_shape=(None, 1, None))(cube, training=True).data
    assert (y == y[:, :1]).all() and (y[0] != y[1]).any()
    with pytest.raises(ValueError, match=r"noise_shape \(3, 1\), .* shape \(200, 100\)"):
        Dropout(0.5, noise_shape=(3, 1))(ONES, training=True)


def test_its_count_is_a_variable_but_no_weight(capsys):
    # As Keras 3.15 has it: Dropout shows 0 parameters, and the state of its seed is in
    # `variables` and `non_trainable_variables` only.
    layer = Dropout(0.5)
    model = Sequential([Dense(4, input_dim=3), layer, Dense(1)])
    assert layer.count_params() == 0 and layer.get_weights() == []
    assert model.count_params() == 21 and len(model.weights) == 4
    assert model.non_trainable_weights == []
    assert model.variables[-1] is layer.seed_generator.step
    assert model.non_trainable_variables == [layer.seed_generator.step]
    model.summary()
    shown = capsys.readouterr().out
    assert "Non-trainable params: 0 " in shown and "(None, 4)" in shown


def test_evaluate_and_predict_leave_nothing_out():
    x = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    model = Sequential([Dense(2, input_dim=3), Dropout(0.5)])
    model.compile("sgd", "mse")
    w, b = model.get_weights()
    np.testing.assert_allclose(model.predict(x, verbose=0), x @ w + b, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.evaluate(x, x @ w + b, verbose=0), 0, atol=1e-10)
    assert int(model.layers[1].seed_generator.step) == 0


def test_each_step_and_each_epoch_leaves_out_others():
    # At rate 0 of learning nothing changes but what is left out: the loss shows it.
    x = np.ones((40, 10), np.float32)
    model = Sequential([Dropout(0.5, input_shape=(10,)), Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.0
    losses = model.fit(x, x[:, 0], batch_size=8, epochs=6, verbose=0).history["loss"]
    assert len(set(losses)) == 6
    assert int(model.layers[0].seed_generator.step) == 30


def test_a_generator_counts_its_draws():
    generator = SeedGenerator(3)
    first, second = generator.uniform((5,)), generator.uniform((5,))
    assert (first != second).all() and int(generator.step) == 2
    generator.step.assign(0)
    np.testing.assert_array_equal(generator.uniform((5,)), first)
