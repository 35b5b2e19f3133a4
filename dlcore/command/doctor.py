"""`dlcore doctor`: what works on this machine, and how to mend the rest.

Nothing here may fail: a check that raises becomes a finding. So at its top this file imports the
standard library and what needs no more than that, and each check imports what it looks at.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from dlcore.command.diagnosis import BROKEN, NOTE, OK, Finding, pip
from dlcore.command.gpu import gpu

if TYPE_CHECKING:
    from packaging.requirements import Requirement

MEGABYTES_NEEDED = 100
CAN_DO_WITHOUT = {"numba", "scipy"}
"""Without these the course runs on the backend numpy."""


Check = Callable[[Path], Iterator[Finding]]


def doctor(folder: Path, as_json: bool = False) -> int:
    """Prints what works on this machine.

    Args:
        folder: the course folder, which need not exist yet.
        as_json: print a JSON object with `course_possible` and the list of `findings`.

    Returns:
        0 if the course can be done here, else 1.
    """
    findings = examine(folder)
    possible = all(finding.state != BROKEN for finding in findings)
    if as_json:
        rows = [asdict(finding) for finding in findings]
        print(json.dumps({"course_possible": possible, "findings": rows}, indent=1))
    else:
        print(table(findings))
        print("\nThe course can be done here." if possible else "\nThe course cannot be done yet.")
    return 0 if possible else 1


def examine(folder: Path) -> list[Finding]:
    """Runs every check; one that raises is itself a finding."""
    findings: list[Finding] = []
    for topic, check in CHECKS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                findings += check(folder)
        except (Exception, SystemExit) as error:
            text = f"{type(error).__name__}: {str(error).strip() or 'no reason given'}"
            findings.append(Finding(topic, BROKEN, text.splitlines()[0], REINSTALL))
    return findings


def table(findings: list[Finding]) -> str:
    """The findings as lines of text, each thing to mend with how under it."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.topic:<14} {finding.state:<7} {finding.text}")
        if finding.mend:
            lines.append(f"{'':<14} {'':<7} -> {finding.mend}")
    return "\n".join(lines)


def _python(folder: Path) -> Iterator[Finding]:
    text = f"{platform.python_version()} ({platform.platform()}) at {sys.executable}"
    yield Finding("Python", OK, text)


def _dlcore(folder: Path) -> Iterator[Finding]:
    import dlcore

    yield Finding("dlcore", OK, f"{dlcore.__version__} at {Path(dlcore.__file__).parent}")


