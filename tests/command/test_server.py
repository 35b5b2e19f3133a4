"""`dlcore learn` with a real JupyterLab: the address works, and Ctrl-C ends all of it."""

import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from dlcore.command import jupyter

EMPTY_NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
# The command as a learner starts it, on lessons of this test.
# A test run that was started in the background inherits that Ctrl-C is ignored; a learner's is not.
LEARN = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from dlcore.command import cli, learn
learn.lessons_folder = lambda: Path(sys.argv[1])
raise SystemExit(cli.main(sys.argv[2:]))
"""


def get(address: str, token: str) -> dict:
    request = urllib.request.Request(address, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "shipped" / "lessons"
    folder.mkdir(parents=True)
    (folder / "01_line.ipynb").write_text(json.dumps(EMPTY_NOTEBOOK))
    return folder


@pytest.fixture
def environment(tmp_path):
    """The environment without the tester's own Jupyter configuration."""
    places = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
    return os.environ | {name: str(tmp_path / folder) for name, folder in places.items()}


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a POSIX signal")
def test_a_server_answers_on_the_next_free_port_and_ends_with_ctrl_c(tmp_path, source, environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-c", LEARN, str(source), "learn", "my course", "--no-browser"]
            + [f"--port={port}"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            said = ""
            while "Ctrl-C" not in said:
                line = process.stdout.readline()
                assert line, f"the command ended: {said}{process.stderr.read()}"
                said += line
            found = re.search(r"(http://127\.0\.0\.1:(\d+))/lab/tree/(\S+)\?token=(\w+)", said)
            server, real_port, lesson, token = found.groups()
            assert lesson == "01_line.ipynb"
            assert int(real_port) != port
            assert f"Port {port} is taken; this one is {real_port}." in said

            second = subprocess.run(
                [sys.executable, "-c", LEARN, str(source), "learn", "my course", "--no-browser"],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert (second.returncode, second.stderr) == (0, "")
            assert "JupyterLab is running on it already." in second.stdout
            assert f"{server}/lab/tree/{lesson}?token={token}" in second.stdout
            record = tmp_path / "my course" / ".dlcore" / jupyter.RUNNING
            assert record.stat().st_mode & 0o077 == 0, "whoever reads it can run code"

            assert "version" in get(f"{server}/api", token)
            names = {row["name"] for row in get(f"{server}/api/contents", token)["content"]}
            assert names == {"01_line.ipynb"}
            with pytest.raises(urllib.error.HTTPError, match="403"):
                get(f"{server}/api/contents", "wrong")
            notification = "lab/api/settings/@jupyterlab/apputils-extension:notification"
            schema = get(f"{server}/{notification}", token)["schema"]["properties"]
            assert schema["fetchNews"]["default"] == "false"
            assert schema["checkForUpdates"]["default"] is False
        finally:
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors == ""
    assert not record.exists() and jupyter.running(tmp_path / "my course") is None
    assert f"Your work is in {tmp_path / 'my course'}; go on with: -c learn 'my course'" in rest
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", int(real_port)), timeout=5)


@pytest.mark.skipif(os.name != "posix", reason="the home is found in another way there")
def test_in_a_folder_of_any_script_with_a_home_that_cannot_be_written(
    tmp_path, source, environment
):
    """JupyterLab answers, lists the lessons, and a kernel of ours starts and computes."""
    (tmp_path / "Дом José").write_text("no folder")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        del environment[name]
    environment = environment | {"HOME": str(tmp_path / "Дом José"), "XDG_CACHE_HOME": ""}
    folder = tmp_path / "深度学习 – курс №1"
    process = subprocess.Popen(
        [sys.executable, "-c", LEARN, str(source), "learn", str(folder), "--no-browser"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, f"the command ended: {said}{process.stderr.read()}"
            said += line
        assert f"what belongs there is kept in {folder / '.dlcore' / 'home'}." in said
        access = jupyter.running(folder)
        server = f"http://127.0.0.1:{access.port}"
        names = {row["name"] for row in get(f"{server}/api/contents", access.token)["content"]}
        assert names == {"01_line.ipynb"}
        post = urllib.request.Request(
            f"{server}/api/kernels",
            data=b'{"name": "python3"}',
            headers={"Authorization": f"token {access.token}"},
        )
        with urllib.request.urlopen(post, timeout=60) as reply:
            assert json.load(reply)["name"] == "python3"
        connections = folder / ".dlcore" / "home" / "servers"
        assert list(connections.glob("kernel-*.json"))
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    "record", [None, "", "[]", "{}", '{"port": "x", "token": ""}', '{"port": 9, "token": "abc"}']
)
def test_what_a_server_left_behind_is_no_running_one(tmp_path, record):
    (tmp_path / ".dlcore").mkdir()
    if record is not None:
        (tmp_path / ".dlcore" / jupyter.RUNNING).write_text(record)
    assert jupyter.running(tmp_path) is None


def test_somebody_elses_server_on_the_port_is_not_ours(tmp_path):
    """It answers, but our token does not let us in."""

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(403)

        def log_message(self, *_):
            pass

    (tmp_path / ".dlcore").mkdir()
    with http.server.HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        record = {"port": server.server_port, "token": "ours of yesterday"}
        (tmp_path / ".dlcore" / jupyter.RUNNING).write_text(json.dumps(record))
        assert jupyter.running(tmp_path) is None
        server.shutdown()


def test_a_server_that_dies_at_once_says_its_last_words(tmp_path, monkeypatch):
    (tmp_path / ".dlcore").mkdir()
    broken = [sys.executable, "-c", "raise SystemExit('no module named jupyterlab')"]
    monkeypatch.setattr(jupyter, "command", lambda folder, port: broken)
    with pytest.raises(jupyter.ServerError, match="no module named jupyterlab"):
        with jupyter.Server(tmp_path) as server:
            server.wait_until_ready()


@pytest.mark.parametrize("root", [True, False])
def test_root_is_allowed_only_where_the_user_is_root(monkeypatch, root):
    monkeypatch.setattr(jupyter, "is_root", lambda: root)
    assert ("--allow-root" in jupyter.command(Path("x"), 8888)) is root


def test_the_token_is_not_on_the_command_line(tmp_path):
    server = jupyter.Server(tmp_path)
    token = server.access.address("x.ipynb").partition("token=")[2]
    assert len(token) >= 32
    assert token not in " ".join(jupyter.command(tmp_path, server.access.port))


def test_an_address_survives_odd_names():
    address = jupyter.Access(8888, "abc").address("01 ça & là?.ipynb")
    assert "/lab/tree/01%20%C3%A7a%20%26%20l%C3%A0%3F.ipynb?token=" in address


def test_without_a_free_port_there_is_one_sentence(monkeypatch):
    monkeypatch.setattr(jupyter, "PORTS_TO_TRY", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(jupyter.ServerError, match="choose another with --port"):
            jupyter.free_port(taken.getsockname()[1])
