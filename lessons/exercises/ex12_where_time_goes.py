"""Exercises of lesson 12: what a step multiplies, and what one faster part does for the whole."""

import math

import numpy as np

from dlcore.course import Exercise, WrongAnswer


def multiply_adds(n, sizes):
    products = [i * o for i, o in zip(sizes[:-1], sizes[1:], strict=True)]
    return n * (3 * sum(products) - products[0])


def draw_multiply_adds(rng, size):
    count = int(rng.integers(3, min(4 + size, 9)))
    n, *sizes = (int(each) for each in rng.choice(np.arange(2, 8 + 4 * size), count + 1, False))
    if count > 4:
        sizes[2] = sizes[0]  # the first layer is known by its place, not by its size
    return n, sizes


def products(sizes):
    return [i * o for i, o in zip(sizes[:-1], sizes[1:], strict=True)]


def speedup(share, factor):
    return 1 / ((1 - share) + share / factor)


def draw_speedup(rng, size):
    share = rng.choice([0.25, 0.5, 0.75, 0.9, 0.95], int(rng.integers(2, 5)), False)
    return share, float(rng.choice([2, 4, 10, 50]))


EXERCISES = [
    Exercise(
        id="12.multiply_adds",
        title="What a training step multiplies",
        level="core",
        minutes=5,
        answer=multiply_adds,
        draw=draw_multiply_adds,
        result_names=("count",),
        examples=((2, [3, 5, 4]),),
        hints=(
            "One layer alone first: how many products does z = x w have, if x is [n, i] and w is "
            "[i, o]? Then dw = xᵀ dz and dx = dz wᵀ: how many have those?",
            "Each of the three has n i o. zip(sizes[:-1], sizes[1:]) pairs the sizes of each "
            "layer; for one layer nobody wants dx.",
            "products = [i * o for i, o in zip(sizes[:-1], sizes[1:])], and the count is "
            "n * (3 * sum(products) - products[0]).",
        ),
        wrong=(
            WrongAnswer(
                lambda n, sizes: n * sum(products(sizes)),
                "This is the way forward alone. The way back multiplies as well, once for dw and "
                "once for dx.",
            ),
            WrongAnswer(
                lambda n, sizes: 3 * n * sum(products(sizes)),
                "Three for every layer is a little too much: nobody asks for the slope of the "
                "data, so the first layer needs no dx.",
            ),
            WrongAnswer(
                lambda n, sizes: 2 * n * sum(products(sizes)),
                "Forward and dw are there; dx of all layers but the first is missing.",
            ),
            WrongAnswer(
                lambda n, sizes: n * (2 * sum(products(sizes)) - products(sizes)[0]),
                "The way back is there; the way forward is missing, another n i o for each layer.",
            ),
            WrongAnswer(
                lambda n, sizes: 3 * sum(products(sizes)) - products(sizes)[0],
                "This is right for a single row; a batch has n of them.",
            ),
            WrongAnswer(
                lambda n, sizes: 2 * multiply_adds(n, sizes),
                "Everything is counted twice: a product and the sum that it goes into are one "
                "multiply-add here.",
            ),
            WrongAnswer(
                lambda n, sizes: n * sum(sizes),
                "The sizes are added up. Each unit of a layer meets every one of its inputs: i "
                "times o.",
            ),
            WrongAnswer(
                lambda n, sizes: n * math.prod(sizes),
                "All sizes are multiplied with each other. A layer multiplies its own two, and the "
                "layers are added up.",
            ),
            WrongAnswer(
                lambda n, sizes: n * (3 * sum(products(sizes)) - products(sizes)[-1]),
                "The last layer goes without dx here. It is the first that needs none: before it "
                "there is only the data.",
            ),
            WrongAnswer(
                lambda n, sizes: n * (3 * sum(products(sizes)) - 2 * products(sizes)[0]),
                "The first layer has lost its dw too; it needs no dx, but its weights do learn.",
            ),
            WrongAnswer(
                lambda n, sizes: n * 3 * sum(products(sizes)[1:]),
                "The first layer is left out altogether; it is only its dx that nobody needs.",
            ),
            WrongAnswer(
                lambda n, sizes: (
                    n * sum(3 * (i + 1) * o for i, o in zip(sizes[:-1], sizes[1:], strict=True))
                    - n * (sizes[0] + 1) * sizes[1]
                ),
                "The biases are counted as inputs. A bias is added and never multiplied.",
            ),
            WrongAnswer(
                lambda n, sizes: (
                    n
                    * (
                        3 * sum(i * o for i, o in zip(sizes[::2], sizes[1::2], strict=False))
                        - sizes[0] * sizes[1]
                    )
                ),
                "The sizes are used up in pairs. Each size but the first and the last belongs to "
                "two layers: it goes out of one and into the next.",
            ),
            WrongAnswer(
                lambda n, sizes: n * 2 * sizes[0] * sizes[-1],
                "This is a single layer from the first size to the last; there is one for each "
                "pair of neighbours.",
            ),
            WrongAnswer(
                lambda n, sizes: n * 3 * products(sizes)[-1],
                "Only the last layer is left: each overwrites the one before, so add them up.",
            ),
            WrongAnswer(
                lambda n, sizes: 3 * n * sum(products(sizes)) - products(sizes)[0],
                "The dx of the first layer is taken away for a single row; it would have been "
                "calculated for all n.",
            ),
            WrongAnswer(
                lambda n, sizes: n * sum(sizes[1:]),
                "The units are counted. Each of them meets every one of its inputs: i times o "
                "for a layer.",
            ),
            WrongAnswer(
                lambda n, sizes: n * (3 * sum(products(sizes)[:-1]) - products(sizes)[0]),
                "The last layer is missing; a list of s sizes has s - 1 layers.",
            ),
            WrongAnswer(
                lambda n, sizes: (
                    n * (3 * sum(products(sizes)) - products(sizes)[0]) + n * sum(sizes[1:])
                ),
                "The biases are counted too. A bias is added and never multiplied.",
            ),
            WrongAnswer(
                lambda n, sizes: n * (2 * sum(products(sizes)) + products(sizes)[0]),
                "dx is counted for the first layer alone; it is the only one that needs none.",
            ),
            WrongAnswer(
                lambda n, sizes: (
                    n * (len(sizes) - 1) + 3 * sum(products(sizes)) - products(sizes)[0]
                ),
                "n is added; all that is done for one row is done n times, so multiply.",
            ),
            WrongAnswer(
                lambda n, sizes: n * (3 * sum(products(sizes)) - sizes[0]),
                "Only the number of inputs is taken away; the dx of the first layer is "
                "sizes[0] times sizes[1] for each row.",
            ),
            WrongAnswer(
                lambda n, sizes: 3 * sum(products([n, *sizes])) - n * sizes[0],
                "n stands among the sizes, as if the batch were a layer; it multiplies what all "
                "layers do.",
            ),
            WrongAnswer(
                lambda n, sizes: sum((i + 1) * o for i, o in zip(sizes, sizes[1:], strict=False)),
                "These are the weights and biases, as summary() counts them; wanted is how often "
                "one is multiplied, for n rows and three times.",
            ),
            WrongAnswer(
                lambda n, sizes: sum(products(sizes)),
                "These are the weights; wanted is how often one is multiplied, for n rows, forward "
                "and back.",
            ),
            WrongAnswer(
                lambda n, sizes: n * (3 * sum(each * each for each in sizes) - sizes[0] ** 2),
                "Each size is multiplied by itself; a layer multiplies its inputs by its units, "
                "two neighbours of the list.",
            ),
            WrongAnswer(
                lambda n, sizes: (
                    n
                    * sum(
                        (2 if i == sizes[0] else 3) * i * o
                        for i, o in zip(sizes[:-1], sizes[1:], strict=True)
                    )
                ),
                "The first layer is known by its number of inputs here, which a later one may "
                "have too; it is the first in the list.",
            ),
            WrongAnswer(
                lambda n, sizes: n * n * (3 * sum(products(sizes)) - products(sizes)[0]),
                "n is there twice. Each row is multiplied with the weights, not with the other "
                "rows.",
            ),
        ),
    ),
    Exercise(
        id="12.speedup",
        title="When only a part becomes faster",
        level="easy",
        minutes=4,
        answer=speedup,
        draw=draw_speedup,
        result_names=("times as fast",),
        examples=((np.array([0.25, 0.5, 0.75]), 2.0),),
        hints=(
            "Let the whole take 1 before. How long does the part that stays as it was take, and "
            "how long the part that became faster?",
            "The rest still takes 1 - share, the other part share / factor. The sum is the new "
            "time; how many times does it go into the old one?",
            "1 / ((1 - share) + share / factor).",
        ),
        wrong=(
            WrongAnswer(
                lambda share, factor: np.full(np.shape(share), factor),
                "Only a share becomes faster; the rest takes as long as before.",
            ),
            WrongAnswer(
                lambda share, factor: (1 - share) + share * factor,
                "Speeds are added up here. Add up the times: the rest, and share / factor.",
            ),
            WrongAnswer(
                lambda share, factor: share * factor,
                "The rest is missing: it still takes its time, 1 - share.",
            ),
            WrongAnswer(
                lambda share, factor: (1 - share) + share / factor,
                "This is the new time, with the old one as 1. How many times as fast is one over "
                "it.",
            ),
            WrongAnswer(
                lambda share, factor: 1 / (share + (1 - share) / factor),
                "Share and rest have changed places: the share is the part that becomes faster.",
            ),
            WrongAnswer(
                lambda share, factor: factor / share,
                "The rest is taken to cost nothing; it still takes 1 - share.",
            ),
            WrongAnswer(
                lambda share, factor: 1 / (1 - share),
                "This is the most that can be had, if the share took no time at all; it still "
                "takes share / factor.",
            ),
            WrongAnswer(
                lambda share, factor: 1 / ((1 - share) + share * factor),
                "The share takes factor times as long here; it becomes faster, so divide by "
                "factor.",
            ),
            WrongAnswer(
                lambda share, factor: 1 + share * factor,
                "Speeds are added up here, and the rest counts as the whole. Add up the times: "
                "1 - share, and share / factor.",
            ),
            WrongAnswer(
                lambda share, factor: factor / (1 - share),
                "The factor belongs to the share alone; the rest, 1 - share, is not divided by it.",
            ),
            WrongAnswer(
                lambda share, factor: 1 / (1 - share.sum() + share.sum() / factor),
                "The shares are added up, as if they were parts of one program; each of them is a "
                "question of its own, and has an answer of its own.",
            ),
            WrongAnswer(
                lambda share, factor: 1 / ((1 - share) + share / factor) - 1,
                "Each number is 1 too small: as fast as before counts as 1, not as 0.",
            ),
            WrongAnswer(
                lambda share, factor: factor**share,
                "The factor is raised to the share; what adds up are the times, 1 - share and "
                "share / factor.",
            ),
            WrongAnswer(
                lambda share, factor: share - share / factor,
                "This is the time that is saved. What is asked is the old time over the new one.",
            ),
            WrongAnswer(
                lambda share, factor: 1 / (1 - share / factor),
                "The time that is left of the share is taken away from the whole; it is the time "
                "saved that falls away, share - share / factor.",
            ),
        ),
    ),
]
