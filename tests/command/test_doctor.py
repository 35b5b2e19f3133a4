"""`dlcore doctor` on machines that are well and on machines that are not; never a traceback."""

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from dlcore import resources
from dlcore.command import cli, doctor

# A machine on which a package is not installed. (A kernel of its own would see the real one.)
WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None
from dlcore.command import cli, doctor
del doctor.CHECKS["kernel"]
raise SystemExit(cli.main(["doctor", sys.argv[2], "--json"]))
"""


@pytest.fixture
def with_lessons(tmp_path, monkeypatch):
    """The lessons' folder has a lesson, whatever the state of the checkout."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "01_line.ipynb").write_text("{}")
    monkeypatch.setattr(resources, "lessons_folder", lambda: tmp_path / "lessons")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home that can be written, whatever that of the tester is like."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    for name in ("XDG_CACHE_HOME", "DLCORE_CACHE_FOLDER"):
        monkeypatch.delenv(name, raising=False)
    return folder


def by_topic(findings: list[doctor.Finding]) -> dict[str, doctor.Finding]:
    return {finding.topic: finding for finding in findings}


@pytest.fixture
def only(monkeypatch):
    """Runs a single check through `examine`, as the command does."""

    def run(topic: str, folder: Path) -> list[doctor.Finding]:
        monkeypatch.setattr(doctor, "CHECKS", {topic: doctor.CHECKS[topic]})
        return doctor.examine(folder)

    return run


def test_a_healthy_machine(tmp_path, with_lessons, capsys):
    assert cli.main(["doctor", str(tmp_path / "course")]) == 0
    said = capsys.readouterr().out
    topics = {line.split("  ")[0] for line in said.splitlines()}
    assert {
        "Python",
        "dlcore",
        "packages",
        "backend numpy",
        "backend cpu",
        "threads",
        "BLAS",
        "widgets",
        "kernel",
        "GPU",
        "data",
        "lessons",
        "course folder",
        "disk",
        "files",
        "to remove all",
    } <= topics
    assert not {"namesake", "course"} & topics
    assert said.endswith("\nThe course can be done here.\n")
    assert "broken" not in said
    assert not (tmp_path / "course").exists(), "a doctor looks and changes nothing"


def report_without(package: str, folder: Path, **environment: str) -> tuple[int, list[dict]]:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT, package, str(folder)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stderr == ""
    report = json.loads(run.stdout)
    assert report["course_possible"] is (run.returncode == 0)
    return run.returncode, report["findings"]


def test_without_numba_the_course_runs_on_numpy(tmp_path):
    _, findings = report_without("numba", tmp_path)
    found = {row["topic"]: row for row in findings}
    assert found["numba"]["state"] == found["backend cpu"]["state"] == "note"
    assert "pip install" in found["numba"]["mend"]
    assert found["backend numpy"]["state"] == "ok"
    assert {name for name, row in found.items() if row["state"] == "broken"} <= {"lessons"}


@pytest.mark.parametrize("package", ["numpy", "matplotlib", "jupyterlab", "ipywidgets"])
def test_without_a_package_that_is_needed_the_course_cannot_be_done(tmp_path, package):
    code, findings = report_without(package, tmp_path)
    found = {row["topic"]: row for row in findings}
    assert code == 1
    assert found[package]["state"] == "broken"
    assert f'install --force-reinstall "{package}>=' in found[package]["mend"]


def test_without_the_reader_of_requirements_there_is_still_a_table(tmp_path):
    code, findings = report_without("packaging", tmp_path)
    assert code == 1
    assert {"packages": "broken", "data": "ok"}.items() <= {
        row["topic"]: row["state"] for row in findings
    }.items()


