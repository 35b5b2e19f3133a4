"""What an answer takes from dlcore, read from its text, and what of that is not lent to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dlcore.course.definition import Exercise
from dlcore.course.forms.refusing import Refusal, root

LIBRARY = ("dlcore", "my_dlcore")
Import = ast.Import | ast.ImportFrom
# A name with what is taken from it by dots, and what is done with that.
Use = tuple[str, list[str], ast.expr_context]


class Borrowing:
    """The names of dlcore that one exercise lends to its answers."""

    def __init__(self, exercise: Exercise) -> None:
        self._lent = exercise.lent
        self._ways = {"", *(w for name in self._lent for w in _ways(name))}
        own = {exercise.name}
        if exercise.of_the_library:
            own.add(exercise.answer.__name__)
        # ops.dense is what the layer Dense does.
        self._own = {name.lower() for name in own}

    def origin(self, node: Import, name: str) -> str | None:
        """What a name stands for after an import, "" for dlcore itself; None for no part of it."""
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                if (alias.asname or alias.name) == name and not node.level:
                    return _inside(f"{node.module}.{alias.name}")
            elif (alias.asname or root(alias.name)) == name:
                return _inside(alias.name if alias.asname else root(alias.name))
        return None

    def lends(self, dotted: str) -> bool:
        """Whether that is lent, or a module on the way to what is."""
        return dotted in self._lent or dotted in self._ways

    def refusal(self, dotted: str) -> Refusal:
        """What is said of a part of dlcore that is not lent."""
        answer = any(part.lower() in self._own for part in dotted.split("."))
        return Refusal(f"dlcore.{dotted}" if dotted else "dlcore as a whole", answer)

    def refusals(self, node: ast.stmt, around: dict[str, str]) -> Iterator[Refusal]:
        """What a statement takes from dlcore that is not lent.

        Args:
            node: the statement.
            around: names that stand for parts of dlcore where it is run, as "layers" does for
                "layers" and "Layer" for "layers.Layer".
        """
        names = dict(around)
        for each in ast.walk(node):
            if isinstance(each, Import) and _of_the_library(each):
                yield from self._imported(each, names)
        for name, parts, context in _uses(node):
            if name in names:
                yield from self._used([p for p in names[name].split(".") if p], parts, context)

    def _imported(self, node: Import, names: dict[str, str]) -> Iterator[Refusal]:
        for alias in node.names:
            full = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
            dotted = _inside(full)
            if (
                dotted is None
                or (isinstance(node, ast.ImportFrom) and node.level > 0)
                or not self.lends(dotted)
            ):
                yield self.refusal(full.partition(".")[2])
            else:
                name = alias.asname or (
                    alias.name if isinstance(node, ast.ImportFrom) else root(alias.name)
                )
                names[name] = self.origin(node, name) or ""

    def _used(
        self, path: list[str], parts: list[str], context: ast.expr_context
    ) -> Iterator[Refusal]:
        """What is wrong with one use: a path to what is lent, then whatever that has."""
        full = [*path, *parts]
        for count in range(len(path), len(full) + 1):
            dotted = ".".join(full[:count])
            if dotted in self._lent:
                if not isinstance(context, ast.Load) and parts:
                    yield Refusal(f"a change of dlcore.{'.'.join(full)}")
                return
            if dotted not in self._ways:
                yield self.refusal(dotted)
                return
        dotted = ".".join(full)
        yield Refusal(f"dlcore{'.' * bool(dotted)}{dotted} as a whole")


def _ways(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:n]) for n in range(1, len(parts)))


def _inside(full: str) -> str | None:
    """A dotted name without "dlcore"; None for one of another package."""
    first, _, rest = full.partition(".")
    return rest if first == "dlcore" else None


def _of_the_library(node: Import) -> bool:
    if isinstance(node, ast.ImportFrom):
        return not node.level and root(str(node.module)) in LIBRARY
    return any(root(alias.name) in LIBRARY for alias in node.names)


def _uses(node: ast.AST) -> Iterator[Use]:
    """Each name that is read, with what is taken from it by dots: ``a.b.c`` once, as a whole."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        parts: list[str] = []
        inner: ast.AST = each
        while isinstance(inner, ast.Attribute):
            parts.insert(0, inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            context = each.ctx if isinstance(each, ast.Attribute) else inner.ctx
            if isinstance(inner.ctx, ast.Load):
                yield inner.id, parts, context
        waiting += ast.iter_child_nodes(inner)
