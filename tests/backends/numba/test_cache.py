"""Compiled kernels on disk: found again, whatever happens to the files and the folder."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("numba")

# Small kernels in two forms, as those of the library are.
KERNELS = """
import json, os, sys
import numpy as np
from dlcore.backends.numba.compile import compiled
from numba import prange
@compiled
def shifted(x, by):
    return x + by
@compiled(large=lambda y, x: x.size > 3)
def shift(y, x):
    for i in prange(x.size):
        y[i] = shifted(x[i], 1)
"""
# The results, and how many forms were found on disk and how many were compiled.
RUN = """
def run(x):
    y = np.zeros_like(x)
    shift(y, x)
    return y.tolist()
results = [run(np.arange(n, dtype=kind)) for n in (2, 4) for kind in KINDS]
assert results == [list(range(1, n + 1)) for n in (2, 4) for kind in KINDS], results
forms = shift.serial, shift.parallel
print(json.dumps([sum(sum(c.values()) for c in counts) for counts in
    ([f.stats.cache_hits for f in forms], [f.stats.cache_misses for f in forms])]))
"""


def start(folder, kinds=("f4",), before="", **environment):
    program = folder.with_suffix(".py")  # what is shared out has to lie in a file
    program.write_text(KERNELS + f"\nKINDS = {kinds!r}\n{before}\n" + RUN)
    kept = os.environ | {"DLCORE_CACHE_FOLDER": str(folder), "NUMBA_NUM_THREADS": "2"}
    return subprocess.Popen(
        [sys.executable, str(program)],
        env=kept | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate("")
    assert process.returncode == 0 and not err, err
    return out.strip()


def hits_and_misses(folder, **more):
    return finish(start(folder, **more))


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    assert hits_and_misses(folder) == "[0, 2]"
    assert hits_and_misses(folder) == "[2, 0]"
    return folder


@pytest.fixture
def folder(stored, tmp_path):
    for path in files(stored):
        target = tmp_path / "own" / path.relative_to(stored)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return tmp_path / "own"


def test_each_form_has_a_file_named_after_its_kernel(stored):
    names = [path.name.rpartition("-")[0] for path in files(stored)]
    assert names == ["__main__.shift", "__main__.shift_parallel", "__main__.shifted_inside"]


def test_a_stored_form_for_several_threads_is_read_before_there_are_any(folder):
    read = "shift.parallel(np.zeros(4, 'f4'), np.zeros(4, 'f4'))"
    assert hits_and_misses(folder, before=read) == "[2, 0]"


def test_other_number_types_have_files_of_their_own(folder):
    assert hits_and_misses(folder, kinds=("f8",)) == "[0, 2]"
    assert hits_and_misses(folder, kinds=("f8", "f4")) == "[4, 0]"


def damage_cut(data):
    return data[: len(data) // 2]


def damage_empty(data):
    return b""


def damage_byte(data):
    # In the machine code: without a checksum it would be run.
    middle = len(data) // 3
    return data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]


def damage_other_version(data):
    # A whole file, but of a Numba that stored something else.
    import pickle
    import zlib

    content = pickle.dumps(("something", "else"))
    return zlib.crc32(content).to_bytes(4, "little") + content


@pytest.mark.parametrize(
    "damage",
    [damage_cut, damage_empty, damage_byte, damage_other_version],
    ids=lambda damage: damage.__name__,
)
def test_what_is_damaged_is_compiled_anew(folder, damage):
    for path in files(folder):
        path.write_bytes(damage(path.read_bytes()))
    assert hits_and_misses(folder) == "[0, 2]"
    assert hits_and_misses(folder) == "[2, 0]"


def test_where_nothing_can_be_written_the_temporary_folder_serves(tmp_path):
    file = tmp_path / "file"
    file.write_text("not a folder")
    temporary = {"TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "TMP": str(tmp_path)}
    assert hits_and_misses(file, **temporary) == "[0, 2]"
    assert hits_and_misses(file, **temporary) == "[2, 0]"


FULL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
"""


@pytest.mark.skipif(os.name == "nt", reason="no limit for the size of files")
def test_a_full_disk_costs_only_time(tmp_path):
    temporary = {"TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    assert hits_and_misses(tmp_path, before=FULL, **temporary) == "[0, 2]"
    assert files(tmp_path) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_read(folder, tmp_path):
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o555)
    try:
        assert hits_and_misses(folder, TMPDIR=str(tmp_path), kinds=("f8", "f4")) == "[2, 2]"
        assert hits_and_misses(folder, TMPDIR=str(tmp_path), kinds=("f8", "f4")) == "[4, 0]"
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)


def test_two_at_once_do_no_harm(tmp_path):
    wait = "print('ready', flush=True); sys.stdin.read()"
    kinds = [("f4", "f8"), ("f8", "f4")]
    both = [start(tmp_path, kinds=order, before=wait) for order in kinds]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.close()
        process.stdin = None
    for process in both:
        finish(process)
    assert hits_and_misses(tmp_path, kinds=kinds[0]) == "[4, 0]"
    assert len(files(tmp_path)) == 6


def test_numba_s_own_cache_is_left_alone(tmp_path):
    before = "import numba; assert numba.config.CACHE_DIR == os.environ['NUMBA_CACHE_DIR']"
    assert hits_and_misses(tmp_path / "ours", before=before, NUMBA_CACHE_DIR=str(tmp_path / "its"))
    assert files(tmp_path / "ours") and not (tmp_path / "its").exists()
