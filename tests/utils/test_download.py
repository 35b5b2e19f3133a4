"""A download that breaks, lies, has no network or nowhere to go: what is kept, and what is said."""

import hashlib
import logging
import re

import pooch
import pytest
import tqdm.auto

from dlcore.utils import download
from dlcore.utils.download import Remote, fetch
from tests.utils.server import Server

CONTENT = bytes(range(256)) * 2000  # eight chunks
HINT = "Without a network, use the small one."


@pytest.fixture
def server():
    server = Server(CONTENT)
    yield server
    server.close()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The cache; it is made by whoever writes first."""
    monkeypatch.setenv("DLCORE_DATA_FOLDER", str(tmp_path / "new" / "cache"))
    return tmp_path / "new" / "cache"


def remote(*urls):
    return Remote("data.bin", urls, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), HINT)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_once_with_a_bar_and_nothing_else_said(server, folder, capsys):
    path = fetch(remote(server.url))
    assert path == folder / "data.bin"
    assert path.read_bytes() == CONTENT
    assert names(folder) == ["data.bin"]
    said = capsys.readouterr()
    assert "data.bin: 100%" in said.err and "512k/512k" in said.err
    assert said.out == "" and "Downloading" not in said.err
    assert fetch(remote(server.url)) == path
    assert server.asked == [None]
    assert capsys.readouterr().err == ""


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server, folder):
    server.break_after = [200_000, 100_000]
    assert fetch(remote(server.url)).read_bytes() == CONTENT
    assert server.asked[0] is None
    starts = [int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) for asked in server.asked[1:]]
    assert len(starts) == 2
    assert 0 < starts[0] <= 200_000 < starts[1] + 1 <= 300_001
    assert names(folder) == ["data.bin"]


def test_what_came_before_an_interrupt_is_used_by_the_next_call(server, folder, monkeypatch):
    class Bar:
        """Ctrl-C arrives after the third chunk."""

        chunks = 0

        def __init__(self, **_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self, _):
            Bar.chunks += 1
            if Bar.chunks == 3:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tqdm.auto.tqdm", Bar)
        with pytest.raises(KeyboardInterrupt):
            fetch(remote(server.url))
    assert names(folder) == ["data.bin.part"]
    kept = (folder / "data.bin.part").stat().st_size
    assert kept == 3 * download.CHUNK
    assert fetch(remote(server.url)).read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={kept}-"]


def test_the_bar_of_a_resumed_download_begins_where_it_stopped(server, folder, monkeypatch):
    begun = []
    real = tqdm.auto.tqdm
    monkeypatch.setattr(
        "tqdm.auto.tqdm", lambda **options: begun.append(options["initial"]) or real(**options)
    )
    folder.mkdir(parents=True)
    (folder / "data.bin.part").write_bytes(CONTENT[:1000])
    fetch(remote(server.url))
    assert begun == [1000]


def test_the_words_of_pooch_are_given_back_to_who_uses_it(server, folder):
    before = pooch.get_logger().level
    fetch(remote(server.url))
    assert pooch.get_logger().level == before != logging.WARNING


def test_a_server_that_cannot_resume_gives_all_of_it_again(server, folder):
    server.ranges_work = False
    server.break_after = [200_000]
    assert fetch(remote(server.url)).read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_a_part_that_is_already_whole_is_taken(server, folder):
    folder.mkdir(parents=True)
    (folder / "data.bin.part").write_bytes(CONTENT)
    assert fetch(remote(server.url)).read_bytes() == CONTENT


@pytest.mark.parametrize("part", [b"another file", b"x" * 600_000], ids=["short", "too long"])
def test_a_part_of_another_file_is_thrown_away(server, folder, part):
    folder.mkdir(parents=True)
    (folder / "data.bin.part").write_bytes(part)
    assert fetch(remote(server.url)).read_bytes() == CONTENT
    # With more than the file is long there is nothing to go on from.
    asked = [f"bytes={len(part)}-"] if len(part) < len(CONTENT) else []
    assert server.asked == [*asked, None]
    assert names(folder) == ["data.bin"]


def test_a_connection_that_keeps_breaking_says_what_is_kept(server, folder):
    server.break_after = [200_000] + [0] * 10
    with pytest.raises(ConnectionError) as error:
        fetch(remote(server.url))
    kept = (folder / "data.bin.part").stat().st_size
    assert str(error.value) == (
        f"data.bin (0.5 MB) has to be downloaded once, but {server.url} cannot be reached. "
        f"{kept / 1e6:.1f} MB have arrived and are kept; the same call goes on from there. {HINT}"
    )
    assert len(server.asked) == 1 + download.ATTEMPTS


def test_a_wrong_checksum_is_refused_and_nothing_is_kept(server, folder):
    server.content = CONTENT[:-1] + b"?"
    with pytest.raises(ValueError) as error:
        fetch(remote(server.url))
    message = str(error.value)
    assert message.startswith("The checksum of data.bin is wrong: its SHA-256 should be ")
    assert hashlib.sha256(CONTENT).hexdigest() in message
    assert f"{server.url} gives another file than the published one" in message
    assert message.endswith(HINT)
    assert names(folder) == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("part", [b"", CONTENT[:1000], CONTENT + b"?"])
def test_no_more_is_read_than_the_file_is_long(server, folder, part):
    server.content = b"y" * 50_000_000
    folder.mkdir(parents=True)
    (folder / "data.bin.part").write_bytes(part)
    longest = 0
    real = download._go_on

    def watched(url, part, *rest):
        nonlocal longest
        real(url, part, *rest)
        longest = max(longest, part.stat().st_size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download, "_go_on", watched)
        with pytest.raises(ValueError, match=r"checksum of data\.bin is wrong"):
            fetch(remote(server.url))
    assert longest <= len(CONTENT) + 1 and names(folder) == []
    # The bytes that are wanted, with more behind them, are the file.
    server.content = CONTENT + b"more"
    assert fetch(remote(server.url)).read_bytes() == CONTENT


def test_the_next_place_is_asked_when_one_fails(server, folder):
    bad = Server(b"<html>Please log in to this hotel's network</html>")
    try:
        assert fetch(remote(bad.url, server.url)).read_bytes() == CONTENT
    finally:
        bad.close()
    server.status = 404
    (folder / "data.bin").unlink()
    with pytest.raises(ConnectionError, match=rf"{server.url} answers 404\. {HINT}"):
        fetch(remote(server.url))
    assert names(folder) == []


def test_offline_says_so_and_what_to_use_instead(server, folder):
    server.close()
    with pytest.raises(ConnectionError) as error:
        fetch(remote(server.url))
    assert str(error.value) == (
        f"data.bin (0.5 MB) has to be downloaded once, but {server.url} cannot be reached. {HINT}"
    )
    assert names(folder) == []


def test_offline_what_is_there_is_used(server, folder):
    server.close()
    folder.mkdir(parents=True)
    (folder / "data.bin").write_bytes(CONTENT)
    assert fetch(remote(server.url)).read_bytes() == CONTENT


def test_a_damaged_copy_is_fetched_again(server, folder):
    folder.mkdir(parents=True)
    (folder / "data.bin").write_bytes(CONTENT[:-1])
    assert fetch(remote(server.url)).read_bytes() == CONTENT


@pytest.fixture
def read_only(folder, monkeypatch):
    """A cache that cannot be written; by a patch, since root may write anywhere."""
    folder.mkdir(parents=True)
    real = open

    def refuse(path, mode="r", **options):
        if set(mode) & set("wax+") and str(path).startswith(str(folder)):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, mode, **options)

    monkeypatch.setattr(download, "open", refuse, raising=False)
    return folder


def test_a_read_only_cache_is_read(server, read_only):
    (read_only / "data.bin").write_bytes(CONTENT)
    assert fetch(remote(server.url)).read_bytes() == CONTENT
    assert server.asked == []


@pytest.mark.parametrize(
    ("there", "words"), [(b"", "it is not there yet"), (b"x", "the copy there is damaged")]
)
def test_a_read_only_cache_without_the_file_says_where_it_cannot_write(
    server, read_only, there, words
):
    if there:
        (read_only / "data.bin").write_bytes(there)
    with pytest.raises(PermissionError) as error:
        fetch(remote(server.url))
    message = str(error.value)
    assert f"data.bin cannot be kept in {read_only} (Permission denied), and {words}." in message
    assert "DLCORE_DATA_FOLDER" in message and message.endswith(HINT)
    assert server.asked == []


def test_two_at_once_end_with_one_file(server, folder, monkeypatch):
    """Another process finishes first and moves the part away under our hands."""
    real = download._go_on

    def overtaken(url, part, *rest):
        real(url, part, *rest)
        part.rename(part.with_suffix(""))

    monkeypatch.setattr(download, "_go_on", overtaken)
    assert fetch(remote(server.url)).read_bytes() == CONTENT
    assert names(folder) == ["data.bin"]


def test_without_the_variable_files_lie_in_the_users_cache(monkeypatch):
    monkeypatch.delenv("DLCORE_DATA_FOLDER", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name, appauthor: f"/home/{name}")
    assert download.cache_folder().as_posix().endswith("/home/dlcore/datasets")
