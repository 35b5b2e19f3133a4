"""class_weight: the class of each label, and what has no class."""

import warnings

import numpy as np
import pytest

from dlcore import Input, ops
from dlcore.layers import Dense, Masking, Permute
from dlcore.losses import CategoricalCrossentropy, SparseCategoricalCrossentropy
from dlcore.models import Model, Sequential
from dlcore.trainer.data.class_weights import class_weights, classes_of, weight_table
from dlcore.utils import set_random_seed, to_categorical

RNG = np.random.default_rng(0)
STEPS = RNG.normal(size=(8, 6, 2)).astype(np.float32)
LABELS = RNG.integers(0, 3, (8, 6))
SEVERAL = np.array([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]] * 2)
OF_CLASS = np.array([1.0, 50.0, 20.0])
WEIGHTS = dict(enumerate(OF_CLASS))


def at_rest(layers, loss, **compiled):
    """A compiled model that stays as it is."""
    set_random_seed(0)
    model = Sequential(layers)
    model.compile("sgd", loss, **compiled)
    model.optimizer.learning_rate = 0.0
    return model


def first_loss(model, y, x=STEPS, weights=WEIGHTS, **fit):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = {"class_weight": weights, "verbose": 0, **fit}
        return model.fit(x, y, **fit).history["loss"][0]


def crossentropy_of_steps(model):
    p = np.take_along_axis(model.predict(STEPS, verbose=0), LABELS[..., None], 2)[..., 0]
    return -np.log(p) * OF_CLASS[LABELS]


@pytest.mark.parametrize("y", [LABELS, LABELS[..., None]])
def test_each_step_has_the_weight_of_its_class_number(y):
    model = at_rest([Dense(3, "softmax")], "sparse_categorical_crossentropy")
    expected = crossentropy_of_steps(model)
    assert first_loss(model, y) == pytest.approx(expected.mean(), rel=1e-5)
    batches = (batch for batch in [(STEPS, y)])
    found = model.fit(batches, class_weight=WEIGHTS, verbose=0).history["loss"][0]
    assert found == pytest.approx(expected.mean(), rel=1e-5)
    found = model.train_on_batch(STEPS, y, class_weight=WEIGHTS)
    assert found == pytest.approx(expected.mean(), rel=1e-5)
    rows = RNG.uniform(0, 1, 8)
    found = first_loss(model, y, sample_weight=rows)
    assert found == pytest.approx((expected * rows[:, None]).mean(), rel=1e-5)


def test_each_step_has_the_weight_of_its_one_hot_row():
    y = to_categorical(LABELS, 3)
    model = at_rest([Dense(3, "softmax")], "categorical_crossentropy")
    expected = crossentropy_of_steps(model).mean()
    assert first_loss(model, y) == pytest.approx(expected, rel=1e-5)
    smoothed = 0.97 * y + 0.01
    p = model.predict(STEPS, verbose=0)
    expected = (-(smoothed * np.log(p)).sum(axis=-1) * OF_CLASS[LABELS]).mean()
    assert first_loss(model, smoothed) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("kind", "y"),
    [
        (SparseCategoricalCrossentropy, LABELS),
        (CategoricalCrossentropy, to_categorical(LABELS, 3).transpose(0, 2, 1)),
    ],
)
def test_classes_along_another_axis(kind, y):
    model = at_rest([Dense(3, "softmax"), Permute((2, 1))], kind(axis=1))
    p = np.take_along_axis(model.predict(STEPS, verbose=0), LABELS[:, None], 1)[:, 0]
    expected = (-np.log(p) * OF_CLASS[LABELS]).mean()
    assert first_loss(model, y) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("axes", [2, 3])
def test_two_classes_of_steps_and_one_unit(axes):
    y = LABELS > 0 if axes == 2 else (LABELS > 0)[..., None]
    model = at_rest([Dense(1, "sigmoid")], "binary_crossentropy")
    p = model.predict(STEPS, verbose=0)[..., 0]
    expected = np.where(LABELS > 0, -5.0 * np.log(p), -np.log(1 - p)).mean()
    assert first_loss(model, y, weights={0: 1.0, 1: 5.0}) == pytest.approx(expected, rel=1e-5)


def test_masked_and_ignored_steps_need_no_weight():
    x = STEPS.copy()
    x[:, 4:] = 0
    y = np.where(np.arange(6) < 4, LABELS, -1)
    loss = SparseCategoricalCrossentropy(ignore_class=-1)
    model = at_rest([Masking(), Dense(3, "softmax")], loss)
    expected = crossentropy_of_steps(model)[:, :4].mean()
    assert first_loss(model, y, x) == pytest.approx(expected, rel=1e-5)


