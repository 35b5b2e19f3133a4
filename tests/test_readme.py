"""The README says what is: its commands, its links, its tables and its program."""

import re
import tomllib
from pathlib import Path

import pytest

from dlcore import datasets
from dlcore.command import cli, places
from dlcore.resources import DISTRIBUTION
from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import report, table
from tests.test_floors import FLOORS

ROOT = Path(__file__).resolve().parent.parent
DLCORE = ROOT / "dlcore"
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)
START, LIBRARY, TEST = COMMANDS


def test_the_first_command_sets_up_and_starts_the_course():
    made = "python3 -m venv .venv && .venv/bin/pip install "
    assert START == made + '".[course]" && .venv/bin/dlcore learn'
    assert LIBRARY == made + "."


def test_the_names_of_the_distribution_and_its_extras_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert project["name"] == DISTRIBUTION and f"is called `{DISTRIBUTION}`" in README
    assert f"{DISTRIBUTION}[course]" in extras["test"]
    for command in (START, TEST):
        assert re.search(r'"\.\[(\w+)\]"', command)[1] in extras


def test_ci_runs_the_second_command_and_nothing_after_it():
    assert "\n" not in TEST
    assert (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1] == TEST
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_the_workflow_runs_the_same():
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    assert re.search(r"^      - run: \.ci/run$", workflow, re.MULTILINE)
    (folded,) = re.findall(r"- run: >-\n((?: {10}.*\n)+)", workflow)
    words = " ".join(folded.split()).replace("${{ matrix.bin }}", "bin")
    words = words.replace("python -m venv", "python3 -m venv").replace("python -m pip", "pip")
    assert words == TEST


def test_the_windows_commands_are_the_same_commands():
    for command in COMMANDS:
        windows = command.replace("python3 -m", "py -m").replace(".venv/bin/", ".venv\\Scripts\\")
        assert f"`{windows}`" in README


def test_every_command_that_it_names_is_one(capsys):
    spoken = set(re.findall(r"\bdlcore ([a-z]+)\b(?=[^`\n]*`)", README))
    assert {"learn", "doctor", "notebooks"} <= spoken
    for command in spoken:
        with pytest.raises(SystemExit) as ending:
            cli.main([command, "--help"])
        assert ending.value.code == 0, command
    usage = capsys.readouterr().out + benchmarks.parser().format_help()
    for flag in re.findall(r"(?<=[` ])(--(?!dist)[a-z][a-z-]+)(?=[ `])", README):
        assert flag in usage


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert missing == []


def test_the_list_of_lessons_is_the_list_of_lessons():
    listed = re.findall(r"^\| \[.*?\]\(lessons/(.*?)\)", README, re.MULTILINE)
    assert listed == sorted(path.name for path in (ROOT / "lessons").glob("*.ipynb"))


def test_the_map_of_the_house_is_the_one_that_the_imports_are_held_to():
    rows = re.findall(r"^\| (\d) \| (.*?) \|", README, re.MULTILINE)
    listed = {int(floor): re.findall(r"`(.*?)`", rooms) for floor, rooms in rows}
    here = {path.stem for path in DLCORE.iterdir()}
    for floor, rooms in enumerate(FLOORS[1:], start=1):
        found = [re.sub(r"/$|\.py$", "", room) for room in listed[floor]]
        assert sorted(found) == sorted(here.intersection(rooms))
    missing = [room for rooms in listed.values() for room in rooms if not (DLCORE / room).exists()]
    assert missing == []


def test_the_table_of_the_data_is_what_load_data_gives():
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    listed = {name: (counts, x, y) for name, counts, x, y in rows}
    assert sorted([*listed, "photos"]) == sorted(datasets.__all__)  # without labels: in a sentence
    assert "`photos`" in README and len(datasets.photos.load_data()) == 2
    for name, (counts, x, y) in listed.items():
        if name in datasets.DOWNLOADED:
            # Their loaders say so; nothing is downloaded here.
            told = getattr(datasets, name).load_data.__doc__
            assert f"({counts.split()[0]}," in told and f"({counts.split()[-1]}," in told
            size = re.search(r"downloads (.*?) into", told)[1]
            assert f"`{name}` ({size})" in README
            continue
        (x_train, y_train), (x_test, _) = getattr(datasets, name).load_data()
        if name != "shapes10":
            assert counts == f"{len(x_train)} and {len(x_test)}"
        side = re.search(r"(\d+) by (\d+) pixels", x)
        if side is not None:
            assert x_train.shape[1:3] == (int(side[1]), int(side[2]))
            assert (x_train.ndim == 4) == ("in colour" in x)
        else:
            columns = re.search(r"\d+", x)
            assert x_train.shape[1:] == (int(columns[0]) if columns else 1,)
        classes = re.search(r"one of (\d+)", y)
        if classes is not None:
            assert len(set(y_train.tolist())) == int(classes[1])


def test_its_program_runs(capsys):
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict = {}
    exec(program.replace("epochs=20", "epochs=2"), names)
    _, accuracy = names["model"].evaluate(names["x_test"], names["y_test"], verbose=0)
    assert 0.5 < accuracy < 1.0
    assert "loss" in capsys.readouterr().out


def test_dependencies_are_ranges_with_a_lower_bound():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    requirements = [line for lines in lists for line in lines]
    assert len(requirements) > 15
    for line in requirements:
        ours = line == f"{DISTRIBUTION}[course]"
        assert ours or re.fullmatch(r"[A-Za-z0-9_-]+(\[\w+\])?>=[0-9.]+(,<[0-9.]+)?", line), line


def test_its_figures_are_rows_of_the_page_of_the_benchmarks():
    """Three of them, as `python -m tests.benchmarks --write` takes them from there."""
    page, readme = (path.read_text("utf-8") for path in (benchmarks.PAGE, benchmarks.README))
    told = page.partition(table.START)[2].partition(table.END)[0]
    shown = readme.partition(table.START)[2].partition(table.END)[0].strip()
    assert shown == report.brief(told)
    assert shown.count("\n") == 4


def test_the_places_that_it_names_are_those_of_the_doctor():
    spoken = set(re.findall(r"DLCORE_\w+_FOLDER", README))
    assert spoken == {p.variable for p in places.usual() if p.variable.startswith("DLCORE")}
    assert f"`{places.beside(Path('x')).relative_to(Path('x').resolve()).as_posix()}`" in README
