"""Writing ``my_dlcore.py``: the learner's accepted functions, a section each.

What stands outside the sections is the learner's own and stays. A file that Python cannot read is
set aside, and a new one is made from the forms that the progress has kept.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from dlcore.backends import mine
from dlcore.course.progress_file import Progress, write_atomically

HEADER = '''"""My own kernels for dlcore, each accepted by the course.

After set_backend("mine") the engine runs them. The course rewrites what stands between a line
"# >>> 04.relu" and "# <<< 04.relu"; a kernel that is edited there by hand has to be accepted
again before it serves. Everything else in this file is yours.
"""

from __future__ import annotations

import math

import numpy as np
'''


def kept_names(folder: Path) -> set[str]:
    """Names of the functions that are in the file."""
    try:
        text = (folder / mine.FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return set()
    return {id[3:] for id in mine.sections(text)}


def keep(folder: Path, id: str, form: str, progress: Progress) -> str:
    """Write an accepted form into ``my_dlcore.py``.

    Args:
        folder: the course folder.
        id: the exercise; its section is replaced, or added at the end.
        form: the text of the function with all that it needs.
        progress: has the forms of the other exercises, should the file have to be made anew.

    Returns:
        A sentence if the old file was set aside, else nothing.

    Raises:
        OSError: if the folder cannot be written.
        LearnerError: if the function does not run there; the file is left as it was.
    """
    path = folder / mine.FILE
    text, remark = _readable(path)
    if text is None:
        text = HEADER
        for other, record in sorted(progress.records.items()):
            if other != id and record.serving:
                text = _with_section(text, other, record.forms[record.serving - 1])
    text = _with_section(text, id, form)
    mine.run(text, str(path))
    if remark:
        path.replace(_free_name(path))
    write_atomically(path, text)
    return remark


def _readable(path: Path) -> tuple[str | None, str]:
    """The text of the file, or None; and what is to be said if it is damaged."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None, ""
    except UnicodeDecodeError:
        text = "\0"
    try:
        ast.parse(text)
        return text, ""
    except (SyntaxError, ValueError):
        name = _free_name(path).name
        return None, (
            f"{path.name} was no longer Python; it lies beside as {name}, and a new one was made "
            "from the functions accepted so far."
        )


def _free_name(path: Path) -> Path:
    names = ["damaged", *(f"damaged{n}" for n in range(2, 1000))]
    spots = (path.with_name(f"{path.stem}.{name}.py") for name in names)
    return next(spot for spot in spots if not spot.exists())


def _with_section(text: str, id: str, form: str) -> str:
    body = form.strip("\n") + "\n"
    section = f"# >>> {id} {mine.checksum(body)}\n{body}# <<< {id}"
    old = mine.sections(text).get(id)
    if old is not None:
        return text[: old[0]] + section + text[old[1] :]
    return re.sub(r"\n*\Z", "", text) + "\n\n\n" + section + "\n"
