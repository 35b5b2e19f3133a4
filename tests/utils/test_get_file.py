"""get_file: where a file comes to lie, when it is believed, and what of an archive is unpacked."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from dlcore.utils import download, extraction, get_file
from tests.utils.server import Server

CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def server():
    server = Server(CONTENT)
    yield server
    server.close()


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_DATA_FOLDER", str(tmp_path / "data"))
    return tmp_path / "data"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_once_and_lies_where_it_was_asked_for(server, data, tmp_path):
    path = get_file("a.bin", server.url)
    assert type(path) is str and Path(path) == data / "a.bin"
    assert Path(path).read_bytes() == CONTENT and names(data) == ["a.bin"]
    get_file("a.bin", server.url)
    assert len(server.asked) == 1
    assert get_file(origin=server.url) == str(data / "file")
    assert get_file("b", server.url, cache_subdir="texts") == str(data / "texts" / "b")
    there = tmp_path / "other"
    assert get_file("b", server.url, cache_dir=there) == str(there / "datasets" / "b")
    assert get_file("b", server.url, cache_subdir=str(there)) == str(there / "b")


def test_force_download_replaces_what_is_there_and_keeps_it_if_nothing_comes(server, data):
    path = Path(get_file("a.bin", server.url))
    server.content = b"newer"
    assert Path(get_file("a.bin", server.url)).read_bytes() == CONTENT
    server.status = 500
    with pytest.raises(ConnectionError, match="answers 500"):
        get_file("a.bin", server.url, force_download=True)
    assert path.read_bytes() == CONTENT
    server.status = 0
    get_file("a.bin", server.url, force_download=True)
    assert path.read_bytes() == b"newer" and names(data) == ["a.bin"]


@pytest.mark.parametrize(
    "said",
    [
        {"file_hash": SHA256}, {"file_hash": SHA256.upper()}, {"file_hash": MD5},
        {"md5_hash": MD5}, {"file_hash": SHA256, "hash_algorithm": "sha256"},
    ],
)  # fmt: skip
def test_a_file_is_believed_by_its_hash(server, data, said):
    data.mkdir()
    (data / "a.bin").write_bytes(b"damaged")
    assert Path(get_file("a.bin", server.url, **said)).read_bytes() == CONTENT
    server.content = b"another"
    (data / "a.bin").unlink()
    with pytest.raises(ValueError, match=r"checksum of a\.bin is wrong: its (SHA-256|MD5) should"):
        get_file("a.bin", server.url, **said)
    assert names(data) == []


def test_after_a_break_it_goes_on_only_with_the_same_file(server, data):
    server.break_after = [200_000]
    assert Path(get_file("a", server.url)).read_bytes() == CONTENT
    assert server.asked == [None, None]  # nobody says that it is the same: from the start
    server.break_after, server.version = [200_000], '"one"'
    assert Path(get_file("b", server.url)).read_bytes() == CONTENT
    assert len(server.asked) == 4 and server.asked[-1].startswith("bytes=")
    for name, other in (("c", CONTENT[::-1]), ("d", CONTENT[:1000])):
        server.break_after, server.next_content = [200_000], other
        assert Path(get_file(name, server.url)).read_bytes() == other
    assert names(data) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ("elsewhere", "gives another part of the file"),
        ("less", "gives less of the file than it"),
        ("gone", "answers 416"),
    ],
)
def test_a_server_that_goes_on_wrongly_is_not_believed(server, data, lie, words):
    server.lie, server.version, server.break_after = lie, '"one"', [200_000]
    with pytest.raises(ConnectionError, match=words):
        get_file("a", server.url)
    assert names(data) == []


def test_a_download_without_a_hash_that_fails_leaves_nothing(server, data):
    server.break_after = [100_000] * 9
    with pytest.raises(ConnectionError) as error:
        get_file("a", server.url)
    assert str(error.value) == (
        f"a has to be downloaded once, but {server.url} cannot be reached. Where there is no "
        f"network, put the file there yourself: {data / 'a'}."
    )
    assert names(data) == []


def test_a_file_without_an_end_is_given_up(server, data, monkeypatch):
    monkeypatch.setattr(download, "MOST", 1_000_000)
    server.endless = True
    for said in ({}, {"file_hash": SHA256}):
        with pytest.raises(ValueError, match=r"does not say how long .* more than 1\.0 MB have"):
            get_file("a", server.url, **said)
        assert names(data) == []


def test_a_file_larger_than_the_disk_is_not_begun(server, data, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: Room)
    with pytest.raises(OSError, match=r"is 0\.3 MB long, but .* has room for 0\.1 MB; make room"):
        get_file("a", server.url)


class Room:
    free = 100_000


def test_offline_is_one_sentence_and_what_is_there_is_used(server, data):
    get_file("a", server.url)
    server.close()
    assert get_file("a", server.url) == str(data / "a")
    with pytest.raises(ConnectionError, match="b has to be downloaded once, but .* cannot be"):
        get_file("b", server.url)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "origin is missing"),
        ({"origin": "ftp://x/a"}, "begins with http:// or https://, but is 'ftp://x/a'"),
        ({"origin": "http://x/"}, "does not end in a name"),
        ({"fname": "a/b", "origin": "http://x/a"}, "name without folders, not 'a/b'"),
        ({"fname": "..", "origin": "http://x/a"}, r"name without folders, not '\.\.'"),
        ({"origin": "http://x/a", "file_hash": "12"}, "64 for sha256; this has 2 characters"),
        ({"origin": "http://x/a", "file_hash": MD5, "hash_algorithm": "sha256"}, "this has 32"),
        ({"origin": "http://x/a", "hash_algorithm": "sha1"}, "'sha256' or 'md5', not 'sha1'"),
    ],
)
def test_arguments_that_make_no_sense(said, words):
    with pytest.raises(ValueError, match=words):
        get_file(**said)


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files, mode="w:gz"):
    """A tar; of a name whose content is a tuple the first says the kind, the second the target."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, tuple):
                member.type, member.linkname = content
                content = b""
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


