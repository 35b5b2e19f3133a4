"""The feature maps of lesson 16 without a browser: its model, its picture, its shell."""

import numpy as np
import pytest

from dlcore import Input, Sequential, utils
from dlcore.backends.numba import blas
from dlcore.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
    RandomFlip,
)
from dlcore.plots import describe
from dlcore.plots.scene import as_json, photo_pixels
from dlcore.widgets import FeatureModel, feature_viewer
from dlcore.widgets import features as room

RNG = np.random.default_rng(4)
X = RNG.uniform(-1, 1, (12, 16, 16, 3)).astype(np.float32)


def small(bent):
    """Two convolutions with their bend inside, or with batch normalisation and a bend behind."""
    utils.set_random_seed(1 + bent)
    model = Sequential([Input((16, 16, 3)), RandomFlip("horizontal")])
    for filters in (5, 7):
        model.add(Conv2D(filters, 3, padding="same", activation="relu" if bent else None))
        if not bent:
            model.add(BatchNormalization())
            model.add(Activation("relu"))
        model.add(MaxPooling2D(2))
    model.add(Flatten())
    model.add(Dense(4, activation="softmax"))
    return model


@pytest.fixture
def model():
    return FeatureModel({"bent": small(True), "normal": small(False)}, X)


def test_the_stages_are_the_layers_by_their_names(model):
    assert model.stage_names == ("relu 1", "pool 1", "relu 2", "pool 2")
    model.update(network="normal")
    assert model.stage_names == tuple(
        f"{word} {place}" for place in (1, 2) for word in ("conv", "norm", "relu", "pool")
    )


def test_maps_are_what_the_layers_give_and_nothing_is_moved_at_random(model):
    network = model.networks["bent"]
    first, pool, second = (network.layers[place] for place in (1, 2, 3))
    x = X[3:4]
    for stage, given in (("relu 1", first(x)), ("relu 2", second(pool(first(x))))):
        model.update(stage=stage, picture=3)
        np.testing.assert_allclose(model.maps(), given.numpy()[0], atol=1e-5)


@pytest.mark.parametrize(("stage", "shift", "by"), [("relu 1", 2, 2), ("pool 1", 2, 1)])
def test_maps_move_along_with_the_picture(model, stage, shift, by):
    model.update(stage=stage, picture=5)
    still = model.maps()
    model.update(right=shift)
    np.testing.assert_allclose(model.maps()[2:-2, 2 + by : -2], still[2:-2, 2 : -2 - by], atol=1e-5)
    model.update(right=0, down=shift)
    np.testing.assert_allclose(model.maps()[2 + by : -2, 2:-2], still[2 : -2 - by, 2:-2], atol=1e-5)


def test_a_shift_by_one_is_no_move_behind_a_pooling(model):
    model.update(stage="pool 1", picture=5)
    still = model.maps()
    model.update(right=1)
    for by in (0, 1):
        moved = model.maps()[2:-2, 2 + by : -2]
        assert np.abs(moved - still[2:-2, 2 : -2 - by or None][:, : moved.shape[1]]).max() > 0.1


def test_mirrored_and_shifted_pictures(model):
    model.update(picture=2, flip=True)
    np.testing.assert_array_equal(model.input(), X[2][:, ::-1])
    model.update(flip=False, down=-1, right=3)
    y = model.input()
    np.testing.assert_array_equal(y[:-1, 3:], X[2][1:, :-3])
    assert not y[-1].any() and not y[:, :3].any()


def test_a_draw_is_what_training_does_and_the_same_for_one_number(model):
    draws = []
    for number in (1, 2, 3, 4):
        model.update(draw=number)
        draws.append(model.input())
    assert len({each.tobytes() for each in (X[0], *draws)}) == 5
    model.update(draw=2)
    np.testing.assert_array_equal(model.input(), draws[1])


