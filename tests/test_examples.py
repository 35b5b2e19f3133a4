"""The examples in the docstrings run, and give the shapes and values that stand beside them.

An example is an indented block of code outside of the sections (`Args:` and so on). It sees the
public names of the library, what its own module imports, and a small model with data that fit.
"""

import ast
import importlib.util
import inspect
import math
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

import dlcore
from dlcore import (
    backends,
    callbacks,
    constraints,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    plots,
    regularizers,
    tensor,
    utils,
)
from dlcore.optimizers import schedules

ROOT = Path(dlcore.__file__).parent
ROOMS = [
    callbacks, constraints, datasets, initializers, layers, losses, metrics, models, optimizers,
    plots, regularizers, schedules, tensor, utils,
]  # fmt: skip
NOT_RUN = {
    "backends/declare.py": "it would declare a kernel a second time",
    "backends/numba/registers.py": "it is a part of a compiled kernel",
    "backends/mine.py": "it is a section of the learner's file",
    "datasets/cifar10.py load_data": "it downloads",
    "datasets/fashion_mnist.py load_data": "it downloads",
    "datasets/imdb.py load_data": "it downloads",
    "datasets/imdb.py get_word_index": "it downloads",
    "datasets/mnist.py load_data": "it downloads",
    "utils/web_file.py get_file": "it downloads",
}
if importlib.util.find_spec("tensorboardX") is None:
    NOT_RUN["callbacks/tensorboard.py TensorBoard"] = "tensorboardX is not installed"
# Sizes that stand as letters in the shapes beside an example.
SIZES = {"n": 4, "t": 5, "i": 3, "steps": 6, "columns": 2}

