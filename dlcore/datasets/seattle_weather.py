"""Four years of Seattle's weather, day by day (datasheet: datasets/seattle_weather.md)."""

import numpy as np

from dlcore.datasets._files import numbers, read_csv
from dlcore.datasets._split import Split


def load_data(raw: bool = False) -> Split | dict[str, np.ndarray]:
    """Load the weather: the day of the year in, the highest temperature of that day out.

        (x_train, y_train), (x_test, y_test) = seattle_weather.load_data()

    The years 2012 to 2014 are for training and 2015 is for testing, each in the order of the
    calendar: neighbouring days are alike, so a test day drawn at random would be known from
    the training days beside it.

    Args:
        raw: return the table as it stands, instead.

    Returns:
        Four float32 arrays: x_train (1096, 1) and y_train (1096,), x_test (365, 1) and y_test
        (365,). x is the day of the year, 1 to 365, or 366 in the leap year 2012; y is the
        highest temperature in degrees Celsius. Neither is scaled.

        With raw=True a dict of 6 arrays (1461,), one for each column: "date" is datetime64[D];
        "precipitation" (mm), "temp_max" and "temp_min" (degrees Celsius) and "wind" (m/s) are
        float32; "weather" is a string. There are no gaps.

    Raises:
        ValueError: the data file is damaged.
        FileNotFoundError: the data file is missing.
    """
    columns = read_csv("seattle_weather.csv.gz")
    table = {name: numbers(columns[name]) for name in columns if name not in ("date", "weather")}
    date = np.array(columns["date"], dtype="datetime64[D]")
    if raw:
        return {"date": date, **table, "weather": np.array(columns["weather"])}
    year = date.astype("datetime64[Y]")
    day = (date - year).astype(np.int64) + 1
    x, y = day.astype(np.float32)[:, None], table["temp_max"]
    train = year < np.datetime64("2015", "Y")
    return (x[train], y[train]), (x[~train], y[~train])
