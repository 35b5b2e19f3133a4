"""Words and other categories as numbers, by a vocabulary that is given or taken from data."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from dlcore.backends import may_look, memory
from dlcore.engine import ops
from dlcore.engine.symbol import first_symbol
from dlcore.engine.tensor import Tensor, floatx
from dlcore.layers.farmhash import fingerprint
from dlcore.layers.layer import Layer, Shape
from dlcore.layers.shape_inference import on_trial
from dlcore.layers.text import KeepsVocabulary, TextLayer, text_array
from dlcore.utils import size_limits
from dlcore.utils.lookup import find

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
# So many numbers a table of numbers has at most.
_WIDEST = 1 << 22
# In such a table what is unknown, and what is not counted.
_UNKNOWN, _MASKED = -1, -2
# What older programs write.
_OLDER = {"binary": "multi_hot", "tf-idf": "tf_idf"}


class IndexLookup(KeepsVocabulary):
    """What `StringLookup` and `IntegerLookup` share: the vocabulary, and what is made of numbers.

    The number of an entry is its place in the vocabulary, after the places of its own that the
    mask token and what is unknown have.
    """

    autocast = False
    not_in_config = Layer.not_in_config
    # What the entries of the vocabulary are.
    kind: type = str

    max_tokens: int | None
    num_oov_indices: int
    mask_token: Any
    oov_token: Any
    invert: bool
    output_mode: str
    pad_to_max_tokens: bool
    # As the constructor was given it, for a configuration; what was adapted is in files apart.
    vocabulary: list[Any] | None = None
    idf_weights: list[float] | None = None
    # The entries without those for what is unknown or masked; None before there are any.
    _tokens: list[Any] | None = None
    _numbers: Mapping[Any, int] = {}
    _idf: np.ndarray | None = None
    # The size that a file has told of, before the vocabulary itself is read.
    _foretold: int | None = None

    def _take_arguments(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        pad_to_max_tokens: bool,
        sparse: bool,
    ) -> None:
        owner = f"{type(self).__name__} {self.name!r}"
        if max_tokens is not None and max_tokens <= 1:
            raise ValueError(f"{owner}: max_tokens is at least 2, not {max_tokens}.")
        if pad_to_max_tokens and max_tokens is None:
            raise ValueError(f"{owner}: pad_to_max_tokens=True needs max_tokens as well.")
        if num_oov_indices < 0:
            raise ValueError(f"{owner}: num_oov_indices is at least 0, not {num_oov_indices}.")
        self.output_mode = mode_called(output_mode, MODES)
        if invert and self.output_mode != "int":
            raise ValueError(
                f"{owner}: invert=True gives entries of the vocabulary, so that output_mode is "
                f"'int', not {output_mode!r}."
            )
        refuse_sparse(owner, sparse)
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise ValueError(f"{owner}: idf_weights are for output_mode='tf_idf' alone.")
        size_limits.refuse_giant([max_tokens, num_oov_indices])
        self.max_tokens = max_tokens
        self.num_oov_indices = int(num_oov_indices)
        self.mask_token, self.oov_token = mask_token, oov_token
        self.invert, self.sparse = bool(invert), False
        self.pad_to_max_tokens = bool(pad_to_max_tokens)
        self._given = vocabulary is not None
        if vocabulary is None:
            return
        self.set_vocabulary(vocabulary, idf_weights)
        if not isinstance(vocabulary, str | os.PathLike):
            self.vocabulary = [self.kind(entry) for entry in listed(vocabulary)]
            self.idf_weights = None if idf_weights is None else listed(idf_weights)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Take the vocabulary from data, instead of that of an `adapt` before.

        The entry that is met most often comes first; of those met equally often the last by the
        alphabet. No more are taken than `max_tokens` leaves room for.

        Args:
            data: an array or a list, or something that gives batches, each of these or a tuple
                that begins with one.
            steps: how many batches; default: all.

        Raises:
            ValueError: if there are no data, or a vocabulary was given to the constructor.
        """
        self.adapt_to(batches_of(data, steps, self._as_rows))

    def adapt_to(self, batches: Iterable[Iterable[Sequence[Any]]]) -> None:
        """Take the vocabulary from batches of rows, each a sequence of entries."""
        if self._given:
            raise ValueError(
                f"The layer {self.name!r} was given a vocabulary: adapt has nothing to find; leave "
                "it out of the constructor, or make a new layer."
            )
        counts: Counter[Any] = Counter()
        rows_with: Counter[Any] = Counter()
        rows = 0
        for batch in batches:
            for row in batch:
                rows += 1
                counts.update(row)
                if self.output_mode == "tf_idf":
                    rows_with.update(set(row))
        if not rows:
            raise ValueError(f"The layer {self.name!r} was given no data to adapt to.")
        for special in (self.mask_token, self.oov_token):
            counts.pop(special, None)
        by_count = sorted(counts, key=lambda entry: (counts[entry], entry), reverse=True)
        room = None if self.max_tokens is None else max(self.max_tokens - self._first, 0)
        self._keep(by_count[:room])
        if self.output_mode == "tf_idf":
            found = np.array([rows_with[entry] for entry in self._tokens or ()], np.float64)
            self._keep_idf(np.log(1 + rows / (1 + found)), self._first)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Put another vocabulary in place.

        Args:
            vocabulary: a list or array, with or without the entries for mask and unknown at its
                start; or the path of a text file with one entry a line.
            idf_weights: the weight of each entry, where output_mode is "tf_idf".

        Raises:
            ValueError: if it is empty, too long, or holds an entry twice.
        """
        if (idf_weights is not None) != (self.output_mode == "tf_idf"):
            need = "needs idf_weights" if idf_weights is None else "takes no idf_weights"
            raise ValueError(
                f"The layer {self.name!r} has output_mode={self.output_mode!r} and {need} beside "
                "the vocabulary; adapt(data) finds both."
            )
        if isinstance(vocabulary, str | os.PathLike):
            vocabulary = self._lines_of(Path(vocabulary))
        entries = [self.kind(entry) for entry in listed(vocabulary)]
        if not entries:
            raise ValueError(f"The layer {self.name!r} was given an empty vocabulary.")
        special = self._special
        whole = bool(special) and entries[: len(special)] == special
        tokens = entries[len(special) :] if whole else entries
        twice = [entry for entry, count in Counter(tokens).items() if count > 1]
        if twice:
            raise ValueError(
                f"The vocabulary of the layer {self.name!r} has {twice[0]!r} more than once; list "
                "each entry once."
            )
        reserved = [self.mask_token, self.oov_token if self.invert else None]
        for token in reserved:
            if token is not None and token in tokens:
                raise ValueError(
                    f"The vocabulary of the layer {self.name!r} holds {token!r}, which stands for "
                    f"something else; leave it out, or begin the vocabulary with {special}."
                )
        if self.max_tokens is not None and self._first + len(tokens) > self.max_tokens:
            raise ValueError(
                f"The vocabulary of the layer {self.name!r} takes {self._first + len(tokens)} "
                f"places, but max_tokens is {self.max_tokens}."
            )
        if idf_weights is not None:
            weights = np.asarray(listed(idf_weights), np.float64)
            if weights.shape != (len(entries),):
                raise ValueError(
                    f"The layer {self.name!r} takes one of idf_weights for each of {len(entries)} "
                    f"entries, but their shape is {weights.shape}."
                )
        self._keep(tokens)
        if idf_weights is not None:
            self._keep_idf(weights, 0 if whole else self._first)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The entries in their order.

        Args:
            include_special_tokens: whether those for mask and unknown come first, so that an entry
                stands at its number; default True.
        """
        return [*(self._special if include_special_tokens else ()), *(self._tokens or ())]

    def vocabulary_size(self) -> int:
        """How many entries there are, those for mask and unknown included."""
        return self._first + len(self._tokens or ())

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        if self.output_mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1):
            return (*shape, self._depth())
        return (*shape[:-1], self._depth())

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        known = self._tokens is not None or self._foretold
        size = (self.vocabulary_size() if self._tokens is not None else self._foretold) or None
        return {**super().get_config(), "vocabulary_size": size if known else None}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:  # noqa: D102
        config = dict(config)
        size = config.pop("vocabulary_size", None)
        config.pop("has_input_vocabulary", None)
        if config.get("vocabulary_dtype") in ("int64", "string"):
            del config["vocabulary_dtype"]
        refuse_path(cls.__name__, config.get("vocabulary"))
        layer = super().from_config(config)
        layer._foretell(size)
        return layer

    def get_build_config(self) -> dict[str, Any] | None:
        """None: nothing is made for a shape."""
        return None

    # Files hold the vocabulary apart, unless the constructor was given it.

    def assets(self) -> dict[str, str]:
        """The content of text files that belong to the layer, by their names."""
        if self.vocabulary is not None:
            return {}
        entries = self.get_vocabulary()
        files = {"vocabulary.txt": "\n".join(map(str, entries))}
        if any(len(str(entry).splitlines()) > 1 or str(entry)[-1:].isspace() for entry in entries):
            # Where an entry ends a line itself, lines do not hold the vocabulary.
            files["vocabulary.json"] = json.dumps(entries)
        return files

    def take_assets(self, files: Mapping[str, str]) -> None:
        """Take the vocabulary from the content of such files."""
        if self.vocabulary is not None:
            return
        text, exact = files.get("vocabulary.txt"), files.get("vocabulary.json")
        if text is None:
            raise ValueError(f"the file has no vocabulary for the layer {self.name!r}")
        lines = _lines(text) if exact is None else json.loads(exact)
        entries = [self.kind(line) for line in lines]
        if entries == self._special or not entries:
            return  # saved before there was one
        idf = self._idf
        if idf is not None:
            idf = idf[: len(entries)]
        self.set_vocabulary(entries, idf)

    def own_arrays(self) -> dict[str, np.ndarray]:
        """The weights of the entries, for "tf_idf"."""
        return {} if self._idf is None else {"idf_weights": self._idf}

    def take_own_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take the weights of the entries from what `own_arrays` has given."""
        if self.output_mode == "tf_idf" and "idf_weights" in arrays:
            weights = np.array(arrays["idf_weights"], floatx())
            if self._idf is not None and weights.shape != self._idf.shape:
                raise ValueError(
                    f"the layer {self.name!r} has weights of shape {self._idf.shape}, the file of "
                    f"shape {weights.shape}"
                )
            self._idf = weights

    def numbers_of(self, entries: Sequence[Any]) -> np.ndarray:
        """The numbers of entries; -1 for one that is left out of what is counted.

        Raises:
            ValueError: if there is no vocabulary, or an unknown entry and no number for it.
        """
        self._require_vocabulary()
        known, masked = self._numbers, 0 if self.output_mode == "int" else -1
        if self.num_oov_indices == 1:
            found = [known.get(entry, self._oov_start) for entry in entries]
        else:
            found = [known[entry] if entry in known else self._unknown(entry) for entry in entries]
        numbers = np.array(found, np.int64)
        if self.mask_token is not None:
            numbers[[entry == self.mask_token for entry in entries]] = masked
        return numbers

    def encoded(self, numbers: np.ndarray) -> np.ndarray:
        """What output_mode makes of the numbers of entries."""
        if self.output_mode == "int":
            return numbers
        depth = self._depth()
        numbers = numbers.reshape(1) if numbers.ndim == 0 else numbers
        if self.output_mode == "one_hot":
            if numbers.ndim > 1 and numbers.shape[-1] == 1:
                numbers = numbers[..., 0]
            return (numbers[..., None] == np.arange(depth)).astype(np.int64)
        rows = numbers.reshape(-1, numbers.shape[-1])
        return self.counted(rows).reshape(*numbers.shape[:-1], depth)

    def counted(self, rows: Iterable[np.ndarray]) -> np.ndarray:
        """For each row of numbers how often each occurs, or whether, or that times its weight."""
        listed_rows = list(rows)
        y = np.zeros((len(listed_rows), self._depth()), np.int64)
        for row, numbers in zip(y, listed_rows, strict=True):
            np.add.at(row, numbers[numbers >= 0], 1)
        if self.output_mode == "multi_hot":
            return np.minimum(y, 1)
        if self.output_mode == "tf_idf":
            assert self._idf is not None
            return y.astype(floatx()) * self._idf.astype(floatx())
        return y

    def entries_at(self, numbers: np.ndarray) -> np.ndarray:
        """The entries of the vocabulary with these numbers; the token for unknown elsewhere."""
        self._require_vocabulary()
        numbers, entries = np.asarray(numbers), self.get_vocabulary()
        flat = [
            entries[i] if 0 <= i < len(entries) else self.oov_token
            for i in whole_numbers(numbers, self).reshape(-1).tolist()
        ]
        kind = np.int64 if self.kind is int else np.str_
        return np.array(flat, kind if None not in flat else object).reshape(numbers.shape)

    def _as_rows(self, batch: Any, alone: bool) -> Iterable[Sequence[Any]]:
        """The rows of a batch; one of a single axis that comes by itself has one entry a row."""
        array = self._array(batch)
        if array.ndim < 2:
            array = array.reshape((-1, 1) if alone else (1, -1))
        return array.reshape(-1, array.shape[-1]).tolist()

    def _array(self, values: Any) -> np.ndarray:
        """What the layer is called on as an array of entries."""
        raise NotImplementedError

    def _hashed(self, entry: Any) -> int:
        """Which of several numbers for what is unknown an entry has, from 0."""
        return fingerprint(str(entry).encode()) % self.num_oov_indices

    def _unknown(self, entry: Any) -> int:
        if not self.num_oov_indices:
            if entry == self.mask_token:
                return 0
            raise ValueError(
                f"The layer {self.name!r} was given {entry!r}, which its vocabulary does not hold; "
                "num_oov_indices=1 keeps a number for such."
            )
        return self._oov_start + self._hashed(entry)

    def _lines_of(self, path: Path) -> list[str]:
        if self.output_mode == "tf_idf":
            raise ValueError(
                f"The layer {self.name!r} needs weights beside its vocabulary for 'tf_idf', which "
                "a text file does not hold; give a list and idf_weights."
            )
        if not path.is_file():
            raise ValueError(f"There is no file {str(path)!r} with a vocabulary.")
        return _lines(path.read_text(encoding="utf-8"))

    def _keep(self, tokens: list[Any]) -> None:
        size = self._first + len(tokens)
        old = self._foretold if self._tokens is None else self.vocabulary_size()
        fixed = self.output_mode == "int" or self.pad_to_max_tokens
        if self._calls and not fixed and old not in (None, size):
            raise ValueError(
                f"The layer {self.name!r} belongs to a model with {old} columns, so that its "
                f"vocabulary cannot grow or shrink to {size}; make the layer and the model anew."
            )
        self._tokens = tokens
        self._numbers = {token: self._first + i for i, token in enumerate(tokens)}

    def _keep_idf(self, weights: np.ndarray, before: int) -> None:
        # What is unknown weighs as much as an entry does on average.
        front = np.full(before, weights.mean() if weights.size else 0.0)
        whole = np.concatenate([front, weights])
        if self.pad_to_max_tokens:
            whole = np.pad(whole, (0, (self.max_tokens or 0) - len(whole)))
        self._idf = whole.astype(floatx())

    def _foretell(self, size: Any) -> None:
        if isinstance(size, int) and size > 0:
            size_limits.refuse_giant([size])
            self._foretold = size

    def _depth(self) -> int:
        if self.pad_to_max_tokens:
            assert self.max_tokens is not None
            return self.max_tokens
        if self._tokens is None and self._foretold is not None:
            return self._foretold
        self._require_vocabulary()
        return self.vocabulary_size()

    def _require_vocabulary(self) -> None:
        if self._tokens is None:
            raise ValueError(
                f"The layer {self.name!r} has no vocabulary yet; call adapt(data) first, or give "
                "it vocabulary=[…]."
            )

    @property
    def _oov_start(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    @property
    def _first(self) -> int:
        """The number of the first entry that is neither mask nor unknown."""
        return self._oov_start + self.num_oov_indices

    @property
    def _special(self) -> list[Any]:
        return [self.mask_token] * self._oov_start + [self.oov_token] * self.num_oov_indices


class StringLookup(TextLayer, IndexLookup):
    """The number of each text in a vocabulary: categories, or words that are split already.

        layer = StringLookup(vocabulary=["cat", "dog"])
        layer([["dog", "cow"], ["cat", "cat"]])  # [[2, 0], [1, 1]]

    Number 0 stands for a text that the vocabulary does not hold. With a mask token that is 0, and
    what is unknown 1. Texts are compared as they are, letter by letter: `TextVectorization` splits
    and lowers first.

    Input: texts in any shape, a list or an array. Output, whole numbers: the same shape for "int";
    `(…, k)` becomes `(…, k, size)` for "one_hot" (without the axis k where it is 1), and
    `(…, size)` for the others, one row of columns for each row of texts.

    Args:
        max_tokens: the greatest size of the vocabulary, mask and unknown included; default None.
        num_oov_indices: how many numbers what is unknown has; default 1. With more, a hash of the
            text (FarmHash, as in TensorFlow) chooses one; with 0 an unknown text is an error.
        mask_token: the text that stands for nothing at all: number 0 for "int", and not counted
            otherwise. Default None.
        oov_token: how what is unknown is called in the vocabulary; default "[UNK]".
        vocabulary: a list, or the path of a text file with one entry a line; default: from `adapt`.
        idf_weights: beside a given vocabulary, the weight of each entry for "tf_idf".
        invert: True takes numbers and gives an array of texts; default False.
        output_mode: "int", "one_hot", "multi_hot" (1 for each entry that occurs in a row), "count"
            (how often), or "tf_idf" (the count times log(1 + rows / (1 + rows with the entry))).
        pad_to_max_tokens: whether there are max_tokens columns, however few entries; default False.
        sparse: taken as in Keras, where True is for TensorFlow.
        encoding: of texts that come as bytes; default "utf-8".
        kwargs: those of `Layer`.

    Raises:
        TypeError: if something is no text; it names it and its row.
        ValueError: if arguments do not fit each other, or there is no vocabulary yet.
    """

    kind = str

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        **kwargs: Any,
    ) -> None:
        kwargs.pop("oov_method", None)  # it changes nothing for texts
        super().__init__(**kwargs)
        self.encoding = encoding
        self._take_arguments(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert,
            output_mode, pad_to_max_tokens, sparse,
        )  # fmt: skip

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The numbers of texts, or with `invert` the texts of numbers."""
        if self.invert and args and first_symbol(args) is None:
            x = args[0]
            return self.entries_at(memory.to_host(x.data) if isinstance(x, Tensor) else x)
        return super().__call__(*args, **kwargs)

    def read(self, x: np.ndarray) -> np.ndarray:  # noqa: D102
        return self.encoded(self.numbers_of(x.reshape(-1).tolist()).reshape(x.shape))

    def _array(self, values: Any) -> np.ndarray:
        return text_array(values, self, self.encoding)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if self.invert:
            raise ValueError(
                f"The layer {self.name!r} gives texts, which no model can go on with; call it on "
                "what the model predicts."
            )
        return super().compute_output_shape(input_shape)


