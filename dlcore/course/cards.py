"""Cards, as HTML and as plain text: a verdict, a hint, a solution.

A renderer takes plain data (a verdict as ``Verdict.to_dict`` gives it) and returns text: nothing
here computes or displays. Colours are those of JupyterLab's theme, with fallbacks; the status is
always written in words too. Every text of the learner's is escaped.
"""

from __future__ import annotations

import re
import textwrap
from html import escape
from typing import Any

from dlcore.course.highlight import highlight

_STATUS_COLOURS = {
    "right": "var(--jp-success-color1, #388e3c)",
    "wrong": "var(--jp-error-color1, #d32f2f)",
    "not attempted": "var(--jp-border-color1, #9e9e9e)",
}
INFO = "var(--jp-info-color1, #0288d1)"
SOFT = "color: var(--jp-content-font-color2, inherit)"
LINE = "1px solid var(--jp-border-color2, rgba(127, 127, 127, 0.4))"
_CODE_FONT = "font-family: var(--jp-code-font-family, monospace); font-size: 0.92em"
_PRE = (
    f"margin: 0; padding: 0; background: transparent; color: inherit; {_CODE_FONT}; "
    "line-height: 1.35; white-space: pre; overflow-x: auto"
)
_WIDTH = 88


def verdict_html(verdict: dict[str, Any]) -> str:
    """The card of a verdict."""
    parts = []
    if verdict["mistake"]:
        parts.append(_paragraph(verdict["mistake"], "font-weight: 600"))
    parts.append(_paragraph(verdict["sentence"]))
    if verdict["case"]:
        parts.append(_case_html(verdict["case"]))
    parts += [_paragraph(f"Note: {note}", SOFT) for note in verdict["notes"]]
    return frame(_STATUS_COLOURS[verdict["status"]], _heading_html(verdict), "".join(parts))


def verdict_text(verdict: dict[str, Any]) -> str:
    """The same in plain text."""
    status = verdict["status"]
    lines = [f"{status.upper()}  {verdict['exercise']}  {verdict['title']}{_plan(verdict)}"]
    if verdict["mistake"]:
        lines.append(_wrapped(verdict["mistake"]))
    lines.append(_wrapped(verdict["sentence"]))
    for title, each in _rows(verdict["case"]):
        about = f"  ({each['about']})" if each["about"] else ""
        lines.append(f"  {title} {each['name']}{about}")
        lines.append(textwrap.indent(each["text"], "    "))
    lines += [_wrapped(f"Note: {note}") for note in verdict["notes"]]
    return "\n".join(lines)


def hint_html(id: str, number: int, count: int, text: str) -> str:
    """The card of a hint; ``number`` 0 for the remark that there are no more."""
    title = f"Hint {number} of {count}" if number else "No more hints"
    return frame(INFO, _title_html(title, id), _paragraph(text))


def hint_text(id: str, number: int, count: int, text: str) -> str:
    """The same in plain text."""
    title = f"HINT {number} of {count}" if number else "NO MORE HINTS"
    return f"{title}  {id}\n{_wrapped(text)}"


def solution_html(id: str, title: str, code: str, notes: str, head: str = "Solution") -> str:
    """The card of a solution: the source of the answer, and what is to be said about it."""
    body = f'<pre style="{_PRE}; margin: 0.3em 0">{highlight(code)}</pre>'
    if notes:
        body += _paragraph(notes)
    return frame(INFO, _title_html(head, f"{id} {title}"), body)


def solution_text(id: str, title: str, code: str, notes: str, head: str = "Solution") -> str:
    """The same in plain text."""
    text = f"{head.upper()}  {id}  {title}\n\n{textwrap.indent(code.rstrip(), '    ')}"
    return f"{text}\n\n{_wrapped(notes)}" if notes else text


def code_html(code: str) -> str:
    """Lines of Python on a card."""
    return f'<pre style="{_PRE}; margin: 0.1em 0">{highlight(code)}</pre>'


