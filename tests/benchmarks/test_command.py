"""The command line, and the text that a run becomes."""

import re

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import report, table
from tests.benchmarks.__main__ import MODELS, PAGE, README, options
from tests.benchmarks.libraries import PEERS
from tests.benchmarks.run import Results, columns, contenders, least_time, rows
from tests.benchmarks.wider import WIDER


def results():
    """A run in which dlcore takes 1 s for everything, JAX 3 s and PyTorch 2 s or 0.5 s."""
    seconds = {"dlcore": 1.0, "keras-jax": 3.0, "pytorch": 2.0, "pytorch-channels-last": 0.5}
    tasks = ("train", "train on batch", "predict row", "predict row as batch", "call row")
    tasks += ("predict many", "evaluate many")
    made = Results()
    made.times["cnn"] = {
        name: {task: [one, one * 9, one / 9] for task in tasks} for name, one in seconds.items()
    }
    made.times["cnn"]["floor"] = {"train": [0.1], "square": [0.2], "copy": [0.04]}
    return made


def test_results_are_kept_and_added_to(tmp_path):
    path = tmp_path / "results.json"
    assert Results.kept(path) == Results()
    results().keep(path)
    assert Results.kept(path) == results()


def test_models_come_in_their_order_and_all_by_default():
    assert options([]).models == list(MODELS)
    assert options(["lstm", "mlp"]).models == ["mlp", "lstm"]
    assert MODELS[:5] == ("mlp", "cnn", "cnn-256", "fashion", "lstm")
    assert MODELS[5:] == (*WIDER, "fresh", "crowded", "growth")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnn"], "no model 'rnn'; choose from mlp, cnn"),
        (["--rounds", "0"], "at least 1"),
        (["--lives", "0"], "at least 1"),
        (["--kept"], "--kept needs --results, with a file that is there"),
        (["--kept", "--results", "nowhere.json"], "with a file that is there"),
    ],
)
def test_what_does_not_fit_ends_the_program_with_a_sentence(arguments, said, capsys):
    with pytest.raises(SystemExit):
        options(arguments)
    assert said in capsys.readouterr().err


def test_the_fastest_of_a_column_counts_and_medians_are_taken():
    column = results().column("cnn", "train", 0.5)
    assert column == {"dlcore": 0.5, "Keras on JAX": 1.5, "PyTorch": 0.25}


def test_the_table_shows_where_a_peer_is_ahead_and_who_is_absent():
    lines = table.table(rows("cnn", results()), columns()).splitlines()
    assert lines[0] == (
        "| what | dlcore | Keras on JAX | Keras on TensorFlow | Keras on PyTorch | PyTorch "
        "| best of the others ÷ dlcore |"
    )
    assert lines[2] == (
        "| the article's CNN, batches of 32: training step | 5.43 ms | 16.3 ms | – | – | 2.72 ms "
        "| 0.50 |"
    )
    assert lines[3].startswith("| … an epoch (184 steps) | 1.00 s |")
    asked = ("train_on_batch`", "predict(x[:1])`", "predict_on_batch(x[:1])`", "model(x[:1])`")
    many = ("predict` of 10 000 rows", "evaluate` of 10 000 rows")
    for line, what in zip(lines[4:], (*asked, *many), strict=True):
        assert line.startswith(f"| … `{what} | 1.00 s | 3.00 s | – | – | 500 ms |")
    assert len({line.count("|") for line in lines}) == 1


def test_a_model_that_is_only_trained_has_one_line():
    found = results()
    found.times["cnn-256"] = {"dlcore": {"train": [1.0]}}
    assert [row.text("dlcore") for row in rows("cnn-256", found)] == ["125 ms"]


def test_the_text_names_machine_command_and_what_is_missing():
    found = results()
    found.blas["OpenBLAS 0.3.31"] = "Haswell"
    found.seconds |= {"cnn": 84.0, "mlp": 7.0}
    found.failed["keras-torch"] = "keras-torch ended with exit code 1: no"
    text = report.text(["cnn"], found)
    assert "`python -m tests.benchmarks --write`" in text and "numpy 2." in text
    assert "OpenBLAS 0.3.31 with kernels for Haswell.\n" in text
    assert "median of 1 to 3 rounds" in text and "of 0 lives" in text
    assert "Did not run: Keras on PyTorch (keras-torch ended with exit code 1: no)." in text
    absent = [peer.title for peer in PEERS.values() if not peer.is_here]
    assert all(re.search(f"Not installed.*{title}", text) for title in absent)
    assert "| ÷ least time |" in text
    assert text.endswith("To measure this took 1.4 minutes: cnn 84 s.")
    assert "cnn, dlcore, train: 1, -89 % to +800 %" in report.spreads("cnn", found)


