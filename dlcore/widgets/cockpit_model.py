"""The training cockpit without its buttons: a small classifier that is trained batch by batch."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from dlcore.backends import compute
from dlcore.callbacks import LambdaCallback
from dlcore.engine import random
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.optimizers import SGD
from dlcore.trainer.divergence import Divergence
from dlcore.widgets.export import program
from dlcore.widgets.own_data import Data, credit_data

CHOICES: dict[str, tuple[Any, ...]] = {
    "learning_rate": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    "units": (1, 2, 3, 4, 6, 8, 10),
    "activation": ("relu", "tanh", "sigmoid"),
    "batch_size": (1, 10, 32, 100, 500),
}
# The gradients of one batch in the order in which backprop finds them.
GRADIENTS = ("dy", "dz2", "dw2", "dh", "dz1", "dw1")
SIDE = 41
ROWS = 1000  # of which the two inputs of the picture are chosen


class CockpitModel:
    """A network with one hidden layer, plain gradient descent, and all that is seen of it.

    The weights and the order of the batches follow from the seed alone, so that after `rewind`
    the same steps give the same numbers, bit for bit. A new choice rewinds too: two choices are
    compared from the same start.

    Args:
        data: what it learns from; default: the credit data.
        seed: of the weights and of the order of the rows; default 0.
        choices: `learning_rate`, `units`, `activation` and `batch_size`.
    """

    def __init__(self, data: Data | None = None, seed: int = 0, **choices: Any) -> None:
        """Choose, and make the network."""
        self.data, self.seed = data or credit_data(), seed
        self.learning_rate, self.units = 0.1, 4
        self.activation, self.batch_size = "relu", 32
        self.across, self.up = _two_features(self.data)
        self.choose(**choices)

    def choose(self, **choices: Any) -> None:
        """Set some of the four choices, and rewind.

        Raises:
            ValueError: for a choice that there is not, or a value that is not offered.
        """
        for name, value in choices.items():
            if value not in CHOICES.get(name, ()):
                offered = CHOICES.get(name, tuple(CHOICES))
                raise ValueError(f"{name}={value!r} is not offered; choose one of {offered}.")
            setattr(self, name, value)
        self.rewind()

    def use(self, data: Data) -> None:
        """Learn from other data, from the start."""
        self.data = data
        self.across, self.up = _two_features(data)
        self.rewind()

    def look_at(self, across: int, up: int) -> None:
        """Choose the two inputs, by number, over which the boundary is drawn."""
        self.across, self.up = across, up

    def rewind(self) -> None:
        """Go back to the first weights and the first batch."""
        before = random.state()
        try:
            random.set_seed(self.seed)
            self.network = Sequential(name="cockpit")
            inputs = self.data.x.shape[1]
            hidden = Dense(self.units, self.activation, input_dim=inputs, name="hidden")
            self.network.add(hidden)
            self.network.add(Dense(1, "sigmoid", name="output"))
            self._chance = random.generator()
        finally:
            random.restore(before)
        self.network.compile(SGD(learning_rate=self.learning_rate), "binary_crossentropy")
        self.done = 0
        self.trouble = ""
        self.losses: list[float] = []
        self._order = self._chance.permutation(len(self.data.x))
        self.epoch_losses = [self.loss]

    @property
    def steps_per_epoch(self) -> int:
        """How many batches an epoch has; the last may be smaller."""
        return math.ceil(len(self.data.x) / self.batch_size)

    @property
    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of the next step, shapes (b, i) and (b,)."""
        start = self.done % self.steps_per_epoch * self.batch_size
        rows = self._order[start : start + self.batch_size]
        return self.data.x[rows], self.data.t[rows]

    def step(self, count: int = 1) -> None:
        """Train on the next batches; stops, and says why in `trouble`, if the loss breaks."""
        while count > 0:
            at = self.done % self.steps_per_epoch
            together = min(count, self.steps_per_epoch - at)
            rows = self._order[at * self.batch_size : (at + together) * self.batch_size]
            try:
                self._train(self.data.x[rows], self.data.t[rows], together)
            except Divergence as error:
                self.trouble = str(error)
                return
            count -= together
            if self.done % self.steps_per_epoch == 0:
                self._order = self._chance.permutation(len(self.data.x))
                self.epoch_losses.append(self.loss)

    def _train(self, x: np.ndarray, t: np.ndarray, batches: int) -> None:
        """Take these batches in their order; several go by `fit`, which replays its steps."""
        if batches == 1:
            self._note(self.network.train_on_batch(x, t))
            return
        # Losses of single batches: fit's own is the mean of all batches so far.
        each = LambdaCallback(
            on_train_batch_begin=lambda batch, logs=None: self.network.reset_metrics(),
            on_train_batch_end=lambda batch, logs: self._note(logs["loss"]),
        )
        self.network.fit(
            x, t, batch_size=self.batch_size, shuffle=False, verbose=0, callbacks=[each]
        )

    def _note(self, loss: Any) -> None:
        self.losses.append(float(loss))
        self.done += 1

    @property
    def weights(self) -> list[np.ndarray]:
        """Copies of w1 (i, units), b1 (units,), w2 (units, 1) and b2 (1,)."""
        return self.network.get_weights()

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """The probability of target 1 for each row of x, shape (n,)."""
        return self.network.predict_on_batch(x)[:, 0]

    @property
    def loss(self) -> float:
        """Mean binary crossentropy of all rows."""
        y, t = self.outputs(self.data.x)[:, None], self.data.t[:, None]
        return float(np.mean(compute("binary_crossentropy", y, t)))

    def accuracy(self, test: bool = False) -> float:
        """The share of rows on the right side of one half."""
        x, t = self.data.test if test and self.data.test else (self.data.x, self.data.t)
        return float(np.mean((self.outputs(x) > 0.5) == (t == 1)))

    def boundary(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places across and up, each (m,), and the outputs there (m, m) with rows from below.

        The inputs that are not shown stand at their mean.
        """
        shown = self.data.x[:, [self.across, self.up]]
        low, high = np.percentile(shown, (1, 99), axis=0)
        margin = 0.08 * (high - low) + 0.02
        a, u = np.linspace(low - margin, high + margin, SIDE).astype(np.float32).T
        grid = np.tile(self.data.x.mean(axis=0), (SIDE * SIDE, 1))
        grid[:, self.across], grid[:, self.up] = np.tile(a, SIDE), np.repeat(u, SIDE)
        return a, u, self.outputs(grid).reshape(SIDE, SIDE)

    def flow(self) -> dict[str, np.ndarray]:
        """The next batch on its way forward and back, without a step, kernel by kernel.

        Values x, z1, h, z2, y, t and loss; weights w1, b1, w2, b2; and for each of `GRADIENTS`,
        and db1 and db2, the slope of the mean loss of the batch.
        """
        x, t = self.batch
        t = t[:, None]
        w1, b1, w2, b2 = self.weights
        z1 = compute("dense", x, w1, b1)
        h = compute(self.activation, z1)
        z2 = compute("dense", h, w2, b2)
        y = compute("sigmoid", z2)
        share = np.full(len(x), 1 / len(x), x.dtype)
        dy = compute("binary_crossentropy_grad", share, y, t)
        dz2 = compute("sigmoid_grad", dy, y)
        dh, dw2, db2 = compute("dense_grad", dz2, h, w2)
        dz1 = compute(f"{self.activation}_grad", dh, h)
        _, dw1, db1 = compute("dense_grad", dz1, x, w1)
        loss = np.mean(compute("binary_crossentropy", y, t))
        forward = dict(x=x, w1=w1, b1=b1, z1=z1, h=h, w2=w2, b2=b2, z2=z2, y=y, t=t, loss=loss)
        back = dict(dy=dy, dz2=dz2, dw2=dw2, db2=db2, dh=dh, dz1=dz1, dw1=dw1, db1=db1)
        return forward | back

    def report(self) -> str:
        """Where it stands, in one line."""
        epoch, step = divmod(self.done, self.steps_per_epoch)
        text = (
            f"{epoch} whole {'epoch' if epoch == 1 else 'epochs'} and {step} of "
            f"{self.steps_per_epoch} batches · mean loss {self.loss:.3f} · "
            f"accuracy {self.accuracy():.3f}"
        )
        if self.data.test is not None:
            text += f" · on unseen rows {self.accuracy(test=True):.3f}"
        return f"{text} · {self.trouble}" if self.trouble else text

    def export(self) -> str:
        """A program in dlcore that trains the same network to the same weights."""
        return program(self)


def _two_features(data: Data) -> tuple[int, int]:
    """The two inputs that tell most: they part the classes, and their points do not pile up.

    For each pair: the share of the targets' variance that a plane over the two explains, times the
    share of the rows with a place of their own on a grid of the picture's fineness.
    """
    x, t = data.x[:ROWS].astype(float), data.t[:ROWS] - data.t[:ROWS].mean()
    x = x - x.mean(axis=0)
    low, high = np.percentile(x, (1, 99), axis=0)
    cells = np.clip((x - low) / np.where(high > low, high - low, 1) * SIDE, 0, SIDE - 1).astype(int)
    best, found = -1.0, (0, 1)
    for i, j in itertools.combinations(range(x.shape[1]), 2):
        both = x[:, [i, j]]
        plane = both @ np.linalg.lstsq(both, t, rcond=None)[0]
        apart = len(np.unique(cells[:, i] * SIDE + cells[:, j])) / len(x)
        telling = float(np.var(plane) / max(np.var(t), 1e-9)) * apart
        if telling > best + 1e-9:
            best, found = telling, (i, j)
    order = sorted(found, key=lambda k: -abs(float(x[:, k] @ t)) / (float(x[:, k].std()) or 1.0))
    return order[0], order[1]
