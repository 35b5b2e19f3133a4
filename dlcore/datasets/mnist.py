"""MNIST: 70000 handwritten digits, downloaded once.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86 (1998), from forms that the American census bureau and
pupils had filled in (NIST Special Databases 1 and 3). Keras's documentation names Y. LeCun and
C. Cortes as holders of the copyright, and Creative Commons Attribution-Share Alike 3.0 as licence.
"""

import dataclasses
import zipfile

import numpy as np

from dlcore.datasets._split import Split
from dlcore.utils.download import Remote, fetch

# The file of Keras, and the place where its older versions found the same. The checksum is that in
# keras/src/datasets/mnist.py.
FILE = Remote(
    "mnist.npz",
    (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        "https://s3.amazonaws.com/img-datasets/mnist.npz",
    ),
    "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    11490434,
    "Without a network, digits8.load_data() gives handwritten digits of 8 by 8 pixels.",
)
_ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def load_data(path: str = "mnist.npz") -> Split:
    """Load MNIST: a grey image of a handwritten digit in, the digit out.

        (x_train, y_train), (x_test, y_test) = mnist.load_data()

    The first call downloads 11 MB into a cache, the folder DLCORE_DATA_FOLDER if that is set; a
    download that was interrupted goes on where it stopped. Every later call works without a
    network. `digits8` has smaller digits and needs none at all.

    The file is that of Keras, with the checksum that Keras publishes. This loader is tested on
    small files of the same form; the download itself was not tried when it was written.

    Args:
        path: what the file is called in the cache; default "mnist.npz".

    Returns:
        x_train (60000, 28, 28) uint8 and y_train (60000,) int64, x_test (10000, 28, 28) and
        y_test (10000,). A pixel is a whole number from 0 (ground) to 255; y is the digit.

    Raises:
        ConnectionError: the file has to be downloaded, but cannot be reached.
        PermissionError: the file has to be downloaded, but the cache cannot be written.
        ValueError: what was downloaded has the wrong checksum, or is another kind of file.
    """
    found = fetch(dataclasses.replace(FILE, name=path))
    try:
        with open(found, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            x_train, y_train, x_test, y_test = (arrays[name] for name in _ARRAYS)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{found} is not the file of MNIST: {error}.") from None
    return (x_train, y_train.astype(np.int64)), (x_test, y_test.astype(np.int64))
