"""Data files are read only when they are the published ones, and the errors say what to do."""

import gzip
import hashlib
import pickle
import shutil

import numpy as np
import pytest

from dlcore import resources
from dlcore.datasets import (
    _files,
    credit,
    digits8,
    emoji10,
    fashion_small,
    names,
    penguins,
    photos,
    seattle_weather,
)

LOADERS = {
    "credit.csv.gz": credit.load_data,
    "digits8.npz": digits8.load_data,
    "emoji10.npz": emoji10.load_data,
    "fashion_small.npz": fashion_small.load_data,
    "names.csv.gz": names.load_data,
    "penguins.csv.gz": penguins.load_data,
    "photos.npz": photos.load_data,
    "seattle_weather.csv.gz": seattle_weather.load_data,
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the data that a test may damage."""
    copy = tmp_path / "datasets"
    shutil.copytree(resources.datasets_folder(), copy)
    monkeypatch.setattr(resources, "datasets_folder", lambda: copy)
    return copy


def flip_a_bit(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize(
    "damage",
    [flip_a_bit, lambda content: content[:-1], lambda content: b"", lambda content: b"<html>"],
    ids=["one bit", "cut short", "empty", "a web page"],
)
def test_a_damaged_file_is_refused_with_the_mend(folder, name, damage):
    path = folder / name
    published = path.read_bytes()
    path.write_bytes(damage(published))
    with pytest.raises(ValueError) as error:
        LOADERS[name]()
    message = str(error.value)
    assert f"{path} is damaged" in message
    assert hashlib.sha256(published).hexdigest() in message
    assert hashlib.sha256(damage(published)).hexdigest() in message
    assert f"git checkout -- datasets/{name}" in message
    assert "reinstall dlcore" in message


@pytest.mark.parametrize("name", LOADERS)
def test_a_missing_file_is_named_with_the_mend(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError) as error:
        LOADERS[name]()
    message = str(error.value)
    assert f"{name} is missing: expected it at {folder / name}" in message
    assert f"git checkout -- datasets/{name}" in message


def test_a_missing_list_of_checksums_is_named(folder):
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(FileNotFoundError, match="SHA256SUMS is missing"):
        penguins.load_data()


def test_a_file_without_a_checksum_is_refused(folder):
    (folder / "SHA256SUMS").write_text("")
    with pytest.raises(ValueError, match=r"SHA256SUMS has no checksum for penguins") as error:
        penguins.load_data()
    assert "git checkout -- datasets/SHA256SUMS" in str(error.value)


class Trap:
    """Unpickling this object is noticed."""

    sprung = False

    def __reduce__(self):
        return (setattr, (Trap, "sprung", True))


def test_nothing_is_unpickled_even_from_a_file_with_the_right_checksum(folder):
    pickle.loads(pickle.dumps(Trap()))
    assert Trap.sprung
    Trap.sprung = False
    np.savez(folder / "trap.npz", X=np.array([Trap()], dtype=object))
    digest = hashlib.sha256((folder / "trap.npz").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  trap.npz\n")
    with pytest.raises(ValueError, match="allow_pickle"):
        _files.read_npz("trap.npz")
    assert not Trap.sprung


def test_the_text_table_becomes_columns_and_gaps_become_nan(folder):
    content = gzip.compress(b'name,weight\n"Lee, A.",1.5\nKim,\n')
    (folder / "tiny.csv.gz").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  tiny.csv.gz\n")
    columns = _files.read_csv("tiny.csv.gz")
    assert columns == {"name": ["Lee, A.", "Kim"], "weight": ["1.5", ""]}
    weight = _files.numbers(columns["weight"])
    assert weight.dtype == np.float32
    np.testing.assert_array_equal(weight, np.array([1.5, np.nan], dtype=np.float32))
