"""A lesson as it is handed out: without outputs, and what counts as work in it.

The committed notebooks are executed, for the tests and for the page. A learner gets them clean, so
that Predict is a prediction, and with the metadata that JupyterLab would write itself, so that
opening and saving changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from typing import Any

from dlcore.resources import DISTRIBUTION, address

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


ELSEWHERE = "Where dlcore is not installed, as on Colab,"
FIRST_HEADING = "\n## Question"


def elsewhere() -> str:
    """What to do with a lesson where dlcore is not installed: the line to run, and what it needs.

    It names the address of the project. As long as there is none it installs the wheel that lies
    beside the notebook.
    """
    install = "%pip install"
    another = "What the package index calls `dlcore` is another library."
    if address():
        line = f'{install} "{DISTRIBUTION}[course] @ git+{address()}"'
        return f"{ELSEWHERE} run first\n`{line}`.\n{another}"
    return (
        f"{ELSEWHERE} upload its wheel beside this notebook and run first\n"
        f'`{install} --find-links . "{DISTRIBUTION}[course]"`.\n'
        f"`pip wheel --no-deps .` in a checkout makes the wheel. {another}"
    )


def with_elsewhere(introduction: str) -> str:
    """The first cell of a lesson, with what `elsewhere` says before its first heading."""
    before, heading, after = introduction.partition(FIRST_HEADING)
    if not heading:
        return introduction
    paragraphs = before.strip("\n").split("\n\n")
    kept = [each for each in paragraphs if not each.startswith(ELSEWHERE)]
    return "\n\n".join([*kept, elsewhere(), heading.lstrip("\n")]) + after


def clean(text: str) -> str:
    """The text of a notebook without outputs and counts; what is no notebook stays as it is."""
    notebook = _parsed(text)
    if notebook is None:
        return text
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook["metadata"] = {"kernelspec": KERNEL, "language_info": language()}
    return written(notebook)


def language() -> dict[str, Any]:
    """What a kernel of this Python says about its language, and JupyterLab writes into the file."""
    return {
        "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": platform.python_version(),
    }


def written(notebook: dict[str, Any]) -> str:
    """A notebook as Jupyter writes it."""
    text = json.dumps(
        notebook, indent=1, ensure_ascii=False, sort_keys=True, separators=(",", ": ")
    )
    return f"{text}\n"


def substance(content: bytes) -> str:
    """The checksum of what a learner can have changed: the sources of a notebook's cells.

    Outputs, counts, metadata and empty cells do not count; of another file all bytes do.
    """
    try:
        notebook = _parsed(content.decode("utf-8"))
    except UnicodeDecodeError:
        notebook = None
    if notebook is None:
        return hashlib.sha256(content).hexdigest()
    cells = [[cell["cell_type"], _source(cell)] for cell in notebook["cells"]]
    text = json.dumps([cell for cell in cells if cell[1].strip()])
    return hashlib.sha256(text.encode()).hexdigest()


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        return None
    whole = all(isinstance(cell, dict) and isinstance(cell.get("cell_type"), str) for cell in cells)
    return found if whole else None
