"""The cockpit without its buttons: same start, same steps, same numbers; true gradients; export."""

import contextlib
import io

import numpy as np
import pytest

from dlcore.engine import random
from dlcore.losses import BinaryCrossentropy
from dlcore.tensor import Tensor, gradients
from dlcore.widgets.cockpit_model import CHOICES, GRADIENTS, CockpitModel
from dlcore.widgets.own_data import Data, credit_data, from_csv, from_text

RNG = np.random.default_rng(3)
TABLE = "length,width,kind\n" + "\n".join(
    f"{a:.3f};{b:.3f};{'big' if a + b > 0 else 'small'}".replace(";", ",")
    for a, b in RNG.normal(size=(45, 2))
)


@pytest.fixture(scope="module")
def small():
    return from_text(TABLE)


def same(model, other):
    return all(np.array_equal(a, b) for a, b in zip(model, other, strict=True))


def test_rewind_and_the_same_steps_give_the_same_bits(small):
    model = CockpitModel(small, batch_size=10)
    start, losses = model.weights, []
    model.step(13)
    end, losses, epochs = model.weights, model.losses, model.epoch_losses
    assert not same(start, end) and len(losses) == 13 and len(epochs) == 3
    model.rewind()
    assert same(model.weights, start) and model.done == 0 and model.losses == []
    for _ in range(13):
        model.step()
    assert same(model.weights, end) and model.losses == losses and model.epoch_losses == epochs


def test_rewind_gives_the_same_batches_and_another_seed_gives_others(small):
    def batches(seed):
        model = CockpitModel(small, seed, batch_size=10)
        for _ in range(7):
            yield model.batch[0].copy()
            model.step()

    first, again, other = list(batches(0)), list(batches(0)), list(batches(1))
    assert [len(each) for each in first] == [10, 10, 10, 10, 5, 10, 10]
    assert same(first, again) and not same(first, other)
    assert not np.array_equal(first[0], first[5]), "a new epoch has a new order"


def test_an_epoch_takes_every_row_once(small):
    model = CockpitModel(small, batch_size=10)
    seen = []
    for _ in range(model.steps_per_epoch):
        seen.append(model.batch[0])
        model.step()
    rows, expected = np.concatenate(seen), small.x
    np.testing.assert_array_equal(np.sort(rows, axis=0), np.sort(expected, axis=0))


def test_it_leaves_the_chance_of_others_alone(small):
    random.set_seed(5)
    expected = random.permutation(10)
    random.set_seed(5)
    CockpitModel(small).step(3)
    np.testing.assert_array_equal(random.permutation(10), expected)


@pytest.mark.parametrize("name", CHOICES)
def test_each_choice_changes_the_training_and_rewinds(name, small):
    ends = []
    for value in CHOICES[name]:
        model = CockpitModel(small)
        model.step(4)
        model.choose(**{name: value})
        assert model.done == 0 and getattr(model, name) == value
        model.step(4)
        assert not model.trouble
        ends.append(np.concatenate([w.ravel() for w in model.weights]))
    different = {end.tobytes() for end in ends}
    # Of 45 rows a batch of 100 and one of 500 are the same.
    assert len(different) == len(ends) - (name == "batch_size")


def test_what_is_not_offered_is_refused(small):
    with pytest.raises(ValueError, match="activation='tan' is not offered; choose one of"):
        CockpitModel(small, activation="tan")
    with pytest.raises(ValueError, match="speed=3 is not offered"):
        CockpitModel(small).choose(speed=3)


@pytest.mark.parametrize("activation", CHOICES["activation"])
def test_the_flow_shows_the_gradients_that_the_tape_finds(activation, small):
    model = CockpitModel(small, activation=activation, batch_size=10)
    model.step(3)
    before = model.weights
    flow = model.flow()
    assert same(before, model.weights), "looking is no step"
    x, t = model.batch
    loss = BinaryCrossentropy()(t[:, None], model.network(Tensor(x)))
    found = gradients(loss, model.network.trainable_weights)
    for name, gradient in zip(("dw1", "db1", "dw2", "db2"), found, strict=True):
        np.testing.assert_allclose(flow[name], gradient, rtol=1e-4, atol=1e-7, err_msg=name)
    assert flow["loss"] == pytest.approx(float(loss), rel=1e-5)
    for name in GRADIENTS:
        assert flow[name].shape == flow[name[1:]].shape
    expected = flow["w2"] - model.learning_rate * flow["dw2"]
    model.step()
    np.testing.assert_allclose(model.weights[2], expected, rtol=1e-5, atol=1e-7)


