"""The article's MLP, trained on the credit data by dlcore and by its peers.

Each contender is a function that sets everything up and returns another one, ``train(epochs)``,
which trains and returns nothing. All have the same network (8-10-8-1, relu, relu, sigmoid), Adam,
batches of 10 rows in a new random order for each epoch, and accuracy beside the loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

BATCH = 10
Train = Callable[[int], Any]


def data() -> tuple[np.ndarray, np.ndarray]:
    from dlcore.datasets import credit

    return credit.load_data()[0]


def steps_per_epoch() -> int:
    return -(-len(data()[0]) // BATCH)


def _sequential(library: Any, **compiled: Any) -> Train:
    """The article's program, for a library with Keras's names."""
    layers, (x, y) = library.layers, data()
    model = library.Sequential()
    model.add(library.Input((8,)))
    model.add(layers.Dense(10, activation="relu"))
    model.add(layers.Dense(8, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], **compiled)
    return lambda epochs: model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)


def dlcore_replay() -> Train:
    import dlcore

    return _sequential(dlcore)


def dlcore_eager() -> Train:
    import dlcore

    return _sequential(dlcore, run_eagerly=True)


def _recorded() -> Any:
    """The program that a fit recorded for its full batches."""
    from dlcore.program import Program

    made: list[Any] = []
    start = Program.__init__

    def remembered(self: Any, *arguments: Any) -> None:
        start(self, *arguments)
        made.append(self)

    Program.__init__ = remembered  # type: ignore[method-assign]
    try:
        dlcore_replay()(2)
    finally:
        Program.__init__ = start  # type: ignore[method-assign]
    assert made[0].replayed
    return made[0]


def dlcore_program() -> Train:
    """Only the program: forward, loss, backward and update of one batch, without fit around it."""
    program, steps = _recorded(), steps_per_epoch()

    def train(epochs: int) -> None:
        for _ in range(epochs * steps):
            program.run()

    return train


def dlcore_bare() -> Train:
    """The same kernels, called one after the other by hand: what any program must cost."""
    calls, steps = _recorded().calls(), steps_per_epoch()
    names = {f"f{i}": call[0] for i, call in enumerate(calls)}
    names |= {f"a{i}_{j}": a for i, call in enumerate(calls) for j, a in enumerate(call[1])}
    lines = [
        f"        f{i}({', '.join(f'a{i}_{j}' for j in range(len(arguments)))})"
        for i, (_, arguments) in enumerate(calls)
    ]
    parameters = ", ".join(names)
    source = f"def train(count, {parameters}):\n    for _ in range(count):\n" + "\n".join(lines)
    scope: dict[str, Any] = {}
    exec(source, scope)
    return lambda epochs: scope["train"](epochs * steps, **names)


def keras() -> Train:
    import keras as library

    return _sequential(library)


def pytorch() -> Train:
    import torch
    from torch import nn

    torch.set_num_threads(1)  # at this size a second thread only costs
    x, y = data()
    rows, targets = torch.from_numpy(x), torch.from_numpy(y[:, None])
    model = nn.Sequential(
        nn.Linear(8, 10), nn.ReLU(), nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid()
    )
    optimizer, loss_function = torch.optim.Adam(model.parameters()), nn.BCELoss()

    def train(epochs: int) -> tuple[float, int]:
        total, right = 0.0, 0
        for _ in range(epochs):
            order = torch.randperm(len(rows))
            for start in range(0, len(rows), BATCH):
                chosen = order[start : start + BATCH]
                output, target = model(rows[chosen]), targets[chosen]
                loss = loss_function(output, target)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(chosen)
                right += int(((output > 0.5) == target).sum())
        return total, right

    return train


CONTENDERS: dict[str, tuple[Callable[[], Train], dict[str, str], tuple[str, ...]]] = {
    # name: (set up, environment, packages that it needs)
    "dlcore, the kernels called bare": (dlcore_bare, {}, ()),
    "dlcore, the recorded program": (dlcore_program, {}, ()),
    "dlcore, fit": (dlcore_replay, {}, ()),
    "dlcore, fit, run_eagerly": (dlcore_eager, {}, ()),
    "Keras on JAX, fit": (keras, {"KERAS_BACKEND": "jax"}, ("keras", "jax")),
    "Keras on TensorFlow, fit": (keras, {"KERAS_BACKEND": "tensorflow"}, ("keras", "tensorflow")),
    "Keras on PyTorch, fit": (keras, {"KERAS_BACKEND": "torch"}, ("keras", "torch")),
    "PyTorch, a loop": (pytorch, {}, ("torch",)),
}
