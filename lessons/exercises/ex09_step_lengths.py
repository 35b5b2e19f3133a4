"""Exercises of lesson 09: steps whose length does not follow the slope, and a rate that falls."""

import numpy as np

from dlcore.backends.numpy import adam_update
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import sizes, table


def draw_adam(rng, size):
    # A large epsilon: with 1e-7 nobody sees where it stands.
    shape = sizes(rng, size, 2)
    if size == 1:
        w, m, dw = (rng.integers(1, 4, shape) * rng.choice([-1.0, 1.0], shape) for _ in range(3))
        v = rng.integers(1, 5, shape).astype(float)
    else:
        w, m, dw = (rng.normal(0, 2, shape) for _ in range(3))
        v = rng.uniform(0.2, 4, shape)
    dw.flat[0], dw.flat[-1] = 3, -2  # of both signs, and never all of one size
    beta_1, beta_2 = [(0.5, 0.75), (0.8, 0.95), (0.9, 0.999)][rng.integers(3)]
    rate, epsilon = float(rng.choice([0.25, 0.5, 2])), float(rng.choice([0.1, 0.5]))
    return w, m, v, dw, rate, int(rng.choice([1, 2, 3, 7])), beta_1, beta_2, epsilon


def adam(
    mean=lambda m, dw, b1, b2: b1 * m + (1 - b1) * dw,
    square=lambda v, dw, b1, b2: b2 * v + (1 - b2) * dw**2,
    up=lambda step, b1, b2: np.sqrt(1 - b2**step),
    down=lambda step, b1, b2: 1 - b1**step,
    below=lambda v, epsilon: np.sqrt(v) + epsilon,
    sign=-1,
):
    """Adam with one of its parts made otherwise."""

    def update(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        m, v = mean(m, dw, beta_1, beta_2), square(v, dw, beta_1, beta_2)
        rate = learning_rate * up(step, beta_1, beta_2) / down(step, beta_1, beta_2)
        return w + sign * rate * m / below(v, epsilon), m, v

    return update


def epsilon_after_the_correction(
    w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7
):
    m, v = beta_1 * m + (1 - beta_1) * dw, beta_2 * v + (1 - beta_2) * dw**2
    m_hat, v_hat = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def epsilon_below_the_corrected_root(
    w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7
):
    m, v = beta_1 * m + (1 - beta_1) * dw, beta_2 * v + (1 - beta_2) * dw**2
    m_hat, v_hat = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return w - learning_rate * m_hat / np.sqrt(v_hat + epsilon), m, v


def corrected_kept(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    new_w, m, v = adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon)
    return new_w, m / (1 - beta_1**step), v / (1 - beta_2**step)


def as_in_the_paper_and_kept(
    w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7
):
    new = epsilon_after_the_correction(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon)
    return new[0], new[1] / (1 - beta_1**step), new[2] / (1 - beta_2**step)


def epsilon_beside_the_step(
    w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7
):
    m, v = beta_1 * m + (1 - beta_1) * dw, beta_2 * v + (1 - beta_2) * dw**2
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return w - rate * m / np.sqrt(v) + epsilon, m, v


def means_of_before(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    _, new_m, new_v = adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon)
    return w - rate * m / (np.sqrt(v) + epsilon), new_m, new_v


def slope_itself(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    _, m, v = adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon)
    return w - rate * dw / (np.sqrt(v) + epsilon), m, v


def size_of_the_mean(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = beta_1 * m + (1 - beta_1) * dw
    v = beta_2 * v + (1 - beta_2) * m**2
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return w - rate * m / (np.sqrt(v) + epsilon), m, v


def corrected_without_root(
    w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7
):
    m, v = beta_1 * m + (1 - beta_1) * dw, beta_2 * v + (1 - beta_2) * dw**2
    m_hat, v_hat = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return w - learning_rate * m_hat / (v_hat + epsilon), m, v


def corrected_mean_kept(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    new_w, m, v = adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon)
    return new_w, m / (1 - beta_1**step), v


def counted_from_nought(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    up = np.sqrt(1 - beta_2 ** (step - 1))
    with np.errstate(all="ignore"):  # 0 / 0 in the first step
        rate = learning_rate * up / np.float64(1 - beta_1 ** (step - 1))
    _, m, v = adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon)
    return w - rate * m / (np.sqrt(v) + epsilon), m, v


def quiet_root(number):
    with np.errstate(invalid="ignore"):
        return np.sqrt(number)


def sign_alone(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    _, m, v = adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon)
    return w - rate * np.sign(m), m, v


def with_arguments(change):
    """The answer with some arguments changed: rate, step, both betas, epsilon."""

    def update(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        rest = change(learning_rate, step, beta_1, beta_2, epsilon)
        return adam_update(w, m, v, dw, *rest)

    return update


def with_results(change):
    """What the answer gives, returned otherwise; change(old w, m, v, new w, m, v)."""

    def update(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        new = adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon)
        return change(w, m, v, *new)

    return update


def draw_cosine(rng, size):
    """Steps in all four places: on the way up, at its end, on the way down and beyond its end."""
    warmup, steps = int(rng.integers(3, 3 + 4 * size)), int(rng.integers(5, 5 + 8 * size))
    if warmup == steps:
        steps += 2
    more = rng.integers(0, warmup + steps + 4, size)
    end = warmup + steps
    places = (0, rng.integers(1, warmup), warmup, rng.integers(warmup + 1, end), end, end + 3)
    step = np.sort(np.concatenate([places, more]))
    return step, float(rng.choice([0.25, 0.5, 2])), warmup, steps


def cosine_rate(step, top, warmup, steps):
    passed = np.minimum((step - warmup) / steps, 1)
    return np.where(step < warmup, top * step / warmup, top * (1 + np.cos(np.pi * passed)) / 2)


def way_down(share):
    """A rate that rises as it should and comes down by ``share(step, warmup, steps)`` of top."""

    def rate(step, top, warmup, steps):
        rising = top * step / warmup
        return np.where(step < warmup, rising, top * share(step, warmup, steps))

    return rate


def way_up(rising):
    """A rate that comes down as it should and rises otherwise."""

    def rate(step, top, warmup, steps):
        t = np.clip((step - warmup) / steps, 0, 1)
        down = top * (1 + np.cos(np.pi * t)) / 2
        return np.where(step < warmup, rising(step, top, warmup, steps), down)

    return rate


def cosine(t):
    return (1 + np.cos(np.pi * t)) / 2


def passed(step, warmup, steps):
    return np.minimum((step - warmup) / steps, 1)


EXERCISES = [
    Exercise(
        id="09.adam_update",
        title="Direction by the mean, length by the rate",
        level="stretch",
        minutes=10,
        answer=adam_update,
        draw=draw_adam,
        examples=(
            (
                table("1 2 -1; 3 -2 2"),
                table("1 -1 2; -2 1 1"),
                table("4 1 2; 1 3 4"),
                table("3 -1 2; -3 1 -2"),
                0.5,
                2,
                0.5,
                0.75,
                0.5,
            ),
        ),
        hints=(
            "Two running means, each as in your running_mean but for one step: m of the slopes, v "
            "of their squares. They are returned as they are; the corrections are made in the step "
            "alone.",
            "The rate of this step is learning_rate times np.sqrt(1 - beta_2 ** step), divided by "
            "1 - beta_1 ** step. It multiplies m, and the whole is divided by np.sqrt(v) + "
            "epsilon.",
            "m = beta_1 * m + (1 - beta_1) * dw; v = beta_2 * v + (1 - beta_2) * dw ** 2; then "
            "w = w - rate * m / (np.sqrt(v) + epsilon) with the rate of this step; return w, m, v.",
        ),
        wrong=(
            WrongAnswer(
                adam(up=lambda step, b1, b2: 1, down=lambda step, b1, b2: 1),
                "m and v start at 0 and are still too small, and nothing corrects it: multiply the "
                "rate by sqrt(1 - beta_2 ** step) / (1 - beta_1 ** step).",
            ),
            WrongAnswer(
                epsilon_after_the_correction,
                "epsilon is added to the corrected root, as in algorithm 1 of the paper; here, as "
                "in Keras, it is added to sqrt(v) itself, before the correction.",
            ),
            WrongAnswer(
                epsilon_below_the_corrected_root,
                "epsilon stands under the root, with the corrected v; it is added to sqrt(v), "
                "outside of the root and before the correction.",
            ),
            WrongAnswer(
                adam(below=lambda v, epsilon: np.sqrt(v + epsilon)),
                "epsilon stands under the root, as in RMSprop; here it is added to the root.",
            ),
            WrongAnswer(
                corrected_kept,
                "w is right, but corrected m and v come back; what is kept is uncorrected, and the "
                "correction is made anew in each step.",
            ),
            WrongAnswer(
                as_in_the_paper_and_kept,
                "Corrected m and v come back, and epsilon is added to the corrected root: what is "
                "kept is uncorrected, and epsilon goes to sqrt(v) before the correction.",
            ),
            WrongAnswer(
                epsilon_beside_the_step,
                "Brackets are missing around sqrt(v) + epsilon, so that epsilon is added to w.",
            ),
            WrongAnswer(
                adam(up=lambda step, b1, b2: np.sqrt(1 - b2), down=lambda step, b1, b2: 1 - b1),
                "The correction is that of the first step for ever; it fades with beta ** step.",
            ),
            WrongAnswer(
                with_arguments(lambda rate, step, b1, b2, eps: (rate, step + 1, b1, b2, eps)),
                "The correction uses step + 1; step counts from 1 already, in the first step it is "
                "1.",
            ),
            WrongAnswer(
                counted_from_nought,
                "The correction uses step - 1, which is 0 / 0 in the first step; step counts from "
                "1 already.",
            ),
            WrongAnswer(
                adam(
                    up=lambda step, b1, b2: np.sqrt((1 - b2) ** step),
                    down=lambda step, b1, b2: (1 - b1) ** step,
                ),
                "In the correction the powers are those of 1 - beta; they belong to beta alone, "
                "1 - beta ** step.",
            ),
            WrongAnswer(
                adam(
                    up=lambda step, b1, b2: quiet_root(1 - b2 * step),
                    down=lambda step, b1, b2: 1 - b1 * step,
                ),
                "beta is multiplied by step in the correction; it is raised to that power, "
                "beta ** step.",
            ),
            WrongAnswer(
                corrected_mean_kept,
                "w and v are right, but the corrected m comes back; what is kept is uncorrected.",
            ),
            WrongAnswer(
                corrected_without_root,
                "The corrected m is divided by the corrected v itself; divide by the root of v.",
            ),
            WrongAnswer(
                adam(below=lambda v, epsilon: np.maximum(np.sqrt(v), epsilon)),
                "The larger of sqrt(v) and epsilon is taken; epsilon is added to sqrt(v).",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: np.maximum(v, b2 * v + (1 - b2) * dw**2)),
                "v never falls here, as in AMSGrad; a running mean falls where squares are small.",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: b2 * v + (1 - b2) * np.sum(dw**2)),
                "In v all weights share the sum of all squares; each has the square of its own "
                "slope.",
            ),
            WrongAnswer(
                with_arguments(lambda rate, step, b1, b2, eps: (1, step, b1, b2, eps)),
                "learning_rate is not used; it multiplies the step.",
            ),
            WrongAnswer(
                adam(below=lambda v, epsilon: v + epsilon),
                "m is divided by v itself, so that a slope twice as large makes the step half as "
                "long; divide by the root of v.",
            ),
            WrongAnswer(
                adam(
                    up=lambda step, b1, b2: 1 - b1**step,
                    down=lambda step, b1, b2: np.sqrt(1 - b2**step),
                ),
                "The correction stands on its head: sqrt(1 - beta_2 ** step) goes above, "
                "1 - beta_1 ** step below.",
            ),
            WrongAnswer(
                adam(up=lambda step, b1, b2: 1 - b2**step),
                "The correction of v has no root; v stands under a root, and its correction too.",
            ),
            WrongAnswer(
                adam(up=lambda step, b1, b2: 1),
                "Only m is corrected; v starts at 0 as well.",
            ),
            WrongAnswer(
                adam(down=lambda step, b1, b2: 1),
                "Only v is corrected; m starts at 0 as well.",
            ),
            WrongAnswer(
                adam(
                    up=lambda step, b1, b2: np.sqrt(1 - b1**step),
                    down=lambda step, b1, b2: 1 - b2**step,
                ),
                "In the correction beta_1 and beta_2 have changed places; m goes with beta_1, v "
                "with beta_2.",
            ),
            WrongAnswer(
                with_arguments(lambda rate, step, b1, b2, eps: (rate, step, b2, b1, eps)),
                "beta_1 and beta_2 have changed places; m fades with beta_1, v with beta_2.",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: b1 * v + (1 - b1) * dw**2),
                "v fades with beta_1; it has its own, beta_2.",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: b2 * v + (1 - b2) * np.abs(dw)),
                "v is a mean of the sizes of the slopes, not of their squares; under the root "
                "belong squares.",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: (b2 * v + (1 - b2) * dw) ** 2),
                "The whole mean is squared, the old v as well; square dw alone.",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: b2 * v + (1 - b2) ** 2 * dw**2),
                "1 - beta_2 is squared together with dw; square dw alone.",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: v + dw**2),
                "v adds up all squares and never forgets, as in Adagrad; here it is a running "
                "mean.",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: b2 * v + dw**2),
                "The square enters v whole, so v is too large; it enters with 1 - beta_2.",
            ),
            WrongAnswer(
                adam(square=lambda v, dw, b1, b2: (1 - b2) * v + b2 * dw**2),
                "In v the shares have changed places: beta_2 of the old v is kept.",
            ),
            WrongAnswer(
                size_of_the_mean,
                "v takes the squares of m; it takes those of the slopes themselves.",
            ),
            WrongAnswer(
                adam(mean=lambda m, dw, b1, b2: b1 * m + dw),
                "The slope enters m whole, as in a velocity; it enters with 1 - beta_1.",
            ),
            WrongAnswer(
                adam(mean=lambda m, dw, b1, b2: (1 - b1) * m + b1 * dw),
                "In m the shares have changed places: beta_1 of the old m is kept.",
            ),
            WrongAnswer(
                means_of_before,
                "The step uses m and v from before; first renew both, then step with the new ones.",
            ),
            WrongAnswer(
                with_results(lambda w, m, v, new_w, new_m, new_v: (new_w, m, v)),
                "w is right, but the old m and v come back, so nothing is remembered; return the "
                "new ones.",
            ),
            WrongAnswer(
                with_results(lambda w, m, v, new_w, new_m, new_v: (new_w, new_v, new_m)),
                "m and v have changed places in what comes back: w, m, v.",
            ),
            WrongAnswer(
                with_results(lambda w, m, v, new_w, new_m, new_v: (new_m, new_v, new_w)),
                "The new w comes last; the results are w, m, v, in this order.",
            ),
            WrongAnswer(
                with_results(lambda w, m, v, new_w, new_m, new_v: (new_w - w, new_m, new_v)),
                "The first result is the step alone; add it to w.",
            ),
            WrongAnswer(
                adam(sign=1),
                "This climbs: m points uphill, so the step is subtracted.",
            ),
            WrongAnswer(
                slope_itself,
                "The slope itself is stepped along, and m is not used; the direction comes from m.",
            ),
            WrongAnswer(
                sign_alone,
                "Only the sign of m moves w; m itself does, divided by sqrt(v) + epsilon.",
            ),
            WrongAnswer(
                adam(below=lambda v, epsilon: np.sqrt(v)),
                "epsilon is not used; it is added to the root of v.",
            ),
            WrongAnswer(
                with_arguments(lambda rate, step, b1, b2, eps: (rate, step, b1, b2, 1e-3)),
                "epsilon is fixed; use the argument.",
            ),
            WrongAnswer(
                with_arguments(lambda rate, step, b1, b2, eps: (rate, step, 0.9, 0.999, eps)),
                "Both betas are fixed at 0.9 and 0.999; use the arguments beta_1 and beta_2.",
            ),
            WrongAnswer(
                with_arguments(lambda rate, step, b1, b2, eps: (0.001, step, b1, b2, eps)),
                "The rate is fixed at 0.001; use the argument learning_rate.",
            ),
        ),
    ),
    Exercise(
        id="09.cosine_rate",
        title="A rate that rises and falls",
        level="core",
        minutes=5,
        answer=cosine_rate,
        draw=draw_cosine,
        result_names=("rate",),
        examples=(
            (np.array([0, 1, 3, 4, 6, 8, 12, 15]), 0.5, 4, 8),
            (np.array([2, 4, 5, 10, 15, 16]), 2.0, 5, 10),
            (np.array([0, 1, 2, 5, 6, 8, 10]), 0.5, 6, 4),
        ),
        hints=(
            "There are two formulas, and each step takes one of them. Which of the two holds at "
            "the step `warmup` itself? And what should happen long after the end?",
            "passed is (step - warmup) / steps, but never above 1: np.minimum(a, 1) takes the "
            "smaller of the two, number by number. np.where(step < warmup, up, down) chooses.",
            "up is top * step / warmup, and down is top * (1 + np.cos(np.pi * passed)) / 2.",
        ),
        wrong=(
            WrongAnswer(
                way_down(lambda step, warmup, steps: cosine(np.minimum(step / steps, 1))),
                "The way down has begun at step 0, so the rate jumps where the warm-up ends; count "
                "from there: step - warmup.",
            ),
            WrongAnswer(
                way_down(lambda step, warmup, steps: cosine((step - warmup) / steps)),
                "Beyond the end the rate climbs again; passed stops at 1.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: cosine(
                        np.minimum((step - warmup) / (steps + warmup), 1)
                    )
                ),
                "It is divided by warmup + steps, so that it comes down too slowly; steps counts "
                "the way down alone.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: cosine(
                        np.minimum((step - warmup) / (steps - warmup), 1)
                    )
                ),
                "It is divided by steps - warmup, as if the warm-up were a part of steps; steps "
                "counts the way down alone.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: cosine(np.minimum(step / (steps + warmup), 1))
                ),
                "passed runs over both ways together, so the rate jumps where the warm-up ends; it "
                "is the share of the way down alone.",
            ),
            WrongAnswer(
                way_down(lambda step, warmup, steps: cosine(2 * passed(step, warmup, steps))),
                "A whole wave comes back up (2 pi); half a wave, pi, goes from top to 0.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: np.cos(np.pi / 2 * passed(step, warmup, steps))
                ),
                "A quarter of a wave ends at 0 with full steepness; half a wave, raised by 1 and "
                "halved, ends level.",
            ),
            WrongAnswer(
                way_down(lambda step, warmup, steps: np.cos(np.pi * passed(step, warmup, steps))),
                "The cosine goes down to -1, and a rate below 0 climbs; add 1, and halve.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: 1 + np.cos(np.pi * passed(step, warmup, steps))
                ),
                "1 + cosine starts at 2, so the rate is twice as large; halve it.",
            ),
            WrongAnswer(
                way_down(lambda step, warmup, steps: cosine(1 - passed(step, warmup, steps))),
                "This begins at 0 and ends at top; it should begin at top.",
            ),
            WrongAnswer(
                way_down(lambda step, warmup, steps: 1 - passed(step, warmup, steps)),
                "This is a straight line; the way down is half a cosine.",
            ),
            WrongAnswer(
                way_down(lambda step, warmup, steps: (1 + np.cos(passed(step, warmup, steps))) / 2),
                "Pi is missing in the cosine, so it hardly comes down.",
            ),
            WrongAnswer(
                way_down(lambda step, warmup, steps: cosine((step - warmup) // steps)),
                "// leaves only whole numbers, so the rate stays at top and then drops; divide "
                "with /.",
            ),
            WrongAnswer(
                way_down(lambda step, warmup, steps: cosine(np.minimum(step - warmup / steps, 1))),
                "From warmup on the rate is 0, as where the brackets around step - warmup are "
                "missing in passed; with them passed goes slowly from 0 to 1.",
            ),
            WrongAnswer(
                lambda step, top, warmup, steps: np.where(
                    step < warmup,
                    top * step / warmup,
                    top + np.cos(np.pi * passed(step, warmup, steps)) / 2,
                ),
                "The brackets around 1 + cosine are missing: top multiplies the 1 alone, and the "
                "2 divides the cosine alone.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: 1 + np.cos(np.pi * passed(step, warmup, steps)) / 2
                ),
                "The brackets around 1 + cosine are missing: the 2 divides the cosine alone.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: (1 + np.cos(180 * passed(step, warmup, steps))) / 2
                ),
                "np.cos takes no degrees: half a wave is pi to it, not 180.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: (
                        (1 + np.sin(np.pi * passed(step, warmup, steps))) / 2
                    )
                ),
                "This is the sine, which begins and ends in the middle; the cosine goes from 1 to "
                "-1.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: (
                        (1 + np.cos(np.pi) * passed(step, warmup, steps)) / 2
                    )
                ),
                "passed stands outside of the cosine, so this is a straight line; it belongs "
                "inside, with pi.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: cosine((np.minimum(step, steps) - warmup) / steps)
                ),
                "The steps stop at `steps`, so that the way down is cut off; it ends at "
                "warmup + steps.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: cosine(
                        np.minimum((step - warmup) / (len(step) - warmup), 1)
                    )
                ),
                "It is divided by len(step) - warmup; len(step) is how many rates are wanted, "
                "steps how many steps the way down takes.",
            ),
            WrongAnswer(
                way_up(lambda step, top, warmup, steps: top * step / (warmup - 1)),
                "The way up is divided by warmup - 1, so that it is there a step too early; it "
                "takes warmup steps.",
            ),
            WrongAnswer(
                lambda step, top, warmup, steps: np.minimum(
                    top * step / warmup, top * cosine(passed(step, warmup, steps))
                ),
                "The smaller of both ways is taken, and below warmup that is not always the way "
                "up; np.where chooses by the step.",
            ),
            WrongAnswer(
                way_down(
                    lambda step, warmup, steps: np.where(
                        step > warmup + steps, 1, cosine(passed(step, warmup, steps))
                    )
                ),
                "Beyond the end the rate is back at top; it stays at 0.",
            ),
            WrongAnswer(
                way_up(lambda step, top, warmup, steps: np.full(len(step), top)),
                "The first steps come with the full rate; below warmup it rises from 0.",
            ),
            WrongAnswer(
                way_up(lambda step, top, warmup, steps: step / warmup),
                "The way up ends at 1; multiply it by top.",
            ),
            WrongAnswer(
                way_up(lambda step, top, warmup, steps: top * step / steps),
                "The way up is divided by steps; it takes warmup steps.",
            ),
            WrongAnswer(
                way_up(lambda step, top, warmup, steps: top * (step + 1) / warmup),
                "The way up is one step ahead: step 0 has the rate 0.",
            ),
            WrongAnswer(
                way_up(lambda step, top, warmup, steps: top * (step // warmup)),
                "Below warmup the rate is 0, as with //, which leaves only whole numbers; it rises "
                "there in a straight line.",
            ),
            WrongAnswer(
                way_up(lambda step, top, warmup, steps: top * (1 - step / warmup)),
                "The way up goes down: at step 0 the rate is 0.",
            ),
            WrongAnswer(
                way_up(
                    lambda step, top, warmup, steps: top * (1 - np.cos(np.pi * step / warmup)) / 2
                ),
                "The way up is a half cosine too; it is a straight line.",
            ),
            WrongAnswer(
                lambda step, top, warmup, steps: cosine_rate(step, 1, warmup, steps),
                "The highest rate is 1 here; it is top.",
            ),
            WrongAnswer(
                lambda step, top, warmup, steps: cosine_rate(step, top, steps, warmup),
                "warmup and steps have changed places.",
            ),
            WrongAnswer(
                lambda step, top, warmup, steps: np.where(
                    step <= warmup, 0.0, cosine_rate(step, top, warmup, steps)
                ),
                "Up to warmup the rate is 0; it rises there in a straight line, and at warmup "
                "itself it is top.",
            ),
            WrongAnswer(
                lambda step, top, warmup, steps: np.minimum(
                    top * step / warmup, top * cosine(np.minimum(step / (warmup + steps), 1))
                ),
                "The smaller of two curves is taken, both from step 0; the way down begins where "
                "the way up ends.",
            ),
        ),
    ),
]
