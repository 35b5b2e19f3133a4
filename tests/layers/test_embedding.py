"""Embedding: rows of a table by their numbers, and what it does with numbers that have no row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import Input, Model, Sequential
from dlcore.engine import ops
from dlcore.engine.program import Program
from dlcore.layers import LSTM, Concatenate, Dense, Embedding, Flatten, Layer
from dlcore.tensor import Tensor, gradients
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)


@given(
    st.integers(1, 5), st.integers(1, 4), st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.sampled_from(["int8", "uint16", "int32", "int64", "float32", "float64", "bool"]),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_values_shapes_and_gradient(input_dim, output_dim, shape, kind, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, min(input_dim, 2), shape).astype(kind)
    layer = Embedding(input_dim, output_dim)
    y = layer(x)
    table = layer.get_weights()[0]
    assert table.shape == (input_dim, output_dim) and layer.weights[0].name == "embeddings"
    np.testing.assert_array_equal(y.data, table[x.astype(int)])
    assert y.shape == layer.compute_output_shape(tuple(shape))
    assert layer.compute_output_shape((None, *shape[1:])) == (None, *shape[1:], output_dim)
    # The gradient of a row is the sum of what comes back at every place where it was used.
    upstream = rng.normal(size=y.shape).astype("float32")
    found = gradients(ops.sum(y * upstream), layer.weights)[0]
    expected = np.zeros_like(table)
    for place in np.ndindex(*shape):
        expected[int(x[place])] += upstream[place]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_mask():
    x = np.array([[1, 2, 0], [3, 0, 0]])
    np.testing.assert_array_equal(
        Embedding(4, 2, mask_zero=True)(x).mask.data, [[1, 1, 0], [1, 0, 0]]
    )
    assert Embedding(4, 2)(x).mask is None


def test_first_values():
    table = RNG.normal(size=(4, 2)).astype("float32")
    for weights in (table, [table]):
        np.testing.assert_array_equal(Embedding(4, 2, weights=weights).get_weights()[0], table)
    drawn = Embedding(1000, 8)
    drawn.build_once((None, 3))
    assert 0.04 < np.abs(drawn.get_weights()[0]).max() <= 0.05
    with pytest.raises(ValueError, match=r"\(4, 2\)"):
        Embedding(4, 2, weights=table.T)


def test_arguments():
    layer = Embedding(9, 3, embeddings_regularizer="l2", mask_zero=True, input_length=5)
    config = layer.get_config()
    assert (config["input_dim"], config["output_dim"], config["mask_zero"]) == (9, 3, True)
    assert "weights" not in config and "input_length" not in config
    again = Embedding.from_config(config)
    assert (again.input_dim, again.mask_zero) == (9, True)
    model = Sequential([layer, Flatten(), Dense(1)])
    assert model.built and model.output_shape == (None, 1)
    assert float(layer.losses[0].data) == pytest.approx(
        0.01 * (layer.get_weights()[0] ** 2).sum(), rel=1e-5
    )
    for wrong in ((0, 3), (3, -1), (2.5, 3)):
        with pytest.raises(ValueError, match=r"^Embedding 'embedding.*': (in|out)put_dim is a who"):
            Embedding(*wrong)


WRONG = [
    (-1, "number the categories from 0"),
    (7, "make input_dim at least 8"),
    (2.5, "number the categories from 0"),
    (1e9, "make input_dim at least 1000000001"),
]


def data(value):
    """70 rows of four numbers from 0 to 6, and one wrong one in row 67."""
    x = np.random.default_rng(0).integers(0, 7, (70, 4)).astype("float64")
    x[67, 2] = value
    return x if value % 1 else x.astype("int64")


@pytest.mark.parametrize(("value", "mend"), WRONG)
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict", "call"])
def test_a_number_without_a_row_is_refused_before_anything_runs(value, mend, method):
    model = Sequential([Embedding(7, 3, name="letters"), Flatten(), Dense(1)])
    model.compile("sgd", "mse")
    x, y = data(value), np.zeros(70)
    model(data(0))
    before = model.get_weights()
    called = "x" if method != "call" else "its input"
    expected = (
        rf"'letters' takes whole numbers from 0 to 6 \(its input_dim is 7\), but {called} holds "
        rf"{value:g} in row 67, step 2; {mend}".replace("+", r"\+")
    )
    with pytest.raises(ValueError, match=expected):
        if method == "call":
            model(x)
        elif method == "predict":
            model.predict(x, verbose=0)
        else:
            getattr(model, method)(x, y, batch_size=8, verbose=0)
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_nan_is_refused_with_its_row():
    with pytest.raises(ValueError, match="NaN"):
        model = Sequential([Embedding(7, 3), Flatten(), Dense(1)])
        model.predict(np.array([[1, np.nan]]), verbose=0)
    with pytest.raises(ValueError, match="holds nan in row 0, step 1"):
        Embedding(7, 3)(np.array([[1, np.nan]]))


def test_validation_data_are_looked_at_too():
    model = Sequential([Embedding(7, 3), Flatten(), Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="x of validation_data holds 7 in row 67"):
        model.fit(data(0), np.zeros(70), validation_data=(data(7), np.zeros(70)), verbose=0)


def test_the_right_input_of_several_is_looked_at():
    words, more = Input((4,), dtype="int32", name="words"), Input((4,), name="more")
    joined = Concatenate()([Flatten()(Embedding(7, 2)(words)), more])
    model = Model([words, more], Dense(1)(joined))
    model.compile("sgd", "mse")
    y = np.zeros(70)
    model.fit([data(0), data(99)], y, verbose=0)
    with pytest.raises(ValueError, match=r"but x\['words'\] holds 7 in row 67"):
        model.fit([data(7), data(0)], y, verbose=0)


def test_inside_of_a_model_of_ones_own():
    class Letters(Model):
        def __init__(self):
            super().__init__()
            self.table, self.out = Embedding(7, 2), Dense(1)

        def call(self, x):
            return self.out(ops.mean(self.table(x), 1))

    model = Letters()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="x holds 7 in row 67, step 2"):
        model.fit(data(7), np.zeros(70), batch_size=8, verbose=0)


def test_great_numbers_stay_whole():
    # 2^24 + 1 has no place among the float32.
    class Whole(Layer):
        autocast = False

        def call(self, x):
            return ops.cast(x, "int64")

    x = np.array([[2**24 + 1]])
    assert Whole()(x).data.item() == 2**24 + 1
    layer = Embedding(2**24 + 2, 1, embeddings_initializer="zeros")
    layer.build_once((None, 1))
    layer.embeddings.data[2**24 + 1] = 5
    model = Sequential([layer, Flatten()])
    assert model.predict(x, verbose=0).item() == 5


def test_a_negative_number_never_reads_from_the_end():
    with pytest.raises(ValueError, match="holds -1"):
        Embedding(7, 3)(Tensor(np.array([[-1]])))


def test_replay_equals_eager():
    x, y = data(0), RNG.normal(size=70)
    kept = []
    for eagerly in (False, True):
        set_random_seed(1)
        model = Sequential([Embedding(7, 3, mask_zero=True), LSTM(4), Dense(1)])
        model.compile("adam", "mse", run_eagerly=eagerly)
        model.fit(x, y, epochs=3, batch_size=16, verbose=0)
        assert model.run_eagerly == eagerly
        kept.append(model.get_weights())
    for a, b in zip(*kept, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_number_that_a_replayed_step_calculates_is_refused():
    table = Embedding(7, 3)
    x = Tensor(np.array([[3, 6]]))
    program = Program(lambda: table(ops.subtract(x, np.array([[1, 1]]))))
    for first in (3, 1, 2, 7):
        x.data[0, 0] = first
        y = program.run()
        np.testing.assert_array_equal(y.data[0, 0], table.get_weights()[0][first - 1])
    assert program.replayed
    for first in (0, 8):
        x.data[0, 0] = first
        with pytest.raises(IndexError, match=f"index {first - 1} is not among 0 to 6"):
            program.run()


def test_the_advice_is_for_the_largest_number_and_not_for_the_first():
    with pytest.raises(ValueError, match="holds 7 in row 0, step 1; make input_dim at least 10"):
        Embedding(5, 2)(np.array([[1, 7], [9, 2]]))


def test_only_a_table_that_makes_a_mask_supports_masking():
    assert Embedding(5, 2, mask_zero=True).supports_masking is True
    assert Embedding(5, 2).supports_masking is False
