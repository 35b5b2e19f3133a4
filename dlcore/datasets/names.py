"""First names, of women and of men, letter by letter (datasheet: datasets/names.md)."""

from __future__ import annotations

import numpy as np

from dlcore.datasets._files import read_csv
from dlcore.datasets._split import Split, stratified_split

class_names = ("female", "male")
alphabet = "abcdefghijklmnopqrstuvwxyz-"  # a letter's code is its place here plus 1
LENGTH = 15  # letters of the longest name


def load_data(
    test_split: float = 0.25, seed: int = 0, raw: bool = False
) -> Split | dict[str, np.ndarray]:
    """Load first names: fifteen codes of letters in, the list that the name stood in out.

        (x_train, y_train), (x_test, y_test) = names.load_data()
        names.decode(x_train[0])                        # the name again, in small letters

    A name becomes the codes of its letters: 1 for a to 26 for z, 27 for the hyphen, capitals as
    small letters. Zeros in front fill it up to 15, so that a recurrent layer reads the name last;
    `Embedding(len(names.alphabet) + 1, ...)` has a row for each code.

    A name of the test part does not occur in the training part, also where it stands in both lists
    and so has two rows with different answers.

    Args:
        test_split: the share of the names that is kept for testing, of those in the first list
            only, in the second only and in both; default 0.25.
        seed: chooses which names; the default 0 always gives the same ones.
        raw: return the table as it stands, instead; test_split and seed then play no part.

    Returns:
        x_train (6637, 15) int64 and y_train (6637,) int64, x_test (2212, 15) and y_test (2212,),
        in random order. y is the place in `class_names`: 0 or 1.

        With raw=True a dict of two arrays of strings (8849,), "name" and "sex", in the order of
        the file.

    Raises:
        ValueError: test_split or seed is out of range, or the data file is damaged.
        FileNotFoundError: the data file is missing.
    """
    table = {name: np.array(cells) for name, cells in read_csv("names.csv.gz").items()}
    if raw:
        return table
    x = np.stack([encode(name) for name in table["name"]])
    y = np.array([class_names.index(sex) for sex in table["sex"]], dtype=np.int64)
    _, name = np.unique(x, axis=0, return_inverse=True)
    # Which lists a name stands in: 1, 2, or 3 for both.
    lists = np.zeros(name.max() + 1, dtype=np.int64)
    np.bitwise_or.at(lists, name, y + 1)
    train, test = (_rows(part, name) for part in stratified_split(lists, test_split, seed))
    return (x[train], y[train]), (x[test], y[test])


def encode(name: str) -> np.ndarray:
    """The codes of the letters of a name, (15,) int64, with zeros in front.

    Raises:
        ValueError: if it is longer than 15 letters, or has one that is not in `alphabet`.
    """
    letters = name.lower()
    codes = [alphabet.find(letter) + 1 for letter in letters]
    if 0 in codes:
        raise ValueError(
            f"{name!r} has the letter {letters[codes.index(0)]!r}, but a name is made of the "
            "letters a to z and the hyphen; write it with these."
        )
    if len(codes) > LENGTH:
        raise ValueError(
            f"{name!r} has {len(codes)} letters, but there is room for {LENGTH}; shorten it."
        )
    row = np.zeros(LENGTH, dtype=np.int64)
    row[LENGTH - len(codes) :] = codes
    return row


def decode(codes: np.ndarray) -> str:
    """The name with these codes, in small letters; zeros are left out."""
    return "".join(alphabet[code - 1] for code in np.asarray(codes) if code)


def _rows(part: np.ndarray, name: np.ndarray) -> np.ndarray:
    """The rows whose names are in a part, in the order of the part; a name can have several."""
    order = np.full(name.max() + 1, -1)
    order[part] = np.arange(len(part))
    rows = np.flatnonzero(order[name] >= 0)
    return rows[np.argsort(order[name[rows]], kind="stable")]
