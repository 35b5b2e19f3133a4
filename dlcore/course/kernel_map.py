"""How lesson, kernel and library hang together, on one page: ``lessons/KERNELS.md``.

It is written from the map of the lessons, the declarations of the kernels and the table below.
"""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.backends import KERNELS
from dlcore.course import lesson_map


@dataclass(frozen=True)
class Use:
    """Where the library calls a kernel.

    Args:
        operation: what puts it on the tape, below ``dlcore``; empty where there is nothing to go
            back through.
        part: what of Keras's names works by it, below ``dlcore``.
    """

    operation: str
    part: str


USES = {
    "dense": Use("ops.dense", "layers.Dense"),
    "mse": Use("ops.mean_squared_error", "losses.MeanSquaredError"),
    "sgd_update": Use("", "optimizers.SGD"),
    "sigmoid": Use("ops.sigmoid", "activations.sigmoid"),
    "binary_crossentropy": Use("ops.binary_crossentropy", "losses.BinaryCrossentropy"),
    "relu": Use("ops.relu", "activations.relu"),
    "tanh": Use("ops.tanh", "activations.tanh"),
    "leaky_relu": Use("ops.leaky_relu", "activations.leaky_relu"),
    "softmax": Use("ops.softmax", "activations.softmax"),
    "categorical_crossentropy": Use(
        "ops.categorical_crossentropy", "losses.CategoricalCrossentropy"
    ),
    "sparse_categorical_crossentropy": Use(
        "ops.sparse_categorical_crossentropy", "losses.SparseCategoricalCrossentropy"
    ),
    "sparse_categorical_accuracy": Use("", "metrics.SparseCategoricalAccuracy"),
    "momentum_update": Use("", "optimizers.SGD"),
    "adam_update": Use("", "optimizers.Adam"),
    "batch_norm": Use("ops.batch_norm", "layers.BatchNormalization"),
    "moving_average": Use("", "layers.BatchNormalization"),
    "dropout": Use("ops.dropout", "layers.Dropout"),
    "matmul": Use("ops.matmul", "ops.matmul"),
    "conv2d": Use("ops.conv", "layers.Conv2D"),
    "max_pool2d": Use("ops.max_pool", "layers.MaxPooling2D"),
    "gather": Use("ops.take", "layers.Embedding"),
    "scatter_add": Use("ops.take", "layers.Embedding"),
    "simple_rnn_step": Use("ops.simple_rnn_step", "layers.SimpleRNNCell"),
    "lstm_step": Use("ops.lstm_step", "layers.LSTMCell"),
}
"""Of each kernel that a lesson teaches; its gradient and its fused forms go with it."""


def use_of(kernel: str) -> Use | None:
    """Where a kernel of the map is called; None where the table does not say it."""
    return USES.get(_form_of(kernel))


def page() -> str:
    """The text of ``lessons/KERNELS.md``."""
    lines = [
        "<!-- Written by `dlcore notebooks` from dlcore/course/kernel_map.py. -->",
        "",
        "# Lesson, kernel, library",
        "",
        "The files are those of `dlcore/backends/`; `solution` shows the formula of an exercise.",
        "",
        "A lesson teaches a kernel, arithmetic on arrays. The answer key has it as a formula,",
        "`cpu` as compiled loops. An operation calls it and leaves its gradient on the tape; a",
        'layer, a loss or an optimizer works by it. With `set_backend("mine")` your function',
        "stands in the place of the compiled one.",
        "",
        "| lesson | kernel | as a formula | compiled | operation | at work in |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for lesson in lesson_map.LESSONS:
        name = f"[{lesson.key}]({lesson.file})" if lesson.exists else lesson.key
        # A kernel with its gradient and its fused form is one thing to learn.
        together: dict[tuple[str, str], list[str]] = {}
        for kernel in lesson.kernels:
            together.setdefault((_family(kernel), _form_of(kernel)), []).append(kernel)
        lines += [_row(name, family, kernels) for (family, _), kernels in together.items()]
    return "\n".join([*lines, ""])


def _form_of(kernel: str) -> str:
    """The kernel that another one is a gradient or a fused form of."""
    for ending in ("_grad", "_from_logits"):
        kernel = kernel.removesuffix(ending)
    return kernel


def _family(kernel: str) -> str:
    """The file of a kernel in each backend; empty where there is none yet."""
    found = KERNELS.get(kernel)
    return found.function.__module__.rpartition(".")[2] if found else ""


def _row(lesson: str, family: str, kernels: list[str]) -> str:
    use = use_of(kernels[0])
    cells = [lesson, ", ".join(f"`{kernel}`" for kernel in kernels)]
    # No links: the page also lies in a learner's folder, where the library is elsewhere.
    files = [f"`{backend}/{family}.py`" for backend in ("numpy", "cpu")]
    cells += files if family else ["to come"] * 2
    parts = (use.operation, use.part) if use else ("", "")
    cells += [f"`{part}`" if part else "\N{EN DASH}" for part in parts]
    return f"| {' | '.join(cells)} |"
