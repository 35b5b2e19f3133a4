"""Building: a layer's weights are made once, by the first call or by hand."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from dlcore.layers.shapes import read_shape


def noted(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` after which the layer knows that it is built, whoever called it.

    A build that calls that of its base, `super().build(input_shape)`, ends when the outer one does.
    """

    @functools.wraps(build)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        if self._builds:
            build(self, *args, **kwargs)
            return
        self._builds = "again" if self.built else "first"
        try:
            build(self, *args, **kwargs)
        finally:
            del self._builds
        shapes = [*args, *kwargs.values()]
        self.built, self.build_shape = True, shapes[0] if shapes else None

    wrapper._notes = True  # type: ignore[attr-defined]
    return wrapper


class Building:
    """The part of a layer that knows whether its weights are made."""

    # On the class, so that a subclass that forgets super().__init__() works nevertheless.
    built = False
    build_shape: Any = None
    # Within `build`: "first", or "again" where the layer was built before; else nothing.
    _builds = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls.build, "_notes"):
            cls.build = noted(cls.build)  # type: ignore[method-assign]

    @noted
    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape; None stands for the number of rows.

        The first call of the layer does it, so that it is rarely called by hand.
        """

    def build_once(self, input_shape: Any) -> None:
        """Call `build`, the first time only."""
        if not self.built:
            self.build(input_shape)
            self.built = True
            self.build_shape = input_shape

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape that the layer was built for, for a file; None where nothing is built."""
        if not self.built or type(self).build is Building.build or self.build_shape is None:
            return None
        return {"input_shape": self.build_shape}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Make the weights for the shape that `get_build_config` has returned.

        Raises:
            ValueError: if it describes no shape.
        """
        shape = read_shape(config.get("input_shape"))
        if shape is not None:
            self.build_once(shape)
