"""A Tensor with a tape: the arrays of a calculation, and how each came about.

Every operation of `dlcore.ops` that touches a tensor with ``requires_grad`` leaves a node: the
tensors it read, and a function from the gradient of its output to theirs. ``gradients`` walks the
nodes backwards, from the loss to the weights (reverse-mode differentiation).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine.operators import OneNumber, Operators
from dlcore.engine.parts import Parts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

Backward = Callable[[np.ndarray], Sequence["np.ndarray | Parts | None"]]

# What an operation takes: a tensor, the symbol of one, an array, a number or nested lists of them.
TensorLike: TypeAlias = "Operators | ArrayLike"
# How a dtype is named: "float32", np.float32 or a dtype itself.
DType: TypeAlias = "DTypeLike"


class _State(threading.local):
    recording = True


_state = _State()


def floatx() -> str:
    """The dtype of weights and of data given as Python numbers: "float32" at first."""
    return _FLOATX[0]


def set_floatx(name: str) -> None:
    """Choose "float32" or "float64" (slower; for checking gradients) for what is made from now on.

    Raises:
        ValueError: for any other name.
    """
    if name not in ("float32", "float64"):
        raise ValueError(f"floatx is 'float32' or 'float64', not {name!r}.")
    _FLOATX[0] = name


_FLOATX = ["float32"]


@dataclass(slots=True)
class Node:
    """An entry of the tape: what was read, and how a gradient goes back to it.

    `past` is a short cut: an entry that skips the input and leads to what the input was made of. It
    is taken unless the gradient of the input itself is wanted.
    """

    inputs: tuple[Tensor, ...]
    backward: Backward
    past: Node | None = None


class Tensor(OneNumber):
    """An array that knows how it was calculated.

    Args:
        data: An array, a number or nested lists of numbers. Python numbers with a decimal point
            become ``floatx()``; an array keeps its dtype.
        requires_grad: Whether gradients with respect to this tensor are wanted.
        name: A name for messages.
    """

    __slots__ = ("data", "grad", "logits", "mask", "name", "node", "requires_grad")

    def __init__(self, data: TensorLike, requires_grad: bool = False, name: str = "") -> None:
        # An array where the active backend has its own, which NumPy may not be able to read.
        self.data: np.ndarray = _as_array(data)
        self.requires_grad = requires_grad
        self.name = name
        self.grad: np.ndarray | None = None
        self.node: Node | None = None
        # Which steps of sequences count, (n, steps) of ones and zeros; a layer such as Masking
        # sets it, and the layers after it pass it on.
        self.mask: Tensor | None = None
        # Of what a sigmoid or softmax gives: which of the two, and what went into it.
        self.logits: tuple[str, Tensor] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.data.size

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the numbers, such as float32."""
        return self.data.dtype

    def numpy(self) -> np.ndarray:
        """A copy of the values as a NumPy array."""
        return self._read().copy()

    def backward(self) -> None:
        """Set ``grad`` of the leaves: tensors that require a gradient and were not calculated.

        The tensor must hold one number, the loss. Each call overwrites the gradients of the last.

        Raises:
            ValueError: if the tensor holds more than one number, or none that it was made of
                requires a gradient.
        """
        tensors = topological_order(self)
        leaves = [t for t in tensors if t.node is None and t.requires_grad]
        for leaf, gradient in zip(leaves, gradients(self, leaves), strict=True):
            leaf.grad = gradient

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        values = memory.to_host(self.data)
        return f"<{type(self).__name__}{name} shape={self.shape} dtype={self.dtype}>\n{values}"

    def __len__(self) -> int:
        return len(self.data)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._read(), dtype=dtype, copy=True if copy is None else copy)

    def _read(self) -> np.ndarray:
        backends.note_reading(self.data)  # the library itself works on `data`
        return memory.to_host(self.data)


@contextmanager
def no_grad() -> Iterator[None]:
    """Put nothing on the tape inside the ``with`` block: for prediction and for updates."""
    before = recording()
    _state.recording = False
    try:
        yield
    finally:
        _state.recording = before


def recording() -> bool:
    """Whether operations are put on the tape."""
    return _state.recording


