"""The shell that all widgets stand on: questions, answers, what travels, what stands in for it."""

import base64
import re
import time

import pytest
from IPython.core.interactiveshell import InteractiveShell

from dlcore.plots import scene as words
from dlcore.plots.scene import Axis, Panel, Scene
from dlcore.widgets.controls import Button, Control, Group
from dlcore.widgets.shell import STILL, SWIFT, Shell, differences


class Lamp(Shell):
    """The smallest widget that there can be: a dot as high as a number."""

    def __init__(self):
        self.height = 1.0
        super().__init__("Lamp")

    def scene(self):
        dot = words.points([0.5], [self.height], "lamp")
        panel = Panel("A lamp", Axis("x (m)", 0, 1), Axis("height (m)", 0, 4), (dot,))
        return Scene((panel,), f"{self.height} m")

    def controls(self):
        return [Group((Control("height", "height (m)", 0, 4, 0.5), Button("off", "Off", "Down")))]

    def values(self):
        return {"height": self.height}

    def take(self, values):
        self.height = float(values["height"])
        return False

    def act(self, name, given):
        if name != "off":
            return super().act(name, given)
        self.height = 0.0
        return False


def patched(whole, path, value):
    if not path:
        return value
    copy = list(whole) if isinstance(whole, list) else dict(whole)
    copy[path[0]] = patched(copy[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, [[["b"], 3]]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [[["a"], [1, 3]]]),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 5}], [[[1, "a"], 5]]),
        ({"p": [{"a": 1}]}, {"p": [{"a": 1}, {"a": 2}]}, [[["p"], [{"a": 1}, {"a": 2}]]]),
        ({"a": 1}, {"b": 1}, [[[], {"b": 1}]]),
        ({"p": []}, {"p": [{"a": 1}]}, [[["p"], [{"a": 1}]]]),
    ],
)
def test_differences_are_the_least_that_makes_one_of_the_other(before, after, expected):
    assert differences(before, after) == expected
    for path, value in differences(before, after):
        before = patched(before, path, value)
    assert before == after


def test_an_answer_bears_the_number_of_its_question_and_what_has_changed():
    lamp, sent = Lamp(), []
    lamp.send = lambda content, buffers=None: sent.append(content)
    lamp._handle_custom_msg({"number": 7, "set": {"height": 2.0}, "action": None}, [])
    (answer,) = sent
    assert answer["number"] == 7 and not answer["halt"] and not answer["trouble"]
    changes = {tuple(path): value for path, value in answer["changes"]}
    assert changes["scene", "panels", 0, "marks", 0, "y"] == [2.0]
    assert changes["scene", "said"] == "2.0 m" and changes["values", "height"] == 2.0
    assert set(changes) == {
        ("scene", "panels", 0, "marks", 0, "y"), ("scene", "said"), ("scene", "words"),
        ("values", "height"),
    }  # fmt: skip


def heights(answer):
    """The number that each picture of an answer says, in the order in which they are shown."""
    pictures = [*answer["through"], answer["changes"]]
    return [
        dict((tuple(path), value) for path, value in each)["scene", "said"] for each in pictures
    ]


def test_the_way_of_a_hand_is_answered_by_a_picture_for_each_place():
    lamp = Lamp()
    way = [{"height": 1.5}, {"height": 3.0}]
    answer = lamp.asked({"number": 1, "through": way, "set": {"height": 2.5}})
    assert heights(answer) == ["1.5 m", "3.0 m", "2.5 m"] and lamp.height == 2.5
    assert lamp.asked({"number": 2, "set": {"height": 2.0}})["through"] == []


def test_a_slow_model_shows_the_end_of_the_way_alone():
    class Slow(Lamp):
        def take(self, values):
            time.sleep(3 * SWIFT)
            return super().take(values)

    lamp = Slow()
    way = [{"height": each} for each in (0.5, 1.5, 2.0)]
    answer = lamp.asked({"number": 1, "through": way, "set": {"height": 3.0}})
    assert heights(answer) == ["0.5 m", "3.0 m"]


