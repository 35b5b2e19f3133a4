"""Every mistake in tests/mistakes.py is answered by its one sentence."""

import re

import pytest

from tests.mistakes import MISTAKES, said

# What only those who know the inside of the library would understand.
INTERNAL = ("np.ndarray", "Traceback", "object at 0x", "__", "NoneType", "\x1b[")


@pytest.mark.parametrize(("what", "action", "words"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_the_answer_to_a_mistake(what, action, words):
    kind, sentence = said(action)
    assert re.search(words, sentence), f"{kind}: {sentence}"
    assert kind in ("warning", "ValueError", "TypeError", "RuntimeError", "FileNotFoundError",
                    "NotImplementedError", "Divergence")  # fmt: skip
    assert len(sentence) < 450 and "\n" not in sentence
    assert not any(part in sentence for part in INTERNAL)