# What an example leans on, where that is more than the model and its data.
BEFORE = {
    "initializers/initializer.py Constant": "vectors = np.ones((20, 5))",
    "layers/attention.py Attention": "query, value = np.ones((4, 5, 8)), np.ones((4, 7, 8))",
    "layers/attention.py AdditiveAttention": "query = value = np.ones((4, 5, 8))",
    "layers/multi_head_attention.py MultiHeadAttention": (
        "query, value = np.ones((4, 5, 8)), np.ones((4, 7, 8))"
    ),
    "layers/concatenate.py Concatenate": "a, b = np.ones((4, 3)), np.ones((4, 2))",
    "metrics/rarer_metrics.py Poisson": (
        "model, y = Sequential([Input((8,)), Dense(1, 'softplus')]), np.abs(y)"
    ),
    "layers/dot_product.py Dot": "a, b = np.ones((4, 8)), np.ones((4, 8))",
    "layers/lambda_layer.py Lambda": "x = np.ones((4, 8))",
    "layers/prelu.py PReLU": "x = np.ones((4, 6, 6, 3))",
    "layers/embedding.py Embedding": "x = np.arange(24).reshape(4, 6)",
    "layers/masking.py Masking": "sequences = [[[1, 2]], [[3, 4], [5, 6]]]",
    "layers/merging.py": "branch = x + 1",
    "layers/normalization.py Normalization": "x_train = x",
    "layers/relu.py ReLU": "x = np.linspace(-9, 9, 5)",
    "layers/softmax.py Softmax": "scores, allowed = np.ones((4, 3)), np.array([[1, 1, 0]] * 4)",
    "engine/tape.py GradientTape": ("from dlcore.ops import mean, square\noptimizer = SGD(0.1)"),
    "stand_in/__init__.py": "x = np.arange(10, dtype='float32')\ny = np.zeros_like(x)",
    "course/time_limit.py Limit": "def function(x): return 2 * x",
    "plots/report.py report": "from matplotlib.figure import Figure\nfigure = Figure()",
    "utils/directory_datasets.py image_dataset_from_directory": (
        "for name in ('cat/1.png', 'cat/2.png', 'cow/1.png', 'cow/2.png', 'cow/3.png'):\n"
        "    Path('animals', name).parent.mkdir(parents=True, exist_ok=True)\n"
        "    utils.save_img(Path('animals', name), np.ones((4, 5, 3)))"
    ),
    "utils/directory_datasets.py text_dataset_from_directory": (
        "for name in ('bad/1.txt', 'good/1.txt', 'good/2.txt'):\n"
        "    Path('reviews', name).parent.mkdir(parents=True, exist_ok=True)\n"
        "    Path('reviews', name).write_text(name)"
    ),
    "utils/file_batches.py map": (
        "train = own.FileBatches(['a', 'b'], None, None, len, np.array, 2, None)\n"
        "train.labels = np.zeros(2)"
    ),
    "utils/images.py load_img": "utils.save_img('cat.png', np.ones((4, 4, 3)))",
    "utils/images.py img_to_array": "utils.save_img('cat.png', np.ones((4, 4, 3)))",
    "utils/object_registration.py CustomObjectScope": (
        "class Scale(Layer):\n    def call(self, x):\n        return 2 * x\n"
        "Sequential([Input((8,)), Scale()]).save('model.keras')"
    ),
}
# How what an example defines is used, and what must then hold.
AFTER = {
    "constraints.py Constraint": "assert np.allclose(Centred()(np.arange(3.0)), [-1, 0, 1])",
    "course/__init__.py": "assert callable(relu)",
    "course/notebook.py exercise": "assert callable(relu)",
    "callbacks/csv_logger.py CSVLogger": (
        "assert Path('training.csv').read_text().count('\\n') == 21"
    ),
    "engine/tape.py GradientTape": "assert len(gradients) == len(model.trainable_weights)",
    "initializers/initializer.py Initializer": "assert Ramp()((3,)).tolist() == [0, 0.5, 1]",
    "layers/attention.py Attention": "assert y.shape == (4, 5, 8)",
    "layers/attention.py AdditiveAttention": "assert y.shape == (4, 5, 8)",
    "layers/multi_head_attention.py MultiHeadAttention": "assert y.shape == (4, 5, 8)",
    "layers/lambda_layer.py Lambda": "assert np.allclose(y.numpy(), np.log(2))",
    "layers/layer.py Layer": "assert Scale()(x).shape == x.shape",
    "layers/masking.py Masking": "assert x.shape == (2, 2, 2) and y.shape == (2, 16)",
    "layers/normalization.py Normalization": (
        "assert abs(np.asarray(layer(x_train)).mean(0)).max() < 1e-5"
    ),
    "layers/relu.py ReLU": "assert y.numpy().tolist() == [0, 0, 0, 4.5, 6]",
    "layers/softmax.py Softmax": "assert np.allclose(y, [[0.5, 0.5, 0]] * 4)",
    "losses/loss.py Loss": "assert float(Quartic()([[0.0, 0.0]], [[1.0, 2.0]])) == 8.5",
    "metrics/metric.py Metric": (
        "m = Largest()\nm.update_state([0, 1], [0.25, 0.75])\nassert float(m.result()) == 0.75"
    ),
    "models/model.py Model": (
        "two = 'TwoRoads' in globals()\n"
        "assert (TwoRoads()(np.ones((3, 8))) if two else model(np.ones((3, 8)))).shape == (3, 1)"
    ),
    "models/model.py save": "assert len(model.layers) == 1",
    "optimizers/optimizer.py Optimizer": "model.compile(SignDescent(0.1), 'mse')",
    "optimizers/own_steps.py OwnSteps": "model.compile(Heavy(0.1), 'mse')",
    "regularizers.py Regularizer": "assert np.isclose(float(Centre()(np.full(3, 2.0))), 0.4)",
    "stand_in/__init__.py": (
        "assert (np.asarray(y) == 2 * x).all() and not done.faults\n"
        "assert done.writer('y', (5,)) is not None"
    ),
    "trainer/trainer.py Trainer": (
        "inner = Input((8,))\nmodel = MyModel(inner, Dense(1)(inner))\nmodel.compile('sgd', 'mse')"
    ),
    "utils/config.py Configurable": "assert Scale(2.0).get_config()['factor'] == 2",
    "utils/directory_datasets.py image_dataset_from_directory": (
        "assert len(held_out.file_paths) == 1 and x.shape == (4, 32, 32, 3)"
    ),
    "utils/directory_datasets.py text_dataset_from_directory": (
        "assert x.tolist() == [10] and y.tolist() == [1]"
    ),
    "utils/file_batches.py map": (
        "assert next(iter(train))[0].tolist() == [1 / 255, 1 / 255] and len(train) == 1"
    ),
    "utils/images.py load_img": "assert x.shape == (1, 32, 32, 3)",
    "utils/images.py img_to_array": "assert x.shape == (4, 4, 1)",
    "utils/images.py array_to_img": "assert picture.size == (4, 4)",
    "utils/images.py save_img": "assert utils.load_img('noise.png').size == (8, 8)",
    "utils/model_diagram.py plot_model": (
        "assert '(None, 10)' in Path('two_roads.svg').read_text('utf-8')"
    ),
    "utils/object_registration.py register_keras_serializable": (
        "assert utils.get_registered_name(Scale) == 'shop>Scale'"
    ),
    "utils/object_registration.py CustomObjectScope": "assert type(model.layers[-1]) is Scale",
    "utils/py_dataset.py PyDataset": (
        "np.save('0.npy', np.ones(8))\nfiles = Files(['0.npy'], np.array([1]))\n"
        "assert len(files) == 1 and files[0][0].shape == (1, 8)"
    ),
}


