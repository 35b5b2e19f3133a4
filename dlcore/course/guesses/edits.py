"""What can be exchanged in a formula, part by part, with the sentence of each exchange."""

from __future__ import annotations

import ast
from collections.abc import Iterator

# (what takes the node's place, the sentence, whether it is worth trying beside a second one)
Edits = Iterator[tuple[ast.AST, str, bool]]

SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "added",
    ast.Sub: "subtracted",
    ast.Mult: "multiplied",
    ast.Div: "divided",
    ast.FloorDiv: "divided without rest",
    ast.Pow: "raised to a power",
    ast.MatMult: "joined by @",
}
# Signs that an answer may have, and that are not tried in the place of others.
RARE: dict[type[ast.operator], str] = {
    ast.Mod: "joined by %",
    ast.BitAnd: "joined by &",
    ast.BitOr: "joined by |",
    ast.BitXor: "joined by ^",
    ast.LShift: "joined by <<",
    ast.RShift: "joined by >>",
}
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
FAMILIES = (
    {"mean": "mean", "sum": "sum", "max": "largest", "min": "smallest", "median": "median"},
    {"maximum": "larger", "minimum": "smaller"},
    {"argmax": "place of the largest", "argmin": "place of the smallest", "max": "largest"},
)
WRAPS = ("sqrt", "square", "abs", "sum", "mean")


def edits(node: ast.AST, names: list[str]) -> Edits:
    """The exchanges of one part of a formula.

    Args:
        node: the part.
        names: of the arguments, any of which may stand in the place of another.
    """
    if isinstance(node, ast.BinOp):
        yield from _sign(node)
    elif isinstance(node, ast.Call):
        yield from _call(node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _comparison(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield from _number(node)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        for other in names:
            if other != node.id:
                yield ast.Name(other, ast.Load()), f"{other} stands where {node.id} belongs.", True
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not isinstance(node.operand, ast.Constant):
            yield node.operand, f"the minus in front of `{_text(node.operand)}` is missing.", True
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value, f"`.T` is missing behind {_text(node.value)}.", True
    elif isinstance(node, ast.Slice):
        yield from _slice(node)
    yield from _wrapped(node, names)


def _sign(node: ast.BinOp) -> Edits:
    left, right = _text(node.left), _text(node.right)
    both = f"`{left}` and `{right}`"
    power = isinstance(node.op, ast.Pow)
    for sign, word in SIGNS.items():
        if not isinstance(node.op, sign) and not power and _worth(node, sign):
            old = {**SIGNS, **RARE}[type(node.op)]
            yield (
                ast.BinOp(node.left, sign(), node.right),
                f"{both} are {word} where they have to be {old}.",
                False,
            )
    if power:
        yield node.left, f"the power is left out: `{left}` stands where its power belongs.", True
        for sign, word in ((ast.Mult, "multiplied"), (ast.BitXor, "joined by ^")):
            changed = ast.BinOp(node.left, sign(), node.right)
            yield changed, f"`{left}` is {word} by {right}, not raised to that power.", False
    else:
        yield node.left, f"`{right}` is left out.", True
        what = f"{left} -" if isinstance(node.op, ast.Sub) else left
        yield node.right, f"`{what}` is left out.", True
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left), f"{both} have changed places.", False
    if isinstance(node.left, ast.BinOp):
        inner = node.left
        regrouped = ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, node.op, node.right))
        if _text(node).startswith(f"({left})"):
            yield regrouped, f"the brackets around `{left}` are missing.", False
    if isinstance(node.right, ast.BinOp):
        inner = node.right
        regrouped = ast.BinOp(ast.BinOp(node.left, node.op, inner.left), inner.op, inner.right)
        if _text(node).endswith(f"({right})"):
            yield regrouped, f"the brackets around `{right}` are missing.", False
        else:  # * before +, a power before both
            first = _text(regrouped.left)
            yield regrouped, f"`{first}` is calculated first, where `{right}` has to be.", False


