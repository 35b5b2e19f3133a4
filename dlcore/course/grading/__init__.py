"""Marking the notebooks of a class: ``dlcore grade FOLDER``.

What was handed in is read (``unpacking``, ``owners``, ``roster``, ``submission``), never run as a
notebook: the answers are found in the text of its cells (``finding``, and ``dlcore.course.forms``,
which decides for a learner's notebook too), and each runs in a child process of its own that has
lost all rights (``inside``, ``child``). The child gets the arguments of a case and gives back plain
data; the right results stay in the parent, which compares with the checks that a learner's notebook
uses (``judging``). ``marking`` does this for a student, ``grade`` for a class. ``rules`` and
``overrules`` give points, ``kept`` remembers between two runs, ``pages``, ``overview``, ``alike``
and ``outputs`` write what was found.
"""
