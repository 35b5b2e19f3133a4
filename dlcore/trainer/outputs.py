"""What fit is given as y and sample_weight: an array for each output of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import tree
from dlcore.trainer.arrays import numbers, refuse_gaps
from dlcore.trainer.checks import row_weights
from dlcore.trainer.heads import Head
from dlcore.trainer.inputs import is_structure, paths
from dlcore.utils.lookup import did_you_mean

Shape = tuple[int, ...]


class Outputs:
    """The outputs of a model: their structure, their names and the shapes of their rows.

    Args:
        model: the model.
        structure: what it returned: a Tensor, or a list, tuple or dict of them.
        what: what messages add to the name y, such as "of validation_data".
    """

    def __init__(self, model: Any, structure: Any, what: str = "") -> None:
        self.model = model
        self.structure = structure
        self.what = what
        self.rows: list[Shape] = [leaf.shape[1:] for leaf in tree.leaves(structure)]
        self.names = output_names(model, structure)

    def targets(self, y: Any, heads: Sequence[Head]) -> list[np.ndarray | None]:
        """The targets of each output as numbers; None for an output without a loss or metric.

        Raises:
            TypeError, ValueError: if some are missing, no numbers, or have gaps.
        """
        values = self._listed(y, "y", [head.loss is not None for head in heads])
        found: list[np.ndarray | None] = []
        for head, name, value in zip(heads, self.names, values, strict=True):
            if not head.needs_targets:
                found.append(None)
                continue
            label = self._label("y", name)
            array = numbers(value, label)
            refuse_gaps(array, label)
            found.append(array)
        return found

    def weights(
        self, sample_weight: Any, targets: Sequence[np.ndarray | None]
    ) -> list[np.ndarray | None]:
        """The weights of the rows for each output, None where there are none.

        Raises:
            ValueError: if some have another shape.
        """
        several = len(targets) > 1 and is_structure(sample_weight)
        values = (
            self._listed(sample_weight, "sample_weight", [y is not None for y in targets])
            if several
            else [sample_weight] * len(targets)
        )
        found: list[np.ndarray | None] = []
        for name, row, value, y in zip(self.names, self.rows, values, targets, strict=True):
            if y is None or value is None:
                found.append(None)
                continue
            label = self._label("sample_weight", name if several else "")
            found.append(row_weights(numbers(value, label), (len(y), *row[:-1]), label))
        return found

    def packed(self, values: Sequence[Any]) -> Any:
        """Values for the outputs in the structure of what the model returns."""
        return tree.replaced(self.structure, values)

    def _listed(self, given: Any, what: str, expected: Sequence[bool]) -> list[Any]:
        """One entry for each output, None where there is none."""
        names = self.names
        if len(names) == 1:
            if isinstance(given, dict) and len(given) == 1:
                return list(given.values())
            if isinstance(given, list | tuple) and len(given) == 1 and is_structure(given):
                return [given[0] if np.ndim(given[0]) > 1 or len(given[0]) > 1 else given]
            return [given]
        if isinstance(given, dict):
            given = {str(name): value for name, value in paths(given)}
            unknown = next((name for name in given if name not in names), None)
            if unknown is not None:
                hint = did_you_mean(unknown, names) or f" They are {', '.join(names)}."
                raise ValueError(f"{what} names the output {unknown!r}, which there is not.{hint}")
            missing = [n for n, is_expected in zip(names, expected, strict=True) if is_expected]
            missing = [name for name in missing if name not in given]
            if missing and what == "y":
                raise ValueError(
                    f"y has nothing for the output {missing[0]!r}, which has a loss; it has "
                    f"{', '.join(given)}."
                )
            return [given.get(name) for name in names]
        if given is None:
            return [None] * len(names)
        if isinstance(given, list | tuple):
            listed = tree.leaves(given) if is_structure(given) else list(given)
            if len(listed) == len(names):
                return listed
            if len(listed) == sum(expected):
                rest = iter(listed)
                return [next(rest) if is_expected else None for is_expected in expected]
            found = f"a list of {len(given)}"
        else:
            found = f"of shape {np.shape(given)}"
        raise ValueError(
            f"The model {self.model.name!r} has {len(names)} outputs ({', '.join(names)}), but "
            f"{what} is {found}; give a list of {len(names)} arrays, or a dict by these names."
        )

    def _label(self, what: str, name: str) -> str:
        return f"{f'{what}[{name!r}]' if name else what} {self.what}".strip()


def output_names(model: Any, structure: Any) -> list[str]:
    """Names of the outputs: [""] for a single one.

    Those of a dict are its keys, those of a model made of symbols the names of its last layers;
    else they are output_1, output_2 and so on.
    """
    if not isinstance(structure, dict | list | tuple):
        return [""]
    count = len(tree.leaves(structure))
    if count == 1:
        return [""]
    known = list(getattr(model, "output_names", None) or ())
    if isinstance(structure, dict):
        return [str(name) for name, _ in paths(structure)]
    return known if len(known) == count else [f"output_{i + 1}" for i in range(count)]
