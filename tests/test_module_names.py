"""Each name of a file in dlcore is used once, so that a name alone says which file is meant."""

from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "dlcore"
FAMILIES = {path.stem for path in (ROOT / "backends").glob("*/*.py")}

# A door gives under Keras's public name what stands in the engine.
DOORS = {"ops.py", "random.py", "tensor.py"}
# Public names of Keras, which are also those of a family of kernels.
KERAS = {
    *("activations.py", "losses", "metrics", "optimizers"),
    *("layers/dense.py", "layers/gru.py", "layers/lstm.py", "layers/simple_rnn.py"),
    "layers/normalization.py",
}
# Where arrays live. What a network remembers, the widget `memory`, nobody looks for there.
APART = {"backends/memory.py"}


def test_no_two_modules_share_a_name():
    found = defaultdict(set)
    for path in [*ROOT.rglob("*.py"), *(init.parent for init in ROOT.rglob("__init__.py"))]:
        place = path.relative_to(ROOT)
        if path.name == "__init__.py" or place.as_posix() in DOORS | KERAS | APART:
            continue
        if path.stem == path.parent.name:  # a room's main file, trainer/trainer.py
            continue
        # A family has a file of kernels in each backend, and one in the engine that calls them.
        if path.stem in FAMILIES and place.as_posix().startswith(("backends/", "engine/")):
            place = Path("family")
        # A widget and its figure for paper show the same.
        if path.parent.name in ("widgets", "plots") and (ROOT / "widgets" / path.name).exists():
            place = Path("widget")
        found[path.stem].add(place.as_posix())
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_what_is_excepted_is_there():
    assert all((ROOT / place).exists() for place in DOORS | KERAS)
