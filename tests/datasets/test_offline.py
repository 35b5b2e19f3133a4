"""Everything works with the network cut off, and loading data imports nothing heavy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dlcore import datasets

ROOT = Path(__file__).resolve().parents[2]

# An audit hook sees every use of a socket in the process, also from C; it cannot be removed.
CUT_OFF = """
import sys

def refuse(event, arguments):
    if event in REFUSED:
        raise RuntimeError(f"network used: {event} {arguments}")

REFUSED = {
    "socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
    "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "urllib.Request",
}
sys.addaudithook(refuse)
"""

# The photographs have no labels.
OFFLINE = [name for name in datasets.__all__ if name not in (*datasets.DOWNLOADED, "photos")]

LOAD = f"""
from dlcore.datasets import {", ".join(OFFLINE)}
for loader in ({", ".join(OFFLINE)}):
    (x_train, y_train), (x_test, y_test) = loader.load_data()
    assert len(x_train) == len(y_train) > len(x_test) == len(y_test) > 0
    print(loader.__name__)
from dlcore.datasets import photos
assert all(photo.size for photo in photos.load_data().values())
for loader in (credit, names, penguins, seattle_weather):
    assert loader.load_data(raw=True)
"""

TRAIN = """
import dlcore
from dlcore.datasets import penguins
(x, y), _ = penguins.load_data()
model = dlcore.Sequential([dlcore.layers.Dense(3, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit((x - x.mean(axis=0)) / x.std(axis=0), y, epochs=1, verbose=0)
print("trained")
"""

# As on a machine without a network, also where this one has one.
CONNECTION_REFUSED = """
import os, socket

def refuse(*arguments, **options):
    raise OSError("no network")

socket.getaddrinfo = refuse
os.environ["DLCORE_DATA_FOLDER"] = "cache"
"""

TOUCH_THE_NETWORK = {
    "connect": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "name": "import socket; socket.getaddrinfo('localhost', 80)",
    "datagram": "import socket as s; s.socket(type=s.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
    "url": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
}


def without_network():
    """Where Linux allows it, the process gets no network devices at all, besides the hook."""
    command = [shutil.which("unshare") or "unshare", "--net", "--map-root-user"]
    try:
        works = subprocess.run([*command, "true"], capture_output=True).returncode == 0
    except OSError:
        works = False
    return command if works else []


def run(code, folder, cut_off=CUT_OFF):
    """Run code in a fresh process, in an empty folder, with no way out."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*without_network(), sys.executable, "-c", cut_off + code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("way", TOUCH_THE_NETWORK)
def test_the_cut_is_real(way, tmp_path):
    result = run(TOUCH_THE_NETWORK[way], tmp_path)
    assert result.returncode != 0
    assert "network used" in result.stderr


def test_every_data_set_loads(tmp_path):
    result = run(LOAD, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [f"dlcore.datasets.{name}" for name in OFFLINE]
    assert len(OFFLINE) == 8


@pytest.mark.parametrize("name", datasets.DOWNLOADED)
def test_a_data_set_to_download_is_imported_and_says_that_it_needs_the_network(name, tmp_path):
    code = CONNECTION_REFUSED + f"from dlcore.datasets import {name}\n{name}.load_data()"
    result = run(code, tmp_path, cut_off="")
    assert "ConnectionError: " in result.stderr
    assert "has to be downloaded once, but https://" in result.stderr
    assert "Without a network, " in result.stderr


def test_a_model_trains(tmp_path):
    result = run(TRAIN, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["trained"]


def test_loading_imports_nothing_heavy(tmp_path):
    heavy = {"pandas", "scipy", "numba", "matplotlib", "sklearn", "ipywidgets", "pooch"}
    result = run(f"{LOAD}print(sorted({heavy} & set(sys.modules)))", tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"


def test_a_data_set_is_imported_when_it_is_asked_for(tmp_path):
    code = """
import dlcore.datasets
print("dlcore.datasets.penguins" in sys.modules)
dlcore.datasets.penguins.load_data()
print("dlcore.datasets.penguins" in sys.modules, "dlcore.datasets.credit" in sys.modules)
print(set(dlcore.datasets.__all__) <= set(dir(dlcore.datasets)))
dlcore.datasets.penguin
"""
    result = run(code, tmp_path)
    assert result.stdout.splitlines() == ["False", "True False", "True"]
    assert "AttributeError: dlcore.datasets has no 'penguin'; it has cifar10" in result.stderr