def test_dead_filters_and_the_pictures_that_are_answered_most(model):
    first = model.networks["bent"].layers[1]
    kernel, bias = first.get_weights()
    bias[:] = [0, -100, 0, 0, 0]
    first.set_weights([kernel, bias])
    fresh = FeatureModel(model.networks, X)
    assert fresh.dead().tolist() == [False, True, False, False, False]
    assert "dead: 1 of 5" in fresh.report()
    strongest = first(X).numpy()[..., 2].max(axis=(1, 2))
    fresh.update(filter=2)
    assert fresh.top().tolist() == np.argsort(-strongest)[:9].tolist()
    crosses = [m for p in room.scene(fresh).panels for m in p.marks if m.name == "dead"]
    assert len(crosses) == 1 and len(crosses[0].data["x"]) == 1


def test_all_pictures_pass_a_network_once_and_never_by_two_pools_of_threads(monkeypatch):
    """Else each new stage lets a hand wait, and each product on a busy machine."""
    networks = {"normal": small(False), "bent": small(True)}
    rows = []
    call = Conv2D.call

    def counted(layer, x):
        rows.append((len(x), blas._held is not None))
        return call(layer, x)

    monkeypatch.setattr(Conv2D, "call", counted)
    model = FeatureModel(networks, X)
    for network in ("normal", "bent"):
        model.update(network=network)
        for stage in model.stage_names:
            model.update(stage=stage, filter=2)
            room.scene(model)
    assert sum(count for count, _ in rows if count > 1) == 2 * 2 * len(X)
    assert all(held for _, held in rows)


def test_the_picture_travels_in_its_own_colours(model):
    model.colours = np.round(model.colours)
    model.update(picture=3)
    mark = room.scene(model).panels[0].marks[0]
    np.testing.assert_array_equal(photo_pixels(mark), model.colours[3])


def test_everything_that_a_hand_can_set_changes_the_picture():
    viewer = feature_viewer({"bent": small(True), "normal": small(False)}, X)
    for name, value in (
        ("picture", 4), ("filter", 3), ("down", 2), ("right", -3), ("flip", 1), ("stage", 1),
        ("network", 1),
    ):  # fmt: skip
        answer = viewer.asked({"number": 1, "set": {name: value}})
        assert not answer["trouble"], name
        paths = [path for path, _ in answer["changes"]]
        assert any(path[:2] == ["scene", "panels"] for path in paths), name


def test_another_network_keeps_the_stage_where_it_has_it():
    viewer = feature_viewer({"normal": small(False), "bent": small(True)}, X)
    viewer.asked({"number": 1, "set": {"stage": viewer.offers["stage"].index("relu 2")}})
    viewer.asked({"number": 2, "set": {"filter": 6}})
    assert viewer.model.filter == 6
    viewer.asked({"number": 3, "set": {"network": 1}})
    assert (viewer.model.stage, viewer.model.filter) == ("relu 2", 6)
    viewer.asked({"number": 4, "set": {"stage": 0}})
    assert (viewer.model.stage, viewer.model.filter) == ("relu 1", 4)
    answer = viewer.asked({"number": 5, "set": {"stage": 4}})
    assert "is not offered" in answer["trouble"]


def test_start_again_puts_all_back():
    viewer = feature_viewer({"normal": small(False), "bent": small(True)}, X)
    start, shown = viewer.values(), as_json(viewer.scene())
    for number, name in enumerate(("network", "stage", "filter", "right", "flip")):
        viewer.asked({"number": number, "set": {name: 1}})
    viewer.asked({"number": 9, "action": "draw"})
    assert viewer.values() != start
    answer = viewer.asked({"number": 10, "action": "again"})
    assert answer["halt"] and not answer["trouble"]
    assert viewer.values() == start and as_json(viewer.scene()) == shown


def test_the_figure_shows_the_networks_side_by_side_and_changes_nothing(model):
    model.update(picture=1, filter=2)
    before = as_json(room.scene(model))
    figure = room.draw(model)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "The picture", "relu 1: bent", "relu 1: normal",
    ]  # fmt: skip
    assert as_json(room.scene(model)) == before
    model.update(picture=2)
    assert describe(room.draw(model)) != describe(figure)


def test_a_network_without_convolutions_is_named():
    with pytest.raises(ValueError, match="'plain' has no convolution"):
        FeatureModel({"plain": Sequential([Input((4,)), Dense(2)], name="plain")}, X)