def test_boundary_is_the_output_with_the_other_inputs_at_their_mean():
    model = CockpitModel(credit_data())
    model.step(20)
    model.look_at(2, 4)
    across, up, output = model.boundary()
    place = model.data.x.mean(axis=0)
    place[2], place[4] = across[3], up[30]
    assert output[30, 3] == pytest.approx(model.outputs(place[None])[0], abs=1e-5)
    before = output.copy()
    model.look_at(4, 2)
    assert not np.allclose(model.boundary()[2], before)


def test_it_learns_the_credit_data():
    model = CockpitModel(credit_data())
    first = model.loss
    model.step(3 * model.steps_per_epoch)
    assert model.loss < first - 0.05 and model.loss < 0.55
    assert model.accuracy() > 0.72 and model.accuracy(test=True) > 0.72
    assert "3 whole epochs and 0 of 105 batches" in model.report()
    assert f"on unseen rows {model.accuracy(test=True):.3f}" in model.report()


def run(text):
    scope: dict = {}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(text, "exported", "exec"), scope)
    return scope["model"].get_weights()


@pytest.mark.parametrize("steps", [0, 3, 5, 12])
def test_the_exported_program_gives_the_same_bits(steps, small):
    model = CockpitModel(small, seed=4, units=3, activation="tanh", batch_size=10)
    model.step(steps)
    assert same(run(model.export()), model.weights)


def test_the_exported_program_of_the_credit_data_gives_the_same_bits():
    model = CockpitModel(credit_data(), learning_rate=0.3, units=6)
    model.step(model.steps_per_epoch + 7)
    text = model.export()
    assert same(run(text), model.weights)
    assert "credit.load_data()" in text and "epochs=1, batch_size=32" in text
    assert not same(run(text.replace("rate=0.3", "rate=0.1")), model.weights)


def test_a_broken_loss_is_said_and_stops(small):
    broken = Data(small.names, small.classes, small.x, small.t, None, "")
    model = CockpitModel(broken, batch_size=10)
    weights = model.weights
    model.network.set_weights([np.full_like(w, np.nan) for w in weights])
    model.step(4)
    assert model.trouble and model.trouble in model.report() and model.done == 0


