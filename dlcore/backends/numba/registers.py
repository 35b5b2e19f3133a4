"""Numbers that stay in the processor's registers: two types of compiled kernels.

The compiler makes vector instructions of a loop by itself, but each pass through such a loop reads
its sums from memory and writes them back. Here a kernel says which numbers are to stay in
registers. A `Tile` is `ROWS` rows of some columns, in as many registers as that takes on the
machine. One number more of the inner axis of a product y = x w is one line of a kernel,

    tile = plus_products(tile, x, places, row, offset, w, position)

for row r of the tile: tile[r] += x[places[row + r] + offset] * w[position : position + columns].
A `Vector` is what one register holds, with which a kernel calculates as with a number,

    put_vector(y, to, vector(a, at) + vector(b, at))

Positions are counted in the memory of an array, from its first number on, and are not checked.
`number` and `put` take and write one number in that way: a loop over them becomes vector
instructions where one over an array of several axes does not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba.core import cgutils, types
from numba.core.typing import signature
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from dlcore.backends.memory import LINE
from dlcore.backends.numba.compile import compiled

NARROW = 64  # bytes of a row: 16 float32 or 8 float64


def _wide() -> int:
    """Bytes of a row of the wide tile: with these the sums fill the registers.

    A processor begins two vectors of products in each cycle and is through with them four cycles
    later, so that it takes eight sums, or more, to keep it busy. In registers of 32 bytes, of which
    there are 16, a narrow tile of 6 rows is 12 sums; in those of 64 bytes, of which there are 32,
    one of 8 rows is 8, and a wide one is 16.
    """
    config: Any = numba.config
    if config.CPU_NAME or config.CPU_FEATURES:  # the user has chosen what to compile for
        return 2 * NARROW if "+avx512f" in (config.CPU_FEATURES or "") else NARROW
    return 2 * NARROW if get_host_cpu_features().get("avx512f", False) else NARROW


WIDE = _wide()
ROWS = 8 if WIDE > NARROW else 6
VECTOR = WIDE // 2  # bytes of a register: a row of the wide tile takes two

# Numba gives the first argument of each, the context of its types; a call does not.
_of_compiled_code: Any = intrinsic


class Tile(types.Type):
    """`ROWS` rows of so many bytes each, of numbers of one dtype, float32 or float64."""

    def __init__(self, dtype: types.Float, width: int) -> None:
        self.dtype, self.width = dtype, width
        super().__init__(name=f"Tile({dtype}, {width})")


@register_model(Tile)
class _TileModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Tile) -> None:
        number = manager.lookup(kind.dtype).get_value_type()
        row = ir.VectorType(number, 8 * kind.width // kind.dtype.bitwidth)
        super().__init__(manager, kind, ir.ArrayType(row, ROWS))


def _zeros(array: Any, width: int) -> Any:
    """What an intrinsic returns: a tile of zeros for the numbers of an array."""
    dtype = getattr(array, "dtype", None)
    if dtype not in (types.float32, types.float64):
        return None  # an error of types, where the kernel is compiled
    tile = Tile(dtype, width)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(context.get_value_type(tile), None)

    return signature(tile, array), generate


@_of_compiled_code
def narrow(context: Any, array: Any) -> Any:
    """In compiled code: a narrow tile of zeros, for the numbers of an array."""
    return _zeros(array, NARROW)


@_of_compiled_code
def wide(context: Any, array: Any) -> Any:
    """In compiled code: a wide tile of zeros, for the numbers of an array."""
    return _zeros(array, WIDE)


def _first(context: Any, builder: Any, array: Any, value: Any) -> Any:
    """The address of an array's first number."""
    return context.make_array(array)(context, builder, value).data


def _address(builder: Any, first: Any, position: Any, kind: Any) -> Any:
    return builder.bitcast(builder.gep(first, [position]), kind.as_pointer())


def _alignment(array: Any) -> int:
    return array.dtype.bitwidth // 8


def _to_all(builder: Any, number: Any, count: int) -> Any:
    """A vector of so many times the same number."""
    nothing = ir.Constant(ir.VectorType(number.type, count), ir.Undefined)
    one = builder.insert_element(nothing, number, ir.IntType(32)(0))
    first = ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
    return builder.shuffle_vector(one, nothing, first)


