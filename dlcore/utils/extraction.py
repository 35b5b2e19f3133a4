"""Unpack an archive into a folder of its own: all of it and nothing outside, or nothing at all."""

from __future__ import annotations

import gzip
import lzma
import os
import posixpath
import re
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any

MOST = 64 << 30  # bytes that may come out of an archive
MOST_MEMBERS = 2_000_000
_CHUNK = 1 << 20
_DRIVE = re.compile(r"[A-Za-z]:")

# A member: its name, how long it says that it is, and what opens it; None for a folder.
_Member = tuple[str, int, Any]


def extract(path: Path, folder: Path, archive_format: str | Sequence[str] | None = "auto") -> None:
    """Unpack an archive; where the folder is there already, its files are added or replaced.

    A link becomes a copy of the file in the archive that it leads to. Nothing is written into the
    folder before everything has been unpacked beside it.

    Args:
        path: the archive: zip, or tar, also compressed by gzip, bzip2 or xz.
        folder: where its members come to lie.
        archive_format: "zip", "tar", a list of these that are tried, or "auto" for both.

    Raises:
        ValueError: it is no such archive, damaged, behind a password, too large when it is
            unpacked, or holds a member that would lie outside of the folder or is no file.
        OSError: the disk is full, or cannot be written.
    """
    formats = ["tar", "zip"] if archive_format == "auto" else archive_format or []
    formats = [formats] if isinstance(formats, str) else list(formats)
    for name in formats:
        if name not in ("tar", "zip"):
            raise ValueError(
                f"archive_format is 'auto', 'tar', 'zip' or a list of these, not {name!r}."
            )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as apart:
        inside = Path(apart, "inside")
        inside.mkdir()
        try:
            if "tar" in formats and tarfile.is_tarfile(path):
                with tarfile.open(path) as tar:
                    _write_all(_of_tar(tar), inside, path)
            elif "zip" in formats and zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    _write_all(_of_zip(archive), inside, path)
            else:
                asked = " or ".join(formats) or "known"
                raise ValueError(
                    f"{path.name} is no {asked} archive; call get_file without extract to have the "
                    "file as it is."
                )
        except (
            tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError,
            EOFError, NotImplementedError,
        ) as error:  # fmt: skip
            raise ValueError(
                f"{path.name} cannot be unpacked, it is damaged ({error}); delete {path} and call "
                "again."
            ) from None
        _move(inside, folder)


def _of_tar(archive: tarfile.TarFile) -> Iterator[_Member]:
    known: dict[str, tarfile.TarInfo] = {}
    for member in archive:
        if member.isdir():
            yield member.name, 0, None
        elif member.isfile():
            yield member.name, member.size, lambda member=member: archive.extractfile(member)
        elif member.issym() or member.islnk():
            known = known or {_plain(m.name): m for m in archive.getmembers()}
            target = _target(known, member)
            yield member.name, target.size, lambda target=target: archive.extractfile(target)
        else:
            raise ValueError(f"its member {member.name!r} is no file, folder or link")


def _target(known: dict[str, tarfile.TarInfo], link: tarfile.TarInfo) -> tarfile.TarInfo:
    """The file in the archive that a link leads to, over other links if need be."""
    member: tarfile.TarInfo | None = link
    for _ in range(40):  # as many as Linux follows
        if member is None or member.isfile():
            break
        start = posixpath.dirname(member.name) if member.issym() else ""
        member = known.get(_plain(posixpath.join(start, member.linkname)))
    if member is None or not member.isfile():
        raise ValueError(f"its link {link.name!r} leads to no file in it")
    return member


def _plain(name: str) -> str:
    return posixpath.normpath(name)


def _of_zip(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for member in archive.infolist():
        if member.flag_bits & 1:
            raise ValueError(f"its member {member.filename!r} has a password")
        opened = None if member.is_dir() else lambda member=member: archive.open(member)
        yield member.filename, member.file_size, opened


def _write_all(members: Iterator[_Member], folder: Path, path: Path) -> None:
    left = min(MOST, shutil.disk_usage(folder).free)
    count = 0
    try:
        for name, size, opened in members:
            count += 1
            left -= size
            if left < 0 or count > MOST_MEMBERS:
                raise ValueError("what is in it is more than fits on the disk or is ever unpacked")
            target = folder / _safe(name)
            try:
                if opened is None:
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened() as source, open(target, "wb") as file:
                    _copy(source, file, size)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                raise ValueError(f"its member {name!r} is a file and a folder") from None
    except ValueError as error:
        raise ValueError(
            f"{path.name} is not unpacked: {error}. Look at {path} with a program for archives."
        ) from None


def _copy(source: IO[bytes], file: IO[bytes], size: int) -> None:
    """Copy what a member holds, and no more than it says."""
    while size > 0:
        chunk = source.read(min(_CHUNK, size))
        if not chunk:
            raise EOFError("a member ends too early")
        file.write(chunk)
        size -= len(chunk)


def _safe(name: str) -> PurePosixPath:
    """The path of a member below the folder.

    Raises:
        ValueError: it leads out of it.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(name) or "\0" in name:
        raise ValueError(f"its member {name!r} would lie outside of the folder")
    return path


def _move(inside: Path, folder: Path) -> None:
    if not folder.exists():
        os.replace(inside, folder)
        return
    for path in sorted(inside.rglob("*")):  # a folder comes before what is in it
        target = folder / path.relative_to(inside)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            os.replace(path, target)
