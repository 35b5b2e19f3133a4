"""Exercises of lesson 04: functions that bend, and their slopes on the way back."""

import numpy as np

from dlcore.backends.numpy import leaky_relu, relu, relu_grad, tanh, tanh_grad
from dlcore.course import Exercise, WrongAnswer


def numbers(rng, size, n, k):
    """Whole numbers from -3 to 3 for the tiny cases, any numbers for the larger ones."""
    if size == 1:
        return rng.integers(-3, 4, (n, k)).astype(float)
    return rng.normal(0, 2, (n, k))


def draw_x(rng, size):
    return (numbers(rng, size, *rng.integers(1, 2 * size + 2, 2)),)


def draw_relu_grad(rng, size):
    (x,) = draw_x(rng, size)
    return numbers(rng, size, *x.shape), np.maximum(x, 0)


def draw_tanh_grad(rng, size):
    (x,) = draw_x(rng, size)
    return numbers(rng, size, *x.shape), np.tanh(x)


def draw_leaky_relu(rng, size):
    (x,) = draw_x(rng, size)
    return x, float(rng.choice([0.1, 0.25, 0.5]))


def relu_mirrored(x):
    return np.minimum(x, 0)


def relu_absolute(x):
    return np.abs(x)


def relu_step(x):
    return np.where(x > 0, 1.0, 0.0)


def relu_capped(x):
    return np.clip(x, 0, 1)


def relu_grad_without_dy(dy, y):
    return np.where(y > 0, 1.0, 0.0)


def relu_grad_times_y(dy, y):
    return dy * y


def relu_grad_at_zero(dy, y):
    return np.where(y >= 0, dy, 0)


def relu_grad_of_dy(dy, y):
    return np.maximum(dy, 0)


def tanh_overflowing(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def tanh_overflowing_right(x):
    return (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)


def tanh_upper_half(x):
    return (np.exp(x) - np.exp(-x)) / 2


def tanh_sigmoid(x):
    return 1 / (1 + np.exp(-x))


def tanh_grad_without_dy(dy, y):
    return 1 - y**2


def tanh_grad_twice(dy, y):
    return dy * (1 - np.tanh(y) ** 2)


def tanh_grad_of_sigmoid(dy, y):
    return dy * y * (1 - y)


def tanh_grad_square_outside(dy, y):
    return dy * (1 - y) ** 2


def leaky_relu_dry(x, negative_slope=0.2):
    return np.maximum(x, 0)


def leaky_relu_flat(x, negative_slope=0.2):
    return np.where(x > 0, x, negative_slope)


def leaky_relu_fixed(x, negative_slope=0.2):
    return np.where(x > 0, x, 0.2 * x)


def leaky_relu_everywhere(x, negative_slope=0.2):
    return negative_slope * x


def row(*values):
    return np.array([values], float)


EXERCISES = [
    Exercise(
        id="04.relu",
        title="The hinge",
        level="easy",
        minutes=3,
        answer=relu,
        draw=draw_x,
        examples=((row(-2, 3),), (row(-1, 0, 1),)),
        hints=(
            "Two cases: where x is positive it goes through as it is, elsewhere the result is 0.",
            "Choosing the larger of x and 0, number by number, does just that.",
            "np.maximum(a, b) takes the larger of two numbers, everywhere at once.",
        ),
        wrong=(
            WrongAnswer(
                relu_mirrored,
                "This keeps the other half: negative numbers pass, and positive ones become 0.",
            ),
            WrongAnswer(
                relu_absolute,
                "This is the absolute value: negative numbers must become 0, not positive.",
            ),
            WrongAnswer(
                relu_step,
                "This is a step from 0 to 1; where x is positive the result is x itself.",
            ),
            WrongAnswer(
                relu_capped, "Numbers above 1 are cut off; the positive side has no upper end."
            ),
        ),
    ),
    Exercise(
        id="04.relu_grad",
        title="Back through the hinge",
        level="core",
        minutes=6,
        answer=relu_grad,
        draw=draw_relu_grad,
        examples=((row(5, 7), row(0, 3)), (row(-5, 7, 1), row(2, 0, 0))),
        hints=(
            "Look at the slope of relu in the figure: on one side of the kink it is 1, on the "
            "other 0. So each number of dy either goes through unchanged or is stopped.",
            "y tells the side: y > 0 exactly where x > 0. Where y is 0, nothing goes through.",
            "np.where(condition, a, b) takes a where the condition holds and b elsewhere. Here a "
            "is dy and b is 0.",
        ),
        wrong=(
            WrongAnswer(
                relu_grad_without_dy,
                "This is the slope alone; multiply it by dy, which comes from the layers above.",
            ),
            WrongAnswer(
                relu_grad_times_y,
                "dy is multiplied by y; the factor is the slope, which is 1 where y > 0.",
            ),
            WrongAnswer(
                relu_grad_at_zero,
                "y is never below 0, so y >= 0 lets everything through; the test must be y > 0.",
            ),
            WrongAnswer(
                relu_grad_of_dy,
                "The sign of dy is tested; what decides is y: on which side of the kink x was.",
            ),
        ),
    ),
    Exercise(
        id="04.tanh",
        title="A bend without a corner",
        level="core",
        minutes=5,
        answer=tanh,
        draw=draw_x,
        examples=((row(0, 1),), (row(-1000, 1000),)),
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
                tanh_overflowing,
                "The formula is right on paper, but exp overflows for large x or -x, and infinity "
                "over infinity is not a number.",
            ),
            WrongAnswer(
                tanh_overflowing_right,
                "The formula is right on paper, but exp(2 x) overflows for large x, and infinity "
                "over infinity is not a number.",
            ),
            WrongAnswer(
                tanh_upper_half,
                "This is sinh, the upper half of the formula: divide by exp(x) + exp(-x).",
            ),
            WrongAnswer(
                tanh_sigmoid,
                "This is the sigmoid, which runs from 0 to 1; tanh runs from -1 to 1.",
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
        examples=((row(1, 2), row(0, 0.5)),),
        hints=(
            "As with relu: the slope of the function at each place, multiplied by what comes from "
            "above.",
            "The slope of tanh at x is 1 - tanh(x)^2. You are given y, which is tanh(x) already.",
            "1 - y**2 is the slope; dy multiplies it.",
        ),
        wrong=(
            WrongAnswer(
                tanh_grad_without_dy,
                "This is the slope alone; multiply it by dy, which comes from the layers above.",
            ),
            WrongAnswer(
                tanh_grad_twice,
                "tanh is taken a second time; y is already tanh(x), so the slope is 1 - y^2.",
            ),
            WrongAnswer(
                tanh_grad_of_sigmoid,
                "y (1 - y) is the slope of the sigmoid; that of tanh is 1 - y^2.",
            ),
            WrongAnswer(
                tanh_grad_square_outside,
                "This is (1 - y)^2; only y is squared: 1 - y^2.",
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
        examples=((row(-10, 3), 0.5), (row(-10, 3),)),
        hints=(
            "Start from relu. Only what happens to negative numbers is new: they are not made 0, "
            "they are made small.",
            "Where x is positive the result is x, elsewhere it is negative_slope times x.",
            "np.where(x > 0, ..., ...) chooses between the two, number by number.",
        ),
        wrong=(
            WrongAnswer(
                leaky_relu_dry,
                "Negative numbers become 0, as with relu; here they become negative_slope times x.",
            ),
            WrongAnswer(
                leaky_relu_flat,
                "Negative numbers become negative_slope itself, a flat floor; multiply it by x.",
            ),
            WrongAnswer(
                leaky_relu_fixed,
                "The slope is fixed at 0.2; use the argument negative_slope.",
            ),
            WrongAnswer(
                leaky_relu_everywhere,
                "Positive numbers are made small too; they go through unchanged.",
            ),
        ),
    ),
]
