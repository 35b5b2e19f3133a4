"""Where files lie outside of the course folder, and where instead if the home cannot take them."""

import os
import subprocess
import sys

import pytest

from dlcore.command import places

VARIABLES = {
    "DLCORE_CACHE_FOLDER", "DLCORE_DATA_FOLDER", "MPLCONFIGDIR", "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR",
}  # fmt: skip


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of one's own, with nothing in it and nothing chosen by the environment."""
    for name in VARIABLES | {"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}:
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home of José 王"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(folder))
    return folder


def test_a_home_that_can_be_written_is_used_and_nothing_is_made(home, tmp_path):
    assert places.substitutes(tmp_path / "course") == {}
    assert {place.variable for place in places.usual()} == VARIABLES
    assert all(place.path.is_relative_to(home) for place in places.usual())
    assert list(home.iterdir()) == [] and not (tmp_path / "course").exists()


def test_a_home_that_cannot_be_written_is_replaced_beside_the_course(home, tmp_path):
    """A file in the place of the home: whoever runs the tests, nothing can be made in it."""
    home.rmdir()
    home.write_text("no folder")
    found = places.substitutes(tmp_path / "my course")
    assert found.keys() == VARIABLES
    assert len(set(found.values())) == len(found)
    beside = tmp_path / "my course" / ".dlcore" / "home"
    assert {os.path.dirname(path) for path in found.values()} == {str(beside)}


def test_a_full_disk_is_one_that_cannot_be_written(home, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert places.substitutes(tmp_path / "course").keys() == VARIABLES


def test_only_what_cannot_be_written_is_replaced(home, tmp_path, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setenv("MPLCONFIGDIR", str(home / "file" / "x"))
    assert places.substitutes(tmp_path).keys() == {"MPLCONFIGDIR"}


TASK = """
import sys
import matplotlib.figure, matplotlib.font_manager
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
code = "import dlcore; dlcore.set_backend('cpu'); from dlcore.backends import compute\\n" \\
    "import numpy as np; compute('relu', np.ones((2, 2), np.float32)); print('ran')"
reply = client.execute_interactive(code, timeout=100)
client.stop_channels(); manager.shutdown_kernel(now=True)
raise SystemExit(reply["content"]["status"] != "ok")
"""


@pytest.mark.skipif(os.name != "posix", reason="the home is found in another way there")
def test_kernels_pictures_and_compiled_code_then_lie_beside_the_course(home, tmp_path):
    home.rmdir()
    home.write_text("no folder")
    folder = tmp_path / "course"
    run = subprocess.run(
        [sys.executable, "-c", TASK],
        env=os.environ | places.substitutes(folder) | {"JUPYTER_PREFER_ENV_PATH": "1"},
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "ran" in run.stdout and "temporary" not in run.stderr
    made = {path.name for path in (folder / ".dlcore" / "home").iterdir()}
    assert {"kernels", "matplotlib", "ipython"} <= made
