"""What is handed on: the wheel, complete and with one name at its top; and the source archive."""

import email
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dlcore
from dlcore.resources import DISTRIBUTION

ROOT = Path(__file__).resolve().parent.parent

# Runs on the unpacked wheel, away from the checkout.
USE = """
import sys
from pathlib import Path
import dlcore
from dlcore import datasets, resources
from dlcore.command import learn
assert Path(dlcore.__file__).is_relative_to(sys.argv[1]), dlcore.__file__
assert len(datasets.photos.load_data()) == 2  # photographs without labels
for name in set(datasets.__all__) - set(datasets.DOWNLOADED) - {"photos"}:
    (x_train, y_train), (x_test, y_test) = getattr(datasets, name).load_data()
    assert len(x_train) == len(y_train) > len(x_test) == len(y_test) > 0, name
from dlcore.course.registry import Registry
print(*(exercise.id for exercise in Registry(resources.exercises_folder()).all()))
print(*learn.hand_out(Path("course")).new)
"""


def build(target: str, root: Path, folder: Path) -> Path:
    """Builds with the hatchling of this environment, so that no network is needed."""
    run = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The folder that the source archive unpacks to."""
    folder = tmp_path_factory.mktemp("unpacked")
    archive = build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    # By the command, since the versions of Python disagree about the arguments of `extractall`.
    subprocess.run([sys.executable, "-m", "tarfile", "-e", archive, folder], check=True)
    (root,) = folder.iterdir()
    return root


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_has_one_package_at_its_top(wheel):
    tops = {name.partition("/")[0] for name in names_in(wheel)}
    assert tops == {"dlcore", f"dlcore_course-{dlcore.__version__}.dist-info"}


def test_the_library_alone_asks_for_nothing_of_the_course(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        told = email.message_from_bytes(archive.read(name))
    assert (told["Name"], told["Version"]) == (DISTRIBUTION, dlcore.__version__)
    extras = {"course", "cuda", "cuda12", "pictures", "tensorboard", "test"}
    assert set(told.get_all("Provides-Extra")) == extras
    found: dict[str, set[str]] = {name: set() for name in ("", *extras)}
    for line in told.get_all("Requires-Dist"):
        package, extra = re.match(r"([\w-]+)[^;]*(?:; extra == ['\"](\w+)['\"])?$", line).groups()
        found[extra or ""].add(package)
    assert {"numpy", "numba", "h5py", "tqdm"} <= found[""]
    assert found["course"] == {"jupyterlab", "ipykernel", "ipywidgets", "anywidget", "matplotlib"}
    assert found["course"] < found["test"] and not found["course"] & found[""]


def test_library_lessons_exercises_and_data_are_inside(wheel):
    wanted = {
        f"dlcore/{path.relative_to(ROOT / 'dlcore').as_posix()}"
        for ending in ("py", "js", "css")
        for path in (ROOT / "dlcore").rglob(f"*.{ending}")
    }
    for folder, patterns in {
        "lessons": ["*.ipynb", "exercises/*.py", "README.md"],
        "datasets": ["*.gz", "*.npz", "*.md", "SHA256SUMS"],
    }.items():
        for pattern in patterns:
            found = {path.relative_to(ROOT) for path in (ROOT / folder).glob(pattern)}
            assert found, f"{folder}/{pattern}"
            wanted |= {f"dlcore/_bundled/{path.as_posix()}" for path in found}
    assert wanted - names_in(wheel) == set()


def test_type_checkers_see_the_types(wheel):
    assert "dlcore/py.typed" in names_in(wheel)


def test_nothing_of_the_workshop_is_inside(wheel):
    unwanted = ("__pycache__", ".ipynb_checkpoints", "tests/", "my_dlcore.py", ".part")
    assert [name for name in names_in(wheel) if any(word in name for word in unwanted)] == []


def test_the_wheel_works_away_from_the_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    run = subprocess.run(
        [sys.executable, "-c", USE, str(tmp_path / "site")],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    exercises, lessons = (line.split() for line in run.stdout.splitlines())
    assert "01.dense" in exercises
    notebooks = sorted(path.name for path in (ROOT / "lessons").glob("*.ipynb"))
    assert sorted(name for name in lessons if name.endswith(".ipynb")) == notebooks


def test_the_source_archive_builds_the_same_wheel(wheel, sdist, tmp_path):
    assert names_in(build("wheel", sdist, tmp_path)) == names_in(wheel)


def test_the_top_of_the_repository_holds_the_four_folders_and_four_files(sdist):
    seen = {path.name for path in sdist.iterdir() if not path.name.startswith(".")}
    folders = {"datasets", "dlcore", "lessons", "tests"}
    assert seen == folders | {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}


def test_the_tests_travel_with_the_source(sdist):
    assert (sdist / "tests" / Path(__file__).name).is_file()
    assert (sdist / ".ci" / "run").is_file()
