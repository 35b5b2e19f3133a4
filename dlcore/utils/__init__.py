"""Seeds, one-hot labels, and the small helpers that every room shares."""

from dlcore.utils.labels import to_categorical
from dlcore.utils.naming import clear_session
from dlcore.utils.random_seed import set_random_seed

__all__ = ["clear_session", "set_random_seed", "to_categorical"]
