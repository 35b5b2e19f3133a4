"""Models of many kinds, made from dlcore's or Keras's layers alike."""

from __future__ import annotations

from typing import Any

import numpy as np


def two_inputs_two_outputs(k: Any) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    shared = k.layers.Dense(3, name="shared")
    y = k.layers.Add()([shared(a), b])
    z = k.layers.Dense(1)(k.layers.Dropout(0.3)(shared(a)))
    return k.Model([a, b], [y, z])


def dict_of_outputs(k: Any) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    h = k.layers.Concatenate()([a, b])
    return k.Model([a, b], {"one": k.layers.Dense(1)(h), "two": k.layers.Dense(2)(h)})


def dict_of_inputs(k: Any) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    return k.Model({"a": a, "b": b}, k.layers.Dense(2)(k.layers.Concatenate()([a, b])))


def shared_thrice(k: Any) -> Any:
    a = k.Input((4,))
    d, e = k.layers.Dense(4, "tanh"), k.layers.Dense(4)
    return k.Model(a, k.layers.Add()([d(e(d(a))), e(a)]))


def nested_functional(k: Any) -> Any:
    x = k.Input((4,))
    inner = k.Model(x, k.layers.Dense(3)(k.layers.Dense(5, "relu")(x)))
    a = k.Input((4,))
    return k.Model(a, k.layers.Dense(2)(inner(a)))


def nested_at_the_end(k: Any) -> Any:
    x = k.Input((3,))
    inner = k.Model(x, k.layers.Dense(2)(x), name="inner")
    a = k.Input((4,))
    return k.Model(a, inner(k.layers.Dense(3)(a)))


def nested_twice(k: Any) -> Any:
    x = k.Input((4,))
    inner = k.Model(x, k.layers.Dense(4)(x), name="inner")
    a, b = k.Input((4,)), k.Input((4,))
    return k.Model([a, b], [inner(a), inner(inner(b))])


def nested_sequential(k: Any) -> Any:
    a = k.Input((4,))
    tower = k.Sequential([k.layers.Dense(5, "relu"), k.layers.Dropout(0.2), k.layers.Dense(3)])
    return k.Model(a, k.layers.Dense(1)(tower(a)))


def sequential_in_sequential(k: Any) -> Any:
    inner = k.Sequential([k.layers.Dense(5, "relu"), k.layers.BatchNormalization()])
    return k.Sequential([k.Input((4,)), inner, k.layers.Dense(1)])


def functional_in_sequential(k: Any) -> Any:
    x = k.Input((4,))
    inner = k.Model(x, k.layers.Dense(3)(x))
    return k.Sequential([inner, k.layers.Dense(1)])


def operators(k: Any) -> Any:
    a, b = k.Input((4,)), k.Input((4,))
    y = 2.0 * a - b / 4.0 + a * b
    z = abs(-y) ** 2.0 + 1.0
    return k.Model([a, b], [k.layers.Dense(2)(y), z[:, 1:3], 1.0 - z])


def operations(k: Any) -> Any:
    a = k.Input((3, 4))
    o = k.ops
    means = o.mean(a, axis=1, keepdims=True)
    y = o.sqrt(o.square(a - means)) + o.exp(-o.maximum(a, 0.0))
    flat = o.reshape(o.transpose(y, (0, 2, 1)), (-1, 12))
    both = o.concatenate([flat, o.relu(flat)], axis=-1)
    product = o.matmul(a, o.transpose(a, (0, 2, 1)))
    return k.Model(a, [k.layers.Dense(2)(both), o.sum(product, axis=2), o.softmax(a, axis=1)])


def operations_for_own_layers(k: Any) -> Any:
    a = k.Input((3, 4))
    o = k.ops
    waves = o.sin(a) + o.cos(a) * o.tan(a / 4.0) + o.round(a, 1) - o.floor(a) + o.ceil(a)
    spread = (a - o.mean(a, axis=-1, keepdims=True)) / o.std(a, axis=-1, keepdims=True)
    known = o.where(o.isfinite(a), o.cumsum(a, axis=1), o.zeros_like(a)) + o.ones_like(a)
    first = o.concatenate([o.top_k(a, 2)[0], o.sort(a, axis=-1)], axis=-1)
    return k.Model(a, [waves + known, spread, first, o.var(a, axis=1), o.prod(a, axis=2)])


def residual_images(k: Any) -> Any:
    a = k.Input((6, 6, 2))
    h = k.layers.Conv2D(3, 3, padding="same", activation="relu")(a)
    h = k.layers.BatchNormalization()(h)
    h = k.layers.Add()([h, k.layers.Conv2D(3, 1)(a)])
    h = k.layers.MaxPooling2D()(h)
    return k.Model(a, k.layers.Dense(2)(k.layers.GlobalAveragePooling2D()(h)))


def words(k: Any) -> Any:
    a = k.Input((5,))
    h = k.layers.Embedding(7, 3, mask_zero=True)(a)
    h = k.layers.Bidirectional(k.layers.LSTM(2, return_sequences=True))(h)
    return k.Model(a, k.layers.Dense(2)(k.layers.GRU(3)(h)))


def states_of_a_recurrent_layer(k: Any) -> Any:
    a = k.Input((5, 3))
    y, h, c = k.layers.LSTM(2, return_state=True, return_sequences=True)(a)
    second = k.layers.LSTM(2)(y, initial_state=[h, c])
    return k.Model(a, [k.layers.Dense(1)(second), c])


def frozen_and_training(k: Any) -> Any:
    a = k.Input((4,))
    frozen = k.layers.Dense(3, trainable=False)
    return k.Model(a, k.layers.BatchNormalization()(frozen(a), training=False))


def layers_of_one_kind_by_many_names(k: Any) -> Any:
    a = k.Input((4,), name="entrance")
    branches = [k.layers.Dense(2, name=f"b{2 - i}")(a) for i in range(3)]
    deep = k.layers.Dense(2, name="aa")(branches[1])
    return k.Model(a, k.layers.Concatenate()([branches[2], deep, branches[0]]))


NETWORKS = [
    two_inputs_two_outputs,
    dict_of_outputs,
    dict_of_inputs,
    shared_thrice,
    nested_functional,
    nested_at_the_end,
    nested_twice,
    nested_sequential,
    sequential_in_sequential,
    functional_in_sequential,
    operators,
    operations,
    operations_for_own_layers,
    residual_images,
    words,
    states_of_a_recurrent_layer,
    frozen_and_training,
    layers_of_one_kind_by_many_names,
]


def inputs_of(model: Any, rows: int = 3) -> Any:
    """Random inputs in the structure that the model takes."""
    rng = np.random.default_rng(1)

    def values(symbol: Any) -> Any:
        shape = (rows, *symbol.shape[1:])
        if shape[1:] == (5,):
            return rng.integers(0, 7, shape).astype(np.float32)
        return rng.normal(size=shape).astype(np.float32)

    # A Sequential model of Keras knows its inputs only as a list.
    given = model.inputs[0] if hasattr(model, "add") else model.input
    if isinstance(given, dict):
        return {key: values(symbol) for key, symbol in given.items()}
    return [values(s) for s in given] if isinstance(given, list) else values(given)


def outputs_of(model: Any, x: Any) -> list[np.ndarray]:
    """The outputs, one after the other."""
    y = model(x, training=False)
    if isinstance(y, dict):
        y = [y[key] for key in sorted(y)]
    found = y if isinstance(y, list | tuple) else [y]
    return [np.asarray(getattr(part, "data", part)) for part in found]
