"""Models of several inputs and outputs: structures in and out, losses and metrics by name."""

import numpy as np
import pytest

from dlcore import Input
from dlcore.callbacks import EarlyStopping
from dlcore.engine import ops
from dlcore.layers import Concatenate, Dense
from dlcore.models import Model
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
A, B = (RNG.normal(size=(30, n)).astype(np.float32) for n in (3, 4))
P, Q = (A.sum(axis=1) > 0).astype(np.float32), RNG.normal(size=(30, 2)).astype(np.float32)


def two_by_two(**compiled):
    set_random_seed(0)
    a, b = Input((3,), name="a"), Input((4,), name="b")
    h = Concatenate()([Dense(4, "tanh")(a), Dense(4, "tanh")(b)])
    model = Model([a, b], [Dense(1, "sigmoid", name="p")(h), Dense(2, name="q")(h)])
    model.compile("sgd", **compiled)
    return model


class Branches(Model):
    """A model of the learner's own that takes and gives a dict."""

    def __init__(self):
        super().__init__()
        self.p, self.q = Dense(1, "sigmoid"), Dense(2)

    def call(self, x):
        h = ops.concatenate([x["a"], x["b"]], axis=-1)
        return {"p": self.p(h), "q": self.q(h)}


def fit(model, x=(A, B), y=(P, Q), **more):
    more = {"epochs": 3, "batch_size": 8, "shuffle": False, "verbose": 0, **more}
    x, y = (list(values) if isinstance(values, tuple) else values for values in (x, y))
    history = model.fit(x, y, **more).history
    return history, [weights.tobytes() for weights in model.get_weights()]


LOSSES = {"p": "binary_crossentropy", "q": "mse"}


def test_the_loss_is_the_weighted_sum_and_every_part_is_in_the_history():
    model = two_by_two(
        loss=LOSSES, loss_weights={"q": 0.25}, metrics={"p": ["accuracy"], "q": ["mae", "mse"]}
    )
    history, _ = fit(model, validation_split=0.2)
    names = ["loss", "p_accuracy", "p_loss", "q_loss", "q_mae", "q_mse"]
    assert list(history) == [*names, *(f"val_{name}" for name in names)]
    for before in ("", "val_"):
        parts = np.array(history[f"{before}p_loss"]) + 0.25 * np.array(history[f"{before}q_loss"])
        np.testing.assert_allclose(history[f"{before}loss"], parts, rtol=1e-6)
    np.testing.assert_allclose(history["q_mse"], history["q_loss"], rtol=1e-6)
    assert model.metrics_names == ["loss", "p_loss", "q_loss", "p_accuracy", "q_mae", "q_mse"]
    results = model.evaluate([A, B], [P, Q], verbose=0)
    named = model.evaluate([A, B], [P, Q], verbose=0, return_dict=True)
    assert list(named) == model.metrics_names and list(named.values()) == results
    p, q = model.predict([A, B], verbose=0)
    assert named["q_mae"] == pytest.approx(np.abs(q - Q).mean(), rel=1e-5)
    assert named["p_accuracy"] == pytest.approx(((p[:, 0] > 0.5) == P).mean())


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize(
    ("x", "y", "compiled"),
    [
        ([A, B], [P, Q], {"loss": ["binary_crossentropy", "mse"], "loss_weights": [1.0, 0.5]}),
        ((A, B), (P, Q), {"loss": LOSSES, "loss_weights": {"p": 1, "q": 0.5}}),
        ({"b": B, "a": A}, {"q": Q, "p": P}, {"loss": LOSSES, "loss_weights": {"q": 0.5}}),
        ({"a": A.tolist(), "b": B}, [P[:, None], Q], {"loss": LOSSES, "loss_weights": [1, 0.5]}),
    ],
)
def test_by_place_and_by_name_are_the_same(x, y, compiled, eagerly):
    found = fit(two_by_two(**compiled, run_eagerly=eagerly), x, y)
    assert found == fit(two_by_two(loss=LOSSES, loss_weights=[1.0, 0.5]))


