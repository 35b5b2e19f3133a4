"""The busy processes, and what is told of the contenders among them."""

import contextlib

import pytest

from tests.benchmarks import crowded, report, run
from tests.benchmarks.table import table
from tests.benchmarks.turns import Paced, take_turns


@pytest.mark.parametrize("ending", [None, ValueError, KeyboardInterrupt])
def test_the_busy_processes_end_with_the_block(ending):
    with contextlib.suppress(ValueError, KeyboardInterrupt), crowded.crowd(2) as busy:
        assert [process.poll() for process in busy] == [None, None]
        if ending is not None:
            raise ending
    assert len(busy) == 2 and all(process.returncode is not None for process in busy)


def test_those_that_have_started_end_where_another_does_not(monkeypatch):
    started = []
    real = crowded.subprocess.Popen

    def second_fails(*arguments, **options):
        if started:
            raise OSError("no more processes")
        started.append(real(*arguments, **options))
        return started[0]

    monkeypatch.setattr(crowded.subprocess, "Popen", second_fails)
    with pytest.raises(OSError, match="no more processes"), crowded.crowd(2):
        pass
    assert started[0].returncode is not None


def test_a_busy_process_ends_by_itself_when_nobody_holds_its_pipe():
    with crowded.crowd(2) as busy:
        for process in busy:
            process.stdin.close()
            assert process.wait(timeout=30) == 0


def test_quiet_turns_come_before_the_crowd_and_the_others_within(monkeypatch):
    order, turns = [], crowded.take_turns

    @contextlib.contextmanager
    def crowd(count):
        order.append(f"{count} busy")
        yield
        order.append("none busy")

    def take_turns(paced, counts, rounds, *rest):
        order.append(rounds)
        return turns(paced, counts, rounds, *rest)

    monkeypatch.setattr(crowded, "crowd", crowd)
    monkeypatch.setattr(crowded, "take_turns", take_turns)
    monkeypatch.setattr(crowded, "PEERS", {})
    monkeypatch.setattr(crowded, "STEPS", {"mlp": 2, "lstm": 1})
    monkeypatch.setattr(crowded, "TURNS", {crowded.QUIET: 1, crowded.CROWDED: 2})
    monkeypatch.setattr(crowded, "TURN", 0.01)
    results = run.Results()
    crowded.compare(results)
    assert order == [1, f"{crowded.cores()} busy", 2, "none busy"] * 2
    counts = {task: len(times) for task, times in results.times["crowded"]["dlcore"].items()}
    assert counts == {"mlp quiet": 1, "mlp crowded": 2, "lstm quiet": 1, "lstm crowded": 2}
    assert results.blas and not results.failed


def test_the_slowdown_is_told_of_the_contender_that_is_faster_in_the_crowd():
    ours = {"mlp quiet": [1.0, 1.0, 9.0], "mlp crowded": [2.0, 3.0, 2.0]}
    first = {"mlp quiet": [2.0], "mlp crowded": [9.0]}
    last = {"mlp quiet": [3.0], "mlp crowded": [5.0, 7.0]}
    found = {"dlcore": ours, "pytorch": first, "pytorch-channels-last": last}
    columns = ["dlcore", "PyTorch"]
    lines = table(crowded.rows("mlp", found), columns).splitlines()
    assert lines[2:] == [
        "| the article's MLP, batches of 10: in the quiet | 1.00 s | 3.00 s | 3.00 |",
        "| … in the crowd | 2.00 s | 6.00 s | 3.00 |",
        "| … in the crowd, the worst turn | 3.00 s | 7.00 s | 2.33 |",
        "| … in the crowd ÷ in the quiet | 2.00 | 2.00 | 1.00 |",
    ]
    results = run.Results({"crowded": found})
    page = report.text(["crowded"], results)
    assert lines[4].partition("3.00 s |")[0] in page and "| what |" not in page
    assert all(f"{run.WORKLOADS[model].title}: in the quiet" in page for model in crowded.STEPS)


class Fake:
    tasks = ("train",)

    def __init__(self, seconds):
        self.each, self.runs = seconds, []

    def seconds(self, task, count):
        self.runs.append(count)
        return self.each


def test_a_quick_process_does_more_in_a_turn():
    quick, slow = Fake(0.01), Fake(3.0)
    paced = {"quick": Paced(quick, 0.2), "slow": Paced(slow, 0.2)}
    assert take_turns(paced, {"train": 2}, 1, 0) == {
        "quick": {"train": [0.01]},
        "slow": {"train": [3.0]},
    }
    assert (quick.runs, slow.runs) == ([1, 40], [1, 2])


def test_patience_leaves_one_turn_at_least():
    processes = {"a": Fake(1.0), "b": Fake(1.0)}
    assert take_turns(processes, {"train": 1}, 3, 0, patience=0)["b"] == {"train": [1.0]}
