"""Three kinds of penguin, measured near Palmer Station (datasheet: datasets/penguins.md)."""

import numpy as np

from dlcore.datasets._files import numbers, read_csv
from dlcore.datasets._split import Split, stratified_split

feature_names = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
species_names = ("Adelie", "Chinstrap", "Gentoo")


def load_data(
    test_split: float = 0.25, seed: int = 0, raw: bool = False
) -> Split | dict[str, np.ndarray]:
    """Load the penguins: four measurements in, the species out.

        (x_train, y_train), (x_test, y_test) = penguins.load_data()

    The columns of x are those of `feature_names`, in millimetres and, the last one, grams; they
    are not scaled. The two birds without measurements are left out. One measurement against
    another, in real units, comes from the table itself:

        table = penguins.load_data(raw=True)
        measured = ~np.isnan(table["body_mass_g"])
        x = table["flipper_length_mm"][measured]
        y = table["body_mass_g"][measured]

    Args:
        test_split: the share of each species that is kept for testing; default 0.25.
        seed: chooses which rows; the default 0 always gives the same ones.
        raw: return the table as it stands, instead; test_split and seed then play no part.

    Returns:
        x_train (256, 4) float32 and y_train (256,) int64, x_test (86, 4) and y_test (86,), in
        random order. y is the place of the species in `species_names`: 0, 1 or 2.

        With raw=True a dict of 8 arrays (344,), one for each column, in the order of the file:
        the four measurements are float32 with NaN for a gap, "year" is int64, and "species",
        "island" and "sex" are strings with "" for a gap.

    Raises:
        ValueError: test_split or seed is out of range, or the data file is damaged.
        FileNotFoundError: the data file is missing.
    """
    columns = read_csv("penguins.csv.gz")
    table = {name: np.array(cells) for name, cells in columns.items()}
    table |= {name: numbers(columns[name]) for name in feature_names}
    table["year"] = table["year"].astype(np.int64)
    if raw:
        return table
    x = np.stack([table[name] for name in feature_names], axis=1)
    y = np.array([species_names.index(name) for name in columns["species"]], dtype=np.int64)
    measured = ~np.isnan(x).any(axis=1)
    x, y = x[measured], y[measured]
    train, test = stratified_split(y, test_split, seed)
    return (x[train], y[train]), (x[test], y[test])
