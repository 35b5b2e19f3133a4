"""The penguins: real units, the two unmeasured birds, and the pair that lesson 01 draws."""

import numpy as np

from dlcore.datasets import penguins


def test_shapes_types_and_shares():
    (x_train, y_train), (x_test, y_test) = penguins.load_data()
    assert x_train.shape == (256, 4) and y_train.shape == (256,)
    assert x_test.shape == (86, 4) and y_test.shape == (86,)
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64
    assert np.bincount(y_train).tolist() == [113, 51, 92]
    assert np.bincount(y_test).tolist() == [38, 17, 31]


def test_columns_are_in_real_units_and_labels_in_the_order_of_the_names():
    (x_train, y_train), (x_test, y_test) = penguins.load_data()
    x, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    raw = penguins.load_data(raw=True)
    for label, species in enumerate(penguins.species_names):
        ours = sorted(map(tuple, x[y == label]))
        rows = raw["species"] == species
        table = np.stack([raw[name][rows] for name in penguins.feature_names], axis=1)
        assert ours == sorted(map(tuple, table[~np.isnan(table[:, 0])]))
    assert penguins.species_names == ("Adelie", "Chinstrap", "Gentoo")


def test_raw_keeps_every_column_with_its_gaps():
    raw = penguins.load_data(raw=True)
    assert list(raw) == [
        "species", "island", "bill_length_mm", "bill_depth_mm",
        "flipper_length_mm", "body_mass_g", "sex", "year",
    ]  # fmt: skip
    assert {column.shape for column in raw.values()} == {(344,)}
    assert raw["year"].dtype == np.int64
    for name in penguins.feature_names:
        assert raw[name].dtype == np.float32
        assert np.flatnonzero(np.isnan(raw[name])).tolist() == [3, 271]
    for name in ("species", "island", "sex"):
        assert raw[name].dtype.kind == "U"
    assert np.sum(raw["sex"] == "") == 11
    assert [raw[name][0] for name in ("species", "island", "sex")] == [
        "Adelie",
        "Torgersen",
        "male",
    ]
    np.testing.assert_allclose(
        [raw[name][0] for name in penguins.feature_names], [39.1, 18.7, 181, 3750]
    )


def test_flipper_and_mass_as_the_docstring_takes_them():
    table = penguins.load_data(raw=True)
    measured = ~np.isnan(table["body_mass_g"])
    x, y = table["flipper_length_mm"][measured], table["body_mass_g"][measured]
    assert x.shape == y.shape == (342,)
    slope, intercept = np.polyfit(x, y, 1)
    np.testing.assert_allclose([slope, intercept], [49.69, -5780.83], rtol=1e-3)


def test_the_seed_chooses_the_rows():
    first, again, other = (penguins.load_data(seed=seed)[1][0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
