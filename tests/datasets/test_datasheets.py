"""Each data file has a checksum, a licence and a datasheet whose figures hold."""

import hashlib
import re

import numpy as np
import pytest

from dlcore import resources
from dlcore.datasets import _files, credit, names, penguins, photos, seattle_weather

FOLDER = resources.datasets_folder()
DATA = sorted(
    path.name
    for path in FOLDER.iterdir()
    if path.suffix != ".md" and path.name != "SHA256SUMS" and not path.name.startswith(".")
)
SECTIONS = [
    "What a row is",
    "In figures",
    "Where it comes from, who made it and why",
    "Known faults",
    "Licence and citation",
]


def datasheet(name):
    return (FOLDER / f"{name.split('.')[0]}.md").read_text(encoding="utf-8")


def figures(name):
    """The table below "In figures", as a dict of text."""
    section = datasheet(name).split("## In figures")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", section, flags=re.MULTILINE)
    return {figure: value for figure, value in rows if figure not in ("figure", "---")}


def whole(values):
    return ", ".join(f"{value:.0f}" for value in values)


def span(column, digits=0):
    return f"{np.nanmin(column):.{digits}f} to {np.nanmax(column):.{digits}f}"


def counts(column, names):
    return whole(np.sum(column == name) for name in names)


def test_the_expected_files_are_there():
    assert DATA == [
        "credit.csv.gz",
        "digits8.npz",
        "emoji10.npz",
        "fashion_small.npz",
        "names.csv.gz",
        "penguins.csv.gz",
        "photos.npz",
        "seattle_weather.csv.gz",
    ]


def test_the_checksums_are_those_of_exactly_the_files_that_are_there():
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert lines == [
        f"{hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()}  {name}" for name in DATA
    ]


