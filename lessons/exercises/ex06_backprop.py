"""Exercises of lesson 06: back through a product, and the order of a tape."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def multiply_grad(dy, a, b):
    return dy * b, dy * a


def draw_multiply_grad(rng, size):
    shape = sizes(rng, size, 2)
    return tuple(numbers(rng, size, *shape) + 0.5 for _ in range(3))


def overwritten(dy, a, b):
    a[...] = dy * b
    b[...] = dy * a
    return a, b


def topological_order(inputs, end):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for source in inputs[node].tolist():
            if source >= 0:
                visit(source)
        order.append(node)

    visit(end)
    return order


def draw_topological_order(rng, size):
    """A graph with one right order: each node reads the one before it, and most an earlier one."""
    length = int(rng.integers(size + 3, 2 * size + 5))
    spare = int(rng.integers(1, 3))
    new = rng.permutation(length + spare)
    inputs = np.full((length + spare, 2), -1)
    for node in range(1, length + spare):
        before = node - 1 if node < length else int(rng.integers(1, length))
        reads = [before, -1]
        if node > 1 and rng.random() < 0.8:
            reads[1] = int(rng.integers(0, before))
        if reads[1] >= 0 and rng.random() < 0.5:
            reads.reverse()
        inputs[new[node]] = [new[each] if each >= 0 else -1 for each in reads]
    return inputs, int(new[length - 1])


def order_on_arrival(inputs, end):
    order = []

    def visit(node):
        if node not in order:
            order.append(node)
            for source in inputs[node].tolist():
                if source >= 0:
                    visit(source)

    visit(end)
    return order


def order_with_repeats(inputs, end):
    sources = [source for source in inputs[end].tolist() if source >= 0]
    return [node for source in sources for node in order_with_repeats(inputs, source)] + [end]


def order_by_levels(inputs, end):
    order = [end]
    for node in order:
        order += [s for s in dict.fromkeys(inputs[node].tolist()) if s >= 0 and s not in order]
    return order[::-1]


def order_of_all(inputs, end):
    order = []
    for node in range(len(inputs)):
        order += [each for each in topological_order(inputs, node) if each not in order]
    return order


def order_of_all_that_are_ready(inputs, end):
    """Over the numbers again and again: each node as soon as all its inputs are there."""
    order, done = [], {-1}
    while len(order) < len(inputs):
        for node in range(len(inputs)):
            if node not in done and done.issuperset(inputs[node].tolist()):
                done.add(node)
                order.append(node)
    return order


def order_with_nothing(inputs, end):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for source in inputs[node].tolist():
                visit(source)
            order.append(node)

    visit(end)
    return order


def order_of_first_inputs(inputs, end):
    order = []
    while end >= 0:
        order.append(end)
        end = int(inputs[end, 0])
    return order[::-1]


def order_from_a_stack(inputs, end):
    order, stack = [], [end]
    while stack:
        node = stack.pop()
        if node not in order:
            order.append(node)
            stack += [source for source in inputs[node].tolist() if source >= 0]
    return order[::-1]


def order_too_soon(inputs, end):
    """Forward from the leaf: a node as soon as one of its inputs is there."""
    right = topological_order(inputs, end)
    order = right[:1]
    for node in order:
        order += [each for each in right if node in inputs[each] and each not in order]
    return order


def order_without_leaves(inputs, end):
    return [node for node in topological_order(inputs, end) if (inputs[node] >= 0).any()]


def order_of_neighbours(inputs, end):
    return [source for source in inputs[end].tolist() if source >= 0] + [end]


EXERCISES = [
    Exercise(
        id="06.multiply_grad",
        title="Back through a product",
        level="easy",
        minutes=4,
        answer=multiply_grad,
        draw=draw_multiply_grad,
        result_names=("da", "db"),
        examples=(
            (table("2 -1 3; 1 4 -2"), table("3 5 -2; 1 -4 2"), table("-1 2 4; 6 3 -3")),
            (table("1 1 1; 1 1 1"), table("3 5 -2; 1 -4 2"), table("-1 2 4; 6 3 -3")),
        ),
        hints=(
            "Make a a little larger, by 0.01. By how much does a b grow? That many times is the "
            "local slope; dy says how much the loss grows for each of it.",
            "a b grows by 0.01 b: the local slope for a is b, and the one for b is a. Each is "
            "multiplied by dy.",
            "return dy * b, dy * a, in this order.",
        ),
        wrong=(
            WrongAnswer(
                lambda dy, a, b: (dy * a, dy * b),
                "The two are exchanged, or they are returned in the wrong order: a is worth as "
                "much as the number it is multiplied by, so da is dy b, and da comes first.",
            ),
            WrongAnswer(
                lambda dy, a, b: (b, a),
                "These are the local slopes; dy, which comes from above, multiplies them.",
            ),
            WrongAnswer(
                lambda dy, a, b: (a, b),
                "These are a and b themselves; da is dy b, and db is dy a.",
            ),
            WrongAnswer(
                lambda dy, a, b: (dy, dy),
                "dy goes through unchanged, as in a sum; a product passes on dy times the other "
                "number.",
            ),
            WrongAnswer(
                lambda dy, a, b: (dy * a * b, dy * a * b),
                "This is dy times the output; the slope of a b with respect to a is b alone.",
            ),
            WrongAnswer(
                lambda dy, a, b: (dy + b, dy + a),
                "dy and the local slope are added; slopes along a way are multiplied.",
            ),
            WrongAnswer(
                lambda dy, a, b: (dy * b, dy * b),
                "da is right, and db is the same again; db is dy times the other number, a.",
            ),
            WrongAnswer(
                lambda dy, a, b: (dy / b, dy / a),
                "dy is divided here; a product passes on dy times the other number.",
            ),
            WrongAnswer(
                lambda dy, a, b: (dy @ b.T, a.T @ dy),
                "This goes back through a matrix product; here the numbers are multiplied one by "
                "one, with *.",
            ),
            WrongAnswer(
                lambda dy, a, b: (dy * (a + b), dy * (a + b)),
                "Both local slopes are added up before they meet dy; a and b each have their own.",
            ),
            WrongAnswer(
                overwritten,
                "a is overwritten with da before db is made of it; give the results names of "
                "their own, and let a and b stay as they are.",
            ),
            WrongAnswer(
                lambda dy, a, b: (dy * b, dy * b * a),
                "da is right; but db is made of a dy that has been multiplied by b already. Both "
                "begin with dy as it came.",
            ),
        ),
    ),
    Exercise(
        id="06.topological_order",
        title="The order of a tape",
        level="core",
        minutes=8,
        answer=topological_order,
        draw=draw_topological_order,
        result_names=("the order",),
        examples=(
            # u = x x, v = u + x, end = v u; and a node that reads v, which nobody asked for.
            (np.array([[2, 4], [-1, -1], [4, 1], [2, -1], [1, 1]]), 0),
        ),
        hints=(
            "Ask the question of one node: what has to stand in the order before this one may? "
            "Then put the same question to each of those.",
            "A function inside yours can call itself: visit(node) visits each input of the node "
            "first and only then puts the node down. Beforehand it looks whether the node has been "
            "visited already, and then does nothing.",
            "order, seen = [], set(); visit(node): if node in seen, return; seen.add(node); for "
            "each source in inputs[node] that is not -1, visit(source); order.append(node). Call "
            "visit(end) and return order.",
        ),
        wrong=(
            WrongAnswer(
                order_on_arrival,
                "A node is put down before the nodes that it was made of; put it down after its "
                "inputs have been visited.",
            ),
            WrongAnswer(
                lambda inputs, end: order_on_arrival(inputs, end)[::-1],
                "Put down on arrival and turned round at the end: a node that is reached by a "
                "short way and a long way then stands in the wrong place. Put it down when its "
                "inputs are done.",
            ),
            WrongAnswer(
                lambda inputs, end: topological_order(inputs, end)[::-1],
                "The order is turned round; what was calculated first comes first here, and the "
                "end is last.",
            ),
            WrongAnswer(
                order_with_repeats,
                "A node that is used twice stands here twice; remember which nodes have been "
                "visited.",
            ),
            WrongAnswer(
                lambda inputs, end: sorted(topological_order(inputs, end)),
                "This is the order of the numbers, which says nothing about what was made of what.",
            ),
            WrongAnswer(
                lambda inputs, end: list(range(len(inputs))),
                "These are all numbers from 0 on; a node's number says neither when it was "
                "calculated nor whether the end was made of it.",
            ),
            WrongAnswer(
                lambda inputs, end: list(range(end + 1)),
                "These are the numbers up to end; the numbers of the nodes say nothing about the "
                "order.",
            ),
            WrongAnswer(
                order_by_levels,
                "Going level by level from the end puts a node down by its shortest way; it has to "
                "wait for its longest.",
            ),
            WrongAnswer(
                order_of_all,
                "Nodes that the end was not made of are in here too; begin at end and go only to "
                "inputs.",
            ),
            WrongAnswer(
                order_of_all_that_are_ready,
                "All nodes of the tape are here, also those that the end was not made of; leave "
                "them out.",
            ),
            WrongAnswer(
                order_with_nothing,
                "-1 is taken for a node, and Python then reads the last row; -1 says that there is "
                "no input, so leave it out.",
            ),
            WrongAnswer(
                order_of_first_inputs,
                "Only the first input of each node is followed; a node may have two.",
            ),
            WrongAnswer(
                order_from_a_stack,
                "A node is put down when it comes off the stack, whether its inputs are down or "
                "not; turned round at the end, it may then stand before one of them.",
            ),
            WrongAnswer(
                order_too_soon,
                "A node is put down as soon as one of its inputs is there; it has to wait for "
                "both.",
            ),
            WrongAnswer(
                lambda inputs, end: topological_order(inputs, end)[:-1],
                "The end itself is missing; it is the last node of the order.",
            ),
            WrongAnswer(
                order_without_leaves,
                "The leaf is missing: a node that reads nothing belongs in the order as well.",
            ),
            WrongAnswer(
                order_of_neighbours,
                "Only what the end itself read is here; go on to what those nodes read.",
            ),
            WrongAnswer(
                lambda inputs, end: [end],
                "Only the end is here. Where the function calls itself, what the inner call "
                "returns is thrown away unless it is put into the order.",
            ),
        ),
    ),
]
