"""compile: how a model is trained, and what is measured."""

from __future__ import annotations

from typing import Any

from dlcore import optimizers
from dlcore.metrics import Metric
from dlcore.trainer import checks
from dlcore.trainer.batch_methods import BatchMethods
from dlcore.trainer.compiled import Compiled
from dlcore.trainer.outputs import output_names
from dlcore.utils.lookup import helpful_arguments


class Compiling(BatchMethods):
    """The part of a model that chooses its optimizer, losses and metrics."""

    @helpful_arguments
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Choose how the model is trained and what is measured.

        Args:
            optimizer: a name or an Optimizer; default "rmsprop".
            loss: a name, a Loss, or a function of (y_true, y_pred) that returns one loss a row.
                "crossentropy" is the binary, categorical or sparse categorical one, by the shapes
                of targets and outputs.
                For several outputs: one for all, or a list or dict (by the names of the outputs)
                with one for each; None for an output without a loss.
            loss_weights: what the loss of each output is multiplied by before they are added up: a
                list, or a dict by name; default: 1.
            metrics: a list of names, Metrics and functions of (y_true, y_pred). "accuracy" is the
                binary, categorical or sparse categorical one, by the shapes of targets and
                outputs. For several outputs: a list or dict with such a list for each.
            weighted_metrics: metrics that take the weights of the rows into account.
            run_eagerly: whether every step runs as it is, for a model that does more than its
                tensors show; default False: steps are recorded and replayed.
            steps_per_execution: taken for code that sets it.
            jit_compile: taken for code that sets it; the kernels are compiled in any case.
            auto_scale_loss: taken for code that sets it.

        Raises:
            ValueError, TypeError: for a name that does not exist or something of a wrong kind.
        """
        checks.at_least_one(steps_per_execution, "steps_per_execution")
        compiled = Compiled(loss, metrics, weighted_metrics, loss_weights)
        if getattr(self, "outputs", None):
            compiled.plan(output_names(self, self.output))  # type: ignore[attr-defined]
        self.optimizer = optimizers.get(optimizer)
        self._compiled = compiled
        self.run_eagerly = run_eagerly
        # As it was given, for files; the optimizer is asked itself.
        self._compile_arguments = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }

    @property
    def metrics(self) -> list[Any]:
        """The mean loss, the metrics that `compile` was given, and those that are attributes."""
        compiled = self._compiled
        own = [value for value in vars(self).values() if isinstance(value, Metric)]
        return [*([] if compiled is None else compiled.everything), *own]

    @property
    def metrics_names(self) -> list[str]:
        """Names of the results of `evaluate`, in their order."""
        return [] if self._compiled is None else self._compiled.names

    def metric_called(self, key: str) -> Any:
        """The metric behind a key of the history; None if there is none."""
        found = None if self._compiled is None else self._compiled.metric(key)
        return found or next((m for m in self._own_metrics() if m.name == key), None)

    @property
    def loss(self) -> Any:
        """The Loss of the compiled model, for several outputs a list or dict; None before."""
        return None if self._compiled is None else self._compiled.loss
