"""Random whole models against real Keras: predict, fit, evaluate, and files both ways."""

import os

import numpy as np
import pytest

import dlcore
from dlcore.models import load_model
from tests.keras.random_models import drawn

keras = pytest.importorskip("keras")

# Keras itself uses what NumPy deprecates.
pytestmark = pytest.mark.filterwarnings("ignore")

CASES = int(os.environ.get("DLCORE_KERAS_CASES", "60"))


def close(found, expected, share=2e-4):
    found, expected = np.asarray(found), np.asarray(expected)
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=share * scale)


@pytest.mark.parametrize("seed", range(CASES))
def test_a_random_model(seed, tmp_path):
    theirs, x, y, arguments = drawn(keras, seed)
    ours = drawn(dlcore, seed)[0]
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    rng = np.random.default_rng(seed)
    start = [np.asarray(w) + rng.uniform(0, 0.1, w.shape) for w in theirs.get_weights()]
    theirs.set_weights(start)
    ours.set_weights(start)
    close(ours.predict(x, verbose=0), theirs.predict(x, verbose=0))
    a = ours.evaluate(x, y, verbose=0, return_dict=True)
    b = theirs.evaluate(x, y, verbose=0, return_dict=True)
    assert a.keys() == b.keys()
    for name in a:
        close(a[name], b[name])
    a = ours.fit(x, y, shuffle=False, verbose=0, **arguments).history
    b = theirs.fit(x, y, shuffle=False, verbose=0, **arguments).history
    assert a.keys() == b.keys()
    close(a["loss"], b["loss"], 2e-3)
    for weight, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        close(weight, expected, 5e-3)
    ours.save(tmp_path / "ours.keras")
    back = keras.models.load_model(tmp_path / "ours.keras")
    close(back.predict(x, verbose=0), ours.predict(x, verbose=0))
    theirs.save(tmp_path / "theirs.keras")
    mine = load_model(tmp_path / "theirs.keras")
    close(mine.predict(x, verbose=0), theirs.predict(x, verbose=0))
    # Both go on from there, optimizer and all.
    mine.fit(x, y, shuffle=False, verbose=0, batch_size=4)
    theirs.fit(x, y, shuffle=False, verbose=0, batch_size=4)
    for weight, expected in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        close(weight, expected, 1e-2)
