"""What came with dlcore, what has to be installed beside it, and where it keeps what it makes.

An installed wheel carries the lessons and the data inside the package, under `dlcore/_bundled`; a
checkout has them beside the package, at the top of the repository. The library alone is installed
without what only the course needs; who asks for it is told the line that adds it.
"""

import importlib.util
import os
import sys
from pathlib import Path

DISTRIBUTION = "dlcore-course"
"""What pip calls us; the distribution `dlcore` on the package index is somebody else's."""

_PACKAGE = Path(__file__).resolve().parent


def lessons_folder() -> Path:
    """Return the folder of the lesson notebooks; FileNotFoundError if there is none."""
    return _find("lessons")


def exercises_folder() -> Path:
    """Return the folder of the exercise files; FileNotFoundError if there is none."""
    return _find("lessons/exercises")


def datasets_folder() -> Path:
    """Return the folder of the data files and datasheets; FileNotFoundError if there is none."""
    return _find("datasets")


def _find(name: str) -> Path:
    bundled = _PACKAGE / "_bundled" / name
    if bundled.is_dir():
        return bundled
    # Beside an installed package `datasets` may be somebody else's: only a checkout counts.
    checkout = _PACKAGE.parent / name
    if checkout.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return checkout
    raise FileNotFoundError(
        f"The folder {name!r} of dlcore is missing: expected it at {bundled} (installed) "
        f"or {checkout} (checkout); reinstall dlcore, or make a fresh checkout."
    )


def cache_folder() -> Path:
    """Return the folder of this user for what can be made anew; it need not exist."""
    try:
        import platformdirs
    except ImportError:  # the library alone, copied to a machine: kernels need no more than Numba
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        return Path(base) / "dlcore"
    return Path(platformdirs.user_cache_dir("dlcore", appauthor=False))


def address() -> str:
    """The project's address on the web, from `[project.urls]` in pyproject.toml; "" for none."""
    import tomllib
    from importlib import metadata

    project = _PACKAGE.parent / "pyproject.toml"
    if project.is_file():
        urls = tomllib.loads(project.read_text("utf-8"))["project"].get("urls", {})
        return next(iter(urls.values()), "")
    try:
        urls = metadata.metadata(DISTRIBUTION).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    return urls[0].partition(",")[2].strip() if urls else ""


def need_course(*packages: str) -> None:
    """Nothing where these packages are installed.

    Raises:
        ModuleNotFoundError: one is not; the sentence has the command that installs what the course
            needs beside the library.
    """
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise ModuleNotFoundError(
                f"The course needs {package}, which is not installed; this line installs it with "
                f"all else that only the course needs: {course_command()}",
                name=package,
            )


def need(package: str, distribution: str, what: str) -> None:
    """Nothing where a package that only a part of the library needs is installed.

    Args:
        package: what is imported.
        distribution: what pip calls it.
        what: what needs it, for the sentence.

    Raises:
        ModuleNotFoundError: it is not; the sentence has the command that installs it.
    """
    try:
        found = importlib.util.find_spec(package) is not None
    except ValueError:  # one that was put out of reach
        found = False
    if not found:
        raise ModuleNotFoundError(
            f"{what} needs {distribution}, which is not installed; this line installs it: "
            f"{_pip()} {distribution}",
            name=package,
        )


def _pip() -> str:
    import re

    # Quoted only where it must be: PowerShell takes a quoted program for a text.
    plain = re.fullmatch(r"[\w./\\:-]+", sys.executable)
    return (sys.executable if plain else f'"{sys.executable}"') + " -m pip install"


def course_command() -> str:
    """The line for a terminal that installs what only the course needs.

    It names the place that dlcore was installed from. Where that is gone, it names the packages.
    """
    import json
    import re
    from importlib import metadata
    from urllib.parse import urlparse
    from urllib.request import url2pathname

    pip = _pip()
    try:
        ours = metadata.distribution(DISTRIBUTION)
        origin = json.loads(ours.read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return f'{pip} "{_PACKAGE.parent}[course]"'
    url = origin.get("url", "")
    place = url2pathname(urlparse(url).path)
    if url.startswith("file:") and Path(place).exists():
        editable = "-e " if origin.get("dir_info", {}).get("editable") else ""
        return f'{pip} {editable}"{place}[course]"'
    wanted = re.compile(r"(.+?) *; *extra == ['\"]course['\"]")
    found = filter(None, map(wanted.fullmatch, ours.requires or []))
    return " ".join([pip, *(f'"{match[1]}"' for match in found)])
