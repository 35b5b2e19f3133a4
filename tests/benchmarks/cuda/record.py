"""What a run has found so far: a list of facts in a file, each with the phase that it is of.

Each process of a run adds to it as soon as it knows something, so that one that is killed costs
only what it had not yet found.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
FILE, PHASE = "DLCORE_CUDA_RECORD", "DLCORE_CUDA_PHASE"


def record(**facts: Any) -> None:
    """Add a fact to the file of this run."""
    add(Path(os.environ[FILE]), phase=os.environ[PHASE], **facts)


def add(path: Path, **facts: Any) -> None:
    """Add a fact to a file, which is whole at any time."""
    found = [*read(path), facts]
    part = path.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1, default=str), "utf-8")
    os.replace(part, path)


def read(path: Path) -> list[dict[str, Any]]:
    """All facts of a file; none if it is not there yet."""
    return json.loads(path.read_text("utf-8")) if path.exists() else []


def attempt(name: str, work: Callable[[], Any]) -> Any:
    """What some work gives; where it raises, None, and the reason is recorded."""
    try:
        return work()
    except Exception as error:
        said = " ".join(str(error).split())[:400]
        record(name=name, failed=f"{type(error).__name__}: {said}")
        return None
