"""What runs inside a child process that executes a submission.

The child cannot see dlcore: these files import one another, the standard library and NumPy only.
The parent imports ``wire`` from here too, so that both sides speak the same language.
"""
