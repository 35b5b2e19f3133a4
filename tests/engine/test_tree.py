"""Structures of lists, tuples and dicts."""

from collections import namedtuple

from dlcore.engine import tree

Pair = namedtuple("Pair", ["left", "right"])
NESTED = {"b": [1, (2, 3)], "a": Pair(4, {"c": 5})}


def test_leaves_come_in_the_order_in_which_they_stand():
    assert tree.leaves(NESTED) == [1, 2, 3, 4, 5]
    assert tree.leaves("alone") == ["alone"] and tree.leaves([]) == []


def test_transform_keeps_the_structure():
    doubled = tree.transform(lambda leaf: 2 * leaf, NESTED)
    assert doubled == {"b": [2, (4, 6)], "a": Pair(8, {"c": 10})}
    assert type(doubled["a"]) is Pair and list(doubled) == ["b", "a"]


def test_replaced_takes_new_leaves_in_order():
    assert tree.replaced(NESTED, "vwxyz") == {"b": ["v", ("w", "x")], "a": Pair("y", {"c": "z"})}
