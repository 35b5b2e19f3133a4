"""The answer key: every kernel as its textbook formula in NumPy.

Each function takes arrays and returns new ones; float32 stays float32 and float64 stays float64.
The other backends are compared with these, and the gradients here with finite differences. Each
kernel is declared here, by the line above its function; n is the number of rows of a batch.

Every file of this folder is a family of kernels. Where both have one name, as with ``dense``, the
function is what the package shows.
"""

from dlcore.backends.declare import kernels_in

globals().update(kernels_in(__name__, __path__))