def note_html(id: str, text: str) -> str:
    """The card of a remark about an exercise."""
    return frame(INFO, _title_html("Note", id), _paragraph(text))


def note_text(id: str, text: str) -> str:
    """The same in plain text."""
    return f"NOTE  {id}".rstrip() + f"\n{_wrapped(text)}"


def frame(colour: str, heading: str, body: str, width: str = "56em") -> str:
    """A card: a bar of the given colour at the left of a heading and a body, all HTML."""
    return (
        f'<div style="border: {LINE}; border-left: 5px solid {colour}; border-radius: 3px; '
        "padding: 0.6em 1em; margin: 0.3em 0; "
        f"max-width: {width}; "
        "background: var(--jp-layout-color1, transparent); "
        'color: var(--jp-content-font-color1, inherit); line-height: 1.45">'
        f"{heading}{body}</div>"
    )


def remark_html(text: str) -> str:
    """A soft sentence under a card's body."""
    return _paragraph(text, SOFT)


def _heading_html(verdict: dict[str, Any]) -> str:
    status = verdict["status"]
    badge = (
        f'<span style="border: 2px solid {_STATUS_COLOURS[status]}; border-radius: 3px; '
        f'padding: 0 0.5em; font-weight: 600">{escape(status.capitalize())}</span>'
    )
    return (
        f'<div style="margin: 0 0 0.4em 0">{badge} <span style="font-weight: 600; '
        f'margin-left: 0.5em">{escape(verdict["title"])}</span> '
        f'<span style="{SOFT}">{escape(verdict["exercise"] + _plan(verdict))}</span></div>'
    )


def _title_html(title: str, about: str) -> str:
    return (
        f'<div style="margin: 0 0 0.4em 0"><span style="font-weight: 600">{escape(title)}</span> '
        f'<span style="{SOFT}; margin-left: 0.5em">{escape(about)}</span></div>'
    )


def _plan(verdict: dict[str, Any]) -> str:
    return f"  ({verdict['level']}, {verdict['minutes']} min)" if verdict["level"] else ""


def _rows(case: dict[str, Any] | None) -> list[tuple[str, dict[str, str]]]:
    """The values of a case, each with the word that stands before it."""
    if not case:
        return []
    titles = {"inputs": "input", "yours": "yours", "expected": "expected"}
    return [(word, each) for side, word in titles.items() for each in case[side]]


def _case_html(case: dict[str, Any]) -> str:
    """The inputs side by side, and under them each result beside the one expected."""
    rows = [[("input", each) for each in case["inputs"]]]
    yours = {each["name"]: each for each in case["yours"]}
    strange = [each for name, each in yours.items() if name not in _names(case["expected"])]
    rows += [[("yours", each)] for each in strange]
    for each in case["expected"]:
        value = yours.get(each["name"])
        rows.append([("yours", value)] * (value is not None) + [("expected", each)])
    return "".join(
        f'<div style="display: flex; flex-wrap: wrap; gap: 0.4em 2.5em; border-top: {LINE}; '
        f'padding: 0.4em 0; margin: 0.4em 0 0 0">{"".join(map(_block, row))}</div>'
        for row in rows
    )


def _names(values: list[dict[str, str]]) -> set[str]:
    return {each["name"] for each in values}


def _block(labelled: tuple[str, dict[str, str]]) -> str:
    word, value = labelled
    about = f'<span style="{SOFT}; font-size: 0.85em">{escape(value["about"])}</span>'
    return (
        f'<div style="max-width: 100%"><div>{word} <b style="{_CODE_FONT}">'
        f"{escape(value['name'])}</b> {about}</div>"
        f'<pre style="{_PRE}">{escape(value["text"])}</pre></div>'
    )


def _paragraph(text: str, style: str = "") -> str:
    """A paragraph; what stands between backticks is code."""
    words = re.sub(r"`([^`]+)`", rf'<code style="{_CODE_FONT}">\1</code>', escape(text))
    return f'<p style="margin: 0.3em 0; {style}">{words}</p>'


def _wrapped(text: str) -> str:
    return "\n".join(
        textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )
