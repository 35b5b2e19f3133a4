"""GradientTape: gradients for a training loop of one's own."""

from __future__ import annotations

from typing import Any

from dlcore.engine import ops, tree
from dlcore.engine.tensor import Tensor, gradients, topological_order


class GradientTape:
    """Gradients of what is calculated inside the `with` block, in the style of TensorFlow.

        with GradientTape() as tape:
            loss = mean(square(model(x) - y))
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights))

    Variables that can be trained are watched by themselves; `tape.watch(x)` asks for the gradient
    with respect to an input. The gradient of a gradient cannot be taken.

    Args:
        persistent: taken for code that sets it; `gradient` may be asked for several times anyway.
    """

    def __init__(self, persistent: bool = False) -> None:
        self.persistent = persistent

    def __enter__(self) -> GradientTape:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def watch(self, tensors: Any) -> None:
        """Make gradients with respect to these tensors possible; call it before they are used.

        Raises:
            TypeError: if one is no Tensor: make one of an array with `Tensor(array)`.
        """
        for tensor in tree.leaves(tensors):
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"A tape watches tensors, not a {type(tensor).__name__}; write x = Tensor(x) "
                    "first."
                )
            tensor.requires_grad = True

    def gradient(self, target: Any, sources: Any) -> Any:
        """The gradient of a target with respect to each source, in the structure of the sources.

        Args:
            target: a Tensor; if it holds several numbers, the gradient is that of their sum.
            sources: a Tensor or Variable, or a list, tuple or dict of them.

        Returns:
            Tensors of the shapes of the sources; None for one that the target does not depend on.
        """
        listed = tree.leaves(sources)
        if not target.requires_grad:
            return tree.replaced(sources, [None] * len(listed))
        known = {id(tensor) for tensor in topological_order(target)}
        if target.size != 1:
            target = ops.sum(target)
        found = gradients(target, listed)
        return tree.replaced(
            sources,
            [
                Tensor(dx.copy()) if id(source) in known else None
                for source, dx in zip(listed, found, strict=True)
            ],
        )
