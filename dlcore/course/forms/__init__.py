"""Which forms of an answer are accepted: one rule for the notebook and for ``dlcore grade``.

An answer is a function, a lambda, another callable, or a class, with all that it leans on in its
notebook: helper functions, classes and constants in cells, also under ``if``, ``try`` and loops;
imports of numpy, math, numba and of Python's modules that only compute; earlier exercises.

The notebook is read as text (``cells``, ``pieces``, ``decorators``), what the answer needs is
gathered from it (``gathering``, ``standins``), and what may not be used is named (``refusing``).
``live`` does this for the notebook that is running; the grader does it for files.
"""
