"""Fetch a published file once: into a cache, with checksum, progress and resume.

What has arrived of a download lies in `NAME.part`. Whoever comes next goes on where it ends, and
the file gets its name only when its checksum is right, so a half of it is never read. Where nobody
has said a checksum, a download is in one piece: it goes on after a break only if the server
promises that the file is still the same, and nothing of it is kept for a later call.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcore import resources

CHUNK = 1 << 16
ATTEMPTS = 3  # a connection that breaks is taken up again so many times before we give up
TIMEOUT = 30  # seconds of silence
MOST = 2 << 30  # bytes that are read of a file whose length nobody tells


@dataclass(frozen=True)
class Remote:
    """A file on the web.

    Args:
        name: what it is called in the cache.
        urls: where it lies; the next is tried when one cannot give it.
        checksum: its SHA-256, 64 hexadecimal digits, or its MD5, 32 of them; None if unknown.
        size: its length in bytes; None if unknown.
        instead: what can be done without a network, as a sentence.
    """

    name: str
    urls: Sequence[str]
    checksum: str | None
    size: int | None
    instead: str

    @property
    def algorithm(self) -> str:
        """What the checksum is called by hashlib."""
        return "md5" if len(self.checksum or "") == 32 else "sha256"

    def is_at(self, path: Path) -> bool:
        """Whether it lies there whole, as far as that can be told."""
        if not path.is_file() or self.checksum is None:
            return path.is_file()
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, self.algorithm).hexdigest()
        return found == self.checksum.lower()


def cache_folder() -> Path:
    """Where downloaded files lie: DLCORE_DATA_FOLDER, or a folder of the user's cache."""
    chosen = os.environ.get("DLCORE_DATA_FOLDER")
    if chosen:
        return Path(chosen).expanduser()
    return resources.cache_folder() / "datasets"


def fetch(remote: Remote, folder: Path | None = None, anew: bool = False) -> Path:
    """Return the path of the file, after downloading it if it is not there yet.

    A copy that is there is used after its checksum has been verified; then nothing is written and
    no network is needed.

    Args:
        remote: the file.
        folder: where it is kept; default: `cache_folder()`.
        anew: whether a copy that is there is replaced.

    Raises:
        PermissionError: the file has to be downloaded, but its folder cannot be written.
        ConnectionError: no place on the web could give it.
        ValueError: what came has the wrong checksum, or is longer than anything that is read.
        OSError: the disk is full, would be, or is broken.
    """
    path = (cache_folder() if folder is None else folder) / remote.name
    if not anew and remote.is_at(path):
        return path
    _make_writable(path, remote, folder is not None)
    failures: list[str] = []
    wrong = False
    for url in remote.urls:
        try:
            return _retrieve(url, path, remote)
        except _TooLongError:
            raise
        except ValueError:
            wrong = True
            failures.append(f"{url} gives another file than the published one")
        except ConnectionError as error:
            failures.append(str(error))
    reasons = "; ".join(failures)
    if wrong:
        name = {"md5": "MD5", "sha256": "SHA-256"}[remote.algorithm]
        raise ValueError(
            f"The checksum of {remote.name} is wrong: its {name} should be {remote.checksum}, but "
            f"{reasons}. Nothing of it was kept; try again later. {remote.instead}"
        )
    size = f" ({_megabytes(remote.size)})" if remote.size is not None else ""
    raise ConnectionError(
        f"{remote.name}{size} has to be downloaded once, but {reasons}. "
        f"{_what_is_kept(path)}{remote.instead}"
    )


class _TooLongError(ValueError):
    """More has come, or would, than is read."""


def _retrieve(url: str, path: Path, remote: Remote) -> Path:
    import pooch

    part = _part(path)
    resumed = remote.checksum is not None and part.is_file() and part.stat().st_size > 0
    checksum = remote.checksum and f"{remote.algorithm}:{remote.checksum.lower()}"
    # pooch announces each file on the error stream; the progress bar says it already.
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        # Under a name of its own: pooch would keep a copy that is there and cannot be checked.
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as apart:
            if remote.checksum is None:
                part = Path(apart, part.name)
            download = _downloader(part, remote)
            got = pooch.retrieve(url, checksum, path.name, apart, downloader=download)
            os.replace(got, path)
        return path
    except FileNotFoundError:
        # Another process has finished the same download, and moved it to its place.
        if remote.is_at(path):
            return path
        raise
    except _TooLongError:
        part.unlink(missing_ok=True)
        raise
    except ValueError:
        # The beginning may be of another file: what was resumed gets one try from its start.
        if resumed:
            return _retrieve(url, path, remote)
        raise
    finally:
        logger.setLevel(level)


def _downloader(part: Path, remote: Remote) -> Callable[..., None]:
    """What pooch calls to fill the file `output`; it goes on from `part` and moves it there."""

    def download(url: str, output: Any, _pooch: Any) -> None:
        import requests

        attempts = 0
        seen: dict[str, str] = {}
        while True:
            before = part.stat().st_size if part.exists() else 0
            try:
                _go_on(url, part, remote, seen)
                break
            except requests.RequestException as error:
                # A try that brought something does not count: slow networks get there as well.
                arrived = part.exists() and part.stat().st_size >= before + CHUNK
                attempts = 0 if arrived else attempts + 1
                if attempts == ATTEMPTS or not part.exists():
                    raise ConnectionError(f"{url} cannot be reached") from error
        os.replace(part, output)

    return download


