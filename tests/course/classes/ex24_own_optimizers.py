"""An exercise that is an optimizer, in the form of a lesson's file."""

from dlcore import ops
from dlcore.course import Exercise, WrongAnswer
from dlcore.optimizers import Optimizer


class SignDescent(Optimizer):
    """w <- w - rate sign(dw)."""

    elementwise = True

    def update(self, weight, gradient, slots):
        self.assign(weight, weight - self.rate * ops.sign(gradient))


class Uphill(SignDescent):
    def update(self, weight, gradient, slots):
        self.assign(weight, weight + self.rate * ops.sign(gradient))


class Descent(SignDescent):
    def update(self, weight, gradient, slots):
        self.assign(weight, weight - self.rate * gradient)


def two_steps(kind, learning_rate, w, dw):
    from dlcore import Variable

    weight, optimizer = Variable(w), kind(learning_rate)
    for gradient in (dw, 2 * dw):
        optimizer.apply_gradients([(gradient, weight)])
    return weight, int(optimizer.iterations)


EXERCISES = [
    Exercise(
        id="24.SignDescent",
        title="An optimizer of one's own",
        level="stretch",
        minutes=12,
        answer=SignDescent,
        use=two_steps,
        library=("optimizers.Optimizer", "ops"),
        draw=lambda rng, size: (
            0.5,
            rng.normal(size=(size + 1, 2)),
            rng.normal(2, 1, size=(size + 1, 2)),
        ),
        hints=("Which way?", "Only the sign.", "w - rate sign(dw)"),
        wrong=(
            WrongAnswer(Uphill, "The steps go uphill."),
            WrongAnswer(Descent, "The step has the size of the slope; only its sign is wanted."),
        ),
        result_names=("w", "iterations"),
    )
]
