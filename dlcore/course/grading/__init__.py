"""Marking the notebooks of a class: ``dlcore grade FOLDER``.

A submission is never run as a notebook. Its functions are found in the text of its cells
(``submission``, ``finding``, ``program``), what they may not use is refused by name (``refusing``),
and each exercise runs in a child process of its own that has lost all rights (``inside``,
``child``). The child gets the arguments of a case and gives back plain data; the answers stay in
the parent, which compares with the checks that a learner's notebook uses (``judging``).
``grade`` does this for a class, ``pages``, ``overview`` and ``outputs`` write what was found.
"""
