"""What a check says about each way in which a function can be wrong, or merely unusual."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import textwrap

import numpy as np
import pytest

from dlcore.course import Exercise, Verdict, WrongAnswer, check
from dlcore.course.cases import amount, draw_cases
from dlcore.course.compare import difference
from dlcore.course.outcome import call
from dlcore.course.time_limit import Limit
from tests.course.samples import DENSE, DENSE_GRAD, HINTS, RELU, SLOPE, changes_bias, draw_x


def wrong(exercise, function, kind, **more):
    verdict = check(exercise, function, **more)
    assert (verdict.status, verdict.kind) == ("wrong", kind), verdict.sentence
    return verdict


def right(exercise, function):
    verdict = check(exercise, function)
    assert verdict.status == "right", verdict.sentence
    return verdict


def test_changed_inputs_are_the_mistake_only_if_the_numbers_are_right():
    def sums(x, w, b):
        x += 1
        return x @ w + b

    verdict = check(DENSE, sums)
    assert verdict.kind == "numbers" and "The numbers are right" not in verdict.mistake
    assert "Your function changes its input x." in verdict.notes


def test_chance_is_called_so():
    def noisy(x, w, b):
        return x @ w + b + np.random.normal()  # noqa: NPY002

    assert "draws random numbers" in check(DENSE, noisy).sentence


def test_a_check_gives_the_same_verdict_every_time():
    def mine(x):
        return np.maximum(x, 0.25)

    first, second = check(RELU, mine), check(RELU, mine)
    assert first == second
    assert first.to_dict() == second.to_dict()


def test_an_exercise_may_be_named_by_its_id(sample_registry):
    assert check("04.relu", np.abs).exercise == "04.relu"


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="04.relu wants a function"):
        check(RELU, 3)


def test_too_many_arguments_are_listed():
    verdict = wrong(DENSE, lambda x, w, b, c: x, "arguments")
    assert verdict.sentence == (
        "Your function takes 4 arguments (x, w, b, c); it must take 3: x, w, b."
    )


def test_more_arguments_with_defaults_are_fine():
    def relu(x, threshold=0):
        return np.maximum(x, threshold)

    right(RELU, relu)


def test_an_error_is_told_with_the_learners_own_line():
    def mine(x):
        a = 1
        return a / len(x[x > 99])

    verdict = wrong(RELU, mine, "raises")
    line = mine.__code__.co_firstlineno + 2
    assert verdict.sentence == (
        f"Your function raises ZeroDivisionError: division by zero, in line {line}: "
        "return a / len(x[x > 99])"
    )
    assert verdict.case.inputs[0].name == "x" and not verdict.case.yours


def test_an_error_inside_numpy_is_told_with_the_learners_line_too():
    def mine(x, w, b):
        return np.concatenate([x, w @ x @ w @ b, b])

    verdict = wrong(DENSE, mine, "raises")
    assert "ValueError" in verdict.sentence
    assert verdict.sentence.endswith("return np.concatenate([x, w @ x @ w @ b, b])")


def test_a_long_error_message_is_cut_and_loses_its_colours():
    def mine(x):
        raise ValueError("\x1b[31mred\x1b[0m " + "long " * 200)

    verdict = wrong(RELU, mine, "raises")
    assert "red long" in verdict.sentence and "\x1b" not in verdict.sentence
    assert len(verdict.sentence) < 400


def test_leaving_python_is_an_error_like_others():
    assert "SystemExit" in wrong(RELU, lambda x: sys.exit(3), "raises").sentence


def test_runaway_recursion():
    def mine(x):
        return mine(x)

    verdict = wrong(RELU, mine, "recursion")
    assert "calls itself without end" in verdict.sentence and "return mine(x)" in verdict.sentence


def test_the_wrong_number_of_results():
    verdict = wrong(DENSE_GRAD, lambda dz, x, w: (dz @ w.T, x.T @ dz), "count")
    assert verdict.sentence == "Your function returns 2 results; 3 are expected: dx, dw, db."
    verdict = wrong(DENSE_GRAD, lambda dz, x, w: dz @ w.T, "count")
    assert verdict.sentence == "Your function returns 1 result; 3 are expected: dx, dw, db."
    verdict = wrong(RELU, lambda x: (x, x), "count")
    assert verdict.sentence == "Your function returns 2 results; 1 is expected: y."


def test_a_list_of_results_is_as_good_as_a_tuple():
    right(DENSE_GRAD, lambda dz, x, w: [dz @ w.T, x.T @ dz, dz.sum(axis=0)])


def test_one_wrong_result_among_right_ones():
    verdict = wrong(DENSE_GRAD, lambda dz, x, w: (dz @ w.T, x.T @ dz, dz.sum(0) + 1), "numbers")
    assert verdict.sentence.startswith("db is not right")
    assert verdict.sentence.endswith("(dx and dw are right.)")


@pytest.mark.parametrize(
    "value, words",
    [
        ("text", "a str"),
        ({}, "a dict"),
        (np.abs, "round brackets behind it call it"),
        ([[1], [2, 3]], "does not make an array"),
        (..., "placeholder"),
    ],
)
def test_the_wrong_type(value, words):
    assert words in wrong(RELU, lambda x: value, "type").sentence


def test_yield_in_place_of_return():
    def mine(x):
        yield x

    assert "as a function with `yield` gives" in wrong(RELU, mine, "type").sentence
    assert "[... for ...]" in wrong(RELU, lambda x: (each for each in x), "type").sentence


def test_the_wrong_shape_names_both_and_sees_a_transpose():
    verdict = wrong(DENSE_GRAD, lambda dz, x, w: (dz @ w.T, dz.T @ x, dz.sum(0)), "shape")
    assert re.search(r"dw has shape \((\d), (\d)\), expected \(\2, \1\)", verdict.sentence)
    assert "dw: This is the transpose of the right result" in verdict.mistake
    verdict = wrong(DENSE_GRAD, lambda dz, x, w: (dz @ w.T, 0 * (dz.T @ x) + 7, 0), "shape")
    assert "transpose" not in verdict.mistake, "its numbers are others, so nothing is guessed"


def test_a_square_transpose_is_seen_from_its_numbers():
    verdict = wrong(RELU, lambda x: np.maximum(x, 0).T, "numbers")
    assert verdict.mistake.startswith("This is the transpose of the right result")


def test_n_against_n_1_and_a_single_number():
    def column(dz, x, w):
        return dz @ w.T, x.T @ dz, dz.sum(0, keepdims=True).T

    verdict = wrong(DENSE_GRAD, column, "shape")
    assert "axis of size 1 too many" in verdict.mistake
    total = wrong(DENSE_GRAD, lambda dz, x, w: (dz @ w.T, x.T @ dz, dz.sum()), "shape")
    assert "db: This is one step too far: the sum of the right result" in total.mistake
    flat = wrong(DENSE, lambda x, w, b: (x @ w + b)[:, 0], "shape")
    assert flat.mistake == "", "a column is picked, and no change of shape brings back the others"


def test_changed_inputs_are_named():
    def mine(x, w, b):
        z = x @ w + b
        w *= 2
        b -= 1
        return z

    verdict = wrong(DENSE, mine, "changed")
    assert verdict.sentence.startswith("Your function changes its inputs w, b;")


def test_a_change_beside_wrong_numbers_is_a_note():
    def mine(x):
        x[x > 0] = 7
        return x

    verdict = wrong(RELU, mine, "numbers")
    assert "Your function changes its input x." in verdict.notes


def test_not_finite():
    verdict = wrong(RELU, lambda x: np.log(np.maximum(x, 0)), "finite")
    assert "y is not finite: at [" in verdict.sentence and "yours is -inf" in verdict.sentence
    assert any(note.startswith("NumPy warned: divide by zero") for note in verdict.notes)


def test_a_warning_that_does_no_harm_says_so():
    def mine(x):
        np.exp(np.full(1, 1e4))
        return np.maximum(x, 0)

    (note,) = right(RELU, mine).notes
    assert note.startswith("NumPy warned: overflow") and "harmless here" in note


def test_a_warning_of_another_case_is_no_note_on_what_is_wrong():
    seen = []

    def mine(x):
        seen.append(x.size)
        if len(seen) == 4:
            np.exp(np.full(1, 1e4))
        return np.maximum(x, 0) + 1

    assert wrong(RELU, mine, "numbers").notes == ()


def test_the_smallest_failing_case_and_the_greatest_difference_are_shown():
    seen = []

    def mine(x):
        y = np.maximum(x, 0)
        if x.size > 4:
            seen.append(x.size)
            y[1, 2] += 10
            y[0, 0] += 1
        return y

    verdict = wrong(RELU, mine, "numbers")
    assert verdict.sentence.startswith("y is not right: at [1, 2] yours is ")
    assert verdict.sentence.endswith("(2 of 9 numbers differ).")
    assert [each.name for each in verdict.case.inputs] == ["x"]
    assert verdict.case.inputs[0].about == "shape (3, 3), float32"
    assert verdict.case.yours[0].text != verdict.case.expected[0].text
    assert min(seen) == 9


def test_a_small_difference_is_shown_with_enough_digits():
    found = difference(np.float32(1.0002), (np.float32(1),), ("y",), 1e-4, 0.0)
    assert found.sentence == "y is not right: yours is 1, expected 1 (yours is 1.0002 in full)."


def test_rounding_is_not_wrong():
    right(RELU, lambda x: np.maximum(x, 0) * (1 + 1e-6) + 1e-8)
    right(RELU, lambda x: np.maximum(x.astype(np.float16), 0).astype(np.float32) * 0 + x * (x > 0))


def test_small_numbers_are_compared_too():
    tiny = Exercise(
        id="04.tiny",
        title="Tiny numbers",
        level="easy",
        minutes=1,
        answer=lambda x: 1e-5 * x,
        draw=draw_x,
        hints=HINTS,
        wrong=(WrongAnswer(np.abs, "a"), WrongAnswer(np.square, "b")),
    )
    wrong(tiny, lambda x: 1.1e-5 * x, "numbers")
    wrong(tiny, np.zeros_like, "numbers")


def test_a_function_that_remembers_is_found_out():
    count = [0]

    def mine(x):
        count[0] += 1
        return np.maximum(x, 0) if count[0] < 12 else x * 0

    wrong(RELU, mine, "unsteady")
    verdict = wrong(RELU, lambda x: x + np.random.default_rng().normal(), "unsteady")
    assert "Two calls with the same input" in verdict.sentence


def test_a_default_that_is_kept_from_call_to_call_is_named():
    def mine(x, calls=[]):  # noqa: B006
        calls.append(x)
        return np.maximum(x, 0) if len(calls) < 12 else x * 0

    assert "The default of calls is made once" in wrong(RELU, mine, "unsteady").mistake


def test_a_known_mistake_has_to_agree_on_every_case():
    def nearly_absolute(x):
        return np.abs(x) if x.size < 10 else np.maximum(x, 0) + 1

    assert wrong(RELU, nearly_absolute, "numbers").mistake == ""
    assert wrong(RELU, lambda x: x * np.sign(x), "numbers").mistake.startswith("This is |x|")


def test_a_known_mistake_that_raises_has_to_say_the_same():
    assert "There is no place 99 along axis 0" in wrong(RELU, lambda x: x[99], "raises").mistake
    assert wrong(RELU, lambda x: np.maximum(0, x)[0, 99], "raises").mistake.startswith("Column 99")


def test_a_known_mistake_is_seen_through_changed_inputs():
    def mine(x, w, b):
        w += 1
        return x @ (w - 1)

    assert wrong(DENSE, mine, "numbers").mistake.startswith("The bias b is not added")

    def harmless(x, w, b):
        z = x @ w + b
        w += 1
        return z

    assert "with w = w.copy() first" in wrong(DENSE, harmless, "changed").mistake
    assert wrong(DENSE, changes_bias, "changed").mistake == "The bias is changed on the way."


def test_nan_in_an_input_is_no_change():
    with_nan = Exercise(**{**vars(RELU), "examples": ((np.array([[np.nan, 1.0]]),),)})
    right(with_nan, lambda x: np.maximum(x, 0))


def test_not_implemented_is_not_attempted():
    def mine(x):
        y = np.maximum(x, 0)
        if y.size:
            raise NotImplementedError("later")
        return y

    assert check(RELU, mine).status == "not attempted"


def test_a_stub_is_known_without_its_source():
    scope = {}
    code = "def stub(x):\n    'words'\n    ...\ndef none(x):\n    y = x\ndef same(x):\n    return x"
    exec(code, scope)
    assert check(RELU, scope["stub"]).status == "not attempted"
    assert check(RELU, scope["none"]).kind == "none"
    assert check(RELU, scope["same"]).kind == "numbers"


def test_returning_none_on_purpose_is_an_attempt():
    def mine(x):
        return None

    assert wrong(RELU, mine, "none")
    assert wrong(RELU, lambda x: None, "none")


def test_printing_is_a_note(capsys):
    def mine(x):
        print("shape", x.shape)
        print("again")
        return np.maximum(x, 0)

    assert "It prints while it runs: shape (2, 2) / again" in right(RELU, mine).notes
    assert capsys.readouterr().out == ""


def test_endless_printing_is_stopped_and_cut():
    def mine(x):
        while True:
            print("x" * 1000)

    wrong(RELU, mine, "time", seconds=0.3)

    def long_winded(x):
        for _ in range(50):
            print("y" * 1000)
        return np.maximum(x, 0)

    with Limit(5.0) as limit:
        kept = call(long_winded, (np.ones(2),), limit).printed
    assert len(kept) == 2000


def test_what_was_wrong_before_the_time_ran_out_is_said():
    def mine(x):
        while x.size > 20:
            pass
        return np.abs(x)

    verdict = wrong(RELU, mine, "numbers", seconds=0.3)
    assert verdict.case.yours and "stopped" not in verdict.sentence

    def right_and_slow(x):
        return np.maximum(mine(x) * 0 + x, 0)

    verdict = wrong(RELU, right_and_slow, "time", seconds=0.3)
    assert "stopped" in verdict.sentence and verdict.mistake == ""


def test_who_is_stopped_in_the_largest_case_alone_is_told_why():
    hurried = Exercise(**{**vars(RELU), "too_slow": "Each number is looked at many times."})
    largest = max(case[0].size for case in draw_cases(hurried))

    def until(size):
        def mine(x):
            while x.size >= size:
                pass
            return np.maximum(x, 0)

        return mine

    verdict = wrong(hurried, until(largest), "time", seconds=0.3)
    assert verdict.mistake == hurried.too_slow and "never ends" not in verdict.sentence
    for size in (1, 20):
        verdict = wrong(hurried, until(size), "time", seconds=0.3)
        assert verdict.mistake == "" and "never ends" in verdict.sentence


def test_where_a_list_is_expected_a_list_is_no_surprise():
    numbers = Exercise(
        id="01.places", title="Places", level="easy", minutes=1, hints=HINTS,
        answer=lambda x: np.flatnonzero(x > 0).tolist(), draw=lambda rng, size: draw_x(rng, 3),
        wrong=(WrongAnswer(lambda x: [], "a"), WrongAnswer(lambda x: [1], "b")),
    )  # fmt: skip
    assert right(numbers, lambda x: list(np.flatnonzero(x > 0))).notes == ()
    verdict = wrong(numbers, lambda x: list(np.flatnonzero(x > -9)), "shape")
    assert verdict.case.yours[0].text.startswith("[0, 1")


def test_number_types_are_notes():
    verdict = right(RELU, lambda x: np.maximum(x, 0).tolist())
    assert verdict.notes == ("y is a Python list; a NumPy array calculates faster.",)
    verdict = wrong(RELU, lambda x: np.maximum(x, 0).astype(int), "numbers")
    assert "y holds whole numbers (int64), not float32." in verdict.notes or sys.platform == "win32"


def test_float64_is_a_note_only_where_the_lesson_works_in_float32():
    def mine(x):
        return np.maximum(x.astype(np.float64), 0)

    assert right(RELU, mine).notes == ()
    strict = Exercise(**{**vars(RELU), "float32": True})
    assert any("float64 although the input is float32" in n for n in right(strict, mine).notes)
    assert right(SLOPE, lambda x, y: float(np.sum(x * y) / np.sum(x * x))).notes == ()


def test_only_the_librarys_own_is_said_to_agree():
    assert right(RELU, RELU.answer).sentence.endswith("agree with the library's own.")
    assert right(SLOPE, SLOPE.answer).sentence.endswith("cases come out right.")


def test_a_default_that_counts_is_shown():
    from dlcore.course.registry import registry

    exercise = registry().find("04.leaky_relu")
    verdict = wrong(exercise, lambda x, negative_slope=0.3: x * negative_slope, "numbers")
    shown = {each.name: each for each in verdict.case.inputs}
    assert shown["negative_slope"].text == "0.2"
    assert shown["negative_slope"].about == "left at its default"


def test_what_a_kernel_takes_beyond_the_lesson_is_not_on_its_card():
    from dlcore.course.registry import registry

    exercise = registry().find("09.momentum_update")
    verdict = check(exercise, lambda w, v, dw, learning_rate, momentum=0.9: (v, v))
    assert [each.name for each in verdict.case.inputs][-1] == "momentum"

    def momentum_update(w, v, dw, learning_rate, momentum=0.9): ...

    asked = check(exercise, momentum_update).sentence
    assert "(w, v, dw, learning_rate, momentum)" in asked and "w <- w + v." in asked
    assert "nesterov" not in asked


def test_an_error_is_explained_beside_its_line():
    verdict = wrong(DENSE, lambda x, w, b: x @ w.T + b, "raises")
    assert verdict.mistake.startswith(
        "The shapes do not meet in the middle: x of shape (1, 2) and w.T of shape (1, 2)."
    )
    assert "ValueError" in verdict.sentence


def test_compiling_does_not_count():
    numba = pytest.importorskip("numba")

    @numba.njit
    def mine(x):
        y = np.zeros_like(x)
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                y[i, j] = max(x[i, j], 0)
        return y

    verdict = check(RELU, mine, seconds=0.1)
    assert verdict.status == "right", verdict.sentence


def test_a_compiled_function_beside_its_arrays_is_told_so():
    """Compiled, an index is not looked at: the numbers there are those of something else."""
    numba = pytest.importorskip("numba")

    @numba.njit
    def mine(x):
        y = np.zeros_like(x)
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                y[i, j] = max(x[i, j + 1], 0)
        return y

    verdict = wrong(RELU, mine, "raises")
    assert "IndexError" in verdict.sentence and "x[i, j + 1]" in verdict.sentence
    assert "the last is" in verdict.mistake


def test_what_is_wrong_without_compiling_too_is_said_in_the_words_of_python():
    """Numba says of the same line which of its forms it has tried."""
    numba = pytest.importorskip("numba")

    @numba.njit
    def mine(x):
        y = np.zeros(x.shape[0], x.shape[1])
        return y

    verdict = wrong(RELU, mine, "raises")
    assert "TypeError" in verdict.sentence and "np.zeros" in verdict.mistake


def test_an_index_beside_another_array_is_another_mistake():
    """The wrong answer goes beside x, and with the same words; this one beside its own y."""
    beside = WrongAnswer(lambda x: x[x.shape[0]] + np.zeros(x.shape[0])[0], "Rows count from 0.")
    exercise = dataclasses.replace(RELU, wrong=(beside, *RELU.wrong))

    def of_x(x):
        return x[len(x)]

    def of_y(x):
        y = np.zeros_like(x)
        return y[len(x)]

    assert wrong(exercise, of_x, "raises").mistake == "Rows count from 0."
    assert "There is no place" in wrong(exercise, of_y, "raises").mistake


def test_a_plain_number_may_be_an_array_of_no_axes():
    right(SLOPE, lambda x, y: np.sum(x * y) / np.sum(x * x))
    right(SLOPE, lambda x, y: np.array(np.sum(x * y) / np.sum(x * x)))
    assert "shape (1,)" in wrong(SLOPE, lambda x, y: np.ones(1), "shape").sentence


def test_cases_go_from_small_whole_numbers_to_large_in_both_number_types():
    cases = draw_cases(RELU)
    sizes = [amount(case) for case in cases if case[0].dtype == np.float32]
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]
    assert np.array_equal(cases[0][0], np.round(cases[0][0]))
    assert {case[0].dtype.name for case in cases} == {"float32", "float64"}
    assert draw_cases(DENSE_GRAD)[0][0].shape == (2, 1)


def test_a_draw_that_gives_no_tuple_is_named():
    bad = Exercise(
        **{**vars(RELU), "draw": lambda rng, size: rng.normal(size=3)},
    )
    with pytest.raises(ValueError, match="Exercise 04.relu: draw gave ndarray; return a tuple"):
        check(bad, np.abs)


def test_interrupting_passes_through():
    def mine(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(RELU, mine)


def test_a_verdict_survives_json():
    verdict = check(DENSE, lambda x, w, b: x @ w)
    again = Verdict.from_dict(json.loads(json.dumps(verdict.to_dict())))
    assert again == verdict
    stub = check(DENSE, test_a_verdict_survives_json.__class__(compile("1", "", "eval"), {}))
    assert Verdict.from_dict(stub.to_dict()) == stub


def test_checking_needs_no_notebook():
    import subprocess

    code = """
        import sys
        from dlcore.course import check
        from dlcore.course.cards import verdict_html
        from tests.course.samples import RELU, absolute
        assert check(RELU, absolute).status == "wrong"
        loaded = {"IPython", "numba", "scipy", "matplotlib", "ipywidgets"} & set(sys.modules)
        assert not loaded, loaded
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=60)
