"""Loss, last layer, targets and metrics that do not fit each other: the sentence and the mend."""

import warnings

import numpy as np
import pytest

from dlcore import losses, metrics
from dlcore.engine import ops
from dlcore.layers import ELU, Activation, Dense, Flatten, Input, Layer, LeakyReLU, ReLU
from dlcore.models import Model, Sequential
from dlcore.trainer.advice.agreement import check_last_layer, check_metrics
from dlcore.trainer.data.arrays import fitted_targets
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
LABELS = np.array([0, 1, 2, 1, 1, 0, 2, 1], np.float32)
SIGNS = np.array([-1, 1, 1, -1, 1, 1, -1, 1], np.float32)


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


def model(units, activation, loss, compiled=None):
    net = Sequential([Dense(units, activation, input_dim=3, name="last")])
    net.compile("sgd", loss, metrics=compiled)
    return net


def refused(net, y, words):
    with pytest.raises(ValueError, match=words):
        net.fit(X, y, verbose=0)


def warned(run):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    return [str(w.message) for w in caught]


@pytest.mark.parametrize("loss", ["binary_crossentropy", "mse", "categorical_crossentropy"])
def test_softmax_over_one_unit(loss):
    words = (
        "^The last layer 'last' is a softmax over 1 unit, which gives 1 whatever the input is; use "
        "activation='sigmoid', or one unit for each class.$"
    )
    refused(model(1, "softmax", loss), LABELS > 0, words)


def test_softmax_over_one_unit_in_a_layer_of_its_own():
    net = Sequential([Dense(1, input_dim=3, name="first"), Activation("softmax", name="last")])
    net.compile("sgd", "mse")
    refused(net, LABELS > 0, "^The last layer 'last' is a softmax over 1 unit")


@pytest.mark.parametrize(
    ("loss", "wanted"),
    [
        ("binary_crossentropy", "sigmoid"),
        ("categorical_crossentropy", "softmax"),
        ("sparse_categorical_crossentropy", "softmax"),
    ],
)
@pytest.mark.parametrize("activation", [None, "relu", "tanh", "elu", "log_softmax"])
def test_crossentropy_of_raw_scores(loss, wanted, activation):
    y = LABELS if loss.startswith("sparse") else np.eye(3)[LABELS.astype(int)]
    name = activation or "linear"
    words = (
        f"^The loss '{loss}' takes probabilities, but the last layer 'last' has the activation "
        f"'{name}'; give it activation='{wanted}', or take the loss with from_logits=True.$"
    )
    refused(model(3, activation, loss), y, words)


def test_divergence_of_raw_scores_has_no_logits_to_offer():
    words = (
        "^The loss 'kl_divergence' takes probabilities, but the last layer 'last' has the "
        "activation 'linear'; give it activation='softmax'.$"
    )
    refused(model(3, None, "kld"), np.eye(3)[LABELS.astype(int)], words)


def test_the_last_layer_is_looked_for_inside_of_models_and_behind_flatten():
    x = Input((3,))
    inside = Dense(2, "tanh", name="inside")
    for inner in (
        Sequential([Input((3,)), Dense(2, "tanh", name="inside"), Flatten()]),
        Model(x, inside(x)),
    ):
        net = Sequential([inner, Flatten()])
        net.compile("sgd", "categorical_crossentropy")
        y = np.eye(2)[LABELS.astype(int) % 2]
        refused(net, y, "the last layer 'inside' has the activation")


def test_the_last_layer_of_each_output_is_its_own():
    x = Input((3,))
    net = Model(x, [Dense(1, name="number")(x), Dense(1, "sigmoid", name="chance")(x)])
    losses_of_both = ["mse", losses.BinaryCrossentropy(from_logits=True)]
    net.compile("sgd", losses_of_both)
    y = [LABELS, LABELS > 1]
    said = warned(lambda: net.fit(X, y, verbose=0))
    assert len(said) == 1 and "the last layer 'chance' has applied 'sigmoid' already" in said[0]
    net.compile("sgd", ["bce", "mse"])
    with pytest.raises(ValueError, match="the last layer 'number' has the activation 'linear'"):
        net.fit(X, [LABELS > 1, LABELS], verbose=0)


def test_a_last_layer_without_an_activation_is_not_judged():
    layers = [Dense(2, name="a"), object()]
    assert warned(lambda: check_last_layer(layers, losses.BinaryCrossentropy(), (8, 1))) == []


