"""Fetch a published file once: into a cache, with checksum, progress and resume.

What has arrived of a download lies in `NAME.part`. Whoever comes next goes on where it ends, and
the file gets its name only when its checksum is right, so a half of it is never read.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcore import resources

CHUNK = 1 << 16
ATTEMPTS = 3  # a connection that breaks is taken up again so many times before we give up
TIMEOUT = 30  # seconds of silence


@dataclass(frozen=True)
class Remote:
    """A file on the web.

    Args:
        name: what it is called in the cache.
        urls: where it lies; the next is tried when one cannot give it.
        sha256: its checksum, 64 hexadecimal digits.
        size: its length in bytes.
        instead: what a learner without a network can use, as a sentence.
    """

    name: str
    urls: Sequence[str]
    sha256: str
    size: int
    instead: str


def cache_folder() -> Path:
    """Where downloaded files lie: DLCORE_DATA_FOLDER, or a folder of the user's cache."""
    chosen = os.environ.get("DLCORE_DATA_FOLDER")
    if chosen:
        return Path(chosen).expanduser()
    return resources.cache_folder() / "datasets"


def fetch(remote: Remote) -> Path:
    """Return the path of the file, after downloading it if it is not there yet.

    A copy that is there is used after its checksum has been verified; then nothing is written and
    no network is needed.

    Raises:
        PermissionError: the file has to be downloaded, but its folder cannot be written.
        ConnectionError: no place on the web could give it.
        ValueError: what came has the wrong checksum.
        OSError: the disk is full, or broken.
    """
    path = cache_folder() / remote.name
    if path.is_file() and _sha256(path) == remote.sha256:
        return path
    _make_writable(path, remote)
    failures: list[str] = []
    wrong = False
    for url in remote.urls:
        try:
            return _retrieve(url, path, remote)
        except ValueError:
            wrong = True
            failures.append(f"{url} gives another file than the published one")
        except ConnectionError as error:
            failures.append(str(error))
    reasons = "; ".join(failures)
    if wrong:
        raise ValueError(
            f"The checksum of {remote.name} is wrong: its SHA-256 should be {remote.sha256}, but "
            f"{reasons}. Nothing of it was kept; try again later. {remote.instead}"
        )
    raise ConnectionError(
        f"{remote.name} ({_megabytes(remote.size)}) has to be downloaded once, but {reasons}. "
        f"{_what_is_kept(path)}{remote.instead}"
    )


def _retrieve(url: str, path: Path, remote: Remote) -> Path:
    import pooch

    part = _part(path)
    resumed = part.is_file() and part.stat().st_size > 0
    download = _downloader(part, remote.size)
    # pooch announces each file on the error stream; the progress bar says it already.
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        return Path(
            pooch.retrieve(
                url, f"sha256:{remote.sha256}", path.name, path.parent, downloader=download
            )
        )
    except FileNotFoundError:
        # Another process has finished the same download, and moved it to its place.
        if path.is_file() and _sha256(path) == remote.sha256:
            return path
        raise
    except ValueError:
        # The beginning may be of another file: what was resumed gets one try from its start.
        if resumed:
            return _retrieve(url, path, remote)
        raise
    finally:
        logger.setLevel(level)


def _downloader(part: Path, size: int) -> Callable[..., None]:
    """What pooch calls to fill the file `output`; it goes on from `part` and moves it there."""

    def download(url: str, output: Any, _pooch: Any) -> None:
        import requests

        attempts = 0
        while True:
            before = part.stat().st_size if part.exists() else 0
            try:
                _go_on(url, part, size)
                break
            except requests.RequestException as error:
                # A try that brought something does not count: slow networks get there as well.
                arrived = part.exists() and part.stat().st_size > before
                attempts = 0 if arrived else attempts + 1
                if attempts == ATTEMPTS or not part.exists():
                    raise ConnectionError(f"{url} cannot be reached") from error
        os.replace(part, output)

    return download


def _go_on(url: str, part: Path, size: int) -> None:
    """Download what `part` still lacks of `size` bytes, showing a progress bar.

    However long the answer is, it is read no further than that: whether the bytes are the right
    ones, the checksum tells.

    Raises:
        requests.RequestException: the server cannot be reached, or the connection breaks; what
            has come until then is in `part`.
        ConnectionError: the server answers with an error.
    """
    import requests
    from tqdm.auto import tqdm

    have = part.stat().st_size if part.exists() else 0
    if have >= size:
        return  # all of it is there, or too much: the checksum will tell
    # Not packed for the way: then the bytes counted are the bytes of the file.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # the file there is shorter: the checksum will tell
        if not answer.ok:
            raise ConnectionError(f"{url} answers {answer.status_code}")
        if answer.status_code != requests.codes.partial_content:
            have = 0
        # Not in append mode: two processes write the same bytes to the same places.
        with (
            open(part, "r+b" if part.exists() else "xb") as file,
            tqdm(total=size, initial=have, desc=part.stem, unit="B", unit_scale=True) as bar,
        ):
            file.seek(have)
            for chunk in answer.iter_content(CHUNK):
                chunk = chunk[: size - have]
                file.write(chunk)
                bar.update(len(chunk))
                have += len(chunk)
                if have == size:
                    break


def _make_writable(path: Path, remote: Remote) -> None:
    """Make the folder, and find out before downloading whether it can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(_part(path), "ab"):
            pass
    except OSError as error:
        there = "the copy there is damaged" if path.exists() else "it is not there yet"
        raise PermissionError(
            f"{remote.name} cannot be kept in {path.parent} ({error.strerror}), and {there}. Set "
            f"the environment variable DLCORE_DATA_FOLDER to a folder that you may write in. "
            f"{remote.instead}"
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


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