def test_one_loss_serves_all_outputs_and_an_output_may_have_none():
    history, _ = fit(two_by_two(loss="mse"))
    total = np.add(history["p_loss"], history["q_loss"])
    np.testing.assert_allclose(history["loss"], total, rtol=1e-6)
    for y in ([P, Q], {"q": Q}, [Q]):
        history, weights = fit(two_by_two(loss={"q": "mse"}), y=y)
        assert list(history) == ["loss"]
        assert weights == fit(two_by_two(loss=[None, "mse"]))[1]
    with pytest.raises(ValueError, match="y has nothing for the output 'q', which has a loss"):
        fit(two_by_two(loss="mse"), y={"p": P})


def test_weights_of_the_rows_for_all_outputs_or_for_each():
    w, v = np.linspace(0, 2, 30), np.linspace(1, 0, 30)
    q = two_by_two(loss="mse").predict([A, B], verbose=0)[1]
    unmoved = two_by_two(loss="mse")
    by_name = {"p": w, "q": v}
    results = unmoved.evaluate([A, B], [P, Q], sample_weight=by_name, verbose=0, return_dict=True)
    assert results["q_loss"] == pytest.approx((v * ((q - Q) ** 2).mean(axis=1)).mean(), rel=1e-5)
    same = fit(two_by_two(loss="mse"), sample_weight=[w, v])
    assert same == fit(two_by_two(loss="mse"), sample_weight=by_name)
    both = fit(two_by_two(loss="mse"), sample_weight=w)
    assert both == fit(two_by_two(loss="mse"), sample_weight=[w, w])
    assert both != fit(two_by_two(loss="mse"), sample_weight={"p": w})
    model = two_by_two(loss="mse", weighted_metrics={"q": ["mae"]}, metrics={"q": ["mae"]})
    history, _ = fit(model, sample_weight=by_name)
    assert {"q_mae", "q_weighted_mae"} < set(history)
    assert history["q_mae"] != history["q_weighted_mae"]


def test_a_model_of_ones_own_with_dicts():
    model = Branches()
    model.compile("sgd", LOSSES, metrics={"q": ["mae"]})
    history, _ = fit(model, {"a": A, "b": B}, {"q": Q, "p": P}, validation_split=0.1)
    assert {"loss", "p_loss", "q_loss", "q_mae", "val_q_mae"} <= set(history)
    outputs = model.predict({"a": A, "b": B}, verbose=0)
    assert list(outputs) == ["p", "q"] and outputs["q"].shape == (30, 2)
    assert model.predict_on_batch({"a": A, "b": B})["p"].shape == (30, 1)
    named = model.test_on_batch({"a": A, "b": B}, {"p": P, "q": Q}, return_dict=True)
    assert named["q_mae"] == pytest.approx(np.abs(outputs["q"] - Q).mean(), rel=1e-5)
    batch = model.train_on_batch({"a": A, "b": B}, {"p": P, "q": Q})
    assert batch == pytest.approx(list(named.values()))


def test_a_list_of_outputs_without_names():
    class Listed(Branches):
        def call(self, x):
            h = ops.concatenate(x, axis=-1)
            return [self.p(h), self.q(h)]

    model = Listed()
    model.compile("sgd", "mse", metrics=[None, ["mae"]])
    history, _ = fit(model)
    assert list(history) == ["loss", "output_1_loss", "output_2_loss", "output_2_mae"]
    assert model.predict((A, B), verbose=0)[1].shape == (30, 2)


def test_callbacks_know_the_names():
    model = two_by_two(loss=LOSSES, metrics={"p": ["accuracy"]})
    for monitor, mode in (("val_p_accuracy", "max"), ("q_loss", "min"), ("val_q_loss", "min")):
        stop = EarlyStopping(monitor, patience=9)
        fit(model, callbacks=[stop], validation_split=0.2)
        assert stop.mode == mode


