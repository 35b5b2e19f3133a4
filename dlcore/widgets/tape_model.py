"""A small network taken one number at a time: each step forward, and each step back over the tape.

The model knows all steps beforehand and shows as many as its position says, so that going back is
the same as going forth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BENDS = ("relu", "tanh", "sigmoid", "none")
LOSSES = ("squared", "crossentropy")
LAYERS = (1, 2)
UNITS = (1, 2, 3)
RATES = (0.02, 0.05, 0.1)
LIMIT = 3.0  # of x, t and every weight

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

# At the start all can be calculated in the head.
FIRST = {
    "w1_1": 1.0, "w1_2": -0.5, "b1_1": -0.5, "b1_2": 2.0,
    "w2_11": -1.0, "w2_12": 1.0, "w2_21": 2.0, "w2_22": 0.5, "b2_1": 0.5, "b2_2": 0.0,
    "w3_1": 0.5, "w3_2": 1.0, "b3": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Edge:
    """A product of a weight and the number that it multiplies, on its way into a sum."""

    weight: str
    source: str
    target: str


@dataclass(frozen=True)
class Node:
    """An entry of the tape.

    Attributes:
        name: such as "z1_2", the second unit of the first layer in front of its bend.
        op: "input", "sum", the name of a bend, or "loss".
        inputs: the nodes that it read.
        local_slopes: how much it grows for each of them, by a little.
        value: what was calculated.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    local_slopes: tuple[float, ...]
    value: float


@dataclass(frozen=True)
class Gain:
    """What one name gets in a step back: its slope before and after."""

    name: str
    amount: float
    before: float | None
    after: float


@dataclass(frozen=True)
class Visit:
    """One step.

    Attributes:
        kind: "forward" or "backward".
        node: the node at work.
        edge: the edge at work, as the name of its weight; empty for a step without one.
        gains: the slopes that a step back changes.
        sentence: the step as one line of arithmetic.
    """

    kind: str
    node: str
    edge: str
    gains: tuple[Gain, ...]
    sentence: str


