"""Lesson 17: which thread wrote a cell, and what it read for it; on the stand-in for a GPU."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.scene import Axis, Mark, Panel, Scene, cells, heat, line, points, segments
from dlcore.plots.still import still
from dlcore.stand_in import Access, Launch, cuda, launch
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Choice, Control, Group, Menu

Kernel = Callable[..., None]
Order = Literal["ascending", "descending"]
KERNELS = ("relu", "matmul", "tiled matmul")
ORDERS: tuple[Order, ...] = ("ascending", "descending")
ON_OFF = (True, False)
ROWS, COLUMNS, TILE = 6, 7, 4  # of a product, and of its tiles
ALL = 60  # more accesses than a thread makes here


def relu(y, x):  # type: ignore[no-untyped-def]
    """A thread for each number."""
    i = cuda.grid(1)
    if i < x.size:
        y[i] = max(x[i], 0)


def relu_without_guard(y, x):  # type: ignore[no-untyped-def]
    """The same, and no thread asks whether there is a number for it."""
    i = cuda.grid(1)
    y[i] = max(x[i], 0)


def matmul(c, a, b):  # type: ignore[no-untyped-def]
    """A thread for each cell of c."""
    col, row = cuda.grid(2)
    if row < c.shape[0] and col < c.shape[1]:
        total = 0
        for p in range(a.shape[1]):
            total += a[row, p] * b[p, col]
        c[row, col] = total


def matmul_without_guard(c, a, b):  # type: ignore[no-untyped-def]
    """The same, and no thread asks whether there is a cell for it."""
    col, row = cuda.grid(2)
    total = 0
    for p in range(a.shape[1]):
        total += a[row, p] * b[p, col]
    c[row, col] = total


def tiled_matmul(c, a, b):  # type: ignore[no-untyped-def]
    """The same product; the threads of a block fetch a tile of a and one of b for all of them."""
    tile_a = cuda.shared.array((TILE, TILE), c.dtype)
    tile_b = cuda.shared.array((TILE, TILE), c.dtype)
    col, row = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    total = 0
    for start in range(0, a.shape[1], TILE):
        p, q = start + x, start + y
        tile_a[y, x] = a[row, p] if row < a.shape[0] and p < a.shape[1] else 0
        tile_b[y, x] = b[q, col] if q < b.shape[0] and col < b.shape[1] else 0
        cuda.syncthreads()
        for i in range(TILE):
            total += tile_a[y, i] * tile_b[i, x]
        cuda.syncthreads()
    if row < c.shape[0] and col < c.shape[1]:
        c[row, col] = total


class ThreadModel:
    """A launch of a kernel on the stand-in, and one cell of its result that is looked at.

    Args:
        kernel: one of `KERNELS`, or "yours" if there is an own one.
        n: how many numbers relu takes, 4 to 24; of a product, [6, n] times [n, 7].
        threads: of a block for relu, 2 to 8; a product has blocks of 4 by 4.
        guard: whether a thread asks if there is a cell for it.
        first: whether the first barrier is there.
        second: whether the second barrier is there.
        order: in which the threads have their turn, one of `ORDERS`.
        row: of the cell that is looked at.
        column: of that cell.
        step: how many accesses of the thread that wrote it are shown.
        own: a kernel to be shown beside those, relu's if it takes two arrays, else a product.
    """

    def __init__(
        self,
        kernel: str = "relu",
        n: int = 10,
        threads: int = 4,
        guard: bool = True,
        first: bool = True,
        second: bool = True,
        order: Order = "ascending",
        row: int = 0,
        column: int = 0,
        step: int = ALL,
        own: Kernel | None = None,
    ) -> None:
        """Launch the kernel."""
        self.kernel, self.n, self.threads, self.own = kernel, n, threads, own
        self.guard, self.first, self.second, self.order = guard, first, second, order
        self.row, self.column, self.step = row, column, step
        self._launched: tuple[Any, ...] = ()
        self.update()

    @property
    def kernels(self) -> tuple[str, ...]:
        """What there is to launch."""
        return (*KERNELS, "yours") if self.own else KERNELS

    @property
    def flat(self) -> bool:
        """Whether the kernel has one axis."""
        if self.kernel == "yours" and self.own:
            return len(inspect.signature(self.own).parameters) == 2
        return self.kernel == "relu"

    @property
    def controls(self) -> tuple[Control, ...]:
        """What becomes a slider each."""
        rows, columns = self.shape
        size = "numbers (count)" if self.flat else "inner size n of [6, n] times [n, 7]"
        return (
            Control("n", size, 4, 24, 1),
            Control("threads", "threads of a block", 2, 8, 1),
            Control("row", "row of the cell (from 0)", 0, rows - 1, 1),
            Control("column", "column of the cell (from 0)", 0, columns - 1, 1),
            Control("step", "accesses of its thread that are shown", 0, ALL, 1),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the result; relu's lies in one row."""
        return (1, self.n) if self.flat else (ROWS, COLUMNS)

    def update(self, **values: Any) -> None:
        """Set some of the numbers and choices, and launch anew if that changes the launch."""
        for name, value in values.items():
            words = name in ("kernel", "guard", "first", "second", "order")
            setattr(self, name, value if words else round(value))
        rows, columns = self.shape
        self.row, self.column = min(self.row, rows - 1), min(self.column, columns - 1)
        asked = (self.kernel, self.n, self.threads, self.guard, self.first, self.second, self.order)
        if asked != self._launched:
            self._launched = asked
            self.launch()

    def launch(self) -> Launch:
        """Run the kernel once more."""
        rng = np.random.default_rng(0)
        self.trouble = ""
        if self.flat:
            x = rng.normal(size=self.n).round(1)
            arrays = [np.full(self.n, 99.0), x]
            grid: tuple[int, ...] = (-(-self.n // self.threads),)
            threads: tuple[int, ...] = (self.threads,)
            self._expected = np.maximum(x, 0)
        else:
            a = rng.integers(1, 5, (ROWS, self.n)).astype(float)
            b = rng.integers(1, 5, (self.n, COLUMNS)).astype(float)
            arrays, self._expected = [np.full((ROWS, COLUMNS), 99.0), a, b], a @ b
            grid, threads = (-(-COLUMNS // TILE), -(-ROWS // TILE)), (TILE, TILE)
        kernel, without = self._chosen()
        try:
            self.done = launch(kernel, grid, threads, *arrays, order=self.order, without=without)
        except Exception as error:  # of the learner's own kernel
            self.trouble = f"{type(error).__name__}: {error}"
            names = list(inspect.signature(kernel).parameters)
            given = dict(zip(names, arrays, strict=False))
            x3, t3 = (*grid, 1, 1)[:3], (*threads, 1, 1)[:3]
            self.done = Launch(x3, t3, given)  # type: ignore[arg-type]
        return self.done

    def _chosen(self) -> tuple[Kernel, tuple[int, ...]]:
        """The kernel, and the barriers that are passed as if they were not there."""
        without = tuple(n for n, there in ((1, self.first), (2, self.second)) if not there)
        if self.kernel == "yours" and self.own:
            return self.own, without
        if self.kernel == "tiled matmul":
            return tiled_matmul, without
        if self.kernel == "relu":
            return (relu if self.guard else relu_without_guard), ()
        return (matmul if self.guard else matmul_without_guard), ()

    @property
    def log(self) -> list[Access]:
        """Each access, in the order in which it was made."""
        return self.done.log

    @property
    def fault(self) -> str | None:
        """The sentence on what the threads do that no GPU promises to get right, if they do."""
        return self.trouble or next(iter(self.done.faults), None)

    @property
    def place(self) -> tuple[int, ...]:
        """The cell that is looked at."""
        return (self.column,) if self.flat else (self.row, self.column)

    def output(self) -> np.ndarray:
        """What was computed, the first array of the kernel."""
        return next(iter(self.done.arrays.values()))

    def writer(self) -> tuple[Any, Any] | None:
        """Block and thread that wrote the cell; None if none did."""
        return self.done.writer(next(iter(self.done.arrays)), self.place)

    def shown(self) -> list[Access]:
        """The first accesses of the thread that wrote the cell."""
        found = self.writer()
        return self.done.by(*found)[: self.step] if found else []

    def owners(self) -> np.ndarray:
        """For each cell of the result the number of the block that wrote it last; -1 for none."""
        name, found = next(iter(self.done.arrays)), np.full(self.output().shape, -1)
        for each in self.log:
            if each.array == name and each.writes and each.inside:
                found[each.place] = self._number(each.block)
        return found.reshape(self.shape)

    def states(self) -> np.ndarray:
        """For each thread of the grid its block, -1 if it wrote nothing, -2 if it went outside."""
        grid, threads, made = self.done.grid, self.done.threads, self.done.arrays
        found = np.full((grid[1] * threads[1], grid[0] * threads[0]), -1)
        for each in self.log:
            across, down, _ = (
                b * t + i for b, t, i in zip(each.block, threads, each.thread, strict=True)
            )
            if not each.inside:
                found[down, across] = -2
            elif each.writes and each.array in made and found[down, across] != -2:
                found[down, across] = self._number(each.block)
        return found

    def _number(self, block: tuple[int, int, int]) -> int:
        return block[0] + self.done.grid[0] * block[1]

    def report(self) -> str:
        """Threads, reads and writes; whether the numbers are right; and what was found."""
        done, states, dot = self.done, self.states(), " \N{MIDDLE DOT} "
        beside = int((states == -2).sum())
        shared = sum(e.array not in done.arrays and not e.writes for e in done.log)
        parts = [
            f"{states.size} threads, {(states == -1).sum()} write nothing"
            + f", {beside} reach beside an array" * (beside > 0),
            f"{done.reads()} reads and {done.writes()} writes of the large memory",
        ]
        parts += [f"{shared} reads of shared memory"] if shared else []
        output = self.output()
        missing = int(np.isnan(output).sum())
        off = int((~np.isclose(output, self._expected)).sum()) - missing
        parts += [f"{missing} of {output.size} numbers are NaN"] if missing else []
        parts += [f"{off} of {output.size} numbers are wrong"] if off else []
        parts += ["all numbers are right"] if not missing and not off else []
        return dot.join([*parts, self.fault or "no fault found"])


def scene(model: ThreadModel) -> Scene:
    """The grid of threads, the result, and what was read for the cell that is looked at."""
    names = list(model.done.arrays)
    first, *inputs = names
    panels = [_threads(model), _result(model, first)]
    seen = model.shown()
    for name in inputs:
        those = {each.place for each in seen if each.array == name and each.inside}
        panels.append(_input(name, model.done.arrays[name], those, "read by this thread"))
    shared = [e for e in seen if e.array not in names]
    for name in sorted({e.array for e in model.log if e.array not in names}):
        writes = {e.place for e in shared if e.array == name and e.writes}
        reads = {e.place for e in shared if e.array == name and not e.writes}
        panels.append(_input(name, np.zeros((TILE, TILE)), reads, "read by this thread", writes))
    return Scene(tuple(panels), model.report(), 210)


def draw(model: ThreadModel) -> Figure:
    """The same as a figure."""
    return still(scene(model))


def _threads(model: ThreadModel) -> Panel:
    states, threads = model.states(), model.done.threads
    rows, columns = states.shape
    marks: list[Mark] = [_colours(states, model)]
    for top in range(0, rows, threads[1]):
        for left in range(0, columns, threads[0]):
            marks.append(_frame(left, top, threads[0], threads[1], "ink", ""))
    for state, name, colour in ((-1, "writes nothing", "grey"), (-2, "outside", "orange")):
        down, across = np.nonzero(states == state)
        if len(down):
            look: Any = {"colour": colour, "shape": "cross" if state == -2 else "square"}
            marks.append(points(across + 0.5, down + 0.5, name, size=5.0, **look))
    writer = model.writer()
    if writer:
        across, down, _ = (b * t + i for b, t, i in zip(writer[0], threads, writer[1], strict=True))
        marks.append(_frame(across, down, 1, 1, "green", "wrote the cell"))
    return _panel("Threads in their blocks", rows, columns, marks, "made")


def _result(model: ThreadModel, name: str) -> Panel:
    owners = model.owners()
    rows, columns = owners.shape
    marks = [_colours(owners, model)]
    down, across = np.nonzero(owners < 0)
    if len(down):
        marks.append(points(across + 0.5, down + 0.5, "never written", "grey", "square", 5.0))
    marks.append(_frame(model.column, model.row, 1, 1, "green", "the cell"))
    at, sets = (model.row, model.column), ("row", "column")
    marks.append(cells((rows, columns), at, (0.5, 0.5), (1, 1), sets, name="to choose from"))
    return _panel(f"{name}: press a cell", rows, columns, marks, "made")


def _input(
    name: str,
    values: np.ndarray,
    read: set[tuple[int, ...]],
    said: str,
    written: Sequence[Any] | set[Any] = (),
) -> Panel:
    rows, columns = values.shape if values.ndim == 2 else (1, values.size)
    marks = [heat(np.full((rows, columns), 0.12), (0, columns), (0, rows), 0, 1, name, "paper")]
    for touched, what, colour, shape in (
        (written, "fetched by this thread", "purple", "square"),
        (read, said, "green", "circle"),
    ):
        places = [(at if len(at) == 2 else (0, *at)) for at in sorted(touched)]
        if places:
            down, across = np.array(places).T + 0.5
            look: Any = {"colour": colour, "shape": shape, "hollow": shape == "square"}
            size = 7.0 if shape == "square" else 4.0
            marks.append(points(across, down, what, size=size, **look))
    short = name.replace(" array", "")
    title = f"{short}: {len(read)} of {rows * columns} read"
    return _panel(title, rows, columns, marks, "shared" if "shared" in name else "given")


def _panel(title: str, rows: int, columns: int, marks: Sequence[Mark], column: str) -> Panel:
    across, up = Axis("column", 0, columns), Axis("row" if rows > 1 else "", rows, 0)
    ratio = min(max(0.16, rows / columns), 0.8)
    first, *others = marks  # the colours, on which the lines between cells lie
    between = _between(rows, columns)
    return Panel(title, across, up, (first, between, *others), ratio, bare=True, column=column)


def _between(rows: int, columns: int) -> Mark:
    """The lines between cells."""
    down, across = np.arange(1, rows), np.arange(1, columns)
    low, left = np.zeros(columns - 1), np.zeros(rows - 1)
    return segments(
        np.concatenate([across, left]),
        np.concatenate([low, down]),
        np.concatenate([across, left + columns]),
        np.concatenate([low + rows, down]),
        colour="grey",
        width=0.5,
    )


def _colours(numbers: np.ndarray, model: ThreadModel) -> Mark:
    """A colour for each block; what belongs to none is as pale as paper."""
    rows, columns = numbers.shape
    blocks = model.done.grid[0] * model.done.grid[1]
    tones = np.where(numbers < 0, -1.2, numbers - (blocks - 1) / 2 if blocks > 1 else 1)
    tones = np.where(numbers < 0, 0.0, 0.35 + 0.5 * tones / max(blocks, 1))
    return heat(tones, (0, columns), (0, rows), 0, 1.2, "blocks", "paper")


def _frame(left: float, top: float, wide: float, high: float, colour: Any, name: str) -> Mark:
    x = [left, left + wide, left + wide, left, left]
    y = [top, top, top + high, top + high, top]
    return line(x, y, name, colour, width=2.6 if colour == "green" else 1.6)


class ThreadBench(Bench):
    """Sliders for the launch and the cell; a press on the result chooses a cell too."""

    model: ThreadModel

    def __init__(self, model: ThreadModel) -> None:
        """Show the model as it stands."""
        self.offers = {"kernel": model.kernels, "guard": ON_OFF, "first": ON_OFF,
                       "second": ON_OFF, "order": ORDERS}  # fmt: skip
        super().__init__("A grid of threads", model, scene)

    def controls(self) -> list[Group]:
        """The cell, then the launch, then what can be left out."""
        n, threads, row, column, step = self.model.controls
        _, again = super().controls()
        kernel = Menu("kernel", "kernel", self.model.kernels)
        guard = Choice("guard", "guard", ("on", "off"))
        first = Choice("first", "first barrier", ("on", "off"))
        second = Choice("second", "second barrier", ("on", "off"))
        order = Choice("order", "turn of the threads", ORDERS)
        return [
            Group((kernel, n, threads)),
            Group((row, column, step)),
            Group((guard, first, second, order, *again.controls)),
        ]

    def hidden(self) -> list[str]:
        """What the kernel has not got."""
        barriers = self.model.kernel in ("relu", "matmul")
        guarded = self.model.kernel in ("relu", "matmul")
        found = ["first", "second"] if barriers else []
        found += [] if guarded else ["guard"]
        return found + (["row"] if self.model.flat else ["threads"])

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set what a hand has set; on the edge of the result it has pressed the nearest cell."""
        shape = dict(zip(("row", "column"), self.model.shape, strict=True))
        inside = {
            name: min(max(round(value), 0), shape[name] - 1) if name in shape else value
            for name, value in values.items()
        }
        return super().take(inside)

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Go back to where it began."""
        if name == "again":  # the kernel first: the cell is one of its result
            where = ("row", "column")
            super().take({key: at for key, at in self._start.items() if key not in where})
            super().take({key: self._start[key] for key in where})
            return True
        return super().act(name, given)

    def __repr__(self) -> str:
        return f"<{self.name}: run this cell to choose a cell and see which thread wrote it>"


def thread_bench(own: Kernel | None = None) -> ThreadBench:
    """The widget of lesson 17.

    Args:
        own: a kernel of one's own, which the menu then has as "yours". Defaults to none.
    """
    return ThreadBench(ThreadModel(own=own))
