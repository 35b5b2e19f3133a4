"""Unpacking the export of a class, or a zip of one student, into an empty folder, member by member.

A member that is not what an export holds is left out with its reason, and the others are unpacked:
a way out of the folder, a link, a password, more than a notebook may hold, a name that no file
system takes. What a zip says of a size is not believed; what comes out is counted.
"""

from __future__ import annotations

import os
import re
import stat
import time
import zipfile
from pathlib import Path, PurePosixPath

LARGEST = 32 << 20
LARGEST_IN_ALL = 2 << 30
MOST = 20_000
LONGEST_NAME = 200
# Names that Windows keeps for devices.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
UNFIT = re.compile(r'[<>:"|?*\x00-\x1f]')


def unpack(
    path: Path, folder: Path, in_all: int | None = None, most: int | None = None
) -> list[str]:
    """Unpack a zip; a zip within it stays one.

    Args:
        path: of the zip.
        folder: empty; nothing is written outside of it.
        in_all: how many bytes may come out. Defaults to what a class may have.
        most: how many members are read. Defaults to what a class may have.

    Returns:
        A sentence for each member that was left out.

    Raises:
        ValueError: if it is no zip.
        OSError: if the folder cannot be written.
    """
    remarks: list[str] = []
    left = LARGEST_IN_ALL if in_all is None else in_all
    most = MOST if most is None else most
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > most:
                remarks.append(f"{path.name} has {len(members)} members; {most} are read.")
            for member in members[:most]:
                name = _name(member)
                reason = _unfit(member, name)
                if not reason and not member.is_dir():
                    size, reason = _write(archive, member, folder / name, min(left, LARGEST))
                    left -= size
                elif not reason:
                    (folder / name).mkdir(parents=True, exist_ok=True)
                if reason:
                    remarks.append(f"{name[:LONGEST_NAME]} in {path.name} is left out: {reason}.")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError):
        raise ValueError(f"{path} is no zip, or a damaged one.") from None
    return remarks


def _name(member: zipfile.ZipInfo) -> str:
    """The name, in the script in which it was meant: many programs do not say that it is UTF-8."""
    name = member.filename
    if not member.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            pass
    return name.replace("\\", "/")


def _unfit(member: zipfile.ZipInfo, name: str) -> str:
    """Why a member is not unpacked; "" if it is."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its name is that of a place outside"
    if ".." in parts:
        return "its name leads out of the folder"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind and not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        return "it is a link, or no file at all"
    if member.flag_bits & 0x1:
        return "it is encrypted"
    if any(len(part.encode()) > LONGEST_NAME for part in parts) or len(name) > 400:
        return "its name is too long"
    if any(UNFIT.search(part) or DEVICES.fullmatch(part) for part in parts):
        return "its name is none that every system can have"
    if any(part != part.rstrip(". ") for part in parts):
        return "a part of its name ends in a dot or a space"
    if member.file_size > LARGEST:
        return f"it is larger than {LARGEST >> 20} MB"
    return ""


def _write(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int
) -> tuple[int, str]:
    """Unpack one member; how much came out, and why it was given up."""
    if target.exists():
        return 0, "there is one of that name already"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        return 0, "a file is where its folder should be"
    size, reason = 0, ""
    try:
        with archive.open(member) as source, open(target, "xb") as file:
            while part := source.read(1 << 16):
                size += len(part)
                if size > most:
                    reason = "it is larger than it says, or the whole is too large"
                    break
                file.write(part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        reason = f"it cannot be unpacked ({str(error)[:80]})"
    except Exception as error:  # zlib.error and its like for other ways of packing
        if isinstance(error, OSError):
            raise
        reason = "it is damaged"
    if reason:
        target.unlink(missing_ok=True)
    else:
        _set_time(target, member)
    return size, reason


def _set_time(target: Path, member: zipfile.ZipInfo) -> None:
    try:
        seconds = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (seconds, seconds))
    except (ValueError, OverflowError, OSError):
        pass
