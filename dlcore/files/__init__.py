"""What is written into files and read from them, in the form of Keras 3.

`archive` has whole models (`.keras`), `weights` the weights alone (`.weights.h5`), `state` and
`layout` what both hold; `stack_config`, `graph_config` and `operation_config` describe models as
plain data, `compile_config` how they are trained. Nothing that is read is executed, and nothing is
half read: a file that does not fit changes nothing. Nothing is half written either, see `disk`.
"""

# The words that descriptions are written in: a name is known once its room is loaded.
from dlcore import layers, losses, metrics, optimizers  # noqa: F401
