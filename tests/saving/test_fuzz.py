"""Files with bits turned, ends cut off and descriptions changed at random are read or refused.

Only a ValueError with one sentence may come out, never another error; what is read is a model.
"""

from __future__ import annotations

import io
import json
import random
import zipfile

import pytest

from dlcore.layers import GRU, BatchNormalization, Dense, Dropout, Embedding, Input
from dlcore.models import Model, Sequential, load_model

# A file that is read may lack the state of its optimizer, which is said by a warning.
pytestmark = pytest.mark.filterwarnings("ignore:The optimizer:UserWarning")


@pytest.fixture(scope="module")
def files():
    """The contents of two files: a Sequential model and a graph."""
    stack = Sequential([Input((4,)), Dense(3, "relu"), Dropout(0.5), Dense(1)])
    stack.compile("adam", "mse", metrics=["mae"])
    words = Input((5,))
    h = GRU(3)(Embedding(7, 2)(words))
    graph = Model(words, Dense(2)(BatchNormalization()(h * 2.0 + h)))
    return stack, graph


def content_of(model, folder):
    model.save(folder / "whole.keras")
    return (folder / "whole.keras").read_bytes()


def tried(path):
    """Whether the file was read; a refusal has one sentence that names the file."""
    try:
        model = load_model(path)
    except ValueError as error:
        assert type(error) is ValueError
        message = str(error)
        assert message.startswith("The file 'm.keras' cannot be loaded: ")
        assert message.endswith(".") and len(message) < 800
        return False
    assert isinstance(model, Model)
    return True


@pytest.mark.parametrize("which", [0, 1])
def test_turned_bits(files, which, tmp_path):
    whole = content_of(files[which], tmp_path)
    path = tmp_path / "m.keras"
    chance = random.Random(which)
    read = 0
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 1, 2, 8, 64])):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        read += tried(path)
    # The check sums of the zip file see nearly all; what is turned between members does no harm.
    assert read < 75


@pytest.mark.parametrize("which", [0, 1])
def test_cut_off_ends(files, which, tmp_path):
    whole = content_of(files[which], tmp_path)
    path = tmp_path / "m.keras"
    chance = random.Random(which)
    for _ in range(60):
        path.write_bytes(whole[: chance.randrange(len(whole) - 22)])
        assert not tried(path)


@pytest.mark.parametrize("which", [0, 1])
def test_turned_bits_under_right_check_sums(files, which, tmp_path):
    members = unpacked(content_of(files[which], tmp_path))
    path = tmp_path / "m.keras"
    chance = random.Random(which)
    read = 0
    for _ in range(100):
        weights = bytearray(members["model.weights.h5"])
        # Where the structure of an HDF5 file lies: at its start, and before each array.
        for _ in range(chance.choice([1, 4, 32])):
            weights[chance.randrange(len(weights))] ^= 1 << chance.randrange(8)
        pack(path, members | {"model.weights.h5": bytes(weights)})
        read += tried(path)
    assert 0 < read < 100


NONSENSE = [
    None, True, False, 0, -1, 1, 3, 10**9, 10**30, 0.5, -1e308, float("nan"), float("inf"), "", "x",
    "relu", "Dense", "../x", "\x00", [], [[]], [None], [1, 2], {}, {"class_name": "Dense"},
    {"class_name": "Dense", "config": {}}, {"class_name": "__lambda__", "config": {"value": "x"}},
    {"class_name": "__numpy__", "config": {"value": [1], "dtype": "float32"}},
    {"class_name": "function", "config": "relu"},
    {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}},
    {"module": "keras.src.ops.numpy", "class_name": "Add", "config": {"name": "x"}},
]  # fmt: skip


def places(value, found):
    """Every place in a description, as the container and the key."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        found.append((value, key))
        if isinstance(inner, dict | list):
            places(inner, found)
    return found


@pytest.mark.parametrize("which", [0, 1])
def test_descriptions_with_nonsense(files, which, tmp_path):
    members = unpacked(content_of(files[which], tmp_path))
    path = tmp_path / "m.keras"
    chance = random.Random(which)
    read = 0
    for _ in range(250):
        config = json.loads(members["config.json"])
        for _ in range(chance.choice([1, 1, 2, 4])):
            container, key = chance.choice(places(config, []))
            what = chance.randrange(4)
            if what == 0:
                del container[key]
            elif what == 1:
                other, from_key = chance.choice(places(config, [(container, key)]))
                if from_key in other if isinstance(other, dict) else True:
                    container[key] = json.loads(json.dumps(other[from_key]))
            else:
                container[key] = chance.choice(NONSENSE)
        pack(path, members | {"config.json": json.dumps(config).encode()})
        read += tried(path)
    assert 0 < read < 200


@pytest.mark.parametrize("which", [0, 1])
def test_texts_that_are_nearly_descriptions(files, which, tmp_path):
    members = unpacked(content_of(files[which], tmp_path))
    path = tmp_path / "m.keras"
    chance = random.Random(which)
    for _ in range(60):
        text = bytearray(members["config.json"])
        at = chance.randrange(len(text))
        what = chance.randrange(3)
        if what == 0:
            del text[at : at + chance.randrange(1, 40)]
        elif what == 1:
            text[at:at] = bytes(chance.randrange(256) for _ in range(3))
        else:
            text[at:at] = text[: chance.randrange(len(text))]
        pack(path, members | {"config.json": bytes(text)})
        tried(path)


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
