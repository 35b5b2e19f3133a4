"""Names of folders and files, as the platforms and teachers write them."""

import pytest

from dlcore.course.grading.owners import Owner, copy_number, owner, plain, run_together


@pytest.mark.parametrize(
    "name, is_folder, expected",
    [
        ("Mara Müller_12345_assignsubmission_file_", True, Owner("Mara Müller", "12345")),
        ("Mara Müller_12345_assignsubmission_file", True, Owner("Mara Müller", "12345")),
        ("Participant 7_8_assignsubmission_onlinetext_", True, Owner("Participant 7", "8")),
        (
            "Li_Na_12_assignsubmission_file_my_work.ipynb", False,
            Owner("Li_Na", "12", rest="my_work.ipynb"),
        ),
        (
            "mullermara_LATE_12_345_01_one-2.ipynb", False,
            Owner("mullermara", "12", True, 345, "01_one-2.ipynb"),
        ),
        ("ngocanh_12_345_w.ipynb", False, Owner("ngocanh", "12", False, 345, "w.ipynb")),
        ("mara__01.ipynb", False, Owner("mara", rest="mara__01.ipynb")),
        ("Ἀθηνᾶ.ipynb", False, Owner("Ἀθηνᾶ", rest="Ἀθηνᾶ.ipynb")),
        ("mara_1_2_3", True, Owner("mara_1_2_3")),
        ("李娜", True, Owner("李娜")),
    ],
)  # fmt: skip
def test_whose_it_is(name, is_folder, expected):
    assert owner(name, is_folder) == expected


def test_copies_are_counted():
    names = ["a.ipynb", "a (2).ipynb", "a(3).ipynb", "a-4.ipynb", "a-2026-11.ipynb", "04.ipynb"]
    assert [copy_number(name) for name in names] == [0, 2, 3, 4, 11, 0]


def test_two_lists_name_the_same_person():
    assert plain("Müller, Mara") == plain("mara  Muller")
    assert plain("Mara Müller") != plain("Mara Mueller")
    assert "mullermara" in run_together("Mara Müller")
    assert "vanderbergjan" not in run_together("Mara Müller")
