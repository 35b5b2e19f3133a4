"""Classes of learners that inherit from the library: notebook and grader say the same of each."""

from pathlib import Path

import pytest

from dlcore import backends, resources
from dlcore.backends import mine
from dlcore.course import check
from dlcore.course.definition import Exercise
from dlcore.course.registry import registry
from dlcore.engine import random
from dlcore.layers import Dense
from dlcore.utils.lookup import names_given
from tests.course.grading.classroom import mark

CLASSES = Path(__file__).parents[1] / "classes"
START = "import numpy as np\nfrom dlcore.course import exercise\n"
SCALE = """@exercise("05.Scale")
class Scale(Layer):
    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor
"""
DENSE = """@exercise("05.Dense")
class Dense(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units))
        self.bias = self.add_weight((self.units,), initializer="zeros")

    def call(self, x):
        return ops.matmul(x, self.kernel) + self.bias
"""
SIGN = """@exercise("24.SignDescent")
class SignDescent(dlcore.optimizers.Optimizer):
    elementwise = True

    def update(self, weight, gradient, slots):
        self.assign(weight, weight - self.rate * ops.sign(gradient))
"""
LAYER, BOTH = "from dlcore.layers import Layer", "from dlcore import layers, ops"
OPTIMIZER = "import dlcore.optimizers\nfrom dlcore import ops"
LIGHT = "return ops.matmul(x, self.kernel) + self.bias"
RIGHT = {
    "a layer": ("05.Scale", LAYER, SCALE),
    "a dense layer": ("05.Dense", BOTH, DENSE),
    "an optimizer": ("24.SignDescent", OPTIMIZER, SIGN),
    "a base under another name": (
        "05.Scale", "import dlcore.layers as parts", "Base = parts.Layer",
        SCALE.replace("(Layer)", "(Base)"),
    ),
    "an import inside": (
        "05.Dense", BOTH,
        DENSE.replace(LIGHT, "from dlcore.ops import matmul as times\n        "
                             "return times(x, self.kernel) + self.bias"),
    ),
    "a helper, a constant and a class between": (
        "05.Dense", BOTH, "ONE = 1",
        "def times(x, w):\n    return ops.matmul(x, w) * ONE",
        "class WithUnits(layers.Layer):\n    def __init__(self, **kwargs):\n"
        "        super().__init__(**kwargs)\n",
        DENSE.replace("(layers.Layer)", "(WithUnits)").replace("ops.matmul", "times"),
    ),
}  # fmt: skip
WRONG = {
    "known": ("05.Scale", LAYER, SCALE.replace("x * self", "x + self")),
    "a shape": ("05.Scale", LAYER, SCALE.replace("(input_shape[-1],)", "()")),
    "a weight that is not trained": (
        "05.Scale", LAYER, SCALE.replace('"ones"', '"ones", trainable=False'),
    ),
    "no bias": (
        "05.Dense", BOTH,
        DENSE.replace(" + self.bias", "").replace(
            '        self.bias = self.add_weight((self.units,), initializer="zeros")\n', ""
        ),
    ),
    "uphill": ("24.SignDescent", OPTIMIZER, SIGN.replace("weight - ", "weight + ")),
    "nothing known": ("05.Scale", LAYER, SCALE.replace("self.factor\n", "self.factor ** 3\n")),
    "raises": ("05.Scale", LAYER, SCALE.replace("self.factor\n", "self.faktor\n")),
    "raises in the library": ("05.Dense", BOTH, DENSE.replace("x, self.kernel", "self.kernel, x")),
    "returns nothing": ("05.Scale", LAYER, SCALE.replace("return x", "x")),
    "takes no units": ("05.Dense", BOTH, DENSE.replace(", units, **kwargs", ", **kwargs")
        .replace("= units", "= 2")),
    "a function instead": (
        "05.Scale", '@exercise("05.Scale")\ndef Scale(x):\n    return x\n',
    ),
    "a lambda instead": ("05.Scale", 'Scale = exercise("05.Scale")(lambda x, factor: x)'),
    "draws": ("05.Scale", LAYER, SCALE.replace("return x", "return x * np.random.rand()")),
}  # fmt: skip
OWN_SENTENCE = ("known", "a shape", "a weight that is not trained", "no bias", "uphill")
REFUSED = {
    "calls the answer": (
        "05.Dense", BOTH,
        DENSE.replace(LIGHT, "return layers.Dense(self.units)(x)"),
    ),
    "inherits from the answer": (
        "05.Dense", "from dlcore.layers import Dense as Base",
        '@exercise("05.Dense")\nclass Dense(Base):\n'
        "    def call(self, x):\n        return super().call(x)\n",
    ),
    "imports the answer inside": (
        "05.Dense", BOTH,
        DENSE.replace(LIGHT, "from dlcore.layers import Dense\n        return Dense(2)(x)"),
    ),
    "the answer by a helper": (
        "05.Dense", BOTH, "def help(x, n):\n    return layers.Dense(n)(x)",
        DENSE.replace(LIGHT, "return help(x, self.units)"),
    ),
    "what is the same as the answer": (
        "05.Dense", BOTH, DENSE.replace(LIGHT, "return ops.dense(x, self.kernel, self.bias)"),
    ),
    "another layer": ("05.Scale", "from dlcore.layers import Rescaling, Layer",
                      SCALE.replace("x * self.factor", "Rescaling(2)(x)")),
    "the library as a whole": ("05.Dense", BOTH, "L = layers",
                               DENSE.replace("layers.Layer", "L.Layer")),
    "the insides of the library": (
        "05.Scale", LAYER,
        SCALE.replace("return x", "from dlcore.backends import numpy\n        return x"),
    ),
    "a change of the library": (
        "05.Scale", LAYER, SCALE.replace("return x", "Layer.count_params = abs\n        return x"),
    ),
    "a way through the class": (
        "05.Scale", LAYER, SCALE.replace("return x", "Layer.__subclasses__()\n        return x"),
    ),
}  # fmt: skip
ANSWERS = (
    "calls the answer", "inherits from the answer", "imports the answer inside",
    "the answer by a helper", "what is the same as the answer",
)  # fmt: skip


