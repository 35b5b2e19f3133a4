"""Windows over a series are those that Keras cuts, with the targets that it gives them."""

import numpy as np
import pytest

from dlcore import Input, Sequential, layers, utils
from dlcore.utils import timeseries_dataset_from_array


def test_each_window_has_the_target_that_stands_where_it_starts():
    data = np.arange(20)
    batches = timeseries_dataset_from_array(data[:-4], data[4:], 3, batch_size=5)
    found = list(batches)
    assert len(batches) == len(found) == 3
    x, y = (np.concatenate(parts) for parts in zip(*found, strict=True))
    assert x.tolist() == [[i, i + 1, i + 2] for i in range(14)]
    assert y.tolist() == list(range(4, 18))


def test_stride_rate_and_part_of_the_series():
    data = np.stack([np.arange(30), -np.arange(30)], axis=1)
    batches = timeseries_dataset_from_array(
        data, None, 4, sequence_stride=5, sampling_rate=2, start_index=3, end_index=26
    )
    (x,) = batches
    assert x.shape == (4, 4, 2)  # starts 3, 8, 13 and 18: 18 + 3 * 2 is the last before 26
    assert x[:, :, 0].tolist() == [[s, s + 2, s + 4, s + 6] for s in (3, 8, 13, 18)]
    assert (x[:, :, 1] == -x[:, :, 0]).all()
    alone = list(timeseries_dataset_from_array(data, data[:2, 0], 4, batch_size=None))
    assert [window.shape for window, _ in alone] == [(4, 2)] * 2
    assert [target for _, target in alone] == [0, 1]


def test_the_order_is_another_in_each_pass_and_the_same_for_a_seed():
    data = np.arange(40)

    def passes(**how):
        batches = timeseries_dataset_from_array(data, data, 2, batch_size=7, shuffle=True, **how)
        found = [np.concatenate([y for _, y in batches]) for _ in range(2)]
        for x, y in batches:
            assert (x[:, 0] == y).all()
        return found

    first, second = passes(seed=3)
    assert sorted(first) == sorted(second) == list(range(39))
    assert first.tolist() != second.tolist()
    assert np.array_equal(passes(seed=3), [first, second])
    utils.set_random_seed(1)
    drawn = passes()
    utils.set_random_seed(1)
    assert np.array_equal(passes(), drawn)


def test_fit_evaluate_and_predict_take_them():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(200, 2))
    batches = timeseries_dataset_from_array(data[:-1], data[5:, 0], 5, batch_size=32, shuffle=True)
    utils.set_random_seed(0)
    model = Sequential([Input((5, 2)), layers.Flatten(), layers.Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(batches, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert model.evaluate(batches, verbose=0) > 0
    windows = timeseries_dataset_from_array(data, None, 5, batch_size=32)
    assert model.predict(windows, verbose=0).shape == (196, 1)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"sequence_length": 30}, "needs 30 steps, but data has 20"),
        ({"sequence_length": 0}, "sequence_length is at least 1, not 0"),
        ({"sequence_length": 3, "sampling_rate": 0}, "sampling_rate is at least 1"),
        ({"sequence_length": 3, "start_index": 20}, "start_index 20 and end_index 20"),
        ({"sequence_length": 3, "end_index": 21}, "20 steps of data"),
        ({"sequence_length": 3, "targets": []}, "targets has 0 entries"),
    ],
)
def test_what_does_not_fit_is_told(how, said):
    with pytest.raises(ValueError, match=said):
        timeseries_dataset_from_array(np.arange(20), **{"targets": None, **how})
    with pytest.raises(TypeError, match="a whole number, not 2.5"):
        timeseries_dataset_from_array(np.arange(20), None, 2.5)
