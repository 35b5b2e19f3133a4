"""The smallest example of CONTRIBUTING.md is a widget that works."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / ".github" / "CONTRIBUTING.md"


def test_the_smallest_example_works():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    names: dict = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    widget = names["parabola"]()
    answer = widget.asked({"number": 1, "set": {"a": -0.5}})
    assert answer["trouble"] == "" and widget.scene().said == "at x = 1: -0.5"
    (curve,) = [line for line in widget.figure().axes[0].lines if line.get_label() == "y = a x²"]
    assert curve.get_ydata()[0] == -2.0


def test_every_file_and_function_that_it_names_is_there():
    root, text = PAGE.parents[1], PAGE.read_text(encoding="utf-8")
    from dlcore.plots import scene

    for path in re.findall(r"`((?:dlcore|tests)/[\w/.]+)`", text):
        assert re.search("NAME|FAMILY|/x/", path) or (root / path).exists(), path
    listed = re.search(r"\*\*Marks\*\*: (.*?)\. What", text, re.S).group(1)
    made = {
        name
        for name, each in vars(scene).items()
        if getattr(each, "__annotations__", {}).get("return") == "Mark"
    }
    assert set(re.findall(r"`(\w+)`", listed)) == made