def test_a_numba_that_is_broken_is_a_note_with_its_own_words(tmp_path):
    (tmp_path / "numba").mkdir()
    broken = "raise ImportError('Numba needs another NumPy')"
    (tmp_path / "numba" / "__init__.py").write_text(broken)
    _, findings = report_without("nothing", tmp_path, PYTHONPATH=str(tmp_path))
    found = {row["topic"]: row for row in findings}
    for topic in ("numba", "backend cpu"):
        assert found[topic]["state"] == "note"
        assert "Numba needs another NumPy" in found[topic]["text"]
    assert found["backend numpy"]["state"] == "ok"


def test_damaged_data_are_named_with_their_mend(tmp_path, only, monkeypatch):
    copy = tmp_path / "datasets"
    shutil.copytree(resources.datasets_folder(), copy)
    damaged = bytearray((copy / "digits8.npz").read_bytes())
    damaged[1000] ^= 1
    (copy / "digits8.npz").write_bytes(damaged)
    (copy / "penguins.csv.gz").unlink()
    monkeypatch.setattr(resources, "datasets_folder", lambda: copy)
    found = by_topic(only("data", tmp_path))
    assert "damaged" in found["data digits8"].text
    assert "missing" in found["data penguins"].text
    assert {found[name].state for name in ("data digits8", "data penguins")} == {"broken"}
    assert "credit" in found["data"].text and "digits8" not in found["data"].text


def test_somebody_elses_dlcore_is_found(tmp_path, only, monkeypatch):
    """As pip leaves it: a distribution of that name, whatever lies in the folder they share."""
    assert only("namesake", tmp_path) == []
    place = tmp_path / "site" / "dlcore-0.0.15.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: dlcore\nVersion: 0.0.15\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    (found,) = only("namesake", tmp_path)
    assert found.state == "broken" and "the package dlcore 0.0.15 is installed too" in found.text
    assert "-m pip uninstall -y dlcore, then install dlcore again" in found.mend


def test_with_the_library_alone_one_line_adds_the_course(tmp_path, monkeypatch):
    version = metadata.version

    def alone(name):
        if name in ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "matplotlib"):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", alone)
    wanted = ("packages", "widgets", "kernel")
    monkeypatch.setattr(doctor, "CHECKS", {topic: doctor.CHECKS[topic] for topic in wanted})
    findings = doctor.examine(tmp_path)
    assert {row.topic for row in findings if row.state != "ok"} == {"course"}
    found = by_topic(findings)["course"]
    assert found.state == "broken" and found.mend == resources.course_command()
    assert "anywidget, ipykernel, ipywidgets, jupyterlab, matplotlib" in found.text


def test_it_tells_where_everything_lies_and_how_to_remove_it(tmp_path, only, monkeypatch):
    monkeypatch.setenv("DLCORE_CACHE_FOLDER", str(tmp_path / "kernels"))
    monkeypatch.setenv("DLCORE_DATA_FOLDER", str(tmp_path / "data"))
    found = only("files", tmp_path / "course")
    texts = [row.text for row in found]
    assert f"compiled kernels: {tmp_path / 'kernels'} (not there yet)" in texts
    assert f"downloaded data: {tmp_path / 'data'} (not there yet)" in texts
    assert {"ok"} == {row.state for row in found}
    (removal,) = (row.text for row in found if row.topic == "to remove all")
    for place in (
        sys.prefix if sys.prefix != sys.base_prefix else "uninstall dlcore-course",
        tmp_path / "kernels",
        tmp_path / "data",
        tmp_path / "course",
    ):
        assert str(place) in removal


def test_a_home_that_cannot_be_written_is_a_note(tmp_path, only, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "file" / "ipython"))
    (note,) = (row for row in only("files", tmp_path / "course") if row.state != "ok")
    assert note.state == "note" and str(tmp_path / "file" / "ipython") in note.text
    assert str(tmp_path / "course" / ".dlcore" / "home") in note.text


def test_a_package_that_is_too_old_is_named(tmp_path, only, monkeypatch):
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda n: "1.0" if n == "tqdm" else version(n))
    found = by_topic(only("packages", tmp_path))["tqdm"]
    assert found.state == "broken"
    assert "1.0 is installed, >=" in found.text
    assert 'install --force-reinstall "tqdm>=' in found.mend


