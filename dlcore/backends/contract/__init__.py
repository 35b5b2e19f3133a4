"""The kernel contract: every kernel that a backend offers, declared once.

A declaration is a signature, a formula and the attributes with their defaults::

    declare("dense", "x[n,i], w[i,o], b[o] -> z[n,o]", "z = x w + b")

Letters are sizes that must agree (``4k`` is four times k), ``*`` is any shape, ``[]`` a single
number, ``:int`` an integer array. An output with the name of an input is that input, updated in
place. The functional form of a kernel (the answer key in ``numpy``, a learner's function) is
``f(*inputs, **attributes) -> outputs``; the destination-passing form (``cpu``) is
``f(*outputs, *inputs, *attributes) -> None`` without the inputs that are already there as outputs.
Whatever a gradient needs is an output of the forward kernel; a gradient kernel takes the upstream
gradient first and overwrites its outputs. Of the ``optional`` outputs a caller may want none: the
destination-passing form is then given an array without elements, and leaves the work out.

Each family of kernels has a file here, and one of the same name in every backend.
"""

# Imported for what they declare.
from dlcore.backends.contract import (
    chance,
    convolution,
    gated,
    image,
    losses,
    metrics,
    neurons,
    normalization,
    optimizers,
    pooling,
    primitives,
    recurrent,
)
from dlcore.backends.contract.kernel import KERNELS, Array, Kernel, Shape

__all__ = ["KERNELS", "Array", "Kernel", "Shape"]
