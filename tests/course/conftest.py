"""A course folder of its own for each test, and the sample exercises in place of the lessons."""

import importlib

import pytest

from dlcore.backends import mine
from dlcore.course import progress_file
from dlcore.course.registry import Registry
from tests.course import samples


class Samples(Registry):
    def __init__(self):
        pass

    def lessons(self):
        return ["01", "02", "04"]

    def all(self):
        return list(samples.EXERCISES)

    def find(self, id):
        self._paths = list
        return next((e for e in samples.EXERCISES if e.id == id), None) or super().find(id)


@pytest.fixture
def sample_registry(monkeypatch):
    """The sample exercises serve wherever the course asks for the registry."""
    for name in ("notebook", "registry"):
        module = importlib.import_module(f"dlcore.course.{name}")
        monkeypatch.setattr(module, "registry", Samples)


@pytest.fixture
def course(tmp_path, monkeypatch, sample_registry):
    """An empty course folder with the sample exercises."""
    folder = tmp_path / "my-course"
    folder.mkdir()
    monkeypatch.setenv("DLCORE_COURSE_FOLDER", str(folder))
    monkeypatch.setattr(progress_file, "_memory", {})
    mine.calls.clear()
    return folder
