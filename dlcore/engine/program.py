"""Record a step and replay it: a training step as a flat list of kernels and buffers.

Every kernel writes into given arrays, so a step that always does the same is the list of its
calls. A `Program` runs a step twice as it is, and compares the two recordings: where they did the
same kernels on the same buffers, the third step and all that follow only run the list. There is no
tape then, no new array but the scratch space of a kernel, and almost no Python. What changes from
step to step (the batch, the learning rate, counts) must lie in arrays that stay where they are.

A step that does more than call kernels cannot be replayed. It shows in one of three ways: a value
is read in the middle of it, an array that no kernel made differs between the recordings, or the
kernels do. The program then stays eager and says why in `reason`.

What is more than kernels, but only looks at what they left, may wait for the end of the step:
`after_step` hands it to the program, which does it after each replay as well.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.backends.memory import address, is_array
from dlcore.engine.tensor import Tensor


@dataclass(slots=True)
class Call:
    """One kernel that ran: what ran it, with which arguments, and copies of the inputs' values."""

    name: str
    function: Callable[..., None]
    arguments: tuple[Any, ...]
    outputs: int
    # By position: for an input that a kernel of the step had made, the number of that call and of
    # its output; for any other, its values at the time.
    made: dict[int, tuple[int, int]] = field(default_factory=dict)
    given: dict[int, np.ndarray] = field(default_factory=dict)


@dataclass(slots=True)
class Gone:
    """What is left of an array that was made in a step and let go."""

    shape: tuple[int, ...]
    dtype: np.dtype


class Recording:
    """The calls of one step. While it records, all its arrays stay alive: no address is used twice.

    Use as a context manager around the step.

    Args:
        lasting: arrays that outlive all steps where they are, such as a whole data set or the
            weights: of these no copies are kept.
        most: how many bytes the step may fill beside these; default: as many as it takes.
    """

    def __init__(self, lasting: Sequence[np.ndarray] = (), most: float = math.inf) -> None:
        self._lasting = {address(array) for array in lasting}
        self._left = most
        self.calls: list[Call] = []
        self.read: str | None = None
        self._made: dict[int, tuple[int, int]] = {}  # address -> (number of the call, output)
        self._copies: dict[Any, np.ndarray] = {}

    def __enter__(self) -> Recording:
        self._before = backends.set_recorder(self._add)
        return self

    def __exit__(self, *_: object) -> None:
        backends.set_recorder(self._before)

    def _add(
        self,
        name: str,
        function: Callable[..., None] | None,
        arguments: tuple[Any, ...],
        outputs: int,
    ) -> None:
        if self.read is not None:
            return
        if function is None:  # no kernel: a value was looked at
            shape = arguments[0].shape
            self.read = f"the value of a tensor of shape {shape} was read during the step"
            return
        call = Call(name, function, arguments, outputs)
        for i, value in enumerate(arguments[outputs:], outputs):
            if is_array(value):
                at = address(value)
                source = self._made.get(at)
                if source is not None:
                    call.made[i] = source
                elif at not in self._lasting:
                    call.given[i] = self._copied(value, at)
        number = len(self.calls)
        for i in range(outputs):
            at = address(arguments[i])
            if at not in self._made and at not in self._lasting:
                self._left -= arguments[i].nbytes
            self._made[at] = number, i
        self.calls.append(call)
        if self._left < 0:
            self.read = "the step fills more memory than may be kept"
            self.calls = []

    def _copied(self, value: np.ndarray, at: int) -> np.ndarray:
        """A copy of the values, the same for all calls that read them: each step of a sequence."""
        key = at, value.shape, value.dtype
        known = self._copies.get(key)
        # What lies in NumPy's memory may be written in between by more than kernels.
        if known is None or (isinstance(value, np.ndarray) and not np.array_equal(known, value)):
            known = self._copies[key] = value.copy()
        return known

    def let_go(self) -> None:
        """Keep of all arrays only those that came from outside, which `difference` looks at."""
        for call in self.calls:
            call.arguments = tuple(
                value
                if not is_array(value) or (i >= call.outputs and i not in call.made)
                else Gone(value.shape, value.dtype)
                for i, value in enumerate(call.arguments)
            )


