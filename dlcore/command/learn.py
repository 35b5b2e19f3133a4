"""`dlcore learn`: the lessons in a folder of the learner's own, and JupyterLab on the next one.

What the learner has touched is theirs. The folder remembers in `.dlcore/lessons.json` the checksum
of every file as it was handed out; only a file that still has that checksum is ever replaced. Of a
lesson the sources of its cells count: running it, or opening and saving it, is no change.
"""

import contextlib
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from dlcore.backends.mine import MARKER
from dlcore.command import jupyter, places, warmup
from dlcore.course import handout, progress_file
from dlcore.course.progress_file import write_atomically
from dlcore.resources import lessons_folder, need_course

RECORD = "lessons.json"
# What a lesson runs in and imports, less what these bring along.
NEEDED = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "matplotlib")
NOT_A_COURSE = ("dlcore", "lessons", "tests", "datasets")  # of a checkout, and what starts with "."


class LearnError(Exception):
    """One sentence for the learner: what stands in the way and how to mend it."""


@dataclass
class Delivery:
    """What handing out the lessons did, by file name."""

    new: list[str] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)
    """Pairs (the learner's file, the newer version that now lies beside it)."""

    def sentences(self) -> list[str]:
        """What to tell the learner; empty when nothing changed."""
        names = ", ".join
        lines = []
        if self.new:
            lines.append(f"Put there: {names(self.new)}.")
        if self.refreshed:
            lines.append(f"Brought up to date, as you had not changed it: {names(self.refreshed)}.")
        for kept, newer in self.beside:
            lines.append(f"{kept} holds your work and stays; its newer version is {newer}.")
        return lines


def hand_out(folder: Path, source: Path | None = None) -> Delivery:
    """Copies the lessons into `folder` without ever replacing what the learner changed.

    A lesson that is missing is put there, so deleting one is the way to start it afresh. One that
    is still as it was handed out is brought up to date in place. Beside a changed one the newer
    version is laid, once, under a name that is free (`01_x.new.ipynb`, `01_x.new2.ipynb`, ...).
    Lessons are handed out without outputs, and running one is no change.

    Args:
        folder: the learner's folder; made if missing.
        source: where the lessons come from; by default those that came with dlcore.

    Returns:
        A `Delivery` naming what was new, refreshed or laid beside.

    Raises:
        LearnError: the folder cannot be used, or no lessons came with this dlcore.
    """
    try:
        source = lessons_folder() if source is None else source
    except FileNotFoundError as error:
        raise LearnError(str(error)) from None
    shipped = sorted(source.glob("[0-9][0-9]_*.ipynb")) + sorted(source.glob("*.md"))
    if not any(path.suffix == ".ipynb" for path in shipped):
        raise LearnError(f"No lessons in {source}: install dlcore again from its checkout.")
    _refuse_source_folders(folder, source)
    delivery = Delivery()
    try:
        (folder / MARKER).mkdir(parents=True, exist_ok=True)
        record = _read_record(folder)
        for path in shipped:
            text = path.read_text(encoding="utf-8")
            text = handout.clean(text) if path.suffix == ".ipynb" else text
            _hand_out_one(path.name, text.encode("utf-8"), folder, record, delivery)
            text = json.dumps(record, indent=1, sort_keys=True)
            write_atomically(folder / MARKER / RECORD, text)
    except (FileExistsError, NotADirectoryError):
        raise LearnError(f"{folder} is not a folder: name another, or one to be made.") from None
    except OSError as error:
        reason = error.strerror or error
        raise LearnError(f"{folder} cannot be written ({reason}): name another folder.") from None
    return delivery


def next_lesson(folder: Path) -> str:
    """The file name of the first lesson with an exercise to do; the last one when all are done."""
    lessons = sorted(path.name for path in folder.glob("[0-9][0-9]_*.ipynb"))
    lessons = [name for name in lessons if ".new" not in name]
    number = progress_file.next_lesson(folder)
    return next((name for name in lessons if name[:2] == number), lessons[-1 if not number else 0])


