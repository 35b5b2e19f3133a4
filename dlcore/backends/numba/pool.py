"""The threads that share out the turns of a loop, and how they do it.

A loop is cut into parts, some for each thread, and a thread that is done with its own takes what is
left of the others'. So nobody waits for a thread that has not begun: where other programs keep the
cores busy, a thread may get to run only milliseconds later, and then it finds nothing left to do.
Where none is late, each has its own share of every loop, and much of what that reads is still in
its core's cache.

The pools that Numba brings wait for every thread at the end of each loop. So these are threads of
our own, in LLVM's language: they run no Python, and their code has to be there before the first
kernel can be compiled. It says:

    def run(task, note, turns):                  # of the thread that calls a kernel
        if not swap(busy, 0, 1):                 # the others are at work for another thread
            return task(note, 0, 1)              # the loop is one part
        parts = min(turns, team * PARTS)
        number = job + 1                         # of this loop, of 32 bits
        left = parts
        for thread in range(team):               # a ticket: the loop, and of a share of its parts
            begin, end = thread * parts // team, (thread + 1) * parts // team
            ticket[thread] = number << 32 | end << 16 | begin     # the end and the next
        job = number                             # whoever turns in place sees it ...
        for thread in range(1, min(team, parts)):
            wake(beds[thread])                   # ... and whoever sleeps is woken
        help(0, number)
        wait(over, number - 1, beds[0])          # until it is something else
        busy = 0

    def serve(me):                               # of each of the other threads, for ever
        while True:
            seen = job
            if me < team:
                help(me, seen)
            wait(job, seen, beds[me])

    def help(me, number):
        taken = 0
        for thread in me, me + 1, ..., me - 1:   # modulo the team
            while (now := ticket[thread]) is of the number and its next is not its end:
                if swap(ticket[thread], now, now + 1):
                    task(note, the next, parts)
                    taken += 1
        if (left -= taken) == 0 and taken:
            over = number
            wake(beds[0])

    def wait(word, old, bed):                    # my_turns, my_waits: of the thread that waits
        my_waits += 1
        took = changes(word, old, my_turns if my_waits % 16 else turns_in_place)
        if it changed:
            my_turns = max(my_turns, min(8 * took, turns_in_place))
        else:
            my_turns = max(my_turns * 7 / 8, turns_in_place / 16)
            bed.taken = 1
            sleep, unless the word has changed by now and nobody has set bed.taken to 0

A thread may be so late that what it reads of a loop (task, note, parts) is that of the next one.
But then all parts of the old one were taken, as its tickets alone say; so it does nothing.

A thread that waits turns in place for a while before it gives its core away. If it did so at once,
it would have to be woken between any two kernels, and the system would often wake it on the core
that wakes it. If it never did, it would hold the core that others need. A tenth of a millisecond
bridges what lies between two kernels. Where other programs keep the cores busy, what it waits for
comes much later, and all turns are for nothing: each wait that was too short makes the next one
shorter. It is made longer again by one that was long enough; every sixteenth is tried in full.

In a forked process the other threads are not there; the one that is takes all the parts.
"""

from __future__ import annotations

import ctypes
import string
import threading
import time
from typing import Any

import numba
from llvmlite import binding as llvm

PARTS = 8  # of a loop for each thread, if it has so many turns
SECONDS = 1.2e-4  # that a thread turns in place at most
RUN = "dlcore_run"  # what machine code calls

