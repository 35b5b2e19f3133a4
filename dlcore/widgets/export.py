"""What was done in the cockpit, as a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcore.widgets.cockpit_model import CockpitModel

_HEAD = """\
from dlcore import Sequential{extra}
from dlcore.layers import Dense
from dlcore.optimizers import SGD
from dlcore.utils import set_random_seed
{data}
set_random_seed({seed})
model = Sequential()
model.add(Dense({units}, input_dim={inputs}, activation="{activation}"))
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer=SGD(learning_rate={rate}), loss="binary_crossentropy")
"""
_EPOCHS = "model.fit(x_train, y_train, epochs={epochs}, batch_size={size})\n"
_REST = """
# The first {rest} batches of the next epoch.
order = random.permutation(len(x_train))
for start in range(0, {stop}, {size}):
    rows = order[start : start + {size}]
    model.train_on_batch(x_train[rows], y_train[rows])
"""


def program(model: CockpitModel) -> str:
    """The text of a program that repeats what a `CockpitModel` has done since its start.

    Whole epochs are a `fit`, and the batches after them a loop. It draws the same weights and the
    same order of rows, since both take the same numbers from the same seed.
    """
    epochs, rest = divmod(model.done, model.steps_per_epoch)
    size = model.batch_size
    text = _HEAD.format(
        extra=", random" if rest else "",
        data=model.data.program,
        seed=model.seed,
        units=model.units,
        inputs=model.data.x.shape[1],
        activation=model.activation,
        rate=model.learning_rate,
    )
    if epochs:
        text += _EPOCHS.format(epochs=epochs, size=size)
    if rest:
        text += _REST.format(rest=rest, stop=rest * size, size=size)
    return text
