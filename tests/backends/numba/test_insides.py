"""The page on what of Numba's insides is used: nothing is missing, and its versions are true."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

numba = pytest.importorskip("numba")

import dlcore.backends.numba as room  # noqa: E402

ROOT = Path(__file__).parents[3]
FOLDER = Path(room.__file__).parent
PAGE = " ".join(room.__doc__.split())
PUBLIC = {"njit", "prange", "get_num_threads", "typeof"}


def imported(tree):
    """What a file takes from Numba and llvmlite: (module, name)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("numba", "llvmlite"):
            for alias in node.names:
                yield node.module, alias.name


def hidden(tree):
    """Names with an underscore that a file looks for in an object that is not its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match("_[a-z]", node.attr):
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "os")):
                yield node.attr


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_the_page_names_what_a_file_uses(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for module, name in imported(tree):
        assert module.removeprefix("numba.core.") in PAGE and name in PAGE, f"{module}.{name}"
    for name in hidden(tree):
        assert name in PAGE, name


def test_the_page_names_what_is_there():
    """Nothing that no file uses any more."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("[a-z]*.py"))
    code += (FOLDER.parent / "dispatch.py").read_text(encoding="utf-8")
    for words in re.findall(r"``([\w.]+)(?:\(.*?\))?``", PAGE):
        last = words.rpartition(".")[2]
        assert last in code or (FOLDER / f"{last}.py").exists() or last in PUBLIC, words


def versions(text):
    return [tuple(map(int, version.split("."))) for version in re.findall(r"\d+(?:\.\d+)+", text)]


def test_the_versions_of_the_page_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (bounds,) = (each for each in project["dependencies"] if each.startswith("numba"))
    lowest, beyond = versions(bounds)
    oldest, newest = versions(PAGE)[:2]
    assert oldest[:2] == lowest and newest[0] == beyond[0] and newest[1] == beyond[1] - 1
    assert oldest <= versions(numba.__version__)[0] < beyond


def test_what_ci_installs_is_the_oldest():
    out = subprocess.check_output([sys.executable, str(ROOT / ".ci" / "oldest")], text=True)
    assert re.fullmatch(r"numba==[\d.]+\nnumpy==[\d.]+\n", out)
    for line in out.split():
        name, version = line.split("==")
        assert f'"{name}>={version}' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