@pytest.mark.parametrize(
    ("kind", "activation", "wanted"),
    [
        (losses.BinaryCrossentropy, "sigmoid", "sigmoid"),
        (losses.CategoricalCrossentropy, "softmax", "softmax"),
    ],
)
def test_from_logits_after_the_activation_is_said_once(kind, activation, wanted):
    loss = kind(from_logits=True)
    net = model(3, activation, loss)
    y = np.eye(3)[LABELS.astype(int)]

    def run():
        for _ in range(2):
            net.fit(X, y, verbose=0)
            net.evaluate(X, y, verbose=0)

    assert warned(run) == [
        f"The loss '{loss.name}' with from_logits=True applies the {wanted} itself, but the last "
        f"layer 'last' has applied '{activation}' already; leave one of the two out."
    ]


def test_from_logits_of_raw_scores_is_right():
    net = model(1, None, losses.BinaryCrossentropy(from_logits=True))
    assert warned(lambda: net.fit(X, LABELS > 0, verbose=0)) == []


def test_hinge_after_a_sigmoid_is_said_once():
    net = model(1, "sigmoid", "hinge")
    assert warned(lambda: [net.fit(X, SIGNS, verbose=0) for _ in range(2)]) == [
        "The loss 'hinge' asks for scores beyond -1 and 1, but the last layer 'last' has the "
        "activation 'sigmoid' with outputs from 0 to 1; give it activation='tanh' or none."
    ]
    for activation in (None, "tanh"):
        net = model(1, activation, "hinge")
        assert warned(lambda net=net: net.fit(X, SIGNS, verbose=0)) == []


def test_hinge_with_the_wrong_targets():
    words = (
        "^The targets of 'hinge' are -1 and 1, or 0 and 1, but y holds 0, 1, 2; recode y, or for "
        "more than two classes take a crossentropy.$"
    )
    refused(model(1, "tanh", "hinge"), LABELS, words)
    refused(model(1, "tanh", "hinge"), np.arange(8.0), "y holds 0, 1, 2, 3, …; recode")
    refused(model(1, "tanh", "hinge"), np.where(SIGNS > 0, 1, LABELS - 1), "y holds -1, 0, 1;")
    model(1, "tanh", "hinge").fit(X, SIGNS > 0, verbose=0)


def test_signs_for_a_binary_crossentropy():
    words = (
        "^The targets of 'binary_crossentropy' lie from 0 to 1, but y goes from -1 to 1; write "
        r"y = \(y \+ 1\) / 2.$"
    )
    refused(model(1, "sigmoid", "binary_crossentropy"), SIGNS, words)
    y = np.where(SIGNS > 0, 2, -1)
    refused(model(1, "sigmoid", "bce"), y, "y goes from -1 to 2; scale or recode y.$")


def test_class_numbers_for_a_binary_crossentropy():
    words = (
        "y goes from 0 to 2; for 3 classes end the model in as many units with "
        "activation='softmax' and take the loss 'sparse_categorical_crossentropy'.$"
    )
    refused(model(1, "sigmoid", "binary_crossentropy"), LABELS, words)
    refused(model(1, "sigmoid", "bce"), LABELS + 0.5, "from 0.5 to 2.5; scale or recode y.$")


@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("loss", ["categorical_crossentropy", "kld", "mse", "hinge", "mae"])
def test_class_numbers_against_several_outputs(loss, column):
    y = LABELS[:, None] if column else LABELS
    words = (
        r"^Targets of shape \(8, ?1?\) do not fit outputs of shape \(8, 3\): if y holds class "
        r"numbers, use the loss 'sparse_categorical_crossentropy' or dlcore.utils.to_categorical"
        r"\(y, 3\); if it holds a number to predict, end the model in Dense\(1\).$"
    )
    activation = "tanh" if loss == "hinge" else "softmax"
    refused(model(3, activation, loss), y, words)


def test_targets_of_a_divergence_are_probabilities():
    words = (
        "^The targets of 'kl_divergence' lie from 0 to 1, but y goes from 0 to 2; scale or recode "
        "y.$"
    )
    refused(model(3, "softmax", "kld"), np.eye(3)[LABELS.astype(int)] * 2, words)


