"""Phase 5, the others: the same networks by PyTorch, eager and compiled, and by JAX.

python -m tests.benchmarks.cuda.rivals torch|compile|jax
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tests.benchmarks.cuda.nets import NETS, Net
from tests.benchmarks.cuda.record import SIMULATED, attempt, record


def main(who: str) -> None:
    """Time and record them."""
    package, title, made = {
        "torch": ("torch", "PyTorch", _torch),
        "compile": ("torch", "torch.compile", partial(_torch, compiled=True)),
        "jax": ("jax", "JAX", _jax),
    }[who]
    if importlib.util.find_spec(package) is None:
        record(absent=package)
        return
    for net in NETS:
        attempt(f"{net.title} {net.batch}, {title}", partial(_one, net, title, made))


def _one(net: Net, title: str, made: Callable[[Net], Callable[[], float]]) -> None:
    epoch, seconds, losses = made(net), [], []
    for _ in range(1 if SIMULATED else 5):
        begin = time.perf_counter()
        losses.append(epoch())
        seconds.append(time.perf_counter() - begin)
    taken = statistics.median(seconds[1:] or seconds) / (len(net.data()[0]) // net.batch)
    us = None if SIMULATED else taken * 1e6
    record(net=net.title, batch=net.batch, by=title, us=us, losses=losses, first=seconds[0])


def _torch(net: Net, compiled: bool = False) -> Callable[[], float]:
    """An epoch, with a loop of its own over rows that lie on the GPU; it gives the mean loss."""
    import torch
    from torch import nn

    place = "cpu" if SIMULATED else "cuda"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    x, y = net.data()
    rows, labels = torch.from_numpy(x).to(place), torch.from_numpy(y).to(place)
    if x.ndim == 4:
        rows = rows.permute(0, 3, 1, 2)  # their numbers lie with the channels last
    model = net.torch().to(place)
    model(rows[:2])
    if x.ndim == 4:
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), eps=1e-7, fused=not SIMULATED)
    forward = (
        torch.compile(model, backend="eager" if SIMULATED else "inductor") if compiled else model
    )
    wrong = nn.BCEWithLogitsLoss() if net.binary else nn.CrossEntropyLoss()

    def epoch() -> float:
        total = torch.zeros((), device=place)
        for chosen in torch.randperm(len(x), device=place).split(net.batch):
            output = forward(rows[chosen])
            loss = wrong(output.flatten() if net.binary else output, labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(chosen)
        return float(total) / len(x)

    return epoch


def _jax(net: Net) -> Callable[[], float]:
    """An epoch of a compiled step, with Adam written out; it gives the mean loss."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_default_matmul_precision", "highest")
    x, y = net.data()
    rows, labels, rng = jnp.asarray(x), jnp.asarray(y), np.random.default_rng(0)

    def pooled(z: Any) -> Any:
        return jax.lax.reduce_window(z, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def logits(weights: Any, z: Any) -> Any:
        left = iter(weights)
        for number, (kind, *how) in enumerate(net.layers):
            if kind == "pool":
                z = pooled(z)
                continue
            w, b = next(left)
            if kind == "conv":
                names = ("NHWC", "HWIO", "NHWC")
                z = jax.lax.conv_general_dilated(
                    z, w, (1, 1), how[1].upper(), dimension_numbers=names
                )
            else:
                z = z.reshape(len(z), -1) @ w
            z = z + b
            if number < len(net.layers) - 1:
                z = jax.nn.relu(z)
        return z

    def loss_of(weights: Any, z: Any, label: Any) -> Any:
        z = logits(weights, z)
        if net.binary:
            z = z[:, 0]
            return (jnp.maximum(z, 0) - z * label + jnp.log1p(jnp.exp(-jnp.abs(z)))).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(z), label[:, None], 1).mean()

    @partial(jax.jit, donate_argnums=0)
    def step(state: Any, total: Any, chosen: Any) -> Any:
        weights, m, v, n = state
        loss, slope = jax.value_and_grad(loss_of)(weights, rows[chosen], labels[chosen])
        n, each = n + 1, jax.tree.map
        rate = 1e-3 * jnp.sqrt(1 - 0.999**n) / (1 - 0.9**n)
        m = each(lambda a, g: 0.9 * a + 0.1 * g, m, slope)
        v = each(lambda a, g: 0.999 * a + 0.001 * g * g, v, slope)
        weights = each(lambda w, a, b: w - rate * a / (jnp.sqrt(b) + 1e-7), weights, m, v)
        return (weights, m, v, n), total + loss

    weights: list[Any] = []
    shape = jax.ShapeDtypeStruct((1, *x.shape[1:]), jnp.float32)
    for kind, *how in net.layers:
        if kind == "pool":
            shape = jax.eval_shape(pooled, shape)
        elif kind == "conv":
            weights.append(_layer(rng, (3, 3, shape.shape[-1], how[0])))
            lost = 0 if how[1] == "same" else 2
            size = (1, shape.shape[1] - lost, shape.shape[2] - lost, how[0])
            shape = jax.ShapeDtypeStruct(size, jnp.float32)
        else:
            weights.append(_layer(rng, (int(np.prod(shape.shape)), how[0])))
            shape = jax.ShapeDtypeStruct((1, how[0]), jnp.float32)
    weights = jax.tree.map(jnp.asarray, weights)
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state: Any = (weights, zeros, jax.tree.map(jnp.zeros_like, weights), jnp.float32(0))

    def epoch() -> float:
        nonlocal state
        order, total = jnp.asarray(rng.permutation(len(x))), jnp.float32(0)
        for start in range(0, len(x), net.batch):
            state, total = step(state, total, order[start : start + net.batch])
        return float(total) / (len(x) // net.batch)

    return epoch


def _layer(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    scale = (2 / np.prod(shape[:-1])) ** 0.5
    return (rng.standard_normal(shape) * scale).astype("f"), np.zeros(shape[-1], "f")


if __name__ == "__main__":
    main(sys.argv[1])
