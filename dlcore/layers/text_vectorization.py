"""Texts as numbers of words, or as columns that count words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from dlcore.engine.tensor import floatx
from dlcore.layers.index_lookup import (
    StringLookup,
    batches_of,
    mode_called,
    refuse_path,
    refuse_sparse,
)
from dlcore.layers.layer import Shape, positive
from dlcore.layers.text import KeepsVocabulary, TextLayer, text_array
from dlcore.utils import size_limits
from dlcore.utils.lookup import find

_PUNCTUATION = re.compile(r"""[!"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~']""")
# As TensorFlow does: blanks and capital letters are those of ASCII.
_WORD = re.compile(r"[^ \t\n\r\v\f]+")
_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}

_STANDARDS = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
_SPLITS = ("whitespace", "character")


class TextVectorization(TextLayer, KeepsVocabulary):
    """Texts cut into words, and each word as its number in a vocabulary.

        layer = TextVectorization(output_sequence_length=4)
        layer.adapt(["The cat sat.", "The dog sat, the cat ran!"])
        layer(["the cat", "A dog ran"])  # [[2, 4, 0, 0], [1, 6, 5, 0]]

    The vocabulary has the words by how often they occur in what the layer was adapted to, those
    that occur equally often from the last by the alphabet to the first. Number 0 fills rows up, 1
    stands for a word that is not in it; `Embedding(layer.vocabulary_size(), 16, mask_zero=True)`
    goes on from there.

    Input `(n,)` or `(n, 1)`: one text a row. Output for "int" `(n, output_sequence_length)`, or as
    long as the longest row; for the others `(n, size of the vocabulary)`. A model may begin with
    `Input((1,), dtype="string")` and this layer: fit, evaluate and predict then take texts, which
    are read once, before the first step.

    Args:
        max_tokens: the greatest size of the vocabulary, 0 and 1 included; default None.
        standardize: what is done to each text first: "lower_and_strip_punctuation", "lower",
            "strip_punctuation", None for nothing, or a function from an array of texts to another.
            Lowered and stripped is what ASCII has; É stays É, as in Keras.
        split: "whitespace"; "character", for scripts that write no blanks; None for one word a
            text; or a function from an array of texts to a list of lists of words.
        ngrams: also neighbouring words joined by a blank: 2 for single words and pairs, (2,) for
            pairs alone. Default None.
        output_mode: "int", "multi_hot" (1 for each word that occurs), "count" (how often), or
            "tf_idf" (the count times log(1 + rows / (1 + rows with the word))).
        output_sequence_length: for "int", how many numbers each row has; longer ones are cut off at
            the end, shorter ones filled up with 0. Default None.
        pad_to_max_tokens: whether there are max_tokens columns, however few words; default False.
        vocabulary: a list of words, or the path of a text file with one a line; default: from
            `adapt`.
        idf_weights: beside a given vocabulary, the weight of each word for "tf_idf".
        sparse: taken as in Keras, where True is for TensorFlow.
        ragged: likewise.
        encoding: of texts that come as bytes; default "utf-8".
        kwargs: those of `Layer`.

    Raises:
        TypeError: if something is no text; it names it and its row.
        ValueError: if arguments do not fit each other, rows hold several texts where they are to
            be split, or there is no vocabulary yet.
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Callable[..., Any] | None = "lower_and_strip_punctuation",
        split: str | Callable[..., Any] | None = "whitespace",
        ngrams: int | Sequence[int] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        owner = f"TextVectorization {self.name!r}"
        refuse_sparse(owner, sparse)
        if ragged:
            raise ValueError(
                f"{owner}: ragged=True is for TensorFlow; dlcore fills rows up with 0, or to "
                "output_sequence_length."
            )
        self.standardize = _named(standardize, _STANDARDS, "standardize")
        self.split = _named(split, _SPLITS, "split")
        self.ngrams = ngrams if ngrams is None or isinstance(ngrams, int) else tuple(ngrams)
        self.output_mode = mode_called(output_mode, ("int", "multi_hot", "count", "tf_idf"))
        if output_sequence_length is not None and self.output_mode != "int":
            raise ValueError(
                f"{owner}: output_sequence_length is for output_mode='int'; {output_mode!r} gives "
                "one column for each word of the vocabulary."
            )
        if output_sequence_length is not None:
            positive(output_sequence_length, "output_sequence_length", owner)
            size_limits.refuse_giant([output_sequence_length])
        self.output_sequence_length = output_sequence_length
        self.sparse = self.ragged = False
        self.encoding = encoding
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            mask_token="",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            output_mode=self.output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            encoding=encoding,
            name=f"{self.name}_lookup",
        )
        self.max_tokens, self.pad_to_max_tokens = max_tokens, bool(pad_to_max_tokens)
        self.vocabulary = self._lookup_layer.vocabulary
        self.idf_weights = self._lookup_layer.idf_weights

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Take the vocabulary from texts, instead of that of an `adapt` before.

        Args:
            data: a list or an array of texts, or something that gives batches, each of these or a
                tuple that begins with one.
            batch_size: taken as in Keras.
            steps: how many batches; default: all.

        Raises:
            ValueError: if there are no data, or a vocabulary was given to the constructor.
        """
        batches = batches_of(data, steps, lambda batch, alone: self._words(self._array(batch)))
        self._lookup_layer.adapt_to(batches)

    def read(self, x: np.ndarray) -> np.ndarray:  # noqa: D102
        lookup = self._lookup_layer
        rows = [lookup.numbers_of(words) for words in self._words(x)]
        if self.output_mode != "int":
            return lookup.counted(rows)
        width = self.output_sequence_length
        if width is None:
            width = max(map(len, rows), default=0)
        y = np.zeros((len(rows), width), np.int64)
        for row, numbers in zip(y, rows, strict=True):
            row[: len(numbers)] = numbers[:width]
        return y if x.ndim else y[0]

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words in their order.

        Args:
            include_special_tokens: whether those for filling up and unknown come first, so that a
                word stands at its number; default True.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many words there are, those for filling up and unknown included."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Put another vocabulary in place; see `StringLookup.set_vocabulary`."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        rows = tuple(input_shape)[:1]
        if self.output_mode == "int":
            return (*rows, self.output_sequence_length)
        return self._lookup_layer.compute_output_shape((*rows, None))

    @property
    def read_type(self) -> Any:  # noqa: D102
        return np.dtype(floatx() if self.output_mode == "tf_idf" else np.int64)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        size = self._lookup_layer.get_config()["vocabulary_size"]
        return {**super().get_config(), "vocabulary_size": size}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:  # noqa: D102
        config = dict(config)
        size = config.pop("vocabulary_size", None)
        config.pop("has_input_vocabulary", None)
        refuse_path(cls.__name__, config.get("vocabulary"))
        layer = super().from_config(config)
        layer._lookup_layer._foretell(size)
        return layer

    def get_build_config(self) -> dict[str, Any] | None:
        """None: nothing is made for a shape."""
        return None

    def assets(self) -> dict[str, str]:
        """The content of text files that belong to the layer, by their names."""
        return self._lookup_layer.assets()

    def take_assets(self, files: Mapping[str, str]) -> None:
        """Take the vocabulary from the content of such files."""
        self._lookup_layer.take_assets(files)

    def own_arrays(self) -> dict[str, np.ndarray]:
        """The weights of the words, for "tf_idf"."""
        return self._lookup_layer.own_arrays()

    def take_own_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take the weights of the words from what `own_arrays` has given."""
        self._lookup_layer.take_own_arrays(arrays)

    def _array(self, values: Any) -> np.ndarray:
        return text_array(values, self, self.encoding)

    def _words(self, x: np.ndarray) -> list[list[str]]:
        """The words of each row of texts."""
        if callable(self.standardize):
            # An array in which NumPy's functions for texts work.
            x = self._array(self.standardize(x.astype(np.str_)))
        elif self.standardize is not None:
            flat = [_standardized(text, self.standardize) for text in x.reshape(-1)]
            x = np.array(flat, object).reshape(x.shape)
        rows = self._split_rows(x)
        if self.ngrams is None:
            return rows
        return [
            [" ".join(row[i : i + n]) for n in self._widths(row) for i in range(len(row) - n + 1)]
            for row in rows
        ]

    def _widths(self, row: list[str]) -> Iterable[int]:
        """How many neighbours are joined."""
        if isinstance(self.ngrams, int):
            return range(1, min(self.ngrams, len(row)) + 1)
        return self.ngrams or ()

    def _split_rows(self, x: np.ndarray) -> list[list[str]]:
        if self.split is None:
            return x.reshape(len(x) if x.ndim else 1, -1).tolist()
        if x.ndim > 1 and x.shape[1:] != (1,):
            raise ValueError(
                f"The layer {self.name!r} splits one text a row, of shape (n,) or (n, 1), but was "
                f"given shape {x.shape}; with split=None it takes rows of words."
            )
        texts = x.reshape(-1)
        if callable(self.split):
            return [[str(word) for word in row] for row in self.split(texts.astype(np.str_))]
        return [_WORD.findall(t) if self.split == "whitespace" else list(t) for t in texts]


def _standardized(text: str, how: str) -> str:
    if "lower" in how:
        text = text.translate(_LOWER)
    return _PUNCTUATION.sub("", text) if "strip" in how else text


def _named(value: Any, known: Iterable[str], what: str) -> Any:
    """One of the known names, a function or None."""
    if value is None or callable(value):
        return value
    return find(value, {name: name for name in known}, what)