def test_every_file_has_a_row_in_the_licences_and_no_row_lacks_its_file():
    text = (FOLDER / "LICENSES.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| \[(\S+)\]\((\S+)\) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    assert [row[0] for row in rows] == DATA
    for name, sheet, link, _source, _licence in rows:
        assert sheet == link == f"{name.split('.')[0]}.md"
        assert (FOLDER / sheet).is_file()
    for notice in (
        "Copyright (c) 2019 Max Kuhn, RStudio",
        "2007-2026 The scikit-learn developers",
        "Copyright (c) 2017 Zalando SE",
        "Copyright (c) Microsoft Corporation",
        "Copyright 2020 Twitter, Inc and other contributors",
        "china: danielbuechele",
        "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION",
    ):
        assert notice in text


@pytest.mark.parametrize("name", DATA)
def test_every_file_has_a_datasheet_with_every_section(name):
    text = datasheet(name)
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == SECTIONS
    assert f"`{name}`" in text
    bodies = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(len(body.split()) >= 20 for body in bodies)


def test_figures_of_credit():
    raw = credit.load_data(raw=True)
    table = _files.read_csv("credit.csv.gz")
    bad = raw["Status"] == "bad"
    no_income = np.isnan(raw["Income"])
    eight = np.stack([raw[name] for name in credit.feature_names])
    rows = list(zip(*table.values(), strict=True))
    repeats = len(rows) - len(set(rows))
    _, (_, y_test) = credit.load_data()
    assert figures("credit.csv.gz") == {
        "rows": str(len(rows)),
        "columns": str(len(raw)),
        "good": str(np.sum(~bad)),
        "bad": str(np.sum(bad)),
        **{f"gaps in {name}": str(cells.count("")) for name, cells in table.items() if "" in cells},
        "rows with a gap in one of the eight numbers": str(np.isnan(eight).any(axis=0).sum()),
        "share of the bad without Income": f"{100 * no_income[bad].mean():.1f} %",
        "share of the good without Income": f"{100 * no_income[~bad].mean():.1f} %",
        "rows with Assets 0": str(np.sum(raw["Assets"] == 0)),
        "rows with Debt 0": str(np.sum(raw["Debt"] == 0)),
        "Age, least to greatest": span(raw["Age"]),
        **{
            f"{name}, median and greatest": whole([np.nanmedian(raw[name]), np.nanmax(raw[name])])
            for name in ("Income", "Assets", "Debt")
        },
        "rows whose Expenses are 35, 45, 60, 75, 90 or 105": str(
            np.isin(raw["Expenses"], [35, 45, 60, 75, 90, 105]).sum()
        ),
        "rows that repeat an earlier row": str(repeats),
        "rows that repeat an earlier row but for Status": str(
            len(rows) - len({row[1:] for row in rows}) - repeats
        ),
        "test accuracy of always saying good": f"{np.mean(y_test == 0):.3f}"[1:],
    }


def test_figures_of_digits8():
    arrays = _files.read_npz("digits8.npz")
    x = arrays["X"]
    flat = x.reshape(len(x), -1)
    assert figures("digits8.npz") == {
        "images": str(len(x)),
        "height and width": f"{x.shape[1]} x {x.shape[2]}",
        "least and greatest pixel": whole([x.min(), x.max()]),
        "images of 0, 1, ..., 9": whole(np.bincount(arrays["y"])),
        "pixels that are 0 in every image": str(np.sum(~flat.any(axis=0))),
        "images that occur twice": str(len(x) - len(np.unique(flat, axis=0))),
        "mean pixel": f"{x.mean():.2f}",
    }


def images(name):
    """The arrays, and the figures that both sets of images give."""
    arrays = _files.read_npz(name)
    x_train, x_test = arrays["X_train"], arrays["X_test"]
    flat = np.concatenate([x_train, x_test]).reshape(len(x_train) + len(x_test), -1)
    train, test = np.bincount(arrays["y_train"]), np.bincount(arrays["y_test"])
    return x_train, {
        "images to train on, to test on": whole([len(x_train), len(x_test)]),
        "classes": str(len(arrays["class_names"])),
        "images of each class to train on, to test on": whole([*{*train}, *{*test}]),
        "images that occur twice": str(len(flat) - len(np.unique(flat, axis=0))),
    }


def test_figures_of_fashion_small():
    x, common = images("fashion_small.npz")
    assert figures("fashion_small.npz") == common | {
        "height and width": " x ".join(map(str, x.shape[1:])),
        "least and greatest pixel": whole([x.min(), x.max()]),
        "mean pixel of the images to train on": f"{x.mean():.1f}",
        "share of pixels that are 0": f"{100 * np.mean(x == 0):.1f} %",
    }


def test_figures_of_emoji10():
    x, common = images("emoji10.npz")
    assert figures("emoji10.npz") == common | {
        "height, width and colours": " x ".join(map(str, x.shape[1:])),
        "least and greatest value": whole([x.min(), x.max()]),
        "mean red, green and blue": whole(x.mean(axis=(0, 1, 2))),
    }


def test_figures_of_names():
    raw = names.load_data(raw=True)
    name, sex = raw["name"], raw["sex"]
    women, men = ({*name[sex == one]} for one in names.class_names)
    lengths, last = np.char.str_len(name), np.array([one[-1] for one in name])
    rows = list(zip(name, sex, strict=True))
    _, (_, y_test) = names.load_data()
    assert figures("names.csv.gz") == {
        "rows": str(len(name)),
        "columns": str(len(raw)),
        "female, male": counts(sex, names.class_names),
        "different names": str(len(women | men)),
        "names that stand in both lists": str(len(women & men)),
        "rows that repeat an earlier row": str(len(rows) - len(set(rows))),
        "letters, least to greatest": span(lengths),
        "mean number of letters": f"{lengths.mean():.2f}",
        "names with a hyphen": str(np.sum(np.char.find(name, "-") >= 0)),
        "names with a capital inside": str(
            sum(part[1:] != part[1:].lower() for one in name for part in one.split("-"))
        ),
        "rows that end with a, female and male": counts(sex[last == "a"], names.class_names),
        "rows that end with o, female and male": counts(sex[last == "o"], names.class_names),
        "test accuracy of always saying female": f"{np.mean(y_test == 0):.3f}"[1:],
    }


def test_figures_of_penguins():
    raw = penguins.load_data(raw=True)
    x, y = raw["flipper_length_mm"], raw["body_mass_g"]
    measured = ~np.isnan(y)
    masses = [y[measured & (raw["species"] == name)].mean() for name in penguins.species_names]
    assert np.all(y[measured] % 25 == 0)
    assert figures("penguins.csv.gz") == {
        "rows": str(len(y)),
        "columns": str(len(raw)),
        **{name: str(np.sum(raw["species"] == name)) for name in penguins.species_names},
        "rows without measurements": str(np.sum(~measured)),
        "rows without a sex": str(np.sum(raw["sex"] == "")),
        "flipper length, least to greatest": span(x),
        "body mass, least to greatest": span(y),
        "mean body mass of Adelie, Chinstrap, Gentoo": whole(masses),
        "correlation of flipper length and body mass": (
            f"{np.corrcoef(x[measured], y[measured])[0, 1]:.3f}"
        ),
    }


def test_figures_of_photos():
    both = photos.load_data()
    assert figures("photos.npz") == {
        "photographs": str(len(both)),
        "height, width and colours": " x ".join(map(str, both["china"].shape)),
        **{
            f"least and greatest value, {name}": whole([photo.min(), photo.max()])
            for name, photo in both.items()
        },
        **{
            f"mean red, green and blue, {name}": whole(photo.mean(axis=(0, 1)))
            for name, photo in both.items()
        },
    }


def test_figures_of_seattle_weather():
    raw = seattle_weather.load_data(raw=True)
    date, weather, wet = raw["date"], raw["weather"], raw["precipitation"] > 0
    month = date.astype("datetime64[M]").astype(int) % 12 + 1
    year = date.astype("datetime64[Y]").astype(int) + 1970
    assert np.all(np.diff(date) == np.timedelta64(1, "D"))
    high, years = raw["temp_max"].astype(np.float64), range(2012, 2016)
    rain_late = (weather == "rain") & (date >= np.datetime64("2013-04-01"))
    assert figures("seattle_weather.csv.gz") == {
        "days": str(len(date)),
        "columns": str(len(raw)),
        "highest temperature, least to greatest": span(raw["temp_max"], 1),
        "mean highest temperature": f"{high.mean():.1f}",
        "mean highest temperature in January": f"{high[month == 1].mean():.1f}",
        "mean highest temperature in August": f"{high[month == 8].mean():.1f}",
        "lowest temperature, least to greatest": span(raw["temp_min"], 1),
        "days with precipitation": str(wet.sum()),
        "greatest precipitation": f"{raw['precipitation'].max():.1f}",
        "days with precipitation in 2012, 2013, 2014, 2015": whole(
            wet[year == one].sum() for one in years
        ),
        "days called drizzle, fog, rain, snow, sun": counts(
            weather, ["drizzle", "fog", "rain", "snow", "sun"]
        ),
        "days called rain in 2012, 2013, 2014, 2015": whole(
            np.sum(weather[year == one] == "rain") for one in years
        ),
        "days called rain from April 2013 on": str(rain_late.sum()),
        "days called sun although there was precipitation": str(np.sum((weather == "sun") & wet)),
        "days called rain although there was none": str(np.sum((weather == "rain") & ~wet)),
    }
