"""The kernels for a GPU of NVIDIA, written in Python and compiled by Numba.

To read: ``simple``, where each thread makes one number, as the lesson has it; ``launch`` and
``wide``, how a kernel gets to the GPU; ``product``, the one matrix product from which ``dense``,
the convolutions and all their gradients are made; then the family that you look for.

As on the CPU a kernel writes into arrays that it is given, outputs first. A public function here
runs on the CPU: it looks at the shapes and puts one kernel or a few into the queue of the GPU. What
it puts there begins with an underscore and runs on the GPU, in thousands of threads. Each sees all
arrays as one long row of numbers.

Scratch space of a kernel is made once for each shape, and kept (``device.scratch``): a recorded
step, which is one graph (``graph``), finds it where it was.
"""

import importlib.util

if importlib.util.find_spec("numba_cuda") is None:
    # Numba itself has something of that name, which is no longer looked after.
    raise ImportError(
        "The package numba-cuda is not installed, which cuda needs; to mend this: pip install "
        "'dlcore-course[cuda]', or 'dlcore-course[cuda12]' for a driver older than version 580."
    )

from dlcore.backends.cuda.device import DEVICE as DEVICE
from dlcore.backends.cuda.refusal import refusal as refusal
from dlcore.backends.declare import kernels_in

globals().update(kernels_in(__name__, __path__))
