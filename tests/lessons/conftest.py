"""What the tests of several lessons share."""

from __future__ import annotations

import pytest

from dlcore import backends
from dlcore.backends import mine
from dlcore.backends import numpy as key
from dlcore.course.source import answer_text


@pytest.fixture
def accept(tmp_path, monkeypatch):
    """A course folder of its own; called with names, it has these kernels written and accepted."""
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


@pytest.fixture
def own(accept, request):
    """A course folder in which all ``KERNELS`` of the test file are the learner's, and accepted."""
    accept(request.module.KERNELS)