class IntegerLookup(IndexLookup):
    """The number of each whole number in a vocabulary, such as of postcodes or of customers.

        layer = IntegerLookup(vocabulary=[12, 36, 1138])
        layer([[36, 7], [12, 1138]])  # [[2, 0], [1, 3]]

    Number 0 stands for one that the vocabulary does not hold. It is `StringLookup` for whole
    numbers; see there for the output.

    Args:
        max_tokens: the greatest size of the vocabulary, mask and unknown included; default None.
        num_oov_indices: how many numbers what is unknown has; default 1. With more, `oov_method`
            chooses one; with 0 an unknown number is an error.
        mask_token: the number that stands for nothing at all; default None.
        oov_token: how what is unknown is called in the vocabulary; default -1.
        vocabulary: a list, or the path of a text file with one number a line; default: from
            `adapt`.
        vocabulary_dtype: "int64", the only one.
        idf_weights: beside a given vocabulary, the weight of each entry for "tf_idf".
        invert: True takes numbers of places and gives the entries there; default False.
        output_mode: "int", "one_hot", "multi_hot", "count" or "tf_idf".
        sparse: taken as in Keras, where True is for TensorFlow.
        pad_to_max_tokens: whether there are max_tokens columns, however few entries; default False.
        oov_method: "floormod", the remainder by num_oov_indices, or "farmhash", a hash.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a number has a fraction, arguments do not fit each other, or there is no
            vocabulary yet.
    """

    kind = int

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        find(vocabulary_dtype, {"int64": None}, "vocabulary_dtype")
        self.vocabulary_dtype = "int64"
        self.oov_method = oov_method
        find(oov_method, {"floormod": None, "farmhash": None}, "oov_method")
        self._take_arguments(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert,
            output_mode, pad_to_max_tokens, sparse,
        )  # fmt: skip

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The numbers of numbers; a list is one array."""
        return super().__call__(*map(one_array, args), **kwargs)

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        notes = on_trial()
        if notes is not None:
            notes.append((self, x))
            kind = floatx() if self.output_mode == "tf_idf" else np.int64
            return Tensor(np.zeros(self.compute_output_shape(x.shape), kind))
        self._require_vocabulary()
        table = self._table()
        if table is None:
            # The values are read: a step with this layer is not replayed, but runs each time.
            numbers = x.numpy()
            if self.invert:
                return Tensor(self.entries_at(numbers))
            entries = whole_numbers(numbers, self).reshape(-1).tolist()
            return Tensor(self.encoded(self.numbers_of(entries).reshape(numbers.shape)))
        # A glance at the values that computes nothing: a replayed step goes without it.
        if may_look():
            self.check_inputs(memory.to_host(x.data))
        return self._columns(self._looked_up(ops.cast(x, np.int64), *table))

    def check_inputs(self, x: np.ndarray, what: str = "its input") -> None:
        """Raise a ValueError if there is a number in x that the layer has no place for.

        Args:
            x: what the layer is to be called on.
            what: how messages call it.
        """
        entries = whole_numbers(x, self).reshape(-1)
        if not self.invert and not self.num_oov_indices:
            self.numbers_of(np.unique(entries).tolist())

    def _table(self) -> tuple[np.ndarray, int] | None:
        """The number of each entry, from the least entry on; None where that takes a giant."""
        tokens = self._tokens or []
        if (
            self.invert
            or not tokens
            or (self.num_oov_indices > 1 and self.oov_method != "floormod")
        ):
            return None
        known = [*tokens, *([] if self.mask_token is None else [self.mask_token])]
        least, wide = min(known), max(known) - min(known) + 1
        if wide > _WIDEST:
            return None
        # With a place before and one behind for what is less or greater than all of them.
        table = np.full(wide + 2, _UNKNOWN)
        table[np.array(known) - least + 1] = self.numbers_of(known)
        if self.mask_token is not None and self.output_mode != "int":
            table[self.mask_token - least + 1] = _MASKED
        return table, least

    def _looked_up(self, x: Tensor, table: np.ndarray, least: int) -> Tensor:
        """The numbers of entries, found by kernels."""
        place = ops.clip(x - (least - 1), 0, len(table) - 1)
        numbers = ops.take(Tensor(table), place)
        unknown: Any = Tensor(np.array(self._oov_start))
        if self.num_oov_indices > 1:
            share = ops.cast(x, np.float64) / float(self.num_oov_indices)
            unknown = x - ops.cast(ops.floor(share), np.int64) * self.num_oov_indices
            unknown = unknown + self._oov_start
        return ops.where(ops.equal(numbers, _UNKNOWN), unknown, numbers)

    def _columns(self, numbers: Tensor) -> Tensor:
        """What output_mode makes of numbers."""
        if self.output_mode == "int":
            return numbers
        numbers = ops.reshape(numbers, (1,)) if numbers.ndim == 0 else numbers
        if self.output_mode == "one_hot":
            if numbers.ndim > 1 and numbers.shape[-1] == 1:
                numbers = ops.reshape(numbers, numbers.shape[:-1])
            return ops.one_hot(numbers, self._depth(), "int64")
        y = ops.one_hot(numbers, self._depth(), "int64")
        if self.output_mode == "multi_hot":
            return ops.max(y, axis=-2)
        y = ops.sum(y, axis=-2)
        if self.output_mode == "count":
            return y
        assert self._idf is not None
        return ops.cast(y, floatx()) * self._idf.astype(floatx())

    def _array(self, values: Any) -> np.ndarray:
        if isinstance(values, Tensor):
            values = memory.to_host(values.data)
        return whole_numbers(np.asarray(values), self)

    def _hashed(self, entry: Any) -> int:
        if self.oov_method == "floormod":
            return entry % self.num_oov_indices
        return super()._hashed(entry)


def batches_of(data: Any, steps: int | None, rows: Any) -> Iterable[Any]:
    """What `rows(batch, alone)` makes of data that are one array, or of each batch that they give.

    Args:
        data: an array, a list, a table, or something that gives batches.
        steps: how many batches; None for all.
        rows: a function; `alone` is whether the data are no batches but one array.
    """
    single = isinstance(data, list | tuple | np.ndarray | Tensor) or hasattr(data, "to_numpy")
    if single or not hasattr(data, "__iter__") or isinstance(data, str):
        yield rows(data, True)
        return
    for i, batch in enumerate(data):
        if i == steps:
            return
        yield rows(batch[0] if isinstance(batch, tuple) else batch, False)


def whole_numbers(x: np.ndarray, layer: Layer) -> np.ndarray:
    """An array of whole numbers as int64.

    Raises:
        ValueError: if there is something else.
    """
    array = np.asarray(x)
    if array.dtype.kind in "iub":
        return array.astype(np.int64)
    found = array.dtype
    if array.dtype.kind == "f":
        wrong = ~(array == np.floor(array))
        if not wrong.any():
            return array.astype(np.int64)
        found = array[wrong][0]
    raise ValueError(f"The layer {layer.name!r} takes whole numbers, but was given {found}.")


def one_array(x: Any) -> Any:
    """A list of numbers as an array; anything else, a list of symbols too, as it is."""
    return np.asarray(x) if isinstance(x, list | tuple) and first_symbol(x) is None else x


def mode_called(name: Any, known: Sequence[str]) -> str:
    """An output mode by its name, today's or an older one.

    Raises:
        ValueError: if there is none.
    """
    return find(_OLDER.get(name, name), {mode: mode for mode in known}, "output_mode")


def listed(values: Any) -> list[Any]:
    """A list, array or tensor as a list of Python's own numbers and texts."""
    if isinstance(values, Tensor):
        values = memory.to_host(values.data)
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def refuse_sparse(owner: str, sparse: Any) -> None:
    """Refuse the sparse tensors of TensorFlow."""
    if sparse:
        raise ValueError(f"{owner}: sparse=True is for TensorFlow; dlcore's outputs are dense.")


def refuse_path(kind: str, vocabulary: Any) -> None:
    """Refuse a description that asks for a file of the machine on which it is read."""
    if isinstance(vocabulary, str):
        raise ValueError(
            f"The description of a {kind} asks for the file {vocabulary!r:.60}, which is never "
            "read for a description; give the layer its vocabulary yourself."
        )


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    while lines and lines[-1].strip("\r") == "":
        lines.pop()
    return [line.rstrip("\r") for line in lines]
