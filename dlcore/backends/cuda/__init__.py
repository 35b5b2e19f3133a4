"""The kernels for a GPU of NVIDIA, written in Python and compiled by Numba.

To read: ``simple``, where each thread makes one number, as the lesson has it; ``launch`` and
``wide``, how a kernel gets to the GPU; ``product``, the one matrix product from which ``dense``,
the convolutions and all their gradients are made; then the family that you look for.

As on the CPU a kernel writes into arrays that it is given, outputs first. A public function here
runs on the CPU: it looks at the shapes and puts one kernel or a few into the queue of the GPU. What
it puts there begins with an underscore and runs on the GPU, in thousands of threads. Each sees all
arrays as one long row of numbers.
"""

from dlcore.backends.cuda.device import DEVICE as DEVICE
from dlcore.backends.declare import kernels_in

globals().update(kernels_in(__name__, __path__))