@pytest.fixture(autouse=True)
def classes(monkeypatch):
    monkeypatch.setattr(resources, "exercises_folder", lambda: CLASSES)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_class_is_right_in_both_and_is_kept(name, cells, tmp_path):
    id, *texts = RIGHT[name]
    card = cells(START, *texts)
    assert card.startswith("RIGHT"), card
    assert "It is kept" in card
    verdict = mark(id, START, *texts)
    assert verdict.status == "right", verdict
    kept = mine.run((tmp_path / "my_dlcore.py").read_text(), "my_dlcore.py")
    assert check(id, kept[id[3:]]).status == "right"


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_class_gets_the_same_sentences_in_both(name, cells):
    id, *texts = WRONG[name]
    card = cells(START, *texts)
    verdict = mark(id, START, *texts)
    assert verdict.status == "wrong"
    assert card.startswith("WRONG")
    assert verdict.sentence in card
    assert verdict.mistake in card
    own = [each.sentence for each in registry().find(id).wrong]
    assert (verdict.mistake in own) == (name in OWN_SENTENCE), verdict


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_lent_is_refused_with_the_same_sentence(name, cells):
    id, *texts = REFUSED[name]
    verdict = mark(id, START, *texts)
    assert verdict.kind == "refused", verdict
    assert verdict.sentence.startswith("This calls the answer") == (name in ANSWERS)
    card = cells(START, *texts)
    assert card.startswith("WRONG")
    assert verdict.sentence in card


