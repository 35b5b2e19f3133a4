"""What every test runs under: repeatable examples, and no folder of the person who runs it."""

import os
import tempfile

import hypothesis
import pytest

# Derandomised: a red run can be repeated by running it again, on any machine.
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, print_blob=True, database=None
)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


# What is set for other programs of this machine.
for name in ("DLCORE_BACKEND", "DLCORE_DATA_FOLDER", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session", autouse=True)
def folders_of_our_own(tmp_path_factory):
    """Where the system keeps what is temporary, kernels of an earlier run may lie, read as ours."""
    own = tmp_path_factory.mktemp("t")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(name, str(own))
        patch.setattr(tempfile, "tempdir", None)
        patch.setenv("IPYTHONDIR", str(own / "ipython"))
        yield


@pytest.fixture(autouse=True)
def no_course_folder_from_outside(monkeypatch):
    """A test that wants a course folder sets its own; the tester's progress is never touched."""
    monkeypatch.delenv("DLCORE_COURSE_FOLDER", raising=False)


@pytest.fixture
def accept(tmp_path, monkeypatch):
    """A course folder of its own; called with names, it has these kernels written and accepted."""
    from dlcore import backends
    from dlcore.backends import mine
    from dlcore.backends import numpy as key
    from dlcore.course.source import answer_text

    monkeypatch.setenv("DLCORE_COURSE_FOLDER", str(tmp_path))
    before = backends.get_backend()
    mine.calls.clear()

    def accepted(names):
        sections = []
        for name in names:
            body = answer_text(getattr(key, name))
            sections.append(f"# >>> 01.{name} {mine.checksum(body)}\n{body}# <<< 01.{name}\n")
        (tmp_path / mine.FILE).write_text("\n".join(sections))

    yield accepted
    backends.set_backend(before)
    mine.load(tmp_path / "nothing.py")
    mine.calls.clear()
