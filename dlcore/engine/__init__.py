"""The engine: tensors that remember how they were calculated, and steps that can be replayed.

To read: `tensor`, then `ops/nn`, then `program`.
"""

from dlcore.engine import ops as ops  # loaded with the rest: a tensor's operators are operations
