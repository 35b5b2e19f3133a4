"""Models that grow, their times, and the pictures of them."""

import contextlib
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import drawn, growth, run, table


def found(*contenders):
    """A run in which a step takes as many µs as n, and of each next contender ten times as many."""
    return {
        name: {
            f"{axis} {n}": [n * 10.0**place * 1e-6 * share for share in (1, 9, 1)]
            for axis in growth.AXES
            for n in growth.AXES[axis].sizes
        }
        for place, name in enumerate(contenders)
    }


@pytest.mark.parametrize("name", growth.AXES)
def test_a_model_of_every_axis_trains(name, monkeypatch):
    axis = growth.AXES[name]
    least = growth.Axis(axis.title, axis.batches, axis.size, axis.sizes[:1], axis.workload)
    monkeypatch.setattr(growth, "AXES", {name: least})
    tasks = growth.tasks("dlcore")
    task = f"{name} {axis.sizes[0]}"
    assert list(tasks) == [f"{task} few", task]
    tasks[f"{task} few"](1)


def test_the_loop_is_as_long_as_its_sequence():
    import dlcore

    x = np.zeros((1, 7, 3), np.float32)
    model = growth.loop(4, steps=7, inputs=3, batch=1, count=1).keras(dlcore)
    before = np.asarray(model.predict(x, verbose=0))
    for t in range(7):
        one = x.copy()
        one[:, t] = 9.0
        assert not np.array_equal(model.predict(one, verbose=0), before)


def test_an_epoch_is_divided_by_its_steps(monkeypatch):
    class Fake:
        tasks = [f"{task}{few}" for task in growth.workloads() for few in (" few", "")]

        def seconds(self, task, count):
            return 2.0

    @contextlib.contextmanager
    def started(model, chosen, results):
        assert model == "growth" and "dlcore" in chosen
        yield {"dlcore": Fake()}

    monkeypatch.setattr(run, "started", started)
    monkeypatch.setattr(growth, "REST", 0)
    results = run.Results()
    growth.compare(3, results)
    (times,) = results.times["growth"].values()
    assert list(times) == list(growth.workloads())
    assert times["batch 8"] == [2.0 / 512] * 3 and times["width 2048"] == [2.0 / 16] * 3


@pytest.mark.parametrize("contenders", [("dlcore",), growth.CONTENDERS])
def test_the_pictures_show_the_medians_that_are_kept(contenders):
    titles = [run.CONTENDERS[name].title for name in contenders]
    for names in drawn.PICTURES.values():
        for name, axes in zip(names, drawn.picture(names, found(*contenders)).axes, strict=True):
            sizes = growth.AXES[name].sizes
            assert [line.get_label() for line in axes.lines] == titles
            for place, line in enumerate(axes.lines):
                x, y = line.get_data()
                assert tuple(x) == sizes
                np.testing.assert_allclose(y, np.array(sizes) * 10.0**place * 1e-6)
                assert axes.get_ylim()[0] < min(y) and max(y) < axes.get_ylim()[1]


def test_the_same_figures_give_the_same_small_files(tmp_path):
    written = []
    for _ in range(2):
        drawn.write(found(*growth.CONTENDERS), tmp_path)
        written.append({path.name: path.read_text("utf-8") for path in tmp_path.iterdir()})
    assert written[0] == written[1] and written[0].keys() == drawn.PICTURES.keys()
    for text in written[0].values():
        assert ElementTree.fromstring(text).tag.endswith("svg") and len(text) < 80_000


def test_pictures_are_drawn_anew_from_what_is_kept(tmp_path, monkeypatch):
    for name in ("PAGE", "README"):
        page = tmp_path / f"{name}.md"
        page.write_text(f"{table.START}\n{table.END}\n", "utf-8")
        monkeypatch.setattr(command, name, page)
    kept = tmp_path / "results.json"
    run.Results({"growth": found("dlcore", "pytorch")}).keep(kept)
    asked = ["--kept", "--results", str(kept)]
    command.main([*asked, "--plots", str(tmp_path / "elsewhere")])
    assert {path.name for path in (tmp_path / "elsewhere").iterdir()} == {*drawn.PICTURES}
    assert not list(tmp_path.glob("*.svg"))
    command.main([*asked, "--write"])
    said = command.PAGE.read_text("utf-8")
    for path in drawn.PICTURES:
        assert (tmp_path / path).exists() and f"]({path})" in said
    assert "| MLP 784-n-n-10, batches of 64: n = 64 | 64.0 µs | – | 640 µs | 10 |" in said
    assert "| … n = 2048 | 2.05 ms | – | 20.5 ms | 10 |" in said
    assert "median of 3 turns" in said
    # None of its rows is one of the README, which keeps those that it has.
    assert command.README.read_text("utf-8") == f"{table.START}\n{table.END}\n"