def test_trouble_on_the_way_is_told_and_what_was_shown_stays():
    lamp = Lamp()
    way = [{"height": 1.5}, {"height": "high"}]
    answer = lamp.asked({"number": 1, "through": way, "set": {"height": 3.0}})
    assert answer["halt"] and answer["trouble"].startswith("ValueError")
    assert len(answer["through"]) == 1 and answer["changes"] == [] and lamp.height == 1.5


def test_an_error_is_answered_in_words():
    lamp = Lamp()
    answer = lamp.asked({"number": 1, "set": {"height": "high"}})
    assert answer["trouble"].startswith("ValueError: could not convert") and answer["halt"]
    assert "has no button 'fly'" in lamp.asked({"number": 2, "action": "fly"})["trouble"]
    assert lamp.asked({"number": 3, "action": "off"})["trouble"] == ""


def test_a_new_page_is_told_how_it_stands_now():
    lamp = Lamp()
    first = lamp.get_state()["shown"]
    lamp.asked({"number": 1, "set": {"height": 3.0}})
    now = lamp.get_state()["shown"]
    assert first["values"] == {"height": 1.0} and now["values"] == {"height": 3.0}
    assert now["scene"]["panels"][0]["marks"][0]["y"] == [3.0]
    assert "points 'lamp' at (0.5, 3)" in now["scene"]["words"]


def test_what_a_program_changes_is_shown_when_asked():
    lamp, sent = Lamp(), []
    lamp.send = lambda content, buffers=None: sent.append(content)
    lamp.height = 4.0
    lamp.refresh()
    assert [["values", "height"], 4.0] in sent[0]["changes"]


def test_each_widget_has_a_key_of_its_own():
    assert Lamp().key != Lamp().key


def test_a_still_picture_with_its_text_precedes_the_widget(monkeypatch):
    shown = []

    def display(data, metadata=None, raw=False):
        shown.append((data, metadata))

    monkeypatch.setattr("IPython.display.display", display)
    lamp = Lamp()
    lamp._ipython_display_()
    (still, about), (widget, _) = shown
    assert still["image/png"].startswith(b"\x89PNG")
    assert still["text/plain"].startswith(f"Lamp. {STILL}\nPicture 1 of 1: A lamp")
    assert about["image/png"]["alt"] == still["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert widget["text/plain"] == repr(lamp)
    mark = lamp.get_state()["shown"]["still"]
    assert len(mark) == 60 and mark in base64.b64encode(still["image/png"]).decode()


def test_a_notebook_shows_it_by_its_name_alone():
    shell = InteractiveShell()
    data, _ = shell.display_formatter.format(Lamp())
    assert data == {}, "it has displayed itself"


def test_nothing_of_the_page_comes_from_a_network():
    for text in (Shell._esm, Shell._css):
        addresses = set(re.findall(r"https?://[^\s\"']+", text))
        assert addresses <= {"http://www.w3.org/2000/svg"}, "this one is a name, not a place"
        assert not re.search(r"\bimport\s*\(|\bimport\s+[\w{*]|@import|fetch\(", text)


def test_letters_are_never_small():
    sizes = [float(size) for size in re.findall(r"(?:font|font-size):[^;]*?(\d+)px", Shell._css)]
    assert len(sizes) > 5 and min(sizes) >= 11


def luminance(colour):
    """Of a colour #rrggbb (WCAG 2.2, "relative luminance")."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(by * part for by, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("ground", ["#ffffff", "#111111", "#1e1e1e", "#212121"])
def test_lines_stand_out_on_the_grounds_of_both_themes(ground):
    """JupyterLab's grounds are white and #111111, VS Code's dark one is #1e1e1e."""
    colours = dict(re.findall(r"--(orange|blue|green|purple|grey): (#\w{6})", Shell._css))
    assert len(colours) == 5
    for name, colour in colours.items():
        high, low = sorted((luminance(colour), luminance(ground)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3, (name, ground)
