"""What a call of a layer passes on: dtypes, training, masks, several inputs, losses."""

import re
import warnings

import numpy as np
import pytest

from dlcore.engine import ops
from dlcore.layers import GRU, LSTM, Conv2D, Dense, Dropout, Flatten, Input, Layer
from dlcore.models import Model, Sequential
from dlcore.tensor import Tensor
from dlcore.utils import set_random_seed

X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 3, 4)
MASK = Tensor(np.array([[1, 1, 0], [1, 0, 0]], np.float32))


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


class Masked(Layer):
    """Sets a mask, as Masking and Embedding do."""

    supports_masking = True

    def call(self, x):
        return x * 1.0

    def compute_mask(self, inputs, mask=None):
        return MASK


class Told(Layer):
    """Keeps the mask it was given."""

    supports_masking = True

    def call(self, x, mask=None):
        self.mask = mask
        return ops.sum(x, axis=-1) if not isinstance(x, list) else x[0] + x[1]


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float64, bool])
def test_inputs_become_numbers_of_the_layers_type(kind):
    x = (X[0] > 0).astype(kind)
    assert Dense(2)(x).dtype == np.float32
    assert Dense(2, dtype="float64")(x).dtype == np.float64
    assert Dense(2, dtype="float64").dtype == "float64"


def test_a_number_type_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="no dtype called 'float16'"):
        Dense(2, dtype="float16")


def test_a_mask_is_passed_on_and_handed_to_those_that_want_it():
    told = Told()
    y = told(Dense(5)(Masked()(X)))
    assert told.mask is MASK and y.mask is MASK
    Model(x := Input((3, 4)), told(Dense(2)(Masked()(x))))(X)
    assert told.mask is MASK
    Sequential([Masked(), Dropout(0.5), told])(X, training=True)
    assert told.mask is MASK
    other = Tensor(np.ones((2, 3), np.float32))
    told(Masked()(X), mask=other)
    assert told.mask is other


def test_of_several_inputs_each_has_its_mask():
    told = Told()
    told([Masked()(X), Tensor(X)])
    assert told.mask[0] is MASK and told.mask[1] is None


def test_an_operation_passes_the_mask_of_a_symbol_on():
    told = Told()
    Model(x := Input((3, 4)), told(Masked()(x) * 2.0))(X)
    assert told.mask is MASK


def test_a_layer_that_loses_a_mask_says_so_once():
    layer = Flatten()
    with pytest.warns(UserWarning, match="'flatten.*' .Flatten. was given a sequence with a mask"):
        layer(Masked()(X))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert layer(Masked()(X)).mask is None


def test_a_layer_of_several_inputs_gets_their_shapes():
    class Sum(Layer):
        def build(self, input_shape):
            self.shapes = input_shape
            self.factor = self.add_weight((input_shape[0][-1],), initializer="ones")

        def call(self, x):
            return (x[0] + x[1]) * self.factor

    layer = Sum()
    np.testing.assert_array_equal(layer([X, X]).data, 2 * X)
    assert layer.shapes == [(None, 3, 4), (None, 3, 4)]
    a, b = Input((4,)), Input((4,))
    assert Sum()([a, b]).shape == (None, 4)


def test_the_activity_regularizer_and_added_losses_are_of_the_last_call():
    class Sparse(Layer):
        def __init__(self):
            super().__init__()
            self.dense = Dense(2, activity_regularizer=lambda y: ops.sum(ops.abs(y)))

        def call(self, x):
            self.add_loss(ops.sum(x))
            return self.dense(x)

    layer = Sparse()
    for scale in (1.0, 3.0):
        y = layer(scale * X)
        added, regularized = layer.losses
        assert float(added) == pytest.approx(scale * X.sum(), abs=1e-5)
        # By row, as in Keras.
        assert float(regularized) == pytest.approx(np.abs(y.data).sum() / len(X), rel=1e-5)


def test_a_regularized_weight_adds_to_the_losses_while_it_can_be_trained():
    layer = Dense(2, name="d")
    layer.build_once((None, 4))
    weight = layer.add_weight((3,), "ones", regularizer=lambda w: ops.sum(w * w), name="extra")
    assert [float(loss) for loss in layer.losses] == [3.0]
    weight.trainable = False
    assert layer.losses == []


def test_a_warning_free_call_keeps_what_the_layer_around_says_of_training():
    class Around(Layer):
        def __init__(self):
            super().__init__()
            self.inside = Dropout(0.5)

        def call(self, x):
            return self.inside(x), self.inside(x, training=False)

    ones = np.ones((40, 4), np.float32)
    dropped, kept = Around()(ones, training=True)
    assert (dropped.data == 0).any() and not (kept.data == 0).any()
    assert not (Dropout(0.5)(ones).data == 0).any()


def test_the_activity_regularizer_of_a_layer_that_gives_one_number():
    class Mean(Layer):
        def call(self, x):
            return ops.mean(x)

    layer = Mean(activity_regularizer=lambda y: y * 2.0)
    assert layer(X).shape == ()
    assert float(layer.losses[0]) == pytest.approx(2 * X.mean(), abs=1e-6)
    nothing = Dense(2, activity_regularizer="l2")
    nothing(X[:0])
    assert float(nothing.losses[0]) == 0


def test_a_misspelt_argument_of_a_base_between():
    class Base(Layer):
        def __init__(self, factor=1.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

    class Own(Base):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

    class Closed(Layer):
        def __init__(self):
            super().__init__(nmae="x")

    for make, told in [
        (lambda: Own(factr=2), "Own has no argument 'factr'. Did you mean 'factor'?"),
        (lambda: Own(naem="a"), "Own has no argument 'naem'. Did you mean 'name'?"),
        (lambda: Conv2D(2, 3, stride=2), "no argument 'stride'. Did you mean 'strides'?"),
        (lambda: LSTM(2, return_sequence=True), "Did you mean 'return_sequences'?"),
        (lambda: GRU(2, recurent_dropout=0.1), "Did you mean 'recurrent_dropout'?"),
        (Closed, "Closed has no argument 'nmae'. Did you mean 'name'?"),
    ]:
        with pytest.raises(TypeError, match=re.escape(told)):
            make()