_CODE = string.Template(r"""
%bed = type { i64, i8*, [14 x i64] } ; whether a thread lies in it, and what it sleeps on
%beds = type [$threads x %bed]
%line = type [16 x i64] ; what threads write to at a time lies apart in memory
%lines = type [$threads x %line]

@job = global i64 0, align 128
@over = global i64 0, align 128
@left = global i64 0, align 128
@busy = global i64 0, align 128
@task = global i64 0, align 128
@note = global i64 0
@parts = global i64 0
@threads = global i64 $threads
@team = global i64 0
@turns_in_place = global i64 0
@tickets = global %lines zeroinitializer, align 128
@beds = global %beds zeroinitializer, align 128
@patience = global %lines zeroinitializer, align 128 ; of each thread: turns in place, and waits

declare i32 @PyThread_acquire_lock(i8*, i32)
declare void @PyThread_release_lock(i8*)
$declare_pause

define void @$run(i64 %task, i64 %note, i64 %turns) {
start:
  %none = icmp sle i64 %turns, 0
  br i1 %none, label %up, label %ask
ask:
  %asked = cmpxchg i64* @busy, i64 0, i64 1 seq_cst seq_cst
  %granted = extractvalue { i64, i1 } %asked, 1
  br i1 %granted, label %deal, label %alone
alone:
  %function = inttoptr i64 %task to void (i64, i64, i64)*
  call void %function(i64 %note, i64 0, i64 1)
  br label %up
deal:
  %team = load i64, i64* @threads
  %most = mul i64 %team, $parts
  %few = icmp ult i64 %turns, %most
  %parts = select i1 %few, i64 %turns, i64 %most
  %before = load i64, i64* @job
  %next = add i64 %before, 1
  %number = and i64 %next, 4294967295
  %base = shl i64 %number, 32
  store atomic i64 %task, i64* @task monotonic, align 8
  store atomic i64 %note, i64* @note monotonic, align 8
  store atomic i64 %parts, i64* @parts monotonic, align 8
  store atomic i64 %team, i64* @team monotonic, align 8
  store atomic i64 %parts, i64* @left monotonic, align 8
  br label %share
share:
  %i = phi i64 [0, %deal], [%i.next, %share]
  %begin = phi i64 [0, %deal], [%end, %share]
  %ticket = getelementptr %lines, %lines* @tickets, i64 0, i64 %i, i64 0
  %i.next = add i64 %i, 1
  %end.times = mul i64 %i.next, %parts
  %end = udiv i64 %end.times, %team
  %end.shifted = shl i64 %end, 16
  %whole.share = or i64 %end.shifted, %begin
  %first = or i64 %base, %whole.share
  store atomic i64 %first, i64* %ticket release, align 8
  %more = icmp ult i64 %i.next, %team
  br i1 %more, label %share, label %tell
tell:
  store atomic i64 %number, i64* @job seq_cst, align 8
  %small = icmp ult i64 %parts, %team
  %needed = select i1 %small, i64 %parts, i64 %team
  br label %others
others:
  %k = phi i64 [1, %tell], [%k.next, %call]
  %other = icmp ult i64 %k, %needed
  br i1 %other, label %call, label %work
call:
  %bed = getelementptr %beds, %beds* @beds, i64 0, i64 %k
  call void @wake(%bed* %bed)
  %k.next = add i64 %k, 1
  br label %others
work:
  call void @help(i64 0, i64 %number)
  %own = getelementptr %beds, %beds* @beds, i64 0, i64 0
  %patience = getelementptr %lines, %lines* @patience, i64 0, i64 0, i64 0
  call void @wait(i64* @over, i64 %before, %bed* %own, i64* %patience)
  store atomic i64 0, i64* @busy seq_cst, align 8
  br label %up
up:
  ret void
}

define void @serve(i8* %number) {
start:
  %me = ptrtoint i8* %number to i64
  %own = getelementptr %beds, %beds* @beds, i64 0, i64 %me
  %patience = getelementptr %lines, %lines* @patience, i64 0, i64 %me, i64 0
  br label %look
look:
  %seen = load atomic i64, i64* @job seq_cst, align 8
  %team = load atomic i64, i64* @team monotonic, align 8
  %asked = icmp ult i64 %me, %team
  br i1 %asked, label %work, label %rest
work:
  call void @help(i64 %me, i64 %seen)
  br label %rest
rest:
  call void @wait(i64* @job, i64 %seen, %bed* %own, i64* %patience)
  br label %look
}

define void @help(i64 %me, i64 %number) {
start:
  %task = load atomic i64, i64* @task monotonic, align 8
  %note = load atomic i64, i64* @note monotonic, align 8
  %parts = load atomic i64, i64* @parts monotonic, align 8
  %team = load atomic i64, i64* @team monotonic, align 8
  %function = inttoptr i64 %task to void (i64, i64, i64)*
  br label %share
share:
  %k = phi i64 [0, %start], [%k.next, %empty]
  %taken = phi i64 [0, %start], [%so.far, %empty]
  %sum = add i64 %me, %k
  %thread = urem i64 %sum, %team
  %ticket = getelementptr %lines, %lines* @tickets, i64 0, i64 %thread, i64 0
  br label %take
take:
  %so.far = phi i64 [%taken, %share], [%so.far, %try], [%one.more, %mine]
  %now = load atomic i64, i64* %ticket seq_cst, align 8
  %of = lshr i64 %now, 32
  %is.of.it = icmp eq i64 %of, %number
  %part = and i64 %now, 65535
  %shifted = lshr i64 %now, 16
  %end = and i64 %shifted, 65535
  %more = icmp ult i64 %part, %end
  %is.left = and i1 %is.of.it, %more
  br i1 %is.left, label %try, label %empty
try:
  %then = add i64 %now, 1
  %asked = cmpxchg i64* %ticket, i64 %now, i64 %then seq_cst seq_cst
  %granted = extractvalue { i64, i1 } %asked, 1
  br i1 %granted, label %mine, label %take
mine:
  call void %function(i64 %note, i64 %part, i64 %parts)
  %one.more = add i64 %so.far, 1
  br label %take
empty:
  %k.next = add i64 %k, 1
  %others = icmp ult i64 %k.next, %team
  br i1 %others, label %share, label %count
count:
  %some = icmp ugt i64 %so.far, 0
  br i1 %some, label %account, label %done
account:
  %were.left = atomicrmw sub i64* @left, i64 %so.far seq_cst
  %last = icmp eq i64 %were.left, %so.far
  br i1 %last, label %end.of.loop, label %done
end.of.loop:
  store atomic i64 %number, i64* @over seq_cst, align 8
  %callers = getelementptr %beds, %beds* @beds, i64 0, i64 0
  call void @wake(%bed* %callers)
  br label %done
done:
  ret void
}

define void @wait(i64* %word, i64 %old, %bed* %bed, i64* %patience) {
start:
  %waits.place = getelementptr i64, i64* %patience, i64 1
  %most = load i64, i64* @turns_in_place
  %least = lshr i64 %most, 4
  %taken = getelementptr %bed, %bed* %bed, i64 0, i32 0
  %lock.place = getelementptr %bed, %bed* %bed, i64 0, i32 1
  br label %turn
turn:
  %mine = load i64, i64* %patience
  %waits = load i64, i64* %waits.place
  %one.more = add i64 %waits, 1
  store i64 %one.more, i64* %waits.place
  %sixteenth = and i64 %waits, 15
  %in.full = icmp eq i64 %sixteenth, 0
  %turns = select i1 %in.full, i64 %most, i64 %mine
  %took = call i64 @changes(i64* %word, i64 %old, i64 %turns)
  %changed = icmp sge i64 %took, 0
  br i1 %changed, label %measure, label %shorten
measure:
  %ample = shl i64 %took, 3
  %is.less = icmp ult i64 %ample, %most
  %wanted = select i1 %is.less, i64 %ample, i64 %most
  %is.more = icmp ugt i64 %wanted, %mine
  br i1 %is.more, label %lengthen, label %up
lengthen:
  store i64 %wanted, i64* %patience
  br label %up
shorten:
  %eighth = lshr i64 %mine, 3
  %rest = sub i64 %mine, %eighth
  %enough = icmp ugt i64 %rest, %least
  %shorter = select i1 %enough, i64 %rest, i64 %least
  store i64 %shorter, i64* %patience
  br label %lie
lie:
  store atomic i64 1, i64* %taken seq_cst, align 8
  %now = load atomic i64, i64* %word seq_cst, align 8
  %late = icmp ne i64 %now, %old
  br i1 %late, label %rise, label %sleep
rise:
  %was = atomicrmw xchg i64* %taken, i64 0 seq_cst
  %nobody = icmp eq i64 %was, 1
  br i1 %nobody, label %up, label %sleep ; else somebody is about to open the lock
sleep:
  %lock = load i8*, i8** %lock.place
  call i32 @PyThread_acquire_lock(i8* %lock, i32 1)
  br label %turn ; what it was woken for may be what it has seen before
up:
  ret void
}

define void @wake(%bed* %bed) {
start:
  %taken = getelementptr %bed, %bed* %bed, i64 0, i32 0
  %lock.place = getelementptr %bed, %bed* %bed, i64 0, i32 1
  %looked = load atomic i64, i64* %taken seq_cst, align 8
  %asleep = icmp eq i64 %looked, 1
  br i1 %asleep, label %call, label %up
call:
  %was = atomicrmw xchg i64* %taken, i64 0 seq_cst
  %mine = icmp eq i64 %was, 1
  br i1 %mine, label %open, label %up
open:
  %lock = load i8*, i8** %lock.place
  call void @PyThread_release_lock(i8* %lock)
  br label %up
up:
  ret void
}

define i64 @changes(i64* %word, i64 %old, i64 %turns) { ; after how many turns; else -1
start:
  br label %look
look:
  %i = phi i64 [0, %start], [%i.next, %pause]
  %now = load atomic i64, i64* %word seq_cst, align 8
  %changed = icmp ne i64 %now, %old
  %enough = icmp uge i64 %i, %turns
  %end = or i1 %changed, %enough
  br i1 %end, label %up, label %pause
pause:
  $pause
  %i.next = add i64 %i, 1
  br label %look
up:
  %took = select i1 %changed, i64 %i, i64 -1
  ret i64 %took
}
""")