FILES = {"flowers/rose/1.txt": b"red", "flowers/tulip/2.txt": b"yellow", "about.txt": b""}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped(FILES), {}),
        (tarred(FILES), {}),
        (tarred(FILES, "w:xz"), {"archive_format": "tar"}),
        (tarred(FILES, "w"), {"untar": True, "extract": False}),
        (zipped(FILES), {"archive_format": ["zip"]}),
    ],
)
def test_an_archive_is_unpacked_once(server, data, content, said):
    server.content = content
    said = {"extract": True, **said}
    folder = Path(get_file("flowers", server.url, **said))
    assert folder == data / "flowers" and names(data) == ["flowers", "flowers_archive"]
    for name, inside in FILES.items():
        assert (folder / name).read_bytes() == inside
    (folder / "about.txt").write_bytes(b"mine")
    get_file("flowers", server.url, **said)
    assert (folder / "about.txt").read_bytes() == b"mine" and len(server.asked) == 1
    get_file("flowers", server.url, force_download=True, **said)
    assert (folder / "about.txt").read_bytes() == b""


def test_the_folder_of_an_archive_is_called_as_in_keras(server, data):
    server.content = zipped(FILES)
    assert get_file("a.b.zip", server.url, extract=True) == str(data / "a_extracted")
    assert get_file(origin=server.url, extract=True) == str(data / "file")
    assert names(data) == ["a.b.zip", "a_extracted", "file", "file_archive"]


def test_a_link_in_an_archive_becomes_a_copy(server):
    links = {"a/one": b"1", "a/two": (tarfile.SYMTYPE, "../a/three"), "hard": b"", "z": b"9"}
    links |= {"hard": (tarfile.LNKTYPE, "a/one"), "a/three": (tarfile.SYMTYPE, "one")}
    server.content = tarred(links)
    folder = Path(get_file("x", server.url, extract=True))
    for name in ("a/one", "a/two", "a/three", "hard"):
        assert (folder / name).read_bytes() == b"1" and not (folder / name).is_symlink()


HOSTILE = {
    "above": (zipped({"good": b"1", "../bad": b"2"}), "'../bad' would lie outside"),
    "absolute": (tarred({"good": b"1", "/tmp/bad": b"2"}), "'/tmp/bad' would lie outside"),
    "windows": (tarred({"good": b"1", "a\\..\\..\\bad": b"2"}), "would lie outside"),
    "drive": (zipped({"C:bad": b"2"}), "would lie outside"),
    "link": (tarred({"l": (tarfile.SYMTYPE, "../../secret")}), "'l' leads to no file in it"),
    "through a link": (
        tarred({"l": (tarfile.SYMTYPE, "/tmp"), "l/bad": b""}), "'l' leads to no file in it",
    ),
    "links in a ring": (
        tarred({"l": (tarfile.SYMTYPE, "m"), "m": (tarfile.SYMTYPE, "l")}), "leads to no file",
    ),
    "device": (tarred({"d": (tarfile.CHRTYPE, "")}), "'d' is no file, folder or link"),
    "file and folder": (tarred({"a": b"1", "a/b": b"2"}), "'a/b' is a file and a folder"),
    "cut off": (tarred(FILES)[:-60], "cannot be unpacked, it is damaged"),
    "a page": (b"<html>Please log in</html>", "x_archive is no tar or zip archive"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_of_a_bad_archive_nothing_is_unpacked(server, data, tmp_path, kind):
    server.content, words = HOSTILE[kind]
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(ValueError, match=words):
        get_file("x", server.url, extract=True)
    assert names(data) == ["x_archive"] and names(tmp_path) == ["data", "secret"]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_that_is_a_giant_unpacked_is_refused(server, data, monkeypatch, pack):
    server.content = pack({"a": b"0" * 900_000, "b": b"0" * 200_000})
    monkeypatch.setattr(extraction, "MOST", 1_000_000)
    with pytest.raises(ValueError, match="more than fits on the disk or is ever unpacked"):
        get_file("x", server.url, extract=True)
    assert names(data) == ["x_archive"]


def test_what_lies_in_the_folder_of_an_archive_already_stays(server, data):
    (data / "x" / "flowers").mkdir(parents=True)
    (data / "x" / "flowers" / "mine").write_text("mine")
    server.content = zipped(FILES)
    folder = Path(get_file("x", server.url, extract=True))
    assert names(folder / "flowers") == ["mine", "rose", "tulip"]
