"""Where output goes: to a notebook that shows widgets, to a terminal, or into a file."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any

import numpy as np


def place() -> str:
    """Where a progress bar would be seen: "notebook", "terminal" or "log".

    A kernel alone says nothing about who looks on: a notebook that is executed by a program, and
    a console, have a kernel too but nobody who draws widgets. JupyterLab and Jupyter Notebook
    tell the kernel the name of its session, VS Code the file of the notebook, and Colab brings a
    module of its own; with none of these a kernel is treated as a log.
    """
    if _kernel() is not None:
        return "notebook" if _has_widgets() and _has_front_end() else "log"
    return "terminal" if getattr(sys.stdout, "isatty", lambda: False)() else "log"


def _kernel() -> Any:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None)


def _has_widgets() -> bool:
    return importlib.util.find_spec("ipywidgets") is not None


def _has_front_end() -> bool:
    if os.environ.get("JPY_SESSION_NAME") or "google.colab" in sys.modules:
        return True
    shell = sys.modules["IPython"].get_ipython()
    return "__vsc_ipynb_file__" in getattr(shell, "user_ns", {})


def as_text(logs: dict[str, Any] | None) -> str:
    """`accuracy: 0.7512 - loss: 0.5033`: by name, what was measured in validation last."""
    logs = logs or {}
    names = sorted(logs, key=lambda name: (name.startswith("val_"), name))
    return " - ".join(f"{name}: {_number(logs[name])}" for name in names)


def _number(value: Any) -> str:
    if np.ndim(value):
        return "[" + " ".join(_number(v) for v in np.ravel(value)) + "]"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4f}"
    return f"{value:.4e}"
