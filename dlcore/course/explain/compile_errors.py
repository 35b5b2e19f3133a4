"""What Numba could not compile: a type, a function of NumPy, a function that is not compiled."""

from __future__ import annotations

from dlcore.course.explain.place import Place


def _not_compiled(place: Place) -> str:
    found = place.says("TypingError", r"unsupported NumPy function 'numpy\.([\w.]+)'")
    if found:
        return f"Numba does not know np.{found[1]}; write it out as loops."
    found = place.says("TypingError", r"Untyped global name '(\w+)'.*type of <class 'function'>")
    if found:
        return f"`{found[1]}` is not compiled; put @njit above it as well."
    found = place.says("TypingError", r"Function\(<class '(int|float|bool)'>\)")
    if found:
        return (
            f"Inside of a compiled function `{found[1]}` is not the type of an array; take that of "
            "an input, as in np.zeros(shape, a.dtype)."
        )
    if place.says("TypingError", ""):
        return (
            "Numba could not compile this: it knows numbers, arrays, loops and a part of NumPy. "
            "What it refuses can be written out as loops over single numbers."
        )
    return ""


RULES = (_not_compiled,)