@pytest.mark.parametrize("name", [n for n in ANSWERS if n != "what is the same as the answer"])
def test_the_answer_is_not_there_even_for_who_gets_past_the_refusal(name):
    id, *texts = REFUSED[name]
    verdict = mark(id, START, *texts, refuse=False)
    assert verdict.status in ("wrong", "not attempted"), verdict
    assert verdict.kind != "right"


@pytest.mark.parametrize(
    "way",
    [
        "kind = [k for k in Layer.__subclasses__() if k.__name__ == 'Dense'][0]",
        "import sys\n        kind = sys.modules['dlcore.layers'].Dense",
        "kind = Layer.__init__.__globals__['ops']",
        "kind = __import__('dlcore.layers').layers.Dense",
    ],
)
def test_a_way_around_the_window_finds_the_answer_empty(way):
    text = DENSE.replace("(layers.Layer)", "(Layer)").replace(
        LIGHT, f"{way}\n        return kind(self.units)(x)"
    )
    verdict = mark("05.Dense", START, "from dlcore.layers import Layer", text, refuse=False)
    assert verdict.status != "right", verdict


def test_the_files_of_the_library_are_out_of_reach_once_the_class_runs():
    text = SCALE.replace("return x", f"open({Dense.call.__code__.co_filename!r})\n        return x")
    verdict = mark("05.Scale", START, LAYER, text, refuse=False)
    assert (verdict.status, verdict.kind) == ("wrong", "refused")


def test_a_class_that_never_ends_is_stopped_in_both(cells):
    texts = START, LAYER, SCALE.replace("return x", "while True: pass\n        return x").replace(
        '"05.Scale"', '"05.Scale", seconds=0.3'
    )  # fmt: skip
    assert "still running" in cells(*texts)
    verdict = mark("05.Scale", *texts, seconds=0.5)
    assert verdict.kind == "time"


def test_a_stub_with_what_was_handed_out_is_not_attempted(cells):
    stub = DENSE.partition("    def build")[0] + (
        "    def build(self, input_shape): ...\n\n    def call(self, x): ...\n"
    )
    card = cells(START, BOTH, stub)
    assert card.startswith("NOT ATTEMPTED"), card
    assert "Write Dense(units) with build and call" in card
    assert cells.names["Dense"] is Dense
    optimizer = SIGN.partition("        self.assign")[0] + "        ...\n"
    assert cells(START, OPTIMIZER, optimizer).startswith("NOT ATTEMPTED")


def test_a_check_leaves_backend_names_and_chance_as_they_were():
    backends.set_backend("cpu")
    random.set_seed(3)
    before = names_given(), random.state()[1:], random.generator().bit_generator.state
    for id in ("05.Scale", "05.Dense"):
        assert check(id, registry().find(id).answer).status == "right"
    after = names_given(), random.state()[1:], random.generator().bit_generator.state
    assert backends.get_backend() == "cpu"
    assert after == before


def test_what_an_exercise_lends_is_checked_when_it_is_defined():
    dense = vars(registry().find("05.Dense"))
    with pytest.raises(ValueError, match="lend with `library` what its class inherits from"):
        Exercise(**{**dense, "library": ()})
    with pytest.raises(ValueError, match="dlcore has no 'layers.Layr' to lend"):
        Exercise(**{**dense, "library": ("layers.Layr",)})
    with pytest.raises(ValueError, match="is the answer, and cannot be lent"):
        Exercise(**{**dense, "library": ("layers.Layer", "layers.Dense")})
    whole = Exercise(**{**dense, "library": ("layers",)})
    assert "layers.Layer" in whole.lent
    assert "layers.Dense" not in whole.lent


@pytest.mark.parametrize("id", ["05.Scale", "05.Dense", "24.SignDescent"])
def test_each_wrong_class_gets_its_sentence(id):
    exercise = registry().find(id)
    assert check(id, exercise.answer).status == "right"
    for wrong in exercise.wrong:
        assert check(id, wrong.function).mistake == wrong.sentence
