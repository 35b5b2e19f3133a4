"""How fast the picture of each widget follows a hand, in JupyterLab in a Chromium.

``python -m tests.benchmarks.widgets`` opens the lessons that have widgets, one after the other,
and prints a table: from a key or a click to the picture, and pictures a second during a drag. What
is timed ends when the page has painted, with the kernel's part in it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser import lab, read

WATCH = (Path(__file__).parent / "watch.js").read_text(encoding="utf-8")
PRESSES = 20
SECONDS = 3.0  # of a drag
DRAG = (Path(__file__).parent / "drag.js").read_text(encoding="utf-8")
BARS = ".dlcore-widget .dlcore-column:nth-child(2)"  # of the pad: what the network answers
PLOTS = ".dlcore-widget .dlcore-panels"

Page = Any  # playwright's


@dataclass(frozen=True)
class Act:
    """Something that a hand does to a widget.

    Args:
        lesson: the number of the lesson.
        name: what is done.
        do: does it once; a drag goes on until its time is over.
        drag: whether it is one.
        goal: milliseconds from a press to the picture, or pictures a second in a drag.
        root: where the picture is.
        before: what is done, untimed, before each press.
    """

    lesson: int
    name: str
    do: Callable[[Page], None]
    drag: bool
    goal: float
    root: str = PLOTS
    before: Callable[[Page], None] | None = None


def key(name: str, control: str) -> Callable[[Page], None]:
    """A press of a key on a control."""

    def press(page: Page) -> None:
        page.locator(f".dlcore-widget [data-control={control}]").first.press(name)

    return press


def click(control: str) -> Callable[[Page], None]:
    """A press of Space on a button, as a click without the way of the mouse to it."""
    return key("Space", control)


def drag(selector: str, which: int, to: tuple[float, float]) -> Callable[[Page], None]:
    """A drag from the middle of an element in ovals, by a hand that moves at every frame.

    The moves are made in the page: from outside not even half as many would arrive.
    """

    def move(page: Page) -> None:
        x, y = read.middle(page, selector, which)
        page.mouse.move(x, y)
        page.evaluate(DRAG, [selector, which, x, y, *to, 1000 * SECONDS])

    return move


HANDLE = "[data-kind=handle] .dlcore-hit"
ACTS = (
    Act(1, "arrow key on w", key("ArrowRight", "w"), False, 100),
    Act(1, "drag of the slider of w", drag("[data-control=w]", 0, (120, 0)), True, 20),
    Act(1, "drag of the dot on the bowl", drag(HANDLE, 2, (80, -60)), True, 20),
    Act(2, "a step", click("step"), False, 100),
    Act(2, "arrow key on the rate", key("ArrowRight", "learning_rate"), False, 100),
    Act(2, "drag of the start", drag(HANDLE, 0, (80, -60)), True, 20),
    Act(3, "arrow key on the angle", key("ArrowRight", "angle"), False, 100),
    Act(3, "drag of the dot", drag(HANDLE, 0, (60, -40)), True, 20),
    Act(4, "arrow key on bend 2", key("ArrowLeft", "bend2"), False, 100),
    Act(4, "drag of the slider of slope", drag("[data-control=slope]", 0, (60, 0)), True, 20),
    Act(4, "drag of a kink", drag(HANDLE, 5, (60, 0)), True, 20),
    Act(5, "arrow key on the units", key("ArrowRight", "units1"), False, 100),
    Act(5, "drag of the slider of rows", drag("[data-control=rows]", 0, (60, 0)), True, 20),
    Act(6, "arrow key on the step", key("ArrowRight", "position"), False, 100),
    Act(6, "drag of a weight", drag("[data-control=value]", 0, (120, 0)), True, 20),
    Act(7, "arrow key on a logit", key("ArrowRight", "z1"), False, 100),
    Act(7, "push", click("push"), False, 100),
    Act(9, "arrow key on the rate", key("ArrowRight", "rate"), False, 100),
    Act(9, "drag of the steps shown", drag(HANDLE, 0, (60, 0)), True, 20),
    Act(0, "drawing a stroke, to the bars", drag(".dlcore-sheet", 0, (70, 40)), True, 20, BARS),
    Act(
        0,
        "a cell by keyboard, to the bars",
        key("Shift+ArrowDown", "strokes"),
        False,
        100,
        BARS,
        click("clear"),
    ),
    Act(10, "arrow key on the depth", key("ArrowRight", "depth"), False, 100),
    Act(
        10,
        "arrow key on the first weights",
        key("ArrowDown", "start"),
        False,
        100,
        before=key("Home", "start"),  # there are five
    ),
    Act(10, "drag of the slider of depth", drag("[data-control=depth]", 0, (120, 0)), True, 20),
    # The first press trains a network for 60 epochs; the others find it trained.
    Act(11, "units, trained before", key("ArrowRight", "units"), False, 100, before=click("again")),
    Act(
        12,
        "arrow key on the size",
        key("ArrowRight", "power"),
        False,
        100,
        before=key("Home", "power"),  # it has nine places only
    ),
    Act(13, "arrow key on the row of the window", key("ArrowRight", "row"), False, 100),
    Act(13, "drag of the window", drag(".dlcore-field", 0, (80, 60)), True, 20),
    Act(13, "painting weights", drag(".dlcore-field", 2, (80, 40)), True, 20),
    Act(14, "arrow key on the row", key("ArrowRight", "row"), False, 100, before=click("middle")),
    Act(14, "drag over the last map", drag(HANDLE, 0, (60, -40)), True, 20),
    Act(15, "arrow key on the shift", key("ArrowRight", "right"), False, 100),
    Act(
        15,
        "arrow key on the class",
        key("ArrowDown", "row"),
        False,
        100,
        before=key("Home", "row"),  # there are ten
    ),
    Act(15, "drag of the slider of turn", drag("[data-control=turn]", 0, (60, 0)), True, 20),
    Act(16, "arrow key on the filter", key("ArrowRight", "filter"), False, 100),
    Act(16, "arrow key on the picture", key("ArrowRight", "picture"), False, 100),
    Act(16, "a new draw", click("draw"), False, 100),
    Act(16, "drag of the shift", drag("[data-control=right]", 0, (40, 0)), True, 20),
    Act(17, "arrow key on the cell", key("ArrowRight", "column"), False, 100),
    Act(17, "arrow key on the numbers", key("ArrowRight", "n"), False, 100),
    Act(17, "drag of the accesses", drag("[data-control=step]", 0, (60, 0)), True, 20),
    Act(8, "step", click("step"), False, 150),
    Act(8, "a tick of the player, an epoch", click("tick"), False, 150),
    Act(8, "rewind", click("rewind"), False, 150, before=click("step")),
)


def measure(page: Page, act: Act, presses: int = PRESSES) -> dict[str, Any]:
    """Do it, and time it in the page."""
    if act.drag:
        page.evaluate(WATCH, act.root)
        act.do(page)
        page.wait_for_timeout(300)
        times = page.evaluate("(dlcoreWatch.end(), dlcoreWatch.pictures)")
        moved = page.evaluate("dlcoreWatch.inputs")
        span = (moved[-1] - moved[0]) / 1000
        gaps = [b - a for a, b in zip(times, times[1:], strict=False)]
        return {
            "a second": len(times) / span,
            "longest gap": max(gaps, default=math.inf),
            "frames": len(moved) / span,  # a move at each: what the page itself could show
        }
    took = []
    for _ in range(presses):
        if act.before:
            act.before(page)
            page.wait_for_timeout(500)
        page.evaluate(WATCH, act.root)
        act.do(page)
        page.wait_for_function("dlcoreWatch.pictures.length > 0", timeout=20_000)
        inputs, pictures = page.evaluate(
            "(dlcoreWatch.end(), [dlcoreWatch.inputs, dlcoreWatch.pictures])"
        )
        took.append(pictures[0] - inputs[0])
        page.wait_for_timeout(120)
    return {"median": statistics.median(took), "longest": max(took)}


def run(presses: int = PRESSES, only: str = "") -> Iterator[tuple[Act, dict[str, Any]]]:
    """Measure all acts; a lesson is opened once."""
    for lesson in dict.fromkeys(act.lesson for act in ACTS):
        acts = [act for act in ACTS if act.lesson == lesson and only in act.name]
        if not acts:
            continue
        with tempfile.TemporaryDirectory() as folder, lab.lesson(lesson, Path(folder)) as page:
            read.middle(page, PLOTS)
            # The player then makes one tick a press, which can be timed.
            page.emulate_media(reduced_motion="reduce")
            page.wait_for_timeout(2000)
            for act in acts:
                yield act, measure(page, act, presses)


def row(act: Act, found: dict[str, Any]) -> str:
    """A row of the table."""
    what = f"| {act.lesson:02d} {act.name} "
    if act.drag:
        return (
            f"{what}| {found['a second']:.0f} pictures a second of {found['frames']:.0f} frames, "
            f"longest gap {found['longest gap']:.0f} ms | {act.goal:.0f} a second |"
        )
    return (
        f"{what}| {found['median']:.0f} ms, longest {found['longest']:.0f} ms | {act.goal:.0f} ms |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.widgets", description=__doc__)
    parser.add_argument("--presses", type=int, default=PRESSES, help="of each key and button")
    parser.add_argument("--only", default="", help="acts with this in their name")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    print("| what is done | to the picture | goal |\n| --- | --- | --- |")
    kept = []
    for act, found in run(options.presses, options.only):
        print(row(act, found), flush=True)
        kept.append({"lesson": act.lesson, "act": act.name, **found})
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
