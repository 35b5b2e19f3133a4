"""Where lessons and data are found: in an installed package, in a checkout, or not at all."""

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