def _row_by_row(builder: Any, tile: Any, change: Callable[[int, Any], Any]) -> Any:
    """The tile whose rows are what `change` makes of the number and the value of each."""
    for r in range(ROWS):
        tile = builder.insert_value(tile, change(r, builder.extract_value(tile, r)), r)
    return tile


def _at_row(builder: Any, position: Any, step: Any, r: int) -> Any:
    return builder.add(position, builder.mul(step, step.type(r)))


@_of_compiled_code
def same_rows(context: Any, tile: Any, array: Any, position: Any) -> Any:
    """In compiled code: a tile like that, each row the numbers of an array from a position on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        tile, values, position = arguments
        first = _first(context, builder, array, values)
        place = _address(builder, first, position, tile.type.element)
        row = builder.load(place, align=_alignment(array))
        return _row_by_row(builder, tile, lambda r, _: row)

    return signature(tile, tile, array, types.intp), generate


def _multiply_and_add(builder: Any, kind: Any, name: str) -> Any:
    """What gives a b + c for numbers or vectors, in one instruction where there is one."""
    function = ir.FunctionType(kind, [kind] * 3)
    return cgutils.get_or_insert_function(builder.module, function, f"llvm.fmuladd.{name}")


@_of_compiled_code
def plus_product(context: Any, total: Any, a: Any, b: Any) -> Any:
    """In compiled code: total + a b for three numbers, rounded once where the processor does so."""
    if total not in (types.float32, types.float64):
        return None  # an error of types, where the kernel is compiled

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        total, a, b = arguments
        name = f"f{signature.return_type.bitwidth}"
        return builder.call(_multiply_and_add(builder, total.type, name), [a, b, total])

    return signature(total, total, total, total), generate


@_of_compiled_code
def plus_products(
    context: Any, tile: Any, x: Any, places: Any, row: Any, offset: Any, w: Any, position: Any
) -> Any:
    """In compiled code: a tile to which x w is added, rounded once where the processor does so.

    In row r, that is the number of x at places[`row` + r] + `offset` times those of w from a
    position on.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        total, numbers, table, row, offset, vectors, position = arguments
        kind = total.type.element
        first = _first(context, builder, w, vectors)
        vector = builder.load(_address(builder, first, position, kind), align=_alignment(w))
        multiply_and_add = _multiply_and_add(builder, kind, f"v{kind.count}f{tile.dtype.bitwidth}")
        cells = _first(context, builder, x, numbers)
        table = _first(context, builder, places, table)

        def plus_product(r: int, sums: Any) -> Any:
            place = builder.load(builder.gep(table, [builder.add(row, row.type(r))]))
            number = builder.load(builder.gep(builder.gep(cells, [place]), [offset]))
            return builder.call(
                multiply_and_add, [vector, _to_all(builder, number, kind.count), sums]
            )

        return _row_by_row(builder, total, plus_product)

    given = (tile, x, types.Array(types.intp, 1, "C"), types.intp, types.intp, w, types.intp)
    return signature(tile, *given), generate


def _no_less_than_zero(builder: Any, numbers: Any) -> Any:
    zero = ir.Constant(numbers.type, None)
    return builder.select(builder.fcmp_ordered("<", numbers, zero), zero, numbers)


@_of_compiled_code
def not_below_zero(context: Any, numbers: Any) -> Any:
    """In compiled code: 0 for what is below it, in a tile or a vector. A NaN is not: it stays."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (values,) = arguments
        if isinstance(numbers, Tile):
            return _row_by_row(builder, values, lambda _, row: _no_less_than_zero(builder, row))
        return _no_less_than_zero(builder, values)

    return signature(numbers, numbers), generate


@_of_compiled_code
def store_rows(context: Any, array: Any, position: Any, step: Any, tile: Any) -> Any:
    """In compiled code: write row r of a tile into an array from position + r step on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, position, step, tile = arguments
        first = _first(context, builder, array, arguments[0])
        for r in range(ROWS):
            place = _at_row(builder, position, step, r)
            place = _address(builder, first, place, tile.type.element)
            builder.store(builder.extract_value(tile, r), place, align=_alignment(array))
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, types.intp, tile), generate


