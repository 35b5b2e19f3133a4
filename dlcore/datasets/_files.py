"""Read a bundled data file, after its checksum has been verified."""

import csv
import gzip
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlcore import resources


def read_csv(name: str) -> dict[str, list[str]]:
    """Return the columns of a gzipped CSV file as text; a gap is the empty string."""
    text = gzip.decompress(read_bytes(name)).decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return {column: [row[place] for row in rows] for place, column in enumerate(header)}


def read_npz(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file; nothing in it is ever unpickled."""
    with np.load(io.BytesIO(read_bytes(name)), allow_pickle=False) as arrays:
        return dict(arrays)


def numbers(cells: Sequence[str]) -> np.ndarray:
    """Return a column of text as float32, (n,), with NaN where there is a gap."""
    return np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float32)


def read_bytes(name: str) -> bytes:
    """Return the content of the data file `name`.

    Raises:
        FileNotFoundError: the file, or the list of checksums, is not there.
        ValueError: the file is not the one that was published.
    """
    folder = resources.datasets_folder()
    expected = _checksums(folder).get(name)
    if expected is None:
        raise ValueError(
            f"{folder / 'SHA256SUMS'} has no checksum for {name}; {_mend('SHA256SUMS')}"
        )
    content = _read(folder / name)
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ValueError(
            f"The data file {folder / name} is damaged: its SHA-256 should be {expected} "
            f"but is {found} ({len(content)} bytes); {_mend(name)}"
        )
    return content


def _checksums(folder: Path) -> dict[str, str]:
    """Read the lines `digest  name` of SHA256SUMS."""
    lines = _read(folder / "SHA256SUMS").decode("utf-8", errors="replace").splitlines()
    pairs = [line.split() for line in lines]
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The data file {path.name} is missing: expected it at {path}; {_mend(path.name)}"
        ) from None


def _mend(name: str) -> str:
    return (
        "reinstall dlcore, or in a checkout restore the file with "
        f"`git checkout -- datasets/{name}`."
    )
