"""A zip is unpacked member by member; what could do harm stays out, and only that."""

import os
import stat
import zipfile

import pytest

from dlcore.course.grading import unpacking


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "in" / "class"
    folder.mkdir(parents=True)
    return folder


def unpacked(place, fill):
    path = place.parent.parent / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        fill(file)
    remarks = unpacking.unpack(path, place)
    files = sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())
    outside = [p for p in place.parent.parent.rglob("*") if p.is_file() and place not in p.parents]
    assert outside == [path]
    return files, remarks


BAD = ["../evil.ipynb", "a/../../evil.ipynb", "/etc/evil.ipynb", "C:\\evil.ipynb",
       "..\\evil.ipynb", "a/con.ipynb", "a/b?.ipynb", "a/b\x01.ipynb", "a. /b.ipynb",
       "x" * 300 + ".ipynb"]  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_leads_away_is_left_out_and_said(place, name):
    files, remarks = unpacked(
        place, lambda z: [z.writestr(name, "{}"), z.writestr("mara/01.ipynb", "{}")]
    )
    assert files == ["mara/01.ipynb"]
    assert len(remarks) == 1
    assert "is left out" in remarks[0]


def test_a_link_is_left_out(place):
    def fill(file):
        link = zipfile.ZipInfo("mara/01.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")

    files, remarks = unpacked(place, fill)
    assert files == []
    assert "it is a link" in remarks[0]


def test_what_is_larger_than_a_notebook_is_left_out(place, monkeypatch):
    monkeypatch.setattr(unpacking, "LARGEST", 1000)
    files, remarks = unpacked(
        place, lambda z: [z.writestr("eve/bomb.ipynb", "0" * 10**6), z.writestr("a/b.ipynb", "{}")]
    )
    assert files == ["a/b.ipynb"]
    assert "larger than" in remarks[0]


def test_a_member_that_lies_about_its_size_is_given_up(place, monkeypatch, tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("eve/bomb.ipynb", "0" * 10**6)
    data = path.read_bytes().replace((10**6).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    remarks = unpacking.unpack(path, place)
    assert not list(place.rglob("*.ipynb"))
    assert len(remarks) == 1


def test_the_whole_is_bounded(place, monkeypatch):
    monkeypatch.setattr(unpacking, "LARGEST_IN_ALL", 1500)
    files, remarks = unpacked(
        place, lambda z: [z.writestr(f"{n}/a.ipynb", os.urandom(600)) for n in range(4)]
    )
    assert files == ["0/a.ipynb", "1/a.ipynb"]
    assert len(remarks) == 2


def test_an_encrypted_member_is_left_out(place, tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("eve/a.ipynb", "{}")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # The flag of the member, and that in the list of members.
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    (remark,) = unpacking.unpack(path, place)
    assert "it is encrypted" in remark


def test_a_name_twice_and_a_file_in_the_place_of_a_folder(place):
    with pytest.warns(UserWarning, match="Duplicate"):
        files, remarks = unpacked(
            place,
            lambda z: [z.writestr("a", "1"), z.writestr("a/b.ipynb", "2"), z.writestr("a", "3")],
        )
    assert files == ["a"]
    assert len(remarks) == 2
    assert (place / "a").read_text() == "1"


def test_names_in_any_script_and_their_times_come_out(place):
    def fill(file):
        info = zipfile.ZipInfo("李娜/练习.ipynb", (2026, 11, 5, 10, 30, 0))
        file.writestr(info, "{}")

    files, remarks = unpacked(place, fill)
    assert (files, remarks) == (["李娜/练习.ipynb"], [])
    import time

    stamp = time.localtime((place / files[0]).stat().st_mtime)
    assert tuple(stamp)[:5] == (2026, 11, 5, 10, 30)


def test_what_is_no_zip_is_said(place, tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(b"PK")
    with pytest.raises(ValueError, match="no zip, or a damaged one"):
        unpacking.unpack(path, place)
