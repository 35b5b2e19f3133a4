"""Exercises of lesson 11: labels made wrong on purpose, and when to stop."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer


def wrong_labels(y, u, shift, noise, k):
    return np.where(u < noise, (y + shift) % k, y)


def draw_wrong_labels(rng, size):
    """One label passes the end, and one u is exactly the noise; the last row changes as well."""
    n, k = int(rng.integers(4, 4 + 3 * size)), int(rng.integers(4, 11))
    noise = float(rng.choice([0.25, 0.375, 0.625]))
    y, shift = rng.integers(0, k, n), rng.integers(1, k, n)
    u = rng.integers(0, 8, n) / 8 if size == 1 else rng.random(n)
    u[:3] = noise, 0.0, 0.875
    order = rng.permutation(n - 1)
    y, u, shift = (np.append(each[:-1][order], each[-1]) for each in (y, u, shift))
    y[-1], u[-1], shift[-1] = k - 1, noise / 2, 1
    shift[np.argmin(u[:-1])] = 2
    return y, u, shift, noise, k


def first_rows(y, u, shift, noise, k):
    here = np.arange(len(y)) < noise * len(y)
    return np.where(here, (y + shift) % k, y)


def only_changed(y, u, shift, noise, k):
    return ((y + shift) % k)[u < noise]


def taken_away_above_k(y, u, shift, noise, k):
    moved = y + shift
    return np.where(u < noise, np.where(moved > k, moved - k, moved), y)


def just_that_share(y, u, shift, noise, k):
    return np.where(u <= np.quantile(u, noise), (y + shift) % k, y)


def early_stop(losses, patience):
    best = wait = 0
    for epoch in range(1, len(losses)):
        wait += 1
        if losses[epoch] < losses[best]:
            best, wait = epoch, 0
        elif wait >= patience:
            return epoch, best
    return len(losses) - 1, best


def draw_early_stop(rng, size):
    """Whole numbers with ties; about every third never stops, the others could do better later."""
    while True:
        losses = rng.integers(1, 9, int(rng.integers(5, 7 + 2 * size))).astype(float)
        patience = int(rng.integers(1, 4))
        stopped, best = early_stop(losses, patience)
        if best == 0:
            continue
        if rng.random() < 0.35:
            if stopped == len(losses) - 1 and stopped - best < patience:
                return losses, patience
        elif stopped < len(losses) - 1 and losses.min() < losses[best]:
            return losses, patience


def stop_with(better=lambda loss, best, last: loss < best, more=0, wait=0, reset=True, first=0):
    """A walk over the losses with one thing done otherwise; first: from where epochs count."""

    def stop(losses, patience):
        best, waited, last = 0, wait, losses[0]
        for epoch in range(1, len(losses)):
            loss = losses[epoch]
            if better(loss, losses[best], last):
                best, waited = epoch, 0 if reset else waited
            else:
                waited += 1
                if waited >= patience + more:
                    return epoch + first, best + first
            last = loss
        return len(losses) - 1 + first, best + first

    return stop


def stop_where_the_loss_rose(losses, patience):
    best = wait = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best, wait = epoch, 0
        elif losses[epoch] > losses[epoch - 1]:
            wait += 1
            if wait >= patience:
                return epoch, best
    return len(losses) - 1, best


def stop_but_any_fall_resets(losses, patience):
    best = wait = 0
    for epoch in range(1, len(losses)):
        best = epoch if losses[epoch] < losses[best] else best
        wait = 0 if losses[epoch] < losses[epoch - 1] else wait + 1
        if wait >= patience:
            return epoch, best
    return len(losses) - 1, best


def stop_and_lose_the_epoch(losses, patience):
    return len(losses) - 1, early_stop(losses, patience)[1]


def stop_one_before(losses, patience):
    stopped, best = early_stop(losses, patience)
    return stopped - (stopped - best >= patience), best


def stop_by_the_one_patience_before(losses, patience):
    for epoch in range(patience, len(losses)):
        if losses[epoch] >= losses[epoch - patience]:
            return epoch, int(np.argmin(losses[: epoch + 1]))
    return len(losses) - 1, int(np.argmin(losses))


def stop_without_the_last(losses, patience):
    stopped, best = early_stop(losses[:-1], patience)
    return (stopped if stopped - best >= patience else len(losses) - 1), best


def stop_with_lowest_0(losses, patience):
    return min(patience, len(losses)) - 1, 0


def stop_and_say_0(losses, patience):
    stopped, best = early_stop(losses, patience)
    return stopped * (stopped - best >= patience), best


def stop_against_the_first(losses, patience):
    best = wait = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[0]:
            best, wait = epoch, 0
        else:
            wait += 1
            if wait >= patience:
                return epoch, best
    return len(losses) - 1, best


def stop_found_a_round_late(losses, patience):
    stopped, best = early_stop(losses, patience)
    return min(stopped + (stopped - best >= patience), len(losses) - 1), best


def stop_as_losses(losses, patience):
    stopped, best = early_stop(losses, patience)
    return losses[: stopped + 1], best


def stop_at_the_first_rise(losses, patience):
    rises = np.flatnonzero(np.diff(losses) > 0)
    best = int(rises[0]) if len(rises) else len(losses) - 1
    return min(best + patience, len(losses) - 1), best


def stop_and_best_of_all(losses, patience):
    return early_stop(losses, patience)[0], int(np.argmin(losses))


def stop_and_lowest_loss(losses, patience):
    stopped, best = early_stop(losses, patience)
    return stopped, losses[best]


def stop_twice(losses, patience):
    stopped, _ = early_stop(losses, patience)
    return stopped, stopped


def stop_from_the_end(losses, patience):
    stopped, _ = early_stop(losses, patience)
    return stopped, stopped - patience


def stop_after_the_lowest_of_all(losses, patience):
    best = int(np.argmin(losses))
    return min(best + patience, len(losses) - 1), best


def stop_beyond_the_end(losses, patience):
    _, best = early_stop(losses, patience)
    return best + patience, best


def stop_at_the_length(losses, patience):
    stopped, best = early_stop(losses, patience)
    return stopped + (stopped - best < patience), best


EXERCISES = [
    Exercise(
        id="11.wrong_labels",
        title="Wrong labels, a known share of them",
        level="easy",
        minutes=5,
        answer=wrong_labels,
        draw=draw_wrong_labels,
        result_names=("the new y",),
        examples=(
            (
                np.array([2, 0, 4, 1, 3]), np.array([0.75, 0.125, 0.0, 0.25, 0.5]),
                np.array([3, 2, 1, 4, 2]), 0.25, 5,
            ),
            # No label is the last class, so that the largest label is no k - 1.
            (
                np.array([1, 3, 2, 0, 2]), np.array([0.75, 0.125, 0.5, 0.25, 0.0]),
                np.array([4, 2, 5, 1, 3]), 0.375, 6,
            ),
            # No noise at all: even where u is 0 nothing changes.
            (np.array([1, 3, 0, 2]), np.array([0.0, 0.5, 0.25, 0.0]), np.array([1, 2, 3, 2]), 0, 4),
        ),
        hints=(
            "Two things: what the label of a row would become, and whether this row is one of "
            "those that change. First make an array with the new label of every row.",
            "(y + shift) % k stays below k: % gives the remainder. u < noise is an array of True "
            "and False, True for the rows that change.",
            "np.where(rows, a, b) takes a where rows is True, else b: with u < noise, the new "
            "labels and y it is the whole answer.",
        ),
        wrong=(
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, shift, y),
                "shift itself becomes the label here, and that may be the right one after all; "
                "go on from y by shift.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, y + shift, y),
                "Labels beyond k - 1 appear: take the remainder by k of the whole sum, which "
                "begins at 0 again.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: wrong_labels(y, -u, shift, -noise, k),
                "The rows that should stay are changed: a row changes where u is below noise.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y + 1) % k, y),
                "Each label goes on by 1; each row has a step of its own, its number in shift.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u <= noise, (y + shift) % k, y),
                "A u that equals noise changes its label here; below noise is meant. With noise 0 "
                "nothing may change, even where u is 0.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u >= noise, (y + shift) % k, y),
                "The test is turned round: the rows with u from noise on are changed, and they "
                "should stay.",
            ),
            WrongAnswer(
                first_rows,
                "The first rows are changed; u says of each row whether it is one of them.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: (y + shift) % k,
                "Every label is changed; those where u is not below noise stay as they are.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y - shift) % k, y),
                "The labels go back by shift; they go on by it, y + shift.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y + shift) % 10, y),
                "The number of classes is fixed at 10 here; use the argument k.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y + shift) % (k - 1), y),
                "The remainder is taken by k - 1, so that the last class never appears; it is "
                "taken by k.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, np.minimum(y + shift, k - 1), y),
                "What goes beyond k - 1 stops there, and a label that was k - 1 stays right; % k "
                "begins at 0 again.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y + shift) % y.max(), y),
                "The remainder is taken by the largest label that happens to be there; it is "
                "taken by k, the number of classes.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y + shift) % len(y), y),
                "The remainder is taken by the number of rows; it is taken by k, the number of "
                "classes.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y + shift) % (k + 1), y),
                "The remainder is taken by k + 1, so that a label k appears, one class too many; "
                "it is taken by k.",
            ),
            WrongAnswer(
                taken_away_above_k,
                "A sum of just k stays k, one class too many: there too the labels begin at 0 "
                "again.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y + shift) // k, y),
                "// gives how many times k goes into the sum; the remainder is %.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < 1 - noise, (y + shift) % k, y),
                "u is compared with 1 - noise, the share of the rows that stay; compare it with "
                "noise.",
            ),
            WrongAnswer(
                just_that_share,
                "The rows with the smallest u are changed, just as many as the share says; each "
                "row is asked for itself, u < noise.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: u < noise,
                "This says which rows change; what is wanted is the labels, changed or not.",
            ),
            WrongAnswer(
                only_changed,
                "Only the changed labels are returned; the others belong to the answer too, each "
                "in its place.",
            ),
            WrongAnswer(
                lambda y, u, shift, noise, k: np.where(u < noise, (y + shift) % k, 0),
                "The labels that stay have become 0; they keep their y.",
            ),
        ),
    ),
    Exercise(
        id="11.early_stop",
        title="When to stop, and what to keep",
        level="stretch",
        minutes=9,
        answer=early_stop,
        draw=draw_early_stop,
        result_names=("stopped", "best"),
        examples=(
            (np.array([5.0, 4, 6, 3, 7, 8, 2]), 2),
            (np.array([5.0, 4, 4, 4, 1]), 2),
            (np.array([5.0, 7, 6, 5.5, 1]), 2),
            # The last epoch is the best one.
            (np.array([6.0, 4, 5, 3]), 2),
        ),
        hints=(
            "Walk over the epochs and remember two things: which epoch was the best so far, and "
            "for how many epochs there has been nothing better.",
            "Begin with best = 0 and wait = 0, and look at epoch 1, 2, ... A loss below "
            "losses[best] makes best = epoch and wait = 0; any other makes wait one more.",
            "When wait has become patience, return epoch, best at once. If the loop comes to its "
            "end, return len(losses) - 1, best.",
        ),
        wrong=(
            WrongAnswer(
                stop_with(more=1),
                "It stops one epoch too late: with patience 2 the second epoch without anything "
                "better is the last one (wait >= patience).",
            ),
            WrongAnswer(
                stop_with(reset=False),
                "The wait is never set back, so that epochs without a gain add up over the whole "
                "run; a new best starts the wait anew.",
            ),
            WrongAnswer(
                stop_with(better=lambda loss, best, last: loss < last),
                "A loss is compared with that of the epoch before; a little better than the last "
                "one is not better than the best.",
            ),
            WrongAnswer(
                stop_with(better=lambda loss, best, last: loss <= best),
                "A loss that equals the best counts as better here; strictly lower is meant.",
            ),
            WrongAnswer(
                stop_and_best_of_all,
                "best is looked for among all losses; the epochs after the stop have never been "
                "trained.",
            ),
            WrongAnswer(
                stop_twice,
                "best is the epoch of the stop here; the best one lies before it, and its weights "
                "are those to keep.",
            ),
            WrongAnswer(
                stop_with(first=1),
                "Epochs are counted from 1 here; the first loss is that of epoch 0.",
            ),
            WrongAnswer(
                lambda losses, patience: early_stop(losses, patience)[::-1],
                "The two results have changed places: stopped comes first, then best.",
            ),
            WrongAnswer(
                lambda losses, patience: early_stop(losses, 1),
                "The first epoch without anything better ends it here; patience says how many "
                "such epochs in a row are waited for.",
            ),
            WrongAnswer(
                stop_from_the_end,
                "best is taken patience epochs before the stop, which is so only if it really "
                "stopped; remember the best on the way.",
            ),
            WrongAnswer(
                stop_after_the_lowest_of_all,
                "The wait begins at the lowest of all losses; a run that has stopped before never "
                "comes there.",
            ),
            WrongAnswer(
                stop_beyond_the_end,
                "The stop is set patience epochs behind the best, even where no losses are left; "
                "without a stop it is the last epoch.",
            ),
            WrongAnswer(
                stop_and_lowest_loss,
                "The second result is the best loss; its epoch is wanted.",
            ),
            WrongAnswer(
                stop_with(better=lambda loss, best, last: loss > best),
                "The highest loss is taken for the best; of losses the lowest is.",
            ),
            WrongAnswer(
                stop_at_the_length,
                "Where it never stops, the number of epochs is returned; the last epoch is one "
                "less, since they count from 0.",
            ),
            WrongAnswer(
                stop_with(wait=1),
                "The wait begins with 1, so that the first stop may come an epoch too early; it "
                "begins with 0.",
            ),
            WrongAnswer(
                stop_where_the_loss_rose,
                "Only epochs in which the loss rises are counted; one that is level, or falls and "
                "is still no better than the best, counts as well.",
            ),
            WrongAnswer(
                stop_but_any_fall_resets,
                "Any fall of the loss sets the wait back; only a new best does.",
            ),
            WrongAnswer(
                stop_and_lose_the_epoch,
                "The last epoch of all is returned even where it stopped before; after a break "
                "the epoch of the stop is lost, so return it there.",
            ),
            WrongAnswer(
                stop_one_before,
                "The stop is put one epoch too early: stopped is the epoch in which the wait "
                "reached patience, the last one trained.",
            ),
            WrongAnswer(
                stop_by_the_one_patience_before,
                "An epoch is compared with the one that lies patience before it; compare each "
                "with the best so far, and count those that are no better.",
            ),
            WrongAnswer(
                stop_without_the_last,
                "The last epoch is never looked at, and it may be the best: range(1, n) ends with "
                "n - 1 by itself.",
            ),
            WrongAnswer(
                stop_with_lowest_0,
                "It stops as soon as it can and best stays 0, as if no loss were ever better; "
                "begin with the first loss as the lowest, not with 0.",
            ),
            WrongAnswer(
                stop_and_say_0,
                "Where it never stops, 0 is returned as stopped; here it is then the last epoch.",
            ),
            WrongAnswer(
                stop_against_the_first,
                "Each loss is compared with the first one; with a new best the lowest loss has to "
                "change too.",
            ),
            WrongAnswer(
                stop_found_a_round_late,
                "The wait is looked at one epoch too late: as soon as it has become patience, "
                "that epoch is the last.",
            ),
            WrongAnswer(
                stop_as_losses,
                "The first result is the losses up to the stop; its epoch is wanted.",
            ),
            WrongAnswer(
                stop_at_the_first_rise,
                "The wait ends at the first rise of the loss; a later epoch within patience may "
                "be better than the best, and then the wait begins anew.",
            ),
            WrongAnswer(
                lambda losses, patience: early_stop(losses, patience)[0],
                "This is the epoch of the stop alone; return both, stopped and best.",
            ),
        ),
    ),
]  # fmt: skip
