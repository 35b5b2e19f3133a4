"""Groups and arrays of an HDF5 file, read with care: nothing outside the file is touched."""

from __future__ import annotations

from typing import Any


class Unreadable(Exception):
    """What is wrong with a file, as half a sentence."""


class Misfit(Unreadable):
    """A file in order that belongs to another model, as half a sentence."""


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


def groups_with_arrays(file: Any) -> set[str]:
    """Paths of all groups that have datasets."""
    import h5py

    found = set()

    def visit(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.add(path.rpartition("/")[0])

    file.visititems(visit)
    return found
