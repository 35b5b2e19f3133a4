"""Exercises of lesson 16: colours on one scale, before a network and inside it."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes

COLOURS = (0, 1, 2)  # the axes over which the numbers of one colour lie
OF_IMAGENET = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])  # as often copied


def standardise(x_train, x_test):
    mean, spread = x_train.mean(axis=(0, 1, 2)), x_train.std(axis=(0, 1, 2))
    return (x_train - mean) / spread, (x_test - mean) / spread


def draw_standardise(rng, size):
    """Three colours of different means and spreads, and a test part that has other ones."""
    n, m, h, w = sizes(rng, size, 4)
    if size == 1:
        x_train = rng.integers(-3, 4, (n, h, w, 3)) * [1, 4, 2] + [10.0, -6.0, 3.0]
        x_test = rng.integers(-3, 4, (m, h, w, 3)) * [2, 1, 3] + [4.0, 2.0, -5.0]
    else:
        x_train = rng.normal([100, -20, 5], [10, 60, 3], (n, h, w, 3))
        x_test = rng.normal([70, 15, 11], [20, 30, 8], (m, h, w, 3))
    x_train[0] += 2  # one picture is brighter than the others
    return x_train, x_test


def ready_with(mean=None, spread=None, y=None, results=None):
    """The answer with one part exchanged, which is how a mistake is made."""

    def ready(x_train, x_test):
        middle = x_train.mean(axis=COLOURS) if mean is None else mean(x_train)
        by = x_train.std(axis=COLOURS) if spread is None else spread(x_train)
        parts = [(x - middle) / by if y is None else y(x, middle, by) for x in (x_train, x_test)]
        return tuple(parts) if results is None else results(*parts, x_train, x_test)

    return ready


def each_part_by_itself(x_train, x_test):
    return tuple((x - x.mean(axis=COLOURS)) / x.std(axis=COLOURS) for x in (x_train, x_test))


def both_parts_together(x_train, x_test):
    x = np.concatenate([x_train, x_test])
    mean, spread = x.mean(axis=COLOURS), x.std(axis=COLOURS)
    return (x_train - mean) / spread, (x_test - mean) / spread


def each_picture_by_itself(x_train, x_test):
    def ready(x):
        return (x - x.mean(axis=(1, 2), keepdims=True)) / x.std(axis=(1, 2), keepdims=True)

    return ready(x_train), ready(x_test)


def each_pixel_over_its_colours(x_train, x_test):
    def ready(x):
        return (x - x.mean(axis=-1, keepdims=True)) / x.std(axis=-1, keepdims=True)

    return ready(x_train), ready(x_test)


def to_the_unit_range(x_train, x_test):
    low, high = x_train.min(axis=COLOURS), x_train.max(axis=COLOURS)
    return (x_train - low) / (high - low), (x_test - low) / (high - low)


def largest_less_smallest(x):
    return x.max(axis=COLOURS) - x.min(axis=COLOURS)


def mean_of_the_distances(x):
    return np.abs(x - x.mean(axis=COLOURS)).mean(axis=COLOURS)


def mean_of_the_spreads(x):
    return x.std(axis=(1, 2)).mean(axis=0)


def of_columns(function):
    """Mean or spread over the axes that remain where colours are taken to lie second."""
    return lambda x: function(x, axis=(0, 2, 3), keepdims=True)


def test_with_its_own_mean(x_train, x_test):
    spread = x_train.std(axis=COLOURS)
    return (x_train - x_train.mean(axis=COLOURS)) / spread, (
        x_test - x_test.mean(axis=COLOURS)
    ) / spread


def batch_norm_pictures(x, gamma, beta, epsilon):
    mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def draw_batch_norm_pictures(rng, size):
    """Channels with means and spreads of their own; gamma and beta are never 0, 1 or -1."""
    n, h, w, c = sizes(rng, size, 4)
    x = numbers(rng, size, n, h, w, c)
    x = x * rng.choice([1.0, 2.0, 3.0], c) + rng.choice([-4.0, 2.0, 5.0], c)
    x[0] += 3
    x[:, 0] -= 2
    gamma, beta = rng.choice([-3.0, -2.0, 2.0, 3.0], c), rng.choice([-2.0, 0.5, 1.5, 4.0], c)
    return x, gamma, beta, float(rng.choice([0.1, 0.5, 2.0]))


def norm_with(axes=COLOURS, mean=None, variance=None, deviation=None, y=None):
    """The answer with one part exchanged, which is how a mistake is made."""

    def norm(x, gamma, beta, epsilon):
        middle = x.mean(axis=axes, keepdims=True) if mean is None else mean(x)
        v = x.var(axis=axes, keepdims=True) if variance is None else variance(x)
        by = np.sqrt(v + epsilon) if deviation is None else deviation(v, epsilon)
        h = (x - middle) / by
        return gamma * h + beta if y is None else y(h, x, gamma, beta)

    return norm


def norm_without_brackets(x, gamma, beta, epsilon):
    mean, variance = x.mean(axis=COLOURS), x.var(axis=COLOURS)
    return gamma * x - mean / np.sqrt(variance + epsilon) + beta


def norm_of_mixed_channels(x, gamma, beta, epsilon):
    rows = x.reshape(x.shape[-1], -1)
    mean, variance = rows.mean(axis=1), rows.var(axis=1)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


EXERCISES = [
    Exercise(
        id="16.standardise",
        title="Each colour with mean 0 and spread 1",
        level="core",
        minutes=6,
        answer=standardise,
        draw=draw_standardise,
        result_names=("x_train", "x_test"),
        hints=(
            "How many means are there, and over which axes does each go? And may the test part "
            "have a say in them?",
            "x_train.mean(axis=(0, 1, 2)) goes over pictures, rows and columns and leaves one "
            "number for each colour; std likewise.",
            "With that mean and spread: (x_train - mean) / spread, and (x_test - mean) / spread.",
        ),
        wrong=(
            WrongAnswer(
                each_part_by_itself,
                "The test part goes by its own mean and spread. The network learns the scale of "
                "the training part, and a single picture has no such mean to go by.",
            ),
            WrongAnswer(
                ready_with(lambda x: x.mean(axis=0), lambda x: x.std(axis=0)),
                "Each pixel has a mean and a spread of its own here; they are one for each "
                "colour, over all pictures, rows and columns.",
            ),
            WrongAnswer(
                ready_with(lambda x: x.mean(), lambda x: x.std()),
                "One mean and one spread stand for all colours; each colour has its own.",
            ),
            WrongAnswer(
                each_picture_by_itself,
                "Each picture goes by itself, which throws its brightness away: a night becomes "
                "a day. Mean and spread are those of the whole training part.",
            ),
            WrongAnswer(
                ready_with(spread=lambda x: x.var(axis=COLOURS)),
                "It is divided by the variance; the spread is its root, x.std.",
            ),
            WrongAnswer(
                both_parts_together,
                "Mean and spread are taken over both parts; the test part must not have a say in "
                "what the network is fed.",
            ),
            WrongAnswer(
                ready_with(y=lambda x, mean, spread: x - mean),
                "The mean is taken off and the spread is left; divide by it.",
            ),
            WrongAnswer(
                ready_with(y=lambda x, mean, spread: x / spread),
                "It is divided by the spread and the mean is left; take it off first.",
            ),
            WrongAnswer(
                ready_with(y=lambda x, mean, spread: x - mean / spread),
                "A quotient goes before a difference, so that only the mean is divided; put "
                "brackets around x - mean.",
            ),
            WrongAnswer(
                ready_with(y=lambda x, mean, spread: (x - mean) * spread),
                "It is multiplied by the spread; divide by it, and the spread is 1.",
            ),
            WrongAnswer(
                to_the_unit_range,
                "Each colour is brought to the range from 0 to 1; take its mean off and divide by "
                "its spread.",
            ),
            WrongAnswer(
                ready_with(y=lambda x, mean, spread: x / 255),
                "Pixels are divided by 255, the largest there can be; here mean and spread of "
                "each colour decide.",
            ),
            WrongAnswer(
                ready_with(y=lambda x, mean, spread: x / 127.5 - 1),
                "Pixels are brought to the range from -1 to 1; here mean and spread of each "
                "colour decide.",
            ),
            WrongAnswer(
                ready_with(y=lambda x, mean, spread: (x / 255 - OF_IMAGENET[0]) / OF_IMAGENET[1]),
                "Mean and spread are those of the photographs of ImageNet, for pixels from 0 to 1; "
                "here they are found from x_train.",
            ),
            WrongAnswer(
                ready_with(results=lambda a, b, x_train, x_test: (a, x_test)),
                "The test part is left as it came; it is changed in the same way, or the network "
                "meets numbers that it has never seen.",
            ),
            WrongAnswer(
                ready_with(results=lambda a, b, x_train, x_test: (b, a)),
                "The two parts have changed places: x_train comes first.",
            ),
            WrongAnswer(
                each_pixel_over_its_colours,
                "Mean and spread go over the colours of one pixel, which leaves no colour; they "
                "go over everything else.",
            ),
            WrongAnswer(
                test_with_its_own_mean,
                "The test part is shifted by its own mean; it goes by that of the training part.",
            ),
            WrongAnswer(
                ready_with(spread=lambda x: np.abs(x).max(axis=COLOURS)),
                "It is divided by the largest number of each colour; divide by its spread.",
            ),
            WrongAnswer(
                ready_with(of_columns(np.mean), of_columns(np.std)),
                "Each row of the pictures has a mean and a spread of its own: the axes (0, 2, 3) "
                "leave the colours where they lie second. Here they lie last, (0, 1, 2).",
            ),
            WrongAnswer(
                ready_with(spread=mean_of_the_spreads),
                "The spread is the mean of the spreads of single pictures, and how the pictures "
                "differ in brightness is lost; take one over all pictures, rows and columns.",
            ),
            WrongAnswer(
                ready_with(spread=mean_of_the_distances),
                "It is divided by the mean distance from the mean; the spread is the root of the "
                "mean of the squares, x.std.",
            ),
            WrongAnswer(
                ready_with(spread=largest_less_smallest),
                "It is divided by the largest less the smallest number of each colour; divide by "
                "its spread, x.std.",
            ),
            WrongAnswer(
                ready_with(spread=lambda x: x.std(axis=COLOURS, ddof=1)),
                "The spread is divided by one less than the number of pixels (ddof=1); here, as "
                "np.std does it, by their number.",
            ),
        ),
    ),
    Exercise(
        id="16.batch_norm_pictures",
        title="Batch normalisation of pictures",
        level="core",
        minutes=7,
        answer=batch_norm_pictures,
        draw=draw_batch_norm_pictures,
        hints=(
            "A filter looks everywhere with the same weights. Which numbers of x come from one "
            "filter?",
            "All pictures, rows and columns of a channel: x.mean(axis=(0, 1, 2)) has one number "
            "for each channel, and so has x.var.",
            "gamma * (x - mean) / np.sqrt(variance + epsilon) + beta.",
        ),
        notes="The engine makes rows of the pictures and calls the kernel of lesson 10: "
        "batch_norm(x.reshape(-1, c), gamma, beta, epsilon).",
        wrong=(
            WrongAnswer(
                norm_with(0),
                "Mean and variance go over the pictures only, so that each pixel gets a scale of "
                "its own. The filters are shared by all places, and so is the scale.",
            ),
            WrongAnswer(
                norm_with((1, 2)),
                "Each picture is normalised by itself (instance normalisation); the mean goes "
                "over the pictures too.",
            ),
            WrongAnswer(
                norm_with(3),
                "Mean and variance go over the channels of each pixel; they go over everything "
                "but the channels.",
            ),
            WrongAnswer(
                norm_with((0, 1, 2, 3)),
                "One mean and one variance stand for all channels; each channel has its own.",
            ),
            WrongAnswer(
                norm_with((1, 2, 3)),
                "Each picture is normalised by itself, over all its numbers (layer "
                "normalisation); here each channel is, over all pictures.",
            ),
            WrongAnswer(
                norm_with((0, 1)),
                "Each column of the pictures has its own mean; the columns belong into the mean "
                "as well, axis 2.",
            ),
            WrongAnswer(
                norm_with((0, 2)),
                "Each row of the pictures has its own mean; the rows belong into the mean as "
                "well, axis 1.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: np.sqrt(v) + epsilon),
                "epsilon is added to the root; it stands under the root, beside the variance.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: np.sqrt(v)),
                "epsilon is missing, or is not that of the argument: it stands under the root, "
                "beside the variance.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: v + epsilon),
                "It is divided by variance + epsilon; divide by its root.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta: h),
                "gamma and beta are missing: y = gamma h + beta.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta: gamma * h),
                "beta is missing: it is added in the end.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta: h + beta),
                "gamma is missing: it multiplies what is normalised.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta: beta * h + gamma),
                "gamma and beta have changed places: gamma multiplies, beta is added.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta: gamma * (h + beta)),
                "gamma multiplies beta as well; beta is added last.",
            ),
            WrongAnswer(
                norm_with(mean=lambda x: 0),
                "The mean is not taken off.",
            ),
            WrongAnswer(
                norm_with(mean=lambda x: x.mean()),
                "The mean of all channels is taken off; each channel has its own.",
            ),
            WrongAnswer(
                norm_with(variance=lambda x: x.var(axis=COLOURS, ddof=1)),
                "The variance is divided by one less than the number of values (ddof=1); here, "
                "as x.var does it, by their number.",
            ),
            WrongAnswer(
                norm_with(variance=lambda x: x.std(axis=COLOURS)),
                "The deviation stands where the variance belongs, and a root is taken of it once "
                "more.",
            ),
            WrongAnswer(
                norm_with((0, 2, 3)),
                "Each row of the pictures has its own mean: the axes (0, 2, 3) leave the channels "
                "where they lie second. Here they lie last, (0, 1, 2).",
            ),
            WrongAnswer(
                norm_with(variance=lambda x: (x**2).mean(axis=COLOURS)),
                "The mean of the squares stands where the variance belongs; it is that of the "
                "squared distances from the mean.",
            ),
            WrongAnswer(
                norm_without_brackets,
                "A product and a quotient go before a difference, so that x is only multiplied "
                "and the mean only divided; put brackets around x - mean.",
            ),
            WrongAnswer(
                norm_of_mixed_channels,
                "reshape(c, -1) cuts the numbers into c pieces as they lie, which mixes the "
                "channels; they lie last, so rows of channels are reshape(-1, c).",
            ),
        ),
    ),
]
