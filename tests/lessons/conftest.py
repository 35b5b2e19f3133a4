"""What the tests of several lessons share."""

from __future__ import annotations

import pytest


@pytest.fixture
def own(accept, request):
    """A course folder in which all ``KERNELS`` of the test file are the learner's, and accepted."""
    accept(request.module.KERNELS)
