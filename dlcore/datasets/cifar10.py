"""CIFAR-10: 60000 small photographs in ten classes, downloaded once.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", University of Toronto 2009.
The binary form is read, since the form for Python is a pickle, which could run any program.
"""

import tarfile
from pathlib import Path

import numpy as np

from dlcore.datasets._split import Split
from dlcore.utils.download import Remote, fetch

class_names = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
ARCHIVE = Remote(
    "cifar-10-binary.tar.gz",
    (
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
    ),
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    170052171,
    "Without a network, emoji10.load_data() gives colour images of the same size.",
)
_PIXELS = 3 * 32 * 32


def load_data() -> Split:
    """Load CIFAR-10: a photograph of 32 by 32 pixels in, one of ten classes out.

        (x_train, y_train), (x_test, y_test) = cifar10.load_data()

    The first call downloads 170 MB into a cache, the folder DLCORE_DATA_FOLDER if that is set; a
    download that was interrupted goes on where it stopped. Every later call works without a
    network. `emoji10` has the same form and needs none at all.

    Returns:
        x_train (50000, 32, 32, 3) uint8, red, green and blue from 0 to 255, and y_train (50000, 1)
        int64, x_test (10000, 32, 32, 3) and y_test (10000, 1). y is the place of the class in
        `class_names`, 0 to 9. It has two axes as in Keras, since programs for CIFAR-10 index it
        that way; `y_train[:, 0]` are the plain numbers.

    Raises:
        ConnectionError: the file has to be downloaded, but cannot be reached.
        PermissionError: the file has to be downloaded, but the cache cannot be written.
        ValueError: what was downloaded has the wrong checksum.
    """
    parts = read_archive(fetch(ARCHIVE))
    train = [parts[f"data_batch_{number}.bin"] for number in range(1, 6)]
    x, y = (np.concatenate(arrays) for arrays in zip(*train, strict=True))
    return (x, y), parts["test_batch.bin"]


def read_archive(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read images and labels of each .bin file; nothing is unpacked onto the disk."""
    parts = {}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            file = archive.extractfile(member) if name.endswith(".bin") else None
            if file is not None:
                parts[name] = parse(file.read())
    return parts


def parse(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Read rows of one label and 3072 pixels: all red ones row by row, then green, then blue.

    Returns:
        x (n, 32, 32, 3) uint8 and y (n, 1) int64.
    """
    rows = np.frombuffer(content, np.uint8).reshape(-1, 1 + _PIXELS)
    x = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(x), rows[:, :1].astype(np.int64)