def test_a_table_is_read_with_any_separator_and_from_a_file(small, tmp_path):
    for other in (TABLE.replace(",", ";"), TABLE.replace(",", "\t"), TABLE.replace("\n", "\n\n")):
        assert np.array_equal(from_text(other).x, small.x)
    (tmp_path / "own.csv").write_text(TABLE, encoding="utf-8-sig")
    assert from_csv(tmp_path / "own.csv").names == ("length", "width")
    assert small.classes == ("big", "small") and set(small.t) == {0, 1}
    np.testing.assert_allclose(small.x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(small.x.std(axis=0), 1, atol=1e-6)


ROWS = "1,2,a\n2,3,b\n3,4,a\n4,5,b"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lines so far: 0"),
        (f"x,y,c\n{ROWS}\n5,a", "Row 5 has 2 columns, but there are 3 names: x, y, c"),
        (f"x,y,c\n{ROWS}\n5,?,a", "Row 5, column y holds '\\?', which is not a number"),
        (f"x,y,c\n{ROWS}\n5,nan,a", "column y holds 'nan'"),
        (f"x,y,c\n{ROWS}\n5,6,d", "last column, c, holds 3 different values"),
        ("1,2,0\n2,3,1\n3,4,0\n4,5,1\n5,6,1", "put a line of names above it"),
        ("x,c\n1,a\n2,b\n3,a\n4,b", "at least two inputs"),
        ("x,y,c\n" + "1,2,a\n" * 5001, "5001 rows"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_words(text, said):
    with pytest.raises(ValueError, match=said):
        from_text(text)


def test_other_data_start_afresh(small):
    model = CockpitModel(credit_data())
    model.step(2)
    model.use(small)
    assert model.done == 0 and model.weights[0].shape == (2, 4)
    assert {model.across, model.up} == {0, 1}
    model.step(3)
    assert "unseen" not in model.report()


def test_accuracy_is_of_the_rows_that_are_asked_for():
    model = CockpitModel()
    (x, t), (x_test, t_test) = (model.data.x, model.data.t), model.data.test
    seen, unseen = (
        np.mean((model.outputs(a) > 0.5) == (b == 1)) for a, b in ((x, t), (x_test, t_test))
    )
    assert seen != unseen
    assert model.accuracy() == pytest.approx(seen)
    assert model.accuracy(test=True) == pytest.approx(unseen)


def test_the_two_inputs_that_tell_most_are_shown_first_and_nearly_whole():
    model = CockpitModel()
    assert [model.data.names[i] for i in (model.across, model.up)] == ["Seniority", "Amount"]
    for places, column in zip(model.boundary()[:2], (model.across, model.up), strict=True):
        inside = (model.data.x[:, column] >= places[0]) & (model.data.x[:, column] <= places[-1])
        assert inside.mean() > 0.97


def test_the_picture_of_the_credit_data_tells_something():
    """Both sides of one half are seen, and most points stand on the side of their class."""
    model = CockpitModel()
    model.step(10 * model.steps_per_epoch)
    across, up, output = model.boundary()
    assert 0.1 < (output > 0.5).mean() < 0.9
    x, t = model.data.x[:300], model.data.t[:300]
    cells = [
        np.clip(np.searchsorted(places, x[:, column]), 0, len(places) - 1)
        for places, column in ((across, model.across), (up, model.up))
    ]
    assert len(set(zip(*cells, strict=True))) > 0.6 * len(x), "few points hide others"
    guesses = output[cells[1], cells[0]] > 0.5
    assert np.mean(guesses == (t == 1)) > 0.74 > np.mean(t == 0)


def test_inputs_that_pile_up_or_tell_nothing_are_not_shown_first():
    t = RNG.random(400) < 0.5
    good, steps, noise = RNG.normal(size=(3, 400))
    columns = [noise, steps > 0, good + t, noise * 0, RNG.normal(size=400) - t]
    rows = "\n".join(
        ",".join(f"{float(column[i]):.3f}" for column in columns) + f",{'ab'[int(t[i])]}"
        for i in range(400)
    )
    model = CockpitModel(from_text("noise,steps,good,flat,better,kind\n" + rows))
    assert {model.data.names[i] for i in (model.across, model.up)} == {"good", "better"}


def test_one_epoch_is_not_called_epochs():
    model = CockpitModel(batch_size=500)
    model.step(model.steps_per_epoch)
    assert model.report().startswith("1 whole epoch and 0 of 7 batches")


def test_decimal_commas_are_read(small):
    with_commas = TABLE.replace(",", ";").replace(".", ",")
    assert np.array_equal(from_text(with_commas).x, small.x)
    tabs = TABLE.replace(",", "\t").replace(".", ",")
    assert np.array_equal(from_text(tabs).x, small.x)
    head = with_commas.replace("length;width", "length, in cm;width, in cm", 1)
    assert from_text(head).names == ("length, in cm", "width, in cm")
    quoted = from_text('a,b,kind\n"1,5",7,x\n"2,5",6,y\n"3,0",5,x\n"4,0",4,y')
    plain = from_text("a,b,kind\n1.5,7,x\n2.5,6,y\n3.0,5,x\n4.0,4,y")
    assert np.array_equal(quoted.x, plain.x)


def test_the_program_of_a_table_with_decimal_commas_gives_the_same_bits():
    model = CockpitModel(from_text(TABLE.replace(",", ";").replace(".", ",")), batch_size=10)
    model.step(7)
    assert same(run(model.export()), model.weights)


def test_a_column_that_mixes_point_and_comma_is_refused():
    with pytest.raises(ValueError, match="Column a holds '1.5' and '2,5'; write all"):
        from_text("a;b;kind\n1.5;7;x\n2,5;6;y\n3;5;x\n4;4;y")


def test_decimal_commas_between_commas_are_explained():
    with pytest.raises(ValueError, match='write 3.5 or "3,5", not 3,5'):
        from_text("a,b,kind\n1,5,7,x\n2,5,6,y\n3,5,5,x\n4,5,4,y")


def test_many_steps_at_once_give_the_bits_and_losses_of_single_ones(small):
    """Several batches go by `fit`, which replays its steps, and one by `train_on_batch`."""
    together, one_by_one = (CockpitModel(small, batch_size=10) for _ in range(2))
    for count in (1, 2, 7, 10):
        together.step(count)
        for _ in range(count):
            one_by_one.step()
        assert same(together.weights, one_by_one.weights)
        assert together.losses == one_by_one.losses
        assert together.epoch_losses == one_by_one.epoch_losses


def test_a_column_that_never_changes_becomes_nought():
    data = from_text("a,b,kind\n1,7,x\n2,7,y\n3,7,x\n4,7,y")
    assert np.all(data.x[:, 1] == 0) and np.isfinite(data.x).all()


def test_the_second_class_of_the_alphabet_is_target_one_and_four_rows_are_the_least():
    data = from_text("a,b,kind\n1,7,y\n2,6,x\n3,5,x\n4,4,y")
    assert data.classes == ("x", "y") and data.t.tolist() == [1, 0, 0, 1]
    with pytest.raises(ValueError, match="lines so far: 4"):
        from_text("a,b,kind\n1,7,y\n2,6,x\n3,5,x")
