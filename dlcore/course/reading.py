"""Reading the library in a lesson: its own source, and before each line what it is for.

What is shown is taken from the source at the moment of reading, so that it cannot be an old one;
the words belong to lines that a test looks up there.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from dlcore.course import cards
from dlcore.course.notebook_output import show

Notes = tuple[tuple[str, str], ...]

# By the qualified name: the beginning of a line, and what it and the lines up to the next are for.
NOTES: dict[str, Notes] = {
    "result": (
        ("tensor = Tensor(data)", "Every operation ends here, with what it has calculated."),
        ("if recording()", "A slope is wanted for one of its inputs? Then it is written down."),
        ("tensor.requires_grad", "What is made of it is to be written down as well."),
        (
            "tensor.node",
            "The entry of the tape: which tensors were read, and how a gradient goes back to "
            "them. In your arrays, a row of inputs and a row of slopes.",
        ),
    ),
    "relu": (
        ("x = floating(x)", "A Tensor of x, whatever it was."),
        ("y = compute", "The way forward is the kernel of lesson 04."),
        (
            "return result",
            "The way back is written down as a function of dy, to be called later. It holds y, "
            "which relu_grad wants. Your slopes were numbers; here dy and y are whole arrays.",
        ),
    ),
    "Tensor.backward": (
        ("tensors = ", "All that the loss was made of, in order."),
        (
            "leaves = ",
            "Those of them that no operation made: the weights, and an input for which a slope is "
            "wanted.",
        ),
        ("for leaf, gradient", "One walk for all of them. Each call overwrites the last one's."),
    ),
    "topological_order": (
        ("order: list", "Your order, empty at first."),
        ("seen:", "Which tensors have been visited, by their id: two may hold equal numbers."),
        (
            "stack:",
            "What is still to be done, in place of a function that calls itself: a tape of some "
            "thousand nodes would go too deep for Python.",
        ),
        ("while stack", "The last that was put on the stack comes off first."),
        (
            "if finished",
            "The second meeting with a tensor: all its inputs are down, so now it is put down.",
        ),
        ("elif id(tensor)", "The first meeting: remember it, and come back to it later."),
        (
            "if tensor.node",
            "Before that its inputs have their turn. A leaf has no node, and an input for which "
            "no slope is wanted is left out.",
        ),
        ("return order", "The end is the last."),
    ),
    "gradients": (
        ("if loss.size", "A slope is that of one number."),
        ("if not loss.requires_grad", "Without a tape there is no way back."),
        ("total:", "The 1 at the end: the loss has the slope 1 with respect to itself."),
        ("wanted", "The tensors whose gradients somebody has asked for."),
        ("for tensor in reversed", "Your loop: the order, in reverse."),
        (
            "key = id",
            "What came back to pieces of the tensor, such as x[0], has been gathered until here, "
            "and becomes one array. There are none in this lesson.",
        ),
        ("if tensor.node", "A leaf has nothing to pass on."),
        (
            "# A gradient that",
            "It is complete now, since all that read the tensor have had their turn. Unless it "
            "was asked for, it is taken out of total, so that its memory is free again.",
        ),
        (
            "node = tensor.node",
            "Its entry of the tape. A crossentropy may have a second one, past: a shorter way "
            "back, past the sigmoid or softmax before it. Not here; `fit` uses it, in lesson 08.",
        ),
        (
            "for x, dx in zip",
            "One dx for each tensor that was read: node.backward(dy) is your total[node] "
            "times slope, for whole arrays.",
        ),
        ("if dx is None", "Data and targets get no gradient."),
        (
            "total[id(x)] = ",
            "Where ways meet: this is your +=. The first to come is put down as it is.",
        ),
        ("return [total", "What the loss does not depend on has the slope 0."),
    ),
    "Program.run": (
        (
            "if self._list is not None",
            "From the third step on: functions and their arguments, one after the other. That is "
            "the whole replay.",
        ),
        ("return self._results", "The tensors of the last step; their arrays hold new numbers."),
        ("if self.reason", "It cannot be replayed, as was found before: your Python runs as ever."),
        (
            "with Recording",
            "The first two steps run as they are, while each kernel that is called is written "
            "down with its arrays.",
        ),
        (
            "if recording.read",
            "A number was looked at in the middle. What was done with it is not on the list.",
        ),
        ("elif len", "After the second step the two lists are compared."),
        ("if self.reason is None", "They are the same step, so the list is made."),
        (
            "self._take(without_copies",
            "A copy that nobody else reads is left out. Nothing else is changed: no kernels are "
            "put together, none is put in another place. The list has each function in the form "
            "that was compiled for these types, with its own arrays.",
        ),
        ("else:", "After the first step only the inputs are kept, for the comparison."),
        ("results = self._results", "What the step gave is handed back in any case."),
        ("if len", "The recordings have done their work."),
        ("if self._list is None", "No list, so nothing is kept of this step."),
        ("return results", "To whoever called run."),
    ),
    "difference": (
        ("for recording in (first", "First reason: a value was read."),
        ("names = ", "Second: other kernels, or the same in another order."),
        ("for a, b in zip", "Then call by call."),
        ("if a.function", "The same kernel, but another backend."),
        ("for i, (x, y)", "Argument by argument."),
        ("if not is_array", "What is no array, such as a slope of leaky_relu, has to be equal."),
        ("elif x.shape", "Another size of batch needs a list of its own; `fit` keeps one of each."),
        ("elif a.made", "An array that another kernel had made in the first step."),
        (
            "elif i >= a.outputs",
            "An array that no kernel has made, in another place and with other numbers: NumPy made "
            "it, and a replay would go on with the old one.",
        ),
        ("return None", "No reason found: the two steps are one."),
    ),
}


def reading(*functions: Callable[..., Any]) -> None:
    """Show the source of functions of dlcore, each line under what it is for.

    Their docstrings and the sentences of their errors are left out, with a … in their place.

    Raises:
        ValueError: for a function without notes.
    """
    for function in functions:
        parts = annotated(function)
        where = f"dlcore/{function.__module__.partition('.')[2].replace('.', '/')}.py"
        show(_html(function.__qualname__, where, parts), _text(function.__qualname__, where, parts))


def annotated(function: Callable[..., Any]) -> list[tuple[str, str]]:
    """Pairs of a note and the lines of source that it belongs to; the heading's note is empty.

    Raises:
        ValueError: for a function without notes.
    """
    name = function.__qualname__
    if name not in NOTES:
        raise ValueError(f"There are notes for {', '.join(NOTES)}; there are none for {name}.")
    notes = dict(NOTES[name])
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in _lines(function):
        start = next((each for each in notes if line.strip().startswith(each)), None)
        if start is not None:
            parts.append((notes.pop(start), []))
        parts[-1][1].append(line)
    return [(note, "\n".join(lines)) for note, lines in parts]


def _lines(function: Callable[..., Any]) -> Iterator[str]:
    """The source without its docstring and without the sentences of errors."""
    text = textwrap.dedent(inspect.getsource(function))
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    first = definition.body[0]
    left_out = set(range(first.lineno, (first.end_lineno or 0) + 1))
    for node in ast.walk(definition):
        if isinstance(node, ast.Raise):
            left_out |= set(range(node.lineno + 1, (node.end_lineno or 0) + 1))
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if number not in left_out:
            yield line
        elif number - 1 not in left_out:
            yield line[: len(line) - len(line.lstrip())] + "…"


def _html(name: str, where: str, parts: list[tuple[str, str]]) -> str:
    body = []
    for note, lines in parts:
        if note:
            body.append(cards.remark_html(note))
        body.append(cards.code_html(lines))
    heading = f'<div style="font-weight: 600">{escape(name)} in {escape(where)}</div>'
    return cards.frame(cards.INFO, heading, "".join(body))


def _text(name: str, where: str, parts: list[tuple[str, str]]) -> str:
    out = [f"{name} in {where}"]
    for note, lines in parts:
        if note:
            out.append(textwrap.fill(note, 88))
        out.append(textwrap.indent(lines, "    "))
    return "\n".join(out)
