"""The kernels for the CPU, compiled by Numba.

Each writes into arrays that it is given, outputs first. What a kernel computes is declared in the
answer key, in the file of the same name; a kernel that is missing here runs as the answer key has
it. Elementwise kernels see every array as one long row. The matrix products go to BLAS through
``matrices``.

Scratch space is a kernel's own affair. ``convolution`` allocates the matrix of what it sees and
partial sums of its gradients; ``simple_rnn``, ``lstm`` and ``gru`` the products of their steps and
partial sums; ``normalization`` some rows of sums. The other families allocate nothing.

A file with the name of one of ``numpy`` is a family: what is public in it are kernels, and each
part of theirs begins with an underscore. What several families share stands in ``fast_math``,
``matrices``, ``panels``, ``parts``, ``recurrent`` and ``winograd``. Where a file and a kernel have
one name, the package shows the kernel.
"""

from dlcore.backends.declare import kernels_in

globals().update(kernels_in(__name__, __path__))