@_of_compiled_code
def ask_for_rows(context: Any, array: Any, position: Any, step: Any, tile: Any) -> Any:
    """In compiled code: have the memory bring what the rows of a tile will be written over.

    It does so while the tile is calculated; what is written then need not wait for it.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, position, step, _ = arguments
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch")
        first = _first(context, builder, array, arguments[0])
        for r in range(ROWS):
            row = builder.gep(first, [_at_row(builder, position, step, r)])
            for line in range(0, tile.width, LINE):
                place = builder.gep(builder.bitcast(row, byte), [ir.IntType(64)(line)])
                builder.call(ask, [place, number(1), number(3), number(1)])  # to write, soon, data
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, types.intp, tile), generate


@_of_compiled_code
def add_rows(context: Any, array: Any, position: Any, step: Any, tile: Any, left: Any) -> Any:
    """In compiled code: add row r of a tile to an array from position + r step on.

    The first rows, so many as are left out, are not added.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, position, step, tile, left = arguments
        first = _first(context, builder, array, arguments[0])
        for r in range(ROWS):
            place = _at_row(builder, position, step, r)
            place = _address(builder, first, place, tile.type.element)
            with builder.if_then(builder.icmp_signed("<=", left, left.type(r))):
                known = builder.load(place, align=_alignment(array))
                total = builder.fadd(known, builder.extract_value(tile, r))
                builder.store(total, place, align=_alignment(array))
        return context.get_dummy_value()

    given = (array, types.intp, types.intp, tile, types.intp)
    return signature(types.void, *given), generate


@_of_compiled_code
def number(context: Any, array: Any, position: Any) -> Any:
    """In compiled code: one number of an array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(
            builder.gep(_first(context, builder, array, arguments[0]), arguments[1:])
        )

    return signature(array.dtype, array, types.intp), generate


@_of_compiled_code
def put(context: Any, array: Any, position: Any, value: Any) -> Any:
    """In compiled code: write one number into an array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, position, value = arguments
        builder.store(value, builder.gep(_first(context, builder, array, arguments[0]), [position]))
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, array.dtype), generate


