"""Files that are written in one piece."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def replace(path: Path, content: bytes) -> None:
    """Write a file in one piece: a new one beside it takes its place when it is on the disk.

    After a crash there is the old file or the new one, never a half.
    """
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(new, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def writable(filepath: str | os.PathLike[str], ending: str, overwrite: bool) -> Path:
    """The path, if a file may be written there.

    Raises:
        ValueError: if the name has another ending.
        FileExistsError: if there is such a file and `overwrite` is False.
    """
    path = with_ending(filepath, ending)
    if path.exists() and not overwrite:
        raise FileExistsError(f"There is a file {str(path)!r} already; overwrite=True replaces it.")
    return path


def readable(filepath: str | os.PathLike[str], ending: str) -> Path:
    """The path, if a file is there.

    Raises:
        ValueError: if the name has another ending.
        FileNotFoundError: if there is no such file.
    """
    path = with_ending(filepath, ending)
    if not path.is_file():
        place = "" if path.is_absolute() else f" in the folder {str(Path.cwd())!r}"
        raise FileNotFoundError(f"There is no file {str(path)!r}{place}.")
    return path


def with_ending(filepath: str | os.PathLike[str], ending: str) -> Path:
    """The path, if its name has the ending."""
    path = Path(filepath)
    if not path.name.endswith(ending):
        what = "weights" if ending.endswith("h5") else "a model"
        mend = f"write {path.name.removesuffix(path.suffix) + ending!r}"
        if ending == ".keras" and path.suffix in (".h5", ".hdf5"):
            mend += ", and of an old file make such a one by load_model and save in Keras"
        raise ValueError(f"A file of {what} ends in {ending!r}, but this is {path.name!r}; {mend}.")
    return path
