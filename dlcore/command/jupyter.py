"""A JupyterLab server as a child process: started, watched, and ended cleanly.

The learner's own Jupyter configuration holds; only what the course needs is set, on the command
line and in the environment of the child.
"""

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

HOST = "127.0.0.1"
PORTS_TO_TRY = 50
SECONDS_TO_START = 120.0
SECONDS_TO_STOP = 15.0

# Otherwise a kernel named python3 in the home folder would run, without our packages.
OUR_KERNEL = {"JUPYTER_PREFER_ENV_PATH": "1"}

# Otherwise a first lesson opens under the question whether JupyterLab may fetch news. Only the
# default is changed: what the learner has chosen in their own settings still counts.
DEFAULT_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


RUNNING = "server.json"


class ServerError(Exception):
    """One sentence that says why JupyterLab is not running."""


@dataclass(frozen=True)
class Access:
    """What lets a browser into a server on this machine."""

    port: int
    token: str

    def address(self, file: str) -> str:
        """The address that opens `file`, with the token that lets the browser in."""
        return f"http://{HOST}:{self.port}/lab/tree/{quote(file)}?token={self.token}"

    def answers(self) -> bool:
        """Whether there is a server that lets us in."""
        try:
            return _get(f"http://{HOST}:{self.port}/api/status?token={quote(self.token)}") == 200
        except (OSError, ValueError, http.client.HTTPException):
            return False


def running(folder: Path) -> Access | None:
    """The server that `dlcore learn` runs on a folder at this moment, or None."""
    try:
        found = json.loads((folder / ".dlcore" / RUNNING).read_text("utf-8"))
        access = Access(int(found["port"]), str(found["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return access if access.answers() else None


def _get(address: str) -> int:
    # Without the proxies of the environment: this address is our own machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=5) as reply:
        return int(reply.status)


class Server:
    """JupyterLab on `folder`, from the interpreter that runs this; a context manager.

    Args:
        folder: what the learner sees as the top of the file browser.
        port: the first port to try.
        environment: more variables for it and its kernels.

    Raises:
        ServerError: no port is free, or (`wait_until_ready`) JupyterLab does not answer.
    """

    def __init__(
        self, folder: Path, port: int = 8888, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.access = Access(free_port(port), secrets.token_hex(24))
        self._environment = dict(environment or {})
        self._record = self.folder / ".dlcore" / RUNNING
        self.log = self.folder / ".dlcore" / "jupyterlab.log"

    def __enter__(self) -> "Server":
        own = self.folder / ".dlcore"
        (own / "jupyter" / "labconfig").mkdir(parents=True, exist_ok=True)
        settings = own / "jupyter" / "labconfig" / "default_setting_overrides.json"
        settings.write_text(json.dumps(DEFAULT_SETTINGS), "utf-8")
        write_kernel(own / "jupyter")
        configurations = [str(own / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
        data = [str(own / "jupyter"), os.environ.get("JUPYTER_PATH", "")]
        environment = (
            os.environ
            | OUR_KERNEL
            | self._environment
            | {
                "DLCORE_COURSE_FOLDER": str(self.folder),
                "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, configurations)),
                "JUPYTER_PATH": os.pathsep.join(filter(None, data)),
                # Not on the command line, which everyone on the machine can read.
                "JUPYTER_TOKEN": self.access.token,
                "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
            }
        )
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command(self.folder, self.access.port),
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the server and its kernels; a second Ctrl-C does not leave it running."""
        self._forget()
        try:
            if sys.platform != "win32":
                # There `terminate` kills at once, and the console's Ctrl-C reaches the child.
                self._process.terminate()
            self._process.wait(SECONDS_TO_STOP)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self._process.kill()
            self._process.wait()

    def wait_until_ready(self) -> None:
        """Returns once the server answers; from then on `running` knows of it."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ServerError(f"JupyterLab ended while starting: {self._last_words()}")
            with contextlib.suppress(OSError, urllib.error.URLError):
                _get(f"http://{HOST}:{self.access.port}/api")
                self._remember()
                return
            time.sleep(0.1)
        waited = f"{SECONDS_TO_START:.0f} s"
        raise ServerError(f"JupyterLab did not answer within {waited}: see {self.log}")

    def wait(self) -> int:
        """Returns the exit code once the server has ended, for instance by File > Shut Down."""
        return self._process.wait()

    def _remember(self) -> None:
        with contextlib.suppress(OSError):
            self._record.unlink(missing_ok=True)
            # Made anew and for nobody else: whoever can read it can run code as this user.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with open(os.open(self._record, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump(asdict(self.access), file)

    def _forget(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            if json.loads(self._record.read_text("utf-8")) == asdict(self.access):
                self._record.unlink()

    def _last_words(self) -> str:
        lines = self.log.read_text("utf-8", errors="replace").strip().splitlines()
        return f"{lines[-1].strip() if lines else 'it said nothing'} (all of it in {self.log})"


def command(folder: Path, port: int) -> list[str]:
    """The command line of the server; nothing in it asks the network for anything."""
    arguments = [
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.base_url=/",
        "--ServerApp.open_browser=False",
        "--ServerApp.answer_yes=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if is_root():
        arguments.append("--allow-root")
    return [sys.executable, "-m", "jupyterlab", *arguments]


def write_kernel(folder: Path) -> None:
    """A kernel of this Python that knows, from its first cell on, what a missing name means."""
    spec = {
        "argv": [
            *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
            "--IPKernelApp.extra_extensions=dlcore.course.returning",
        ],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "metadata": {"debugger": True},
    }
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.json").write_text(json.dumps(spec, indent=1), "utf-8")


def is_root() -> bool:
    """Whether JupyterLab would refuse this user without `--allow-root`."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def free_port(first: int) -> int:
    """The first port from `first` on that nothing listens to.

    Raises:
        ServerError: the next fifty are all taken.
    """
    last = min(first + PORTS_TO_TRY, 65536)
    for port in range(first, last):
        with socket.socket() as probe:
            if os.name == "posix":
                # As the server does: a port whose last connection is still fading counts as free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerError(f"Ports {first} to {last - 1} are all taken: choose another with --port.")


def open_browser(address: str) -> None:
    """Opens the learner's browser; where there is none, the printed address has to do."""
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(address)


@contextlib.contextmanager
def stop_signals() -> Iterator[None]:
    """Lets a closed terminal or a polite `kill` end the server just as Ctrl-C does."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.getsignal(getattr(signal, name)) for name in names}
    for name in names:
        signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        yield
    finally:
        for name in names:
            signal.signal(getattr(signal, name), before[name])