_starting = threading.Lock()
_threads: ctypes.c_int64 | None = None  # among how many a loop is shared out; None before the start


def available_threads() -> int:
    """How many threads a parallel kernel may use; the first question starts them.

    As many as Numba is allowed, by its variable NUMBA_NUM_THREADS or by its function.
    """
    # Asked for its own threads Numba would start them.
    are_there = numba.np.ufunc.parallel._is_initialized
    count: int = numba.get_num_threads() if are_there else _most()
    share_among(count)
    return count


def share_among(count: int) -> None:
    """Share loops out among so many of the threads from now on."""
    start_threads()
    assert _threads is not None
    _threads.value = count


def start_threads() -> None:
    """Start the threads, unless they are there. From then on machine code can call them."""
    global _threads
    if _threads is None:
        with _starting:
            if _threads is None:
                _threads = _started(_most())


def _most() -> int:
    config: Any = numba.config
    return min(int(config.NUMBA_NUM_THREADS), 0xFFFF // PARTS)  # the parts are counted in 16 bits


def _started(count: int) -> ctypes.c_int64:
    engine = _machine_code(count)
    turns = _word(engine, "turns_in_place")
    turns.value = turns_in(SECONDS, engine)
    beds = (_Bed * count).from_address(engine.get_global_value_address("beds"))
    for bed in beds:
        bed.lock = _closed_lock()
    serve = engine.get_function_address("serve")
    start = _python("PyThread_start_new_thread", ctypes.c_ulong, ctypes.c_void_p, ctypes.c_void_p)
    for thread in range(1, count):
        start(serve, thread)
    llvm.add_symbol(RUN, engine.get_function_address(RUN))
    threads = _word(engine, "threads")
    engine.detach()  # the threads run it until the process has ended
    return threads


def turns_in(seconds: float, engine: Any) -> int:
    """How many turns of a waiting thread last so long on this machine.

    On x86 a turn has the instruction PAUSE, of 10 to 150 cycles from one processor to the next.
    """
    changes = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)(
        engine.get_function_address("changes")
    )
    word = engine.get_global_value_address("job")
    took = []
    for _ in range(3):
        start = time.perf_counter()
        changes(word, 0, 500)
        took.append(time.perf_counter() - start)
    return round(seconds / min(took) * 500)


