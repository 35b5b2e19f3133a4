"""Exercise of lesson 05: one layer's weights, out of the row that holds all."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import sizes


def pairs(sizes):
    return list(zip(sizes, sizes[1:], strict=False))


def count_params(sizes):
    return sum((i + 1) * o for i, o in pairs(sizes))


def layer_weights(flat, sizes, layer):
    start = 0
    for i, o in zip(sizes[:layer], sizes[1:], strict=False):
        start = start + (i + 1) * o
    i, o = sizes[layer], sizes[layer + 1]
    w = flat[start : start + i * o].reshape(i, o)
    b = flat[start + i * o : start + (i + 1) * o]
    return w, b


def draw_layer_weights(rng, size):
    widths = sizes(rng, size, 3 + size // 3)
    layer = 1 + int(rng.integers(len(widths) - 2)) if size > 1 else int(rng.integers(2))
    flat = rng.permutation(count_params(widths)) + 1.0
    return flat, widths, layer


def cut(flat, sizes, layer, start):
    i, o = sizes[layer], sizes[layer + 1]
    return flat[start : start + i * o].reshape(i, o), flat[start + i * o : start + i * o + o]


def first_of(sizes, layer):
    return count_params(sizes[: layer + 1])


def bias_first(flat, sizes, layer):
    start, i, o = first_of(sizes, layer), sizes[layer], sizes[layer + 1]
    return flat[start + o : start + o + i * o].reshape(i, o), flat[start : start + o]


def column_by_column(flat, sizes, layer):
    start, i, o = first_of(sizes, layer), sizes[layer], sizes[layer + 1]
    return flat[start : start + i * o].reshape(o, i).T, layer_weights(flat, sizes, layer)[1]


def out_in(flat, sizes, layer):
    w, b = layer_weights(flat, sizes, layer)
    return w.reshape(w.shape[::-1]), b


def as_a_row(flat, sizes, layer):
    w, b = layer_weights(flat, sizes, layer)
    return w, b[None]


def not_reshaped(flat, sizes, layer):
    w, b = layer_weights(flat, sizes, layer)
    return w.ravel(), b


def bias_from_the_end(flat, sizes, layer):
    w, b = layer_weights(flat, sizes, layer)
    return w, flat[len(flat) - len(b) :]


def all_biases_last(flat, sizes, layer):
    start = sum(i * o for i, o in pairs(sizes[: layer + 1]))
    i, o = sizes[layer], sizes[layer + 1]
    behind = sum(i * o for i, o in pairs(sizes)) + sum(sizes[1 : layer + 1])
    return flat[start : start + i * o].reshape(i, o), flat[behind : behind + o]


def one_too_far(flat, sizes, layer):
    w, b = layer_weights(flat, sizes, layer)
    start = first_of(sizes, layer) + w.size + 1
    return w, flat[start : start + len(b)]


def turned(flat, sizes, layer):
    w, b = layer_weights(flat, sizes, layer)
    return w.T, b


def as_long_as_the_input(flat, sizes, layer):
    w, _ = layer_weights(flat, sizes, layer)
    start = first_of(sizes, layer) + w.size
    return w, flat[start : start + len(w)]


def this_layers_steps(flat, sizes, layer):
    i, o = sizes[layer], sizes[layer + 1]
    return cut(np.tile(flat, 5), sizes, layer, layer * (i + 1) * o)


def skips_the_layer_before(flat, sizes, layer):
    start = (sizes[layer - 1] + 1) * sizes[layer] if layer > 0 else 0
    return cut(flat, sizes, layer, start)


def ends_at_o(flat, sizes, layer):
    start, i, o = first_of(sizes, layer), sizes[layer], sizes[layer + 1]
    return layer_weights(flat, sizes, layer)[0], flat[start + i * o : o]


def unit_by_unit(flat, sizes, layer):
    start, i, o = first_of(sizes, layer), sizes[layer], sizes[layer + 1]
    both = flat[start : start + (i + 1) * o].reshape(o, i + 1)
    return both[:, :-1].T, both[:, -1]


def counted_from_1(flat, sizes, layer):
    start = sum((sizes[k] + 1) * sizes[k + 1] for k in range(layer - 1))
    return cut(flat, [sizes[layer - 1], sizes[layer]], 0, start)


EXERCISES = [
    Exercise(
        id="05.layer_weights",
        title="All weights in one row",
        level="core",
        minutes=8,
        answer=layer_weights,
        draw=draw_layer_weights,
        examples=(
            (np.arange(1.0, 12.0)[::-1], [3, 2, 1], 0),
            (np.arange(1.0, 20.0), [2, 4, 1, 1], 1),
        ),
        result_names=("w", "b"),
        hints=(
            "Write down the row for sizes [2, 3, 4]: w of layer 0, its b, w of layer 1, its b. How "
            "many numbers stand in front of w of layer 1?",
            "Each layer before this one has taken (in + 1) * out numbers; their sum is the start. "
            "From there in * out numbers are w, and the next out numbers are b.",
            "For i, o = sizes[layer], sizes[layer + 1]: flat[start : start + i * o].reshape(i, o) "
            "is w, and b is flat[start + i * o : start + i * o + o]. The start is what "
            "count_params says of sizes[: layer + 1] (the input of this layer is the last size "
            "that counts).",
        ),
        wrong=(
            WrongAnswer(
                lambda flat, sizes, layer: cut(flat, sizes, layer, 0),
                "This starts at 0 for every layer; skip what belongs to the layers before.",
            ),
            WrongAnswer(
                lambda flat, sizes, layer: cut(
                    flat, sizes, layer, sum(i * o for i, o in pairs(sizes[: layer + 1]))
                ),
                "The earlier layers are skipped without their biases; each has (in + 1) times out "
                "numbers.",
            ),
            WrongAnswer(
                bias_first,
                "The bias is taken first; here, as in Keras, the weights come first.",
            ),
            WrongAnswer(
                column_by_column,
                "The numbers are laid down column by column; NumPy and the library lay a row after "
                "a row: reshape(i, o).",
            ),
            WrongAnswer(
                out_in,
                "w has shape (out, in), as PyTorch keeps it; here, as in Keras, it is (in, out).",
            ),
            WrongAnswer(
                as_a_row, "b is a table of one row here; it is [out], without an axis more."
            ),
            WrongAnswer(
                not_reshaped, "w is still a row of numbers; reshape(i, o) makes the table of it."
            ),
            WrongAnswer(
                bias_from_the_end,
                "b is taken from the end of the row; that of this layer follows its own w.",
            ),
            WrongAnswer(
                all_biases_last,
                "This is right if all biases stood behind all weights; here each layer's b follows "
                "its own w.",
            ),
            WrongAnswer(
                one_too_far,
                "b begins one number too far on: it begins where w ends, at start + i * o.",
            ),
            WrongAnswer(
                lambda flat, sizes, layer: cut(flat, sizes, layer, first_of(sizes, layer))[0],
                "This is w alone; the layer has a b too: return w, b.",
            ),
            WrongAnswer(
                this_layers_steps,
                "The earlier layers are taken to be as large as this one; each has a size of its "
                "own.",
            ),
            WrongAnswer(
                turned,
                "w has been turned round; the numbers lie as (in, out) already, and reshape(i, o) "
                "is all.",
            ),
            WrongAnswer(
                as_long_as_the_input,
                "b is as long as there are inputs here; it has a number for each output.",
            ),
            WrongAnswer(
                lambda flat, sizes, layer: layer_weights(flat, sizes, layer - 1),
                "This is the layer before; layers are counted from 0, and layer 0 has sizes[0] "
                "inputs.",
            ),
            WrongAnswer(
                lambda flat, sizes, layer: cut(flat, sizes, layer, first_of(sizes, layer + 1)),
                "This layer's own numbers are skipped as well; only those of the layers before it "
                "stand in front.",
            ),
            WrongAnswer(
                lambda flat, sizes, layer: layer_weights(flat, sizes, layer)[::-1],
                "w and b have changed places in the result: return w, b.",
            ),
            WrongAnswer(
                skips_the_layer_before,
                "Only the layer right before is skipped; add up all before it.",
            ),
            WrongAnswer(
                ends_at_o,
                "The slice of b ends before it begins; its end is start + i * o + o.",
            ),
            WrongAnswer(
                unit_by_unit,
                "b is not the last number of each unit; all of w comes first, then b.",
            ),
            WrongAnswer(
                lambda flat, sizes, layer: cut(flat, sizes, layer, count_params(sizes[:layer])),
                "One layer too few is skipped: sizes[:layer] lacks the size that the layer before "
                "gives, so take sizes[: layer + 1].",
            ),
            WrongAnswer(
                counted_from_1,
                "Layers are counted from 0: layer 0 goes from sizes[0] to sizes[1].",
            ),
        ),
    ),
]
