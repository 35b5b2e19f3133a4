"""What is said of the call of a layer: what it takes, and what was given in another form."""

from __future__ import annotations

import warnings
from typing import Any

from dlcore.engine import tree
from dlcore.utils.lookup import arguments_of, did_you_mean


def input_among(layer: Any, kwargs: dict[str, Any]) -> Any:
    """The first argument of `call`, taken out of those that were given by name.

    Raises:
        TypeError: if it is not among them.
    """
    first = arguments_of(type(layer).call)[:1]
    for name in (*first, "inputs"):  # as Keras calls that of its own layers
        if name in kwargs:
            return kwargs.pop(name)
    given = f"only {', '.join(kwargs)}" if kwargs else "nothing"
    hint = next((h for name in kwargs if (h := did_you_mean(name, first))), "")
    raise TypeError(
        f"The layer {layer.name!r} is called on its input, {layer.name}({', '.join(first)}), but "
        f"was given {given}.{hint}"
    )


def in_words(layer: Any, error: TypeError) -> TypeError:
    """The error of a call itself; if NumPy met a Tensor, a sentence with what to use instead."""
    if "__array_ufunc__" not in str(error):
        return error
    return TypeError(
        f"In the layer {layer.name!r} a function of NumPy was called on a Tensor, as activation or "
        "in its call: NumPy would lose the way back for the gradient. Use the functions of "
        "dlcore.ops, such as ops.exp(x), or the name of an activation, such as 'tanh'."
    )


def tell_of_lost(layer: Any, mask: Any, y: Any, used: bool) -> bool:
    """Warn of a mask that ends at a layer, unless it is `used` by its call, up to the last step."""
    steps = {one.shape for one in tree.leaves(mask) if one is not None}
    if not steps or (used and steps.isdisjoint(one.shape[:2] for one in tree.leaves(y))):
        return False
    use = "" if used else "does not use and "
    mend = "; self.supports_masking = True in its __init__ passes it on" if used else ""
    warnings.warn(
        f"The layer {layer.name!r} ({type(layer).__name__}) was given a sequence with a mask, "
        f"which it {use}does not pass on: from there on the masked steps count like the others"
        f"{mend}.",
        stacklevel=6,
    )
    return True