@pytest.mark.parametrize(
    ("units", "y", "told"),
    [
        (1, LABELS * 3.5, "a prediction equals a target 0 or 1, but y holds other numbers; for "
         "measurements use metrics=['mae']."),
        (1, SIGNS, "a prediction equals a target 0 or 1, but y holds other numbers; write "
         "y = (y + 1) / 2."),
        (3, X, "the largest prediction of a row stands at its 1, but the rows of y are others; for "
         "measurements use metrics=['mae']."),
        (3, np.ones((8, 3)), "the largest prediction of a row stands at its 1, but the rows of y "
         "are others; for several labels a row use metrics=['binary_accuracy']."),
    ],
)  # fmt: skip
def test_accuracy_of_measurements_is_said_once(units, y, told):
    net = model(units, None, "mse", ["accuracy"])

    def run():
        for _ in range(2):
            net.fit(X, y, verbose=0)
            net.evaluate(X, y, verbose=0)

    assert warned(run) == [f"accuracy counts how often {told}"]


def test_accuracy_of_fractions_as_class_numbers():
    def run():
        check_metrics([metrics.SparseCategoricalAccuracy()], LABELS + 0.5)

    assert warned(run) == [
        "accuracy counts how often the largest prediction stands at the class number, but y holds "
        "fractions; for measurements use metrics=['mae']."
    ]


@pytest.mark.parametrize(
    ("kind", "y"),
    [
        (metrics.BinaryAccuracy, LABELS > 0),
        (metrics.CategoricalAccuracy, np.eye(3)),
        (metrics.CategoricalAccuracy, np.full((2, 3), 1 / 3)),
        (metrics.SparseCategoricalAccuracy, LABELS),
        (metrics.MeanSquaredError, X),
    ],
)
def test_metrics_that_fit_are_not_warned_of(kind, y):
    assert warned(lambda: check_metrics([kind()], y)) == []


def test_ignored_classes_and_another_axis_are_known():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    assert fitted_targets(LABELS - 1, loss, (8, 2)).dtype == np.int64
    with pytest.raises(ValueError, match="row 0 of y is -2"):
        fitted_targets(LABELS - 2, loss, (8, 2))
    loss = losses.SparseCategoricalCrossentropy(axis=1)
    assert fitted_targets(np.full((8, 5), 2.0), loss, (8, 3, 5)).shape == (8, 5)
    with pytest.raises(ValueError, match="0 to 2 for the 3 outputs"):
        fitted_targets(np.full((8, 5), 3.0), loss, (8, 3, 5))


def absolute(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


class Absolute(losses.Loss):
    def call(self, y_true, y_pred):
        return absolute(y_true, y_pred)


@pytest.mark.parametrize("loss", [absolute, Absolute()])
@pytest.mark.parametrize("units", [3, 8])
def test_one_s_own_loss_would_spread_a_row_over_a_table(loss, units):
    # With 8 rows and 8 units the shapes (8,) and (8, 8) broadcast, and Keras trains.
    refused(model(units, None, loss), LABELS, rf"\(8,\) do not fit outputs of shape \(8, {units}\)")


@pytest.mark.parametrize("loss", [absolute, Absolute()])
def test_one_s_own_loss_of_a_sequence(loss):
    wrapped = loss if isinstance(loss, losses.Loss) else losses.LossFunctionWrapper(loss)
    with pytest.raises(
        ValueError, match=r"\(8,\) do not fit outputs of shape \(8, 5, 1\).*Flatten"
    ):
        fitted_targets(LABELS, wrapped, (8, 5, 1))


@pytest.mark.parametrize("loss", [absolute, Absolute()])
def test_one_s_own_loss_gets_rows_as_columns(loss):
    net = model(1, None, loss)
    first = net.evaluate(X, LABELS, verbose=0)
    assert first == net.evaluate(X, LABELS[:, None], verbose=0)
    expected = np.abs(net.predict(X, verbose=0)[:, 0] - LABELS).mean()
    assert first == pytest.approx(expected, rel=1e-5)


def test_one_s_own_loss_may_take_fewer_targets_than_outputs():
    def likelihood(y_true, y_pred):
        middle, width = y_pred[:, :1], ops.exp(y_pred[:, 1:])
        return ops.mean(ops.square((y_true - middle) / width), axis=-1)

    def of_class_numbers(y_true, y_pred):
        return losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)

    trained = [model(2, None, likelihood).fit(X, LABELS[:, None], verbose=0)]
    for y in (LABELS, LABELS[:, None]):
        trained.append(model(3, None, of_class_numbers).fit(X, y, verbose=0))
    assert np.isfinite([fit.history["loss"] for fit in trained]).all()


