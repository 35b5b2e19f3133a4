"""The answer to the question that a lesson asks before anything has run."""

from __future__ import annotations


def reveal(said: str, was: str) -> None:
    """Say what was predicted and what it was, in the same words in every lesson.

    Args:
        said: the learner's letter; the untouched "?" gets a friendly word.
        was: the letter that is right.
    """
    print(answered(said, was))


def answered(said: str, was: str) -> str:
    """The sentence of ``reveal``."""
    letter = str(said).strip().strip("().:").strip()
    if letter in ("", "?"):
        return (
            f"You have not said yet; it was {was}. Even a wrong guess is worth making: what "
            "surprised us stays."
        )
    return f"You said {letter.upper() if len(letter) == 1 else letter}; it was {was}."
