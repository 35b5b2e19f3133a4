"""What the names in files mean: what the rooms list, once they are loaded, and nothing else."""

import subprocess
import sys

import pytest

from dlcore import layers, losses, models, optimizers
from dlcore.utils.object_registration import builtin_class, builtin_function, place_of


def test_rooms_under_the_names_of_keras():
    assert builtin_class("keras.layers", "Dense") is layers.Dense
    assert builtin_class("keras.src.backend.torch.optimizers.adam", "Adam")
    assert builtin_function("mean_squared_error") is losses.mean_squared_error
    assert place_of(optimizers.schedules.CosineDecay) == (
        "keras.optimizers.schedules",
        "CosineDecay",
    )


@pytest.mark.parametrize("module", ["keras", "keras.models"])
def test_models_under_each_of_their_names(module):
    assert builtin_class(module, "Sequential") is models.Sequential
    assert builtin_class(module, "Model") is models.Model


def test_a_class_of_two_names_is_written_under_its_own():
    pooling = layers.MaxPool2D
    assert builtin_class("keras.layers", "MaxPool2D") is pooling
    assert place_of(pooling) == ("keras.layers", "MaxPooling2D")
    assert place_of(models.Model) == ("keras.src.models.functional", "Functional")


def test_a_class_of_the_user_has_no_place():
    class Dense(layers.Dense):
        pass

    assert place_of(Dense) is None
    assert builtin_class("keras.layers", "Dense") is layers.Dense


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.layers", "Merge"),
        ("keras.layers", "Input"),
        ("keras.losses", "get"),
        ("keras.initializers", "RandomInitializer"),
        ("keras.optimizers", "schedules"),
        ("keras.utils", "PyDataset"),
        ("os", "system"),
    ],
)
def test_what_no_room_lists_is_not_reached(module, name):
    assert builtin_class(module, name) is None
    assert builtin_function(name) is None


READ = """
from dlcore.{room} import deserialize_keras_object as read
made = read({{"module": "{module}", "class_name": "{kind}", "config": {{}}}})
print(type(made).__name__)
"""


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        ("keras.layers", "Flatten"),
        ("keras.losses", "Huber"),
        ("keras.metrics", "AUC"),
        ("keras.optimizers", "Adam"),
        ("keras.regularizers", "L2"),
    ],
)
def test_the_reader_of_files_has_loaded_what_they_name(module, kind):
    code = READ.format(room="saving", module=module, kind=kind)
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == kind


def test_a_room_that_is_not_loaded_is_told_of():
    code = READ.format(room="utils", module="keras", kind="Model")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "or has not loaded it: import dlcore.models first" in done.stderr