def test_the_class_of_a_label():
    assert classes_of(np.array([2.0, 0, 1])).tolist() == [2, 0, 1]
    assert classes_of(np.array([[2.0], [0]])).tolist() == [2, 0]
    assert classes_of(np.array([[0.0, 0, 1], [1, 0, 0]])).tolist() == [2, 0]
    assert classes_of(np.array([[-1.0, -1, 1], [1, -1, -1]])).tolist() == [2, 0]
    # Shares of one class, and a share of class 1.
    assert classes_of(np.array([[0.1, 0.7, 0.2]])).tolist() == [1]
    assert classes_of(np.array([[0.9], [0.05], [1.0]]), (1,)).tolist() == [1, 0, 1]
    assert classes_of(np.array([-1.0, 1]), (1,)).tolist() == [-1, 1]
    assert classes_of(LABELS, (6, 3)).tolist() == LABELS.tolist()
    assert class_weights(LABELS, WEIGHTS).tolist() == OF_CLASS[LABELS].tolist()


NO_CLASS = r"row 1 of y is \[1, 1, 0\], which is not one class out of 3; .* by sample_weight"


def test_rows_with_several_labels_have_no_class():
    model = at_rest([Dense(3, "sigmoid")], "binary_crossentropy")
    x = STEPS[:, 0]
    before = model.predict(x, verbose=0)
    with pytest.raises(ValueError, match=NO_CLASS):
        model.fit(x, SEVERAL, class_weight=WEIGHTS, verbose=0)
    with pytest.raises(ValueError, match=NO_CLASS):
        model.fit(iter([(x, SEVERAL)]), class_weight=WEIGHTS, verbose=0)
    with pytest.raises(ValueError, match=NO_CLASS):
        model.train_on_batch(x, SEVERAL, class_weight=WEIGHTS)
    assert (model.predict(x, verbose=0) == before).all()
    one = to_categorical(LABELS[:, 0], 3)
    p = model.predict(x, verbose=0)
    losses = -np.log(np.where(one > 0, p, 1 - p)).mean(axis=1) * OF_CLASS[LABELS[:, 0]]
    assert first_loss(model, one, x) == pytest.approx(losses.mean(), rel=1e-5)


def test_several_labels_at_a_step_are_named_with_the_step():
    model = at_rest([Dense(3, "sigmoid")], "binary_crossentropy")
    y = to_categorical(LABELS, 3)
    y[2, 4] = 1
    with pytest.raises(ValueError, match=r"row 2, step 4, of y is \[1, 1, 1\]"):
        model.fit(STEPS, y, class_weight=WEIGHTS, verbose=0)


class OwnStep(Model):
    """What a training step of one's own gets."""

    def __init__(self):
        super().__init__()
        self.last, self.seen = Dense(3), []

    def call(self, x):
        return self.last(x)

    def train_step(self, data):
        self.seen.append(None if len(data) < 3 else data[2].data.tolist())
        return {"loss": ops.mean(self(data[0]))}


def test_a_step_of_one_s_own_gets_the_weights():
    model = OwnStep()
    model.compile("sgd", "mse")
    model.fit(STEPS[:3], [2, 0, 1], class_weight=WEIGHTS, verbose=0, shuffle=False)
    assert model.seen == [[20.0, 1.0, 50.0]]
    with pytest.raises(ValueError, match=NO_CLASS):
        model.fit(STEPS, SEVERAL, class_weight=WEIGHTS, verbose=0)
    with pytest.raises(ValueError, match="there is no y; leave it out"):
        model.fit(STEPS, class_weight=WEIGHTS, verbose=0)


def test_numbers_to_predict_have_no_class():
    model = at_rest([Input((2,)), Dense(1)], "mse")
    with pytest.raises(ValueError, match=r"row 1 of y holds 2\.5, which is no class number"):
        model.fit(STEPS[:2, 0], [1.0, 2.5], class_weight={0: 1.0, 1: 2.0}, verbose=0)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({0: 1.0, 1: "2"}, "but the weight of class 1 is '2'"),
        ({0: 1.0, 1: None}, "but the weight of class 1 is None"),
        ({None: 1.0}, "but a class is None"),
    ],
)
def test_weights_that_are_no_numbers(weights, words):
    with pytest.raises(TypeError, match=words):
        weight_table(weights)


def test_a_long_list_of_missing_classes_is_cut():
    with pytest.warns(UserWarning, match=r"no entry for class 1, 2, 3, 4, 5, 6, 7, 8, …, whose"):
        assert class_weights(np.arange(20.0), {0: 3.0}).tolist() == [3.0] + [1.0] * 19
