"""Schedules: their values by the formulas of Keras, for one step and for many, and refusals."""

import math

import numpy as np
import pytest

from dlcore.optimizers.schedules import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

STEPS = [0, 1, 4, 5, 9, 10, 11, 14, 15, 20, 25, 90]


def polynomial_cycle(step):
    steps = 10 * max(1, math.ceil(step / 10))
    return (0.2 - 0.02) * (1 - step / steps) ** 2 + 0.02


def warmed(step):
    if step < 5:
        return 0.1 + (0.4 - 0.1) * step / 5
    part = min(step - 5, 10) / 10
    return 0.4 * (0.75 * 0.5 * (1 + math.cos(math.pi * part)) + 0.25)


CASES = [
    (ExponentialDecay(0.2, 10, 0.5), lambda s: 0.2 * 0.5 ** (s / 10)),
    (ExponentialDecay(0.2, 10, 0.5, True), lambda s: 0.2 * 0.5 ** (s // 10)),
    (InverseTimeDecay(0.2, 10, 3.0), lambda s: 0.2 / (1 + 3 * s / 10)),
    (InverseTimeDecay(0.2, 10, 3.0, staircase=True), lambda s: 0.2 / (1 + 3 * (s // 10))),
    (PolynomialDecay(0.2, 10), lambda s: 0.1999 * (1 - min(s, 10) / 10) + 0.0001),
    (PolynomialDecay(0.2, 10, 0.02, 2.0), lambda s: 0.18 * (1 - min(s, 10) / 10) ** 2 + 0.02),
    (PolynomialDecay(0.2, 10, 0.02, 2.0, cycle=True), polynomial_cycle),
    (CosineDecay(0.2, 10), lambda s: 0.1 * (1 + math.cos(math.pi * min(s, 10) / 10))),
    (CosineDecay(0.1, 10, 0.25, warmup_target=0.4, warmup_steps=5), warmed),
    (
        CosineDecay(0.1, 10, warmup_target=0.4),
        lambda s: 0.2 * (1 + math.cos(math.pi * min(s, 10) / 10)),
    ),
    (
        PiecewiseConstantDecay([5, 10], [0.3, 0.2, 0.1]),
        lambda s: 0.3 if s <= 5 else 0.2 if s <= 10 else 0.1,
    ),
    (PiecewiseConstantDecay([], [0.3]), lambda s: 0.3),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_values(case):
    schedule, formula = CASES[case]
    expected = [formula(step) for step in STEPS]
    found = [float(schedule(step)) for step in STEPS]
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-8)
    if getattr(schedule, "boundaries", True):
        # All at once, for an image.
        np.testing.assert_allclose(schedule(np.array(STEPS)).data, expected, rtol=2e-6, atol=2e-8)


@pytest.mark.parametrize("case", range(len(CASES)))
def test_configuration(case):
    schedule, formula = CASES[case]
    config = schedule.get_config()
    again = type(schedule).from_config(config)
    assert again.get_config() == config and float(again(7)) == float(schedule(7))


def test_configuration_by_name():
    assert CosineDecay(0.1, 10, name="mine").get_config() == {
        "initial_learning_rate": 0.1,
        "decay_steps": 10,
        "alpha": 0.0,
        "name": "mine",
        "warmup_target": None,
        "warmup_steps": 0,
    }
    # As in Keras this one has another name than its class.
    assert PiecewiseConstantDecay([1], [1.0, 0.5]).get_config() == {
        "boundaries": [1],
        "values": [1.0, 0.5],
        "name": "PiecewiseConstant",
    }


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ExponentialDecay(-0.1, 10, 0.5), "initial_learning_rate must not be negative"),
        (lambda: ExponentialDecay(0.1, 0, 0.5), "decay_steps must be positive, but is 0; try 1000"),
        (lambda: ExponentialDecay(0.1, 10, 0), "decay_rate must be positive"),
        (lambda: ExponentialDecay(0.1, 10, decay_rat=2), "Did you mean 'decay_rate'"),
        (lambda: InverseTimeDecay(0.1, -1, 0.5), "decay_steps must be positive"),
        (lambda: InverseTimeDecay(0.1, 10, -1), "decay_rate must not be negative"),
        (lambda: PolynomialDecay(0.1, 10, -0.1), "end_learning_rate must not be negative"),
        (lambda: PolynomialDecay(0.1, 10, power=-1), "power must not be negative"),
        (lambda: PolynomialDecay(0.1, 0), "decay_steps must be positive"),
        (lambda: CosineDecay(0.1, 0), "decay_steps must be positive"),
        (lambda: CosineDecay(0.1, 10, -1), "alpha must not be negative"),
        (lambda: CosineDecay(0.1, 10, warmup_target=-1), "warmup_target must not be negative"),
        (lambda: CosineDecay(0.1, 10, warmup_steps=-1), "warmup_steps must not be negative"),
        (lambda: CosineDecay("0.1", 10), "initial_learning_rate is a number, not '0.1'"),
        (lambda: PiecewiseConstantDecay([1, 2], [0.1, 0.2]), "2 boundaries part 3 values.*are 2"),
        (lambda: PiecewiseConstantDecay([2, 2], [1, 1, 1]), r"boundaries rise.*\[2, 2\]"),
        (lambda: PiecewiseConstantDecay([1], [0.1, -0.2]), "Each of values must not be negative"),
        (lambda: PiecewiseConstantDecay(["a"], [0.1, 0.2]), "Each of boundaries is a number"),
        (lambda: LearningRateSchedule()(1), "has no __call__"),
    ],
)
def test_refusals(make, words):
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=words):
        make()