def convert_to_tensor(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """A Tensor of ``x``; a Tensor passes through, unless another dtype is asked for."""
    tensor = x if isinstance(x, Tensor) else Tensor(x)
    return tensor if dtype is None or tensor.dtype == np.dtype(dtype) else cast(tensor, dtype)


def convert_to_numpy(x: TensorLike) -> np.ndarray:
    """The values of ``x`` as a NumPy array that is the caller's own."""
    return np.array(memory.to_host(x.data) if isinstance(x, Tensor) else x)


def result(
    data: np.ndarray, inputs: Sequence[Tensor], backward: Backward, past: Node | None = None
) -> Tensor:
    """A Tensor of ``data``, calculated from ``inputs``, with its node on the tape if one is due."""
    tensor = Tensor(data)
    if recording() and any([x.requires_grad for x in inputs]):
        tensor.requires_grad = True
        tensor.node = Node(tuple(inputs), backward, past)
    return tensor


def stop_gradient(x: TensorLike) -> Tensor:
    """The values of x, cut off from how they were calculated."""
    return Tensor(convert_to_tensor(x).data)


def cast(x: TensorLike, dtype: DTypeLike) -> Tensor:
    """X in another dtype; the gradient goes back in the type of x."""
    x = convert_to_tensor(x)
    kind = np.dtype(dtype)
    back: Backward = lambda dy: [_converted(dy, x.dtype)]  # noqa: E731
    return result(_converted(x.data, kind), [x] if kind.kind == "f" else [], back)


def floating(x: TensorLike) -> Tensor:
    """A Tensor of x; whole numbers become ``floatx()``."""
    tensor = x if isinstance(x, Tensor) else Tensor(x)
    return tensor if tensor.dtype.kind == "f" else cast(tensor, floatx())


def pair(a: TensorLike, b: TensorLike) -> tuple[Tensor, Tensor]:
    """Both as tensors of one dtype; a Python number takes the type of the other side."""
    if isinstance(a, Tensor) and isinstance(b, Tensor) and a.dtype == b.dtype:
        return a, b
    if isinstance(b, int | float) and not isinstance(a, int | float):
        a = convert_to_tensor(a)
        if isinstance(b, int) and not _holds(a.dtype, b):
            a = cast(a, np.int64)
        return (a if isinstance(b, int) else floating(a)), _like(b, a)
    if isinstance(a, int | float) and not isinstance(b, int | float):
        b, a = pair(b, a)
        return a, b
    a, b = convert_to_tensor(a), convert_to_tensor(b)
    if a.dtype == b.dtype:
        return a, b
    kinds = [t.dtype for t in (a, b) if t.dtype.kind == "f"] or [a.dtype, b.dtype]
    wide = np.result_type(*kinds)
    return cast(a, wide), cast(b, wide)


def gradients(loss: Tensor, sources: Sequence[Tensor]) -> list[np.ndarray]:
    """Gradient of a loss with respect to each of the sources.

    Reverse-mode differentiation (Griewank and Walther 2008, chapter 3): going through the tape
    from its end, each tensor's gradient is complete before it is passed on; where a tensor was
    used several times, the gradients that come back are added.

    Args:
        loss: A tensor with one element.
        sources: Weights, inputs or any tensors in between.

    Returns:
        An array of the shape of each source; zeros where the loss does not depend on it. The
        arrays may share memory: copy one before changing it.

    Raises:
        ValueError: if the loss has more than one element or is not on the tape.
    """
    if loss.size != 1:
        raise ValueError(
            f"A gradient starts from one number, but this tensor has shape {loss.shape}; "
            "take its mean or sum first."
        )
    if not loss.requires_grad:
        raise ValueError(
            "The loss does not depend on any weight, as far as dlcore can see: write it with the "
            "operations of dlcore.ops, such as ops.square and ops.mean, since a step through NumPy "
            "loses the way back. In a loop of your own begin with Variables, or with "
            "Tensor(data, requires_grad=True), and leave no_grad() out."
        )
    total: dict[int, Any] = {id(loss): memory.given(np.ones(loss.shape, loss.dtype))}
    wanted = {id(source) for source in sources}
    for tensor in reversed(topological_order(loss)):
        key = id(tensor)
        if isinstance(total.get(key), Parts):
            total[key] = total[key].joined()
        if tensor.node is None or key not in total:
            continue
        # A gradient that has been passed on is let go, unless it was asked for.
        dy = total[key] if key in wanted else total.pop(key)
        node = tensor.node
        if node.past is not None and not any(id(x) in wanted for x in node.inputs):
            node = node.past
        for x, dx in zip(node.inputs, node.backward(dy), strict=True):
            if dx is None or not x.requires_grad:
                continue
            total[id(x)] = _sum(total[id(x)], dx) if id(x) in total else dx
    return [total[id(s)] if id(s) in total else _zeros_like(s) for s in sources]


def topological_order(end: Tensor) -> list[Tensor]:
    """The tensors that ``end`` was calculated from, each after all that it was made of.

    A loop with a stack of its own, since a deep network would exceed Python's recursion limit.
    """
    order: list[Tensor] = []
    seen: set[int] = set()
    stack: list[tuple[Tensor, bool]] = [(end, False)]
    while stack:
        tensor, finished = stack.pop()
        if finished:
            order.append(tensor)
        elif id(tensor) not in seen:
            seen.add(id(tensor))
            stack.append((tensor, True))
            if tensor.node is not None:
                stack.extend((x, False) for x in tensor.node.inputs if x.requires_grad)
    return order


def _sum(a: np.ndarray | Parts, b: np.ndarray | Parts) -> np.ndarray | Parts:
    if isinstance(a, Parts):
        return a.plus(b)
    if isinstance(b, Parts):
        return b.plus(a)
    return backends.compute("binary", a, b, op="add")


def _holds(dtype: np.dtype, number: int) -> bool:
    """Whether a dtype has a whole number: uint8 has no -1 and no 256, and bool no 2."""
    if dtype.kind == "b":
        return isinstance(number, bool)
    return dtype.kind == "f" or np.iinfo(dtype).min <= number <= np.iinfo(dtype).max


def _like(number: float, tensor: Tensor) -> Tensor:
    if isinstance(number, float) and tensor.dtype.kind != "f":
        return Tensor(np.asarray(number, floatx()))
    return Tensor(np.asarray(number, tensor.dtype))


def _converted(x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    y = memory.empty(x.shape, dtype)
    backends.call("cast", (y,), (memory.contiguous(x),))
    return y


def _zeros_like(tensor: Tensor) -> np.ndarray:
    return memory.given(np.zeros(tensor.shape, tensor.dtype))


def _as_array(data: TensorLike) -> np.ndarray:
    if type(data) is np.ndarray and data.dtype.kind in "fiub" and memory.device() is None:
        return data
    if isinstance(data, Tensor):
        return data.data
    if memory.is_array(data):
        array = data
    else:
        array = np.asarray(data)
        if array.dtype == np.float64 and not isinstance(data, np.generic):
            array = array.astype(floatx())
    if array.dtype.kind not in "fiub":
        raise TypeError(f"A Tensor holds numbers; this is {array.dtype} of shape {array.shape}.")
    return memory.given(array)