def learn(folder: Path, browser: bool = True, port: int = 8888) -> None:
    """Hands out the lessons and runs JupyterLab on them until Ctrl-C.

    Where it runs on this folder already, that one is opened.

    Args:
        folder: the learner's folder; made if missing.
        browser: open the browser as well as printing the address.
        port: the first port to try; where it is taken, the next free one serves.

    Raises:
        LearnError: the folder cannot be used, no lessons came with this dlcore, or JupyterLab is
            not installed or does not start.
    """
    try:
        need_course(*NEEDED)
    except ModuleNotFoundError as error:
        raise LearnError(str(error)) from None
    if os.pathsep in str(folder.resolve()):
        raise LearnError(
            f"{folder.resolve()} has a {os.pathsep!r} in it, where Jupyter cuts a path in two: "
            "name another folder."
        )
    delivery = hand_out(folder)
    lesson = next_lesson(folder)
    shown = folder.resolve()
    print(f"Your course folder: {shown}")
    for sentence in delivery.sentences():
        print(sentence)
    already = jupyter.running(folder)
    if already is not None:
        print("JupyterLab is running on it already.")
        _open(already.address(lesson), browser)
        return
    instead = places.substitutes(folder)
    if instead:
        print(
            "Your home folder cannot be written or is full, so what belongs there is kept in "
            f"{places.beside(folder)}."
        )
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(jupyter.stop_signals())
            server = stack.enter_context(jupyter.Server(folder, port, instead))
            print("JupyterLab is starting ...", flush=True)
            server.wait_until_ready()
            stack.callback(warmup.stop, warmup.start_in_background(instead))
            if server.access.port != port:
                print(f"Port {port} is taken; this one is {server.access.port}.")
            _open(server.access.address(lesson), browser)
            print("End it with Ctrl-C in this window.", flush=True)
            server.wait()
            print("JupyterLab was ended.", end=" ")
    except jupyter.ServerError as error:
        raise LearnError(str(error)) from None
    except KeyboardInterrupt:
        print("\nJupyterLab is closed.", end=" ")
    print(f"Your work is in {shown}; go on with: {_command(folder)}", flush=True)


def _open(address: str, browser: bool) -> None:
    print(f"\n    {address}\n", flush=True)
    if browser:
        jupyter.open_browser(address)


def _command(folder: Path) -> str:
    """The command that goes on here, called as it was called now and ready to be pasted."""
    called = sys.argv[0]
    program = "dlcore" if shutil.which("dlcore") == os.path.abspath(called) else called
    words = [program, "learn", str(folder)]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _refuse_source_folders(folder: Path, source: Path) -> None:
    """The lessons as they came, and what else is in a checkout, are not a place to work in."""
    target, origin = folder.resolve(), source.resolve()
    if target in (origin, origin.parent) or origin in target.parents:
        raise LearnError(f"{folder} holds dlcore's own lessons: name a folder of yours instead.")
    for place in (target, *target.parents):
        if all(os.path.isdir(place / each) for each in ("lessons/exercises", "dlcore/command")):
            first = target.relative_to(place).parts[:1]
            if not first or first[0] in NOT_A_COURSE or first[0].startswith("."):
                raise LearnError(
                    f"{target} belongs to the checkout of dlcore, which is no place to work in: "
                    f"name a folder of yours, such as {place / 'dlcore-course'}."
                )
            return


def _hand_out_one(
    name: str, content: bytes, folder: Path, record: dict[str, dict[str, str]], delivery: Delivery
) -> None:
    handed_out, latest = record["handed_out"], record["latest"]
    checksum = handout.substance(content)
    target = folder / name
    if not target.exists():
        delivery.new.append(name)
    elif handout.substance(target.read_bytes()) == checksum:
        handed_out[name] = latest[name] = checksum
        return
    elif _is_untouched(target, handed_out):
        delivery.refreshed.append(name)
    elif latest.get(name) == checksum:
        return
    else:
        target = _free_neighbour(target, handed_out)
        delivery.beside.append((name, target.name))
    write_atomically(target, content.decode("utf-8"))
    handed_out[target.name] = latest[name] = checksum


def _is_untouched(path: Path, handed_out: dict[str, str]) -> bool:
    content = path.read_bytes()
    # Folders of older versions remember the checksum of all bytes.
    known = (handout.substance(content), hashlib.sha256(content).hexdigest())
    return handed_out.get(path.name) in known


def _free_neighbour(path: Path, handed_out: dict[str, str]) -> Path:
    """A name beside `path` that is free, or whose file is still as we laid it there."""
    number = 1
    while True:
        neighbour = path.with_suffix(f".new{number if number > 1 else ''}{path.suffix}")
        if not neighbour.exists() or _is_untouched(neighbour, handed_out):
            return neighbour
        number += 1


def _read_record(folder: Path) -> dict[str, dict[str, str]]:
    """The record of the folder; one that is missing or damaged counts as empty.

    With an empty record every differing file counts as the learner's, which is the safe side.
    """
    try:
        found = json.loads((folder / MARKER / RECORD).read_text("utf-8"))
        return {key: dict(found[key]) for key in ("handed_out", "latest")}
    except (OSError, ValueError, KeyError, TypeError):
        return {"handed_out": {}, "latest": {}}
