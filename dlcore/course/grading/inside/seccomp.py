"""A filter of system calls on Linux: no new process, no network, no reaching for other processes.

The filter is a program for the kernel's packet filter, installed once and for good. A refused
call fails with EPERM, so Python raises PermissionError. Threads stay possible; they end with the
process.
Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

# Name of the call: its numbers on x86-64 and on AArch64; None where it does not exist.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "kcmp": (312, 272), "process_madvise": (440, 440),
    "setpriority": (141, 140), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "ioprio_set": (251, 30),
    "setpgid": (109, 154), "setsid": (112, 157),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "truncate": (76, 45), "open_by_handle_at": (304, 265),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "mount_setattr": (442, 442), "quotactl": (179, 60),
    "io_uring_setup": (425, 425), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "sethostname": (170, 161),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "acct": (163, 89),
}  # fmt: skip
CLONE, CLONE3, PRLIMIT = (56, 220), (435, 435), (302, 261)
FCNTL, IOCTL, PRCTL = (72, 25), (16, 29), (157, 167)
# Commands by which a pipe sends signals to others, and input is put into a terminal.
OWNERS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX
CONTROLS = (0x5412, 0x5452, 0x8901, 0x8902)  # TIOCSTI, FIOASYNC, FIOSETOWN, SIOCSPGRP
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
SET_DEATH_SIGNAL, SET_NO_NEW_PRIVILEGES, SIGKILL = 1, 38, 9
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24
CLONE_THREAD = 0x00010000


def install() -> bool:
    """Install the filter for all threads of this process.

    Returns:
        Whether the kernel did it.
    """
    if sys.platform != "linux" or platform.machine() not in ARCHITECTURES:
        return False
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    steps = program(*ARCHITECTURES[platform.machine()])
    code = ctypes.create_string_buffer(b"".join(steps))
    header = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    # Should the grader be killed, nothing stays behind.
    libc.prctl(SET_DEATH_SIGNAL, SIGKILL, 0, 0, 0)
    if libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    number = (317, 277)[ARCHITECTURES[platform.machine()][0]]
    return libc.syscall(number, 1, 1, header) == 0  # SECCOMP_SET_MODE_FILTER, all threads


def program(column: int, architecture: int) -> list[bytes]:
    """The filter, an instruction an entry."""
    steps = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, architecture, 1, 0),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
        _step(AT_LEAST, 0x40000000, 0, 1),  # The x32 calls: other numbers for the same things.
        _step(RETURN, KILL),
        _step(EQUAL, CLONE3[column], 0, 1),  # Its flags cannot be seen; the C library then takes
        _step(RETURN, FAIL | errno.ENOSYS),  # clone.
        _step(EQUAL, CLONE[column], 0, 4),
        _step(LOAD, FIRST_ARGUMENT),
        _step(ANY_BIT, CLONE_THREAD, 1, 0),
        _step(RETURN, FAIL | errno.EPERM),
        _step(RETURN, ALLOW),
        _step(EQUAL, PRLIMIT[column], 0, 4),
        _step(LOAD, FIRST_ARGUMENT),
        _step(EQUAL, 0, 1, 0),
        _step(RETURN, FAIL | errno.EPERM),
        _step(RETURN, ALLOW),
    ]
    steps += _without(FCNTL[column], SECOND_ARGUMENT, OWNERS)
    steps += _without(IOCTL[column], SECOND_ARGUMENT, CONTROLS)
    # Whoever asks for no signal at the grader's death would outlive it.
    steps += _without(PRCTL[column], FIRST_ARGUMENT, (SET_DEATH_SIGNAL,))
    for numbers in REFUSED.values():
        number = numbers[column]
        if number is not None:
            steps += [_step(EQUAL, number, 0, 1), _step(RETURN, FAIL | errno.EPERM)]
    return [*steps, _step(RETURN, ALLOW)]


def _without(number: int, argument: int, values: tuple[int, ...]) -> list[bytes]:
    """Refuse a call if one of its arguments has one of the values; allow it else."""
    steps = [_step(LOAD, argument)]
    for value in values:
        steps += [_step(EQUAL, value, 0, 1), _step(RETURN, FAIL | errno.EPERM)]
    steps.append(_step(RETURN, ALLOW))
    return [_step(EQUAL, number, 0, len(steps)), *steps]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
