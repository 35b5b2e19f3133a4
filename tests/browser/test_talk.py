"""What page and kernel say to each other while a hand moves, with a kernel played by the test."""

import pytest

from dlcore.widgets import shell
from tests.browser import lab

pytestmark = lab.marks()

# A kernel that keeps its questions, and a view that notes what it shows and in which frame.
PLAYED = """
  window.asked = [];
  window.seen = [];
  window.frames = 0;
  const count = () => { window.frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  let state = { values: { a: 0 } };
  window.talk = new Talk({
    on() {}, get: () => state, set: (_, value) => { state = value; },
    send: (question) => asked.push(question),
  });
  talk.views.add({ late() {}, show: ({ values }, changes, { halt }) =>
    seen.push([values.a, frames, talk.waiting(), halt]) });
  window.answer = (number, ...way) => {
    const pictures = way.map((a) => [[["values", "a"], a]]);
    const changes = pictures.pop();
    talk.heard({ number, through: pictures, changes });
  };
"""


@pytest.fixture
def page():
    talk = (shell._PAGE / "6_talk.js").read_text(encoding="utf-8")
    with lab.page() as page:
        page.set_content(f"<script>{talk}{PLAYED}</script>")
        yield page


def moves(page, *values):
    """A hand that is at each of these for a frame, while nothing is answered."""
    page.evaluate(
        """async (values) => { for (const a of values) {
             talk.set({ a });
             await new Promise(requestAnimationFrame);
             await new Promise((done) => setTimeout(done, 20));
        } }""",
        values,
    )


def test_a_question_tells_the_way_of_the_hand_since_the_last_one(page):
    moves(page, *range(1, 13))
    before = page.evaluate("asked.length")
    assert 2 <= before <= 4  # more are not on their way at once
    page.evaluate("asked.slice().forEach(({ number }) => answer(number, number))")
    page.wait_for_function(f"asked.length === {before + 1}")
    question = page.evaluate("asked.at(-1)")
    assert question["set"] == {"a": 12}
    way = [each["a"] for each in question["through"]]
    assert len(way) == 2 and way == sorted(way) and way[-1] == 11


def test_pictures_of_one_answer_are_shown_one_a_frame(page):
    moves(page, 3)
    page.evaluate("answer(1, 1, 2, 3)")
    page.wait_for_function("seen.length === 3")
    shown = page.evaluate("seen")
    assert [value for value, *_ in shown] == [1, 2, 3]
    frames = [frame for _, frame, *_ in shown]
    assert len(set(frames)) == 3, frames
    # Controls are set back to what the model says only once the hand has been caught up with.
    assert [waiting for *_, waiting, _ in shown] == [True, True, False]


def test_pictures_that_come_too_fast_are_passed_over_and_none_of_their_changes_is_lost(page):
    moves(page, 9)
    page.evaluate("answer(1, 1, 2, 3, 4, 5, 6, 7, 8, 9)")
    page.wait_for_function("talk.pictures.length === 0")
    shown = [value for value, *_ in page.evaluate("seen")]
    assert shown == [7, 8, 9]
    assert page.evaluate("talk.shown.values.a") == 9


def test_a_stop_among_pictures_that_are_passed_over_is_obeyed(page):
    page.evaluate(
        """() => { talk.heard({ number: null, changes: [[["values", "a"], 1]], halt: true });
             for (const a of [2, 3, 4, 5]) {
               talk.heard({ number: null, changes: [[["values", "a"], a]] });
             } }"""
    )
    page.wait_for_function("talk.pictures.length === 0")
    assert page.evaluate("seen.some(([,,, halt]) => halt)")
