"""`get(identifier)`, which is written once for all rooms, and the names it knows."""

import inspect
from functools import partial

import pytest

from dlcore import activations, initializers, losses, metrics, optimizers, regularizers
from dlcore.utils.lookup import getter, one_of
from dlcore.utils.object_registration import publish

ROOMS = [activations, initializers, losses, metrics, optimizers, regularizers]


class Fruit:
    def __init__(self, size=1):
        self.size = size


class RedApple(Fruit):
    pass


class Peeled(Fruit):
    def __init__(self, fruit):
        self.fruit = fruit


def jam(x):
    return x


publish("test.fruits", {"Fruit": Fruit, "RedApple": RedApple, "Peeled": Peeled, "jam": jam})


@getter(
    "apple",
    "a name such as 'red_apple'",
    "test.fruits",
    Fruit,
    {"big": partial(RedApple, 9), "jam": jam},
    not_here={"pear": "It is no apple."},
    none="nothing",
)
def get(identifier):
    """An apple."""


@getter("fruit", "an object", "test.fruits", Fruit, any_case=True, function=None)
def get_fruit(identifier):
    """A fruit."""


def test_names_classes_and_objects():
    assert type(get("RedApple")) is type(get("red_apple")) is type(get(RedApple)) is RedApple
    assert get("big").size == 9 and get("big") is not get("big")
    assert get("jam") is get(jam) is jam
    apple = RedApple()
    assert get(apple) is apple and get(None) == "nothing"
    assert type(get_fruit("redAPPLE")) is RedApple
    assert get.__doc__ == "An apple."


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: get("red_aple"), "no apple called 'red_aple'. Did you mean 'red_apple'"),
        (lambda: get("Pear"), "no apple called 'Pear'. It is no apple."),
        (lambda: get("xyz"), "There are: big, jam, red_apple"),
        (lambda: get(3), "An apple is a name such as 'red_apple', not int"),
        # The base, and what needs arguments, cannot be made of a name.
        (lambda: get("Fruit"), "no apple called 'Fruit'"),
        (lambda: get("Peeled"), "no apple called 'Peeled'"),
        (lambda: get_fruit(jam), "A fruit is an object, not function"),
        (lambda: get_fruit(None), "not NoneType"),
        (lambda: one_of("lef", ("left", "right"), "side"), "no side called 'lef'. Did you mean"),
    ],
)
def test_refusals(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_has_its_own(room):
    assert list(inspect.signature(room.get).parameters) == ["identifier"]
    assert room.get.__module__ == room.__name__ and "Raises:" in room.get.__doc__
    with pytest.raises(TypeError, match="not int"):
        room.get(3)
