"""plot_model: which boxes and arrows there are, that none lie on others, and what is refused."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from dlcore import Input, Model, Sequential, layers
from dlcore.utils import model_to_dot, plot_model
from dlcore.utils.layered_layout import lay_out

SVG = "{http://www.w3.org/2000/svg}"


def branched():
    """Two inputs, a branch that skips two layers, and two outputs."""
    a, b = Input((16,), name="words"), Input((4,), name="more")
    h = layers.Dense(16, activation="relu", name="h")(a)
    far = layers.Dense(16, name="far")(layers.Dense(16, name="near")(h))
    both = layers.Concatenate(name="both")([layers.Add(name="sum")([far, h]), b])
    return Model([a, b], [layers.Dense(1, name="y")(both), layers.Dense(2, name="z")(both)])


def nested():
    i = Input((6,), name="i")
    encoder = Model(i, layers.Dense(3, name="inner")(i), name="encoder")
    head = Sequential([Input((3,)), layers.Dense(2, name="last")], name="head")
    p, q = Input((6,), name="p"), Input((6,), name="q")
    return Model([p, q], head(layers.Add(name="sum")([encoder(p), encoder(q)])), name="outer")


def drawn(model, **said):
    """The titles of the boxes, what else is said, and the frames, as the picture has them."""
    svg = ET.fromstring(plot_model(model, None, show_layer_names=True, **said).data)
    texts = [(text.text, text.get("font-weight")) for text in svg.iter(f"{SVG}text")]
    boxes = [
        tuple(float(rect.get(key)) for key in ("x", "y", "width", "height"))
        for rect in svg.iter(f"{SVG}rect")
        if rect.get("fill") == "white" and rect.get("x")
    ]
    titles = [text for text, weight in texts if weight]
    return titles, [text for text, weight in texts if not weight], boxes, svg


def ends(svg):
    """Where the arrows begin and end."""
    points = [
        re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d")) for path in svg.iter(f"{SVG}path")
    ]
    return [tuple((float(x), float(y)) for x, y in (way[0], way[-1])) for way in points]


def joined(model, **said):
    """The pairs of titles that arrows join, by where their ends lie."""
    titles, _, boxes, svg = drawn(model, **said)
    titles = [title for title in titles if not title.startswith(("encoder", "head"))]

    def at(point):
        near = [
            title
            for title, (x, y, width, height) in zip(titles, boxes, strict=True)
            if x - 0.2 <= point[0] <= x + width + 0.2 and y - 0.2 <= point[1] <= y + height + 0.2
        ]
        assert len(near) == 1
        return near[0].split(" ")[0]

    return sorted((at(start), at(end)) for start, end in ends(svg))


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_arrows_join_the_boxes_that_tensors_join(rankdir):
    expected = [
        ("both", "y"), ("both", "z"), ("far", "sum"), ("h", "near"), ("h", "sum"),
        ("more", "both"), ("near", "far"), ("sum", "both"), ("words", "h"),
    ]  # fmt: skip
    assert joined(branched(), rankdir=rankdir) == expected
    inside = [("i", "inner"), ("i", "inner"), ("inner", "sum"), ("inner", "sum")]
    inside += [("p", "i"), ("q", "i"), ("sum", "last")]
    assert joined(nested(), rankdir=rankdir, expand_nested=True) == inside


def overlap(a, b):
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


@pytest.mark.parametrize("said", [{}, {"rankdir": "LR"}, {"show_shapes": True}])
@pytest.mark.parametrize("model", [branched, nested])
def test_boxes_lie_apart_inside_of_the_picture(model, said):
    _, _, boxes, svg = drawn(model(), expand_nested=True, **said)
    width, height = float(svg.get("width")), float(svg.get("height"))
    for n, box in enumerate(boxes):
        assert box[0] >= 0 and box[1] >= 0
        assert box[0] + box[2] <= width and box[1] + box[3] <= height
        assert not any(overlap(box, other) for other in boxes[:n])
    for start, end in ends(svg):
        forward = (end[0] - start[0]) if said.get("rankdir") else (end[1] - start[1])
        assert forward > 0


def test_boxes_tell_what_is_asked_for():
    model = Sequential(
        [Input((8,)), layers.Dense(3, "relu", name="a"), layers.Flatten(name="b")], name="m"
    )
    assert drawn(model)[:2] == (["a (Dense)", "b (Flatten)"], [])
    plain = ET.fromstring(plot_model(model, None).data)
    assert [text.text for text in plain.iter(f"{SVG}text")] == ["Dense", "Flatten"]
    model.layers[0].trainable = False
    _, lines, _, _ = drawn(
        model, show_shapes=True, show_dtype=True, show_layer_activations=True, show_trainable=True
    )
    assert lines == [
        "activation relu", "in  (None, 8)", "out (None, 3)", "dtype float32", "not trained",
        "in  (None, 3)", "out (None, 3)", "dtype float32",
    ]  # fmt: skip
    shapes = drawn(branched(), show_shapes=True)[1]
    assert "in  (None, 16), (None, 4)" in shapes and "out (None, 20)" in shapes


def test_a_model_in_a_model_is_one_box_or_its_layers():
    assert [title.split(" ")[0] for title in drawn(nested())[0]] == [
        "p", "q", "encoder", "encoder", "sum", "head",
    ]  # fmt: skip
    titles = drawn(nested(), expand_nested=True)[0]
    assert titles.count("inner (Dense)") == 2 and "encoder (Model), call 2" in titles


def test_the_file_is_what_a_notebook_shows_and_names_are_only_text(tmp_path):
    x = Input((2,), name="<script>&'\"\x1b")
    model = Model(x, layers.Dense(1)(x), name="a < b")
    picture = plot_model(model, tmp_path / "model.SVG", show_layer_names=True)
    text = (tmp_path / "model.SVG").read_text("utf-8")
    assert picture._repr_svg_() == text and "<script>" not in text
    root = ET.fromstring(text)
    assert root.find(f"{SVG}text").text == "<script>&'\"\\x1b (InputLayer)"
    described = root.find(f"{SVG}title").text
    assert described.startswith("The model a < b: <script>&'\"\\x1b (InputLayer); dense")
    assert repr(picture).startswith("<diagram of the model 'a < b': 2 boxes, in ")


def test_a_class_of_its_own_is_one_box():
    class Own(Model):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(1)

        def call(self, x):
            return self.inner(x)

    model = Own()
    with pytest.raises(ValueError, match="is not built yet; call it on a batch"):
        plot_model(model, None)
    model(np.ones((2, 3)))
    assert len(drawn(model)[2]) == 1


def test_what_is_refused_has_a_sentence(tmp_path):
    for name in ("model.png", "model"):
        with pytest.raises(ValueError, match=f"writes SVG, .* not '{name}'; write to_file='model"):
            plot_model(branched(), name)
    with pytest.raises(ValueError, match="no rankdir called 'UP'"):
        plot_model(branched(), None, rankdir="UP")
    with pytest.raises(NotImplementedError, match="plot_model.* draws the model itself"):
        model_to_dot(branched())


def test_a_second_input_lies_where_it_is_used():
    titles, _, boxes, _ = drawn(branched())
    tops = {title.split(" ")[0]: box[1] for title, box in zip(titles, boxes, strict=True)}
    assert tops["words"] < tops["h"] < tops["near"] < tops["far"] < tops["sum"] == tops["more"]


def test_a_deep_model_is_drawn_in_one_column():
    rows = [(30.0, 20.0)] * 300
    layout = lay_out(rows, [(n, n + 1) for n in range(299)])
    assert {x for x, _ in layout.middles} == {15.0}
    assert all(a[1] < b[1] for a, b in zip(layout.middles, layout.middles[1:], strict=False))


def test_lines_cross_as_little_as_they_can():
    """Three pairs, given in an order in which all of them would cross."""
    edges = [(0, 5), (1, 4), (2, 3)]
    layout = lay_out([(10.0, 10.0)] * 6, edges)
    places = sorted((layout.middles[a][0], layout.middles[b][0]) for a, b in edges)
    assert [b for _, b in places] == sorted(b for _, b in places)
