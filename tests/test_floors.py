"""The house has floors: a room imports only from the floors below it, and there are no circles."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import dlcore

ROOT = Path(dlcore.__file__).parent
FLOORS = [
    ["resources", "interrupts"],
    ["backends"],
    ["operators", "tensor", "tree", "symbol", "flat", "ops", "tape", "program", "random"],
    [
        "activations",
        "initializers",
        "regularizers",
        "losses",
        "metrics",
        "optimizers",
        "layers",
        "utils",
    ],
    ["models", "trainer", "callbacks", "saving"],
    ["datasets", "plots", "widgets"],
    ["course", "cli", "learn", "doctor", "jupyter", "warmup"],
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


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
        else:
            continue
        for full in wanted:
            if not full.startswith("dlcore."):
                continue
            parts = full.split(".")[1:]
            known = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
            found.update(name for name in known[:2] if name in names)
    return found


MODULES = modules()


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_down_only(name):
    room = name.split(".")[0]
    assert room in FLOOR, f"dlcore/{room} stands on no floor: give it one in this test"
    for other in imports(MODULES[name], set(MODULES), everywhere=True):
        assert FLOOR[other.split(".")[0]] <= FLOOR[room], f"{name} imports {other} from above"


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


def test_the_check_sees_an_import_from_above(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text("def f():\n    from dlcore.models import Sequential\n    return Sequential\n")
    assert imports(path, {"models", "tensor"}, everywhere=True) == {"models"}
    assert imports(path, {"models", "tensor"}, everywhere=False) == set()
