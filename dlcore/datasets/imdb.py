"""The Large Movie Review Dataset: 50000 reviews of films, downloaded once and turned into numbers.

A. Maas, R. Daly, P. Pham, D. Huang, A. Ng and C. Potts, "Learning Word Vectors for Sentiment
Analysis", ACL 2011. Its makers ask whoever publishes about it to cite this paper; they state no
licence, and the reviews are those of the people who wrote them on IMDb.

Keras's own file of it holds pickled objects, which could run any program. So the texts are read,
and numbered by the rule of Keras's `Tokenizer`.
"""

from __future__ import annotations

import os
import re
import tarfile
import tempfile
import zipfile
from array import array
from pathlib import Path

import numpy as np

from dlcore.datasets._split import Split
from dlcore.utils.download import Remote, cache_folder, fetch

class_names = ("negative", "positive")
# The makers' own place; the checksum is that in dataset_infos.json of Hugging Face's `imdb`.
ARCHIVE = Remote(
    "aclImdb_v1.tar.gz",
    (
        "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
        "http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    ),
    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    84125825,
    "Without a network, names.load_data() gives sequences of letters.",
)
_NUMBERED = "imdb-numbered-1.npz"
_REVIEW = re.compile(r"(?:.*/)?(train|test)/(neg|pos)/([^/]+\.txt)")
# What parts words beside white space: all of these but the apostrophe.
_BETWEEN = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~', " "))


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> Split:
    """Load reviews of films: the numbers of its words in, whether it praises the film out.

        (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=10000)
        x_train = pad_sequences(x_train, maxlen=200)

    The first call downloads 84 MB into a cache, the folder DLCORE_DATA_FOLDER if that is set, and
    numbers the words, which takes half a minute; what comes of it is kept there too. Every later
    call works without a network.

    Words are what stands between white space and punctuation, in small letters, by the rule of
    Keras's `Tokenizer`; a line break, `<br />`, counts as the word "br". The commonest word of the
    training texts has the number 1 + `index_from`, the next one more; words that occur equally
    often come in the order of the alphabet. Words of the test texts that are not among them are
    left out. The numbers are not those of Keras's file, where such words come in another order:
    decode them by the `get_word_index` of this module. The loader is tested on small archives of
    the same form; the download itself was not tried when it was written.

    Args:
        path: taken for code that sets it.
        num_words: numbers from here on become `oov_char`; default None: all words are kept.
        skip_top: numbers below this become `oov_char`; default 0.
        maxlen: reviews of so many numbers and more are left out; default None: all are kept.
        seed: of the order of the reviews; default 113.
        start_char: stands before each review; default 1. None: nothing does.
        oov_char: stands for a word that is left out; default 2. None: nothing does.
        index_from: what is added to the numbers of words; default 3.

    Returns:
        x_train (25000,) of lists of numbers and y_train (25000,) int64, x_test (25000,) and
        y_test (25000,). y is the place in `class_names`: 0 or 1, each for half of the reviews.

    Raises:
        ConnectionError: the file has to be downloaded, but cannot be reached.
        PermissionError: the file has to be downloaded, but the cache cannot be written.
        ValueError: what was downloaded has the wrong checksum, or no review is short enough.
    """
    stored = _numbered()
    count = len(_words(stored))
    most = count + index_from + 1 if num_words is None else num_words

    def shown(number: int) -> int | None:
        return number if skip_top <= number < most else oov_char

    table = [shown(rank + index_from) for rank in range(count + 1)]
    before = [] if start_char is None else [shown(start_char)]
    split = []
    for part in ("train", "test"):
        rows = np.split(stored[f"{part}_ranks"], stored[f"{part}_ends"][:-1])
        order = np.arange(len(rows))
        np.random.RandomState(seed).shuffle(order)
        kept = [n for n in order if not maxlen or len(rows[n]) + len(before) < maxlen]
        if not kept:
            raise ValueError(
                f"maxlen={maxlen} leaves out all reviews of the {part} part; take a larger one."
            )
        x = np.empty(len(kept), object)
        for place, n in enumerate(kept):
            numbers = before + [table[rank] for rank in rows[n].tolist()]
            x[place] = [number for number in numbers if number is not None]
        split.append((x, stored[f"{part}_labels"][kept]))
    return split[0], split[1]


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word, 1 for the commonest: without the `index_from` of `load_data`.

        words = {number + 3: word for word, number in imdb.get_word_index().items()}
        print(" ".join(words.get(number, "?") for number in x_train[0]))

    Args:
        path: taken for code that sets it.

    Raises:
        ConnectionError: the file has to be downloaded, but cannot be reached.
        PermissionError: the file has to be downloaded, but the cache cannot be written.
        ValueError: what was downloaded has the wrong checksum.
    """
    return {word: rank for rank, word in enumerate(_words(_numbered()), 1)}


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return text.lower().translate(_BETWEEN).split()


def number(path: Path) -> dict[str, np.ndarray]:
    """Number the words of the reviews in an archive; nothing is unpacked onto the disk.

    Args:
        path: of a tar.gz with texts in train/neg, train/pos, test/neg and test/pos.

    Returns:
        "words", the words of the training part, the commonest first, as the bytes of a text with
        one in each line; and for "train" and "test"
        the arrays "train_ranks", the places of the words of all reviews from 1 up, one after the
        other, "train_ends", where each review ends, and "train_labels".
    """
    seen: dict[str, int] = {}
    found: dict[str, list[tuple[str, str, np.ndarray]]] = {"train": [], "test": []}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            place = _REVIEW.fullmatch(member.name)
            file = archive.extractfile(member) if place else None
            if place is None or file is None:
                continue
            words = words_of(file.read().decode("utf-8", errors="replace"))
            numbers = array("i", (seen.setdefault(word, len(seen)) for word in words))
            found[place[1]].append((place[2], place[3], np.frombuffer(numbers, np.intc)))
    flat = {}
    for part, reviews in found.items():
        if not reviews:
            raise ValueError(f"{path} has no reviews in {part}/neg and {part}/pos.")
        reviews.sort(key=lambda review: review[:2])
        flat[part] = np.concatenate([numbers for _, _, numbers in reviews])
    counts = np.bincount(flat["train"], minlength=len(seen))
    known = sorted((word for word, n in seen.items() if counts[n]))
    known.sort(key=lambda word: -counts[seen[word]])
    rank = np.zeros(len(seen), np.int32)
    rank[[seen[word] for word in known]] = np.arange(1, len(known) + 1)
    stored = {"words": np.frombuffer("\n".join(known).encode(), np.uint8)}
    for part, reviews in found.items():
        ranks = rank[flat[part]]
        ends = np.cumsum([len(numbers) for _, _, numbers in reviews])
        # Of the test part, words without a rank go out.
        stored[f"{part}_ends"] = np.concatenate([[0], np.cumsum(ranks > 0)])[ends]
        stored[f"{part}_ranks"] = ranks[ranks > 0]
        stored[f"{part}_labels"] = np.array([int(kind == "pos") for kind, _, _ in reviews])
    return stored


def _words(stored: dict[str, np.ndarray]) -> list[str]:
    return stored["words"].tobytes().decode("utf-8").split("\n")


def _numbered() -> dict[str, np.ndarray]:
    """What `number` gives for the archive, from the cache or into it."""
    path = cache_folder() / _NUMBERED
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, zipfile.BadZipFile, EOFError):
        stored = number(fetch(ARCHIVE))
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as apart:
            np.savez(Path(apart, path.name), **stored)  # type: ignore[arg-type]
            os.replace(Path(apart, path.name), path)
    except OSError:
        pass  # a cache that cannot be written: the next call numbers them again
    return stored