class TapeModel:
    """One example on its way through a network with one or two hidden layers, and back.

    Args:
        x: the input, one number.
        t: the target.
        layers: hidden layers, 1 or 2.
        units: in each of them, 1 to 3.
        bend: "relu", "tanh", "sigmoid" or "none".
        loss: "squared", (y - t)^2, or "crossentropy" of sigmoid(y) with a target from 0 to 1.
        seed: of the weights; default: those that can be followed in the head where there are two
            layers of two units, else 0.
    """

    def __init__(
        self,
        x: float = 2.0,
        t: float = 3.0,
        layers: int = 2,
        units: int = 2,
        bend: str = "relu",
        loss: str = "squared",
        seed: int | None = None,
    ) -> None:
        """Stand before the first step."""
        self.x, self.t = self._first = x, t
        self.seed = seed
        self.layers, self.units, self.bend, self.loss_name = layers, units, bend, loss
        self.overwrite = False
        self.said = ""
        self.position = 0
        self.nodes: list[Node] = []
        self._by_name: dict[str, Node] = {}
        self.choose()

    def choose(self, **choices: str | int) -> None:
        """Choose ``layers``, ``units``, ``bend`` or ``loss``; takes new weights and rewinds.

        Raises:
            ValueError: for a choice that is not offered.
        """
        offers = {"layers": LAYERS, "units": UNITS, "bend": BENDS, "loss": LOSSES}
        for name, value in choices.items():
            if name not in offers or value not in offers[name]:
                raise ValueError(f"{name}={value!r} is not offered; choose of {offers}.")
            setattr(self, "loss_name" if name == "loss" else name, value)
        if self.loss_name == "crossentropy":
            self.t = min(max(self.t, 0.0), 1.0)
        self.edges = self._edges()
        if not choices or choices.keys() & {"layers", "units"}:
            self.weights = self._first_weights()
        self.said = ""
        self._calculate()
        self.position = 0

    def again(self) -> None:
        """Back to the first x, t and weights, before the first step."""
        self.x, self.t = self._first
        self.choose()

    def set_number(self, name: str, value: float) -> None:
        """Set x, t or a weight; the position stays.

        Raises:
            ValueError: for a name that there is not.
        """
        if name not in self.numbers():
            raise ValueError(f"There is no number {name!r}; there are {', '.join(self.numbers())}.")
        self._put(name, value)
        self.said = ""
        self._calculate()

    def numbers(self) -> dict[str, float]:
        """All that can be set, by name: x, t and the weights."""
        return {"x": self.x, "t": self.t, **self.weights}

    def set_overwrite(self, overwrite: bool) -> None:
        """Whether a slope that comes overwrites those before it: the well-known mistake."""
        self.overwrite = overwrite
        self._calculate()

    @property
    def forward_steps(self) -> int:
        """The position at which the loss is known."""
        return sum(each.kind == "forward" for each in self.steps)

    def go(self, position: int) -> None:
        """Go to a position: 0 is before the first step.

        Raises:
            ValueError: if there is no such position.
        """
        if not 0 <= position <= len(self.steps):
            raise ValueError(f"There are positions 0 to {len(self.steps)}; {position} is none.")
        self.position = int(position)

    def step(self) -> None:
        """One step on, if there is one."""
        self.go(min(self.position + 1, len(self.steps)))

    def back(self) -> None:
        """One step back, if there is one."""
        self.go(max(self.position - 1, 0))

    def rewind(self) -> None:
        """Before the first step, with the weights as they are."""
        self.go(0)

    @property
    def now(self) -> Visit | None:
        """The step that was taken last."""
        return self.steps[self.position - 1] if self.position else None

    def value(self, name: str) -> float | None:
        """The value of a node, a weight or the target; None before it is calculated."""
        if name in self.weights or name in ("x", "t"):
            return self.numbers()[name]
        done = {visit.node for visit in self.steps[: self.position] if visit.kind == "forward"}
        return self.node(name).value if name in done else None

    def gradient(self, name: str) -> float | None:
        """The slope of the loss for a name; None before its turn, a part while ways are missing."""
        found = None
        for visit in self.steps[: self.position]:
            for gain in visit.gains:
                if gain.name == name:
                    found = gain.after
        return found

    def complete(self, name: str) -> bool:
        """Whether every way to the loss has brought its share to a name."""
        late = (gain.name for visit in self.steps[self.position :] for gain in visit.gains)
        return self.gradient(name) is not None and name not in late

    def node(self, name: str) -> Node:
        """The entry of the tape with this name."""
        return self._by_name[name]

    @property
    def loss(self) -> float:
        """The loss, also where the steps have not come to it."""
        return self.node("loss").value

    def slopes(self) -> dict[str, float]:
        """The slope of the loss for x and each weight, as the last position shows it."""
        last: dict[str, float] = {}
        for visit in self.steps:
            last |= {gain.name: gain.after for gain in visit.gains}
        return {name: last[name] for name in ("x", *self.weights)}

    def nudged(self, name: str, by: float) -> tuple[float, float]:
        """What a small change of x or a weight does to the loss: foretold by its slope, and really.

        Raises:
            ValueError: for a name without a slope.
        """
        slopes = self.slopes()
        if name not in slopes:
            raise ValueError(f"{name!r} has no slope here; x and the weights have.")
        before, value = self.loss, self.numbers()[name]
        self._put(name, value + by)
        moved = self._loss_alone()
        self._put(name, value)
        return slopes[name] * by, moved - before

    def take_step(self, rate: float) -> None:
        """Move every weight by ``rate`` times its slope downhill, and rewind."""
        before, slopes = self.loss, self.slopes()
        for name in self.weights:
            self.weights[name] -= rate * slopes[name]
        self._calculate()
        self.rewind()
        self.said = f"a step with rate {rate:g}: the loss was {short(before)} and is now " + (
            f"{short(self.loss)}"
        )

    def report(self) -> str:
        """The step that was taken last, as one line of arithmetic."""
        where = f"step {self.position} of {len(self.steps)}"
        if self.now is None:
            return self.said or f"{where}: the weights and x are known, nothing is calculated yet"
        return f"{where}, {self.now.kind}: {self.now.sentence}"

    def as_arrays(self) -> tuple[np.ndarray, np.ndarray, int, dict[str, int]]:
        """The whole network as a tape whose nodes read two others at most, numbered at random.

        Returns:
            ``inputs`` [n, 2], the nodes that each node read, -1 for none; ``slopes`` [n, 2], its
            local slopes for them; the number of the loss; and the numbers of the nodes by name.
        """
        rows: list[tuple[list[int], list[float]]] = []
        at: dict[str, int] = {}
        values: list[float] = []

        def put(name: str, sources: list[int], local: list[float], value: float) -> int:
            rows.append((sources, local))
            values.append(value)
            if name:
                at[name] = len(rows) - 1
            return len(rows) - 1

        for name, value in {"x": self.x, **self.weights}.items():
            put(name, [], [], value)
        for node in self.nodes[1:]:
            if node.op != "sum":
                put(node.name, [at[i] for i in node.inputs], list(node.local_slopes), node.value)
                continue
            total = at[self._bias(node.name)]
            incoming = [edge for edge in self.edges if edge.target == node.name]
            for number, edge in enumerate(incoming, 1):
                w, h = at[edge.weight], at[edge.source]
                product = put("", [w, h], [values[h], values[w]], values[w] * values[h])
                name = node.name if number == len(incoming) else ""
                total = put(name, [total, product], [1.0, 1.0], values[total] + values[product])
        new = np.random.default_rng(0).permutation(len(rows))
        inputs, slopes = np.full((len(rows), 2), -1), np.zeros((len(rows), 2))
        for row, (sources, local) in enumerate(rows):
            inputs[new[row], : len(sources)] = new[sources]
            slopes[new[row], : len(local)] = local
        return inputs, slopes, int(new[at["loss"]]), {name: int(new[i]) for name, i in at.items()}

    def _edges(self) -> list[Edge]:
        units = range(1, self.units + 1)
        edges = [Edge(f"w1_{j}", "x", f"z1_{j}") for j in units]
        for layer in range(2, self.layers + 1):
            edges += [
                Edge(f"w{layer}_{i}{j}", f"h{layer - 1}_{i}", f"z{layer}_{j}")
                for i in units
                for j in units
            ]
        last = self.layers
        return edges + [Edge(f"w{last + 1}_{i}", f"h{last}_{i}", "y") for i in units]

    def _bias(self, name: str) -> str:
        return f"b{self.layers + 1}" if name == "y" else f"b{name[1:]}"

    def _first_weights(self) -> dict[str, float]:
        """Those to be followed in the head, or drawn ones in halves with open units in each layer.

        A closed relu would make the way back dull.
        """
        names = [edge.weight for edge in self.edges]
        targets = dict.fromkeys(edge.target for edge in self.edges)
        names = sorted([*names, *map(self._bias, targets)], key=lambda n: (n[1], n[0] == "b"))
        if set(names) == set(FIRST) and self.seed is None:
            return {name: FIRST[name] for name in names}
        rng = np.random.default_rng(self.seed or 0)
        halves = np.array([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5])
        while True:
            self.weights = {name: float(rng.choice(halves)) for name in names}
            self._values()
            ups = [
                [node.value > 0 for node in self.nodes if node.name.startswith(f"z{layer}")]
                for layer in range(1, self.layers + 1)
            ]
            if all(map(any, ups)) and 0.2 < self.loss < 10:
                return self.weights

    def _put(self, name: str, value: float) -> None:
        if name in ("x", "t"):
            setattr(self, name, float(value))
        else:
            self.weights[name] = float(value)

    def _loss_alone(self) -> float:
        nodes, by_name = self.nodes, self._by_name
        self._values()
        loss = self.loss
        self.nodes, self._by_name = nodes, by_name
        return loss

    def _calculate(self) -> None:
        """All values and all steps anew."""
        self._values()
        self.steps = self._forward() + self._backward()
        self.position = min(self.position, len(self.steps))

    def _values(self) -> None:
        self.nodes, self._by_name = [], {}
        self._keep(Node("x", "input", (), (), self.x))
        for layer in range(1, self.layers + 1):
            for unit in range(1, self.units + 1):
                z = self._sum(f"z{layer}_{unit}")
                value, slope = _BENT[self.bend](z.value)
                self._keep(Node(f"h{layer}_{unit}", self.bend, (z.name,), (slope,), value))
        y = self._sum("y").value
        if self.loss_name == "squared":
            value, slope = (y - self.t) ** 2, 2 * (y - self.t)
        else:
            value = max(y, 0.0) + math.log1p(math.exp(-abs(y))) - self.t * y
            slope = _sigmoid(y) - self.t
        self._keep(Node("loss", "loss", ("y",), (slope,), value))

    def _sum(self, name: str) -> Node:
        incoming = [edge for edge in self.edges if edge.target == name]
        local = tuple(self.weights[edge.weight] for edge in incoming)
        products = (w * self.node(e.source).value for w, e in zip(local, incoming, strict=True))
        total = sum(products) + self.weights[self._bias(name)]
        return self._keep(Node(name, "sum", tuple(e.source for e in incoming), local, total))

    def _keep(self, node: Node) -> Node:
        self.nodes.append(node)
        self._by_name[node.name] = node
        return node

    def _forward(self) -> list[Visit]:
        steps = []
        for node in self.nodes:
            if node.op == "input":
                text = f"x = {short(node.value)}, the input"
            elif node.op == "sum":
                parts = [
                    f"{bracketed(w)} × {bracketed(self.node(source).value)}"
                    for source, w in zip(node.inputs, node.local_slopes, strict=True)
                ]
                parts.append(bracketed(self.weights[self._bias(node.name)]))
                text = f"{pretty(node.name)} = {' + '.join(parts)} = {short(node.value)}"
            elif node.op == "loss":
                text = f"loss = {self._loss_in_words()} = {short(node.value)}"
            else:
                z = short(self.node(node.inputs[0]).value)
                call = z if self.bend == "none" else f"{self.bend}({z}) = {short(node.value)}"
                text = f"{pretty(node.name)} = {call}"
            steps.append(Visit("forward", node.name, "", (), text))
        return steps

    def _loss_in_words(self) -> str:
        y, t = self.node("y").value, self.t
        if self.loss_name == "squared":
            return f"({short(y)} − {bracketed(t)})²"
        p = short(_sigmoid(y))
        return f"−t log(p) − (1 − t) log(1 − p) with t = {short(t)}, p = sigmoid({short(y)}) = {p}"

    def _backward(self) -> list[Visit]:
        """From the end of the tape to its beginning; each node passes on what it has gathered."""
        total: dict[str, float] = {"loss": 1.0}
        ways = {node.name: 0 for node in self.nodes}
        for node in self.nodes:
            for source in node.inputs:
                ways[source] += 1
        first = "the loss has the slope 1 with respect to itself: here every way back begins"
        steps = [Visit("backward", "loss", "", (Gain("loss", 1.0, None, 1.0),), first)]
        for node in reversed(self.nodes):
            if not node.inputs:
                continue
            dy = total[node.name]
            if node.op == "sum":
                gain = Gain(self._bias(node.name), dy, None, dy)
                text = f"{pretty(gain.name)} gets {short(dy)} from {pretty(node.name)}: a sum"
                steps.append(
                    Visit("backward", node.name, gain.name, (gain,), f"{text} passes it on")
                )
            for source, slope in zip(node.inputs, node.local_slopes, strict=True):
                amount, before = dy * slope, total.get(source)
                overwrites = self.overwrite or before is None
                total[source] = amount if overwrites else before + amount  # type: ignore[operator]
                ways[source] -= 1
                gain = Gain(source, amount, before, total[source])
                words = self._gets(gain, f"{short(dy)} × {bracketed(slope)}", node, ways[source])
                if node.op != "sum":
                    steps.append(Visit("backward", node.name, "", (gain,), words))
                    continue
                weight = next(
                    e.weight for e in self.edges if (e.source, e.target) == (source, node.name)
                )
                dw = dy * self.node(source).value
                call = f"{short(dy)} × {bracketed(self.node(source).value)} = {short(dw)}"
                text = f"{pretty(weight)} gets {call}; {words}"
                gains = (Gain(weight, dw, None, dw), gain)
                steps.append(Visit("backward", node.name, weight, gains, text))
        return steps

    def _gets(self, gain: Gain, product: str, node: Node, left: int) -> str:
        text = f"{pretty(gain.name)} gets {product} = {short(gain.amount)} from {pretty(node.name)}"
        if gain.before is not None and self.overwrite:
            text += f", which overwrites {short(gain.before)}"
        elif gain.before is not None:
            total = f"{short(gain.before)} + {bracketed(gain.amount)} = {short(gain.after)}"
            text += f": {total}"
        if left:
            return f"{text}, {left} more to come"
        return f"{text}, complete"


