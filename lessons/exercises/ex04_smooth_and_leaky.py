"""Exercises of lesson 04: a bend without a corner, its slope, and a hinge that never closes."""

import numpy as np

from dlcore.backends.numpy import leaky_relu, tanh, tanh_grad
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def draw_x(rng, size):
    return (numbers(rng, size, *sizes(rng, size, 2)),)


def tanh_spelled(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def draw_tanh_grad(rng, size):
    (x,) = draw_x(rng, size)
    return numbers(rng, size, *x.shape), np.tanh(x)


def draw_leaky_relu(rng, size):
    (x,) = draw_x(rng, size)
    return x, float(rng.choice([0.1, 0.25, 0.5]))


def tanh_without_sign(x):
    e = np.exp(-2 * np.abs(x))
    return (1 - e) / (1 + e)


EXERCISES = [
    Exercise(
        id="04.tanh",
        title="A bend without a corner",
        level="core",
        minutes=5,
        answer=tanh,
        spelled=tanh_spelled,
        draw=draw_x,
        examples=(
            (table("0 1 -1; 2 -2 0.5"),),
            (table("-1000 1000 1; 0.5 -2 1000"),),
        ),
        hints=(
            "The formula is (exp(x) - exp(-x)) / (exp(x) + exp(-x)). Try it at x = 1000 before "
            "you trust it: what is exp(1000) on a computer?",
            "Divide above and below by the larger of the two exponentials: what is left is "
            "exp(-2 |x|), which lies between 0 and 1 and never overflows. For x > 0 the formula "
            "is then (1 - e) / (1 + e) with e = exp(-2 x).",
            "With e = np.exp(-2 * np.abs(x)), np.sign(x) * (1 - e) / (1 + e) is right "
            "everywhere; and NumPy has the whole of it as np.tanh.",
        ),
        wrong=(
            WrongAnswer(
                lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
                "The formula is right on paper, but exp overflows for large x or -x, and infinity "
                "over infinity is not a number.",
            ),
            WrongAnswer(
                lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1),
                "This is right on paper, but where x is large an exponential overflows, and "
                "infinity over infinity is not a number; exp(-2 x) stays small there.",
            ),
            WrongAnswer(
                lambda x: (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x)),
                "This is right on paper, but where x is far below 0 an exponential overflows, and "
                "infinity over infinity is not a number; exp(2 x) stays small there.",
            ),
            WrongAnswer(
                tanh_without_sign,
                "This is right where x is positive; where x is negative its sign is missing "
                "(np.sign(x) has it).",
            ),
            WrongAnswer(
                lambda x: (np.exp(x) - np.exp(-x)) / 2,
                "This is sinh, the upper half of the formula: divide by exp(x) + exp(-x).",
            ),
            WrongAnswer(
                lambda x: 1 / (1 + np.exp(-x)),
                "This is the sigmoid, which runs from 0 to 1; tanh runs from -1 to 1.",
            ),
            WrongAnswer(
                lambda x: 2 / (1 + np.exp(-x)) - 1,
                "This is tanh(x / 2), the sigmoid stretched to -1 and 1; inside it stands 2 x.",
            ),
            WrongAnswer(
                lambda x: np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x),
                "The brackets are missing: / comes before + and -, so only one exponential is "
                "divided.",
            ),
            WrongAnswer(
                lambda x: (np.exp(-x) - np.exp(x)) / (np.exp(-x) + np.exp(x)),
                "The difference is taken the wrong way round, exp(-x) first; and for large x it "
                "overflows.",
            ),
            WrongAnswer(lambda x: np.tan(x), "np.tan is the tangent of an angle; tanh is another."),
            WrongAnswer(
                lambda x: np.arctan(x), "np.arctan is an angle; it runs to 1.57, and tanh to 1."
            ),
            WrongAnswer(
                lambda x: np.clip(x, -1, 1),
                "This is a straight line with two corners; tanh bends all the way.",
            ),
            WrongAnswer(
                lambda x: np.where(np.abs(x) > 500, 0, np.tanh(x)),
                "Where the exponentials overflow the result is 0 here; tanh is close to 1 there, "
                "or to -1 where x is negative.",
            ),
            WrongAnswer(
                lambda x: np.where(x < -500, 1, np.tanh(x)),
                "Where x is far below 0 the result is 1 here; tanh is close to -1 there.",
            ),
            WrongAnswer(
                lambda x: 1 - np.tanh(x) ** 2,
                "This is the slope of tanh; the function itself is asked for.",
            ),
        ),
    ),
    Exercise(
        id="04.tanh_grad",
        title="Back through the bend",
        level="core",
        minutes=5,
        answer=tanh_grad,
        draw=draw_tanh_grad,
        examples=((table("1 2 -3; 4 -1 2"), table("0 0.5 -0.5; 0.8 0.2 -0.9")),),
        hints=(
            "As with relu: the slope of the function at each place, multiplied by what comes from "
            "above.",
            "The slope of tanh at x is 1 - tanh(x)^2. You are given y, which is tanh(x) already.",
            "1 - y**2 is the slope; dy multiplies it.",
        ),
        wrong=(
            WrongAnswer(
                lambda dy, y: 1 - y**2,
                "This is the slope alone; multiply it by dy, which comes from the layers above.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - np.tanh(y) ** 2),
                "tanh is taken a second time; y is already tanh(x), so the slope is 1 - y^2.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y * (1 - y),
                "y (1 - y) is the slope of the sigmoid; that of tanh is 1 - y^2.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - y) ** 2, "This is (1 - y)^2; only y is squared: 1 - y^2."
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - y), "The square of y is missing: the slope is 1 - y^2."
            ),
            WrongAnswer(
                lambda dy, y: y * (1 - dy**2),
                "dy and y have changed places: y is squared, and dy multiplies.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - dy**2),
                "The slope is taken at dy; it is that of tanh at x, 1 - y^2.",
            ),
            WrongAnswer(
                lambda dy, y: dy * 1 - y**2,
                "The brackets are missing: dy multiplies the whole slope, dy * (1 - y^2).",
            ),
            WrongAnswer(
                lambda dy, y: dy * (y**2 - 1),
                "The slope has the wrong sign: it is 1 - y^2, and never negative.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 + y**2),
                "The square of y is added; it is subtracted from 1.",
            ),
            WrongAnswer(
                lambda dy, y: dy / (1 - y**2),
                "dy is divided by the slope; going back it is multiplied by it.",
            ),
            WrongAnswer(
                lambda dy, y: np.where(y > 0, dy, 0),
                "This is the way back through relu; the slope of tanh is 1 - y^2.",
            ),
            WrongAnswer(
                lambda dy, y: dy * np.tanh(y),
                "dy is multiplied by tanh(y); the factor is the slope, 1 - y^2.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - 2 * y),
                "y is doubled; the slope has its square, 1 - y^2.",
            ),
        ),
    ),
    Exercise(
        id="04.leaky_relu",
        title="A hinge that never closes",
        level="easy",
        minutes=4,
        answer=leaky_relu,
        draw=draw_leaky_relu,
        examples=(
            (table("-10 3 0; 50 -1 0.25"),),
            (table("-10 3 0; 50 -1 0.25"), 0.5),
        ),
        hints=(
            "Start from relu. Only what happens to negative numbers is new: they are not made 0, "
            "they are made small.",
            "Where x is positive the result is x, elsewhere it is negative_slope times x.",
            "np.where(x > 0, ..., ...) chooses between the two, number by number.",
        ),
        wrong=(
            WrongAnswer(
                lambda x, negative_slope=0.2: np.maximum(x, 0),
                "Negative numbers become 0, as with relu; here they become negative_slope times x.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > 0, x, negative_slope),
                "Negative numbers become negative_slope itself, a flat floor; multiply it by x.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > 0, x, 0.2 * x),
                "The slope is fixed at 0.2; use the argument negative_slope.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > 0, x, 0.01 * x),
                "The slope is fixed at 0.01; use the argument negative_slope.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: negative_slope * x,
                "Positive numbers are made small too; they go through unchanged.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > 0, negative_slope * x, x),
                "The two sides have changed places: negative numbers are made small, positive ones "
                "go through.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > 0, x, -negative_slope * x),
                "Negative numbers become positive; negative_slope is already a positive number, "
                "and needs no minus.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > 0, x, x / negative_slope),
                "Negative numbers are divided by negative_slope, and grow; multiply them by it.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.maximum(x, negative_slope),
                "The floor lies at negative_slope; the larger of x and negative_slope times x is "
                "meant.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.maximum(x, 0) + negative_slope * x,
                "negative_slope times x is added on both sides; where x is positive it is x alone.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > negative_slope, x, negative_slope * x),
                "The kink lies at negative_slope here; it belongs at 0: x > 0.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > 0, 1, negative_slope),
                "This is the slope, 1 or negative_slope; multiply it by x.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(
                    x > 0, x, negative_slope * (np.exp(np.minimum(x, 0)) - 1)
                ),
                "An exponential bends the negative side: this is the ELU; here it is a straight "
                "line, negative_slope times x.",
            ),
            WrongAnswer(
                lambda x, negative_slope=0.2: np.where(x > 0, x, x - negative_slope),
                "negative_slope is subtracted from negative numbers; multiply them by it.",
            ),
        ),
    ),
]
