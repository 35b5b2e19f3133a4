"""The arguments of summary: width, columns, nested models, a part of the layers."""

import pytest

from dlcore import Input
from dlcore.layers import Add, Dense, Flatten
from dlcore.models import Model, Sequential


def nested(long="a_very_long_name_of_a_layer_indeed"):
    inner = Sequential([Input((5,)), Dense(3, name="a"), Dense(2, name=long)], name="inner")
    model = Sequential([Input((4,)), Dense(5, name="first"), inner, Flatten(name="flat")])
    model.layers[0].trainable = False
    return model


def branched():
    x = Input((4,), name="x")
    y = Dense(4, name="one")(x)
    return Model(x, Add(name="sum")([x, y]))


def lines(model, **arguments):
    said = []
    model.summary(print_fn=said.append, **arguments)
    (text,) = said
    return text.splitlines()


def cells(model, **arguments):
    return [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in lines(model, **arguments)
        if "│" in line
    ]


@pytest.mark.parametrize("length", [60, 71, 100])
@pytest.mark.parametrize("trainable", [False, True])
@pytest.mark.parametrize("make", [nested, branched])
def test_the_width_of_the_table(make, trainable, length):
    arguments = {"line_length": length, "show_trainable": trainable, "expand_nested": True}
    text = lines(make(), **arguments)
    assert max(map(len, text)) <= length
    assert len({len(line) for line in text[1:-3]}) == 1
    # Nothing is lost where an entry goes on in the next line.
    columns = zip(*cells(make(), **arguments), strict=True)
    joined = ["".join(column).replace(" ", "").replace("└", "") for column in columns]
    whole = zip(*cells(make(), **{**arguments, "line_length": None}), strict=True)
    assert joined == ["".join(column).replace(" ", "").replace("└", "") for column in whole]


def test_what_is_trained_is_shown():
    model = nested("b")
    found = cells(model, show_trainable=True, expand_nested=True)
    assert found == [
        ["first (Dense)", "(None, 5)", "25", "N"],
        ["inner (Sequential)", "(None, 2)", "26", "Y"],
        ["└ a (Dense)", "(None, 3)", "18", "Y"],
        ["└ b (Dense)", "(None, 2)", "8", "Y"],
        ["flat (Flatten)", "(None, 2)", "0", "-"],
    ]
    assert "Trainable" in "\n".join(lines(model, show_trainable=True))
    assert "Trainable ┃" not in "\n".join(lines(model))
    assert [row[-1] for row in cells(branched(), show_trainable=True)] == ["-", "Y", "-"]
    inside = cells(Sequential([Input((4,)), branched()]), expand_nested=True)
    assert [row[0] for row in inside][1:] == ["└ x (InputLayer)", "└ one (Dense)", "└ sum (Add)"]


def test_positions_in_shares_and_in_letters():
    shares = lines(nested(), line_length=66, positions=[0.5, 0.75, 1.0])
    assert {len(line) for line in shares[1:-3]} == {66}
    middle = shares[1].index("┳")
    assert abs(middle - 33) <= 2
    letters = lines(nested(), positions=[33, 49, 66])
    assert {len(line) for line in letters[1:-3]} == {66}
    assert abs(letters[1].index("┳") - 33) <= 2


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (["inner", "flat"], ["inner (Sequential)", "flat (Flatten)"]),
        (["first", "inner"], ["first (Dense)", "inner (Sequential)"]),
        (("inner", "inner"), ["inner (Sequential)"]),
        (["f.*", "f.*"], ["first (Dense)", "inner (Sequential)", "flat (Flatten)"]),
    ],
)
def test_a_part_of_the_layers(chosen, names):
    assert [row[0] for row in cells(nested(), layer_range=chosen)] == names


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"layer_range": ["inner"]}, r"layer_range is a pair of names, .* not \['inner'\]"),
        ({"layer_range": ["innr", "flat"]}, "'innr', .* called so. Did you mean 'inner'"),
        ({"line_length": 20}, "A line of 20 letters is too short for the 3 columns"),
        ({"positions": [0.5, 1.0]}, "one number for each of the 3 columns .* not 2"),
        ({"line_lenght": 60}, "summary has no argument 'line_lenght'. Did you mean 'line_length'"),
    ],
)
def test_what_is_refused(arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        nested().summary(**arguments)
    with pytest.raises(TypeError, match=r"given by name: summary\(print_fn=…\)"):
        nested().summary(print)
