"""How long a thread that waits for the others turns in place before it gives its core away.

GNU's OpenMP turns for milliseconds and LLVM's for 200 of them: on a machine with other work to do
they then hold the very core that the thread they wait for is to run on, and a step of training
takes ten times as long. If they gave it away at once, they would have to be woken between any two
kernels, and the system would often wake them on the core that wakes them. A tenth of a millisecond
bridges what lies between two kernels: on 2 cores of a Zen 3, a step of the article's CNN takes
7.0 ms so and 7.25 with a fifth of it; beside one busy process a core, 15.1 ms and mostly 18.8.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from llvmlite import binding as llvm

SECONDS = 1.2e-4
A_TURN = 1e-9  # seconds, where a turn has no instruction of its own

# On x86 a turn is the instruction PAUSE, of 10 to 150 cycles from one processor to the next.
_PAUSES = """
declare void @llvm.x86.sse2.pause()

define void @wait(i64 %turns) {
start:
  br label %turn
turn:
  %i = phi i64 [0, %start], [%next, %turn]
  call void @llvm.x86.sse2.pause()
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %turns
  br i1 %more, label %turn, label %end
end:
  ret void
}
"""


def turns(seconds: float) -> int:
    """How many turns of a waiting thread last so long on this machine."""
    if not llvm.get_process_triple().startswith(("x86_64", "i386", "i686")):
        return round(seconds / A_TURN)
    llvm.initialize_native_target()  # once more does nothing
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    engine = llvm.create_mcjit_compiler(
        llvm.parse_assembly(_PAUSES), target.create_target_machine()
    )
    wait = ctypes.CFUNCTYPE(None, ctypes.c_int64)(engine.get_function_address("wait"))
    took = []
    for _ in range(3):
        start = time.perf_counter()
        wait(500)
        took.append(time.perf_counter() - start)
    return round(seconds / min(took) * 500)


@contextmanager
def short_waits() -> Iterator[None]:
    """Environment in which a pool of threads, loaded inside the block, waits a short time only.

    It reads its variables once, when it is loaded; what the user has set counts, and other programs
    that are started from here find what they would have found.
    """
    added: dict[str, str] = {}
    if "OMP_WAIT_POLICY" not in os.environ:
        if "GOMP_SPINCOUNT" not in os.environ:
            added["GOMP_SPINCOUNT"] = str(turns(SECONDS))
        if "KMP_BLOCKTIME" not in os.environ:
            added["KMP_BLOCKTIME"] = "1"  # milliseconds; 0 would be none at all
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
