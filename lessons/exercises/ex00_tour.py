"""The exercise of lesson 00: from ten probabilities to one answer."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer


def most_likely(p):
    return np.argmax(p, axis=1)


def draw_probabilities(rng, size):
    """Rows that add up to 1 (100 for the tiny cases), each with one clear largest number."""
    n = int(rng.integers(2, 2 * size + 2))
    if size == 1:
        return (np.stack([rng.permutation([64.0, *range(9)]) for _ in range(n)]),)
    p = rng.dirichlet(np.full(10, 0.3), n)
    p[np.arange(n), rng.integers(0, 10, n)] += 1.0
    return (p / p.sum(axis=1, keepdims=True),)


def never_reset(p):
    """The largest so far, also of the rows above, and where in its row it stood."""
    digits, best = [], 0.0
    for row in p:
        if row.max() > best:
            best, digit = row.max(), int(np.argmax(row))
        digits.append(digit)
    return np.array(digits)


EXERCISES = [
    Exercise(
        id="00.most_likely",
        title="From ten bars to one answer",
        level="easy",
        minutes=3,
        answer=most_likely,
        draw=draw_probabilities,
        result_names=("answer",),
        examples=(
            (np.array([[0.0, 1, 2, 64, 3, 4, 5, 6, 7, 8], [64.0, 8, 7, 6, 5, 4, 3, 2, 1, 0]]),),
        ),
        hints=(
            "In each row, look for the largest number. The answer is not that number, but the "
            "place where it stands.",
            "NumPy has np.argmax for it: the place of the largest. With axis=1 it looks along each "
            "row.",
            "Replace the three dots by: return np.argmax(p, axis=1)",
        ),
        wrong=(
            WrongAnswer(
                lambda p: np.max(p, axis=1),
                "These are the largest probabilities themselves; the digit is the place where the "
                "largest one stands (argmax, not max).",
            ),
            WrongAnswer(
                lambda p: np.argmax(p, axis=0),
                "This looks down the columns (axis=0) and finds a row for each digit; look along "
                "the rows (axis=1).",
            ),
            WrongAnswer(
                lambda p: np.argmax(p),
                "This is one place in the whole table; each row wants its own, so look along the "
                "rows (axis=1).",
            ),
            WrongAnswer(
                lambda p: np.max(p),
                "This is the largest number of the whole table; wanted is, for each row, the place "
                "of its largest.",
            ),
            WrongAnswer(
                lambda p: np.argmin(p, axis=1),
                "This is the least likely digit; look for the largest.",
            ),
            WrongAnswer(
                lambda p: np.argmax(p, axis=1) + 1,
                "The places count from 0, as the digits do; leave them as is.",
            ),
            WrongAnswer(
                lambda p: np.argsort(p, axis=1),
                "This puts the places of each row in order; the most likely one is the last of "
                "them.",
            ),
            WrongAnswer(
                lambda p: p == p.max(axis=1, keepdims=True),
                "This marks the largest with True, and all others with False; wanted is the number "
                "of its place.",
            ),
            WrongAnswer(
                lambda p: np.round(p),
                "This rounds the probabilities; wanted is the place of the largest in each row.",
            ),
            WrongAnswer(
                lambda p: p.sum(axis=1),
                "This adds up each row, which tells nothing about the digit; look for the place of "
                "the largest number.",
            ),
            WrongAnswer(
                lambda p: np.argmax(p[0]),
                "This is the digit of the first row alone; every row wants one.",
            ),
            WrongAnswer(
                lambda p: np.max(p, axis=1)[1],
                "np.max gives the largest numbers alone, not a pair of numbers and places, so [1] "
                "picks that of the second row; np.argmax gives the places.",
            ),
            WrongAnswer(
                lambda p: np.where(p > 0.5)[1],
                "These are the places of all numbers above 0.5, none or several in a row; each row "
                "wants one place, that of its largest.",
            ),
            WrongAnswer(
                lambda p: 1 + np.argmax(p[:, 1:], axis=1),
                "The first column is never looked at, so the digit 0 is never found: places count "
                "from 0.",
            ),
            WrongAnswer(
                never_reset,
                "The largest number of the rows above still counts when a new row begins; each row "
                "starts afresh.",
            ),
        ),
    ),
]
