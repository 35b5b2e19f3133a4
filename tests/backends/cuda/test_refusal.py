"""What a machine says that cannot run ``cuda``."""

from __future__ import annotations

import sys

import pytest

from dlcore import backends

pytest.importorskip("numba_cuda")

from dlcore.backends.cuda import refusal  # noqa: E402

why = sys.modules["dlcore.backends.cuda.refusal"]


@pytest.mark.skipif(refusal() is None, reason="cuda works here")
def test_without_a_gpu_the_choice_says_why_and_nothing_changes():
    before = backends.get_backend()
    with pytest.raises(ImportError, match="on this machine|compilers of CUDA|GPU") as caught:
        backends.set_backend("cuda")
    assert str(caught.value) == backends.available_backends()["cuda"]
    assert backends.get_backend() == before
    assert backends.compute("relu", [-1.0, 2.0]).tolist() == [0, 2]


def test_a_driver_that_is_too_old_for_the_compilers():
    assert why._too_old(13, (13, 5)) is why._too_old(13, (12, 9)) is None
    assert "pip install 'dlcore-course[cuda12]'" in why._too_old(12, (13, 5))
