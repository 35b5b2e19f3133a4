"""Run notebooks as they will be verified: nbval, outputs compared, an empty course folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from dlcore.course import notebooks
from tests.lessons import rules

REPOSITORY = Path(__file__).parents[2]


def verify(lesson, notebook, folder: Path, library: Path = REPOSITORY) -> list[str]:
    """What is wrong with a notebook; nothing for one that gives what is stored in it.

    nbval compares nothing in a cell without outputs, so the contract is asked first.

    Args:
        lesson: its row of the map.
        notebook: the notebook, with its outputs.
        folder: an empty folder for the learner's progress.
        library: the checkout whose dlcore runs.
    """
    return rules.problems(lesson, notebook) or nbval(notebook, folder, library)


def nbval(notebook, folder: Path, library: Path = REPOSITORY) -> list[str]:
    """Names and reasons of the cells that do not give what is stored."""
    path = folder / "lesson.ipynb"
    path.write_text(notebooks.text_of(notebook), encoding="utf-8")
    environment = {
        **os.environ,
        "DLCORE_COURSE_FOLDER": str(folder),
        "PYTHONPATH": str(library),
        "PYTEST_ADDOPTS": "",
    }
    command = [
        sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "--tb=short",
        "--nbval-cell-timeout=150", "-p", "no:cacheprovider", "-p", "no:randomly",
        f"--rootdir={folder}", str(path),
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    if done.returncode == 0:
        return []
    return [line for line in done.stdout.splitlines() if line.strip()] or [done.stderr]


def copy_of_the_library(folder: Path) -> Path:
    """A checkout in which a file of dlcore can be changed."""
    ignore = shutil.ignore_patterns("__pycache__", "*.ipynb")
    for name in ("dlcore", "lessons", "datasets"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignore)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    return folder


def change(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} holds {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
