"""What the contract of a lesson asks for, as a function that lists what is broken."""

from __future__ import annotations

import ast
import json
import re

from dlcore.backends import KERNELS
from dlcore.course import lesson_map

HEADINGS = ["Question", "Predict", "Play", "Build", "On real data", "Look back"]
CELLS = range(15, 26)
LINES = 8  # without the empty ones
EXERCISES = range(3, 6)
EXERCISES_OF_THE_TOUR = range(1, 2)  # it shows how exercises work
SHOWING = 0.25
KILOBYTES = 500  # of a notebook with its pictures
SPEAKING = r"^(?:print|show|report|reveal|progress)\(|^@exercise\("
FORBIDDEN = {
    "an exclamation mark": re.compile(r"!(?![=\[])"),
    "an emoji": re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]"),
    "the word simply": re.compile(r"\bsimply\b", re.IGNORECASE),
}


def problems(lesson: lesson_map.Lesson, notebook) -> list[str]:
    """Sentences on what breaks the contract; none for a good lesson."""
    found = [*_structure(lesson, notebook), *_cells(lesson, notebook), *_outputs(notebook)]
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    unknown = names_used("\n".join(code)) - permitted(lesson, names_used("\n".join(code)))
    found += [f"uses {name} before its turn" for name in sorted(unknown)]
    return found


def _structure(lesson, notebook):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^## (.+)$", prose, re.MULTILINE)
    if headings != HEADINGS:
        yield f"level-2 headings are {headings}"
    if re.findall(r"^# (.+)$", prose, re.MULTILINE) != [f"{lesson.key} · {lesson.title}"]:
        yield "the heading is not that of the map"
    if len(notebook.cells) not in CELLS:
        yield f"{len(notebook.cells)} cells"
    if f"About {lesson.minutes} minutes" not in prose:
        yield "the minutes are not those of the map"
    look_back = prose.partition("## Look back")[2]
    if look_back.count("<details>") != 2 or look_back.count("</details>") != 2:
        yield "not two recall questions with folded answers"
    for word in ("**Next.**", "**To read.**"):
        if word not in look_back:
            yield f"no {word} in Look back"
    ids = [cell.id for cell in notebook.cells]
    if ids != [f"cell-{number:02d}" for number in range(1, len(ids) + 1)]:
        yield "cell ids are not in order"


def _cells(lesson, notebook):
    wanted = EXERCISES if lesson.number else EXERCISES_OF_THE_TOUR
    exercises = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exercises += len(re.findall(r"^@exercise\(", cell.source, re.MULTILINE))
            lines = [line for line in cell.source.splitlines() if line.strip()]
            if len(lines) > LINES:
                yield f"{cell.id} has {len(lines)} lines"
            if re.search(r"matplotlib|pyplot", cell.source):
                yield f"{cell.id} draws by itself; drawing lives in dlcore.plots"
            text = "\n".join(re.findall(r"#.*|\"[^\"\n]*\"", cell.source))
        else:
            text = cell.source
        for name, pattern in FORBIDDEN.items():
            if pattern.search(text):
                yield f"{cell.id} has {name}"
    share = _share_of_showing(notebook)
    if share > SHOWING:
        yield f"{share:.0%} of the code prints and draws"
    if exercises not in wanted:
        yield f"{exercises} exercises"


def _share_of_showing(notebook):
    """The share of the code lines that print, draw, or import what draws."""
    total = showing = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        total += len([line for line in cell.source.splitlines() if line.strip()])
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("report", "print", "show"):
                showing += node.end_lineno - node.lineno + 1
            elif isinstance(node, ast.ImportFrom) and node.module == "dlcore.plots":
                showing += 1
    return showing / max(total, 1)


def _numbers_beside(outputs):
    """Whether numbers are printed, or stand in the text of a widget's still picture."""
    if any(output.output_type == "stream" for output in outputs):
        return True
    texts = [output.get("data", {}).get("text/plain", "") for output in outputs]
    widget = any(re.match("<.*: run this cell to ", text) for text in texts)
    return widget and any(re.search("Picture .*[0-9]", text) for text in texts)


def _outputs(notebook):
    size = len(json.dumps(notebook, indent=1, ensure_ascii=False).encode())
    if size > 1000 * KILOBYTES:
        yield f"{size // 1000} kB are more than {KILOBYTES}"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        yield f"not executed in order: {counts}"
    for cell in code:
        speaks = re.search(SPEAKING, cell.source, re.MULTILINE)
        if speaks and not cell.outputs:
            yield f"{cell.id} has no output"
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"{cell.id} ends in an error"
        kinds = [set(output.get("data", {})) for output in cell.outputs]
        if any("image/png" in each and "text/plain" not in each for each in kinds):
            yield f"{cell.id} has a picture without its text"
        looks = [output.get("metadata", {}).get("image/png", {}) for output in cell.outputs]
        if any("image/png" in each and not look.get("alt")
               for each, look in zip(kinds, looks, strict=True)):  # fmt: skip
            yield f"{cell.id} has a picture without alternative text"
        shown = any("image/png" in each for each in kinds)
        if shown and not _numbers_beside(cell.outputs):
            yield f"{cell.id} has a figure and no printed number"


def permitted(lesson, names):
    """Those of the names that the map lets this lesson use."""
    known = lesson_map.allowed(lesson)
    return {name for name in names if any(_within(name, each) for each in known)}


def _within(name, known):
    return name == known or name.startswith(f"{known}.")


def names_used(code: str) -> set[str]:
    """Everything of dlcore that code uses: dotted names below dlcore, and kernels by their name.

    A kernel counts as used wherever its name stands, also as a text (``compute("relu", x)``).
    """
    tree = ast.parse(code)
    bound: dict[str, str] = {}
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dlcore":
            path = (node.module or "").split(".")[1:]
            for alias in node.names:
                name = ".".join([*path, alias.name])
                bound[alias.asname or alias.name] = name
                if not _is_module(name):
                    used.add(name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "dlcore":
                    below = alias.name.partition(".")[2]
                    bound[alias.asname or "dlcore"] = below if alias.asname else ""
    inner = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in KERNELS:
            used.add(node.value)
        if isinstance(node, ast.Name) and node.id in KERNELS:
            used.add(node.id)
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner:
            dotted = ast.unparse(node)
            root, _, rest = dotted.partition(".")
            if root in bound and re.fullmatch(r"[\w.]+", dotted):
                used.add(".".join(filter(None, [bound[root], rest])))
    return used - {""}


def _is_module(name: str) -> bool:
    import importlib.util

    try:
        return importlib.util.find_spec(f"dlcore.{name}") is not None
    except ModuleNotFoundError:
        return False
