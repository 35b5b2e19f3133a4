"""A loss that is no number ends the training, without an exception."""

from __future__ import annotations

from dlcore.callbacks.callback import Callback


class TerminateOnNaN(Callback):
    """Lets fit end quietly when the loss becomes NaN or infinite.

        model.fit(x, y, epochs=50, callbacks=[TerminateOnNaN()])

    Without it fit raises a Divergence, which says what broke first and what to do. With it the
    same sentences are printed and fit returns, for a program that goes on whatever happens. As in
    Keras the broken epoch is the last one of the history, with NaN as its loss. Better than in
    Keras, the weights are those of the last good epoch, and not NaN.

    Args:
        raise_error: whether the exception is raised nevertheless; default False.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error
        self.ends_quietly = not raise_error
