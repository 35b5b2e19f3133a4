"""Rosters of every usual form, and whose a hand-in is."""

import pytest

from dlcore.course.grading import roster
from dlcore.course.grading.roster import Entry, match


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return roster.read(path)


@pytest.mark.parametrize(
    "text",
    [
        "student,id\nMara Müller,77\n",
        "\ufeffFirst name;Surname;ID number;Email address\nMara;Müller;77;m@x.org\n",
        'Student,ID,SIS User ID\n"Points Possible",,\n"Müller, Mara",5,77\n"Student, Test",9,\n',
        "Identifier\tFull name\nParticipant 77\tMara Müller\n",
    ],
)
def test_the_usual_forms(tmp_path, text):
    (person,) = read(tmp_path, text)
    assert sorted(person.name.replace(",", "").split()) == ["Mara", "Müller"]
    assert match("somebody", "77", [person]) is person


@pytest.mark.parametrize(
    "text, sentence", [("a,b\n1,2\n", "no column of names"), ("", "no column of names")]
)
def test_what_is_no_roster_is_said(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path, text)
    with pytest.raises(ValueError, match="not in UTF-8"):
        read(tmp_path, "student\nMüller\n", "latin-1")


def test_a_hand_in_finds_its_person_by_id_by_name_and_by_the_run_together_name():
    people = [Entry("Mara Müller", ("77",)), Entry("Noor Khan", ("9",)), Entry("Noor Khan", ("8",))]
    assert match("x", "9", people) is people[1]
    assert match("Müller, Mara", "", people) is people[0]
    assert match("mullermara", "1234", people) is people[0]
    assert match("Noor Khan", "", people) is None, "two of that name: a guess would be wrong"
    assert match("Somebody", "", people) is None
