"""Exercises of lesson 06: the walk back over a tape, and back through what was repeated."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, table


def topological_order(inputs, end):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for source in inputs[node].tolist():
                if source >= 0:
                    visit(source)
            order.append(node)

    visit(end)
    return order


def gradients(inputs, slopes, end):
    total = np.zeros(len(inputs))
    total[end] = 1
    for node in reversed(topological_order(inputs, end)):
        for source, slope in zip(inputs[node], slopes[node], strict=True):
            if source >= 0:
                total[source] += total[node] * slope
    return total


def doublings(rng):
    """A number added to itself, the sum to itself, and so on 40 times: 2^40 ways to the end."""
    new = rng.permutation(41)
    inputs, slopes = np.full((41, 2), -1), np.zeros((41, 2))
    inputs[new[1:]] = new[:-1, None]
    slopes[new[1:]] = 1
    return inputs, slopes, int(new[-1])


def draw_gradients(rng, size):
    """Some leaves, then nodes that read the one before and an earlier one, and one off the way."""
    if size == 5:
        return doublings(rng)
    leaves = int(rng.integers(2, 4))
    length = leaves + int(rng.integers(size + 2, 2 * size + 3))
    new = rng.permutation(length + 1)
    inputs, slopes = np.full((length + 1, 2), -1), np.zeros((length + 1, 2))
    squared = int(rng.integers(leaves, length - 1))
    for node in range(leaves, length + 1):
        reads = [node - 1, int(rng.integers(0, node - 1))]
        if node == squared:
            reads = [node - 1, node - 1]
        elif node == length:
            reads = [node - 2, 0]
        elif node > leaves + 1 and rng.random() < 0.5:
            reads[1] = node - 2  # used twice, though it is no leaf
        local = rng.choice([-3.0, -2.0, 2.0, 3.0], 2)
        if size > 2:
            local += rng.uniform(-0.5, 0.5, 2)
        if reads[0] == reads[1]:
            local[1] = local[0]
        inputs[new[node]], slopes[new[node]] = new[reads], local
    return inputs, slopes, int(new[length - 1])


def walked(order=None, begin=1.0, share=lambda dy, slope: dy * slope, add=True, columns=(0, 1)):
    """The walk back with one part exchanged, which is how a mistake is made."""

    def walk(inputs, slopes, end):
        total = np.zeros(len(inputs))
        total[end] = begin
        right = topological_order(inputs, end)[::-1]
        for node in right if order is None else order(right, inputs):
            for column in columns:
                source, slope = inputs[node, column], slopes[node, column]
                if source >= 0:
                    part = share(total[node], slope)
                    total[source] = total[source] + part if add else part
        return total

    return walk


def walk_by_recursion(inputs, slopes, end):
    """Each arrival passes on all that has come so far; ends itself where there are many ways."""
    total, steps = np.zeros(len(inputs)), [0]
    total[end] = 1

    def visit(node):
        for source, slope in zip(inputs[node], slopes[node], strict=True):
            if source >= 0 and steps[0] < 20_000:
                steps[0] += 1
                total[source] += total[node] * slope
                visit(source)

    visit(end)
    return total


def walk_at_first_sight(inputs, slopes, end):
    total, waiting, seen = np.zeros(len(inputs)), [end], {end}
    total[end] = 1
    while waiting:
        node = waiting.pop(0)
        for source, slope in zip(inputs[node].tolist(), slopes[node], strict=True):
            if source >= 0:
                total[source] += total[node] * slope
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
    return total


def walk_from_a_queue(inputs, slopes, end):
    total, waiting = np.zeros(len(inputs)), [end]
    total[end] = 1
    while waiting:
        node = waiting.pop(0)
        for source, slope in zip(inputs[node].tolist(), slopes[node], strict=True):
            if source >= 0:
                total[source] += total[node] * slope
                if source not in waiting:
                    waiting.append(source)
    return total


def walk_in_whole_numbers(inputs, slopes, end):
    total = np.zeros(len(inputs), dtype=int)
    total[end] = 1
    for node in reversed(topological_order(inputs, end)):
        for source, slope in zip(inputs[node], slopes[node], strict=True):
            if source >= 0:
                total[source] = total[source] + total[node] * slope
    return total


def walk_by_depth(inputs, slopes, end):
    total, seen = np.zeros(len(inputs)), set()
    total[end] = 1

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for source, slope in zip(inputs[node].tolist(), slopes[node], strict=True):
            if source >= 0:
                total[source] += total[node] * slope
                visit(source)

    visit(end)
    return total


def walk_with_sets(inputs, slopes, end):
    total = np.zeros(len(inputs))
    total[end] = 1
    for node in reversed(topological_order(inputs, end)):
        for source, slope in dict(zip(inputs[node].tolist(), slopes[node], strict=True)).items():
            if source >= 0:
                total[source] += total[node] * slope
    return total


def walk_to_leaves(inputs, slopes, end):
    total = gradients(inputs, slopes, end)
    total[(inputs >= 0).any(axis=1)] = 0
    return total


def walk_from_ones(inputs, slopes, end):
    total = np.ones(len(inputs))
    for node in reversed(topological_order(inputs, end)):
        for source, slope in zip(inputs[node], slopes[node], strict=True):
            if source >= 0:
                total[source] += total[node] * slope
    return total


def walk_averaged(inputs, slopes, end):
    total, readers = np.zeros(len(inputs)), np.zeros(len(inputs))
    total[end] = readers[end] = 1
    for node in reversed(topological_order(inputs, end)):
        total[node] /= max(readers[node], 1)
        for source, slope in zip(inputs[node], slopes[node], strict=True):
            if source >= 0:
                total[source] += total[node] * slope
                readers[source] += 1
    return total


def walk_with_slopes_of_the_source(inputs, slopes, end):
    total = np.zeros(len(inputs))
    total[end] = 1
    for node in reversed(topological_order(inputs, end)):
        for column, source in enumerate(inputs[node]):
            if source >= 0:
                total[source] += total[node] * slopes[source, column]
    return total


def walk_without_the_end(inputs, slopes, end):
    total = gradients(inputs, slopes, end)
    total[end] = 0
    return total


def in_the_order_of_the_tape(inputs, slopes, end):
    order = topological_order(inputs, end)
    return gradients(inputs, slopes, end)[order]


def unbroadcast(dy, shape):
    new = dy.ndim - len(shape)
    axes = tuple(i for i in range(dy.ndim) if i < new or shape[i - new] == 1)
    return dy.sum(axis=axes, keepdims=True).reshape(shape)


def draw_unbroadcast(rng, size):
    axes = int(rng.integers(2, 4))
    full = [int(each) for each in rng.choice(np.arange(2, size + 5), axes, False)]
    while True:
        new = int(rng.integers(0, axes + 1))
        ones = rng.random(axes) < 0.5
        shape = tuple(1 if ones[i] else full[i] for i in range(new, axes))
        if shape != tuple(full) or rng.random() < 0.2:
            return numbers(rng, size, *full) + 0.5, shape


def axes_of(dy, shape):
    new = dy.ndim - len(shape)
    return tuple(i for i in range(dy.ndim) if i < new or shape[i - new] == 1)


def first_copy(dy, shape):
    places = tuple(0 if i in axes_of(dy, shape) else slice(None) for i in range(dy.ndim))
    return dy[places].reshape(shape)


def front_only(dy, shape):
    return dy.sum(axis=tuple(range(dy.ndim - len(shape))))


def ones_only(dy, shape):
    new = dy.ndim - len(shape)
    axes = tuple(i for i in axes_of(dy, shape) if i >= new)
    return dy.sum(axis=axes, keepdims=True)


def ones_counted_from_the_left(dy, shape):
    axes = tuple(i for i, size in enumerate(shape) if size == 1)
    return dy.sum(axis=axes, keepdims=True)


def one_axis_in_front(dy, shape):
    if dy.ndim > len(shape):
        dy = dy.sum(axis=0)
    axes = tuple(i for i, size in enumerate(shape) if dy.shape[i] != size)
    return dy.sum(axis=axes, keepdims=True)


def padded_behind(dy, shape):
    padded = (*shape, *(dy.ndim - len(shape)) * [1])
    axes = tuple(i for i, size in enumerate(padded) if size == 1)
    return dy.sum(axis=axes, keepdims=True).reshape(shape)


def axes_that_move(dy, shape):
    for _ in range(dy.ndim - len(shape)):
        dy = dy.sum(axis=0)
    for i, size in enumerate(shape):
        if size == 1:
            dy = dy.sum(axis=i)
    return dy.reshape(shape)


def from_the_left(dy, shape):
    axes = tuple(i for i in range(dy.ndim) if i >= len(shape) or shape[i] != dy.shape[i])
    kept = dy.sum(axis=axes, keepdims=True)
    return kept.reshape(kept.shape[: len(shape)])


EXERCISES = [
    Exercise(
        id="06.gradients",
        title="Back over the tape",
        level="core",
        minutes=9,
        answer=gradients,
        draw=draw_gradients,
        result_names=("total",),
        examples=(
            # Node 4 is a square and is read by two nodes; node 5 is off the way.
            (
                np.array([[-1, -1], [4, 0], [-1, -1], [1, 4], [2, 2], [1, -1]]),
                table("0 0; 2 -2; 0 0; -3 2; 3 3; 2 0"),
                3,
            ),
        ),
        hints=(
            "Begin with total = np.zeros(len(inputs)) and the one slope that is known without "
            "calculating: that of the end with respect to itself.",
            "Take the nodes of topological_order(inputs, end) in reverse. When a node has its "
            "turn, all that read it have had theirs, so its total is complete. It passes its total "
            "times the local slope on to each node that it read, where it is added.",
            "total[end] = 1; for node in reversed(topological_order(inputs, end)): for source, "
            "slope in zip(inputs[node], slopes[node]): if source >= 0: total[source] += "
            "total[node] * slope. Return total.",
        ),
        too_slow=(
            "Each way is walked separately, and 2⁴⁰ of them lead through this case; take each node "
            "once, in reverse topological order."
        ),
        wrong=(
            WrongAnswer(
                walked(add=False),
                "The last way overwrites the others; where ways meet, what they bring is added "
                "(+=).",
            ),
            WrongAnswer(
                walked(begin=0.0),
                "All stays 0: the end has the slope 1 with respect to itself, and everything is a "
                "multiple of it.",
            ),
            WrongAnswer(
                walked(order=lambda right, inputs: right[::-1]),
                "Only the nodes that the end itself read have got a share: the walk begins at the "
                "end (take the order in reverse), and goes on to the leaves (return after the "
                "loop).",
            ),
            WrongAnswer(
                walked(share=lambda dy, slope: 0.0),
                "Nothing gets through: what a source gets is the total of the node that read it, "
                "times the slope; its own total is still 0 then.",
            ),
            WrongAnswer(
                walk_with_slopes_of_the_source,
                "The local slopes are taken from the row of the source; those of the row of the "
                "node belong to what it read.",
            ),
            WrongAnswer(
                walk_without_the_end,
                "The slope of the end for itself is missing; it is 1.",
            ),
            WrongAnswer(
                walked(share=lambda dy, slope: slope),
                "Only the local slopes are added up; each has to be multiplied by the gradient of "
                "the node that it comes from.",
            ),
            WrongAnswer(
                walk_by_recursion,
                "A node that is reached by two ways passes on the whole of its gradient each time; "
                "it must pass it on once, when it is complete.",
            ),
            WrongAnswer(
                walk_at_first_sight,
                "A node passes its gradient on before the other ways have brought their share; "
                "go in reverse topological order.",
            ),
            WrongAnswer(
                walk_from_a_queue,
                "A node passes its total on before it is complete, and again later; each node has "
                "one turn, after all that read it.",
            ),
            WrongAnswer(
                walk_in_whole_numbers,
                "total holds whole numbers, so that every slope put into it is cut off at the "
                "point; np.zeros(len(inputs)) holds fractions as well.",
            ),
            WrongAnswer(
                walk_by_depth,
                "The walk goes deeper at once, so that a node is left before all who read it have "
                "had their turn; go in reverse topological order.",
            ),
            WrongAnswer(
                walked(order=lambda right, inputs: range(len(inputs) - 1, -1, -1)),
                "The nodes are taken by their numbers; they have to be taken in reverse "
                "topological order.",
            ),
            WrongAnswer(
                walk_with_sets,
                "A node that reads another one twice, as in x x, is counted once; both places "
                "bring a share.",
            ),
            WrongAnswer(
                walked(share=lambda dy, slope: dy + slope),
                "A gradient and a local slope are added here; along a way slopes are multiplied, "
                "and what several ways bring is added.",
            ),
            WrongAnswer(
                walked(columns=(0,)),
                "Only the first input of each node gets its share; there may be two.",
            ),
            WrongAnswer(
                walk_to_leaves,
                "The leaves are right, but the nodes in between have lost their gradients; total "
                "has one for every node.",
            ),
            WrongAnswer(
                walk_from_ones,
                "Every total begins with 1; only the end does, the others begin with 0.",
            ),
            WrongAnswer(
                walk_averaged,
                "What the ways bring is averaged; it is added, however many they are.",
            ),
            WrongAnswer(
                in_the_order_of_the_tape,
                "The gradients stand in the order of the tape; total has a place for every node, "
                "by its number, with 0 where the end was not made of it.",
            ),
            WrongAnswer(
                lambda inputs, slopes, end: -gradients(inputs, slopes, end),
                "Every sign is turned round: this is the way downhill, and the gradient points "
                "uphill.",
            ),
        ),
    ),
    Exercise(
        id="06.unbroadcast",
        title="Back through what was repeated",
        level="stretch",
        minutes=8,
        answer=unbroadcast,
        draw=draw_unbroadcast,
        result_names=("dx",),
        examples=(
            (table("1 2 -3; 4 5 6"), (3,)),
            (table("1 2 -3; 4 5 6"), (2, 1)),
            (table("1 2 -3; 4 5 6"), ()),
            (np.arange(24.0).reshape(2, 3, 4) - 9, (3, 1)),
        ),
        hints=(
            "Write the two shapes below each other, their right ends in one line. Which axes of dy "
            "has shape not at all, and which has it with the size 1?",
            "Those are the axes along which numbers were repeated: sum over all of them. new = "
            "dy.ndim - len(shape) axes were added in front; axis i of dy is axis i - new of shape.",
            "axes = tuple(i for i in range(dy.ndim) if i < new or shape[i - new] == 1), with new "
            "as before; then return dy.sum(axis=axes, keepdims=True).reshape(shape).",
        ),
        wrong=(
            WrongAnswer(
                lambda dy, shape: dy,
                "dy has the shape of the output; the gradient of an input has the shape of that "
                "input.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.mean(axis=axes_of(dy, shape), keepdims=True).reshape(shape),
                "The copies are averaged; each of them counted in full, so their gradients are "
                "added.",
            ),
            WrongAnswer(
                first_copy,
                "Only the first copy is taken; all of them came from the same number, so add them.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.sum(axis=0),
                "This sums over axis 0 whatever shape says; sum over the axes that were repeated, "
                "and over no others.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.sum(axis=-1),
                "This sums over the last axis whatever shape says; sum over the axes that were "
                "repeated, and over no others.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.sum(),
                "All is summed to one number; only the repeated axes are summed.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.sum(axis=axes_of(dy, shape), keepdims=True),
                "The sum is right, but the axes that were added in front are still there; end with "
                "reshape(shape).",
            ),
            WrongAnswer(
                lambda dy, shape: dy.sum(axis=axes_of(dy, shape)),
                "The sum is right, but axes of size 1 are gone; keep them (keepdims=True), then "
                "reshape(shape).",
            ),
            WrongAnswer(
                front_only,
                "The axes that were added in front are summed, but those that shape has with size "
                "1 are not; both were repeated.",
            ),
            WrongAnswer(
                ones_only,
                "The axes that shape has with size 1 are summed, but those that it lacks are not; "
                "both were repeated.",
            ),
            WrongAnswer(
                ones_counted_from_the_left,
                "Axes of size 1 are summed, those added in front are not; and each axis added in "
                "front moves the others of dy along by one place.",
            ),
            WrongAnswer(
                one_axis_in_front,
                "Only one of the added axes is summed; there may be several, so use while in "
                "place of if.",
            ),
            WrongAnswer(
                padded_behind,
                "shape is laid against the left end of dy; new axes come in front, so the right "
                "ends meet.",
            ),
            WrongAnswer(
                axes_that_move,
                "Each sum removes an axis, and the later ones move up; keepdims=True leaves them "
                "where they are, until reshape(shape) at the end.",
            ),
            WrongAnswer(
                from_the_left,
                "The shapes are compared from the left; NumPy adds missing axes in front, so the "
                "right ends belong together.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.reshape(shape),
                "reshape alone cannot bring dy into this shape, since it keeps all numbers; first "
                "sum over the axes that were repeated.",
            ),
            WrongAnswer(
                lambda dy, shape: np.resize(dy, shape),
                "np.resize takes the first numbers and drops the rest; sum the copies.",
            ),
            WrongAnswer(
                lambda dy, shape: np.broadcast_to(dy.sum(), shape).copy(),
                "The sum of all numbers stands in every place; each place gets the sum of its own "
                "copies.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.prod(axis=axes_of(dy, shape), keepdims=True).reshape(shape),
                "The copies are multiplied; their gradients are added.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.sum(axis=axes_of(dy, shape), keepdims=True) + 0 * dy,
                "The sums are right, but stretched over the shape of the output again; the "
                "gradient of an input has the shape of that input.",
            ),
            WrongAnswer(
                lambda dy, shape: dy.max(axis=axes_of(dy, shape), keepdims=True).reshape(shape),
                "The largest of the copies is taken; their gradients are added.",
            ),
        ),
    ),
]
