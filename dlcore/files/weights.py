"""Weights in `.weights.h5` files that Keras 3 reads, and the other way round."""

from __future__ import annotations

import os
import warnings

from dlcore.files import state
from dlcore.files.disk import readable, replace, with_ending, writable
from dlcore.files.hdf5 import Unreadable, in_short
from dlcore.layers import Layer

_ENDING = ".weights.h5"
# So many misfits are told one by one.
_NAMED = 5


def save_weights(model: Layer, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
    """Write all weights of a model, and the state of its optimizer, into a file.

    A file of that name is replaced in one piece: after a crash there is the old one or the new.

    Args:
        model: a model that is built.
        filepath: ends in ".weights.h5"; its folder must be there.
        overwrite: False refuses to replace a file.

    Raises:
        ValueError: if the name has another ending, or the model has no weights yet.
        FileExistsError: if there is such a file and `overwrite` is False.
        OSError: if it cannot be written.
    """
    with_ending(filepath, _ENDING)
    require_built(model, "saved")
    replace(writable(filepath, _ENDING, overwrite), state.as_bytes(model))


def load_weights(
    model: Layer, filepath: str | os.PathLike[str], skip_mismatch: bool = False
) -> None:
    """Read weights that dlcore or Keras 3 has written; layers fit by their order and class.

    The state of the optimizer is taken as well if the model is compiled with the same one.

    Args:
        model: a model that is built, of the same layers.
        filepath: ends in ".weights.h5".
        skip_mismatch: True takes what fits: a layer whose weights have other shapes keeps its
            own, and so does the optimizer then; a warning names them. Default False.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged or does not fit; the model is then as before.
    """
    import h5py

    with_ending(filepath, _ENDING)
    require_built(model, "loaded")
    path = readable(filepath, _ENDING)
    left_out: list[str] | None = [] if skip_mismatch else None
    try:
        with h5py.File(path, "r") as file:
            take = state.prepared(file, model, left_out)
    except Unreadable as error:
        raise ValueError(
            f"The file {path.name!r} does not fit the model {model.name!r}, which stays as it is: "
            f"{in_short(error)}."
        ) from None
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"The file {path.name!r} is damaged or is no weights file ({in_short(error)}); the "
            f"model {model.name!r} stays as it is."
        ) from error
    take()
    if left_out:
        first = "; ".join(left_out[:_NAMED])
        more = f"; and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
        warnings.warn(
            f"The file {path.name!r} fits the model {model.name!r} in part, and the rest was left "
            f"out, the state of its optimizer with it: {first}{more}.",
            stacklevel=3,
        )


def require_built(model: Layer, what: str) -> None:
    """Refuse a model without weights."""
    if hasattr(model, "add") and not model.layers:  # type: ignore[attr-defined]
        raise ValueError(
            f"The model {model.name!r} has no layers, and so no weights to be {what}; add some "
            "first."
        )
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} has no weights to be {what}, since it has not seen an "
            "input; give it an Input or call it on data first."
        )