def _go_on(url: str, part: Path, remote: Remote, seen: dict[str, str]) -> None:
    """Download what `part` still lacks, showing a progress bar.

    However long the answer is, it is read no further than the file is long, by what is known of it
    or else by what the server says: whether the bytes are the right ones, the checksum tells.

    Args:
        url: where the file lies.
        part: what has come of it.
        remote: what is known of it.
        seen: what the server said of the file before the connection broke; filled in here.

    Raises:
        requests.RequestException: the server cannot be reached, or the connection breaks; what
            has come until then is in `part`.
        ConnectionError: the server answers with an error.
        _TooLongError: more comes than is read of a file whose length nobody tells.
        OSError: the disk has no room for it.
    """
    import requests
    from tqdm.auto import tqdm

    have = part.stat().st_size if part.exists() else 0
    if remote.size is not None and have >= remote.size:
        return  # all of it is there, or too much: the checksum will tell
    if remote.checksum is None and not seen:
        have = 0  # whether the rest would be that of the same file, nobody can tell
    # Not packed for the way: then the bytes counted are the bytes of the file.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    if have and seen:
        headers["If-Range"] = seen["version"]
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        too_far = answer.status_code == requests.codes.requested_range_not_satisfiable
        if too_far and remote.checksum is not None:
            return  # the file there is shorter: the checksum will tell
        if not answer.ok:
            raise ConnectionError(f"{url} answers {answer.status_code}")
        if answer.status_code != requests.codes.partial_content:
            have = 0
        told = _told_size(url, answer.headers, have)
        size = told if remote.size is None else remote.size
        _note_version(answer.headers, seen)
        _look_for_room(url, part, size, have)
        most = MOST if size is None else size
        # Not in append mode: two processes write the same bytes to the same places.
        with (
            open(part, "r+b" if part.exists() else "xb") as file,
            tqdm(total=size, initial=have, desc=remote.name, unit="B", unit_scale=True) as bar,
        ):
            file.seek(have)
            if remote.checksum is None:
                file.truncate()
            for chunk in answer.iter_content(CHUNK):
                if size is None and have + len(chunk) > most:
                    raise _TooLongError(
                        f"{url} does not say how long the file is, and more than "
                        f"{_megabytes(most)} have come; nothing was kept. Download it by another "
                        "program."
                    )
                chunk = chunk[: most - have]
                file.write(chunk)
                bar.update(len(chunk))
                have += len(chunk)
                if have == size:
                    break
    if remote.checksum is None and size is not None and have < size:
        raise ConnectionError(f"{url} gives less of the file than it says")


def _told_size(url: str, headers: Mapping[str, str], have: int) -> int | None:
    """How long the whole file is by the words of the server; None if it does not tell.

    Args:
        url: where the file lies.
        headers: of its answer.
        have: from which byte on it was asked to go on, if it does.

    Raises:
        ConnectionError: it goes on from somewhere else.
    """
    if have:
        words = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("Content-Range", ""))
        if words is None or int(words[1]) != have:
            raise ConnectionError(f"{url} gives another part of the file than was asked for")
        return int(words[2]) if words[2] != "*" else None
    length = headers.get("Content-Length", "")
    return int(length) if length.isdecimal() and not _is_packed(headers) else None


def _note_version(headers: Mapping[str, str], seen: dict[str, str]) -> None:
    """Keep what names this version of the file, for the header If-Range (RFC 9110, 13.1.5)."""
    tag = headers.get("ETag", "")
    version = headers.get("Last-Modified") if tag.startswith("W/") or not tag else tag
    seen.clear()
    if version and not _is_packed(headers):
        seen["version"] = version


def _is_packed(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Encoding", "identity") != "identity"


def _look_for_room(url: str, part: Path, size: int | None, have: int) -> None:
    """Look whether the disk has room before it is filled.

    Raises:
        OSError: it has not.
    """
    free = shutil.disk_usage(part.parent).free
    if size is not None and size - have > free:
        raise OSError(
            f"{url} is {_megabytes(size)} long, but {part.parent} has room for "
            f"{_megabytes(free)}; make room, or choose another folder."
        )


def _make_writable(path: Path, remote: Remote, chosen: bool) -> None:
    """Make the folder, and find out before downloading whether it can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(_part(path), "ab"):
            pass
        if remote.checksum is None:
            _part(path).unlink()
    except OSError as error:
        there = "the copy there is damaged" if path.exists() else "it is not there yet"
        name = "cache_dir" if chosen else "the environment variable DLCORE_DATA_FOLDER"
        raise PermissionError(
            f"{remote.name} cannot be kept in {path.parent} ({error.strerror}), and {there}. Set "
            f"{name} to a folder that you may write in. {remote.instead}"
        ) from error


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _what_is_kept(path: Path) -> str:
    part = _part(path)
    kept = part.stat().st_size if part.exists() else 0
    if not kept:
        part.unlink(missing_ok=True)
        return ""
    return f"{_megabytes(kept)} have arrived and are kept; the same call goes on from there. "


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
