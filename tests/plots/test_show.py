"""What a web page made of a lesson gets of a figure: its alternative text.

nbconvert's template ``classic`` writes it; its template ``lab`` leaves it out, whatever a notebook
says (version 7.17).
"""

import re

import pytest

from dlcore.course import lesson_map, notebooks


@pytest.mark.parametrize("lesson", lesson_map.written(), ids=lambda lesson: lesson.slug)
def test_the_web_page_of_a_lesson_says_what_each_figure_shows(lesson):
    from html import unescape

    from nbconvert import HTMLExporter

    notebook = notebooks.read(lesson.path)
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    pictures = re.findall(r"<img[^>]*data:image/png[^>]*>", page)
    shown = [
        output.data["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    said = [unescape(re.search(r'alt="([^"]*)"', each).group(1)) for each in pictures]
    assert shown and said == shown
