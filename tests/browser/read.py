"""What a page really shows of a widget: its paths, read back into the numbers of its axes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

# For each panel: title, the ticks of both axes, and for each mark its kind, name and first element.
PANELS = """() => [...document.querySelectorAll('.dlcore-widget .dlcore-panel')].map((panel) => {
  const plot = panel.querySelector('.dlcore-plot');
  const ticks = (across) => [...panel.querySelectorAll('.dlcore-frame path')].slice(1)
    .map((path) => path.getAttribute('d')).filter((d) => d.includes('v') === across);
  const texts = [...panel.querySelectorAll('.dlcore-frame text')];
  const values = (across) => texts
    .filter((text) => (text.getAttribute('text-anchor') === 'middle') === across)
    .map((text) => Number(text.dataset.value));
  return {
    title: panel.querySelector('.dlcore-title').textContent,
    corner: [Number(plot.getAttribute('x')), Number(plot.getAttribute('y'))],
    ticks: [ticks(true), ticks(false)], values: [values(true), values(false)],
    marks: [...panel.querySelectorAll('g[data-kind]')].map((g) => ({
      kind: g.dataset.kind, name: g.dataset.name,
      d: g.firstElementChild?.getAttribute('d') ?? '',
      at: ['cx', 'cy'].map((key) => Number(g.firstElementChild?.getAttribute(key))),
    })),
  };
})"""
NUMBER = r"-?\d+(?:\.\d+)?"


def middle(page: Any, selector: str, which: int = 0) -> tuple[float, float]:
    """The middle of an element in the window, once the page around it has stopped moving."""
    element, box = page.locator(selector).nth(which), None
    element.wait_for(state="attached", timeout=60_000)
    while True:
        element.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        if box == (box := element.bounding_box()) and box:
            return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def panels(page: Any) -> list[dict[str, Any]]:
    """The panels of the first widget: title, and its marks by name with points x, y."""
    page.wait_for_function(
        """() => {
            const panels = [...document.querySelectorAll('.dlcore-widget .dlcore-panel')];
            return panels.length && panels.every((each) => each.querySelector('g[data-kind]'));
        }"""
    )
    return [_panel(each) for each in page.evaluate(PANELS)]


def _panel(raw: dict[str, Any]) -> dict[str, Any]:
    if not raw["values"][0]:  # it goes without axes
        return {"title": raw["title"], "marks": {}}
    numbers = [[[float(n) for n in re.findall(NUMBER, d)] for d in ticks] for ticks in raw["ticks"]]
    scales = [
        np.polyfit([tick[axis] - raw["corner"][axis] for tick in numbers[axis]], values, 1)
        for axis, values in enumerate(raw["values"])
    ]

    def place(x: float, y: float) -> tuple[float, float]:
        return float(np.polyval(scales[0], x)), float(np.polyval(scales[1], y))

    marks: dict[str, np.ndarray] = {}
    for number, mark in enumerate(raw["marks"]):
        name = mark["name"] or f"{mark['kind']} {number}"
        if mark["kind"] == "handle":
            marks[name] = np.array([place(*mark["at"])])
        elif mark["kind"] in ("line", "points", "segments"):
            ends = re.findall(rf"[ML]({NUMBER}) ({NUMBER})", mark["d"])
            marks[name] = np.array([place(float(x), float(y)) for x, y in ends])
        elif mark["kind"] == "arrow":  # its shaft; the two strokes of its tip follow
            ends = re.findall(rf"[ML]({NUMBER}) ({NUMBER})", mark["d"])[:2]
            marks[name] = np.array([place(float(x), float(y)) for x, y in ends])
    return {"title": raw["title"], "marks": marks}