def test_a_single_input_may_come_in_a_list_or_a_dict():
    a = Input((3,), name="a")
    model = Model(a, Dense(1, name="p")(a))
    model.compile("sgd", {"p": "mse"}, metrics={"p": ["mae"]}, loss_weights={"p": 2.0})
    expected = model.evaluate(A, P, verbose=0)
    for x, y in (([A], [P]), ({"a": A}, {"p": P}), ((A,), P[:, None])):
        assert model.evaluate(x, y, verbose=0) == expected
    assert model.metrics_names == ["loss", "mae"]
    assert expected[0] == pytest.approx(2 * ((model.predict(A, verbose=0)[:, 0] - P) ** 2).mean())


REFUSED = [
    (([A], [P, Q]), r"takes 2 inputs \(a, b\), but x is a list of 1; give a list of 2 arrays"),
    ((A, [P, Q]), r"takes 2 inputs \(a, b\), but x is of shape \(30, 3\)"),
    (({"a": A, "bb": B}, [P, Q]), r"but x has no 'b'. Is it 'bb'\?"),
    (([A, B[:5]], [P, Q]), r"x\['a'\] has 30 rows but x\['b'\] has 5 rows"),
    (([B, A], [P, Q]), r"takes rows of shape \(3,\), but x\['a'\] has shape \(30, 4\)"),
    (([A, B * np.nan], [P, Q]), r"x\['b'\] holds NaN in column 0, row 0"),
    (([A, B], P), r"has 2 outputs \(p, q\), but y is of shape \(30,\)"),
    (([A, B], {"p": P, "qq": Q}), "y names the output 'qq', which there is not. Did you mean 'q'"),
    (([A, B], [P, Q[:5]]), r"x has 30 rows but y\['q'\] has 5 rows"),
    (([A, B], [P, np.full((30, 2), "no")]), r"y\['q'\] holds text such as 'no'"),
    (([A, B], [P, Q[:, :1]]), r"Targets of shape \(30, 1\) do not fit outputs of shape \(30, 2\)"),
]


@pytest.mark.parametrize(("data", "words"), REFUSED)
def test_data_that_do_not_fit(data, words):
    with pytest.raises((ValueError, TypeError), match=words):
        fit(two_by_two(loss=LOSSES), *data)


def test_weights_that_do_not_fit():
    model = two_by_two(loss=LOSSES)
    with pytest.raises(ValueError, match=r"sample_weight\['p'\] has one weight for each row"):
        fit(model, sample_weight=[np.ones(3), np.ones(30)])
    with pytest.raises(ValueError, match="class_weight is for a model with one output"):
        fit(model, class_weight={0: 1.0, 1: 2.0})


@pytest.mark.parametrize(
    ("compiled", "words"),
    [
        ({"loss": ["mse"]}, r"has 2 outputs \(p, q\), so loss is a list with one entry"),
        ({"loss": {"pp": "mse"}}, "loss names the output 'pp', which there is not. Did you mean"),
        ({"loss": {"p": "mze"}}, "There is no loss called 'mze'. Did you mean 'mse'"),
        ({"loss": "mse", "metrics": ["mae"]}, r"so metrics is a list .* \{'p': \['mae'\]\}"),
        ({"loss": "mse", "metrics": {"q": ["maee"]}}, "no metric called 'maee'"),
        ({"loss": "mse", "loss_weights": [1.0]}, "so loss_weights is a list with one entry"),
        ({"loss": "mse", "loss_weights": {"p": "1"}}, "loss_weights holds numbers, .* not '1'"),
        ({"loss": "mse", "weighted_metrics": "mae"}, r"weighted_metrics=\['mae'\]"),
        ({"loss": "mse", "steps_per_execution": 0}, "steps_per_execution must be at least 1"),
    ],
)
def test_compile_looks_at_names_at_once(compiled, words):
    with pytest.raises((ValueError, TypeError), match=words):
        two_by_two(**compiled)


def test_several_losses_for_one_output_are_refused():
    a = Input((3,))
    with pytest.raises(ValueError, match="has one output, but loss holds 2 losses"):
        Model(a, Dense(1)(a)).compile("sgd", ["mse", "mae"])
    with pytest.raises(ValueError, match="one output, but loss_weights holds several"):
        Model(a, Dense(1)(a)).compile("sgd", "mse", loss_weights=[1, 2])
