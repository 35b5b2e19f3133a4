"""One run on a machine with a GPU that answers everything about ``cuda``: see ``run``."""
