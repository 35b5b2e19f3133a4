"""The members of a zip file, read with care: into memory only, and never more than is sensible."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from dlcore.files.hdf5 import Unreadable

_MOST = {"config.json": 64 << 20}
# Numbers of a network hardly shrink; a member that would grow a hundredfold is a trap.
_FLOOR, _GROWTH = 64 << 20, 100
_STORED, _DEFLATED = 0, 8


def read_members(path: Path, names: tuple[str, ...], below: str = "") -> dict[str, bytes]:
    """The content of the named members, and of all below a folder.

    Args:
        path: of the zip file.
        names: of members that it must have.
        below: "assets/" for the members whose names begin so; default: none.

    Raises:
        Unreadable: if the file is no zip file, is damaged, lacks one, has a member twice, one
            with a name that leads out of a folder, or one that would grow out of proportion.
    """
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            _look_over(archive)
            more = [n for n in archive.namelist() if below and n.startswith(below) and n[-1] != "/"]
            return {name: _read(archive, name) for name in (*names, *more)}
    except zipfile.BadZipFile as error:
        raise Unreadable(f"it is damaged or no zip file ({error})") from error
    except (zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        raise Unreadable(f"it is damaged ({error})") from error
    except (OSError, ValueError, OverflowError) as error:
        raise Unreadable(f"it cannot be read ({error})") from error


def _look_over(archive: Any) -> None:
    names = archive.namelist()
    for name, count in Counter(names).items():
        if count > 1:
            raise Unreadable(f"it has the member {name!r} {count} times")
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0]:
            raise Unreadable(f"it has a member {name!r}, a name that leads elsewhere")


def _read(archive: Any, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise Unreadable(f"it has no member {name!r}") from None
    if info.compress_type not in (_STORED, _DEFLATED):
        raise Unreadable(f"its member {name!r} is packed in an unknown way")
    most = min(_MOST.get(name, 1 << 62), _FLOOR + _GROWTH * info.compress_size)
    if info.file_size > most:
        raise Unreadable(f"its member {name!r} would unpack to {info.file_size} bytes")
    with archive.open(info) as stream:
        # What the file says of its size may be wrong; what comes out is counted as well.
        content = stream.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise Unreadable(f"its member {name!r} is not as long as it says")
    return content
