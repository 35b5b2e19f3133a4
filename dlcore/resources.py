"""Where the lessons and the data lie.

An installed wheel carries them inside the package, under `dlcore/_bundled`; a checkout has them
beside the package, at the top of the repository.
"""

from pathlib import Path

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
