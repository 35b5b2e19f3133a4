"""Exercises of lesson 15: pictures moved by a few pixels, and the surest mistakes."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer


def shift(x, down, right):
    h, w = x.shape[1:3]
    y = np.zeros_like(x)
    y[:, max(down, 0) : h + min(down, 0), max(right, 0) : w + min(right, 0)] = x[
        :, max(-down, 0) : h - max(down, 0), max(-right, 0) : w - max(right, 0)
    ]
    return y


def draw_shift(rng, size):
    """No pixel is as small as a shift, and none 0, which tells every row that came in."""
    n, h, w = 1 + size, int(rng.integers(5, 6 + size)), int(rng.integers(7 + size, 9 + 2 * size))
    x = rng.integers(5, 15, (n, h, w, 1 + size // 3)).astype(float)
    down, right = (int(each) for each in rng.choice([1, 2, 3], 2, False))
    return x, int(rng.choice([-1, 1])) * down, int(rng.choice([-1, 1])) * right


def edges_repeated(x, down, right):
    h, w = x.shape[1:3]
    rows = np.clip(np.arange(h) - down, 0, h - 1)
    columns = np.clip(np.arange(w) - right, 0, w - 1)
    return x[:, rows][:, :, columns]


def only_forwards(x, down, right):
    """Slices that are right for positive shifts, with the sizes taken for both."""
    return shift(x, abs(down), abs(right))


def cut_off(x, down, right):
    h, w = x.shape[1:3]
    return x[:, max(-down, 0) : h - max(down, 0), max(-right, 0) : w - max(right, 0)]


def larger(x, down, right):
    edges = ((0, 0), (max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0)), (0, 0))
    return np.pad(x, edges)


def cleared_in_place(x, down, right):
    """Nothing moves; where zeros would come in there are zeros."""
    return np.where(shift(np.ones_like(x), down, right) > 0, x, 0)


def ones_come_in(x, down, right):
    return shift(x - 1, down, right) + 1


def rolled_and_one_axis_cleared(x, down, right):
    y = np.roll(x, (down, right), axis=(1, 2))
    return np.where(shift(np.ones_like(x), down, 0) > 0, y, 0)


def cleared_from_the_front(x, down, right):
    y = np.roll(x, (down, right), axis=(1, 2))
    y[:, :down] = 0
    y[:, :, :right] = 0
    return y


def cleared(x, rolled, down, right):
    """What ``rolled`` has brought, with zeros where a shift by down and right takes them in."""
    return np.where(shift(np.ones_like(x), down, right) > 0, rolled, 0)


def cleared_after_a_negative_move(x, down, right):
    y = np.roll(x, (down, right), axis=(1, 2))
    return cleared(x, y, min(down, 0), min(right, 0))


def cleared_after_a_positive_move(x, down, right):
    y = np.roll(x, (down, right), axis=(1, 2))
    return cleared(x, y, max(down, 0), max(right, 0))


def cleared_too_far(x, down, right):
    return cleared(x, shift(x, down, right), down + np.sign(down), right + np.sign(right))


def cleared_before_the_move(x, down, right):
    return np.roll(cleared_in_place(x, down, right), (down, right), axis=(1, 2))


def channels_first(x, down, right):
    return np.roll(x, (down, right), axis=(2, 3))


def channels_first_and_cleared(x, down, right):
    return cleared(x, channels_first(x, down, right), 0, down)


def written_over(x, down, right):
    """Place by place, with x itself as the result."""
    h, w = x.shape[1:3]
    for i in range(h):
        for j in range(w):
            inside = 0 <= i - down < h and 0 <= j - right < w
            x[:, i, j] = x[:, i - down, j - right] if inside else 0
    return x


def the_pictures_moved(x, down, right):
    y = np.zeros_like(x)
    first = shift(x, 0, right)
    y[1:] = first[:-1]
    return y


def worst(p, t, count):
    y = p.argmax(axis=1)
    wrong = np.flatnonzero(y != t)
    sure = p[wrong].max(axis=1)
    return wrong[np.argsort(-sure)][:count]


def draw_worst(rng, size):
    """Some right answers are surer than every wrong one, and row 0 is right."""
    k, n = int(rng.integers(3, 4 + size)), int(rng.integers(9, 12 + 3 * size))
    while True:
        p = rng.random((n, k)) ** 2 + 0.02
        p /= p.sum(axis=1, keepdims=True)
        y = p.argmax(axis=1)
        t = np.where(rng.random(n) < 0.45, y, (y + rng.integers(1, k, n)) % k)
        t[0] = y[0]
        wrong, top = np.flatnonzero(y != t), p.max(axis=1)
        count = int(rng.integers(2, 4))
        if len(wrong) < count + 2 or not (top[y == t] > top[wrong].max()).any():
            continue
        best, true = worst(p, t, count), p[np.arange(n), t]
        others = [
            wrong[np.argsort(true[wrong])][:count],  # surprising
            np.argsort(-top)[:count],
            wrong[:count],
            wrong[np.argsort(top[wrong])][:count],
            wrong[np.argsort(true[wrong] - top[wrong])][:count],
            wrong[np.argsort(-true[wrong])][:count],
            np.sort(best),
            wrong[np.argsort(-top[wrong])][1 : count + 1],
            wrong[np.argsort(-np.sort(p[wrong], axis=1)[:, -2])][:count],
            np.argsort(-top[wrong])[:count],
        ]
        if not any(np.array_equal(best, other) for other in others):
            return p, t, count


def wrong_places(p, t):
    return np.flatnonzero(p.argmax(axis=1) != t)


def true_share(p, t):
    return p[np.arange(len(t)), t]


def worst_places_in_the_list(p, t, count):
    return np.argsort(-p[wrong_places(p, t)].max(axis=1))[:count]


def worst_by_surprise(p, t, count):
    wrong = wrong_places(p, t)
    return wrong[np.argsort(true_share(p, t)[wrong])][:count]


def worst_by_nearness(p, t, count):
    wrong = wrong_places(p, t)
    return wrong[np.argsort(-true_share(p, t)[wrong])][:count]


def least_sure(p, t, count):
    wrong = wrong_places(p, t)
    return wrong[np.argsort(p[wrong].max(axis=1))][:count]


def by_the_gap(p, t, count):
    wrong = wrong_places(p, t)
    gap = p[wrong].max(axis=1) - true_share(p, t)[wrong]
    return wrong[np.argsort(-gap)][:count]


def right_as_well(p, t, count):
    return np.argsort(-p.max(axis=1))[:count]


def right_instead(p, t, count):
    right = np.flatnonzero(p.argmax(axis=1) == t)
    return right[np.argsort(-p[right].max(axis=1))][:count]


def all_of_them(p, t, count):
    return worst(p, t, len(t))


def by_the_second(p, t, count):
    wrong = wrong_places(p, t)
    return wrong[np.argsort(-np.sort(p[wrong], axis=1)[:, -2])][:count]


def sorted_places(p, t, count):
    return np.sort(worst(p, t, count))


def the_last_ones(p, t, count):
    wrong = wrong_places(p, t)
    return wrong[np.argsort(p[wrong].max(axis=1))][-count:]


def how_sure(p, t, count):
    return np.sort(p[wrong_places(p, t)].max(axis=1))[::-1][:count]


def least_sure_of_all(p, t, count):
    return np.argsort(p.max(axis=1))[:count]


def cut_before_the_right_ones_are_out(p, t, count):
    order = right_as_well(p, t, count)
    return order[p[order].argmax(axis=1) != t[order]]


def cut_before_the_turn(p, t, count):
    return least_sure(p, t, count)[::-1]


def what_they_are_called(p, t, count):
    return p[worst(p, t, count)].argmax(axis=1)


def how_sure_and_where(p, t, count):
    places = worst(p, t, count)
    return np.stack([p[places].max(axis=1), places], axis=1)


def without_the_first(p, t, count):
    return worst(p, t, count + 1)[1:]


EXERCISES = [
    Exercise(
        id="15.shift",
        title="The same picture, elsewhere",
        level="easy",
        minutes=6,
        answer=shift,
        draw=draw_shift,
        result_names=("the moved x",),
        examples=(
            (np.arange(5.0, 35).reshape(2, 3, 5, 1), 1, -2),
            (np.arange(5.0, 35).reshape(2, 3, 5, 1), -1, 2),
        ),
        hints=(
            "np.roll(x, (down, right), axis=(1, 2)) moves what is there; what leaves on one side "
            "comes in on the other. Those rows and columns have to become 0.",
            "After a move down by 2 the first 2 rows are wrong: y[:, :2] = 0. After a move up by "
            "2 the last 2 are: y[:, -2:] = 0. Of the columns the same, y[:, :, :2] and so on.",
            "y = np.roll(x, (down, right), axis=(1, 2)); if down > 0: y[:, :down] = 0; "
            "if down < 0: y[:, down:] = 0; and the same with right in y[:, :, ...].",
        ),
        wrong=(
            WrongAnswer(
                lambda x, down, right: np.roll(x, (down, right), axis=(1, 2)),
                "What leaves on one side comes in on the other; zeros come in.",
            ),
            WrongAnswer(
                lambda x, down, right: shift(x, right, down),
                "Down and right are exchanged: rows are axis 1 of x [n, h, w, c], columns axis 2.",
            ),
            WrongAnswer(
                lambda x, down, right: shift(x, -down, -right),
                "It moves the other way: row i of the result is row i - down of x.",
            ),
            WrongAnswer(
                edges_repeated,
                "The last row and column are repeated at the edge; zeros come in, the ground.",
            ),
            WrongAnswer(
                lambda x, down, right: shift(x, down, 0),
                "It moves down and not to the right.",
            ),
            WrongAnswer(
                lambda x, down, right: shift(x, 0, right),
                "It moves to the right and not down.",
            ),
            WrongAnswer(
                only_forwards,
                "A shift below 0 goes the same way as one above it; a negative one moves up, or to "
                "the left.",
            ),
            WrongAnswer(
                cut_off,
                "What stays in the frame is right, but the zeros around it are missing: the result "
                "has the shape of x.",
            ),
            WrongAnswer(
                larger,
                "The picture has grown by the zeros; what leaves the frame is gone, and the result "
                "has the shape of x.",
            ),
            WrongAnswer(
                cleared_in_place,
                "Rows and columns have become 0, but nothing has moved.",
            ),
            WrongAnswer(
                rolled_and_one_axis_cleared,
                "The rows that came in are 0; the columns that came in are not.",
            ),
            WrongAnswer(
                lambda x, down, right: shift(x, -down, right),
                "Sideways it is right, but down and up are exchanged: a positive number moves the "
                "picture down, to larger rows.",
            ),
            WrongAnswer(
                lambda x, down, right: shift(x, down, -right),
                "Up and down it is right, but left and right are exchanged.",
            ),
            WrongAnswer(
                ones_come_in,
                "Ones come in at the edge, and 0 is the ground.",
            ),
            WrongAnswer(
                cleared_from_the_front,
                "This is right for positive shifts; for a negative one :down is all but the last "
                "rows, so that nearly everything is lost. A move up needs slices of its own.",
            ),
            WrongAnswer(
                lambda x, down, right: np.roll(x, (down, right), axis=(0, 1)),
                "axis=(0, 1) are the pictures and their rows; rows are axis 1, columns axis 2. And "
                "zeros come in.",
            ),
            WrongAnswer(
                cleared_after_a_negative_move,
                "A move up or to the left is right; of one down or to the right, what leaves comes "
                "in on the other side (a place below 0, as in x[:, -1], is counted from the end).",
            ),
            WrongAnswer(
                cleared_after_a_positive_move,
                "A move down or to the right is right; after one up or to the left the last rows, "
                "y[:, down:], or columns, y[:, :, right:], have to become 0.",
            ),
            WrongAnswer(
                lambda x, down, right: shift(x, min(down, 0), min(right, 0)),
                "A move up or to the left is right; one down or to the right does nothing.",
            ),
            WrongAnswer(
                lambda x, down, right: shift(x, max(down, 0), max(right, 0)),
                "A move down or to the right is right; one up or to the left does nothing.",
            ),
            WrongAnswer(
                cleared_too_far,
                "A row and a column too many are 0: after a move by 2 pixels, 2 rows came in.",
            ),
            WrongAnswer(
                cleared_before_the_move,
                "Rows and columns become 0 before the picture moves, and then move with it; "
                "move first.",
            ),
            WrongAnswer(
                channels_first,
                "axis=(2, 3) are rows and columns where the channels come first; here, in "
                "x [n, h, w, c], they come last, and rows are axis 1, columns axis 2. And zeros "
                "come in.",
            ),
            WrongAnswer(
                channels_first_and_cleared,
                "Axes 2 and 3 are rows and columns where the channels come first; here, in "
                "x [n, h, w, c], they come last, and rows are axis 1, columns axis 2.",
            ),
            WrongAnswer(
                lambda x, down, right: np.roll(x, right, axis=2),
                "It moves to the right and not down, and what leaves on one side comes in on the "
                "other.",
            ),
            WrongAnswer(
                lambda x, down, right: np.roll(x, down, axis=1),
                "It moves down and not to the right, and what leaves on one side comes in on the "
                "other.",
            ),
            WrongAnswer(
                written_over,
                "x is written over while it is still read: the result needs an array of its own, "
                "y = np.zeros_like(x).",
            ),
            WrongAnswer(
                the_pictures_moved,
                "Axis 0 holds the pictures, one after the other; rows are axis 1, columns axis 2.",
            ),
        ),
    ),
    Exercise(
        id="15.worst",
        title="The surest mistakes",
        level="stretch",
        minutes=8,
        answer=worst,
        draw=draw_worst,
        result_names=("places",),
        examples=(
            (
                np.array([
                    [0.9, 0.06, 0.04], [0.3, 0.6, 0.1], [0.1, 0.2, 0.7], [0.45, 0.15, 0.4],
                    [0.02, 0.03, 0.95], [0.26, 0.5, 0.24],
                ]),
                np.array([0, 0, 1, 2, 2, 2]),
                2,
            ),
        ),
        hints=(
            "Three steps: which places are wrong, how sure each of them is, and their order.",
            "np.flatnonzero(p.argmax(axis=1) != t) gives the places that are wrong. "
            "p[wrong].max(axis=1) is how sure each is, and np.argsort of its negative puts the "
            "surest first, as places in the list wrong.",
            "order = np.argsort(-p[wrong].max(axis=1)); the places in the data are "
            "wrong[order], and the first count of them wrong[order][:count].",
        ),
        wrong=(
            WrongAnswer(
                right_as_well,
                "Right answers are among them: leave out the places where p.argmax(axis=1) is t.",
            ),
            WrongAnswer(
                right_instead,
                "These are the surest right answers; a mistake is where the largest output is not "
                "that of t.",
            ),
            WrongAnswer(
                least_sure,
                "The least sure come first; argsort goes upwards, so sort the negative.",
            ),
            WrongAnswer(
                worst_places_in_the_list,
                "These are places in the list of mistakes, not in the data: look them up, "
                "wrong[order].",
            ),
            WrongAnswer(
                worst_by_surprise,
                "It is sorted by what the true class got, the least first. That finds the most "
                "surprising; asked is the surest, by the largest output.",
            ),
            WrongAnswer(
                lambda p, t, count: np.argsort(true_share(p, t))[:count],
                "It is sorted by what the true class got, as by the loss. That finds the most "
                "surprising; asked is how sure it is of the wrong one, the largest output.",
            ),
            WrongAnswer(
                worst_by_nearness,
                "It is sorted by what the true class got, the most first; asked is how sure it is "
                "of the wrong one, the largest output.",
            ),
            WrongAnswer(
                by_the_gap,
                "It is sorted by the distance from the true class to the largest output; asked is "
                "the largest output alone.",
            ),
            WrongAnswer(
                lambda p, t, count: wrong_places(p, t)[:count],
                "The mistakes stand as they lie in the data; the surest is to come first.",
            ),
            WrongAnswer(
                all_of_them,
                "All mistakes are returned; only the first count of them are asked for.",
            ),
            WrongAnswer(
                sorted_places,
                "The right ones are found, and then put in the order of the data; the surest is to "
                "come first.",
            ),
            WrongAnswer(
                the_last_ones,
                "The right ones are found, but the surest of them stands last; turn them round.",
            ),
            WrongAnswer(
                how_sure,
                "This says how sure they are; asked is where they are, places in the data.",
            ),
            WrongAnswer(
                by_the_second,
                "It is sorted by the second largest output; the largest says how sure it is.",
            ),
            WrongAnswer(
                least_sure_of_all,
                "These are the least sure of all answers, right ones among them; only mistakes "
                "count, and the surest come first.",
            ),
            WrongAnswer(
                cut_before_the_right_ones_are_out,
                "The count surest of all answers are taken, and then the right ones left out, so "
                "that too few remain: leave them out first.",
            ),
            WrongAnswer(
                cut_before_the_turn,
                "The order is cut before it is turned round, so that the least sure remain: "
                "[::-1] first, then [:count].",
            ),
            WrongAnswer(
                what_they_are_called,
                "This says what they are called; asked is where they are, places in the data.",
            ),
            WrongAnswer(
                how_sure_and_where,
                "Each comes with how sure it is; asked are the places alone.",
            ),
            WrongAnswer(
                without_the_first,
                "The surest of all is missing: count begins at place 0.",
            ),
        ),
    ),
]  # fmt: skip
