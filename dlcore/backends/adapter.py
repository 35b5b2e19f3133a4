"""One adapter joins the two forms of a kernel: functional, and destination-passing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.backends.contract import Kernel
from dlcore.backends.indices import existing

Function = Callable[..., Any]


def destination_passing(kernel: Kernel, function: Function, owner: str = "") -> Function:
    """Give a functional kernel the destination-passing form.

    Args:
        kernel: The contract of the kernel.
        function: ``f(*inputs, **attributes)`` that returns one array, or a tuple of them.
        owner: Words that an error names the function with, such as "Your".

    Returns:
        ``f(*outputs, *inputs, *attributes)``, which copies the results into the outputs.

    Raises:
        ValueError: from the returned function, if a result is missing or has another shape.
        IndexError: from the returned function, if a whole number is none of the kernel's choices.
    """
    names = tuple(kernel.attributes)
    count = len(kernel.outputs)
    # An array that is updated is passed once, as an output; the function wants it as an input.
    inputs_given = len(kernel.given)
    called = f"{owner} {kernel.name}".strip()

    def run(*arguments: Any) -> None:
        outputs = arguments[:count]
        inputs = arguments[count : count + inputs_given]
        attributes = dict(zip(names, arguments[count + inputs_given :], strict=True))
        updated = outputs[: len(kernel.updates)]
        if kernel.choices is not None:
            # In the middle of a replayed step nothing else looks at them.
            shapes = map(np.shape, (*updated, *inputs))
            existing(inputs[-1], kernel.choices(*shapes, **attributes))
        results = function(*updated, *inputs, **attributes)
        if count == 1 and not isinstance(results, tuple):
            results = (results,)
        if not isinstance(results, tuple | list) or len(results) != count:
            found = "None" if results is None else f"{type(results).__name__}"
            raise ValueError(
                f"{called} must return {count} arrays ({kernel.signature}), it returned {found}."
            )
        for array, output, result in zip(kernel.outputs, outputs, results, strict=True):
            if array.name in kernel.optional and output.size == 0:
                continue
            if np.shape(result) != output.shape:
                raise ValueError(
                    f"{called} returned {array.name} of shape {np.shape(result)}, but it must "
                    f"have shape {output.shape}."
                )
            output[...] = result

    return run