class Vector(types.Type):
    """Numbers of one dtype, float32 or float64, as many as one register holds.

    Two of them are added and subtracted with + and -, number by number.
    """

    def __init__(self, dtype: types.Float) -> None:
        self.dtype, self.count = dtype, 8 * VECTOR // dtype.bitwidth
        super().__init__(name=f"Vector({dtype}, {self.count})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        number = manager.lookup(kind.dtype).get_value_type()
        super().__init__(manager, kind, ir.VectorType(number, kind.count))


def _give_sign(sign: Any, instruction: str) -> None:
    """Have compiled code calculate with two vectors where the sign stands between them."""

    @type_callable(sign)
    def _(context: Any) -> Any:
        return lambda a, b: a if isinstance(a, Vector) and a == b else None

    @lower_builtin(sign, Vector, Vector)
    def _(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return getattr(builder, instruction)(*arguments)


_give_sign(operator.add, "fadd")
_give_sign(operator.sub, "fsub")


@_of_compiled_code
def vector(context: Any, array: Any, position: Any) -> Any:
    """In compiled code: a vector of the numbers of an array from a position on."""
    if getattr(array, "dtype", None) not in (types.float32, types.float64):
        return None  # an error of types, where the kernel is compiled
    kind = Vector(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = _first(context, builder, array, arguments[0])
        place = _address(builder, first, arguments[1], context.get_value_type(kind))
        return builder.load(place, align=_alignment(array))

    return signature(kind, array, types.intp), generate


@_of_compiled_code
def put_vector(context: Any, array: Any, position: Any, vector: Any) -> Any:
    """In compiled code: write a vector into an array from a position on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, position, numbers = arguments
        first = _first(context, builder, array, arguments[0])
        place = _address(builder, first, position, numbers.type)
        builder.store(numbers, place, align=_alignment(array))
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, vector), generate


@_of_compiled_code
def put_turned(
    context: Any, array: Any, position: Any, step: Any, x: Any, at: Any, apart: Any
) -> Any:
    """In compiled code: write a square of x into an array, its columns as rows.

    A square has as many rows and columns as a vector has numbers. In x its rows lie from a position
    on, so many numbers apart; in the array its columns, so many numbers from one to the next.
    """
    if getattr(x, "dtype", None) not in (types.float32, types.float64):
        return None  # an error of types, where the kernel is compiled
    count = Vector(x.dtype).count

    def mixed(builder: Any, a: Any, b: Any, start: int) -> Any:
        by_turns = [i // 2 + i % 2 * count for i in range(2 * start, 2 * start + count)]
        order = ir.Constant(ir.VectorType(ir.IntType(32), count), by_turns)
        return builder.shuffle_vector(a, b, order)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, position, step, _, at, apart = arguments
        kind = context.get_value_type(Vector(x.dtype))
        to = _first(context, builder, array, arguments[0])
        first = _first(context, builder, x, arguments[3])
        rows = [
            builder.load(
                _address(builder, first, _at_row(builder, at, apart, r), kind), align=_alignment(x)
            )
            for r in range(count)
        ]
        half = count // 2
        # Rows i and i + half become rows 2i and 2i + 1, their numbers by turns: the first binary
        # digit of a number's row is the last one of its column now, and the first one of its column
        # the last one of its row. After as many times as there are digits, row and column have
        # changed places.
        for _ in range(count.bit_length() - 1):
            pairs = [(rows[i], rows[i + half]) for i in range(half)]
            rows = [mixed(builder, a, b, start) for a, b in pairs for start in (0, half)]
        for r, row in enumerate(rows):
            place = _address(builder, to, _at_row(builder, position, step, r), kind)
            builder.store(row, place, align=_alignment(array))
        return context.get_dummy_value()

    given = (array, types.intp, types.intp, x, types.intp, types.intp)
    return signature(types.void, *given), generate


@_of_compiled_code
def add_vector(context: Any, array: Any, position: Any, vector: Any, left: Any) -> Any:
    """In compiled code: add a vector to the numbers of an array from a position on.

    The first of them, so many as are left out, stay what they are.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, position, numbers, left = arguments
        first = _first(context, builder, array, arguments[0])
        place = _address(builder, first, position, numbers.type)
        known = builder.load(place, align=_alignment(array))
        lefts = _to_all(builder, left, vector.count)
        taken = builder.icmp_signed("<=", lefts, ir.Constant(lefts.type, list(range(vector.count))))
        total = builder.select(taken, builder.fadd(known, numbers), known)
        builder.store(total, place, align=_alignment(array))
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, vector, types.intp), generate


@_of_compiled_code
def halves(context: Any, vector: Any) -> Any:
    """In compiled code: half of each number of a vector."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (numbers,) = arguments
        return builder.fmul(numbers, ir.Constant(numbers.type, [0.5] * vector.count))

    return signature(vector, vector), generate


@_of_compiled_code
def where_positive(context: Any, vector: Any, y: Any) -> Any:
    """In compiled code: the numbers of a vector where those of another are above 0, else 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        numbers, values = arguments
        zero = ir.Constant(numbers.type, None)
        return builder.select(builder.fcmp_ordered(">", values, zero), numbers, zero)

    return signature(vector, vector, y), generate


@_of_compiled_code
def lanes(context: Any, array: Any) -> Any:
    """In compiled code: how many numbers of an array a vector holds, as a constant."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant(types.intp, 8 * VECTOR // array.dtype.bitwidth)

    return signature(types.intp, array), generate


@_of_compiled_code
def least_normal(context: Any, array: Any) -> Any:
    """In compiled code: the least positive number with all its digits, of an array's dtype."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        least = np.finfo(str(array.dtype)).smallest_normal
        return context.get_constant(array.dtype, float(least))

    return signature(array.dtype, array), generate


@compiled
def scratch(size, dtype):  # type: ignore[no-untyped-def]
    """In compiled code: a new array of one axis, which begins where a line of the cache does.

    A vector that begins amidst a line lies in two, and takes twice as long to come or to go.
    """
    room = np.empty(size + LINE, dtype)
    skipped = (LINE - room.ctypes.data % LINE) // room.itemsize
    return room[skipped : skipped + size]
