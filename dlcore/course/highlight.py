"""Python source as HTML, in the colours that JupyterLab's editor has in the current theme."""

from __future__ import annotations

import io
import keyword
import tokenize
from html import escape

_COLOURS = {
    "keyword": "var(--jp-mirror-editor-keyword-color, #008000)",
    "comment": "var(--jp-mirror-editor-comment-color, #408080)",
    "string": "var(--jp-mirror-editor-string-color, #ba2121)",
    "number": "var(--jp-mirror-editor-number-color, #080)",
    "name": "var(--jp-mirror-editor-def-color, #00f)",
}


def highlight(code: str) -> str:
    """The code, escaped and coloured; escaped alone if it is no whole piece of Python."""
    lines = code.splitlines(keepends=True)
    pieces: list[str] = []
    row, column = 1, 0
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return escape(code)
    before = ""
    for token in tokens:
        if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
            continue
        pieces.append(escape(_between(lines, (row, column), token.start)))
        kind = _kind(token, before)
        text = escape(token.string)
        pieces.append(f'<span style="color: {_COLOURS[kind]}">{text}</span>' if kind else text)
        row, column = token.end
        before = token.string
    return "".join(pieces)


def _kind(token: tokenize.TokenInfo, before: str) -> str:
    if token.type == tokenize.NAME:
        if keyword.iskeyword(token.string):
            return "keyword"
        return "name" if before in ("def", "class") else ""
    return {
        tokenize.COMMENT: "comment",
        tokenize.STRING: "string",
        tokenize.NUMBER: "number",
    }.get(token.type, "")


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]]
    if start[0] > len(lines):
        return ""
    parts = [lines[start[0] - 1][start[1] :], *lines[start[0] : end[0] - 1]]
    if end[0] <= len(lines):
        parts.append(lines[end[0] - 1][: end[1]])
    return "".join(parts)
