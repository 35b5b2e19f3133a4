"""Exercises of lesson 04: the hinge, and its slope on the way back."""

import numpy as np

from dlcore.backends.numpy import relu, relu_grad
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def draw_x(rng, size):
    return (numbers(rng, size, *sizes(rng, size, 2)),)


def relu_mirrored(x):
    return np.minimum(x, 0)


def relu_spelled(x):
    return np.where(x > 0, x, 0)


def relu_all_or_nothing(x):
    return x if (x > 0).all() else 0 * x


def draw_relu_grad(rng, size):
    (x,) = draw_x(rng, size)
    return numbers(rng, size, *x.shape), np.maximum(x, 0)


EXERCISES = [
    Exercise(
        id="04.relu",
        title="The hinge",
        level="easy",
        minutes=3,
        answer=relu,
        spelled=relu_spelled,
        draw=draw_x,
        examples=(
            (table("-2 3 0; 50 -1 0.5"),),
            (table("1 2 4 3; 5 1 0.5 2"),),
        ),
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
                lambda x: np.abs(x),
                "This is the absolute value: negative numbers must become 0, not positive.",
            ),
            WrongAnswer(
                lambda x: np.where(x > 0, 1.0, 0.0),
                "This is a step from 0 to 1; where x is positive the result is x itself.",
            ),
            WrongAnswer(
                lambda x: np.clip(x, 0, 1),
                "Numbers above 1 are cut off; the positive side has no upper end.",
            ),
            WrongAnswer(
                lambda x: x[x > 0],
                "This picks the positive numbers out and drops the others; relu keeps the shape "
                "and puts a 0 in the place of a negative number.",
            ),
            WrongAnswer(
                lambda x: np.max(x),
                "This is the largest number of all; np.maximum compares each one with 0.",
            ),
            WrongAnswer(
                lambda x: np.max(x, axis=0),
                "np.max takes the 0 for an axis and gives the largest of each column; "
                "np.maximum(x, 0) compares each number with 0.",
            ),
            WrongAnswer(
                relu_all_or_nothing,
                "One choice is made for the whole array, all of x or none; each number wants its "
                "own.",
            ),
            WrongAnswer(
                lambda x: np.maximum(-x, 0),
                "The sign of x is turned round before the cut: this hinge opens to the left.",
            ),
            WrongAnswer(lambda x: np.maximum(x, 1), "The floor is at 1; it belongs at 0."),
            WrongAnswer(
                lambda x: np.where(x > 0, x, 1.0),
                "Where x is negative the result is 1 here; it has to be 0.",
            ),
            WrongAnswer(
                lambda x: np.where(x > 0, x, 0.01 * x),
                "A little of the negative numbers goes through: this is the leaky relu; here they "
                "become 0.",
            ),
            WrongAnswer(
                lambda x: np.log(1 + np.exp(x)),
                "This is softplus, the hinge with a round corner; relu has a sharp one.",
            ),
            WrongAnswer(
                lambda x: 1 / (1 + np.exp(-x)),
                "This is the sigmoid, which runs from 0 to 1; relu has no upper end.",
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
        examples=((table("5 7 -2; -5 7 1"), table("0 3 0.5; 2 0 0")),),
        hints=(
            "Draw relu on paper and read off its slope: on one side of the kink it is 1, on the "
            "other 0. So each number of dy either goes through unchanged or is stopped.",
            "y tells the side: y > 0 exactly where x > 0. Where y is 0, nothing goes through.",
            "np.where(condition, a, b) takes a where the condition holds and b elsewhere. Here a "
            "is dy and b is 0.",
        ),
        wrong=(
            WrongAnswer(
                lambda dy, y: np.where(y > 0, 1.0, 0.0),
                "This is the slope alone; multiply it by dy, which comes from the layers above.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y,
                "dy is multiplied by y; the factor is the slope, which is 1 where y > 0.",
            ),
            WrongAnswer(
                lambda dy, y: np.where(y >= 0, dy, 0),
                "y is never below 0, so all of dy goes through; where y is 0 it has to stop, and "
                "the test is y > 0.",
            ),
            WrongAnswer(
                lambda dy, y: np.maximum(dy, 0),
                "The sign of dy is tested; what decides is y: on which side of the kink x was.",
            ),
            WrongAnswer(
                lambda dy, y: np.where(dy > 0, y, 0),
                "dy and y have changed places: y decides, and dy goes through.",
            ),
            WrongAnswer(
                lambda dy, y: np.where(dy > 0, 1.0, 0.0),
                "This is 1 where dy is positive; y decides, and what goes through is dy itself.",
            ),
            WrongAnswer(
                lambda dy, y: np.where(y > 0, 0, dy),
                "This is the wrong way round: dy goes through where y is 0, and stops where y is "
                "positive.",
            ),
            WrongAnswer(
                lambda dy, y: np.where(y > 0, dy, 1),
                "Where y is 0 the result is 1 here; nothing goes through there, so it is 0.",
            ),
            WrongAnswer(
                lambda dy, y: np.where(y > 0, dy, -dy),
                "Where y is 0 dy comes back with the other sign; nothing goes through there.",
            ),
            WrongAnswer(
                lambda dy, y: np.where(y > 1, dy, 0),
                "The test is y > 1 here; the kink lies at 0, so it is y > 0.",
            ),
            WrongAnswer(
                lambda dy, y: np.maximum(dy * y, 0),
                "This is relu of dy times y; dy goes through as it is, with its sign, where y > 0.",
            ),
            WrongAnswer(
                lambda dy, y: np.where((y > 0) & (dy > 0), dy, 0),
                "Negative numbers of dy are stopped too; only y decides what goes through.",
            ),
            WrongAnswer(
                lambda dy, y: dy + (y > 0), "The slope is added to dy; it has to be multiplied."
            ),
            WrongAnswer(
                lambda dy, y: dy * np.gradient(y),
                "np.gradient takes the differences between neighbours in y; the slope of relu is 1 "
                "where y > 0, else 0.",
            ),
            WrongAnswer(
                lambda dy, y: y,
                "This is y itself, what relu gave on the way forward; what goes back is dy.",
            ),
        ),
    ),
]