def difference(first: Recording, second: Recording) -> str | None:
    """Why two recordings of a step are not the same step; None if they are.

    Of the first one the arrays that it made may have been let go.
    """
    for recording in (first, second):
        if recording.read is not None:
            return recording.read
    names = [[call.name for call in recording.calls] for recording in (first, second)]
    if names[0] != names[1]:
        return "two steps called different kernels"
    for a, b in zip(first.calls, second.calls, strict=True):
        if a.function is not b.function:
            return f"another function ran {a.name}"
        for i, (x, y) in enumerate(zip(a.arguments, b.arguments, strict=True)):
            if not is_array(y):
                if x != y:
                    return f"an attribute of {a.name} changed from {x} to {y}"
            elif x.shape != y.shape or x.dtype != y.dtype:
                return f"{a.name} met an array of shape {x.shape}, then one of shape {y.shape}"
            elif a.made.get(i) != b.made.get(i):
                return f"{a.name} took its input from another kernel"
            elif i >= a.outputs and i not in a.made and not _stayed(a, b, i):
                return f"an input of {a.name} was calculated outside of dlcore's operations"
    return None


def _stayed(a: Call, b: Call, i: int) -> bool:
    """Whether an input from outside is the same array in two calls, or one with the same values."""
    if address(a.arguments[i]) == address(b.arguments[i]):
        return True
    # What was to last has no copies, and should not have moved.
    return i in a.given and i in b.given and _same(a.given[i], b.given[i])


def without_copies(calls: Sequence[Call], results: Any) -> list[Call]:
    """The calls without those that only copy what an earlier one made: that writes there itself.

    A copy (``cast`` to the same dtype) is left out if nothing else reads its source, neither
    another call nor whoever gets the results, and nothing touches its target in between. What a
    kernel has only changed, such as a part put into it, must be copied: the rest of it is older.
    """
    kept = list(calls)
    reads = Counter(address(a) for call in calls for a in _inputs(call))
    reads.update(address(array) for array in _arrays(results))
    gone = set()
    for number, copy in enumerate(calls):
        if copy.name != "cast" or 1 not in copy.made:
            continue
        target, source = copy.arguments
        maker, output = copy.made[1]
        made = kept[maker].arguments[output]
        if (
            source.dtype == target.dtype
            and made.size == source.size
            and address(made) == address(source)
            and reads[address(source)] == 1
            and output >= len(backends.KERNELS[kept[maker].name].updates)
            and not any(
                memory.overlap(target, a)
                for call in kept[maker:number]
                for a in call.arguments
                if is_array(a)
            )
        ):
            arguments = list(kept[maker].arguments)
            arguments[output] = target.reshape(made.shape)
            kept[maker] = replace(kept[maker], arguments=tuple(arguments))
            gone.add(number)
    return [call for number, call in enumerate(kept) if number not in gone]


class _GoingOn(threading.local):
    """What the step that is going on has left to be done after it; None outside of a program."""

    after: list[tuple[Callable[..., Any], tuple[Any, ...]]] | None = None


_going_on = _GoingOn()


def after_step(function: Callable[..., Any], *arguments: Any) -> None:
    """Call a function that is more than kernels, when the step that is going on is done.

    It is called again after each replay of the step, with the same arguments: arrays of the step
    then hold what the replay has written. Outside of a program it is called at once.
    """
    if _going_on.after is None:
        function(*arguments)
    else:
        _going_on.after.append((function, arguments))


