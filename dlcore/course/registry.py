"""The exercises of all lessons, read from ``lessons/exercises/ex*.py`` when they are asked for.

A file ``ex04_bending.py`` holds a list ``EXERCISES`` whose ids start with "04.". Files are run
by their path: they belong to the lessons, not to the package.
"""

from __future__ import annotations

import difflib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from dlcore.course.definition import Exercise


class Registry:
    """The exercises of one folder. A lesson's files are run once, when first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._files: dict[Path, list[Exercise]] = {}

    def lessons(self) -> list[str]:
        """Two digits of each lesson that has exercises, in order."""
        return sorted({path.name[2:4] for path in self._paths()})

    def all(self) -> list[Exercise]:
        """Every exercise, in the order of the lessons and of their files.

        Raises:
            ValueError: if a file has no exercises, or two exercises share an id or a name.
        """
        found: dict[str, Exercise] = {}
        names: dict[str, str] = {}
        for path in self._paths():
            for exercise in self._load(path):
                if exercise.id in found:
                    raise ValueError(f"Two exercises have the id {exercise.id}; rename one.")
                if exercise.name in names:
                    raise ValueError(
                        f"{names[exercise.name]} and {exercise.id} have the same name "
                        f"{exercise.name!r}, but my_dlcore.py can hold only one; rename one."
                    )
                found[exercise.id] = exercise
                names[exercise.name] = exercise.id
        return list(found.values())

    def find(self, id: str) -> Exercise:
        """The exercise of the given id.

        Raises:
            ValueError: if there is none; the sentence says which was meant.
        """
        if not isinstance(id, str):
            raise ValueError(f"An exercise is named by its id, as in '04.relu'; got {id!r}.")
        for path in self._paths():
            if path.name[2:4] == id[:2]:
                for exercise in self._load(path):
                    if exercise.id == id:
                        return exercise
        everything = self.all()
        by_name = [exercise.id for exercise in everything if exercise.name == id.split(".")[-1]]
        close = by_name or difflib.get_close_matches(id, [e.id for e in everything], 1, 0.5)
        if close:
            raise ValueError(f"There is no exercise {id!r}; did you mean {close[0]!r}?")
        known = ", ".join(exercise.id for exercise in everything) or "none"
        raise ValueError(f"There is no exercise {id!r}; there are: {known}.")

    def named(self, name: str) -> Exercise | None:
        """The exercise whose function has the given name, or None."""
        return next((exercise for exercise in self.all() if exercise.name == name), None)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("ex[0-9][0-9]_*.py"))

    def _load(self, path: Path) -> list[Exercise]:
        if path not in self._files:
            listed = getattr(_run(path), "EXERCISES", None)
            if not isinstance(listed, list | tuple) or not listed:
                raise ValueError(f"{path.name} has no list EXERCISES of exercises; add one.")
            for exercise in listed:
                if not isinstance(exercise, Exercise):
                    raise ValueError(f"{path.name}: EXERCISES holds {exercise!r}, not an Exercise.")
                if exercise.lesson != path.name[2:4]:
                    raise ValueError(
                        f"{path.name} holds the exercise {exercise.id}; it belongs in a file "
                        f"ex{exercise.lesson}_*.py."
                    )
            self._files[path] = list(listed)
        return self._files[path]


def _run(path: Path) -> ModuleType:
    name = f"dlcore_exercises.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        error.add_note(f"This came while reading the exercises of {path.name}.")
        raise
    return module


_shared: dict[Path, Registry] = {}


def registry() -> Registry:
    """The registry of the lessons that came with dlcore."""
    from dlcore import resources

    folder = Path(resources.exercises_folder())
    return _shared.setdefault(folder, Registry(folder))
