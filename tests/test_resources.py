"""Where lessons and data are found, where dlcore came from, and what the course needs."""

import json
import sys
from pathlib import Path

import pytest

from dlcore import resources


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An empty package folder that dlcore.resources takes for its own."""
    folder = tmp_path / "site" / "dlcore"
    folder.mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", folder)
    return folder


FINDERS = [
    (resources.lessons_folder, "lessons"),
    (resources.exercises_folder, "lessons/exercises"),
    (resources.datasets_folder, "datasets"),
]


@pytest.mark.parametrize(("find", "name"), FINDERS)
def test_a_checkout_has_them_beside_the_package(package, find, name):
    (package.parent / name).mkdir(parents=True)
    (package.parent / "pyproject.toml").touch()
    assert find() == package.parent / name


@pytest.mark.parametrize(("find", "name"), FINDERS)
def test_an_installed_package_has_them_inside_and_prefers_these(package, find, name):
    (package.parent / name).mkdir(parents=True)
    (package.parent / "pyproject.toml").touch()
    (package / "_bundled" / name).mkdir(parents=True)
    assert find() == package / "_bundled" / name


@pytest.mark.parametrize(("find", "name"), FINDERS)
def test_somebody_elses_folder_in_site_packages_is_not_taken(package, find, name):
    (package.parent / name).mkdir(parents=True)
    with pytest.raises(FileNotFoundError) as error:
        find()
    message = str(error.value)
    assert repr(name) in message
    assert str(package / "_bundled" / name) in message
    assert "reinstall dlcore" in message


def test_this_copy_of_dlcore_has_its_data():
    assert (resources.datasets_folder() / "SHA256SUMS").is_file()


@pytest.mark.parametrize("url", ["https://example.org/dlcore", ""])
def test_the_address_is_read_from_the_project_file_of_a_checkout(package, url):
    text = f'[project]\nname = "x"\n[project.urls]\nRepository = "{url}"\n'
    (package.parent / "pyproject.toml").write_text(text)
    assert resources.address() == url


def installed(site: Path, metadata: str, origin: dict | None = None) -> None:
    """dlcore-course as pip leaves it in site-packages."""
    place = site / "dlcore_course-9.9.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dlcore-course\n{metadata}")
    if origin is not None:
        (place / "direct_url.json").write_text(json.dumps(origin))


@pytest.fixture
def site(package, monkeypatch):
    """The folder of an installed package, which importlib.metadata looks into first."""
    monkeypatch.syspath_prepend(str(package.parent))
    return package.parent


def test_without_a_checkout_the_address_is_that_of_the_wheel(site):
    installed(site, "Version: 9.9\nProject-URL: Repository, https://example.org/dlcore\n")
    assert resources.address() == "https://example.org/dlcore"


def test_a_wheel_without_an_address_has_none(site):
    installed(site, "Version: 9.9\n")
    assert resources.address() == ""


WANTED = (
    "Version: 9.9\nRequires-Dist: numpy>=2.1\nRequires-Dist: jupyterlab>=4.3; extra == 'course'\n"
    'Requires-Dist: ruff; extra == "test"\nRequires-Dist: matplotlib<5,>=3.9 ; extra == "course"\n'
)


def test_what_is_missing_comes_from_where_dlcore_came_from(site, tmp_path):
    origin = tmp_path / "a checkout, über"
    origin.mkdir()
    installed(site, WANTED, {"url": origin.as_uri(), "dir_info": {}})
    assert resources.course_command().endswith(f' -m pip install "{origin}[course]"')


@pytest.mark.parametrize(
    ("python", "written"),
    [
        ("/opt/venv-1/bin/python3", "/opt/venv-1/bin/python3 -m"),
        ("C:\\x\\python.exe", "C:\\x\\python.exe -m"),
        ("/my course/bin/python", '"/my course/bin/python" -m'),
    ],
)
def test_the_program_is_quoted_where_it_must_be(site, monkeypatch, python, written):
    installed(site, WANTED)
    monkeypatch.setattr(sys, "executable", python)
    assert resources.course_command().startswith(written)


def test_an_editable_install_stays_one(site, tmp_path):
    installed(site, WANTED, {"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    assert resources.course_command().endswith(f' install -e "{tmp_path}[course]"')


@pytest.mark.parametrize("origin", [None, {"url": "file:///gone"}, {"url": "https://example.org"}])
def test_where_that_is_gone_the_packages_are_named(site, origin):
    installed(site, WANTED, origin)
    assert resources.course_command().endswith(' install "jupyterlab>=4.3" "matplotlib<5,>=3.9"')


def test_a_sentence_names_the_package_and_the_line_that_mends_it():
    resources.need_course("json")
    with pytest.raises(ModuleNotFoundError) as error:
        resources.need_course("json", "no_such_package")
    assert error.value.name == "no_such_package"
    assert "needs no_such_package, which is not installed" in str(error.value)
    assert str(error.value).endswith(resources.course_command())


def test_without_platformdirs_there_is_still_a_folder_for_compiled_kernels(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(resources.os.path, "expanduser", lambda _: str(tmp_path))
    assert resources.cache_folder() == tmp_path / ".cache" / "dlcore"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    assert resources.cache_folder() == tmp_path / "other" / "dlcore"
