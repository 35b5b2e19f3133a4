"""First values of weights.

An initializer is called with a shape. With a seed it gives the same numbers at each call; without
one it takes a seed from the library's own when it is made (see `dlcore.utils.set_random_seed`), and
gives others at each call, so that two layers differ, also those that share it.
"""

from __future__ import annotations

from typing import Any

from dlcore.engine.variable import Variable
from dlcore.initializers.initializer import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Identity,
    Initializer,
    LecunNormal,
    LecunUniform,
    Ones,
    VarianceScaling,
    Zeros,
    fans,
)
from dlcore.initializers.random_initializers import (
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
)
from dlcore.utils.lookup import getter
from dlcore.utils.object_registration import publish

# Keras also has the classes under these names: initializers.he_normal(seed=1).
constant, identity, ones, zeros = Constant, Identity, Ones, Zeros
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
orthogonal, variance_scaling = Orthogonal, VarianceScaling
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "fans",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]


# Files name it so: Keras 3.0 to 3.5 know no shorter name, and the newest still knows this one.
publish("keras.initializers", {"OrthogonalInitializer": Orthogonal})
publish("keras.initializers", globals(), __all__)

# Of these there are two; what is close by its letters would be one of them by chance.
_TWO = {name: f"Did you mean '{name}_uniform' or '{name}_normal'?" for name in ("he", "lecun")}
_TWO |= dict.fromkeys(
    ("glorot", "xavier"), "Did you mean 'glorot_uniform', the default, or 'glorot_normal'?"
)
_TWO |= {
    f"{name}_{kind}": f"In Keras this is '{keras}_{kind}'."
    for name, keras in (("xavier", "glorot"), ("kaiming", "he"))
    for kind in ("uniform", "normal")
}
_TWO["kaiming"] = _TWO["he"]


@getter(
    "initializer",
    "a name such as 'he_normal' or an object such as HeNormal() or Constant(array)",
    "keras.initializers",
    Initializer,
    {
        "IdentityInitializer": Identity,
        "OrthogonalInitializer": Orthogonal,
        "normal": RandomNormal,
        "one": Ones,
        "uniform": RandomUniform,
        "zero": Zeros,
    },
    not_here=_TWO,
)
def get(identifier: Any) -> Any:
    """The initializer meant by a name, a class, a description, or any function of a shape.

    An initializer is returned as it is.

    Raises:
        ValueError: if there is no initializer of that name.
        TypeError: if it is none of these.
    """


# For Variable(shape=(2, 3), initializer="zeros").
Variable.initializer_of = staticmethod(get)


def __dir__() -> list[str]:
    return sorted(__all__)
