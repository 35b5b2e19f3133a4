"""Time the contenders side by side, and print a table of medians and ratios.

Each contender lives in a process of its own, which waits while the others run: they take turns, so
that whatever else the machine is doing falls on all of them.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import statistics
import subprocess
import sys
import time

from tests.benchmarks import mlp


def work(name: str) -> None:
    """In the process of a contender: set up, then train as many epochs as each line asks for."""
    train = mlp.CONTENDERS[name][0]()
    train(2)  # compile, and read what lies on disk
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        train(int(line))
        print(time.perf_counter() - start, flush=True)


def start(name: str) -> subprocess.Popen[str]:
    """The process of a contender, ready to train."""
    command = [sys.executable, "-m", "tests.benchmarks", "--work", name]
    process = subprocess.Popen(
        command,
        env=os.environ | mlp.CONTENDERS[name][1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "ready":
            return process
    raise RuntimeError(f"{name} did not start (exit code {process.wait()}).")


def seconds(process: subprocess.Popen[str], epochs: int) -> float:
    """Have a contender train, and take its time."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{epochs}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="turns of each (default: 9)")
    parser.add_argument("--epochs", type=int, default=5, help="epochs a turn (default: 5)")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        return work(options.work)
    names = [
        name
        for name, (_, _, needed) in mlp.CONTENDERS.items()
        if all(importlib.util.find_spec(package) for package in needed)
    ]
    processes = {name: start(name) for name in names}
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name, process in processes.items():
            times[name].append(seconds(process, options.epochs))
    for process in processes.values():
        process.kill()
    steps = options.epochs * mlp.steps_per_epoch()
    step = {name: statistics.median(all_) / steps * 1e6 for name, all_ in times.items()}
    fit = step["dlcore, fit"]
    print(
        f"The article's MLP on the credit data, batches of {mlp.BATCH}: one training step, median "
        f"of {options.rounds} turns of {options.epochs} epochs\n"
        f"({platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()})\n"
    )
    print("| what | a step, µs | least to greatest | times dlcore's fit | 150 epochs, s |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in names:
        low, high = (1e6 * f(times[name]) / steps for f in (min, max))
        whole = step[name] * 150 * mlp.steps_per_epoch() / 1e6
        print(
            f"| {name} | {step[name]:.1f} | {low:.1f} to {high:.1f} | {step[name] / fit:.2f} "
            f"| {whole:.1f} |"
        )
    bare, program = step["dlcore, the kernels called bare"], step["dlcore, the recorded program"]
    print(f"\nThe recorded program takes {program / bare:.2f} times what its kernels take bare.")


if __name__ == "__main__":
    main()
