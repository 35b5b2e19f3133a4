"""Exercises of lesson 05: shapes on their way through layers, and counted weights."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import sizes


def shape_trace(input_shape, units):
    shapes = [tuple(input_shape)]
    for width in units:
        shapes.append((*input_shape[:-1], width))
    return shapes


def draw_shape_trace(rng, size):
    axes = 2 + int(rng.integers(2))
    layers = 2 + size // 2
    drawn = sizes(rng, size, axes + layers)
    return tuple(drawn[:axes]), drawn[axes:]


def widths_multiplied(input_shape, units):
    shapes = [tuple(input_shape)]
    for width in units:
        shapes.append((*shapes[-1][:-1], shapes[-1][-1] * width))
    return shapes


def widths_added(input_shape, units):
    shapes = [tuple(input_shape)]
    for width in units:
        shapes.append((*shapes[-1], width))
    return shapes


def same_list_again(input_shape, units):
    shape, shapes = list(input_shape), [tuple(input_shape)]
    for width in units:
        shape[-1] = width
        shapes.append(shape)
    return shapes


def parts_put_in(input_shape, units):
    shapes = [tuple(input_shape)]
    for width in units:
        shapes.extend((*input_shape[:-1], width))
    return shapes


def only_the_number_added(input_shape, units):
    return [input_shape, *(input_shape[:-1] + width for width in units)]


def round_the_end(sizes):
    return sum((sizes[k - 1] + 1) * sizes[k] for k in range(len(sizes)))


def shapes_of_weights(input_shape, units):
    widths = [input_shape[-1], *units]
    return [tuple(input_shape), *zip(widths, widths[1:], strict=False)]


def count_params(sizes):
    return sum((i + 1) * o for i, o in zip(sizes, sizes[1:], strict=False))


def draw_sizes(rng, size):
    return (sizes(rng, size, 3 + size // 3),)


def pairs(sizes):
    return list(zip(sizes, sizes[1:], strict=False))


EXERCISES = [
    Exercise(
        id="05.shape_trace",
        title="What flows",
        level="easy",
        minutes=4,
        answer=shape_trace,
        draw=draw_shape_trace,
        examples=(((6, 4), [8, 3]), ((5, 7, 4), [2, 3])),
        result_names=("the list of shapes",),
        hints=(
            "In the picture above, move the rows and look at the first size of each shape; then "
            "move the units of a layer and look at the last size of what comes out of it.",
            "Start the list with the shape of the input. Each layer adds one more shape: all of "
            "the input's sizes but the last, and then the layer's units.",
            "input_shape[:-1] is all but the last, and (*input_shape[:-1], 8) is a tuple of them "
            "with an 8 behind. A loop over units, or a list of one such tuple for each, does it.",
        ),
        wrong=(
            WrongAnswer(
                lambda input_shape, units: [
                    tuple(input_shape),
                    *((width,) * len(input_shape) for width in units),
                ],
                "Every axis became the number of units; a dense layer changes the last axis only, "
                "the rows stay.",
            ),
            WrongAnswer(
                shapes_of_weights,
                "These are the shapes of the weights, (in, out); what flows has a row for each "
                "example.",
            ),
            WrongAnswer(
                widths_multiplied,
                "The columns are multiplied by the units; each unit gives one column, so there are "
                "as many as units.",
            ),
            WrongAnswer(
                lambda input_shape, units: [
                    tuple(input_shape),
                    *((width, *input_shape[1:]) for width in units),
                ],
                "The first axis was changed; the rows go through untouched, the last axis becomes "
                "the units.",
            ),
            WrongAnswer(
                lambda input_shape, units: [
                    tuple(input_shape),
                    *((width, *input_shape[:-1]) for width in units),
                ],
                "The units stand in front here; they take the place of the last size, behind the "
                "rows.",
            ),
            WrongAnswer(
                lambda input_shape, units: [shape_trace(input_shape, units)[-1]],
                "This is the end alone; the trace has a shape for every place, the input first.",
            ),
            WrongAnswer(
                lambda input_shape, units: shape_trace(input_shape, units)[1:],
                "The shape of the input is missing at the start of the trace.",
            ),
            WrongAnswer(
                lambda input_shape, units: shape_trace(input_shape, units)[:-1],
                "The last layer is missing: there is one shape more than there are layers.",
            ),
            WrongAnswer(
                lambda input_shape, units: [
                    tuple(input_shape),
                    *((input_shape[0], width) for width in units),
                ],
                "Only the first axis and the units are kept; where there are three axes, the one "
                "in the middle goes through as well.",
            ),
            WrongAnswer(
                widths_added,
                "The units are put behind the columns, so every layer makes one axis more; they "
                "take the place of the columns.",
            ),
            WrongAnswer(
                lambda input_shape, units: [
                    tuple(input_shape),
                    *((None, *input_shape[1:-1], width) for width in units),
                ],
                "None stands for a number of rows that is still open; here they are known, and go "
                "through.",
            ),
            WrongAnswer(
                lambda input_shape, units: [tuple(input_shape)] * (len(units) + 1),
                "Every shape is that of the input; behind a layer the last size is its units.",
            ),
            WrongAnswer(
                lambda input_shape, units: [input_shape[-1], *units],
                "These are the widths alone; a shape is a tuple of all sizes, the rows first.",
            ),
            WrongAnswer(
                same_list_again,
                "The same list was put in each time and changed later; append a new tuple.",
            ),
            WrongAnswer(
                lambda input_shape, units: [
                    tuple(input_shape),
                    *((*input_shape, width) for width in units),
                ],
                "The units are put behind the columns; they take the place of the last size.",
            ),
            WrongAnswer(
                lambda input_shape, units: shape_trace(input_shape, units[1:]),
                "The first layer is missing: there is one shape more than there are layers.",
            ),
            WrongAnswer(
                lambda input_shape, units: [
                    tuple(input_shape),
                    *((input_shape[:-1], width) for width in units),
                ],
                "A tuple stands within the tuple; a star lays its sizes out: "
                "(*input_shape[:-1], 8).",
            ),
            WrongAnswer(
                only_the_number_added,
                "(u) is a number, and only a tuple is added to a tuple: (u,), with the comma.",
            ),
            WrongAnswer(
                parts_put_in,
                "extend puts in the sizes one by one; append puts in the shape as one thing.",
            ),
            WrongAnswer(
                lambda input_shape, units: [*input_shape, *shape_trace(input_shape, units)[1:]],
                "The list begins with the sizes of the input one by one; begin with its shape, "
                "[input_shape].",
            ),
            WrongAnswer(
                lambda input_shape, units: [
                    tuple(input_shape),
                    *((*input_shape[-1:], width) for width in units),
                ],
                "[-1:] is the last size alone; [:-1] is all but the last.",
            ),
            WrongAnswer(
                lambda input_shape, units: [tuple(input_shape), (*input_shape[:-1], *units)],
                "All units stand in one shape; each layer has a shape of its own.",
            ),
        ),
    ),
    Exercise(
        id="05.count_params",
        title="The bill of weights",
        level="easy",
        minutes=4,
        answer=count_params,
        draw=draw_sizes,
        examples=(([4, 8, 3],), ([4, 8, 8, 3],)),
        result_names=("the number of weights",),
        hints=(
            "Take one layer of 8 units behind 4 columns. Each unit is a neuron as in lesson 01: "
            "how many numbers does it own?",
            "A unit owns one weight for each column that comes in, and one bias: in + 1 numbers. A "
            "layer owns that as many times as it has units. Add up the layers.",
            "sizes[k] comes in and sizes[k + 1] comes out of layer k, and there is one layer less "
            "than there are sizes. So add (sizes[k] + 1) * sizes[k + 1] for k in "
            "range(len(sizes) - 1).",
        ),
        wrong=(
            WrongAnswer(
                lambda sizes: sum(i * o for i, o in pairs(sizes)),
                "The biases are missing: each unit has one besides its weights.",
            ),
            WrongAnswer(
                lambda sizes: sum(i * (o + 1) for i, o in pairs(sizes)),
                "There is one bias for each input here; a bias belongs to a unit, so there are as "
                "many as outputs.",
            ),
            WrongAnswer(
                lambda sizes: sum(i * o + 1 for i, o in pairs(sizes)),
                "One bias for the whole layer is counted; each unit has its own.",
            ),
            WrongAnswer(
                lambda sizes: sum(sizes[1:]),
                "These are the units; each of them owns as many weights as there are inputs, and "
                "a bias.",
            ),
            WrongAnswer(
                lambda sizes: count_params(sizes) + sizes[0],
                "The inputs have been given biases too; they are data, and own nothing.",
            ),
            WrongAnswer(
                lambda sizes: count_params(sizes[:2]),
                "This is the first layer alone; add the others.",
            ),
            WrongAnswer(
                lambda sizes: count_params(sizes[-2:]),
                "This is the last layer alone; add the others.",
            ),
            WrongAnswer(
                lambda sizes: count_params(sizes[1:]),
                "The first layer is missing: the loop starts one pair of sizes too late.",
            ),
            WrongAnswer(
                lambda sizes: count_params(sizes[:-1]),
                "The last layer is missing: the loop ends one pair of sizes too early.",
            ),
            WrongAnswer(
                lambda sizes: int(np.prod(sizes)),
                "All sizes are multiplied with each other; only those of neighbours meet, and the "
                "layers are added.",
            ),
            WrongAnswer(
                lambda sizes: sum((i + 1) * (o + 1) for i, o in pairs(sizes)),
                "The outputs have one too many: (in + 1) times out, for only what comes in has the "
                "bias beside it.",
            ),
            WrongAnswer(
                lambda sizes: sum(i * o for i, o in pairs(sizes)) + 1,
                "One bias is counted for the whole network; each unit has its own.",
            ),
            WrongAnswer(
                lambda sizes: sum((i + 1) * o for i, o in zip(sizes, sizes, strict=True)),
                "Each size is paired with itself; what comes in is one size, what goes out is the "
                "next.",
            ),
            WrongAnswer(
                lambda sizes: sum(sizes),
                "These are the sizes added up; a layer owns (in + 1) times out numbers.",
            ),
            WrongAnswer(
                lambda sizes: sum(i + o for i, o in pairs(sizes)),
                "Times, not plus: a layer owns (i + 1) * o numbers. Without the brackets, i + 1 * "
                "o is i + o.",
            ),
            WrongAnswer(
                lambda sizes: sum((sizes[0] + 1) * o for o in sizes[1:]),
                "Every layer is counted with the columns of the input; to a later layer come as "
                "many as the layer before has units.",
            ),
            WrongAnswer(
                lambda sizes: sum((i + 1) * o for i, o in pairs(sizes)[::2]),
                "Every second layer is left out: the pairs overlap, what goes out of one layer "
                "comes into the next.",
            ),
            WrongAnswer(
                round_the_end,
                "There is one layer too many: sizes[-1] is the last size, so the first pair joins "
                "the end with the start.",
            ),
        ),
    ),
]
