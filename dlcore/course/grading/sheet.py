"""The frame of the pages: one file each, no script, nothing loaded, light and dark."""

from __future__ import annotations

from html import escape

MADE_BY = "<!-- made by dlcore grade; a later run replaces this file -->"
# A browser that keeps to this policy runs no script, whatever a page holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
# The cards of the course take their colours from JupyterLab's names; here they are given.
_STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --soft: #59636e; --line: #d5dae0; --faint: #f3f5f7;
  --right: #2e7d32; --wrong: #c62828; --refused: #a15c00; --none: #8a939c;
  --unread: #7a4fb0; --link: #0b62c4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e4e8ec; --soft: #9aa4ae; --line: #363d45; --faint: #1e2329;
    --right: #66bb6a; --wrong: #ef6a62; --refused: #e0a04a; --none: #77818b;
    --unread: #b493e0; --link: #7ab7ff;
  }
}
:root {
  --jp-layout-color1: var(--paper); --jp-content-font-color1: var(--ink);
  --jp-content-font-color2: var(--soft); --jp-border-color1: var(--none);
  --jp-border-color2: var(--line); --jp-success-color1: var(--right);
  --jp-error-color1: var(--wrong); --jp-info-color1: var(--link);
  --jp-mirror-editor-keyword-color: var(--ink); --jp-mirror-editor-comment-color: var(--soft);
  --jp-mirror-editor-string-color: var(--ink); --jp-mirror-editor-number-color: var(--ink);
  --jp-mirror-editor-def-color: var(--ink);
}
h1, h2, p { overflow-wrap: anywhere; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word;
}
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 0.6rem; }
p { margin: 0.4rem 0; } .soft { color: var(--soft); } a { color: var(--link); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; } caption { text-align: left; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.9rem 0.3rem 0;
  border-bottom: 1px solid var(--line); }
thead th { font-weight: 600; color: var(--soft); white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: normal; } .matrix tbody th { min-width: 9rem; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.right { color: var(--right); } .wrong { color: var(--wrong); }
.refused { color: var(--refused); } .unread { color: var(--unread); } .none { color: var(--soft); }
.bar { display: flex; width: 11rem; height: 0.8rem; margin-top: 0.4rem; background: var(--faint); }
.bar span { display: block; height: 100%; }
.bar .right { background: var(--right); } .bar .wrong { background: var(--wrong); }
.bar .refused { background: var(--refused); } .bar .none { background: var(--none); }
.bar .unread { background: var(--unread); }
.matrix td { text-align: center; padding: 0.2rem 0.55rem; }
.matrix td.n { text-align: right; } .matrix td.note { text-align: left; }
.matrix thead th { padding: 0.2rem 0.55rem; text-align: center; }
.matrix thead th:first-child { text-align: left; padding-left: 0; }
section { margin: 0 0 1.4rem; } details { margin: 0.2rem 0 0; }
summary { cursor: pointer; color: var(--soft); }
.code { background: var(--faint); padding: 0.7rem 1rem; overflow-x: auto; overflow-wrap: normal;
  font: 0.9rem/1.4 ui-monospace, monospace; margin: 0.4rem 0; }
@media print { details { display: none; } }
"""


def page(title: str, body: str) -> str:
    """A whole document; ``title`` is text, ``body`` is HTML."""
    return (
        f'<!doctype html>\n{MADE_BY}\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{shown(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def shown(text: str) -> str:
    """Text as HTML; characters that steer or reorder the line are made visible."""
    return escape("".join(c if c.isprintable() or c in "\n\t" else "�" for c in text))


def css_class(status: str) -> str:
    """The class of a status in the style sheet."""
    own = {"right": "right", "wrong": "wrong", "refused": "refused", "not read": "unread"}
    return own.get(status, "none")
