"""Four numbers at once: the widest way of a thread to memory.

A thread that asks for one float32 uses a quarter of what one instruction can carry. Four that lie
side by side, from an address that is a multiple of 16 bytes, come in one. Numba has no name for
this; it is written here as the intermediate code that LLVM reads.
"""

from dlcore.backends.cuda.launch import SIMULATED

if SIMULATED:

    def _place(x, i):
        """The index, where the instruction can be used: elsewhere a GPU stops with an error."""
        i, size = int(i), x.itemsize
        if i % 4 or x.ctypes.data % min(16, 4 * size):
            raise RuntimeError(f"Four numbers at once from place {i}: no multiple of 16 bytes.")
        return i

    def load4(x, i):
        """x[i], x[i + 1], x[i + 2], x[i + 3], by one instruction; i must be a multiple of 4."""
        i = _place(x, i)
        return x[i], x[i + 1], x[i + 2], x[i + 3]

    def store4(x, i, a, b, c, d):
        """The reverse: x[i], x[i + 1], x[i + 2], x[i + 3] = a, b, c, d."""
        i = _place(x, i)
        x[i], x[i + 1], x[i + 2], x[i + 3] = a, b, c, d

else:
    from llvmlite import ir
    from numba.cuda import types
    from numba.cuda.extending import intrinsic

    def _four_at(context, builder, kind, array, index):
        """The address of four numbers of an array, and what LLVM may take it to be a multiple of.

        No instruction carries more than 16 bytes: four float64 become two of them.
        """
        data = context.make_array(kind)(context, builder, array).data
        one = context.get_data_type(kind.dtype)
        size = context.get_abi_sizeof(one)
        vector = ir.VectorType(one, 4).as_pointer()
        return builder.bitcast(builder.gep(data, [index]), vector), min(16, 4 * size)

    @intrinsic
    def load4(typingctx, array, index):
        """x[i], x[i + 1], x[i + 2], x[i + 3], by one instruction; i must be a multiple of 4."""

        def code(context, builder, sig, args):
            address, align = _four_at(context, builder, sig.args[0], *args)
            four = builder.load(address, align=align)
            one = [builder.extract_element(four, ir.Constant(ir.IntType(32), i)) for i in range(4)]
            return context.make_tuple(builder, sig.return_type, one)

        return types.UniTuple(array.dtype, 4)(array, types.int64), code

    @intrinsic
    def store4(typingctx, array, index, a, b, c, d):
        """The reverse: x[i], x[i + 1], x[i + 2], x[i + 3] = a, b, c, d."""

        def code(context, builder, sig, args):
            address, align = _four_at(context, builder, sig.args[0], *args[:2])
            four = ir.Constant(
                ir.VectorType(context.get_data_type(sig.args[0].dtype), 4), ir.Undefined
            )
            for i in range(4):
                four = builder.insert_element(four, args[2 + i], ir.Constant(ir.IntType(32), i))
            builder.store(four, address, align=align)
            return context.get_dummy_value()

        return types.void(array, types.int64, *[array.dtype] * 4), code
