"""Exercises of lesson 15: which class was taken for which, and what such counts are worth."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer


def confusion(t, y, k):
    m = np.zeros((k, k), int)
    for true, said in zip(t, y, strict=True):
        m[true, said] += 1
    return m


def draw_confusion(rng, size):
    """One class is never true, another never said, the last is neither; pairs come again.

    There are more pictures than classes.
    """
    k = int(rng.integers(4, 5 + 2 * size))
    n = int(rng.integers(k + 1, 8 + 4 * size))
    never_true, never_said = (int(each) for each in rng.choice(k - 1, 2, False))
    true = [each for each in range(k - 1) if each != never_true]
    said = [each for each in range(k - 1) if each != never_said]
    t, y = rng.choice(true, n), rng.choice(said, n)
    right = [each for each in true if each in said]
    t[:2] = y[:2] = rng.choice(right)
    t[2:4], y[2:4] = never_said, never_true
    if size > 1:
        t[4], y[4] = never_said, rng.choice(right)
    order = rng.permutation(n)
    return t[order], y[order], k


def confusion_once(t, y, k):
    m = np.zeros((k, k), int)
    m[t, y] += 1
    return m


def confusion_up_to_the_largest(t, y, k):
    k = int(max(t.max(), y.max())) + 1
    return confusion(t, y, k)


def confusion_of_those_there(t, y, k):
    there = np.union1d(t, y)
    return confusion(np.searchsorted(there, t), np.searchsorted(there, y), len(there))


def confusion_of_the_first(t, y, k):
    m = np.zeros((k, k), int)
    for r in range(k):
        m[t[r], y[r]] += 1
    return m


def confusion_by_histogram(t, y, k):
    return np.histogram2d(t, y, bins=k)[0]


def pictures_with_pictures(t, y, k):
    return np.eye(k)[t] @ np.eye(k)[y].T


def confusion_from_one(t, y, k):
    m = np.zeros((k, k), int)
    for true, said in zip(t, y, strict=True):
        m[true - 1, said - 1] += 1
    return m


def both_ways(t, y, k):
    m = confusion(t, y, k)
    return m + m.T - np.diag(np.diag(m))


def confusion_of_neighbours(t, y, k):
    m = np.zeros((k, k), int)
    for true in t:
        for said in y:
            m[true, said] += 1
    return m


def counted_twice(t, y, k):
    m = confusion(t, y, k)
    return m + np.diag(np.diag(m))


def shares_of_columns(t, y, k):
    m = confusion(t, y, k)
    return m / np.maximum(m.sum(axis=0), 1)


def per_class(m):
    hits, called, true = np.diag(m), m.sum(axis=0), m.sum(axis=1)
    return hits / np.maximum(called, 1), hits / np.maximum(true, 1)


def draw_per_class(rng, size):
    """The last class is never said; one that is said is never true from size 2 on."""
    k = int(rng.integers(3, 4 + 2 * size))
    m = rng.integers(0, 8, (k, k))
    np.fill_diagonal(m, rng.integers(1, 15, k))
    m[:, -1] = 0
    m[-1, 0] += 2
    m[0, 1] += 3
    if size > 1:
        m[1] = 0
    return (m,)


def without_a_guard(m):
    with np.errstate(all="ignore"):
        return np.diag(m) / m.sum(axis=0), np.diag(m) / m.sum(axis=1)


def ones_for_none_called(m):
    precision, recall = per_class(m)
    return np.where(m.sum(axis=0) == 0, 1.0, precision), recall


def ones_for_none_true(m):
    precision, recall = per_class(m)
    return precision, np.where(m.sum(axis=1) == 0, 1.0, recall)


def ones_for_none(m):
    return ones_for_none_called(m)[0], ones_for_none_true(m)[1]


def f1_for_recall(m):
    precision, recall = per_class(m)
    return precision, 2 * precision * recall / np.maximum(precision + recall, 1e-9)


def rounded(m):
    precision, recall = per_class(m)
    return np.round(precision, 2), np.round(recall, 2)


def against_the_others(m):
    hits = np.diag(m)
    called, true = m.sum(axis=0) - hits, m.sum(axis=1) - hits
    return hits / np.maximum(called, 1), hits / np.maximum(true, 1)


def accuracy_for_recall(m):
    return per_class(m)[0], np.full(len(m), np.trace(m) / m.sum())


def hits_by_all(m):
    return np.diag(m) / m.sum(), np.diag(m) / m.sum()


def by_the_largest(m):
    return (
        np.diag(m) / np.maximum(m.max(axis=0), 1),
        np.diag(m) / np.maximum(m.max(axis=1), 1),
    )


def misses(m):
    precision, recall = per_class(m)
    return 1 - precision, 1 - recall


def whole_shares(m):
    return m / np.maximum(m.sum(axis=0), 1), m / np.maximum(m.sum(axis=1), 1)


def one_added(m):
    return np.diag(m) / (m.sum(axis=0) + 1), np.diag(m) / (m.sum(axis=1) + 1)


def whole_numbers(m):
    hits = np.diag(m)
    return hits // np.maximum(m.sum(axis=0), 1), hits // np.maximum(m.sum(axis=1), 1)


def means(m):
    precision, recall = per_class(m)
    return np.full(len(m), precision.mean()), np.full(len(m), recall.mean())


def margin(accuracy, n):
    return 2 * np.sqrt(accuracy * (1 - accuracy) / n)


def draw_margin(rng, size):
    some = np.array([0.125, 0.25, 0.375, 0.75, 0.875])
    count = int(rng.integers(2, 5))
    accuracy = rng.choice(some, count, False) if size == 1 else rng.uniform(0.1, 0.9, count)
    return accuracy, int(rng.integers(20, 60 * size**2))


EXERCISES = [
    Exercise(
        id="15.confusion",
        title="Who was taken for whom",
        level="core",
        minutes=5,
        answer=confusion,
        draw=draw_confusion,
        result_names=("m",),
        examples=((np.array([0, 2, 2, 0, 2, 1]), np.array([0, 1, 1, 0, 2, 0]), 4),),
        hints=(
            "Begin with a table of zeros, k by k, and walk over the pictures: each adds 1 to one "
            "cell.",
            "np.zeros((k, k), int) is the table. zip(t, y) gives the true class and what was said "
            "of each picture: the first is the row, the second the column.",
            "for true, said in zip(t, y): m[true, said] += 1, and return m after the loop.",
        ),
        wrong=(
            WrongAnswer(
                lambda t, y, k: confusion(y, t, k),
                "Rows and columns are exchanged: a row is the true class, a column what was said.",
            ),
            WrongAnswer(
                confusion_once,
                "Each pair is counted once, however often it is there, as NumPy's m[t, y] += 1 "
                "does it; add 1 in a loop, or use np.add.at(m, (t, y), 1).",
            ),
            WrongAnswer(
                lambda t, y, k: confusion(t, y, k) / np.maximum(
                    confusion(t, y, k).sum(axis=1, keepdims=True), 1
                ),
                "Each row is divided by its sum; counts are asked for, not shares.",
            ),
            WrongAnswer(
                shares_of_columns,
                "The columns are divided by their sums; counts are asked for, not shares.",
            ),
            WrongAnswer(
                lambda t, y, k: confusion(t, y, k) / len(t),
                "Everything is divided by the number of pictures; counts are asked for.",
            ),
            WrongAnswer(
                confusion_up_to_the_largest,
                "The size is that of the largest label that happens to be there; the table has k "
                "rows and k columns.",
            ),
            WrongAnswer(
                confusion_of_those_there,
                "Only the classes that happen to be there have a row and a column; all k have, "
                "those that never occur as well.",
            ),
            WrongAnswer(
                lambda t, y, k: confusion(t[:-1], y[:-1], k),
                "The last picture is not counted: range(len(t)) ends with it, range(len(t) - 1) "
                "before it.",
            ),
            WrongAnswer(
                lambda t, y, k: confusion(t[1:], y[1:], k),
                "The first picture is not counted; places begin at 0.",
            ),
            WrongAnswer(
                confusion_of_the_first,
                "Only the first k pictures are counted; the loop goes over all of them, len(t), "
                "and k is the number of classes.",
            ),
            WrongAnswer(
                confusion_by_histogram,
                "np.histogram2d goes from the smallest label that is there to the largest; tell it "
                "range=((0, k), (0, k)).",
            ),
            WrongAnswer(
                pictures_with_pictures,
                "Each picture is compared with each, [n, k] times [k, n]; to count pairs of "
                "classes turn the first table instead: [k, n] times [n, k].",
            ),
            WrongAnswer(
                lambda t, y, k: confusion(t, y, k + 1),
                "The table has a row and a column too many: the k classes are 0 to k - 1.",
            ),
            WrongAnswer(
                lambda t, y, k: confusion(t, y, k) * (1 - np.eye(k, dtype=int)),
                "Only the mistakes are counted; what is right belongs on the diagonal.",
            ),
            WrongAnswer(
                lambda t, y, k: np.diag(np.diag(confusion(t, y, k))),
                "Only what is right is counted; the mistakes are the other cells.",
            ),
            WrongAnswer(
                both_ways,
                "A mistake counts in both directions here; a shirt called a coat is no coat called "
                "a shirt.",
            ),
            WrongAnswer(
                confusion_from_one,
                "The labels are taken to begin at 1; they begin at 0, so nothing is taken off.",
            ),
            WrongAnswer(
                confusion_of_neighbours,
                "Every t is paired with every y; picture r has the one pair t[r], y[r].",
            ),
            WrongAnswer(
                counted_twice,
                "What is right is counted twice; each picture adds 1 to one cell.",
            ),
            WrongAnswer(
                lambda t, y, k: np.bincount(t[t == y], minlength=k),
                "This counts how often each class was right, the diagonal of the table; the whole "
                "table is wanted, shape [k, k].",
            ),
        ),
    ),
    Exercise(
        id="15.per_class",
        title="Precision and recall of each class",
        level="core",
        minutes=6,
        answer=per_class,
        draw=draw_per_class,
        result_names=("precision", "recall"),
        examples=((np.array([[6, 2, 0], [1, 3, 0], [4, 1, 0]]),),),
        hints=(
            "The hits of all classes stand on the diagonal. Of all that were called a class: a "
            "column. Of all that are a class: a row.",
            "np.diag(m) gives the diagonal, m.sum(axis=0) the sum of each column, m.sum(axis=1) "
            "that of each row. Where a sum is 0, so are the hits: divide by 1 there.",
            "np.maximum(m.sum(axis=0), 1) is never 0, and leaves every other sum as it is. "
            "Divide np.diag(m) by it for precision, and the same with axis=1 for recall.",
        ),
        wrong=(
            WrongAnswer(
                lambda m: per_class(m)[::-1],
                "The two are exchanged: precision is the share of all that were called a shirt, a "
                "column, recall the share of all shirts, a row.",
            ),
            WrongAnswer(
                hits_by_all,
                "The hits are divided by all pictures; precision divides by the sum of a column, "
                "recall by that of a row.",
            ),
            WrongAnswer(
                without_a_guard,
                "A class that was never said, or never true, gives 0 / 0; it shall be 0 there, as "
                "in Keras.",
            ),
            WrongAnswer(
                ones_for_none_called,
                "A class that was never said gets the precision 1; it shall be 0 there, as in "
                "Keras.",
            ),
            WrongAnswer(
                ones_for_none_true,
                "A class that is never true gets the recall 1; it shall be 0 there, as in Keras.",
            ),
            WrongAnswer(
                ones_for_none,
                "Where nothing was said, or nothing is true, stands 1; it shall be 0 there, as in "
                "Keras.",
            ),
            WrongAnswer(
                f1_for_recall,
                "The second result is F1, which mixes precision and recall; asked is the recall "
                "alone.",
            ),
            WrongAnswer(
                rounded,
                "The shares are rounded to two digits; give them as they are.",
            ),
            WrongAnswer(
                against_the_others,
                "The hits are set against the mistakes; they are a share of all, hits and mistakes "
                "together.",
            ),
            WrongAnswer(
                accuracy_for_recall,
                "This recall is the accuracy, one number for all classes; each class has its own, "
                "its hits by the sum of its row.",
            ),
            WrongAnswer(
                lambda m: (per_class(m)[0], per_class(m)[0]),
                "Both are the precision; recall divides by the sums of the rows.",
            ),
            WrongAnswer(
                lambda m: (per_class(m)[1], per_class(m)[1]),
                "Both are the recall; precision divides by the sums of the columns.",
            ),
            WrongAnswer(
                by_the_largest,
                "The hits are divided by the largest number of a column or row; it is its sum.",
            ),
            WrongAnswer(
                misses,
                "These are the shares of the mistakes; what is asked for is the share of the hits.",
            ),
            WrongAnswer(
                whole_shares,
                "Every cell is divided; of the results only the diagonals are wanted, a number for "
                "each class.",
            ),
            WrongAnswer(
                one_added,
                "Adding 1 to every sum keeps 0 away, and makes all the shares too small; only "
                "where a sum is 0 it may become 1.",
            ),
            WrongAnswer(
                whole_numbers,
                "// gives whole numbers, nearly all of them 0; a share is a fraction, /.",
            ),
            WrongAnswer(
                means,
                "The classes are averaged; each keeps its own number.",
            ),
        ),
    ),
    Exercise(
        id="15.margin",
        title="How far chance reaches",
        level="easy",
        minutes=4,
        answer=margin,
        draw=draw_margin,
        result_names=("two standard errors",),
        examples=((np.array([0.75, 0.5, 0.9]), 300),),
        hints=(
            "It is the formula above, from the inside out: first the variance of one picture that "
            "is right with probability a.",
            "a (1 - a) is divided by n, then comes the root, np.sqrt, over all of it.",
            "2 * np.sqrt(accuracy * (1 - accuracy) / n).",
        ),
        wrong=(
            WrongAnswer(
                lambda accuracy, n: 2 * accuracy * (1 - accuracy) / n,
                "The root is missing: this is twice the variance.",
            ),
            WrongAnswer(
                lambda accuracy, n: np.sqrt(accuracy * (1 - accuracy) / n),
                "This is one standard error; two are asked for.",
            ),
            WrongAnswer(
                lambda accuracy, n: 1.96 * np.sqrt(accuracy * (1 - accuracy) / n),
                "1.96 is the number behind the 95 in 100; asked is twice the standard error.",
            ),
            WrongAnswer(
                lambda accuracy, n: 2 * np.sqrt(accuracy / n),
                "The factor 1 - a is missing: where nearly all is right, chance has little room.",
            ),
            WrongAnswer(
                lambda accuracy, n: 2 * np.sqrt(accuracy * (1 - accuracy)) / n,
                "n stands outside of the root here; it belongs under it.",
            ),
            WrongAnswer(
                lambda accuracy, n: np.sqrt(2 * accuracy * (1 - accuracy) / n),
                "The 2 stands under the root; it belongs in front of it.",
            ),
            WrongAnswer(
                lambda accuracy, n: 2 * np.sqrt(accuracy * (1 - accuracy)),
                "The number of pictures is left out: more pictures leave chance less room.",
            ),
            WrongAnswer(
                lambda accuracy, n: 2 * np.sqrt((1 - accuracy) / n),
                "The factor a is missing under the root.",
            ),
            WrongAnswer(
                lambda accuracy, n: 2 * np.sqrt(accuracy * (1 - accuracy) / (n - 1)),
                "Divide by n, not by n - 1: the share itself is the mean here.",
            ),
            WrongAnswer(
                lambda accuracy, n: 2 / np.sqrt(n) * np.ones_like(accuracy),
                "This is the largest that it could be, doubled: the accuracy is left out.",
            ),
            WrongAnswer(
                lambda accuracy, n: np.zeros_like(accuracy),
                "All are 0, as accuracy * 1 - accuracy is; 1 - accuracy needs brackets around it.",
            ),
            WrongAnswer(
                lambda accuracy, n: 2 * np.sqrt(n * accuracy * (1 - accuracy)),
                "These are two standard errors of the number of right pictures; those of their "
                "share are n times smaller.",
            ),
            WrongAnswer(
                lambda accuracy, n: 2 * np.std(accuracy) / np.sqrt(n),
                "This is how far the given accuracies lie apart; each of them has a standard error "
                "of its own, from a (1 - a) and n.",
            ),
            WrongAnswer(
                lambda accuracy, n: margin(accuracy, len(accuracy)),
                "It is divided by the number of accuracies; n, the number of pictures, is given.",
            ),
        ),
    ),
]  # fmt: skip
