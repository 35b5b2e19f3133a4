"""A file from the web, kept in the cache."""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

from dlcore.utils import extraction
from dlcore.utils.download import Remote, cache_folder, fetch

_LENGTHS = {"md5": 32, "sha256": 64}


def get_file(
    fname: str | os.PathLike[str] | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str | os.PathLike[str] = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
) -> str:
    """The path of a file from the web, which is downloaded once and then kept.

        path = utils.get_file("flowers.zip", "https://example.org/flowers.zip", extract=True)
        print(os.listdir(path))

    With a `file_hash` the file is the one that was meant, or an error, and a download that was
    interrupted goes on where it stopped. Without one, nobody can tell whether what came is right;
    it is then downloaded in one piece. No more is read than the server says, or than 2 GB where it
    does not say.

    An archive is unpacked when it has come, or when its folder is not there; later calls leave
    the folder as it is. Nothing is written outside of it, and links in it become copies.

    Args:
        fname: what the file is called in the cache; default: the last part of `origin`.
        origin: its address, which begins with `http://` or `https://`.
        untar: older code says so for `extract=True, archive_format="tar"`.
        md5_hash: older code says so for a `file_hash` that is an MD5.
        file_hash: its SHA-256, 64 hexadecimal digits, or its MD5, 32 of them; default None.
        cache_subdir: a folder in `cache_dir`; default "datasets".
        hash_algorithm: "sha256", "md5", or "auto" (default), which goes by the length.
        extract: whether the file is an archive to be unpacked; default False.
        archive_format: "zip", "tar" (also compressed), a list of these, or "auto" (default).
        cache_dir: where files are kept. By default downloads come to lie in the folder
            DLCORE_DATA_FOLDER, or else in one of the user's cache; a `cache_subdir` other than
            "datasets" is a folder in it.
        force_download: whether a copy that is there is replaced; default False.

    Returns:
        The path of the file as text. With `extract`, that of the folder, which is named as in
        Keras: `fname` for a name without a full stop; "flowers_extracted" for "flowers.zip"; and
        without an `fname` the last part of `origin`.

    Raises:
        ConnectionError: the file has to be downloaded, but cannot be reached.
        PermissionError: the file has to be downloaded, but the cache cannot be written.
        ValueError: what was downloaded has the wrong checksum or is too long, the archive cannot
            be unpacked, or an argument makes no sense.
    """
    if not origin:
        raise ValueError("origin is missing; give the address of the file, such as https://….")
    if not re.match(r"https?://", str(origin), re.IGNORECASE):
        raise ValueError(
            f"origin begins with http:// or https://, but is {str(origin)!r}; a file of this "
            "machine is opened by its path."
        )
    given = os.fspath(fname) if fname is not None else ""
    name = given or urllib.parse.unquote(urllib.parse.urlsplit(origin).path.rpartition("/")[2])
    if not name:
        raise ValueError(f"The address {origin} does not end in a name; give one as fname.")
    if re.search(r"[/\\\0]", name) or name in (".", ".."):
        raise ValueError(
            f"fname is a name without folders, not {name!r}; say the folder by cache_dir."
        )
    folder = _folder(cache_dir, cache_subdir)
    extract = extract or untar
    target, unpacked = name, ""
    if extract and "." in given:
        unpacked = f"{given[: given.find('.')]}_extracted"
    elif extract:
        target, unpacked = f"{name}_archive", name
    remote = Remote(
        target,
        (origin,),
        _checksum(file_hash, md5_hash, hash_algorithm),
        None,
        f"Where there is no network, put the file there yourself: {folder / target}.",
    )
    # What is right stays as it is, so a file that has changed has come anew.
    before = _mark(folder / target)
    path = fetch(remote, folder, force_download)
    if not extract:
        return str(path)
    if _mark(path) != before or not (folder / unpacked).is_dir():
        extraction.extract(path, folder / unpacked, "tar" if untar else archive_format)
    return str(folder / unpacked)


def _folder(cache_dir: str | os.PathLike[str] | None, subdir: str | os.PathLike[str]) -> Path:
    if cache_dir is not None:
        return Path(cache_dir).expanduser() / subdir
    data = cache_folder()
    return data if os.fspath(subdir) == "datasets" else data / subdir


def _checksum(file_hash: str | None, md5_hash: str | None, algorithm: str) -> str | None:
    if file_hash is None and md5_hash is not None:
        file_hash, algorithm = md5_hash, "md5"
    if algorithm not in ("auto", *_LENGTHS):
        raise ValueError(f"hash_algorithm is 'auto', 'sha256' or 'md5', not {algorithm!r}.")
    if file_hash is None:
        return None
    lengths = _LENGTHS.values() if algorithm == "auto" else (_LENGTHS[algorithm],)
    if not re.fullmatch(r"[0-9a-fA-F]+", file_hash) or len(file_hash) not in lengths:
        wanted = " or ".join(f"{n} for {name}" for name, n in _LENGTHS.items() if n in lengths)
        raise ValueError(
            f"file_hash is hexadecimal digits, {wanted}; this has {len(file_hash)} characters: "
            f"{file_hash!r}."
        )
    return file_hash


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
