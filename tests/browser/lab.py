"""A JupyterLab server with nothing of the tester's own, and a page of it in a real Chromium."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dlcore.course import lesson_map

REPOSITORY = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


@dataclass(frozen=True)
class Server:
    """A running JupyterLab."""

    address: str
    token: str

    def url(self, notebook: str) -> str:
        """Where it shows a notebook and nothing else."""
        return f"{self.address}/lab/tree/{notebook}?reset&token={self.token}"


def chromium() -> str | None:
    """The browser of this machine, if it has one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def missing() -> str:
    """What is not installed that a browser test needs, and how to get it; empty if all is there."""
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is not installed: pip install playwright"
    return "" if chromium() else "Chromium is not installed: apt-get install chromium"


def marks() -> list[pytest.MarkDecorator]:
    """The marks of every browser test."""
    why = missing()
    return [pytest.mark.browser, pytest.mark.skipif(bool(why), reason=why)]


@contextlib.contextmanager
def lesson(number: int, folder: Path) -> Iterator:
    """A page on which a lesson has run from top to bottom, in a course folder of its own."""
    chosen = next(each for each in lesson_map.LESSONS if each.number == number)
    root, private = folder / "course", folder / "private"
    root.mkdir()
    (root / chosen.file).write_bytes(chosen.path.read_bytes())
    with server(root, private, folder / "log") as running, page() as opened:
        run_all(opened, running.url(chosen.file))
        yield opened


@contextlib.contextmanager
def server(root: Path, private: Path, log: Path) -> Iterator[Server]:
    """JupyterLab on the folder ``root``; all that it remembers lies in ``private``."""
    token, port = secrets.token_hex(8), _free_port()
    settings = private / "config" / "labconfig"
    settings.mkdir(parents=True)
    (settings / "default_setting_overrides.json").write_text(
        json.dumps({"@jupyterlab/apputils-extension:notification": NO_NEWS})
    )
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "IPYTHONDIR": str(private / "ipython"),
        "DLCORE_COURSE_FOLDER": str(root),
        "PYTHONPATH": str(REPOSITORY),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", "--allow-root", f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            started = Server(f"http://127.0.0.1:{port}", token)
            _wait_for(started, process, log)
            yield started
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(started: Server, process: subprocess.Popen, log: Path, seconds: float = 90) -> None:
    ready = f"{started.address}/api?token={started.token}"
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(ready, timeout=5).close()
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@contextlib.contextmanager
def page(width: int = 1280, height: int = 900) -> Iterator:
    """An empty page of a Chromium of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield browser.new_page(viewport={"width": width, "height": height})
        finally:
            browser.close()


def run_all(page, url: str, seconds: float = 120) -> None:
    """Open a notebook and run its cells through the app itself: the menu is not always there."""
    page.goto(url)
    page.wait_for_function(
        "window.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=90_000
    )
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.ready")
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')", None)
    page.wait_for_function(
        """() => {
            const cells = window.jupyterapp.shell.currentWidget.content.widgets;
            const code = cells.filter(cell => cell.model.type === 'code');
            return code.every(cell => cell.model.executionState === 'idle'
                && cell.model.executionCount);
        }""",
        timeout=seconds * 1000,
    )