def blocks(doc):
    """The indented blocks of a docstring outside of its sections."""
    found, lines, section = [], [], False
    for line in [*inspect.cleandoc(doc).split("\n"), "end"]:
        if line and not line[0].isspace():
            section = re.fullmatch(r"[A-Z][A-Za-z ]*:", line) is not None
        if line.startswith("    ") and not section or not line and lines:
            lines.append(line)
        elif lines:
            found.append(textwrap.dedent("\n".join(lines)).strip())
            lines = []
    return found


def is_code(block):
    """Whether a block is Python, and no formula: `gamma (x - mean)` only looks like a call."""
    try:
        ast.parse(block)
    except SyntaxError:
        return False
    return not re.search(r"= \w+ \(", block)


def examples():
    for path in sorted(ROOT.rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                name = f"{place} {node.name}" if hasattr(node, "name") else place
                for block in filter(is_code, blocks(ast.get_docstring(node, clean=False) or "")):
                    yield name, block


EXAMPLES = list(examples())


def shape(text):
    """A shape as a comment has it, with letters for the sizes that the example leaves open."""
    return tuple(SIZES.get(size) or int(size) for size in re.findall(r"\w+", text))


def names_of(place):
    """What an example can use without an import of its own."""
    known = {name: getattr(room, name) for room in ROOMS for name in room.__all__}
    known |= {"np": np, "math": math, "Path": Path, "dlcore": dlcore, "ops": ops, "utils": utils}
    known["GradientTape"] = dlcore.GradientTape
    module = place.split(" ")[0].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    exec(f"import dlcore.{module} as own", known)
    known |= {name: value for name, value in vars(known["own"]).items() if name[0] != "_"}
    rng = np.random.default_rng(0)
    known |= {"x": rng.normal(size=(20, 8)).astype(np.float32), "y": rng.normal(size=(20, 1))}
    known["model"] = models.Sequential([layers.Input((8,)), layers.Dense(1)])
    known["model"].compile("sgd", "mse")
    return known


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLCORE_COURSE_FOLDER", str(tmp_path))
    before = backends.get_backend()
    yield
    backends.set_backend(before)


@pytest.mark.parametrize(
    ("place", "block"), EXAMPLES, ids=[place.replace(" ", ":") for place, _ in EXAMPLES]
)
def test_an_example_runs_and_gives_what_it_says(place, block):
    if place in NOT_RUN:
        pytest.skip(NOT_RUN[place])
    names = names_of(place)
    exec(BEFORE.get(place, ""), names)
    said = re.search(r"y = .*# (\(.*?\)) -> (\(.*?\))", block)
    if said:
        given, expected = map(shape, said.groups())
        if place not in BEFORE:
            names["x"] = np.ones(given, np.float32)
        assert names["x"].shape == given
    exec(compile(block, place, "exec"), names)
    if said:
        assert names["y"].shape == expected
    exec(AFTER.get(place, ""), names)
    if "model.compile" in block + AFTER.get(place, ""):
        names["model"].fit(names["x"], names["y"], epochs=2, verbose=0)
    for line in block.split("\n"):
        call, _, value = line.partition("  # ")
        if re.fullmatch(r"\[.*\]|[\d.]+", value.strip()):
            assert np.allclose(eval(call, names), ast.literal_eval(value.strip()), atol=5e-4), call


@pytest.mark.parametrize("room", [layers, losses, metrics, models, optimizers, schedules])
def test_every_public_class_has_an_example(room):
    classes = {name for name in room.__all__ if inspect.isclass(getattr(room, name))}
    # Bases; cells, which stand in the example of RNN; what Input makes; other spellings.
    classes -= {"LSTMCell", "GRUCell", "SimpleRNNCell", "InputLayer", "Operation"}
    classes -= {"LossFunctionWrapper", "MeanMetricWrapper"}
    classes -= {name for name in classes if getattr(room, name).__name__ != name}
    having = {place.split(" ")[1] for place, _ in EXAMPLES if " " in place}
    assert classes - having == set()


def test_what_is_named_here_has_an_example():
    known = {place for place, _ in EXAMPLES}
    assert (NOT_RUN.keys() | BEFORE.keys() | AFTER.keys()) - known == set()


@pytest.mark.parametrize("block", ["class Own(Layer):\n    pass", "x = (1"])
def test_code_is_told_from_text(block):
    assert is_code(block) == block.startswith("class")
    assert not is_code("y = gamma (x - mean) / sqrt(variance)")


def test_what_defines_something_is_used():
    defining = {place for place, block in EXAMPLES if re.search(r"^(class|def) ", block, re.M)}
    schedule = "optimizers/schedules/learning_rate_schedule.py LearningRateSchedule"
    assert defining - NOT_RUN.keys() - AFTER.keys() == {schedule}  # that one compiles a model
