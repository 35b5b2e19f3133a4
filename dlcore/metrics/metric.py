"""The base of the metrics.

Metrics are for reading, not for training: those of the library work on plain arrays, add up in
float64, and leave nothing on the tape.
"""

from __future__ import annotations

from typing import Any

from dlcore import initializers
from dlcore.tensor import Variable
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import did_you_mean
from dlcore.utils.naming import snake_case


class Metric(Configurable):
    """A number that is gathered batch by batch.

    A subclass writes `update_state(y_true, y_pred, sample_weight=None)` and `result()`. What it
    gathers it keeps in variables from `add_weight`, which `reset_state` sets to 0; one that keeps
    it elsewhere writes `reset_state` too.

        class Largest(Metric):
            def __init__(self, name="largest"):
                super().__init__(name=name)
                self.value = self.add_weight(name="value", initializer="zeros")

            def update_state(self, y_true, y_pred, sample_weight=None):
                self.value.assign(ops.maximum(self.value, ops.max(y_pred)))

            def result(self):
                return self.value

    Args:
        dtype: "float32" or "float64", the number type of the variables; default: `floatx()`.
        name: the key in logs and in the history; default: from the name of the class.

    Raises:
        ValueError: if dtype is no number type.
    """

    # "up" if more is better, "down" if less is; None if the metric does not say.
    direction: str | None = None

    def __init__(self, dtype: str | None = None, name: str | None = None) -> None:
        if dtype not in (None, "float16", "float32", "float64"):
            hint = did_you_mean(str(dtype), ("float32", "float64"))
            hint = hint or f" If it is the name of the metric, write name={dtype!r}."
            raise ValueError(f"dtype is 'float32' or 'float64', not {dtype!r}.{hint}")
        self.name = name or snake_case(type(self).__name__)
        self.dtype = dtype
        self._variables: list[Variable] = []

    def add_weight(
        self,
        shape: tuple[int, ...] | int = (),
        initializer: Any = None,
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A variable that the metric keeps between batches.

        Args:
            shape: default (): one number.
            initializer: of its first value, such as "zeros", the default.
            dtype: its number type; default: that of the metric.
            name: for messages.
        """
        # A subclass of the user may have left the constructor of the base out.
        variables = vars(self).setdefault("_variables", [])
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        value = initializers.get("zeros" if initializer is None else initializer)(shape)
        kind = dtype or getattr(self, "dtype", None)
        variables.append(Variable(value, trainable=False, name=name or "variable", dtype=kind))
        return variables[-1]

    add_variable = add_weight

    @property
    def variables(self) -> list[Variable]:
        """The variables in the order in which they were added."""
        return list(vars(self).get("_variables", []))

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in a batch."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state.")

    def result(self) -> Any:
        """The metric over all batches since the last `reset_state`."""
        raise NotImplementedError(f"{type(self).__name__} has no result.")

    def reset_state(self) -> None:
        """Forget every batch."""
        if not self.variables:
            raise NotImplementedError(f"{type(self).__name__} has no reset_state.")
        for variable in self.variables:
            variable.data[...] = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch and return the metric over all batches so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"
