"""What is wrong with a launch, found in the notes of its accesses, as sentences that name threads.

A race is found whatever the numbers are: two threads, one place, one of them writes, and nothing
says which comes first. In a block a barrier says it; between blocks nothing does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dlcore.stand_in.watching import Access, Three


def beside(log: Sequence[Access], shapes: Mapping[str, tuple[int, ...]], axes: int) -> list[str]:
    """The sentence on threads that reach for a place which an array does not have, if any does.

    Args:
        log: of the launch.
        shapes: of the arrays that the kernel was given, and of the shared ones, by name.
        axes: of the grid; so many numbers name a thread.
    """
    outside = [each for each in log if not each.inside]
    if not outside:
        return []
    first = min(outside, key=lambda e: (e.block[::-1], e.thread[::-1], e.turn))
    threads = len({(each.block, each.thread) for each in outside})
    verb, shape = "writes" if first.writes else "reads", shapes[first.array]
    count = f" {threads} threads reach beside an array."
    said = f"{_who(first, axes)} {verb} {_where(first)}, but {first.array} has shape {shape}."
    return [said + count * (threads > 1)]


def left_alone(block: Three, waiting: Sequence[int], axes: int) -> str:
    """The sentence on a barrier that not all threads of a block reach.

    Args:
        block: the block.
        waiting: for each thread the number of the barrier at which it waits, or 0 if it is done.
        axes: of the grid.
    """
    counts = Counter(waiting)
    done = counts.pop(0, 0)
    if not done:
        return (
            f"The threads of block {_named(block, axes)} wait at {len(counts)} different barriers; "
            "all threads of a block must come to the same one."
        )
    wait = len(waiting) - done
    threads = f"{wait} thread{'s' * (wait != 1)} of block {_named(block, axes)}"
    verb, never = "wait" + "s" * (wait == 1), "never reach" + "es" * (done == 1)
    return (
        f"{threads} {verb} at a barrier that {done} {never}, having returned. On a GPU that hangs, "
        "or goes wrong without a word."
    )


def races(log: Sequence[Access], axes: int) -> list[str]:
    """The sentence on places where two threads meet and one of them writes, if there are any.

    Args:
        log: of the launch.
        axes: of the grid.
    """
    written = {_meeting(each) for each in log if each.writes and each.inside}
    there: dict[Any, list[Access]] = {}
    for each in log:
        if each.inside and (key := _meeting(each)) in written:
            there.setdefault(key, []).append(each)
    found = [pair for those in there.values() if (pair := _race(those))]
    if not found:
        return []
    one, other = min(found, key=lambda pair: (_is_shared(pair[0]), *_rank(pair[0])))
    count = f" There are {len(found)} such races." if len(found) > 1 else ""
    return [f"{_both(one, other, axes)}; nobody knows who is first.{count}"]


def _meeting(access: Access) -> Any:
    """Accesses with different ones never race: other places, or a barrier between them."""
    if _is_shared(access):
        return access.array, access.place, access.block, access.phase
    return access.array, access.place


def _race(those: list[Access]) -> tuple[Access, Access] | None:
    """The first two accesses to one place that race, one that writes first; None if none do."""
    if len({(each.block, each.thread) for each in those}) == 1:
        return None
    those = sorted(those, key=_rank)
    for i, one in enumerate(those):
        for other in those[i + 1 :]:
            apart = (one.block, one.thread) != (other.block, other.thread)
            at_once = one.block != other.block or one.phase == other.phase
            if apart and at_once and (one.writes or other.writes):
                return (one, other) if one.writes else (other, one)
    return None


def _rank(access: Access) -> Any:
    """The same order, whoever had the first turn."""
    return (access.place, access.phase, access.block[::-1], access.thread[::-1],
            not access.writes, access.turn)  # fmt: skip


def _both(one: Access, other: Access, axes: int) -> str:
    place, first = _where(one), _who(one, axes)
    if one.block != other.block:
        second = f"thread {_named(other.thread, axes)} of block {_named(other.block, axes)}"
    else:
        second = f"thread {_named(other.thread, axes)} of the same block"
    if other.writes:
        return f"{first} and {second} both write {place}"
    barrier = ", with no barrier between" if one.block == other.block else ""
    return f"{first} writes {place} and {second} reads it{barrier}"


def _is_shared(access: Access) -> bool:
    return access.array.startswith("shared array ")


def _who(access: Access, axes: int) -> str:
    return f"Thread {_named(access.thread, axes)} of block {_named(access.block, axes)}"


def _where(access: Access) -> str:
    return f"{access.array}[{', '.join(map(str, access.place))}]"


def _named(place: Three, axes: int) -> str:
    """A place of a grid with one axis as a number, with more as (x, y)."""
    return str(place[0]) if axes == 1 else f"({', '.join(map(str, place[:axes]))})"
