"""Exercises of lesson 16: pictures mirrored and shifted, by random numbers that are given."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes


def flip(x, u):
    mirrored = u < 0.5
    y = x.copy()
    y[mirrored] = x[mirrored][:, :, ::-1]
    return y


def draw_flip(rng, size):
    """Pictures that grow to the right; one u is exactly 0.5, and some are on either side."""
    n, h, w, c = sizes(rng, size, 4)
    n += 3
    x = (
        numbers(rng, size, n, h, w, c)
        + 5 * np.arange(w)[:, None]
        + np.arange(n)[:, None, None, None]
    )
    u = rng.integers(1, 8, n) / 8 if size == 1 else rng.random(n)
    u[:4] = 0.5, 0.125, 0.875, 0.25
    return x, rng.permutation(u)


def where(u, changed, x, limit=None):
    """Changed where u says so, x elsewhere."""
    chosen = u < 0.5 if limit is None else limit(u)
    return np.where(np.asarray(chosen)[:, None, None, None], changed, x)


def half_exchanged(x, u):
    left = x.shape[2] // 2
    mixed = x.copy()
    mixed[:, :, :left] = x[:, :, ::-1][:, :, :left]
    return where(u, mixed, x)


def all_but_the_first(x, u):
    y = flip(x, u)
    y[0] = x[0]
    return y


def random_shift(x, u, most):
    n, h, w, c = x.shape
    wide = np.pad(x, ((0, 0), (most, most), (most, most), (0, 0)))
    y = np.empty_like(x)
    for i in range(n):
        down, right = np.floor(u[i] * (2 * most + 1)).astype(int) - most
        y[i] = wide[i, most - down : most - down + h, most - right : most - right + w]
    return y


def draw_random_shift(rng, size):
    """No pixel is 0; some u are near 0 and near 1, and no product with 2 most + 1 is whole."""
    h, w, c = sizes(rng, size, 3)
    n, most = 4 + size, int(rng.integers(1, 3))
    h, w = h + 2, w + 2
    x = numbers(rng, size, n, h, w, c)
    x[np.abs(x) < 0.5] = 2
    places = (rng.integers(0, 2 * most + 1, (n, 2)) + 0.3) / (2 * most + 1)
    # Both corners, and two moves whose ways down and right differ.
    places[:4] = [[0.01, 0.99], [0.99, 0.01], [0.01, 0.5], [0.75, 0.99]]
    return x, places[rng.permutation(n)], most


def steps(u, most):
    return np.floor(u * (2 * most + 1)).astype(int) - most


def shift_with(moves=steps, fill=None, pick=None):
    """The answer with one part exchanged, which is how a mistake is made."""
    how = {"mode": "constant"} if fill is None else fill

    def shift(x, u, most):
        h, w = x.shape[1:3]
        wide = np.pad(x, ((0, 0), (most, most), (most, most), (0, 0)), **how)
        found = np.asarray(moves(u, most))
        if pick is not None:
            found = pick(found)
        rows = [
            wide[i, most - down : most - down + h, most - right : most - right + w]
            for i, (down, right) in enumerate(np.clip(found, -most, most))
        ]
        return np.array(rows)

    return shift


def wrapped(x, u, most):
    pairs = zip(x, steps(u, most), strict=True)
    return np.array([np.roll(each, tuple(move), axis=(0, 1)) for each, move in pairs])


def colours_shifted(x, u, most):
    y = np.zeros_like(x)
    for i, (down, right) in enumerate(steps(u, most)):
        moved = np.roll(x[i], (down, right), axis=(0, 2))
        y[i] = moved
    return y


def channels_first(x, u, most):
    rows = np.moveaxis(x, (1, 2, 3), (3, 1, 2))  # rows are the columns of x, columns its colours
    return np.moveaxis(random_shift(rows, u, most), (3, 1, 2), (1, 2, 3))


def rolled_and_cleared(x, u, most, both=True):
    """Rolled, with zeros above and to the left: of every move, or only of those down and right."""
    y = wrapped(x, u, most)
    for i, (down, right) in enumerate(steps(u, most)):
        y[i, : abs(down) if both else max(0, down)] = 0
        y[i, :, : abs(right) if both else max(0, right)] = 0
    return y


def most_left_on(x, u, most):
    h, w = x.shape[1:3]
    wide = np.pad(x, ((0, 0), (2 * most, 0), (2 * most, 0), (0, 0)))
    places = 2 * most - np.floor(u * (2 * most + 1)).astype(int)
    return np.array([wide[i, r : r + h, k : k + w] for i, (r, k) in enumerate(places)])


def larger(x, u, most):
    """Each picture as a window of zeros holds it, border and all."""
    n, h, w, c = x.shape
    y = np.zeros((n, h + 2 * most, w + 2 * most, c), x.dtype)
    for i, (down, right) in enumerate(steps(u, most) + most):
        y[i, down : down + h, right : right + w] = x[i]
    return y


def filled_with_the_mean(x, u, most):
    moved = shift_with()(np.ones_like(x), u, most)
    return np.where(moved == 1, shift_with()(x, u, most), x.mean())


EXERCISES = [
    Exercise(
        id="16.flip",
        title="Mirrored, left to right",
        level="easy",
        minutes=4,
        answer=flip,
        draw=draw_flip,
        result_names=("y",),
        hints=(
            "Which of the four axes of x runs from left to right?",
            "[:, :, ::-1] reads the third axis backwards. Which pictures get that is said by "
            "u < 0.5, one True or False for each.",
            "y = x.copy(), and then y[u < 0.5] = x[u < 0.5][:, :, ::-1].",
        ),
        wrong=(
            WrongAnswer(
                lambda x, u: where(u, x[:, ::-1], x),
                "The pictures are turned upside down: the second axis runs from top to bottom, "
                "the third from left to right.",
            ),
            WrongAnswer(
                lambda x, u: where(u, x[..., ::-1], x),
                "The colours are in reverse order, blue where red was; it is the third axis that "
                "runs from left to right, and the fourth holds the colours.",
            ),
            WrongAnswer(
                lambda x, u: x[:, :, ::-1] if u[0] < 0.5 else x,
                "The first u decides for all pictures; each has its own.",
            ),
            WrongAnswer(
                lambda x, u: where(u, x[:, :, ::-1], x, lambda u: u >= 0.5),
                "The wrong half is mirrored: those whose u is below 0.5 are.",
            ),
            WrongAnswer(
                lambda x, u: x[:, :, ::-1],
                "Every picture is mirrored; only those whose u is below 0.5 are.",
            ),
            WrongAnswer(
                lambda x, u: x,
                "No picture is mirrored; those whose u is below 0.5 are.",
            ),
            WrongAnswer(
                lambda x, u: where(u, x[:, :, ::-1], x, lambda u: u <= 0.5),
                "A picture whose u is exactly 0.5 is mirrored here; it stays as it is.",
            ),
            WrongAnswer(
                lambda x, u: where(u, x[:, ::-1, ::-1], x),
                "The pictures are turned by half a turn, rows and columns both; only the columns "
                "run backwards.",
            ),
            WrongAnswer(
                lambda x, u: where(u, x[:, :, ::-1], x, lambda u: u > 0.5),
                "Pictures whose u is above 0.5 are mirrored; it is those below.",
            ),
            WrongAnswer(
                lambda x, u: where(u, x[:, ::-1, ::-1, ::-1], x),
                "Rows, columns and colours all run backwards; only the columns do, the third axis "
                "of x.",
            ),
            WrongAnswer(
                half_exchanged,
                "The left half shows the right one mirrored, and the right half is as it was; both "
                "change, by the columns of x and not by what is already written.",
            ),
            WrongAnswer(
                all_but_the_first,
                "The first picture is left out: Python counts from 0.",
            ),
            WrongAnswer(
                lambda x, u: where(u, x[::-1], x),
                "The pictures change places with each other; it is the third axis that is read "
                "backwards.",
            ),
            WrongAnswer(
                lambda x, u: x[u < 0.5][:, :, ::-1],
                "Only the mirrored pictures are returned; the others belong to the result, each "
                "in its place.",
            ),
            WrongAnswer(
                lambda x, u: where(u, -x, x),
                "The numbers have changed their sign; mirrored means that the columns run "
                "backwards.",
            ),
            WrongAnswer(
                lambda x, u: where(u, np.roll(x, 1, axis=2), x),
                "The columns are moved on by one; mirrored means that they run backwards.",
            ),
            WrongAnswer(
                lambda x, u: (x + x[:, :, ::-1]) / 2,
                "Each picture is mixed with its mirror image; u decides between the two.",
            ),
        ),
    ),
    Exercise(
        id="16.random_shift",
        title="Shifted by whole pixels",
        level="core",
        minutes=8,
        answer=random_shift,
        draw=draw_random_shift,
        result_names=("y",),
        hints=(
            "With most = 2 there are five moves, -2 to 2. Into which five pieces do they cut the "
            "numbers from 0 to 1? And what is seen where nothing was?",
            "np.floor(u * (2 * most + 1)) - most, as whole numbers with .astype(int). A picture "
            "with a border of zeros, most wide, holds every shifted picture as a window.",
            "wide = np.pad(x, ((0, 0), (most, most), (most, most), (0, 0))); picture i is "
            "wide[i, most - down : most - down + h, most - right : most - right + w].",
        ),
        wrong=(
            WrongAnswer(
                wrapped,
                "What goes out at one edge comes in at the other; zeros come in.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: np.repeat(moves[:1], len(moves), axis=0)),
                "One move serves for the whole batch; each picture has its own.",
            ),
            WrongAnswer(
                shift_with(lambda u, most: (u * 2 * most - most).astype(int)),
                "int cuts towards 0, from both sides: no move at all becomes twice as likely, and "
                "the farthest ones never happen. Take np.floor of u times 2 most + 1.",
            ),
            WrongAnswer(
                shift_with(lambda u, most: (u * (2 * most + 1) - most).astype(int)),
                "most is taken off before the number is made whole, and int then cuts towards 0; "
                "make it whole first.",
            ),
            WrongAnswer(
                shift_with(lambda u, most: np.floor(u * (most + 1)).astype(int)),
                "The moves go from 0 to most only; half of them point the other way.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: moves[:, ::-1]),
                "Down and right have changed places: the first column of u moves down.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: -moves),
                "The pictures move up and to the left: a positive move goes down, and to the "
                "right.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: moves * [-1, 1]),
                "A positive first move goes up here; it goes down.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: moves * [1, -1]),
                "A positive second move goes to the left here; it goes to the right.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: moves[:, [0, 0]]),
                "Both ways go by the first column of u; the second moves to the right.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: moves * [1, 0]),
                "The pictures move down only; the second column of u moves them to the right.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: moves * [0, 1]),
                "The pictures move to the right only; the first column of u moves them down.",
            ),
            WrongAnswer(
                shift_with(lambda u, most: np.floor(u * 2 * most).astype(int) - most),
                "There are 2 most moves here, and the farthest down and right is missing; from "
                "-most to most there are 2 most + 1.",
            ),
            WrongAnswer(
                shift_with(lambda u, most: np.round(u * 2 * most).astype(int) - most),
                "Rounding gives the two farthest moves half a piece each, so that they are half as "
                "likely; take np.floor of u times 2 most + 1.",
            ),
            WrongAnswer(
                shift_with(lambda u, most: np.ceil(u * (2 * most + 1)).astype(int) - most),
                "np.ceil makes each move one too large; take np.floor.",
            ),
            WrongAnswer(
                shift_with(fill={"mode": "edge"}),
                "The last pixel is repeated where nothing was; zeros come in.",
            ),
            WrongAnswer(
                shift_with(fill={"mode": "reflect"}),
                "The picture is reflected at its edge, which is what RandomTranslation does; here "
                "zeros come in.",
            ),
            WrongAnswer(
                shift_with(fill={"mode": "symmetric"}),
                "The picture is reflected at its edge, the last pixel twice; zeros come in.",
            ),
            WrongAnswer(
                filled_with_the_mean,
                "The mean of the pictures comes in; zeros come in.",
            ),
            WrongAnswer(
                colours_shifted,
                "The second move goes along the colours; the third axis of x runs from left to "
                "right, the fourth holds the colours.",
            ),
            WrongAnswer(
                channels_first,
                "The moves go along the columns and the colours, as if the colours lay second; "
                "x is [n, h, w, c].",
            ),
            WrongAnswer(
                rolled_and_cleared,
                "Zeros are written above and to the left after every move; after one up or to the "
                "left what came round lies below or at the right.",
            ),
            WrongAnswer(
                lambda x, u, most: rolled_and_cleared(x, u, most, both=False),
                "After a move up or to the left, what goes out at one edge comes in at the other; "
                "zeros come in there too.",
            ),
            WrongAnswer(
                shift_with(lambda u, most: np.round((2 * u - 1) * most).astype(int)),
                "u from 0 to 1 is stretched from -most to most and rounded, and each end gets only "
                "half a piece: the farthest moves are half as likely. Take np.floor of u times "
                "2 most + 1.",
            ),
            WrongAnswer(
                most_left_on,
                "The moves go from 0 to 2 most; most is still to be taken off.",
            ),
            WrongAnswer(
                shift_with(pick=lambda moves: np.repeat(moves[-1:], len(moves), axis=0)),
                "The last move serves for the whole batch; each picture has its own.",
            ),
            WrongAnswer(
                larger,
                "The pictures have grown by most at every edge; cut them to h rows and w columns.",
            ),
            WrongAnswer(
                lambda x, u, most: x,
                "Nothing moves here.",
            ),
        ),
    ),
]
