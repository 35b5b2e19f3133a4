"""The reviews of films: read from the texts, numbered by how common a word is, cut as in Keras."""

import io
import tarfile

import numpy as np
import pytest

from dlcore.datasets import imdb
from dlcore.utils import pad_sequences

TEXTS = {
    "train/neg/0_2.txt": "A bad, bad film.<br />Don't go",
    "train/pos/0_9.txt": "a GOOD film (truly)",
    "train/neg/1_1.txt": "bad",
    "train/unsup/0_0.txt": "never counted counted counted",
    "train/urls_pos.txt": "http://counted",
    "test/pos/0_8.txt": "good unheard film",
    "test/neg/0_3.txt": "a",
}
# By how often they occur in train/neg and train/pos, then by the alphabet.
WORDS = ["bad", "a", "film", "br", "don't", "go", "good", "truly"]


def tarred(texts):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in texts.items():
            member = tarfile.TarInfo(f"aclImdb/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.fixture
def archive(publish, monkeypatch):
    monkeypatch.setattr(imdb, "ARCHIVE", publish(imdb.ARCHIVE, tarred(TEXTS)))


def sentences(split, said=(), from_=3):
    words = {n + from_: word for word, n in imdb.get_word_index().items()} | dict(said)
    return [
        {" ".join(words[n] for n in row): int(label) for row, label in zip(x, y, strict=True)}
        for x, y in split
    ]


def test_words_are_numbered_by_how_often_the_training_part_has_them(archive):
    assert imdb.get_word_index() == {word: n for n, word in enumerate(WORDS, 1)}
    train, test = sentences(imdb.load_data(), {1: "START"})
    assert train == {
        "START a bad bad film br don't go": 0, "START bad": 0, "START a good film truly": 1,
    }  # fmt: skip
    assert test == {"START good film": 1, "START a": 0}
    (x, y), _ = imdb.load_data()
    assert x.shape == (3,) and type(x[0]) is list and type(x[0][0]) is int
    assert y.dtype == np.int64
    assert pad_sequences(x, 4).shape == (3, 4)


def test_numbers_are_limited_as_in_keras(archive):
    """By hand, after the loop at the end of keras/src/datasets/imdb.py."""
    (x, _), (x_test, _) = imdb.load_data(num_words=7)
    assert sorted(x) == [[1, 4], [1, 5, 2, 6, 2], [1, 5, 4, 4, 6, 2, 2, 2]]
    (x, _), _ = imdb.load_data(num_words=7, skip_top=5)
    assert sorted(x) == [[2, 2], [2, 5, 2, 2, 6, 2, 2, 2], [2, 5, 2, 6, 2]]
    (x, _), _ = imdb.load_data(num_words=7, oov_char=None)
    assert sorted(x) == [[1, 4], [1, 5, 4, 4, 6], [1, 5, 6]]
    (x, _), _ = imdb.load_data(start_char=None, index_from=0)
    assert sorted(x) == [[1], [2, 1, 1, 3, 4, 5, 6], [2, 7, 3, 8]]


def test_long_reviews_are_left_out_with_their_labels(archive):
    (x, y), _ = imdb.load_data(maxlen=6)
    assert sorted(zip(map(len, x), y.tolist(), strict=True)) == [(2, 0), (5, 1)]
    (x, _), _ = imdb.load_data(maxlen=5)
    assert len(x) == 1
    with pytest.raises(ValueError, match="maxlen=2 leaves out all reviews of the train part"):
        imdb.load_data(maxlen=2)


def test_the_order_is_that_of_the_seed(archive):
    orders = {str(imdb.load_data(seed=seed)[0][0].tolist()) for seed in range(20)}
    assert len(orders) == 6  # all orders of three
    assert str(imdb.load_data(seed=3)) == str(imdb.load_data(seed=3))


def test_what_was_numbered_is_kept_and_made_anew_where_it_is_damaged(archive, tmp_path):
    first = str(imdb.load_data())
    assert sorted(p.name for p in tmp_path.iterdir()) == [imdb.ARCHIVE.name, imdb._NUMBERED]
    (tmp_path / imdb.ARCHIVE.name).rename(tmp_path / "away")
    assert str(imdb.load_data()) == first
    (tmp_path / "away").rename(tmp_path / imdb.ARCHIVE.name)
    content = (tmp_path / imdb._NUMBERED).read_bytes()
    for damaged in (content[:-99], content.replace(b"NUMPY", b"NUMPI"), b""):
        (tmp_path / imdb._NUMBERED).write_bytes(damaged)
        assert str(imdb.load_data()) == first
    assert (tmp_path / imdb._NUMBERED).read_bytes() == content


def test_an_archive_of_something_else_is_refused(publish, monkeypatch):
    monkeypatch.setattr(imdb, "ARCHIVE", publish(imdb.ARCHIVE, tarred({"train/pos/1.txt": "a"})))
    with pytest.raises(ValueError, match="has no reviews in test/neg and test/pos"):
        imdb.load_data()
