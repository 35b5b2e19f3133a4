"""What an exercise is: the words of a lesson's file in ``lessons/exercises``.

An exercise says what is to be written, how its cases are drawn, what helps, and which mistakes
are known. Whatever is wrong with a definition is said when its file is read, by its id.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.backends import KERNELS, Kernel
from dlcore.course.grading.inside.lending import calling

LEVELS = ("easy", "core", "stretch")

Draw = Callable[[np.random.Generator, int], tuple[Any, ...]]


@dataclass(frozen=True)
class WrongAnswer:
    """A known mistake: a function that makes it, and the sentence that it deserves."""

    function: Callable[..., Any]
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise of a lesson: a function to write, or a class.

    An exercise that is a class says with ``use`` what is done with it in each case, and with
    ``library`` what it may take from dlcore. What is written here is a layer with one weight; its
    output is compared, and the shapes of the weights and how many numbers they hold::

        class Scale(Layer):
            def build(self, input_shape):
                self.factor = self.add_weight((input_shape[-1],), initializer="ones")

            def call(self, x):
                return x * self.factor

        class ScaleByOne(Layer):             # a wrong answer
            def build(self, input_shape):
                self.factor = self.add_weight((), initializer="ones")

            def call(self, x):
                return x * self.factor

        def scaled(kind, x, factor):
            layer = kind()
            layer.build(x.shape)
            shapes = [tuple(weight.shape) for weight in layer.trainable_weights]
            if shapes == [factor.shape]:
                layer.set_weights([factor])
            return layer(x), shapes, layer.count_params()

        Exercise(
            id="05.Scale", answer=Scale, use=scaled, library=("layers.Layer", "ops"),
            draw=lambda rng, size: (rng.normal(size=(size + 1, 2)), rng.normal(size=2)),
            result_names=("y", "shapes", "count_params"), ...)

    Each case is a call ``use(Class, *case)``: ``draw`` gives what the constructor needs beside the
    inputs, and whatever the call gives is compared, a result each: outputs (as they are, tensors
    become arrays), lists of shapes, numbers, a ``get_config()`` without its ``"name"``. A layer
    that was given other weights than it has fails with an error of the library, so ask first, as
    above. ``use`` runs where the learner's class runs, with np and math, and with what it imports
    itself from dlcore in its own lines; ``GradientTape`` for instance. All of it is calculated on
    the backend "numpy"; each call begins with the same seed, so that weights which the library's
    initializers draw are the same for the same class. Of an optimizer ``use`` makes Variables,
    calls ``apply_gradients`` once or a few times, and gives the weights.

    Args:
        id: lesson and name, as in ``"04.relu_grad"``. The name is that of the function; if the
            kernel contract has it, an accepted function serves in the backend "mine". With
            ``use`` it is the name of a class.
        title: a few words, the heading of its cards.
        level: "easy", "core" or "stretch".
        minutes: how long a learner should plan for it.
        answer: the right function; the library's own wherever there is one.
        draw: ``draw(rng, size)`` gives the positional arguments of a case. Size 1 is tiny, with
            whole numbers; 5 is the largest. Floating arrays are passed on as float32, and in a
            few cases as float64, whatever ``draw`` made them.
        hints: exactly three, from a nudge to nearly the answer.
        wrong: at least two known mistakes.
        examples: argument tuples that are tried before the drawn ones.
        tolerance: relative to the size of the expected numbers. Defaults to ``1e-4``.
        notes: a few sentences shown with the solution. Defaults to none.
        spelled: the answer written out, if the answer itself is a call, or a class of the library
            whose text uses more than is lent; slips are looked for in its text, and it fills the
            cell of a solved notebook. Defaults to the answer.
        float32: whether the lesson works in float32, so that a result in float64 deserves a note.
            Defaults to ``False``.
        result_names: names of the results, for the sentences. Defaults to those of the contract.
        use: for an exercise that is a class: ``use(Class, *case)`` builds it, calls it and gives
            what is compared. It stands by itself. Then ``answer`` and the wrong answers are
            classes too.
        library: what the answer may take from dlcore, by the names of programs:
            ``("layers.Layer", "ops")``. Of a module it is all that it lists but what has the name
            of the exercise. Everything else of dlcore is refused. Defaults to nothing.
        too_slow: what is said of a function that was right until the largest case, and was stopped
            there by the clock. Defaults to nothing.

    Raises:
        ValueError: if a part is missing or does not fit; the sentence names the exercise.
    """

    id: str
    title: str
    level: str
    minutes: int
    answer: Callable[..., Any]
    draw: Draw
    hints: tuple[str, ...]
    wrong: tuple[WrongAnswer, ...]
    examples: tuple[tuple[Any, ...], ...] = ()
    tolerance: float = 1e-4
    notes: str = ""
    result_names: tuple[str, ...] = ()
    spelled: Callable[..., Any] | None = None
    float32: bool = False
    use: Callable[..., Any] | None = None
    library: tuple[str, ...] = ()
    too_slow: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not re.fullmatch(r"\d\d\.[A-Za-z_]\w*", self.id, re.A):
            raise ValueError(
                f"Exercise {self.id!r}: an id is two digits of the lesson, a dot and the name of "
                "the function, as in '04.relu_grad'."
            )
        for problem in self._problems():
            raise ValueError(f"Exercise {self.id}: {problem}")

    def _problems(self) -> list[str]:
        problems = []
        if not _is_text(self.title):
            problems.append("the title is empty; give it a few words.")
        if self.level not in LEVELS:
            problems.append(f"unknown level {self.level!r}; the levels are {', '.join(LEVELS)}.")
        if isinstance(self.minutes, bool) or not isinstance(self.minutes, int) or self.minutes < 1:
            problems.append(f"minutes is {self.minutes!r}; give a whole number from 1.")
        if not callable(self.answer):
            problems.append(f"the answer is {self.answer!r}; give a function.")
        elif isinstance(self.answer, type) and self.use is None:
            problems.append("the answer is a class; say with `use` how it is built and called.")
        if not callable(self.draw):
            problems.append(f"draw is {self.draw!r}; give a function draw(rng, size) -> arguments.")
        hints = self.hints
        if isinstance(hints, str) or len(hints) != 3 or not all(map(_is_text, hints)):
            count = 1 if isinstance(hints, str) else len(hints)
            problems.append(f"it has {count} hints; give exactly three texts, none empty.")
        if not isinstance(self.wrong, tuple | list) or len(self.wrong) < 2:
            count = len(self.wrong) if isinstance(self.wrong, tuple | list) else 1
            problems.append(f"it has {count} wrong answers; name at least two known mistakes.")
        else:
            problems += self._problems_of_wrong()
        if not isinstance(self.tolerance, float) or not 0 < self.tolerance < 1:
            problems.append(f"the tolerance is {self.tolerance!r}; give a number between 0 and 1.")
        problems += self._problems_of_library()
        if not all(isinstance(example, tuple) for example in self.examples):
            problems.append("an example is not a tuple; write it as (x, w, b), or (x,) for one.")
        return problems

    def _problems_of_wrong(self) -> list[str]:
        problems = []
        for number, wrong in enumerate(self.wrong, 1):
            if not isinstance(wrong, WrongAnswer) or not callable(wrong.function):
                problems.append(f"wrong answer {number} is not WrongAnswer(function, sentence).")
            elif not _is_text(wrong.sentence):
                problems.append(f"wrong answer {number} has no sentence; say what the mistake is.")
        sentences = [w.sentence for w in self.wrong if isinstance(w, WrongAnswer)]
        if len(set(sentences)) < len(sentences):
            problems.append("two wrong answers share a sentence; each deserves its own.")
        return problems

    def _problems_of_library(self) -> list[str]:
        if not isinstance(self.library, tuple):
            return ['library is no tuple; write it as ("layers.Layer", "ops").']
        if self.library and self.use is None:
            return ["it lends a part of dlcore, so say with `use` how the class is called."]
        if isinstance(self.answer, type) and not self.library:
            bases = [each for each in self.answer.__mro__ if each.__module__.startswith("dlcore.")]
            if bases:
                return [
                    f"the answer needs {bases[0].__name__} of dlcore; lend with `library` what its "
                    'class inherits from, as in library=("layers.Layer",).'
                ]
        problems = []
        for name in self.library:
            from dlcore.course.library import named

            if named(name) is None:
                problems.append(f"dlcore has no {name!r} to lend.")
            elif named(name) is self.answer:
                problems.append(f"{name!r} is the answer, and cannot be lent.")
        return problems

    @property
    def lent(self) -> dict[str, Any]:
        """What the answer may take from dlcore, by its dotted name."""
        if not self.library:
            return {}
        from dlcore.course.library import lent

        return lent(self.library, self.name, self.answer)

    def apart(self) -> contextlib.AbstractContextManager[None]:
        """Within, answers are tried: on the backend "numpy" where they use the library's parts."""
        if not self.library:
            return contextlib.nullcontext()
        from dlcore.course.library import apart

        return apart()

    @property
    def lesson(self) -> str:
        """Two digits of the lesson, as its notebook starts."""
        return self.id[:2]

    @property
    def name(self) -> str:
        """Name of the function to write: the part after the dot."""
        return self.id[3:]

    @property
    def kernel(self) -> Kernel | None:
        """The kernel of the contract that an accepted function serves as, if there is one."""
        return KERNELS.get(self.name)

    def using(self, candidate: Callable[..., Any]) -> Callable[..., Any]:
        """What is called with a case: the function itself, or ``use`` with the class."""
        if self.use is None:
            return candidate
        return functools.partial(calling(self.use) if self.library else self.use, candidate)

    @property
    def of_the_library(self) -> bool:
        """Whether the answer is a function of dlcore itself, not one written for the lesson."""
        return getattr(self.answer, "__module__", "").startswith("dlcore.")

    def argument_names(self, count: int) -> tuple[str, ...]:
        """Names for ``count`` positional arguments, from the answer's signature."""
        names = list(inspect.signature(self.using(self.answer)).parameters)[:count]
        return tuple(names + [f"argument {i + 1}" for i in range(len(names), count)])

    def names_of_results(self, count: int) -> tuple[str, ...]:
        """Names for ``count`` results: given, from the contract, or numbered."""
        names = self.result_names
        if not names and self.kernel is not None:
            names = tuple(array.name for array in self.kernel.outputs)
        if len(names) == count:
            return tuple(names)
        return ("the result",) if count == 1 else tuple(f"result {i + 1}" for i in range(count))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
