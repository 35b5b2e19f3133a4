"""Every figure of the lessons: labelled with units, the same each time, true to its numbers."""

import re

import numpy as np
import pytest

from dlcore import plots

RNG = np.random.default_rng(0)
X = np.linspace(-2, 3, 40)
T = 0.5 * X + 4 + 0.3 * RNG.standard_normal(40)
MONTH = np.linspace(0, 12, 60)
GRID = np.linspace(-0.5, 1.5, 9)
XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR_INK = np.add.outer(np.arange(8), np.arange(8)) % 2 * 16
WORDS = {"title": "A title", "xlabel": "x (m)", "ylabel": "t (s)"}

FIGURES = {
    "scatter": lambda k: plots.scatter(X, T + k, {"fit": (X, T)}, **WORDS),
    "curves": lambda k: plots.curves({"loss": [3, 2, 1 + k]}, **WORDS),
    "neuron_on_bowl": lambda k: plots.neuron_on_bowl(X, T, 0.5 + k, 4.0),
    "search_path": lambda k: plots.search_path(X, T, [(0, 0), (k, 1)], [(0, 0), (0.5, 2)]),
    "descent_path": lambda k: plots.descent_path(
        X, T, {0.1: [(0, 0), (0.5 + k, 2)], 0.3: [(0, 0), (1, 3), (0.5, 4)]}
    ),
    "hinge_sum": lambda k: plots.hinge_sum(MONTH, MONTH, 5, 1 + k, [(2, 1), (7, -5), (9, 2)]),
    "function_and_slope": lambda k: plots.function_and_slope({"f": (X + k, X)}, X),
    "drawn_digit": lambda k: plots.drawn_digit(
        [[[0.2, 0.3 + k], [0.8, 0.5]], [[0.5, 0.5]]], XOR_INK + k, np.eye(10)[3]
    ),
    "picture_row": lambda k: plots.picture_row(np.stack([XOR_INK, XOR_INK + 10 * k]), "37"),
    "plane": lambda k: plots.plane(
        XOR, [0, 1, 1, 0], k + np.add.outer(GRID, GRID), title="Two hinges"
    ),
    "boundary": lambda k: plots.boundary(
        GRID, GRID, (1 - k) / (1 + np.exp(-np.add.outer(GRID, 2 * GRID))), XOR, [0, 1, 1, 0],
        names=("Age", "Income"),
    ),
    "loss_history": lambda k: plots.loss_history([0.9, 0.8, 0.7 + k], [0.9, 0.7 - k], 3),
    "penguin_cloud": lambda k: plots.penguin_cloud(X, T + k, X),
    "year": lambda k: plots.year(X / 3, T + k, {"a line": X}),
    "network_on_plane": lambda k: plots.network_on_plane(
        lambda x: x.sum(axis=1) / 2 - k, XOR, [0, 1, 1, 0], title="Half the sum"
    ),
    "one_of_each": lambda k: plots.one_of_each(
        np.stack([XOR_INK, XOR_INK + 10 * k, XOR_INK]), np.array([3, 7, 3])
    ),
    "credit_map": lambda k: plots.credit_map(
        (GRID, GRID, (1 - k) / (1 + np.exp(-np.add.outer(GRID, GRID)))), XOR, [0, 1, 1, 0], (0, 1)
    ),
    "deciding": lambda k: plots.deciding(
        XOR - 0.4, np.array([[0], [1], [1], [0]]), 30 + 90 * k, 2
    ),
    "losses_and_slopes": lambda k: plots.losses_and_slopes({"f": (X + k, X)}, X),
    "roc_curve": lambda k: plots.roc_curve(
        np.array([[0.1], [0.8 - k], [0.6], [0.9]]), np.array([[0], [1], [0], [1]])
    ),
    "belief": lambda k: plots.belief([1 + k, 0, -1], 1),
    "beliefs": lambda k: plots.beliefs(
        np.zeros((2, 8, 8)), np.array([[0.5, 0.5 - k / 4], [0, 1]]), np.array([0, 1])
    ),
    "confusion": lambda k: plots.confusion(np.array([[5, 1 + round(9 * k)], [2, 7]]), ("a", "b")),
    "error_row": lambda k: plots.error_row(
        np.stack([XOR_INK, XOR_INK + 10 * k]) / 16, ["a for b", "b for a"], "Two mistakes"
    ),
    "epoch_losses": lambda k: plots.epoch_losses({"SGD": [3, 2, 1 + k], "Adam": [2, 1.5, 1]}),
    "rate_curve": lambda k: plots.rate_curve(np.arange(9), np.arange(9) / 10 + k),
    "route": lambda k: plots.route(
        [XOR_INK / 16, XOR_INK[:2, :3] - 8], [XOR_INK - k, XOR_INK[:2, :3]],
        [(-1, 2, 4, 4), (0, 1, 1, 1)], ["the digit", "behind it"],
    ),
    "two_accuracies": lambda k: plots.two_accuracies([0.3, 0.8], [0.6 + k, 0.5], 0.7),
    "two_losses": lambda k: plots.two_losses({"loss": [0.6, 0.5 - k], "val_loss": [0.6, 0.7]}),
    "colour_rows": lambda k: plots.colour_rows(
        {"a": np.full((2, 4, 4, 3), 0.5 - k), "b": np.zeros((2, 4, 4, 3))}, "37"
    ),
    "colour_pictures": lambda k: plots.colour_pictures(
        np.full((2, 4, 5, 3), 99 - 90 * k), ["a", "b"], "Two pictures"
    ),
    "recipe_shares": lambda k: plots.recipe_shares({"a": ([0.9], [0.5 + k]), "b": ([0.7], [0.6])}),
    "two_trainings": lambda k: plots.two_trainings(
        ([0.5, 0.9], [0.4, 0.5 + k]), ([0.4, 0.6], [0.4, 0.6]), ("a", "b"), "Two trainings"
    ),
    "ladder": lambda k: plots.ladder({"a": 1e-3 + k, "b": 2e-6}, "here"),
    "ladder_by_size": lambda k: plots.ladder_by_size(
        {1: {"a": 1e-6, "b": 2e-6}, 8: {"a": 1e-3 + k, "b": 2e-6}}, ("a", "b"), "here"
    ),
    "network": lambda k: plots.network(
        [np.array([[1, -2, 0.5], [0, 1 + k, 3]]), np.zeros(3), np.ones((3, 1)), np.zeros(1)],
        ("Age", "Income"),
    ),
    "backprop": lambda k: plots.backprop(
        {name: np.arange(6.0).reshape(2, 3) - k for name in
         ("x", "w1", "z1", "h", "w2", "z2", "y", "dy", "dz2", "dw2", "dh", "dz1", "dw1")}
        | {"loss": np.float32(0.5 + k)}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_axes_have_titles_and_units(name):
    for axes in FIGURES[name](0).axes:
        if axes.get_label() == "<colorbar>":
            continue
        assert axes.get_title(loc="left")
        for text in (axes.get_xlabel(), axes.get_ylabel()):
            assert re.search(r"\(.+\)", text), f"{text!r} has no unit"


@pytest.mark.parametrize("name", FIGURES)
def test_same_bytes_each_time_and_other_bytes_for_other_numbers(name):
    same, again, other = FIGURES[name](0), FIGURES[name](0), FIGURES[name](0.3)
    first = plots.png(same, 60)
    assert first == plots.png(again, 60)
    assert first != plots.png(other, 60)
    assert plots.describe(same) != plots.describe(other)


@pytest.mark.parametrize("name", FIGURES)
def test_arguments_are_left_alone(name):
    before = X.copy(), T.copy(), MONTH.copy()
    FIGURES[name](0)
    for was, now in zip(before, (X, T, MONTH), strict=True):
        np.testing.assert_array_equal(was, now)


def test_every_public_figure_is_tested():
    tools = {"describe", "png", "report", "show"}
    assert set(plots.__all__) - tools == set(FIGURES)


def test_curves_are_drawn_in_the_order_of_x():
    shuffled = RNG.permutation(X)
    line = plots.scatter(X, T, {"c": (shuffled, shuffled**2)}, **WORDS).axes[0].lines[0]
    np.testing.assert_allclose(line.get_xdata(), np.sort(X))
    np.testing.assert_allclose(line.get_ydata(), np.sort(X) ** 2)


def test_colours_differ_also_in_grey_or_by_kind_of_line():
    from dlcore.plots.style import CYCLE

    assert len({dashes for _, dashes in CYCLE}) == len(CYCLE)


def test_loss_in_the_title_is_that_of_the_neuron():
    title = plots.neuron_on_bowl(X, T, 0.2, 3.0).axes[1].get_title(loc="left")
    assert f"{np.mean((0.2 * X + 3 - T) ** 2):.2f}" in title


def test_bowl_has_the_height_of_the_loss():
    axes = plots.neuron_on_bowl(X, T, 0, 4).axes[1]
    bowl = next(each for each in axes.collections if hasattr(each, "zmin"))
    w, b = np.meshgrid(np.linspace(-1, 2, 61), np.linspace(2, 6, 61))
    loss = np.mean((w[..., None] * X + b[..., None] - T) ** 2, axis=-1)
    assert (bowl.zmin, bowl.zmax) == pytest.approx((loss.min(), loss.max()))


def test_the_walks_are_drawn_with_their_losses():
    path = [(0, 0), (0.2, 3), (0.5, 4)]
    left, right = plots.descent_path(X, T, {0.1: path, 0.3: path[:2]}).axes
    ways = {line.get_label(): line.get_xydata() for line in left.lines}
    falls = {line.get_label(): line.get_ydata() for line in right.lines}
    np.testing.assert_allclose(ways["rate 0.1"], path)
    np.testing.assert_allclose(falls["rate 0.1"], [np.mean((w * X + b - T) ** 2) for w, b in path])
    assert len(falls["rate 0.3"]) == 2 and right.get_yscale() == "log"
    slope = np.array([np.mean(-2 * T * X), np.mean(-2 * T)])
    np.testing.assert_allclose(ways["against the slope"][1], -0.1 * slope)


def test_hinges_sum_to_the_curve():
    figure = plots.hinge_sum(MONTH, MONTH, 5, 1, [(2, 1), (7, -5), (9, 2)])
    pieces = [line for line in figure.axes[0].lines if len(line.get_ydata()) > 2]
    total = next(line for line in figure.axes[1].lines if len(line.get_ydata()) > 3)
    np.testing.assert_allclose(sum(p.get_ydata() for p in pieces), total.get_ydata())


def test_show_prints_the_text_outside_a_notebook(capsys):
    figure = FIGURES["curves"](0)
    plots.show(figure)
    assert capsys.readouterr().out == plots.describe(figure) + "\n"


def test_show_is_one_output_of_picture_and_text(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append((a, k)))
    figure = FIGURES["curves"](0)
    plots.show(figure)
    ((bundle,), options) = shown[0]
    assert len(shown) == 1 and options["raw"]
    assert bundle["text/plain"] == plots.describe(figure)
    assert bundle["image/png"].startswith(b"\x89PNG")
    look = options["metadata"]["image/png"]
    assert look["alt"] == plots.describe(figure)
    assert [look["width"], look["height"]] == (96 * figure.get_size_inches()).round().tolist()


@pytest.mark.parametrize("name", FIGURES)
def test_a_small_file_keeps_the_colours(name):
    import io

    from PIL import Image

    whole = io.BytesIO()
    FIGURES[name](0).savefig(whole, format="png", dpi=96)
    small = plots.png(FIGURES[name](0), 96)
    before, after = (
        np.asarray(Image.open(file).convert("RGB"), int) for file in (whole, io.BytesIO(small))
    )
    assert len(small) < 0.75 * len(whole.getvalue())
    assert np.abs(after - before).max() <= 8  # of 255


def test_edges_of_the_network_carry_the_weights():
    w1, w2 = np.array([[1, -2], [0.5, 3], [0, 1]]), np.array([[-4.0], [1]])
    figure = plots.network([w1, np.zeros(2), w2, np.zeros(1)], ("a", "b", "c"))
    edges = [np.asarray(each.get_array()) for each in figure.axes[0].collections]
    np.testing.assert_array_equal(edges[0], w1.ravel())
    np.testing.assert_array_equal(edges[1], w2.ravel())
    assert figure.axes[0].collections[0].norm.vmax == 4
    assert "largest weight 4.00" in figure.axes[0].get_title(loc="left")


def test_gradients_appear_from_the_right_one_by_one():
    flow = {name: np.full((2, 2), 1.0) for name in ("x", "w1", "z1", "h", "w2", "z2", "y")}
    flow |= {f"d{name}": 2 * value for name, value in flow.items()} | {"loss": np.ones(())}
    names = [
        [axes.images[0].get_label() for axes in plots.backprop(flow, found).axes]
        for found in range(7)
    ]
    assert [len(each) for each in names] == [7, 8, 9, 10, 11, 12, 13]
    new = [set(b) - set(a) for a, b in zip(names, names[1:], strict=False)]
    assert new == [{"dy"}, {"dz2"}, {"dw2"}, {"dh"}, {"dz1"}, {"dw1"}]


def test_the_line_is_drawn_only_where_the_output_crosses_one_half():
    names = {"names": ("a", "b")}
    crossing = plots.boundary(GRID, GRID, np.tile(np.linspace(0.2, 0.8, 9), (9, 1)), XOR, XOR[:, 0],
                              **names)  # fmt: skip
    below = plots.boundary(GRID, GRID, np.full((9, 9), 0.3), XOR, XOR[:, 0], **names)
    assert len(crossing.axes[0].collections) == 2 and len(below.axes[0].collections) == 1
