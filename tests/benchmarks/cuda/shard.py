"""A plugin of pytest: runs one test of so many, and notes how each one ended."""

from __future__ import annotations

import json
import os
from typing import Any

SHARD, NOTES = "DLCORE_SHARD", "DLCORE_SHARD_NOTES"


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Leave out the tests of the other processes."""
    number, count = map(int, os.environ[SHARD].split("/"))
    items[:] = items[number::count]


def pytest_runtest_logreport(report: Any) -> None:
    """Note how a test ended, at once: the process may be stopped."""
    if report.when == "call" or report.failed:
        lines = str(report.longrepr or "").strip().splitlines()
        told = next((line for line in lines if line.startswith("E ")), "")[:300]
        with open(os.environ[NOTES], "a", encoding="utf-8") as file:
            file.write(json.dumps([report.nodeid, report.outcome, told]) + "\n")
