"""MNIST, Fashion-MNIST and CIFAR-10 in small: the files are read as their makers wrote them."""

import gzip
import io
import struct
import tarfile

import numpy as np
import pytest

from dlcore.datasets import cifar10, fashion_mnist, fashion_small, imdb, mnist


def idx(array):
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes())


def test_fashion_mnist_is_read_from_four_idx_files(publish, monkeypatch):
    rng = np.random.default_rng(0)
    images = {
        "train": rng.integers(0, 256, (7, 28, 28)),
        "t10k": rng.integers(0, 256, (3, 28, 28)),
    }
    labels = {"train": rng.integers(0, 10, 7), "t10k": rng.integers(0, 10, 3)}
    monkeypatch.setattr(
        fashion_mnist,
        "FILES",
        {
            name: publish(
                remote,
                idx((images if "images" in name else labels)[name.split("-")[0]].astype(np.uint8)),
            )
            for name, remote in fashion_mnist.FILES.items()
        },
    )
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    assert x_train.dtype == x_test.dtype == np.uint8
    assert y_train.dtype == y_test.dtype == np.int64
    np.testing.assert_array_equal(x_train, images["train"])
    np.testing.assert_array_equal(y_train, labels["train"])
    np.testing.assert_array_equal(x_test, images["t10k"])
    np.testing.assert_array_equal(y_test, labels["t10k"])
    x_train[:] = 0  # a learner may write


@pytest.mark.parametrize("content", [b"", b"\0\0\x08", b"\0\0\x08\x03\0\0", b"<html></html>"])
def test_what_is_no_idx_file_is_refused(content):
    with pytest.raises(ValueError, match="no IDX file"):
        fashion_mnist.parse_idx(content)


def test_an_idx_file_of_another_length_is_refused():
    with pytest.raises(ValueError):
        fashion_mnist.parse_idx(gzip.decompress(idx(np.zeros((2, 3), np.uint8)))[:-1])


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_mnist_is_read_from_the_file_of_keras(publish, monkeypatch):
    rng = np.random.default_rng(0)
    made = {
        name: rng.integers(0, 256 if name[0] == "x" else 10, (n, 28, 28)[: 3 if n > 2 else 1])
        for name, n in {"x_train": 7, "y_train": 2, "x_test": 3, "y_test": 1}.items()
    }
    content = npz(**{name: array.astype(np.uint8) for name, array in made.items()})
    monkeypatch.setattr(mnist, "FILE", publish(mnist.FILE, content))
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    loaded = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    for name, array in loaded.items():
        np.testing.assert_array_equal(array, made[name])
        assert array.dtype == (np.uint8 if name[0] == "x" else np.int64)


PICKLED = npz(**{name: np.array([{}], object) for name in mnist._ARRAYS})


@pytest.mark.parametrize("content", [PICKLED, npz(other=np.ones(3)), b"PK\x03\x04", b"text"])
def test_another_file_than_mnist_is_refused_and_never_unpickled(publish, monkeypatch, content):
    monkeypatch.setattr(mnist, "FILE", publish(mnist.FILE, content))
    with pytest.raises(ValueError, match="is not the file of MNIST: "):
        mnist.load_data()


def archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_cifar10_is_read_from_the_binary_form(publish, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (12, 32, 32, 3)).astype(np.uint8)
    y = rng.integers(0, 10, 12)

    def rows(first, last):
        """By the description: the label, then all red, all green, all blue, row by row."""
        return b"".join(
            bytes([y[i]]) + b"".join(x[i, :, :, colour].tobytes() for colour in range(3))
            for i in range(first, last)
        )

    batches = {f"data_batch_{n}.bin": rows(2 * n - 2, 2 * n) for n in (3, 1, 2, 5, 4)}
    files = {"readme.html": b"<html>"} | batches | {"test_batch.bin": rows(10, 12)}
    monkeypatch.setattr(cifar10, "ARCHIVE", publish(cifar10.ARCHIVE, archive(files)))
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    np.testing.assert_array_equal(x_train, x[:10])
    np.testing.assert_array_equal(x_test, x[10:])
    assert x_train.dtype == np.uint8 and x_train.flags.c_contiguous and x_train.flags.writeable
    assert y_train.shape == (10, 1) and y_test.shape == (2, 1) and y_train.dtype == np.int64
    np.testing.assert_array_equal(y_train[:, 0], y[:10])
    np.testing.assert_array_equal(y_test[:, 0], y[10:])


def test_the_published_files_are_named_with_size_and_checksum():
    remotes = [*fashion_mnist.FILES.values(), cifar10.ARCHIVE, mnist.FILE, imdb.ARCHIVE]
    assert len({remote.name for remote in remotes}) == len({r.checksum for r in remotes}) == 7
    for remote in remotes:
        assert len(remote.checksum) == 64 and int(remote.checksum, 16) > 0
        assert len(remote.urls) > 1 and remote.size > 5000
        assert all(url.startswith("http") for url in remote.urls)
        assert "load_data()" in remote.instead
    assert fashion_mnist.class_names == fashion_small.class_names
    assert len(cifar10.class_names) == 10 and cifar10.class_names[3] == "cat"
