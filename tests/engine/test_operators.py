"""What Python's operators mean for tensors, variables and symbols, and one number as a number."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from dlcore import GradientTape, Input, Model, Sequential, layers, losses, ops, optimizers
from dlcore.tensor import Tensor, Variable, recording

COMPARISONS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
THREE = np.array([1.0, 2.0, np.nan], "float32")
OTHERS = [
    2,
    2.0,
    True,
    np.float32(2),
    np.int64(2),
    [1, 2, 3],
    np.array([1.0, 3.0, np.nan], "float32"),
    np.array([[2], [1]]),
    np.array([True, False, True]),
]


@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("kind", [Tensor, Variable])
@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_comparisons_go_number_by_number(name, kind, other):
    compare, right = COMPARISONS[name], np.asarray(other)
    x = kind(THREE)
    np.testing.assert_array_equal(np.asarray(compare(x, other)), compare(THREE, right))
    np.testing.assert_array_equal(np.asarray(compare(other, x)), compare(right, THREE))
    np.testing.assert_array_equal(np.asarray(compare(x, Tensor(right))), compare(THREE, right))


@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("number", [-1, 0, 1, 2, 255, 256, 1.5])
def test_a_number_that_the_type_does_not_hold_is_compared_as_it_is(name, number):
    for array in (np.array([0, 1, 255], np.uint8), np.array([True, False])):
        found = COMPARISONS[name](Tensor(array), number)
        expected = COMPARISONS[name](array.astype(float), float(number))
        np.testing.assert_array_equal(np.asarray(found), expected)


def test_a_number_that_the_type_does_not_hold_makes_it_wider():
    np.testing.assert_array_equal(
        np.asarray(Tensor(np.array([1, 255], np.uint8)) + 300), [301, 555]
    )
    np.testing.assert_array_equal(np.asarray(Tensor(np.array([True, False])) * 2), [2, 0])


@pytest.mark.parametrize("kind", [Tensor, Variable, lambda _: Input((3,))])
@pytest.mark.parametrize("other", [None, "mse", object, np.array(["a"]), [1, [2, 3]], 1j], ids=repr)
def test_what_is_no_number_is_never_equal(kind, other):
    x = kind(THREE)
    assert (x == other) is False and (x != other) is True
    assert (other == x) is False and (other != x) is True
    with pytest.raises(TypeError, match="not supported between"):
        _ = x < other


def test_comparisons_leave_nothing_on_the_tape():
    w = Variable(THREE)
    assert recording()
    for compare in COMPARISONS.values():
        assert compare(w, 1.0).node is None and not compare(1.0, w).requires_grad
    with GradientTape() as tape:
        loss = ops.sum(w[:2] * (w[:2] > 1.5))
    np.testing.assert_array_equal(np.asarray(tape.gradient(loss, w)), [0, 1, 0])


@pytest.mark.parametrize("make", [Tensor, Variable, lambda _: Input((3,))])
def test_as_keys_and_in_sets_they_count_by_identity(make):
    one, two = make(THREE), make(THREE)
    names = {one: "one", two: "two"}
    assert (names[one], names[two]) == ("one", "two")
    assert len({one, two, one}) == 2 and one in {one, two} and one in [one, two]
    assert make(THREE) not in {one, two}


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"\(3,\) and \(4,\)"):
        _ = Tensor(THREE) == np.ones(4)


def test_results_of_comparisons_are_joined():
    x = Tensor([-1.0, 0.5, 2.0])
    np.testing.assert_array_equal(np.asarray((x > 0) & (x < 1)), [0, 1, 0])
    np.testing.assert_array_equal(np.asarray((x < 0) | (x > 1)), [1, 0, 1])
    np.testing.assert_array_equal(np.asarray(~(x > 0)), [1, 0, 0])
    np.testing.assert_array_equal(np.asarray(np.array([True, False, True]) & (x > 0)), [0, 0, 1])
    assert +x is x


def test_comparisons_of_symbols_are_part_of_the_model():
    x = Input((3,))
    h = layers.Rescaling(2.0)(x)
    outputs = [
        h > 1,
        h >= x,
        1 < h,
        h <= 1,
        h == 2.0,
        h != x,
        (h > 0) & ~(x > 1),
        (h < 0) | (x > 1),
    ]
    data = np.array([[-1, 0.5, 1], [2, 0, 0.25]], "float32")
    twice = 2 * data
    expected = [
        twice > 1, twice >= data, twice > 1, twice <= 1, twice == 2, twice != data,
        (twice > 0) & ~(data > 1), (twice < 0) | (data > 1),
    ]  # fmt: skip
    for found, right in zip(Model(x, outputs)(data), expected, strict=True):
        np.testing.assert_array_equal(np.asarray(found), right)
    with pytest.raises(TypeError, match="no value yet"):
        bool(h == x)


def lopsided(y, p):
    error = y - p
    return ops.mean(ops.where(error > 0, 3 * error, -error), axis=-1)


def hits(y, p):
    return ops.mean(ops.cast(ops.argmax(y, -1) == ops.argmax(p, -1), "float32"))


@pytest.mark.parametrize("eager", [False, True])
def test_a_loss_and_a_metric_with_operators_in_training(eager):
    rng = np.random.default_rng(0)
    x, classes = rng.normal(size=(64, 4)).astype("float32"), np.arange(64) % 3
    y = np.eye(3, dtype="float32")[classes]
    model = Sequential([Input((4,)), layers.Dense(3, "softmax")])
    model.compile(optimizers.SGD(0.0), lopsided, metrics=[hits], run_eagerly=eager)
    history = model.fit(x, y, batch_size=16, epochs=2, verbose=0).history
    p = model.predict(x, verbose=0)
    expected = np.where(y > p, 3 * (y - p), p - y).mean()
    assert history["loss"][-1] == pytest.approx(expected, rel=1e-5)
    right = (p.argmax(1) == classes).mean()
    assert right > 0 and history["hits"] == [pytest.approx(right)] * 2
    assert model.evaluate(x, y, verbose=0)[1] == pytest.approx(right)
    assert model.train_on_batch(x, y)[1] == pytest.approx(right)


def test_the_gradient_of_a_loss_with_operators():
    w = Variable([1.0, -2.0, 0.5])
    with GradientTape() as tape:
        loss = lopsided(np.zeros(3, "float32"), w)
    np.testing.assert_allclose(np.asarray(tape.gradient(loss, w)), [1 / 3, -1, 1 / 3], rtol=1e-6)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_one_number_is_written_and_rounded(shape):
    loss = Tensor(np.full(shape, 2.5678, "float32"))
    assert f"{loss:.3f} {loss:8.1e}" == " ".join(("2.568", " 2.6e+00"))
    assert f"{loss}" == str(loss) and "2.5678" in str(loss)
    assert round(loss, 2) == 2.57 and round(loss) == 3
    assert f"{losses.MeanSquaredError()(np.ones((1, 1)), np.zeros((1, 1))):.2f}" == "1.00"


def test_a_whole_number_is_a_position_and_a_count():
    two = ops.argmax(np.array([0, 1, 5]))
    assert ["a", "b", "c"][two] == "c" and list(range(two)) == [0, 1] and f"{two:d}" == "2"
    for tensor in (Tensor(1.0), Tensor(np.array([1]))):
        with pytest.raises(TypeError, match="one whole number"):
            range(tensor)


@pytest.mark.parametrize(
    "use",
    [
        float,
        int,
        bool,
        round,
        lambda x: round(x, 2),
        lambda x: f"{x:.3f}",
        lambda x: x.item(),
        range,
    ],
)
@pytest.mark.parametrize("kind", [Tensor, Variable])
def test_several_numbers_are_not_one(use, kind):
    with pytest.raises(TypeError, match=r"shape \(2, 3\)"):
        use(kind(np.ones((2, 3))))


@pytest.mark.parametrize("use", [float, int, round, lambda x: f"{x:.3f}"])
def test_a_symbol_is_no_number_yet(use):
    with pytest.raises(TypeError, match=r"shape \(None, 3\) has no values yet"):
        use(Input((3,)))
    assert "(None, 3)" in f"{Input((3,))}"
