"""All 70000 images of Fashion-MNIST, downloaded once (about its faults: fashion_small.md)."""

import gzip
import struct

import numpy as np

from dlcore.datasets._split import Split
from dlcore.datasets.fashion_small import class_names as class_names
from dlcore.utils.download import Remote, fetch

# The makers' own repository, and the server it names; the checksums are those of their files.
_PLACES = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
_PUBLISHED = {
    "train-images-idx3-ubyte.gz": (
        26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    "train-labels-idx1-ubyte.gz": (
        29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    "t10k-images-idx3-ubyte.gz": (
        4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    "t10k-labels-idx1-ubyte.gz": (
        5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
}  # fmt: skip
FILES = {
    name: Remote(
        f"fashion-mnist-{name}",
        tuple(place + name for place in _PLACES),
        sha256,
        size,
        "Without a network, fashion_small.load_data() gives 12000 of these images.",
    )
    for name, (size, sha256) in _PUBLISHED.items()
}


def load_data() -> Split:
    """Load the whole of Fashion-MNIST: a grey image in, its class out.

        (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()

    The first call downloads 31 MB into a cache, the folder DLCORE_DATA_FOLDER if that is set; a
    download that was interrupted goes on where it stopped. Every later call works without a
    network. `fashion_small` is a part of it that needs none at all.

    Returns:
        x_train (60000, 28, 28) uint8 and y_train (60000,) int64, x_test (10000, 28, 28) and
        y_test (10000,). A pixel is a whole number from 0 (ground) to 255; y is the place of the
        class in `class_names`, 0 to 9.

    Raises:
        ConnectionError: a file has to be downloaded, but cannot be reached.
        PermissionError: a file has to be downloaded, but the cache cannot be written.
        ValueError: what was downloaded has the wrong checksum.
    """
    x_train, y_train, x_test, y_test = (
        parse_idx(gzip.decompress(fetch(FILES[name]).read_bytes())) for name in _PUBLISHED
    )
    return (x_train, y_train.astype(np.int64)), (x_test, y_test.astype(np.int64))


def parse_idx(content: bytes) -> np.ndarray:
    """Read an IDX file of bytes (Y. LeCun, "The MNIST database", section "File formats").

    It begins with two zeros, 8 for the type, the number of axes, and the length of each axis in
    four bytes, largest first; the numbers follow, the last axis fastest.

    Raises:
        ValueError: it is no such file, or not of the length that it says.
    """
    axes = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    if not axes or len(content) < 4 + 4 * axes:
        raise ValueError("This is no IDX file of bytes: it should begin with 0, 0, 8.")
    shape = struct.unpack_from(f">{axes}I", content, 4)
    # A copy: what is made from bytes cannot be written.
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape).copy()
