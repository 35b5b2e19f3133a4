"""What lessons start from: data made ready, and the parts that are not their subject.

A cell that is to be read has few lines. What would fill it up without being its idea, the loading
of a table or the drawing of random numbers, stands here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore.backends import compute
from dlcore.backends.numba.blas import single_threaded_blas
from dlcore.backends.numpy.activations import softmax
from dlcore.datasets import (
    credit,
    digits8,
    fashion_small,
    penguins,
    seattle_weather,
    shapes10,
)
from dlcore.datasets._split import stratified_split
from dlcore.engine.parts import Parts
from dlcore.engine.tensor import Tensor, topological_order

Array = np.ndarray
Pair = tuple[Array, Array]
ACROSS = 6  # of the numbers of a drawn shape: its place from left to right
SHOWN_DIGITS = 102, 96, 421, 148, 390, 314, 326, 35  # rows of the unseen ones, lesson 07


def flippers_and_masses() -> Pair:
    """Lesson 01: the penguins of which both were measured.

    Returns:
        The flippers in cm beyond 20 cm, and the masses in kg, each of shape (342, 1).
    """
    table: Any = penguins.load_data(raw=True)
    known = ~np.isnan(table["body_mass_g"])  # two birds were not measured
    flipper = table["flipper_length_mm"][known][:, None]
    return (flipper - 200) / 10, table["body_mass_g"][known][:, None] / 1000


def measures(names: Sequence[str]) -> Array:
    """Lesson 01: measures of the same penguins, shifted and scaled to mean 0 and spread 1.

    Args:
        names: "flipper_length_mm", "bill_depth_mm", "bill_length_mm", "male", and the species
            "chinstrap" and "gentoo".

    Returns:
        A column for each name, shape (342, n).
    """
    table: Any = penguins.load_data(raw=True)
    table["male"] = table["sex"] == "male"
    table |= {kind.lower(): table["species"] == kind for kind in penguins.species_names}
    unknown = [name for name in names if name not in table]
    if unknown:
        raise ValueError(f"There is no measure {unknown[0]!r}; there are {', '.join(table)}.")
    known = ~np.isnan(table["body_mass_g"])
    columns = np.stack([table[name][known] for name in names], axis=1).astype(float)
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


def curvatures(x: Array) -> tuple[float, float]:
    """Lesson 02: the steepest and the flattest curve of the bowl of mean((x w + b - t)^2).

    Args:
        x: the inputs, shape (n, i).

    Returns:
        How fast the slope changes in the direction in which it changes fastest, and in the one
        in which it changes slowest.
    """
    columns = np.column_stack([x, np.ones(len(x))])
    found = np.linalg.eigvalsh(2 * columns.T @ columns / len(x))
    return float(found[-1]), float(found[0])


def steps_needed(x: Array, t: Array, learning_rate: float, near: float = 0.001) -> int:
    """Lesson 02: the steps from w = 0, b = 0 until the mean loss is ``near`` the lowest.

    They are not taken. In each direction in which the bowl curves a step multiplies the way to the
    bottom by the same number, so the loss after any number of steps can be written down.

    Args:
        x: the inputs, shape (n, i).
        t: the targets, shape (n, 1).
        learning_rate: below 2 by the steepest curve, or the walk never arrives.
        near: how far above the lowest mean loss counts as arrived.

    Raises:
        ValueError: if the rate is too large to arrive.
    """
    columns = np.column_stack([x, np.ones(len(x))])
    curves, directions = np.linalg.eigh(2 * columns.T @ columns / len(x))
    if learning_rate * curves[-1] >= 2:
        raise ValueError(
            f"With learning_rate={learning_rate:g} the walk climbs; it has to be below "
            f"{2 / curves[-1]:.3g}."
        )
    way = directions.T @ np.linalg.lstsq(columns, t, rcond=None)[0].ravel()
    shrink = np.abs(1 - learning_rate * curves)

    def arrived(steps: int) -> bool:
        return bool(np.sum(curves / 2 * (way * shrink**steps) ** 2) <= near)

    low, high = 0, 1
    while not arrived(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if arrived(middle) else (middle, high)
    return 0 if arrived(0) else high


def random_changes(x: Array, size: float, trials: int, seed: int = 0) -> list[Pair]:
    """Lesson 01: pairs (dw, db) to try, each number at most ``size`` away from 0.

    Args:
        x: the inputs, shape (n, i); dw has shape (i, 1) and db (1,).
        size: how far a change goes at most.
        trials: how many there are.
        seed: another one gives other changes.
    """
    rng = np.random.default_rng(seed)
    shape = (x.shape[1], 1)
    return [(rng.uniform(-size, size, shape), rng.uniform(-size, size, 1)) for _ in range(trials)]


def tried_and_kept(path: list[Pair], changes: list[Pair]) -> tuple[list[tuple[float, float]], ...]:
    """Lesson 01: the pairs (w, b) that a search from 0 tried, and those that it kept.

    Args:
        path: w and b after each trial, of a neuron with one input.
        changes: that were tried, in order.
    """
    w, b, tried, kept = 0.0, 0.0, [], [(0.0, 0.0)]
    for (next_w, next_b), (dw, db) in zip(path, changes, strict=True):
        tried.append((w + dw.item(), b + db.item()))
        if (next_w.item(), next_b.item()) != (w, b):
            w, b = next_w.item(), next_b.item()
            kept.append((w, b))
    return tried, kept


def seasons() -> tuple[Array, Array, Array, Array]:
    """Lesson 04: the warmest of each day in Seattle.

    Returns:
        x and t of the years 2012 to 2014, shape (1096, 1), and of 2015, shape (365, 1): the time
        of the year from -1 to 1, and the temperature in tens of °C.
    """
    loaded: Any = seattle_weather.load_data()
    (day, degrees), (day_2015, degrees_2015) = loaded
    x, x_2015 = ((each - 1) / 183 - 1 for each in (day, day_2015))
    return x, degrees[:, None] / 10, x_2015, degrees_2015[:, None] / 10


def same_day_loss() -> float:
    """Lesson 04: how well the mean of the same day in earlier years foretells 2015, in °C²."""
    x, t, x_2015, t_2015 = seasons()
    said = np.array([t[np.isclose(x, day)].mean() for day in x_2015])[:, None]
    return float(100 * np.mean((said - t_2015) ** 2))


def spread_hinges(hinges: int, start: Array) -> list[Array]:
    """Lesson 04: weights for hinges that are spread over the year, their heights at 0.

    Returns:
        w1 (1, hinges), b1 (hinges,), w2 (hinges, 1) and b2, which is ``start``.
    """
    w1, b1 = np.ones((1, hinges)), -np.linspace(-1, 1, hinges, endpoint=False)
    return [w1, b1, np.zeros((hinges, 1)), start]


def two_layers(x: Array, activation: str, w1: Array, b1: Array, w2: Array, b2: Array) -> Pair:
    """Lesson 04: ``dense``, an activation and ``dense``, each by its name; the hinges h and y."""
    h = compute(activation, compute("dense", x, w1, b1))
    return h, compute("dense", h, w2, b2)


def penguins_by_sex() -> Pair:
    """Lesson 03: the penguins whose sex is known.

    Returns:
        Bill depth and body mass, each shifted and scaled to mean 0 and spread 1, shape (333, 2);
        and 1 for a male, 0 for a female, shape (333, 1).
    """
    table: Any = penguins.load_data(raw=True)
    known = table["sex"] != ""
    columns = np.stack([table[name][known] for name in ("bill_depth_mm", "body_mass_g")], axis=1)
    x = columns.astype(float)
    t = (table["sex"][known] == "male").astype(float)
    return (x - x.mean(axis=0)) / x.std(axis=0), t[:, None]


def clients(*more: str) -> tuple[Array, Array, Array, Array]:
    """Lesson 03: the credit data, and further columns of its table if they are named.

    Args:
        more: "Price", "Records", "Home", "Marital" or "Job". A text becomes one column for each of
            its words, 1 where it stands and 0 elsewhere; yes or no becomes a single one.

    Returns:
        x and t of the 3340 rows to train on, and of the 1114 unseen ones: x has eight columns and
        those that were asked for, t one, 1 for bad and 0 for good.
    """
    loaded: Any = credit.load_data()
    (x, t), (x_unseen, t_unseen) = loaded
    if more:
        table: Any = credit.load_data(raw=True)
        train, unseen = stratified_split(table["Status"] == "bad", 0.25, 0)
        columns = [_columns(table, name, train) for name in more]
        x = np.concatenate([x, *(each[train] for each in columns)], axis=1)
        x_unseen = np.concatenate([x_unseen, *(each[unseen] for each in columns)], axis=1)
    return x, t[:, None], x_unseen, t_unseen[:, None]


def _columns(table: Any, name: str, train: Array) -> Array:
    """One column of the credit table as columns of numbers, shape (n, k)."""
    choices = ("Price", "Records", "Home", "Marital", "Job")
    if name not in choices:
        raise ValueError(f"There is no further column {name!r}; there are {', '.join(choices)}.")
    cells = table[name]
    if name == "Price":
        return ((cells - cells[train].mean()) / cells[train].std())[:, None]
    words = ["yes"] if name == "Records" else [word for word in np.unique(cells) if word]
    return np.stack([cells == word for word in words], axis=1).astype(np.float32)


def linear_answers(x: Array, t: Array) -> Array:
    """Lesson 03: what the linear neuron of least mean squared miss answers, shape (n, 1)."""
    with_bias = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    return with_bias @ np.linalg.lstsq(with_bias, t, rcond=None)[0]


def penguins_by_species() -> tuple[Array, Array, Array, Array]:
    """Lessons 05 and 06: four measures of each bird, scaled, and its species as one of three.

    Returns:
        x (256, 4) with mean 0 and spread 1 in each column; t (256, 3), a 1 for the species and 0
        for the other two; and of the birds that are kept aside, scaled in the same way, x (86, 4)
        and the number of the species, (86,).
    """
    loaded: Any = penguins.load_data()
    (x, species), (x_test, species_test) = loaded
    mean, spread = x.mean(axis=0), x.std(axis=0)
    t = np.eye(3, dtype=np.float32)[species]
    return (x - mean) / spread, t, (x_test - mean) / spread, species_test


def penguin_measures() -> Array:
    """Lesson 05: the four measures of the birds to train on, in mm and grams, shape (256, 4)."""
    loaded: Any = penguins.load_data()
    (x, _), _ = loaded
    return np.asarray(x)


def tape_as_arrays(end: Tensor, *named: Tensor) -> tuple[Array, Array, int, list[int]]:
    """Lesson 06: the tape behind a Tensor of one number as arrays, its nodes numbered at random.

    Args:
        end: what was calculated, from tensors of one number and by operations of two at most.
        named: tensors whose numbers are wanted.

    Returns:
        ``inputs`` (n, 2), the nodes that each node read, -1 for none; ``slopes`` (n, 2), its local
        slopes for them; the number of the end; and the numbers of the named tensors.
    """
    tensors = topological_order(end)
    new = np.random.default_rng(0).permutation(len(tensors)).tolist()
    number = {id(tensor): place for tensor, place in zip(tensors, new, strict=True)}
    inputs, slopes = np.full((len(tensors), 2), -1), np.zeros((len(tensors), 2))
    for tensor in tensors:
        if tensor.node is None:
            continue
        local = tensor.node.backward(np.ones(tensor.shape, tensor.dtype))
        read = [
            (number[id(source)], float(slope.joined() if isinstance(slope, Parts) else slope))
            for source, slope in zip(tensor.node.inputs, local, strict=True)
            if source.requires_grad and slope is not None
        ]
        for column, (source, slope) in enumerate(read):
            inputs[number[id(tensor)], column] = source
            slopes[number[id(tensor)], column] = slope
    return inputs, slopes, number[id(end)], [number[id(each)] for each in named]


def seconds(action: Callable[[], Any], times: int = 30) -> float:
    """Lesson 06: how long something takes: the shortest of several times, the least disturbed."""
    action()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return min(taken)


def digits_as_rows() -> tuple[Array, Array, Array, Array]:
    """Lesson 07: the digits of digits8, each a row of 64 numbers from 0 (paper) to 1 (ink).

    Returns:
        x and labels to train on, shape (1347, 64) and (1347,), and unseen, 450 of each.
    """
    (x, labels), (x_unseen, labels_unseen) = digits8.load_data()
    rows, rows_unseen = (each.reshape(len(each), -1) / 16 for each in (x, x_unseen))
    return rows, labels, rows_unseen, labels_unseen


def digits_in_three() -> tuple[Pair, Pair, Pair]:
    """Lesson 11: the digits as rows of 64 numbers, in three parts, each with its labels.

    Returns:
        1000 rows to train on, 347 that are kept aside to choose by, and 450 to test with, once.
    """
    x, labels, x_test, labels_test = digits_as_rows()
    return (x[:1000], labels[:1000]), (x[1000:], labels[1000:]), (x_test, labels_test)


def chances(rows: int, seed: int = 0) -> Pair:
    """Lesson 11: what decides which labels become wrong, and which wrong ones.

    Args:
        rows: how many labels there are.
        seed: another one gives other numbers.

    Returns:
        u, uniform numbers from 0 up to 1, and shift, whole numbers from 1 to 9, shape (rows,).
    """
    rng = np.random.default_rng(seed)
    return rng.uniform(size=rows), rng.integers(1, 10, rows)


def ten_sigmoids(x: Array, labels: Array, x_unseen: Array) -> Array:
    """Lesson 07: ten neurons, each asked about its own digit alone, trained and then asked.

    Args:
        x: the rows to train on, shape (n, 64).
        labels: their digits, shape (n,).
        x_unseen: the rows to be asked about, shape (m, 64).

    Returns:
        What the ten sigmoids say of each row, shape (m, 10).
    """
    w, b = _trained(x, labels, lambda z: 1 / (1 + np.exp(-z)))
    y: Array = 1 / (1 + np.exp(-(x_unseen @ w + b)))
    return y


def eight_digits() -> tuple[Array, Array, Array]:
    """Lesson 07: eight unseen digits, some easy and some hard, and the logits of a trained network.

    Returns:
        The pictures, ink from 0 to 16, shape (8, 8, 8), their logits (8, 10) and labels (8,).
    """
    x, labels, x_unseen, labels_unseen = digits_as_rows()
    w, b = _trained(x, labels, softmax)
    chosen = np.array(SHOWN_DIGITS)
    pictures = x_unseen[chosen].reshape(-1, 8, 8) * 16
    return pictures, x_unseen[chosen] @ w + b, labels_unseen[chosen]


def slopes_by_trial(function: Callable[[Array], Array], x: Array, dy: Array) -> Array:
    """Lesson 07: by how much the sum of dy times function(x) grows with each number of x.

    Args:
        function: from an array to an array of its shape.
        x: where, any shape.
        dy: what each output counts, of the same shape.
    """
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        move = np.zeros_like(x)
        move[place] = 1e-4
        found[place] = np.sum(dy * (function(x + move) - function(x - move))) / 2e-4
    return found


def clothes_as_rows() -> tuple[Array, Array, Array, Array]:
    """Lesson 09: the images of fashion_small, each a row of 784 numbers from 0 (black) to 1.

    Returns:
        x and labels to train on, shape (10000, 784) and (10000,), and unseen, 2000 of each.
    """
    (x, labels), (x_unseen, labels_unseen) = fashion_small.load_data()
    rows, rows_unseen = (
        each.reshape(len(each), -1).astype(np.float32) / 255 for each in (x, x_unseen)
    )
    return rows, labels, rows_unseen, labels_unseen


def clothes_scaled() -> tuple[Array, Array, Array, Array]:
    """Lesson 10: the images of fashion_small, each a row, shifted and scaled by two numbers.

    Returns:
        x and labels to train on, shape (10000, 784) and (10000,), and unseen, 2000 of each. The
        numbers of x have mean 0 and spread 1, all of them together.
    """
    (x, labels), (x_unseen, labels_unseen) = fashion_small.load_data()
    rows, rows_unseen = (each.reshape(len(each), -1).astype(np.float32) for each in (x, x_unseen))
    mean, spread = rows.mean(), rows.std()
    return (rows - mean) / spread, labels, (rows_unseen - mean) / spread, labels_unseen


def digits_as_pictures() -> tuple[Array, Array, Array, Array]:
    """Lesson 14: the digits as pictures of 8 by 8 pixels and one channel, from 0 to 1 (ink).

    Returns:
        x and labels to train on, shape (1347, 8, 8, 1) and (1347,), and unseen, 450 of each.
    """
    rows, labels, rows_unseen, labels_unseen = digits_as_rows()
    x, x_unseen = (each.reshape(-1, 8, 8, 1) for each in (rows, rows_unseen))
    return x, labels, x_unseen, labels_unseen


def to_the_right(x: Array) -> Array:
    """Lesson 14: the same pictures, one pixel further to the right, with a column of 0 on the left.

    Args:
        x: shape (n, h, w, c).
    """
    moved = np.zeros_like(x)
    moved[:, :, 1:] = x[:, :, :-1]
    return moved


def shapes_by_side(n_train: int = 3000, n_unseen: int = 1000) -> tuple[Pair, Pair, Pair]:
    """Lesson 14: drawn shapes that lie left of the middle, and others that lie right of it.

    Args:
        n_train: how many to train on, a multiple of 10.
        n_unseen: how many unseen ones on each side, a multiple of 10.

    Returns:
        Three pairs of x, shape (n, 32, 32, 3), from -1 to 1, and labels (n,): to train on, in the
        left part; unseen in the left part; and unseen in the right part.
    """
    rng = np.random.default_rng(0)
    left, right = (0.0, 0.35), (0.65, 1.0)  # of the way from the leftmost place to the rightmost
    train, unseen = _on_one_side(rng, n_train, left), _on_one_side(rng, n_unseen, left)
    return train, unseen, _on_one_side(rng, n_unseen, right)


def _on_one_side(rng: np.random.Generator, count: int, side: tuple[float, float]) -> Pair:
    """Shapes of all ten kinds, in an order of chance, whose place across lies between the two."""
    pictures, labels = [], np.repeat(np.arange(10), count // 10)
    for label in range(10):
        numbers = rng.uniform(size=(count // 10, shapes10.NUMBERS))
        numbers[:, ACROSS] = rng.uniform(*side, count // 10)
        pictures.append(shapes10.draw(label, numbers))
    order = rng.permutation(len(labels))
    x = np.concatenate(pictures)[order].astype(np.float32) / np.float32(127.5) - 1
    return x, labels[order]


def clothes_as_pictures() -> tuple[Array, Array, Array, Array]:
    """Lesson 15: the images of fashion_small with rows and columns, 0 (ground) to 1.

    Returns:
        x and labels to train on, shape (10000, 28, 28, 1) and (10000,), and unseen, 2000 of each.
        The last axis holds the channels, here one.
    """
    rows, labels, rows_unseen, labels_unseen = clothes_as_rows()
    x, x_unseen = (each.reshape(-1, 28, 28, 1) for each in (rows, rows_unseen))
    return x, labels, x_unseen, labels_unseen


def _trained(x: Array, labels: Array, activation: Callable[[Array], Array]) -> Pair:
    """Weights and bias after 300 steps at rate 1 from 0; the slope at z is y - t."""
    t = np.eye(10)[labels]
    w, b = np.zeros((x.shape[1], 10)), np.zeros(10)
    with single_threaded_blas():
        for _ in range(300):
            dz = (activation(x @ w + b) - t) / len(x)
            w, b = w - x.T @ dz, b - dz.sum(axis=0)
    return w, b
