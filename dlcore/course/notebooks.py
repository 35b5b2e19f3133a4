"""Execute and normalise the lessons, so that what is committed is what they really give.

``dlcore notebooks`` runs every lesson in an empty course folder and writes it back with fixed
cell ids, without widget state and timings; doing it twice changes no byte. ``--check`` changes
nothing and fails where something would change.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dlcore
from dlcore import resources
from dlcore.course import glossary, handout, kernel_map, lesson_map
from dlcore.course.definition import Exercise
from dlcore.course.registry import registry
from dlcore.course.source import answer_text

SECONDS = 60
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# A stored view of a widget shows only an error, for its state belongs to a kernel that is gone.
LEFT_OUT = ("application/vnd.jupyter.widget-view+json",)
# The pages beside the lessons that are written from what the course knows of them.
PAGES = {
    "README.md": lesson_map.index, "KERNELS.md": kernel_map.page, "GLOSSARY.md": glossary.page,
}  # fmt: skip
PICTURES = ("image/png", "image/jpeg")
# What fit and evaluate print where no page shows their bar. With its timings it differs from run
# to run, and on a page of paper 150 such lines help nobody: it is left out of cells with this tag.
UNCOMPARED = "nbval-ignore-output"
PROGRESS = re.compile(r"^(Epoch \d+/\d+|Evaluate \d+ batches|Compiling the kernels)\b.*\n?", re.M)

Notebook = Any  # nbformat.NotebookNode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``dlcore notebooks [--check] [NAME ...]``; 0 if all is well."""
    parser = argparse.ArgumentParser(prog="dlcore notebooks", description=__doc__)
    parser.add_argument("names", nargs="*", help="lessons, as 01 or 01_one_linear_neuron.ipynb")
    parser.add_argument("--check", action="store_true", help="change nothing, fail on differences")
    options = parser.parse_args(arguments)
    try:
        paths = find(options.names)
    except ValueError as error:
        print(f"dlcore notebooks: {error}", file=sys.stderr)
        return 2
    differing = [path for path in paths if not (check if options.check else refresh)(path)]
    for name, text in PAGES.items():
        page = resources.lessons_folder() / name
        if not page.is_file() or page.read_text(encoding="utf-8") != text():
            differing.append(page)
            if not options.check:
                page.write_text(text(), encoding="utf-8", newline="\n")
    if options.check and differing:
        names = ", ".join(path.name for path in differing)
        print(f"Run `dlcore notebooks`: it would change {names}.", file=sys.stderr)
        return 1
    return 0


def find(names: Sequence[str]) -> list[Path]:
    """The notebooks of the given lessons; of all of them if none is named.

    Raises:
        ValueError: if a name fits no lesson.
    """
    everything = sorted(resources.lessons_folder().glob("[0-9][0-9]_*.ipynb"))
    if not names:
        return everything
    found = []
    for name in names:
        fitting = [path for path in everything if path.name.startswith(Path(name).name)]
        if not fitting:
            known = ", ".join(path.stem for path in everything)
            raise ValueError(f"there is no lesson {name!r}; there are {known}.")
        found += fitting
    return found


def refresh(path: Path) -> bool:
    """Execute a notebook and write it back, normalised; whether it was up to date."""
    print(f"{path.name}: ", end="", flush=True)
    before = path.read_text(encoding="utf-8")
    after = text_of(normalise(execute(read(path))))
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    print("up to date" if after == before else "written", flush=True)
    return after == before


def check(path: Path) -> bool:
    """Whether executing a notebook anew gives what is committed, pictures apart.

    Another version of matplotlib draws other pixels; the text beside each picture is compared.
    """
    print(f"{path.name}: ", end="", flush=True)
    committed = path.read_text(encoding="utf-8")
    now = normalise(execute(read(path)))
    same_form = text_of(normalise(read(path))) == committed
    same = same_form and text_of(_without_pictures(now)) == text_of(_without_pictures(read(path)))
    print("as committed" if same else "differs", flush=True)
    return same


def read(path: Path) -> Notebook:
    """The notebook in a file."""
    import nbformat

    return nbformat.read(path, as_version=4)


def text_of(notebook: Notebook) -> str:
    """The notebook as the text of its file."""
    import nbformat

    return nbformat.writes(notebook).rstrip("\n") + "\n"


def execute(notebook: Notebook, seconds: int = SECONDS) -> Notebook:
    """A copy of the notebook, run from top to bottom in an empty course folder.

    Args:
        notebook: what to run; its old outputs play no part.
        seconds: the limit for each cell.

    Raises:
        nbclient.exceptions.CellExecutionError: if a cell raises an error.
    """
    from nbclient import NotebookClient

    notebook = copy.deepcopy(notebook)
    source = str(Path(dlcore.__file__).parent.parent)
    paths = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        client = NotebookClient(
            notebook,
            timeout=seconds,
            kernel_manager_class=_this_python(),
            resources={"metadata": {"path": folder}},
        )
        client.execute(env={**os.environ, "DLCORE_COURSE_FOLDER": folder, "PYTHONPATH": paths})
    return notebook


def _this_python() -> type:
    """Kernels of the Python that runs this, whatever is registered under the name python3."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class ThisPython(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=[*command, "--log-level=ERROR"], language="python")

    return ThisPython


def normalise(notebook: Notebook) -> Notebook:
    """A copy with everything fixed that would change from run to run."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata.clear()
    notebook.metadata.update(copy.deepcopy(METADATA))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    count = 0
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{number:02d}"
        cell.metadata = type(notebook)(
            {"tags": cell.metadata.tags} if cell.metadata.get("tags") else {}
        )
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").splitlines())
        if number == 1 and cell.cell_type == "markdown":
            cell.source = handout.with_elsewhere(cell.source)
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = _joined(cell.outputs)
        if UNCOMPARED in cell.metadata.get("tags", ()):
            cell.outputs = _without_progress(cell.outputs)
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = cell.execution_count
            for kind in LEFT_OUT:
                output.get("data", {}).pop(kind, None)
    return notebook


def _joined(outputs: list[Any]) -> list[Any]:
    """Streams that follow each other as one: where a print is cut into messages varies."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == "stream" == last.output_type and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _without_progress(outputs: list[Any]) -> list[Any]:
    for output in outputs:
        if output.output_type == "stream":
            output.text = PROGRESS.sub("", output.text)
    return [each for each in outputs if each.output_type != "stream" or each.text]


def _without_pictures(notebook: Notebook) -> Notebook:
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for kind in PICTURES:
                output.get("data", {}).pop(kind, None)
    return notebook


def fill_answers(notebook: Notebook) -> Notebook:
    """A copy in which every exercise is solved with the source of its answer."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(r"^@exercise\(", cell.source, re.MULTILINE):
            cell.source = solved(cell.source)
    return notebook


def solved(source: str) -> str:
    """The text of a cell with the answers in place of its stubs."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        ids = [_exercise_id(decorator) for decorator in node.decorator_list]
        for id in filter(None, ids):
            text = _written(registry().find(id)).rstrip()
            lines[node.lineno - 1 : node.end_lineno] = text.splitlines()
    return "\n".join(lines)


def _written(exercise: Exercise) -> str:
    """The text of an answer. A class of the library may need more than is lent: then `spelled`."""
    if isinstance(exercise.answer, type) and exercise.spelled is not None:
        text = answer_text(exercise.spelled)
        return text.replace(exercise.spelled.__name__, exercise.name, 1)
    return answer_text(exercise.answer)


def _exercise_id(decorator: ast.expr) -> str:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "exercise":
        return str(ast.literal_eval(decorator.args[0]))
    return ""
