"""The reading path in dlcore/README.md: its files are there, and it is as long as it says."""

import ast
import re
from pathlib import Path

import pytest

from dlcore import backends
from tests.path import lines_without_words

ROOM = Path(__file__).parents[1] / "dlcore"
TEXT = (ROOM / "README.md").read_text(encoding="utf-8")
# Lines that a reader who knows Python takes in a minute, text between them included.
PER_MINUTE = 15

ENTRY = re.compile(
    r"^- \[(?P<name>[^\]]+)\]\((?P<link>[^)]+)\): (?P<parts>.*?)\.(?=\s)", re.MULTILINE
)
STOP = re.compile(r"^## \d\. [^\n]* \((\d+) min\)$\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def lines_of(file, parts):
    """How many lines the named parts of a file have, decorators included."""
    text = (ROOM / file).read_text(encoding="utf-8")
    if parts == "whole":
        return len(text.splitlines())
    found = {}

    def look(body, before=""):
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                found[before + node.name] = node.end_lineno - first + 1
                if isinstance(node, ast.ClassDef):
                    look(node.body, f"{node.name}.")

    look(ast.parse(text).body)
    return sum(found[name] for name in re.findall(r"`([^`]+)`", parts))


def entries(text):
    return [(m["link"], m["parts"].replace("\n", " ")) for m in ENTRY.finditer(text)]


def test_every_entry_is_read():
    assert len(entries(TEXT)) == len(re.findall(r"^- \[", TEXT, re.MULTILINE))
    assert all(m["name"] == m["link"] for m in ENTRY.finditer(TEXT))


def test_it_has_as_many_files_and_lines_as_it_says():
    files, lines = map(
        lambda number: int(number.replace(",", "")),
        re.search(r"(\d+) files.*?about ([\d,]+)\s+lines", TEXT, re.DOTALL).groups(),
    )
    assert len(entries(TEXT)) == files == len({file for file, _ in entries(TEXT)})
    total = sum(lines_of(file, parts) for file, parts in entries(TEXT))
    assert abs(total - lines) <= 0.06 * lines, total


@pytest.mark.parametrize("stop", STOP.findall(TEXT), ids=lambda stop: stop[1].split("]")[0][3:])
def test_the_minutes_are_honest(stop):
    minutes, text = int(stop[0]), stop[1]
    lines = sum(lines_of(file, parts) for file, parts in entries(text))
    assert 0.7 <= minutes / (lines / PER_MINUTE) <= 1.4, lines


def test_the_whole_library_is_as_large_as_it_says():
    stated = int(re.search(r"([\d,]+) of code", TEXT).group(1).replace(",", ""))
    files = ROOM.rglob("*.py")
    total = sum(lines_without_words(file.read_text(encoding="utf-8")) for file in files)
    assert abs(total - stated) <= 0.05 * stated, total


@pytest.mark.parametrize("page", ["README.md", "DESIGN.md", "../.github/CONTRIBUTING.md"])
def test_what_the_pages_name_is_there(page):
    text = (ROOM / page).read_text(encoding="utf-8")
    base = (ROOM / page).parent
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (base / link).exists(), link
    for path in re.findall(r"`((?:dlcore|tests|datasets|lessons)/[\w/.]+)`", text):
        if not re.search("NAME|FAMILY|/x/", path):
            assert (ROOM.parent / path).exists(), path
    if page == "README.md":
        for path in re.findall(r"`([a-z]+/[\w/.]*)`", text):
            assert (ROOM / path).exists() or path.startswith("tests/"), path


def test_the_example_trains():
    program = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1)
    before, names = backends.get_backend(), {}
    try:
        exec(program, names)
    finally:
        backends.set_backend(before)
    assert len(names["model"].history.history["loss"]) == 1