def test_a_backend_that_computes_wrong_numbers_is_found(tmp_path, only, monkeypatch):
    from dlcore import backends

    monkeypatch.setattr(backends, "compute", lambda name, a, b: a @ b + 1)
    assert by_topic(only("backends", tmp_path))["backend numpy"].state == "broken"


def test_kernels_that_cpu_lacks_are_listed(tmp_path, only, monkeypatch):
    from dlcore.backends import cpu

    assert by_topic(only("backends", tmp_path))["backend cpu"].text == "computes"
    monkeypatch.delattr(cpu, "relu")
    found = by_topic(only("backends", tmp_path))["backend cpu"]
    assert found.text == "computes; in NumPy run relu" and found.state == "ok"


def test_the_backend_of_the_caller_is_put_back(tmp_path, only):
    from dlcore import backends

    before = backends.get_backend()
    try:
        backends.set_backend("numpy")
        only("backends", tmp_path)
        assert backends.get_backend() == "numpy"
    finally:
        backends.set_backend(before)


def test_a_widget_without_its_front_end_is_found(tmp_path, only, monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    assert by_topic(only("widgets", tmp_path))["widgets"].state == "broken"


def test_a_kernel_that_does_not_start_is_found(tmp_path, only, monkeypatch):
    dead = tmp_path / "data" / "kernels" / "python3"
    dead.mkdir(parents=True)
    spec = {"argv": [str(tmp_path / "gone"), "{connection_file}"], "display_name": "x"}
    (dead / "kernel.json").write_text(json.dumps(spec | {"language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "data"))
    found = by_topic(only("kernel", tmp_path))["kernel"]
    assert found.state == "broken"
    assert "does not start" in found.text and "gone" in found.text


def test_a_folder_that_cannot_be_written_is_found(tmp_path, only, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    found = by_topic(only("course folder", tmp_path))["course folder"]
    assert found.state == "broken"
    assert found.mend == "choose another: dlcore learn FOLDER"


def test_a_full_disk_is_found(tmp_path, only, monkeypatch):
    nearly_full = type(shutil.disk_usage("."))(10**9, 10**9 - 10**6, 10**6)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: nearly_full)
    found = only("disk", tmp_path)
    assert [row.state for row in found] == ["broken", "broken"]
    assert found[1].mend.endswith("DLCORE_CACHE_FOLDER to a folder with space")


def test_without_lessons_the_course_cannot_be_done(tmp_path, only, monkeypatch):
    monkeypatch.setattr(resources, "lessons_folder", lambda: tmp_path)
    assert by_topic(only("lessons", tmp_path))["lessons"].state == "broken"


def test_a_check_that_raises_is_a_finding_and_not_a_traceback(tmp_path, monkeypatch, capsys):
    def explode(folder):
        yield doctor.Finding("first", "ok", "said before")
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(doctor, "CHECKS", {"fuse": explode})
    assert cli.main(["doctor", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "ZeroDivisionError: two" in said
    assert "The course cannot be done yet." in said


@pytest.mark.skipif(os.name == "nt", reason="the console's encoding is set another way there")
def test_a_path_that_the_terminal_cannot_show_is_no_failure(tmp_path):
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from dlcore.command import cli; cli.main()",
            "doctor",
            str(tmp_path / "é"),
        ],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=120,
    )
    assert run.stderr == b""
    assert rb"\xe9" in run.stdout


def test_learn_sends_a_machine_without_numpy_to_the_doctor(tmp_path):
    code = "import sys; sys.modules['numpy'] = None; from dlcore.command import cli; "
    code += f"raise SystemExit(cli.main(['learn', {str(tmp_path)!r}]))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    assert "`dlcore doctor` says how to mend it" in run.stderr
    assert run.stderr.count("\n") == 1
