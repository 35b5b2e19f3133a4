"""What the first step of a model will call, found out before it and compiled all at once.

A kernel is compiled when it is first called, one after the other. So a first fit on a machine would
wait for each of them in turn, while all but one of the cores have nothing to do. Here the step is
gone through beforehand without any kernel being run, and what it would have called is compiled in
several processes (``backends/numba/workers``). What the step then calls is there.

Only where all that is called is the library's: a layer or a loss of the user's own, which may
count, or print, is called as often as it would be otherwise.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from dlcore.backends.rehearsal import rehearsed
from dlcore.engine import tree
from dlcore.engine.interrupts import check
from dlcore.engine.program import Program
from dlcore.engine.tensor import no_grad
from dlcore.layers.shape_inference import trial
from dlcore.layers.tracking import has_home_here, is_the_librarys

if TYPE_CHECKING:
    from dlcore.layers import Layer
    from dlcore.trainer.trainer import Trainer

# Steps of which all was there when one was gone through last, and how many forms of kernels this
# process had not found by then. Until it misses another one, what is called is taken to be there.
_known: dict[str, int] = {}

# Forms that were not there when a model was looked at. On few rows a kernel may go another way than
# in a step, and so the form for them may never be.
_unknown: set[Any] = set()

# Forms that were there: none of them is looked for on disk once more at the next fit.
_found: set[Any] = set()


def compile_ahead(model: Trainer, name: str, step: Program) -> None:
    """Compile what a step will call, as far as it is not there yet; on the backend `cpu`.

    Args:
        model: the model.
        name: of its method that is the step.
        step: the step on its batch.
    """
    from dlcore.backends.numba import cache, workers
    from dlcore.backends.numba.compile import form_of

    if _known.get(name) == cache.missing or workers.processes() == 1 or not is_ours(model):
        return
    # What a step raises, it raises when it is taken; until then it has told most of its calls.
    with trial(), rehearsed() as calls, contextlib.suppress(Exception):
        step.run_eagerly()
    forms = (form_of(function, arguments) for function, arguments in calls)
    workers.compile_all([form for form in forms if form is not None], check)
    _known[name] = cache.missing


def looked_at(model: Layer, x: Any) -> tuple[Any, list[Any]]:
    """What a model gives for a few rows, for the shapes alone, and the notes of the `trial`.

    Where it can be found out without them, no kernels are run, and none is compiled for it.
    """
    from dlcore.backends.numba.compile import form_of, is_known

    if is_the_librarys(model):
        with contextlib.suppress(Exception), no_grad(), rehearsed() as calls, trial() as notes:
            y = model(x, training=False)
            forms = {form_of(*call): call for call in calls}
            unknown = {form for form in forms.keys() - _found if not is_known(*forms[form])}
            _found.update(forms.keys() - unknown)
            if not unknown <= _unknown:
                _known.clear()
                _unknown.update(unknown)
            return y, notes
    with no_grad(), trial() as notes:
        return model(x, training=False), notes


def is_ours(model: Trainer) -> bool:
    """Whether a step calls nothing of the user's own."""
    called: list[Any] = []
    if model._compile_loss is not None:
        called = [model.optimizer, *model.metrics, *tree.leaves(model._compile_loss.loss)]
    functions = [getattr(each, "fn", None) for each in called]
    return is_the_librarys(model) and all(
        each is None or has_home_here(each) for each in (*called, *functions)
    )
