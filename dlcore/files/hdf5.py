"""Groups and arrays of an HDF5 file, read with care: nothing outside the file is touched."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

_LONGEST = 600
# A chunk may be so many bytes even where its array is smaller: h5py makes none that are larger.
_SMALL_CHUNK = 1 << 20
_DEFLATE, _SHUFFLE, _CHECKSUM = 1, 2, 3
_KNOWN_FILTERS: tuple[list[int], ...] = ([], [_SHUFFLE], [_DEFLATE], [_SHUFFLE, _DEFLATE])
# Groups lie no deeper in each other: models may be described sixty deep, with two groups each.
_DEEPEST = 150


class Unreadable(Exception):
    """What is wrong with a file, as half a sentence."""


class Misfit(Unreadable):
    """A file in order that belongs to another model, as half a sentence."""


def in_short(error: Exception) -> str:
    """What an error says, cut where it would fill the screen with a name from a file."""
    text = str(error).strip() or type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def group_at(file: Any, path: str) -> Any:
    """A group, or None; links out of the file are not followed."""
    import h5py

    group = file
    for name in path.split("/"):
        link = group.get(name, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise Unreadable(f"{path!r} is a link to elsewhere")
        group = group[name]
        if not isinstance(group, h5py.Group):
            raise Unreadable(f"{path!r} is not a group")
    return group


def array_in(group: Any, name: str) -> Any:
    """A dataset of numbers that lies in the file itself; its values are not read yet."""
    import h5py

    inside = isinstance(group.get(name, getlink=True), h5py.HardLink)
    data = group[name] if inside else None
    if not isinstance(data, h5py.Dataset) or data.external or data.is_virtual:
        raise Unreadable(f"{group.name}/{name} is no array of its own")
    if data.dtype.kind not in "fiub":
        raise Unreadable(f"{group.name}/{name} does not hold numbers")
    if "dtype" in data.attrs:
        # Keras stores bfloat16 as the whole numbers of its bits, and says so here.
        raise Unreadable(f"{group.name}/{name} holds numbers of type {data.attrs['dtype']!r}")
    return data


def numbers_in(data: Any) -> np.ndarray:
    """The values of a dataset, read only if no more has to be unpacked than they fill.

    Raises:
        Unreadable: if a chunk is much larger than the array or unpacks to more than it may hold,
            or the values are packed in a way that neither h5py's gzip nor its shuffle writes.
    """
    if data.chunks is not None:
        item = data.dtype.itemsize
        room = int(np.prod(data.chunks, dtype=object)) * item
        if room > max(_SMALL_CHUNK, 4 * data.size * item):
            raise Unreadable(
                f"{data.name} has {data.size} numbers, but a chunk of {room} bytes has to be read "
                "for them"
            )
        plan = data.id.get_create_plist()
        filters = [plan.get_filter(i)[0] for i in range(plan.get_nfilters())]
        if [code for code in filters if code != _CHECKSUM] not in _KNOWN_FILTERS:
            raise Unreadable(f"{data.name} is packed in an unknown way; write it with gzip")
        if _DEFLATE in filters:
            _unpack_on_trial(data, room)
    values: np.ndarray = data[()]
    return values


def _unpack_on_trial(data: Any, room: int) -> None:
    """HDF5 unpacks whatever comes out of a chunk; here no more than its room is tried."""
    for cut in data.iter_chunks():
        start = tuple(axis.start for axis in cut)
        # None is stored where all values are those that fill.
        if data.id.get_chunk_info_by_coord(start).byte_offset is None:
            continue
        _, packed = data.id.read_direct_chunk(start)
        try:
            found = len(zlib.decompressobj().decompress(packed, room + 1))
        except zlib.error:
            continue  # One that is stored as it is, or damaged: HDF5 tells which.
        if found > room:
            raise Unreadable(f"{data.name} would unpack to more than the {room} bytes of a chunk")


def groups_with_arrays(file: Any) -> set[str]:
    """Paths of all groups that have datasets; of a group with several paths the first.

    Raises:
        Unreadable: if groups lie in groups deeper than in any model.
    """
    import h5py

    found: set[str] = set()
    seen = {file.id}
    stack = [(file, "", 0)]
    while stack:
        group, path, depth = stack.pop()
        if depth > _DEEPEST:
            raise Unreadable(f"its groups lie in each other more than {_DEEPEST} deep")
        below = []
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            item = group[name]
            if isinstance(item, h5py.Dataset):
                found.add(path)
            elif isinstance(item, h5py.Group) and item.id not in seen:
                seen.add(item.id)
                below.append((item, f"{path}/{name}" if path else name, depth + 1))
        stack.extend(reversed(below))
    return found
