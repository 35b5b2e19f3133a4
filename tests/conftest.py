"""What every test runs under: repeatable examples, and no folder of the person who runs it."""

import os

import hypothesis
import pytest

# Derandomised: a red run can be repeated by running it again, on any machine.
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, print_blob=True, database=None
)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(autouse=True)
def no_course_folder_from_outside(monkeypatch):
    """A test that wants a course folder sets its own; the tester's progress is never touched."""
    monkeypatch.delenv("DLCORE_COURSE_FOLDER", raising=False)
