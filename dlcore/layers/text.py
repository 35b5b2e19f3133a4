"""What layers that read text have in common: they run on the host, before all kernels.

A program of recorded steps knows numbers alone. So a model that begins with such a layer calls it
once for all texts, when fit, evaluate or predict are given them; from there on its steps have what
the layer made of the texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.engine import tree
from dlcore.engine.symbol import SymbolicTensor
from dlcore.engine.tensor import Tensor
from dlcore.layers.call_words import input_among
from dlcore.layers.layer import Layer, Shape, running_inside
from dlcore.layers.shape_inference import stands_for_text

# In place of an input that is given by name.
_BY_NAME = object()


class KeepsVocabulary(Layer):
    """Base of the layers of which a file holds more than weights: a vocabulary, and its weights."""

    def assets(self) -> dict[str, str]:
        """The content of text files that belong to the layer, by their names."""
        raise NotImplementedError

    def take_assets(self, files: Mapping[str, str]) -> None:
        """Take over the content of such files."""
        raise NotImplementedError

    def own_arrays(self) -> dict[str, np.ndarray]:
        """What stands beside the weights of other layers, by names."""
        raise NotImplementedError

    def take_own_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `own_arrays` has given."""
        raise NotImplementedError


class TextLayer(Layer):
    """Base of the layers that take texts: lists or arrays of them, in any shape.

    A subclass writes `read(x)`, from an array of texts to one of numbers, and
    `compute_output_shape`.
    """

    autocast = False
    # A Sequential model that starts with one takes one text a row.
    row_shape: Shape | None = (1,)
    input_dtype = "string"
    encoding = "utf-8"

    def __init__(self, *, dtype: Any = None, **kwargs: Any) -> None:
        # Older programs write that the layer takes text; its numbers are of another type.
        told = dtype if isinstance(dtype, str) else getattr(dtype, "name", dtype)
        super().__init__(dtype=None if told == "string" else dtype, **kwargs)

    def read(self, x: np.ndarray) -> np.ndarray:
        """The numbers for an array of texts; what a subclass writes."""
        raise NotImplementedError(f"The layer {self.name!r} has no read(x).")

    def call(self, inputs: Any) -> Any:  # noqa: D102
        return inputs

    def __call__(self, x: Any = _BY_NAME, /, *args: Any, **kwargs: Any) -> Any:
        """The numbers for texts, as a Tensor; for a symbol of text the symbol of them."""
        x = input_among(self, kwargs) if x is _BY_NAME else x
        if isinstance(x, SymbolicTensor):
            if x.dtype != "string":
                raise TypeError(
                    f"The layer {self.name!r} takes texts, but is called on a symbol of numbers; "
                    "begin the model with Input((1,), dtype='string')."
                )
            y = super().__call__(x)
            y.dtype = str(self.read_type)
            return y
        if isinstance(x, Tensor):
            if stands_for_text(x):
                shape = self.compute_output_shape(x.shape)
                sizes = [x.shape[0] if size is None else size for size in shape]
                return Tensor(np.zeros(sizes, self.read_type))
            if running_inside():
                return x  # the model has read its texts already
        return Tensor(self.read_values(x))

    def read_values(self, values: Any, what: str = "it") -> np.ndarray:
        """The numbers for texts as people hand them over.

        Args:
            values: a text, a list, an array or a column of a table.
            what: how messages call them.

        Raises:
            TypeError: if something is no text.
        """
        return self.read(text_array(values, self, self.encoding, what))

    def read_input(self, values: Any, row: Shape, what: str = "it") -> np.ndarray:
        """The numbers for what a model is given where a row has this shape.

        Args:
            values: texts; those of shape (n,) become (n, 1) where rows have an axis.
            row: the shape of a row of the Input.
            what: how messages call them.
        """
        x = text_array(values, self, self.encoding, what)
        return self.read(x[:, None] if x.ndim == 1 and row else x)

    @property
    def read_type(self) -> Any:
        """The type of the numbers."""
        return np.dtype(np.int64)


def text_array(values: Any, layer: Layer, encoding: str, what: str = "it") -> np.ndarray:
    """Texts as an array of Python's strings, in the shape in which they come.

    Args:
        values: a text, a list, an array or a column of a table; bytes are decoded.
        layer: that takes them.
        encoding: of bytes.
        what: how messages call the values.

    Raises:
        TypeError: if something is no text.
        ValueError: if rows differ in their lengths, or bytes are not in that encoding.
    """
    if isinstance(values, Tensor):
        values = memory.to_host(values.data)
    try:
        array = np.asarray(values if hasattr(values, "dtype") else np.array(values, object))
    except ValueError:
        array = np.array(0)
    if array.dtype.kind in "fiub":
        raise TypeError(
            f"The layer {layer.name!r} takes texts, but {what} holds {array.dtype}; write numbers "
            "as texts, x.astype(str), or take IntegerLookup for whole numbers."
        )
    flat = array.astype(object).reshape(-1)
    found = np.empty(flat.shape, object)
    for i, entry in enumerate(flat):
        if isinstance(entry, bytes):
            entry = _decoded(entry, layer, encoding)
        if isinstance(entry, list | tuple | np.ndarray):
            raise ValueError(
                f"The layer {layer.name!r} takes rows of one length, but {what} is ragged; give "
                "each row as one text, joined by blanks, or fill the rows up with ''."
            )
        if not isinstance(entry, str):
            row = i // max(array[:1].size, 1) if array.ndim else 0
            gap = entry is None or entry != entry or type(entry).__name__ in ("NAType", "NaTType")
            mend = "fill gaps by ''" if gap else "make it a text by str()"
            raise TypeError(
                f"The layer {layer.name!r} takes texts, but {what} holds {entry!r:.40} in row "
                f"{row}; {mend}."
            )
        found[i] = str(entry)
    return found.reshape(array.shape)


def readers(model: Any) -> list[TextLayer | None]:
    """For each input of a model the layer that reads its texts; None where there is none.

    Raises:
        ValueError: if the texts of an input go into several layers.
    """
    return [_reader(model, symbol) for symbol in getattr(model, "inputs", None) or ()]


def _reader(model: Any, symbol: SymbolicTensor) -> TextLayer | None:
    if symbol.dtype != "string":
        return None
    found: list[TextLayer] = []
    for call in model.calls:
        for place, one in enumerate(tree.leaves(call.args)):
            if one is not symbol:
                continue
            if isinstance(call.layer, TextLayer):
                found.append(call.layer)
            elif hasattr(call.layer, "calls"):  # a model in the model
                inside = readers(call.layer)
                found += [r for r in inside[place : place + 1] if r is not None]
    if len(found) > 1:
        raise ValueError(
            f"The texts of the input {symbol.name!r} go into the layers {found[0].name!r} and "
            f"{found[1].name!r}; give each layer of text an Input of its own."
        )
    return found[0] if found else None


def _decoded(entry: bytes, layer: Layer, encoding: str) -> str:
    try:
        return entry.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"The layer {layer.name!r} was given bytes {entry!r:.40} that are not in the encoding "
            f"{encoding!r} ({error.reason}); decode them first, or name their encoding."
        ) from None