def _namesake(folder: Path) -> Iterator[Finding]:
    """A distribution named dlcore: somebody else's, or ours of before it was renamed."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        text = (
            f"the package dlcore {metadata.version('dlcore')} is installed too, in the same folder "
            f"as this course: it is somebody else's, or this course before version 0.2.0"
        )
        yield Finding("namesake", BROKEN, text, f"{pip()} uninstall -y dlcore, then {REINSTALL}")


def _packages(folder: Path) -> Iterator[Finding]:
    """Each requirement that this dlcore declares: there, new enough, importable."""
    from dlcore.resources import course_command

    good = []
    missing = _missing_for_the_course()
    for requirement, _ in _requirements():
        name = requirement.name
        if name in missing:
            continue
        fault = _fault_of_package(name, requirement.specifier)
        if fault:
            state = NOTE if name in CAN_DO_WITHOUT else BROKEN
            wanted = f'"{name}{requirement.specifier}"'
            yield Finding(name, state, fault, f"{pip()} install --force-reinstall {wanted}")
        else:
            good.append(f"{name} {metadata.version(name)}")
    yield Finding("packages", OK, ", ".join(good))
    if missing:
        text = f"only the library is installed; the course needs {', '.join(missing)} too"
        yield Finding("course", BROKEN, text, course_command())


def _requirements() -> Iterator[tuple[Requirement, bool]]:
    """What dlcore requires here, and whether only its extra `course` does."""
    from packaging.requirements import Requirement

    from dlcore.resources import DISTRIBUTION

    for line in metadata.requires(DISTRIBUTION) or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": ""}):
            yield requirement, False
        elif marker.evaluate({"extra": "course"}):
            yield requirement, True


def _missing_for_the_course() -> list[str]:
    """The packages of the extra `course` that are not installed."""
    missing = []
    for requirement, only_course in _requirements():
        try:
            metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            missing += [requirement.name] * only_course
    return missing


def _fault_of_package(name: str, wanted) -> str:  # type: ignore[no-untyped-def]
    try:
        version = metadata.version(name)
        importlib.import_module(name)
    except metadata.PackageNotFoundError:
        return "is not installed"
    except Exception as error:
        return f"cannot be imported ({type(error).__name__}: {error})"
    if not wanted.contains(version, prereleases=True):
        return f"{version} is installed, {wanted} is needed"
    return ""


def _backends(folder: Path) -> Iterator[Finding]:
    """Each backend multiplies two small matrices; the first time `cpu` compiles for it."""
    import numpy as np

    from dlcore import backends

    a = np.arange(6, dtype=np.float32).reshape(2, 3)
    before = "numpy"
    with contextlib.suppress(Exception):  # a broken Numba is told below, by its own line
        before = backends.get_backend()
    try:
        for name, reason in backends.available_backends().items():
            topic = f"backend {name}"
            if name == "mine":
                continue
            if reason:
                # What keeps a GPU from being used has a line of its own, with its mend.
                mend = f"{pip()} install numba" if name == "cpu" else ""
                yield Finding(topic, NOTE, reason, mend)
                continue
            try:
                backends.set_backend(name)
                right = np.array_equal(backends.compute("matmul", a, a.T.copy()), a @ a.T)
            except Exception as error:
                state = BROKEN if name == "numpy" else NOTE
                yield Finding(topic, state, f"{type(error).__name__}: {error}", REINSTALL)
            else:
                text = "computes" if right else "computes wrong numbers"
                missing = backends.missing_kernels(name)
                if missing:
                    text += f"; in NumPy run {', '.join(missing)}"
                yield Finding(topic, OK if right else BROKEN, text, "" if right else REINSTALL)
    finally:
        backends.set_backend(before)


def _threads(folder: Path) -> Iterator[Finding]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    text = f"{usable} of {os.cpu_count()} processors usable"
    with contextlib.suppress(Exception):
        import numba

        text += f", Numba uses {numba.get_num_threads()}"
    yield Finding("threads", OK, text)


def _blas(folder: Path) -> Iterator[Finding]:
    import numpy as np
    import threadpoolctl

    np.ones((2, 2)) @ np.ones((2, 2))
    with contextlib.suppress(ImportError):
        import scipy.linalg.cython_blas  # noqa: F401  threadpoolctl sees only what is loaded
    libraries = [row for row in threadpoolctl.threadpool_info() if row["user_api"] == "blas"]
    names = {
        f"{row['internal_api']} {row['version']} ({row['num_threads']} threads)"
        for row in libraries
    }
    if names:
        yield Finding("BLAS", OK, ", ".join(sorted(names)))
    else:
        text = "none that threadpoolctl knows: its threads cannot be limited during training"
        yield Finding("BLAS", NOTE, text, "set OMP_NUM_THREADS=1 if training is slow")


def _widgets(folder: Path) -> Iterator[Finding]:
    """Both halves of each widget package: the Python one, and the one for the browser."""
    if _missing_for_the_course():
        return
    from jupyter_core.paths import jupyter_path

    halves = {"ipywidgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}
    for package, extension in halves.items():
        places = [Path(place, extension, "package.json") for place in jupyter_path("labextensions")]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            mend = f"{pip()} install --force-reinstall {package}"
            yield Finding("widgets", BROKEN, f"{package} has no front end in JupyterLab", mend)
        else:
            front = json.loads(found.read_text("utf-8"))["version"]
            text = f"{package} {metadata.version(package)}, its front end {front}"
            yield Finding("widgets", OK, text)


def _kernel(folder: Path) -> Iterator[Finding]:
    """Starts the kernel that a lesson would get and lets it import what a lesson imports."""
    from dlcore.command import places
    from dlcore.command.jupyter import OUR_KERNEL

    if _missing_for_the_course():
        return
    probe = (
        "from jupyter_client.manager import start_new_kernel\n"
        "manager, client = start_new_kernel(kernel_name='python3')\n"
        "reply = client.execute_interactive('import dlcore, matplotlib, ipywidgets, sys\\n'\n"
        "    'print(sys.executable)', timeout=60)\n"
        "client.stop_channels(); manager.shutdown_kernel(now=True)\n"
        "raise SystemExit(0 if reply['content']['status'] == 'ok' else 1)\n"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as spare:
        run = subprocess.run(
            [sys.executable, "-c", probe],
            env=os.environ | OUR_KERNEL | places.substitutes(Path(spare)),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
        )
    said = (run.stdout + run.stderr).strip().splitlines() or ["nothing"]
    if run.returncode == 0:
        yield Finding("kernel", OK, f"python3 starts, from {run.stdout.strip()}")
    else:
        mend = f"{pip()} install --force-reinstall ipykernel jupyter_client"
        yield Finding("kernel", BROKEN, f"python3 does not start: {said[-1]}", mend)


def _data(folder: Path) -> Iterator[Finding]:
    """Loads every data set that needs no network, which verifies its checksum."""
    from dlcore import datasets

    good = []
    for name in datasets.__all__:
        if name in datasets.DOWNLOADED:
            continue
        try:
            importlib.import_module(f"dlcore.datasets.{name}").load_data()
            good.append(name)
        except (OSError, ValueError) as error:
            yield Finding(f"data {name}", BROKEN, str(error), REINSTALL)
    yield Finding("data", OK, f"{', '.join(good) or 'none'}: complete, checksums right")


def _lessons(folder: Path) -> Iterator[Finding]:
    from dlcore.resources import lessons_folder

    lessons = sorted(lessons_folder().glob("*.ipynb"))
    text = f"{len(lessons)} in {lessons_folder()}"
    yield Finding("lessons", OK if lessons else BROKEN, text, "" if lessons else REINSTALL)


def _course_folder(folder: Path) -> Iterator[Finding]:
    place = _nearest(folder)
    state = "is there" if place == folder.resolve() else "will be made by dlcore learn"
    try:
        with tempfile.TemporaryFile(dir=place):
            yield Finding("course folder", OK, f"{folder.resolve()} {state}, and can be written")
    except OSError as error:
        text = f"{place} cannot be written ({error.strerror})"
        yield Finding("course folder", BROKEN, text, "choose another: dlcore learn FOLDER")


def _disk(folder: Path) -> Iterator[Finding]:
    from dlcore.command import places

    mends = {"course folder": "free some, or choose another: dlcore learn FOLDER"}
    mends["cache"] = "free some, or set DLCORE_CACHE_FOLDER to a folder with space"
    for name, place in (("course folder", folder), ("cache", places.usual()[0].path)):
        free = shutil.disk_usage(_nearest(place)).free // 10**6
        enough = free >= MEGABYTES_NEEDED
        text = f"{free} MB free for the {name} ({place.resolve()})"
        yield Finding("disk", OK if enough else BROKEN, text, "" if enough else mends[name])


def _places(folder: Path) -> Iterator[Finding]:
    """Where everything lies that is not in the course folder, and how to be rid of it."""
    from dlcore.command import places

    ours = []
    for place in places.usual():
        text = f"{place.what}: {place.path}"
        if places.can_be_written(place.path):
            text += "" if os.path.exists(place.path) else " (not there yet)"
            yield Finding("files", OK, text)
        else:
            text += f" cannot be written; dlcore learn keeps them in {places.beside(folder)}"
            yield Finding("files", NOTE, text)
        if place.variable.startswith("DLCORE_"):
            ours.append(str(place.path))
    program = f"run {pip()} uninstall dlcore-course"
    if sys.prefix != sys.base_prefix:
        program = f"delete {sys.prefix}"
    text = f"{program}, delete {' and '.join(ours)}; your work is in {folder.resolve()}"
    yield Finding("to remove all", OK, text)


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    folder = folder.resolve()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


REINSTALL = "install dlcore again, as the README's first command does"

CHECKS: dict[str, Check] = {
    "Python": _python,
    "dlcore": _dlcore,
    "namesake": _namesake,
    "packages": _packages,
    "backends": _backends,
    "threads": _threads,
    "BLAS": _blas,
    "widgets": _widgets,
    "kernel": _kernel,
    "GPU": gpu,
    "data": _data,
    "lessons": _lessons,
    "course folder": _course_folder,
    "disk": _disk,
    "files": _places,
}