class Program:
    """A step that is recorded twice and then replayed.

    Args:
        step: A function that calls kernels and returns tensors (or arrays); they hold the results
            of the last step.
        lasting: as for `Recording`.
        data: Gives the argument of the step, and is recorded with it: it may fetch a batch by
            kernels. Default: the step takes no argument.
        most: as for `Recording`; a step that fills more stays eager.
    """

    def __init__(
        self,
        step: Callable[..., Any],
        lasting: Sequence[np.ndarray] = (),
        data: Callable[[], Any] | None = None,
        most: float = math.inf,
    ) -> None:
        self._step = step
        self._lasting = lasting
        self._data = data
        self._most = most
        # What the step has left to `finish`.
        self.after: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self._recordings: list[Recording] = []
        self._list: list[tuple[Callable[..., None], tuple[Any, ...]]] | None = None
        # Where a backend has memory of its own: the arrays of the list, which the GPU alone knows.
        self._kept: list[tuple[Any, ...]] = []
        self._outputs: list[int] = []  # of the calls in the list
        self._results: Any = None
        self.reason: str | None = None

    @property
    def replayed(self) -> bool:
        """Whether the next step will be replayed."""
        return self._list is not None

    def run(self) -> Any:
        """Run the step, all but what it left to `finish`; returns what it returned."""
        if self._list is not None:
            for function, arguments in self._list:
                function(*arguments)
            return self._results
        if self.reason is not None:
            return self.run_eagerly()
        with Recording(self._lasting, self._most) as recording:
            self._results = self.run_eagerly()
        self._recordings.append(recording)
        if recording.read is not None:
            self.reason = recording.read
        elif len(self._recordings) == 2:
            self.reason = difference(*self._recordings)
            if self.reason is None:
                left = [arguments for _, arguments in self.after]
                self._take(without_copies(recording.calls, [self._results, left]))
        else:
            recording.let_go()  # or there would be twice the memory in the second step
        results = self._results
        if len(self._recordings) == 2 or self.reason is not None:
            self._recordings = []
            if self._list is None:
                self._results = None
        return results

    def _take(self, calls: Sequence[Call]) -> None:
        """Make the list that is replayed."""
        pairs = [(call.function, call.arguments) for call in calls]
        self._list = [(backends.settled(f, a), tuple(backends.as_taken(f, a))) for f, a in pairs]
        device = memory.device()
        # A function at home in NumPy is no kernel that a device could run again by itself.
        by_itself = hasattr(device, "replay") and not any(hasattr(f, "at_home") for f, _ in pairs)
        if device is not None and by_itself:
            self._list = [(device.replay(self._list), ())]  # all of them as one call
        self._kept = [arguments for _, arguments in pairs]
        self._outputs = [call.outputs for call in calls]

    def run_eagerly(self) -> Any:
        """Run the step as it is, all but what it left to `finish`."""
        before, _going_on.after = _going_on.after, []
        try:
            results = self._step() if self._data is None else self._step(self._data())
            self.after = _going_on.after
        finally:
            _going_on.after = before
        return results

    def finish(self) -> None:
        """Do what the step has left to be done after it, see `after_step`."""
        for function, arguments in self.after:
            function(*arguments)

    def until(self, array: np.ndarray) -> tuple[int, list[np.ndarray]]:
        """How many of the `calls` it takes until an array is as the step leaves it.

        With them come all arrays that they write. Only where arrays live in NumPy's memory.
        """
        at = address(array)
        written = [a[:n] for a, n in zip(self._kept, self._outputs, strict=True)]
        last = max(i for i, each in enumerate(written) if any(address(a) == at for a in each))
        return last + 1, [a for each in written[: last + 1] for a in each]

    def calls(self) -> Sequence[tuple[Callable[..., None], tuple[Any, ...]]]:
        """The functions and arguments that a replay runs, in order; empty while it is eager."""
        return tuple(self._list or ())


def _inputs(call: Call) -> list[np.ndarray]:
    return [value for value in call.arguments[call.outputs :] if is_array(value)]


def _arrays(results: Any) -> list[np.ndarray]:
    """The arrays among the results of a step."""
    if isinstance(results, tuple | list):
        return [array for result in results for array in _arrays(result)]
    if isinstance(results, Tensor):
        return [results.data]
    return [results] if is_array(results) else []


def _same(x: np.ndarray, y: np.ndarray) -> bool:
    # By their bits: NaN is the same as NaN, and -0 is not 0.
    return memory.to_host(x).tobytes() == memory.to_host(y).tobytes()