def test_an_error_of_one_s_own_loss_is_passed_on():
    def strict(y_true, y_pred):
        raise ValueError("only on Sundays")

    refused(model(3, None, strict), LABELS, "^only on Sundays$")


class Gated(Layer):
    """A layer of which the library knows nothing: it has weights and an activation."""

    def __init__(self, units, activation, **kwargs):
        super().__init__(**kwargs)
        self.units, self.activation = units, activation

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units))

    def call(self, x):
        return self.activation(x @ self.kernel)


def swish_like(x):
    return x * ops.sigmoid(2 * x)


def squeezed(x):
    return (ops.tanh(x) + 1) / 2


def gated(activation, loss, *more):
    net = Sequential([Input((3,)), Gated(1, activation, name="last"), *more])
    net.compile("sgd", loss)
    return net


def test_a_layer_and_an_activation_of_one_s_own_are_asked():
    words = (
        "'binary_crossentropy' takes probabilities, but the last layer 'last' has the activation "
        "'swish_like'; give it activation='sigmoid'"
    )
    refused(gated(swish_like, "bce"), LABELS > 0, words)
    refused(model(1, swish_like, "bce"), LABELS > 0, words)
    assert warned(lambda: gated(squeezed, "bce").fit(X, LABELS > 0, verbose=0)) == []
    logits = losses.BinaryCrossentropy(from_logits=True)
    (text,) = warned(lambda: gated(squeezed, logits).fit(X, LABELS > 0, verbose=0))
    assert "the last layer 'last' has applied 'squeezed' already" in text
    (text,) = warned(lambda: gated(squeezed, "hinge").fit(X, SIGNS, verbose=0))
    assert "has the activation 'squeezed' with outputs from 0 to 1" in text


def test_a_layer_that_only_moves_numbers_is_looked_behind():
    class Turned(Layer):
        def call(self, x):
            return ops.reshape(x, (len(x), -1))

    class Scaled(Layer):
        def call(self, x):
            return ops.sigmoid(x)

    refused(gated(swish_like, "bce", Turned()), LABELS > 0, "the last layer 'last' has the act")
    assert warned(lambda: gated(swish_like, "bce", Scaled()).fit(X, LABELS > 0, verbose=0)) == []


@pytest.mark.parametrize("layer", [ReLU, LeakyReLU, ELU])
def test_activations_that_are_layers_are_activations(layer):
    net = Sequential([Dense(1, input_dim=3), layer(name="last")])
    net.compile("sgd", "bce")
    name = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu"}[layer.__name__]
    refused(net, LABELS > 0, f"the last layer 'last' has the activation '{name}'")


def test_an_activation_that_cannot_be_tried_is_not_judged():
    def only_one(x):
        if x.shape[-1] != 1:
            raise RuntimeError("one unit")
        return x

    assert warned(lambda: model(1, only_one, "mse").fit(X, LABELS, verbose=0)) == []
    check_last_layer(model(1, only_one, "bce").layers, losses.BinaryCrossentropy(), (8, 1))


def test_raw_pixels_before_a_layer_of_one_s_own():
    images = np.random.default_rng(0).integers(0, 256, (8, 4, 4, 1)).astype(np.uint8)

    class Halved(Layer):
        def call(self, x):
            return x / 2

    class Shrunk(Layer):
        def call(self, x):
            return x / 255

    for first, count in ((Halved, 1), (Shrunk, 0)):
        layers = [first(), Gated(1, ops.tanh, name="own"), Flatten(), Dense(1)]
        net = Sequential([Input((4, 4, 1)), *layers])
        net.compile("sgd", "mse")
        said = warned(lambda net=net: net.fit(images, LABELS, verbose=0))
        assert len(said) == count and all("the layer 'own' learns badly" in text for text in said)


def test_a_warning_stands_at_the_line_that_called(recwarn):
    model(1, "sigmoid", losses.BinaryCrossentropy(from_logits=True)).fit(X, LABELS > 0, verbose=0)
    model(1, "sigmoid", "bce").train_on_batch(X, LABELS > 0, class_weight={0: 1.0})
    assert [warning.filename for warning in recwarn] == [__file__] * 2
