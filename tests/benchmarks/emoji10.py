"""The trainings that lesson 16 shows, on the drawings of emoji10.

`python -m tests.benchmarks.emoji10 wider 0 1 2` trains a recipe of the lesson from these seeds, a
minute and more each, and prints what `dlcore/widgets/recorded_pictures.py` keeps of it. Without a
name it is the widest network, and without seeds the first.
"""

import sys
from collections.abc import Sequence

from dlcore.course import pictures


def main(words: Sequence[str]) -> None:
    """Train, and print the accuracies after each epoch and in the end."""
    numbers = [int(word) for word in words if word.isdigit()]
    names = [word for word in words if not word.isdigit()] or ["wider"]
    unknown = [name for name in names if name not in pictures.RECIPES]
    if unknown:
        raise SystemExit(
            f"There is no recipe {unknown[0]!r}; choose of {', '.join(pictures.RECIPES)}."
        )
    for name in names:
        for seed in numbers or [0]:
            found = pictures.history(name, seed)
            for part in ("fit", "seen", "unseen"):
                print(f"    {part}: {[round(each, 3) for each in found[part]]}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
