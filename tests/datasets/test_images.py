"""The two bundled sets of images: shapes, balance, names, and the form that lessons rely on."""

import numpy as np
import pytest

from dlcore.datasets import _files, emoji10, fashion_small

SETS = [
    (fashion_small, "fashion_small.npz", (28, 28), 10000, 2000),
    (emoji10, "emoji10.npz", (32, 32, 3), 6000, 1500),
]


@pytest.mark.parametrize(("module", "name", "shape", "train", "test"), SETS)
def test_shapes_types_and_shares(module, name, shape, train, test):
    (x_train, y_train), (x_test, y_test) = module.load_data()
    for x, y, count in ((x_train, y_train, train), (x_test, y_test, test)):
        assert x.shape == (count, *shape) and x.dtype == np.uint8
        assert y.shape == (count,) and y.dtype == np.int64
        assert np.bincount(y).tolist() == [count // 10] * 10
        assert 80 < len(set(y[:1000].tolist())) * 10  # not sorted
    arrays = _files.read_npz(name)
    np.testing.assert_array_equal(x_train, arrays["X_train"])
    np.testing.assert_array_equal(y_train, arrays["y_train"])
    np.testing.assert_array_equal(x_test, arrays["X_test"])
    np.testing.assert_array_equal(y_test, arrays["y_test"])
    assert list(module.class_names) == arrays["class_names"].tolist()


@pytest.mark.parametrize(("module", "name", "shape", "train", "test"), SETS)
def test_no_test_image_was_trained_on(module, name, shape, train, test):
    (x_train, _), (x_test, _) = module.load_data()
    known = {image.tobytes() for image in x_train}
    assert not any(image.tobytes() in known for image in x_test)


def test_a_linear_model_reaches_the_known_accuracy():
    """Softmax regression by gradient descent; others reach .850 with more patience."""
    (x_train, y_train), (x_test, y_test) = fashion_small.load_data()
    x_train, x_test = x_train.reshape(-1, 784) / 255, x_test.reshape(-1, 784) / 255
    w = np.zeros((784, 10))
    for _ in range(60):
        z = x_train @ w
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(p)), y_train] -= 1
        w -= 0.1 * x_train.T @ p / len(p)
    assert np.mean(np.argmax(x_test @ w, axis=1) == y_test) > 0.73