def pretty(name: str) -> str:
    """A name as it is written: "w2_12" with its units as subscripts, from unit 1 to unit 2."""
    head, _, units = name.partition("_")
    return head + units.translate(_SUBSCRIPTS)


def short(value: float) -> str:
    """A number in few digits, with a true minus."""
    text = f"{value:.2f}"
    if float(text) == 0 and abs(value) > 1e-9:
        text = f"{value:.3f}" if abs(value) >= 0.0005 else f"{value:.5f}"
        text = text if float(text) else f"{value:.0e}"
    elif "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")


def bracketed(value: float) -> str:
    """A number inside of a sum or a product: in brackets if it is below 0."""
    text = short(value)
    return f"({text})" if text.startswith("\N{MINUS SIGN}") else text


def _sigmoid(z: float) -> float:
    return 0.5 * (1 + math.tanh(z / 2))


def _bent_by_tanh(z: float) -> tuple[float, float]:
    h = math.tanh(z)
    return h, 1 - h * h


def _bent_by_sigmoid(z: float) -> tuple[float, float]:
    h = _sigmoid(z)
    return h, h * (1 - h)


# The value of a bend and its slope there; at its corner relu counts as closed.
_BENT: dict[str, Callable[[float], tuple[float, float]]] = {
    "relu": lambda z: (max(z, 0.0), float(z > 0)),
    "tanh": _bent_by_tanh,
    "sigmoid": _bent_by_sigmoid,
    "none": lambda z: (z, 1.0),
}
