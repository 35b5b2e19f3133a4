"""Where files lie outside of the course folder: Jupyter's, IPython's, matplotlib's and our own.

All of them are in the learner's home. Where that is read-only or full, they go beside the course,
into ``.dlcore/home``: each of the programs reads the name of its folder from the environment.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dlcore import resources
from dlcore.backends.mine import MARKER

ROOM = bytes(1 << 16)  # a full disk still makes empty files


@dataclass(frozen=True)
class Place:
    """A folder of the home.

    Attributes:
        what: lies there, in words.
        name: of the folder that takes its part beside the course.
        variable: of the environment that says where it is.
        path: where it is now.
    """

    what: str
    name: str
    variable: str
    path: Path


def usual() -> list[Place]:
    """The folders as they are for this user; those of Jupyter only where it is installed."""
    cache = resources.cache_folder()
    home = Path(os.path.expanduser("~"))
    found = [
        ("compiled kernels", "kernels", "DLCORE_CACHE_FOLDER", cache),
        ("downloaded data", "datasets", "DLCORE_DATA_FOLDER", cache / "datasets"),
        ("matplotlib", "matplotlib", "MPLCONFIGDIR", _matplotlib(home)),
        ("IPython", "ipython", "IPYTHONDIR", home / ".ipython"),
    ]
    with contextlib.suppress(ImportError):
        from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir

        found += [
            ("Jupyter's settings", "settings", "JUPYTER_CONFIG_DIR", Path(jupyter_config_dir())),
            ("Jupyter's data", "jupyter", "JUPYTER_DATA_DIR", Path(jupyter_data_dir())),
            ("Jupyter's servers", "servers", "JUPYTER_RUNTIME_DIR", Path(jupyter_runtime_dir())),
        ]
    return [
        Place(what, name, variable, Path(os.environ.get(variable) or path).expanduser())
        for what, name, variable, path in found
    ]


def _matplotlib(home: Path) -> Path:
    """Its cache, which it writes; on Linux the settings, which it only reads, lie elsewhere."""
    if sys.platform.startswith(("linux", "freebsd")):
        return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "matplotlib"
    return home / ".matplotlib"


def beside(folder: Path) -> Path:
    """Where the files of a home that cannot be written lie, for a course folder."""
    return folder.resolve() / MARKER / "home"


def substitutes(folder: Path) -> dict[str, str]:
    """What the environment must say so that all folders can be written; nothing changes on disk.

    Args:
        folder: the course folder.

    Returns:
        Variables and values: empty where the home is as it should be.
    """
    return {
        place.variable: str(beside(folder) / place.name)
        for place in usual()
        if not can_be_written(place.path)
    }


def can_be_written(path: Path) -> bool:
    """Whether a file with something in it can be made in a folder, or in one to be made there."""
    while not os.path.exists(path):
        if path == path.parent:
            return False
        path = path.parent
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(ROOM)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    return True
