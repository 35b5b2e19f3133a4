"""The folder of the compiled kernels: whole files, old versions tidied away, nobody else's code."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

pytest.importorskip("numba")

from dlcore.backends import KERNELS  # noqa: E402
from dlcore.backends.numba import cache  # noqa: E402
from dlcore.backends.numba.cache import CacheFolder  # noqa: E402

NEW, OLD, RECENT = "0123456789abcdef", "00000000000000aa", "00000000000000bb"
unix = pytest.mark.skipif(os.name == "nt", reason="the temporary directory is the user's own")


def weeks_ago(path, weeks):
    when = time.time() - weeks * 7 * 24 * 3600
    os.utime(path, (when, when))


def test_a_file_is_read_as_it_was_written(tmp_path):
    folder = CacheFolder(tmp_path, NEW)
    assert folder.read("a") is None
    folder.write("a", b"one")
    folder.write("a", b"another")
    assert folder.read("a") == b"another"
    assert [path.name for path in folder.path.iterdir()] == ["a"]


def test_nothing_is_left_of_a_file_that_cannot_be_written(tmp_path, monkeypatch):
    folder = CacheFolder(tmp_path, NEW)
    folder.write("a", b"one")

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        folder.write("a", b"another")
    assert [path.name for path in folder.path.iterdir()] == ["a"] and folder.read("a") == b"one"


def test_a_new_folder_has_the_unused_ones_beside_it_removed(tmp_path):
    for version, weeks in ((OLD, 5), (RECENT, 3)):
        CacheFolder(tmp_path, version).write("a", b"one")
        weeks_ago(tmp_path / "kernels" / version, weeks)
    mine = tmp_path / "kernels" / "not a version"
    mine.mkdir()
    weeks_ago(mine, 50)
    CacheFolder(tmp_path, NEW).write("a", b"one")
    assert {path.name for path in mine.parent.iterdir()} == {RECENT, NEW, mine.name}


def test_a_folder_that_is_used_stays(tmp_path):
    folder = CacheFolder(tmp_path, OLD)
    folder.write("a", b"one")
    weeks_ago(folder.path, 50)
    CacheFolder(tmp_path, OLD)  # a process starts
    CacheFolder(tmp_path, NEW).write("a", b"one")
    assert folder.read("a") == b"one"


@unix
def test_a_folder_among_strangers_belongs_to_the_user_alone(tmp_path):
    folder = CacheFolder(tmp_path / "mine", NEW, private=True)
    folder.write("a", b"one")
    assert folder.root.stat().st_mode & 0o777 == 0o700 and folder.read("a") == b"one"
    folder.root.chmod(0o777)
    assert folder.read("a") is None
    with pytest.raises(PermissionError, match="someone else"):
        folder.write("a", b"another")


@unix
def test_a_folder_of_someone_else_is_not_trusted(tmp_path, monkeypatch):
    folder = CacheFolder(tmp_path / "theirs", NEW, private=True)
    folder.write("a", b"one")
    monkeypatch.setattr(os, "getuid", lambda: folder.root.stat().st_uid + 1)
    assert folder.read("a") is None
    with pytest.raises(PermissionError):
        folder.write("a", b"another")


@unix
def test_a_link_among_strangers_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        CacheFolder(tmp_path / "link", NEW, private=True).write("a", b"one")


def test_the_version_depends_on_sources_numba_and_python(monkeypatch, tmp_path):
    seen = {cache._version()}
    monkeypatch.setattr(cache.numba, "__version__", "0.0")
    seen.add(cache._version())
    source = tmp_path / "kernel.py"
    for text in ("a", "b"):
        source.write_text(text)
        monkeypatch.setattr(cache, "_SOURCES", [source])
        seen.add(cache._version())
    monkeypatch.setattr(cache.sys.implementation, "cache_tag", "other")
    seen.add(cache._version())
    assert len(seen) == 5


def test_whatever_a_kernel_is_compiled_from_counts_as_a_source():
    """The files of all functions that the compiled ones lead to, and of what compiles them."""
    from dlcore.backends import cpu
    from dlcore.backends.numba import blas, compile, outline, threads

    waiting = [getattr(cpu, name) for name in KERNELS] + list(outline._parts.values())
    files = {Path(module.__file__) for module in (blas, cache, compile, outline, threads)}
    seen = set()
    while waiting:
        function = waiting.pop()
        function = getattr(function, "py_func", function)
        if function in seen:
            continue
        seen.add(function)
        if function.__module__.startswith("dlcore."):
            files.add(Path(function.__code__.co_filename))
            names = function.__code__.co_names
            found = [function.__globals__.get(name) for name in names]
            waiting += [value for value in found if hasattr(value, "py_func")]
    assert len(seen) > 100 and {path.name for path in files} > {"fast_math.py", "compile.py"}
    assert files <= set(cache._SOURCES)


def test_no_file_of_the_two_rooms_is_left_out():
    backends = Path(cache.__file__).parents[1]
    both = {*(backends / "cpu").rglob("*.py"), *(backends / "numba").rglob("*.py")}
    assert set(cache._SOURCES) == both and len(both) > 20