def test_the_least_time_is_the_longer_of_computing_and_moving():
    found = least_time("cnn", results())
    assert found.rate == 2 * 1536**3 / 0.2
    assert found.least == found.flops / found.rate > found.moved / found.bandwidth
    assert found.products == 0.1 and found.step == 1 / 184


def test_only_pictures_have_a_second_layout(monkeypatch):
    monkeypatch.setattr("tests.benchmarks.libraries.Contender.is_here", True)
    assert "pytorch-channels-last" in contenders("fashion")
    assert "pytorch-channels-last" not in contenders("lstm")
    assert {"dlcore", "dlcore-bare", "keras-jax", "floor"} <= {*contenders("mlp")}
    assert "dlcore-bare" not in contenders("cnn")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12.34e-6, "12.3 µs"),
        (999.4e-6, "999 µs"),
        (999.6e-6, "1.00 ms"),
        (0.0456, "45.6 ms"),
        (1.2, "1.20 s"),
        (123.4, "123 s"),
    ],
)
def test_a_duration_has_three_digits_and_the_unit_that_suits_it(seconds, text):
    assert table.duration(seconds) == text


def test_bytes_and_ratios():
    row = table.Row("memory", {"dlcore": 2e8, "PyTorch": 4.4e8}, table.megabytes)
    assert (row.text("dlcore"), row.text("Keras on JAX")) == ("200 MB", "–")
    assert row.ratio("dlcore") == "2.20"
    assert table.Row("alone", {"dlcore": 1.0}).ratio("dlcore") == "–"
    assert table.times(31.4) == "31"


def test_writing_replaces_what_stands_between_the_markers_and_nothing_else(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"above\n{table.START}\nold\n{table.END}\nbelow\n", "utf-8")
    for _ in range(2):
        table.write("new ÷\n", path)
        assert path.read_text("utf-8") == (f"above\n{table.START}\nnew ÷\n{table.END}\nbelow\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        table.START,
        table.END,
        f"{table.END}{table.START}",
        f"{table.START}{table.END}{table.START}",
        f"{table.START}{table.END}{table.END}",
    ],
)
def test_a_file_without_its_markers_is_left_alone(tmp_path, text):
    path = tmp_path / "README.md"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="must have the line <!-- benchmarks --> once"):
        table.write("new", path)
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize("path", [PAGE, README])
def test_the_pages_have_the_markers(path):
    content = path.read_text("utf-8")
    assert content.count(table.START) == content.count(table.END) == 1


def test_three_rows_are_for_the_readme():
    rows = [f"| {title} | 1 s |" for title in (report.BRIEF[0], "… an epoch", *report.BRIEF[1:])]
    head = ["| what | dlcore |", "| --- | ---: |"]
    text = "\n".join(["Made by hand.", "", *head, *rows, "", "| training step | to compute |"])
    assert report.brief(text).splitlines() == [*head, rows[0], *rows[2:]]


def test_a_run_of_few_models_has_few_rows_for_the_readme():
    brief = report.brief(report.text(["cnn"], results())).splitlines()
    assert len(brief) == 3 and brief[2].startswith(f"| {report.BRIEF[1]} | 5.43 ms |")


def test_a_run_that_writes_fills_both_pages(tmp_path, monkeypatch, capsys):
    for name in ("PAGE", "README"):
        path = tmp_path / name
        path.write_text(f"{name}\n{table.START}\n{table.END}\n", "utf-8")
        monkeypatch.setattr(command, name, path)
    results().keep(tmp_path / "results.json")
    monkeypatch.setattr(command.run, "compare", lambda model, rounds, results: None)
    command.main(["cnn", "--results", str(tmp_path / "results.json"), "--write"])
    page, readme = ((tmp_path / name).read_text("utf-8") for name in ("PAGE", "README"))
    assert "| ÷ least time |" in page and "median of 1 to 3 rounds" in page
    assert report.brief(page) in readme and "median" not in readme
    assert readme.startswith("README\n") and "batches of 32" in readme
