"""Exercises of lesson 10: how large the first weights of a layer should be."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def glorot_uniform(u):
    inputs, outputs = u.shape
    limit = np.sqrt(6 / (inputs + outputs))
    return (2 * u - 1) * limit


def he_normal(g):
    return g * np.sqrt(2 / g.shape[0])


def larger_sizes(rng, size):
    """Inputs and outputs, two different numbers from 3 on: of 2 the root of 2 / 2 is 2 / 2."""
    return [1 + each for each in sizes(rng, size, 2)]


def draw_glorot(rng, size):
    i, o = larger_sizes(rng, size)
    if size == 1:
        return (rng.integers(0, 8, (i, o)) / 8,)
    return (rng.random((i, o)),)


def draw_he(rng, size):
    return (numbers(rng, size, *larger_sizes(rng, size)),)


def spread_by(limit):
    """Numbers from -limit to limit, with the limit made from inputs and outputs."""
    return lambda u: (2 * u - 1) * limit(*u.shape)


def from_half_the_range(u):
    return (u - 0.5) * np.sqrt(6 / sum(u.shape))


def less_the_mean_that_came(u):
    return (u - u.mean()) * 2 * np.sqrt(6 / sum(u.shape))


def over_its_own_spread(u):
    return (u - 0.5) / u.std() * np.sqrt(2 / sum(u.shape))


def cut_at_the_limit(u):
    limit = np.sqrt(6 / sum(u.shape))
    return np.clip(u, -limit, limit)


def scaled_by(factor):
    """The numbers times a factor, made from inputs and outputs."""
    return lambda g: g * factor(*g.shape)


def of_exactly_that_deviation(g):
    return (g - g.mean()) / g.std() * np.sqrt(2 / len(g))


EXERCISES = [
    Exercise(
        id="10.glorot_uniform",
        title="Glorot's spread",
        level="easy",
        minutes=4,
        answer=glorot_uniform,
        draw=draw_glorot,
        result_names=("w",),
        examples=((table("0 0.5 0.75 0.25; 0.25 0 0.5 0.875; 0.5 0.125 0 0.75"),),),
        hints=(
            "Two steps: find the limit from the shape of u, and let the numbers, which run from 0 "
            "to 1, run from -limit to limit.",
            "inputs, outputs = u.shape gives the two sizes. 2 * u - 1 runs from -1 to 1.",
            "limit = np.sqrt(6 / (inputs + outputs)), and the result is (2 * u - 1) * limit.",
        ),
        wrong=(
            WrongAnswer(
                lambda u: u * np.sqrt(6 / sum(u.shape)),
                "The weights are all positive; spread them around 0, from -limit to limit.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(2 / (i + o))),
                "The root of 2 / (i + o) is the deviation of the weights; numbers spread evenly "
                "reach sqrt(3) times as far, to the root of 6 / (i + o).",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(6 / i)),
                "Only the inputs are counted; Glorot's limit counts inputs and outputs.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(6 / o)),
                "Only the outputs are counted; Glorot's limit counts inputs and outputs.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: 6 / (i + o)),
                "6 / (i + o) is the square of the limit; take the root.",
            ),
            WrongAnswer(
                from_half_the_range,
                "u - 0.5 runs from -0.5 to 0.5, so that half of the range is filled; 2 u - 1 runs "
                "from -1 to 1.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(6) / (i + o)),
                "The root is taken of the 6 alone; it goes over the whole fraction.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(6 / i + o)),
                "Without brackets 6 / i + o divides 6 by i first and then adds o; write "
                "6 / (i + o).",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(6 / (i * o))),
                "Inputs and outputs are multiplied here; the limit takes their sum, i + o.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(3 / (i + o))),
                "3 belongs over the mean of inputs and outputs, (i + o) / 2; over their sum "
                "belongs 6.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(12 / (i + o))),
                "This reaches sqrt(2) times too far, as where 6 stands over the mean of inputs "
                "and outputs; it stands over their sum, i + o.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: 2 / (i + o)),
                "2 / (i + o) is the variance of the weights; the limit is the root of three times "
                "as much.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(3 / i)),
                "The inputs are counted twice; the limit takes inputs and outputs, i + o.",
            ),
            WrongAnswer(
                spread_by(lambda i, o: np.sqrt(2 / i)),
                "The root of 2 / i is He's deviation; Glorot's limit is the root of 6 / (i + o).",
            ),
            WrongAnswer(
                lambda u: 2 * u * np.sqrt(6 / sum(u.shape)) - 1,
                "The 1 is taken away after limit has multiplied; bring u to -1 to 1 first, in "
                "brackets: (2 * u - 1) * limit.",
            ),
            WrongAnswer(
                lambda u: (2 * u - 1) / np.sqrt(6 / sum(u.shape)),
                "The numbers are divided by the limit, so that a large layer gets large weights; "
                "multiply.",
            ),
            WrongAnswer(
                lambda u: (1 - 2 * u) * np.sqrt(6 / sum(u.shape)),
                "The spread is turned round: u = 0 should become -limit, and u = 1 limit.",
            ),
            WrongAnswer(
                less_the_mean_that_came,
                "The mean of the numbers that came is taken away; their middle is 0.5, whatever "
                "came.",
            ),
            WrongAnswer(
                lambda u: 2 * u - 1,
                "The limit is missing: these run from -1 to 1, whatever the size of the layer.",
            ),
            WrongAnswer(
                lambda u: u - np.sqrt(6 / sum(u.shape)),
                "The limit is subtracted, so that the range begins at -limit and is still 1 wide; "
                "it has to be 2 limit wide.",
            ),
            WrongAnswer(
                lambda u: 2 * (u - 1) * np.sqrt(6 / sum(u.shape)),
                "2 (u - 1) runs from -2 to 0; without the brackets 2 u - 1 runs from -1 to 1.",
            ),
            WrongAnswer(
                over_its_own_spread,
                "u is divided by its own deviation; it is stretched as it came, by the limit "
                "alone.",
            ),
            WrongAnswer(
                cut_at_the_limit,
                "u is cut at the limit, and nothing becomes negative; stretch it, so that it runs "
                "from -limit to limit.",
            ),
        ),
    ),
    Exercise(
        id="10.he_normal",
        title="The spread for relu",
        level="easy",
        minutes=3,
        answer=he_normal,
        draw=draw_he,
        result_names=("w",),
        examples=((table("1 0 -2 1; 2 1 -1 0; 0 3 1 -1"),),),
        hints=(
            "g has the deviation 1 already. By which number must it be multiplied, so that its "
            "deviation becomes that of the formula?",
            "The variance is to be 2 / i, with i the number of inputs, g.shape[0]. The deviation "
            "is its root.",
            "g * np.sqrt(2 / g.shape[0]).",
        ),
        wrong=(
            WrongAnswer(
                scaled_by(lambda i, o: 2 / i),
                "2 / i is the variance; g is multiplied by the deviation, its root.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(2 / o)),
                "The outputs are counted here; count the inputs, for they are what is summed.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(1 / i)),
                "1 / i keeps the size where nothing is cut off; relu takes half of the mean "
                "square away, so it is 2 / i.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(2 / (i + o))),
                "This is Glorot's deviation, which counts the outputs too; here only the inputs "
                "count.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: 0.01),
                "0.01 is the same for every layer; the size of the layer has to enter.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: 0.05),
                "0.05 is the root of 2 / i for 800 inputs only; make it from the inputs that "
                "there are.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(i / 2)),
                "The fraction stands upside down: the more inputs, the smaller the weights.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(6 / i)),
                "The root of 6 / i is the limit of an even spread; of normal numbers the "
                "deviation is the root of 2 / i.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(2) / i),
                "The root is taken of the 2 alone; it goes over the whole fraction.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(2 / (i * o))),
                "All weights are counted here, g.size; the inputs of one neuron are g.shape[0].",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: 1 / i),
                "g is divided by the number of inputs; it is multiplied by the root of 2 / i.",
            ),
            WrongAnswer(
                lambda g: g + np.sqrt(2 / len(g)),
                "The deviation is added, which shifts the weights; multiply by it.",
            ),
            WrongAnswer(
                lambda g: np.abs(g) * np.sqrt(2 / len(g)),
                "The sign of g is lost, so that all weights are positive; relu cuts the outputs, "
                "not the weights.",
            ),
            WrongAnswer(
                lambda g: np.maximum(g, 0) * np.sqrt(2 / len(g)),
                "The negative weights are cut off; relu cuts the outputs of the layer, not its "
                "weights.",
            ),
            WrongAnswer(
                of_exactly_that_deviation,
                "g is brought to mean 0 and deviation 1 first; it is taken as it came, and the "
                "deviation holds for many numbers.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(4 / (i + o))),
                "The mean of inputs and outputs stands below the 2; here only the inputs count.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: 2 / np.sqrt(i)),
                "The root is taken of the inputs alone; it goes over the whole fraction, 2 / i.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(1 / (2 * i))),
                "This is half of it: the 2 stands below the line, and belongs above, 2 / i.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(2 / (i - 1))),
                "The inputs are counted less one, as in a variance of samples; count all of them.",
            ),
            WrongAnswer(
                lambda g: (2 * g - 1) * np.sqrt(2 / len(g)),
                "2 g - 1 is for even numbers from 0 to 1; the middle of g is 0 already.",
            ),
            WrongAnswer(
                lambda g: np.clip(g, -2, 2) * np.sqrt(2 / len(g)),
                "Numbers beyond 2 are cut to 2; g is taken as it came.",
            ),
            WrongAnswer(
                scaled_by(lambda i, o: np.sqrt(2 / i) / 0.87962566),
                "This is widened by 1 / 0.88, which the library does because it draws large "
                "numbers again; g is taken as it came, and needs no widening.",
            ),
        ),
    ),
]
