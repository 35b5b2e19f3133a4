"""Adam that looks a step ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.engine.variable import Variable
from dlcore.optimizers.optimizer import Optimizer, Rate
from dlcore.utils.lookup import not_negative, share

# So many of the factors 1 - 0.96^t / 2 differ from 1 in float64.
_MANY = 1000


class Nadam(Optimizer):
    """Adam with the momentum of Nesterov, which looks a step ahead (Dozat 2016, algorithm 2).

    `m` and `v` are those of Adam. At step t `u_t = b1 (1 - 0.96^t / 2)`, and U_t is the product of
    u_1 to u_t. Then

        m' = u_(t+1) m / (1 - U_(t+1)) + (1 - u_t) dw / (1 - U_t)
        w <- w - learning_rate m' / (sqrt(v / (1 - b2^t)) + epsilon)

    As with the others, its name "nadam" chooses it with these defaults.

        model.compile(Nadam(0.01), "mse")

    Args:
        learning_rate: a number or a schedule; default 0.001.
        beta_1: b1, how much of m is kept; from 0 to below 1, default 0.9.
        beta_2: b2, how much of v is kept; from 0 to below 1, default 0.999.
        epsilon: keeps the division possible; default 1e-7.
        **kwargs: weight_decay, clipnorm, clipvalue, global_clipnorm and name, as for every
            `Optimizer`.

    Raises:
        TypeError, ValueError: as for every `Optimizer`, and if a number is out of its range.
    """

    slots = (("momentum", "velocity"),)
    elementwise = True

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1, self.beta_2 = share("beta_1", beta_1), share("beta_2", beta_2, advice=0.999)
        self.epsilon = not_negative("epsilon", epsilon, advice=1e-7)
        factors = 1 - 0.5 * 0.96 ** np.arange(1, _MANY + 2)
        # By the number of factors, 0 to _MANY.
        self._products = np.concatenate([[1.0], np.cumprod(factors)[:_MANY]])

    def build(self, variables: Iterable[Variable]) -> None:  # noqa: D102
        super().build(variables)
        if not self._added:
            # U_t follows from the count of steps; it is kept for Keras, which reads it from files.
            self.add_variable((), "ones", name="variable")

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        product = self._product()
        self.assign(self._added[0][0].data, product)
        attributes = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        numbers = (gradient, self.rate.data, self.iterations.data, product.data)
        backends.call("nadam_update", (weight, *slots), numbers, attributes)

    def _product(self) -> Tensor:
        """U_t in float64."""
        t = ops.cast(self.iterations, "float64")
        place = ops.cast(ops.minimum(t, float(_MANY)), "int64")
        return ops.power(_of(self.beta_1), t) * ops.take(self._products, place)


def _of(number: float) -> Tensor:
    """A number in float64."""
    return Tensor(np.asarray(number, np.float64))