def _worth(node: ast.BinOp, sign: type[ast.operator]) -> bool:
    """Whether a sign says something of its own: times 1 or plus 0 is the same as leaving it out."""
    sides = [each.value for each in (node.left, node.right) if isinstance(each, ast.Constant)]
    idle = (1,) if sign in (ast.Mult, ast.Div, ast.FloorDiv) else (0,)
    return sign not in (ast.Pow, ast.FloorDiv) and not any(each in idle for each in sides)


def _call(node: ast.Call) -> Edits:
    name = ast.unparse(node.func)
    short = name.rpartition(".")[2]
    axes = {each.arg: each for each in node.keywords}.get("axis")
    for family in FAMILIES:
        for other, word in family.items():
            if short in family and other != short:
                func = ast.Attribute(ast.Name("np", ast.Load()), other, ast.Load())
                changed = ast.Call(func, node.args, node.keywords)
                yield changed, f"the {word} is taken where the {family[short]} belongs.", False
    if short in FAMILIES[0] or short.startswith("arg"):
        for axis in (None, 0, 1):
            if axes is not None and getattr(axes.value, "value", "") == axis:
                continue
            if axes is None and axis is None:
                continue
            where = "over all numbers" if axis is None else f"along axis {axis}"
            keywords = [ast.keyword("axis", ast.Constant(axis))]
            changed = ast.Call(node.func, node.args, keywords)
            wanted = f"along axis {ast.unparse(axes.value)}" if axes else "over all numbers"
            yield changed, f"`{name}` goes {where} where it has to go {wanted}.", True
    if len(node.args) == 1:
        yield node.args[0], f"`{name}` is left out.", True
    if short == "where" and len(node.args) == 3:
        first, second = node.args[1:]
        changed = ast.Call(node.func, [node.args[0], second, first], [])
        yield changed, "the two cases have changed places.", False


def _comparison(node: ast.Compare) -> Edits:
    if len(node.ops) > 1 or type(node.ops[0]) not in COMPARISONS:  # a < b < c, or a in b
        return
    (old,), (right,) = node.ops, node.comparators
    for sign, word in COMPARISONS.items():
        if not isinstance(old, sign):
            changed = ast.Compare(node.left, [sign()], [right])
            sentence = f"the comparison is {word} where it has to be {COMPARISONS[type(old)]}."
            yield changed, sentence, False


def _number(node: ast.Constant) -> Edits:
    old = node.value
    assert isinstance(old, int | float)
    for new in (0, 1, -1, 2, 3, 0.5, 0.1, 0.01, -old, float("nan")):
        if new != old:
            yield ast.Constant(new), f"{new:g} stands where {old:g} belongs.", False


def _slice(node: ast.Slice) -> Edits:
    if node.lower is not None:
        yield ast.Slice(None, node.upper, node.step), "the slice has no beginning.", True
    if node.upper is not None:
        yield ast.Slice(node.lower, None, node.step), "the slice has no end.", True
    for edge, word in (("lower", "begins"), ("upper", "ends")):
        value = getattr(node, edge)
        for sign, late in ((ast.Add, "late"), (ast.Sub, "early")) if value is not None else ():
            moved = ast.BinOp(value, sign(), ast.Constant(1))
            changed = ast.Slice(node.lower, node.upper, node.step)
            setattr(changed, edge, moved)
            yield changed, f"the slice {word} one place too {late}.", False


def _wrapped(node: ast.AST, names: list[str]) -> Edits:
    """A function that does not belong there, or a minus."""
    argument = isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
    if not argument and not isinstance(node, ast.BinOp | ast.Call):
        return
    assert isinstance(node, ast.expr)
    text = _text(node)
    if not argument:
        yield (
            ast.UnaryOp(ast.USub(), node),
            f"there is a minus too many in front of `{text}`.",
            True,
        )
    for name in WRAPS:
        func = ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())
        sentence = f"np.{name} of `{text}` stands where `{text}` itself belongs."
        yield ast.Call(func, [node], []), sentence, False


def _text(node: ast.AST) -> str:
    return ast.unparse(node)