class _Bed(ctypes.Structure):
    _fields_ = (
        ("taken", ctypes.c_int64),
        ("lock", ctypes.c_void_p),
        ("rest", ctypes.c_int64 * 14),
    )


def _word(engine: Any, name: str) -> ctypes.c_int64:
    return ctypes.c_int64.from_address(engine.get_global_value_address(name))


def _python(name: str, result: Any, *arguments: Any) -> Any:
    """A function of Python's for programs in C."""
    return ctypes.PYFUNCTYPE(result, *arguments)((name, ctypes.pythonapi))


def _closed_lock() -> int:
    """One of Python's for programs in C: whoever wants it sleeps until it is opened."""
    lock: int = _python("PyThread_allocate_lock", ctypes.c_void_p)()
    _python("PyThread_acquire_lock", ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(lock, 1)
    return lock


def _machine_code(count: int) -> Any:
    for name in "PyThread_acquire_lock", "PyThread_release_lock":
        function = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p)
        llvm.add_symbol(name, function.value)
    llvm.initialize_native_target()  # once more does nothing
    llvm.initialize_native_asmprinter()
    declare_pause, pause = "", ""
    if llvm.get_process_triple().startswith(("x86_64", "i386", "i686")):
        declare_pause = "declare void @llvm.x86.sse2.pause()"
        pause = "call void @llvm.x86.sse2.pause()"
    code = _CODE.substitute(
        threads=count, parts=PARTS, run=RUN, declare_pause=declare_pause, pause=pause
    )
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(code), machine)
    engine.finalize_object()
    return engine
