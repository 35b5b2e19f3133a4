"""The helpers of dlcore.utils against Keras's own."""

import numpy as np
import pytest

from dlcore import utils

keras = pytest.importorskip("keras")

# Keras's own, with PyTorch below it; and with JAX, which keeps no int64 and says so.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore:Explicitly requested dtype int64:UserWarning"
)


@pytest.mark.parametrize("seed", range(100))
def test_the_same_arrays(seed):
    rng = np.random.default_rng(seed)
    sequences = [list(rng.integers(1, 9, rng.integers(0, 6))) for _ in range(rng.integers(1, 6))]
    sequences[0] = sequences[0] or [1]
    arguments = {
        "maxlen": rng.choice([None, 1, 3, 7]),
        "dtype": str(rng.choice(["int32", "float32"])),
        "padding": str(rng.choice(["pre", "post"])),
        "truncating": str(rng.choice(["pre", "post"])),
        "value": float(rng.choice([0, -1])),
    }
    found = utils.pad_sequences(sequences, **arguments)
    expected = keras.utils.pad_sequences(sequences, **arguments)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)

    x, order = rng.normal(size=(3, 4)), rng.choice([1, 2, 3])
    np.testing.assert_allclose(utils.normalize(x, -1, order), keras.utils.normalize(x, -1, order))

    labels = rng.integers(0, 4, 9)
    expected = keras.utils.to_categorical(labels, 5)
    np.testing.assert_array_equal(utils.to_categorical(labels, 5), expected)


@pytest.mark.parametrize("seed", range(30))
def test_confusion(seed):
    from keras.src.metrics.metrics_utils import confusion_matrix

    rng = np.random.default_rng(seed)
    labels, predictions = rng.integers(0, 4, (2, 12))
    # Keras makes the weights whole numbers first.
    weights = rng.integers(0, 3, 12) if seed % 2 else None
    found = utils.confusion_matrix(labels, predictions, 4, weights)
    expected = confusion_matrix(labels, predictions, 4, weights)
    np.testing.assert_array_equal(found, keras.ops.convert_to_numpy(expected))
