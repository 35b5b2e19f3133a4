"""The house has floors: a room imports only from the floors below it and from the rooms before it.

There are no circles, and nothing looks up by another road either: an import inside of a function
and `importlib.import_module` count like one at the top.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import dlcore

ROOT = Path(dlcore.__file__).parent
# From the ground up; in a row, each room may use those named before it.
FLOORS = [
    ["resources", "stand_in"],
    ["backends"],
    ["engine", "ops", "random", "tensor"],
    [
        "utils",
        "activations",
        "initializers",
        "regularizers",
        "constraints",
        "losses",
        "metrics",
        "optimizers",
        "layers",
        "backend",
    ],
    ["files", "callbacks", "trainer", "models", "saving"],
    ["datasets", "plots", "widgets"],
    ["course", "command"],
]
PLACE = {room: (f, r) for f, rooms in enumerate(FLOORS) for r, room in enumerate(rooms)}
# Calls of import_module with a name that is not written there: what they may load.
BY_NAME = {
    "backends.declare": "backends",  # the files of a backend's folder
    "backends.available": "backends",  # a backend by its name
    "layers": "layers",  # the files of what is seldom asked for
    "losses": "losses",
    "metrics": "metrics",
    "optimizers": "optimizers",
    "utils": "utils",
    "datasets": "datasets",  # the loaders, when they are first asked for
    "command.doctor": "datasets",  # packages of other people, and the data sets
    "course.grading.inside.runner": "course",  # what the answer of a student asks for
}


def modules() -> dict[str, Path]:
    """Dotted name below dlcore -> file, without the lazy front door."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] == "_bundled" or parts == ("__init__",):
            continue
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, names: set[str], everywhere: bool) -> set[str]:
    """Modules of dlcore that a file imports: at its top only, or everywhere."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    found = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            wanted = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):  # by dots: a file beside this one
            continue
        elif isinstance(asked := _by_import_module(node), ast.Constant):
            wanted = [str(asked.value)]
        else:
            continue
        for full in wanted:
            if not full.startswith("dlcore."):
                continue
            parts = full.split(".")[1:]
            known = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
            found.update(name for name in known[:2] if name in names)
    return found


def imports_by_name(path: Path) -> bool:
    """Whether a file calls import_module with a name that is made up as it runs."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    asked = map(_by_import_module, ast.walk(tree))
    return any(name is not None and not isinstance(name, ast.Constant) for name in asked)


def _by_import_module(node: ast.AST) -> ast.expr | None:
    """The first argument of a call of import_module or __import__."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    called = node.func.id if isinstance(node.func, ast.Name) else called
    return node.args[0] if called in ("import_module", "__import__") else None


MODULES = modules()


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_down_only(name):
    room = name.split(".")[0]
    assert room in PLACE, f"dlcore/{room} stands on no floor: give it one in this test"
    for other in imports(MODULES[name], set(MODULES), everywhere=True):
        assert PLACE[other.split(".")[0]] <= PLACE[room], f"{name} imports {other} from above"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_by_a_name_made_up_is_one_from_below(name):
    if imports_by_name(MODULES[name]):
        most = BY_NAME.get(name)
        assert most is not None, f"{name} imports by names that nobody can follow"
        assert PLACE[most] <= PLACE[name.split(".")[0]]


def test_no_circles():
    graph = {n: imports(p, set(MODULES), everywhere=False) - {n} for n, p in MODULES.items()}
    # A package may gather its own files, and they may then import one another but not it.
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path, name])
        if name not in done:
            for other in graph[name]:
                if not name.startswith(other + "."):
                    visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize(
    "line",
    [
        "from dlcore.models import Sequential",
        "import dlcore.models",
        "import importlib; return importlib.import_module('dlcore.models')",
        "from importlib import import_module; return import_module('dlcore.models.sequential')",
    ],
)
def test_the_check_sees_an_import_from_above(tmp_path, line):
    path = tmp_path / "bad.py"
    path.write_text(f"def f():\n    {line}\n")
    assert imports(path, {"models", "tensor"}, everywhere=True) == {"models"}
    assert imports(path, {"models", "tensor"}, everywhere=False) == set()
    assert not imports_by_name(path)


def test_the_check_sees_a_name_made_up(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text(
        "from importlib import import_module\nf = import_module('dlcore.' + 'models')\n"
    )
    assert imports_by_name(path)
