"""The weather: three years to learn from, the fourth to be tested on."""

import datetime

import numpy as np

from dlcore.datasets import seattle_weather


def test_shapes_types_and_years():
    (x_train, y_train), (x_test, y_test) = seattle_weather.load_data()
    assert x_train.shape == (1096, 1) and y_train.shape == (1096,)
    assert x_test.shape == (365, 1) and y_test.shape == (365,)
    for array in (x_train, y_train, x_test, y_test):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    days = [*range(1, 367), *range(1, 366), *range(1, 366)]
    assert x_train[:, 0].tolist() == days
    assert x_test[:, 0].tolist() == list(range(1, 366))


def test_the_day_belongs_to_the_temperature():
    (x_train, y_train), (x_test, y_test) = seattle_weather.load_data()
    raw = seattle_weather.load_data(raw=True)
    days = np.concatenate([x_train, x_test])[:, 0]
    np.testing.assert_array_equal(np.concatenate([y_train, y_test]), raw["temp_max"])
    expected = [date.timetuple().tm_yday for date in raw["date"].tolist()]
    assert days.tolist() == expected
    assert y_train[0] == np.float32(12.8)


def test_raw_keeps_every_column():
    raw = seattle_weather.load_data(raw=True)
    numbers = ["precipitation", "temp_max", "temp_min", "wind"]
    assert list(raw) == ["date", *numbers, "weather"]
    assert {column.shape for column in raw.values()} == {(1461,)}
    assert raw["date"].dtype == np.dtype("datetime64[D]")
    assert raw["date"][0].item() == datetime.date(2012, 1, 1)
    assert raw["date"][-1].item() == datetime.date(2015, 12, 31)
    assert all(raw[name].dtype == np.float32 for name in numbers)
    assert raw["weather"].dtype.kind == "U"
    np.testing.assert_allclose([raw[name][0] for name in numbers], [0.0, 12.8, 5.0, 4.7])
