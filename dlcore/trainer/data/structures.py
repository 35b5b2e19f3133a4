"""What fit is given as x, y and sample_weight: one array, or several by places or by names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.engine import tree
from dlcore.engine.tensor import Tensor
from dlcore.layers import InputLayer, Layer
from dlcore.layers.text import TextLayer, readers
from dlcore.trainer.advice.agreement import refuse_gaps, same_length
from dlcore.trainer.data.arrays import fitted_inputs, numbers, row_weights
from dlcore.utils.lookup import did_you_mean

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer

Shape = tuple[int | None, ...]


class Inputs:
    """The way from x to arrays, one for each input of a model, and from them to its argument.

    A model made of symbols knows its inputs and their names. A Sequential model has one. Any other
    is called on the structure that it is given first: a dict, a list or a tuple of arrays.

    Args:
        model: the model.
        what: what messages add to the name x, such as "of validation_data".
    """

    def __init__(self, model: Trainer, what: str = "") -> None:
        self.model = model
        self.what = what
        symbols = list(getattr(model, "inputs", None) or ())
        self.names: list[str] = [symbol.name for symbol in symbols]
        self.shapes: list[Shape] = [tuple(symbol.shape[1:]) for symbol in symbols]
        self.types = [symbol.dtype for symbol in symbols]
        self.several = len(symbols) > 1
        self.fixed = bool(symbols) or hasattr(model, "add")
        self._structure: Any = None
        self.readers: list[TextLayer | None] = readers(model) if "string" in self.types else []

    def arrays(self, x: Any) -> list[np.ndarray]:
        """The arrays in x, looked at from all sides.

        Raises:
            TypeError, ValueError: if they are no numbers, have gaps, or do not fit the model.
        """
        values = self._listed(x)
        found = []
        for place, (value, name) in enumerate(values):
            reader = self.readers[place] if place < len(self.readers) else None
            if reader is not None:
                # A layer of text does its work here, once: the steps know numbers alone.
                value = reader.read_input(value, self.shapes[place], name)
            array = numbers(value, name, whole=self._stays_whole(place))
            refuse_gaps(array, name)
            if reader is not None:
                found.append(array)
                continue
            rows = array.shape[1:]
            shape = self.shapes[place] if self.several else self.model.row_shape_for(rows)
            if not self.fixed and len(values) > 1:
                shape = None
            found.append(fitted_inputs(array, self.model, shape, name))
        names = [name for _, name in values]
        same_length(**dict(zip(names, found, strict=True)))
        return found

    def packed(self, tensors: list[Tensor]) -> Any:
        """The argument of the model for tensors in the order of `arrays`."""
        if self._structure is not None:
            return tree.replaced(self._structure, tensors)
        return tensors if self.several else tensors[0]

    def _listed(self, x: Any) -> list[tuple[Any, str]]:
        """The single inputs, each with how messages call it."""
        if self.several:
            return [
                (value, self._label(name))
                for value, name in zip(self._known(x), self.names, strict=True)
            ]
        if self.fixed:
            return [(self._only(x), self._label())]
        if not is_structure(x):
            return [(x, self._label())]
        self._structure = x
        return [(value, self._label(name)) for name, value in paths(x)]

    def _known(self, x: Any) -> list[Any]:
        """The inputs of a model that has several, in its order."""
        names = self.names
        told = f"The model {self.model.name!r} takes {len(names)} inputs ({', '.join(names)})"
        if isinstance(x, dict):
            missing = next((name for name in names if name not in x), None)
            if missing is not None:
                close = did_you_mean(missing, map(str, x)).replace("Did you mean", "Is it")
                raise ValueError(f"{told}, but x has no {missing!r}.{close}")
            return [x[name] for name in names]
        if isinstance(x, list | tuple):
            listed = tree.leaves(x) if is_structure(x) else list(x)
            if len(listed) == len(names):
                return listed
            found = f"a list of {len(x)}"
        else:
            found = f"of shape {np.shape(x)}" if hasattr(x, "shape") else f"a {type(x).__name__}"
        raise ValueError(f"{told}, but x is {found}; give a list of {len(names)} arrays, or a dict "
                         "by these names.")  # fmt: skip

    def _only(self, x: Any) -> Any:
        """The input of a model that has one, also if it comes in a list or a dict."""
        if isinstance(x, dict):
            if len(x) != 1 and not (self.names and self.names[0] in x):
                raise ValueError(
                    f"The model {self.model.name!r} takes one input, but x is a dict of {len(x)}."
                )
            return x[self.names[0]] if self.names and self.names[0] in x else next(iter(x.values()))
        row = self.model.row_shape
        if isinstance(x, list | tuple) and x and row is not None:
            if all(len(getattr(one, "shape", ())) == len(row) + 1 for one in x):
                if len(x) == 1:
                    return x[0]
                raise ValueError(
                    f"The model {self.model.name!r} takes one input, but {self._label()} is a list "
                    f"of {len(x)} arrays with rows of their own; join them by np.concatenate, or "
                    "give batches by a generator or a PyDataset."
                )
        return x

    def label(self, place: int) -> str:
        """How messages call an input."""
        if self.several:
            return self._label(self.names[place])
        if self._structure is not None:
            return self._label(paths(self._structure)[place][0])
        return self._label()

    def goes_into(self, place: int, layer: Layer) -> bool:
        """Whether an input of a model of symbols is one of this layer as well."""
        own = list(getattr(self.model, "inputs", None) or ())[place : place + 1]
        return any(one is symbol for one in own for call in layer._calls for symbol in call.symbols)

    def _label(self, name: Any = None) -> str:
        label = "x" if name is None else f"x[{name!r}]"
        return f"{label} {self.what}".strip()

    def _stays_whole(self, place: int) -> bool:
        """Whether whole numbers are to reach the model as they are."""
        if self.types and not self.types[place].startswith("float"):
            return True
        if self.types and not hasattr(self.model, "add"):
            return False
        return _takes_whole_numbers(self.model)


class Outputs:
    """The outputs of a model: their structure, their names and the shapes of their rows.

    Args:
        model: the model.
        structure: what it returned: a Tensor, or a list, tuple or dict of them.
        what: what messages add to the name y, such as "of validation_data".
    """

    def __init__(self, model: Trainer, structure: Any, what: str = "") -> None:
        self.model = model
        self.structure = structure
        self.what = what
        self.rows: list[tuple[int, ...]] = [leaf.shape[1:] for leaf in tree.leaves(structure)]
        self.names = output_names(model, structure)

    def targets(
        self, y: Any, with_loss: Sequence[bool], needed: Sequence[bool]
    ) -> list[np.ndarray | None]:
        """The targets of each output as numbers; None for an output without a loss or metric.

        Args:
            y: what was given.
            with_loss: which outputs have a loss.
            needed: which have a loss or a metric.

        Raises:
            TypeError, ValueError: if some are missing, no numbers, or have gaps.
        """
        values = self._listed(y, "y", with_loss)
        found: list[np.ndarray | None] = []
        for name, value, is_needed in zip(self.names, values, needed, strict=True):
            if not is_needed:
                found.append(None)
                continue
            label = self.label("y", name)
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
            label = self.label("sample_weight", name if several else "")
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

    def label(self, what: str, name: str) -> str:
        """How messages call what belongs to an output."""
        return f"{f'{what}[{name!r}]' if name else what} {self.what}".strip()


def output_names(model: Trainer, structure: Any) -> list[str]:
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


def by_output(given: Any, names: Sequence[str]) -> list[Any]:
    """One entry for each output out of targets or weights; a single one serves them all."""
    if isinstance(given, dict) and set(given) <= set(names):
        return [given.get(name) for name in names]
    if isinstance(given, dict | list | tuple):
        return tree.leaves(given)
    return [given] * len(names)


def spread(given: Any, names: Sequence[str], what: str) -> list[Any]:
    """One entry of an argument of compile for each output, None where there is none.

    Raises:
        ValueError: if there is not one for each output, or a name that no output has.
    """
    if len(names) == 1:
        return [_of_the_one_output(given, what)]
    if given is None or (isinstance(given, list | tuple) and not given):
        return [None] * len(names)
    if isinstance(given, dict):
        unknown = next((key for key in given if key not in names), None)
        if unknown is not None:
            hint = did_you_mean(str(unknown), names) or f" They are {', '.join(names)}."
            raise ValueError(f"{what} names the output {unknown!r}, which there is not.{hint}")
        return [given.get(name) for name in names]
    if isinstance(given, list | tuple):
        if len(given) == len(names):
            return list(given)
    elif what.startswith("loss"):
        return [given] * len(names)
    example = {"loss": "'mse'", "loss_weights": "1.0"}.get(what, "['mae']")
    raise ValueError(
        f"The model has {len(names)} outputs ({', '.join(names)}), so {what} is a list with one "
        f"entry for each of them, or a dict such as {{{names[0]!r}: {example}}}; it was given "
        f"{len(given) if isinstance(given, list | tuple) else 1}."
    )


def _of_the_one_output(given: Any, what: str) -> Any:
    """What an output has that is the only one; it may come in a list or dict."""
    if not what.startswith("loss"):
        return given
    found = [leaf for leaf in tree.leaves(given) if leaf is not None]
    if len(found) > 1:
        if what == "loss_weights":
            raise ValueError("The model has one output, but loss_weights holds several numbers.")
        raise ValueError(
            f"The model has one output, but loss holds {len(found)} losses; give one, or add "
            "the other as a metric."
        )
    return found[0] if found else None


def is_structure(values: Any) -> bool:
    """Whether a dict, or a list or tuple of whole arrays; a list of numbers is one array."""
    if isinstance(values, dict):
        return True
    if not isinstance(values, list | tuple) or not values:
        return False
    return all(is_structure(value) or np.ndim(getattr(value, "shape", 0)) for value in values)


def outline(values: Any) -> Any:
    """The structure of some arrays, with nothing in it."""
    if not is_structure(values):
        return 0
    if isinstance(values, dict):
        return {key: outline(value) for key, value in values.items()}
    return tuple(outline(value) for value in values)


def paths(structure: Any, before: Any = None) -> list[tuple[Any, Any]]:
    """The leaves with their keys: "a" or 0, and "a.0" inside of another structure."""
    if not is_structure(structure):
        return [(before, structure)]
    pairs = structure.items() if isinstance(structure, dict) else enumerate(structure)
    return [
        leaf
        for key, value in pairs
        for leaf in paths(value, key if before is None else f"{before}.{key}")
    ]


def _takes_whole_numbers(layer: Layer) -> bool:
    """Whether a layer, or the first one inside of it, leaves whole numbers as they are."""
    inside = getattr(layer, "layers", None)
    if inside is None:
        return not layer.autocast and not isinstance(layer, InputLayer)
    if hasattr(layer, "add"):
        return bool(inside) and _takes_whole_numbers(inside[0])
    return any(_takes_whole_numbers(one) for one in inside)
