"""Files of a folder as batches: their order, their labels, their split, and reading them late."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.engine import random
from dlcore.utils.labels import to_categorical
from dlcore.utils.lookup import did_you_mean, one_of

_LABEL_MODES = ("int", "binary", "categorical")
_SUBSETS = ("training", "validation", "both")


class FileBatches:
    """Batches that are read from files when they are needed; fit, evaluate and predict take them.

    What `image_dataset_from_directory` and `text_dataset_from_directory` give. Going through it
    is a pass over all files; `len` is the number of batches.

    Args:
        file_paths: the files.
        labels: for each its label, as an array; None: there are none.
        class_names: what the classes are called; None without labels.
        read: gives the content of a file by its path.
        stack: puts contents into one array.
        batch_size: of how many files a batch is; None: each comes alone, without a batch axis.
        seed: of the order, which differs in each pass; None: that of `file_paths`.
    """

    def __init__(
        self,
        file_paths: Sequence[str],
        labels: np.ndarray | None,
        class_names: list[str] | None,
        read: Callable[[str], Any],
        stack: Callable[[list[Any]], np.ndarray],
        batch_size: int | None,
        seed: int | None,
    ) -> None:
        self.file_paths = list(file_paths)
        self.labels, self.class_names = labels, class_names
        self._read, self._stack, self._batch_size, self._seed = read, stack, batch_size, seed
        self._passes = 0

    def __len__(self) -> int:
        return -(-len(self.file_paths) // (self._batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        order = np.arange(len(self.file_paths))
        if self._seed is not None:
            np.random.default_rng((self._seed, self._passes)).shuffle(order)
        self._passes += 1
        size = self._batch_size or 1
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            contents = [self._read(self.file_paths[row]) for row in rows]
            x = contents[0] if self._batch_size is None else self._stack(contents)
            if self.labels is None:
                yield x
            else:
                yield x, self.labels[rows[0] if self._batch_size is None else rows]

    def __repr__(self) -> str:
        classes = f", classes {', '.join(self.class_names)}" if self.class_names else ""
        return f"<{len(self)} batches from {len(self.file_paths)} files{classes}>"

    def take(self, count: int) -> FileBatches:
        """The first `count` batches of a pass; -1 for all."""
        return _Changed(self, lambda: _first(self, count), count)

    def map(self, function: Callable[..., Any], **_: Any) -> FileBatches:
        """The batches as a function changes them: `function(x)` or `function(x, y)` gives one.

            train = train.map(lambda x, y: (x / 255, y))

        Further arguments, such as `num_parallel_calls`, are taken for code that gives them.
        """

        def changed() -> Iterator[Any]:
            for batch in self:
                yield function(*batch) if isinstance(batch, tuple) else function(batch)

        return _Changed(self, changed)


class _Changed(FileBatches):
    """Batches of another data set, changed or not all of them."""

    def __init__(
        self, source: FileBatches, batches: Callable[[], Iterator[Any]], most: int = -1
    ) -> None:
        self.file_paths, self.labels = source.file_paths, source.labels
        self.class_names = source.class_names
        self._batches = batches
        self._count = len(source) if most < 0 else min(most, len(source))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        return self._batches()


def _first(source: FileBatches, count: int) -> Iterator[Any]:
    for number, batch in zip(range(count) if count >= 0 else iter(int, 1), source, strict=False):
        del number
        yield batch


@dataclass(frozen=True)
class Folder:
    """Which files of a folder are meant, and with which labels; checked before one is read.

    Args:
        directory: the folder.
        labels: "inferred", from the names of the folders in it; None; or a label for each file.
        label_mode: "int", "binary", "categorical" or None.
        class_names: the folders to take, in this order; None: all, by the alphabet.
        shuffle: whether the files come in a random order.
        seed: of this order; None: one of its own.
        validation_split: the share of files that is held out; None: there is no split.
        subset: "training", "validation" or "both" of a split.
        follow_links: whether links to folders are followed.
        verbose: whether it is printed how many files were found.
        endings: those of the files that are meant, in small letters.
        kind: what messages call such a file.
    """

    directory: str | os.PathLike[str]
    labels: Any
    label_mode: str | None
    class_names: Sequence[str] | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool
    endings: tuple[str, ...]
    kind: str
    others: Counter[str] = field(default_factory=Counter)

    def batches(
        self,
        read: Callable[[str], Any],
        stack: Callable[[list[Any]], np.ndarray],
        batch_size: int | None,
    ) -> Any:
        """The data set, or with `subset="both"` a list of two.

        Raises:
            FileNotFoundError: there is no such folder.
            ValueError: an argument makes no sense, or there is no file.
        """
        self._check(batch_size)
        seed = self.seed
        if seed is None:
            seed = int(random.generator().integers(1_000_000))
        paths, labels, names = self._found()
        if self.shuffle:
            # As in Keras, so that the same files are held out for the same seed.
            np.random.RandomState(seed).shuffle(paths)
            if labels is not None:
                np.random.RandomState(seed).shuffle(labels)
        rows = None if labels is None else self._as_rows(labels, names or [])
        order = seed if self.shuffle else None
        held = int((self.validation_split or 0) * len(paths))
        if self.validation_split and not 0 < held < len(paths):
            raise ValueError(
                f"validation_split={self.validation_split} of {len(paths)} files leaves "
                f"{held} for validation and {len(paths) - held} for training; each needs one."
            )
        kept = len(paths) - held
        parts = []
        if self.subset in (None, "training", "both"):
            parts.append((slice(0, kept), order))
        if self.subset in ("validation", "both"):
            held_out = order if self.subset == "validation" else None
            parts.append((slice(kept, None), held_out))
        for part, word in zip((kept, held), ("training", "validation"), strict=True):
            if self.verbose and self.subset in (word, "both"):
                print(f"Using {part} files for {word}.")
        made = [
            FileBatches(
                paths[part], None if rows is None else rows[part], names, read, stack, batch_size,
                chance,
            )
            for part, chance in parts
        ]  # fmt: skip
        return made if self.subset == "both" else made[0]

    def _check(self, batch_size: int | None) -> None:
        if self.label_mode is not None:
            one_of(self.label_mode, _LABEL_MODES, "label_mode")
        if isinstance(self.labels, str) and self.labels != "inferred":
            raise ValueError(
                f"labels is 'inferred', None or a list with a label for each file, not "
                f"{self.labels!r}."
            )
        inferred = isinstance(self.labels, str) and self.label_mode is not None
        if self.class_names is not None and not inferred:
            raise ValueError(
                "class_names chooses among the folders, so it goes with labels='inferred' only."
            )
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, but is {batch_size}.")
        split = self.validation_split
        if split and not 0 < split < 1:
            raise ValueError(f"validation_split lies between 0 and 1, but is {split}; try 0.2.")
        if self.subset is not None:
            one_of(self.subset, _SUBSETS, "subset")
        if bool(split) != bool(self.subset):
            raise ValueError(
                "validation_split and subset go together: write validation_split=0.2, "
                "subset='both'."
            )
        if split and self.shuffle and self.seed is None and self.subset != "both":
            raise ValueError(
                "Two calls, for training and for validation, hold out the same files only with "
                "the same seed; give one, or write subset='both'."
            )

    def _found(self) -> tuple[list[str], Any, list[str] | None]:
        """The paths, their class numbers or None, and the names of the classes, in order."""
        folder = Path(self.directory)
        if not folder.is_dir():
            raise FileNotFoundError(f"There is no folder {folder}, which is to have the files.")
        inferred = self.label_mode is not None and isinstance(self.labels, str)
        if not inferred:
            places = {"": list(self._below(folder))}
        else:
            places = {name: list(self._below(folder / name)) for name in self._classes(folder)}
        paths = [path for found in places.values() for path in found]
        if not paths:
            raise ValueError(self._nothing(folder))
        if self.labels is None or self.label_mode is None:
            if self.verbose:
                print(f"Found {len(paths)} files.")
            return paths, None, None
        if inferred:
            names = list(places)
            for name, found in places.items():
                if not found:
                    warnings.warn(
                        f"The class {name!r} has no {self.kind}: {folder / name} is empty, or has "
                        f"files with other endings than {', '.join(self.endings)}.",
                        stacklevel=5,
                    )
            numbers: Any = np.repeat(np.arange(len(names)), [len(each) for each in places.values()])
        else:
            numbers = list(self.labels)
            if len(numbers) != len(paths):
                raise ValueError(
                    f"labels has {len(numbers)} entries, but {folder} has {len(paths)} files; it "
                    "needs one for each, in the order of their paths."
                )
            names = [str(label) for label in sorted(set(numbers))]
        if self.verbose:
            print(f"Found {len(paths)} files belonging to {len(names)} classes.")
        return paths, numbers, names

    def _classes(self, folder: Path) -> list[str]:
        there = sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name[0] != ".")
        if self.class_names is None:
            return there
        for name in self.class_names:
            if name not in there:
                hint = did_you_mean(name, there) or f" It has: {', '.join(there)}."
                raise ValueError(
                    f"class_names has {name!r}, but {folder} has no folder of that name.{hint}"
                )
        return list(self.class_names)

    def _below(self, folder: Path) -> Iterator[str]:
        walk = os.walk(folder, followlinks=self.follow_links)
        for root, _, files in sorted(walk, key=lambda step: step[0]):
            for name in sorted(files):
                # What macOS notes beside a file has its ending, but not its content.
                if name.lower().endswith(self.endings) and not name.startswith("._"):
                    yield os.path.join(root, name)
                else:
                    self.others[os.path.splitext(name)[1] or name] += 1

    def _nothing(self, folder: Path) -> str:
        loose = isinstance(self.labels, str) and not any(p.is_dir() for p in folder.iterdir())
        if loose and any(p.name.lower().endswith(self.endings) for p in folder.iterdir()):
            return (
                f"{folder} has files but no folders, so no classes; put the files of each class "
                "into a folder of its own, or write labels=None."
            )
        endings = ", ".join(ending for ending, _ in self.others.most_common(3))
        there = f", only files that end in {endings}" if endings else ""
        return f"{folder} has no {self.kind} ({', '.join(self.endings)}){there}."

    def _as_rows(self, labels: Any, names: list[str]) -> np.ndarray:
        numbers = np.asarray(labels)
        if numbers.dtype.kind not in "iu":
            raise ValueError(f"labels are whole numbers, but these are {numbers.dtype}.")
        if self.label_mode == "int":
            return numbers.astype(np.int32)
        if self.label_mode == "binary" and (len(names) != 2 or numbers.min() < 0):
            raise ValueError(
                f"label_mode='binary' is for two classes, but there are {len(names)}: "
                f"{', '.join(names)}; take 'int' or 'categorical'."
            )
        if numbers.min() < 0 or numbers.max() >= len(names):
            raise ValueError(
                f"With label_mode={self.label_mode!r} labels are numbers from 0 to "
                f"{len(names) - 1}, but some are {numbers.min()} or {numbers.max()}."
            )
        if self.label_mode == "binary":
            return numbers.astype(np.float32)[:, None]
        return to_categorical(numbers, len(names))
