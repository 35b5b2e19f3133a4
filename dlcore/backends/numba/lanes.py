"""Several numbers side by side, as a processor takes them: a type of compiled kernels.

The compiler makes vector instructions of a loop by itself, but each pass through such a loop reads
its sums from memory and writes them back. Here a kernel says which numbers are to stay in the
processor's registers: `Lanes` are 64 bytes of them, 16 float32 or 8 float64, in as many registers
as that takes on the machine.

    total = load(y, 0)
    for k in range(x.size):
        total = plus_times(total, load(w, k * 16), x[k])   # total += w[16 k : 16 k + 16] x[k]
    store(y, 0, total)

Positions are counted in the memory of the array, from its first number on, and are not checked.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing import signature
from numba.extending import intrinsic, models, register_model

BYTES = 64

# Numba gives the first argument of each, the context of its types; a call does not.
_of_compiled_code: Any = intrinsic


class Lanes(types.Type):
    """Numbers of one dtype, float32 or float64."""

    def __init__(self, dtype: types.Float) -> None:
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Lanes) -> None:
        number = manager.lookup(kind.dtype).get_value_type()
        vector = ir.VectorType(number, 8 * BYTES // kind.dtype.bitwidth)
        super().__init__(manager, kind, vector)


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """The address of the numbers of an array from a position on; both are the first arguments."""
    array, lanes = signature.args[0], Lanes(signature.args[0].dtype)
    first = context.make_array(array)(context, builder, arguments[0]).data
    vector = context.get_value_type(lanes)
    return builder.bitcast(builder.gep(first, [arguments[1]]), vector.as_pointer())


def _alignment(array: Any) -> int:
    return array.dtype.bitwidth // 8


def _is_known(array: Any) -> bool:
    return getattr(array, "dtype", None) in (types.float32, types.float64)


@_of_compiled_code
def load(context: Any, array: Any, position: Any) -> Any:
    """In compiled code: the numbers of an array from a position on."""
    if not _is_known(array):
        return None  # an error of types, where the kernel is compiled

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        return builder.load(place, align=_alignment(array))

    return signature(Lanes(array.dtype), array, types.intp), generate


@_of_compiled_code
def number(context: Any, array: Any, position: Any) -> Any:
    """In compiled code: one number of an array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = context.make_array(array)(context, builder, arguments[0]).data
        return builder.load(builder.gep(first, [arguments[1]]))

    return signature(array.dtype, array, types.intp), generate


@_of_compiled_code
def store(context: Any, array: Any, position: Any, lanes: Any) -> Any:
    """In compiled code: write numbers into an array from a position on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        builder.store(arguments[2], place, align=_alignment(array))
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, lanes), generate


@_of_compiled_code
def zeros(context: Any, array: Any) -> Any:
    """In compiled code: as many zeros, of the dtype of an array."""
    if not _is_known(array):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(context.get_value_type(signature.return_type), None)

    return signature(Lanes(array.dtype), array), generate


@_of_compiled_code
def add_to(context: Any, array: Any, position: Any, lanes: Any) -> Any:
    """In compiled code: add numbers to those of an array from a position on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        total = builder.fadd(builder.load(place, align=_alignment(array)), arguments[2])
        builder.store(total, place, align=_alignment(array))
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, lanes), generate


@_of_compiled_code
def plus_times(context: Any, total: Any, lanes: Any, number: Any) -> Any:
    """In compiled code: total + lanes * number, rounded once where the processor does so."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        total, lanes, number = arguments
        vector = total.type
        nothing = ir.Constant(vector, ir.Undefined)
        one = builder.insert_element(nothing, number, ir.IntType(32)(0))
        to_all = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
        all_same = builder.shuffle_vector(one, nothing, to_all)
        name = f"llvm.fmuladd.v{vector.count}f{8 * BYTES // vector.count}"
        kind = ir.FunctionType(vector, [vector] * 3)
        multiply_and_add = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.call(multiply_and_add, [lanes, all_same, total])

    return signature(total, total, lanes, total.dtype), generate


@_of_compiled_code
def not_below_zero(context: Any, lanes: Any) -> Any:
    """In compiled code: 0 for what is below it. A NaN is not: it stays."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (lanes,) = arguments
        nought = ir.Constant(lanes.type, None)
        return builder.select(builder.fcmp_ordered("<", lanes, nought), nought, lanes)

    return signature(lanes, lanes), generate
