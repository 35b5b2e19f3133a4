"""The run on a machine with a GPU: that it goes on, whatever a phase does, and what it becomes."""

from __future__ import annotations

import importlib.util

import pytest

from tests.benchmarks import table
from tests.benchmarks.cuda import record, report, run
from tests.benchmarks.cuda.run import Phase

FACTS = [
    {"phase": "run", "date": "2030-01-02", "simulated": False},
    {"phase": "facts", "gpu": "NVIDIA Example", "cuda_of_driver": 13020,
     "versions": {"numba": "1"}},
    {"phase": "models", "net": "an MLP", "batch": 10, "by": "dlcore, graph", "us": 80.0},
    {"phase": "torch", "net": "an MLP", "batch": 10, "by": "PyTorch", "us": 400.0},
    {"phase": "ceilings", "torch_matmul": 512, "tflop_s": 50.0},
    {"phase": "ceilings", "copy_megabytes": 64, "gb_s": 2000.0},
    {"phase": "kernels", "kernel": "matmul", "shapes": [[512, 512], [512, 512]], "size": "large",
     "us": 10.0, "gb_s": 1.0, "tflop_s": 25.0},
    {"phase": "kernels", "kernel": "relu", "shapes": [[99]], "size": "large", "us": 1.0,
     "gb_s": 1600.0, "tflop_s": None},
    {"phase": "whole", "trained": "an MLP", "right": False},
]  # fmt: skip


def test_a_phase_that_fails_or_hangs_costs_only_itself(tmp_path, capsys):
    says = "from tests.benchmarks.cuda.record import record; record(found={})"
    phases = {
        "raises": Phase(("-c", says.format(1) + "; raise ValueError('so it is')"), 60),
        "hangs": Phase(("-c", says.format(2) + "; import time; time.sleep(600)"), 8),
        "works": Phase(("-c", says.format(3)), 60),
    }
    assert run.main(1, tmp_path, False, phases=phases) == 2
    facts = record.read(tmp_path / "cuda.json")
    assert [fact["found"] for fact in facts if "found" in fact] == [1, 2, 3]
    failed = {fact["phase"]: fact["failed"] for fact in facts if "failed" in fact}
    assert "ValueError: so it is" in failed["raises"] and "after 8 s" in failed["hangs"]
    said = capsys.readouterr().out
    assert "works: " in said and "2 failures:" in said


def test_without_time_left_no_phase_begins(tmp_path):
    assert run.main(0, tmp_path, False, phases={"late": Phase(("-c", ""), 60)}) == 1
    assert "no time left" in record.read(tmp_path / "cuda.json")[1]["failed"]


def test_the_limits_fit_into_the_run():
    sure = ("facts", "compile", "suite", "whole", "models", "ceilings", "torch", "kernels")
    assert sum(run.PHASES[name].limit for name in sure) <= 8 * 60


def test_the_quickest_phases_on_the_simulator(tmp_path):
    if importlib.util.find_spec("numba_cuda") is None:
        pytest.skip("numba-cuda is not installed: pip install 'numba-cuda>=0.30'")
    assert run.main(5, tmp_path, True, ["facts", "ceilings", "kernels"]) == 0
    facts = record.read(tmp_path / "cuda.json")
    assert [fact for fact in facts if "failed" in fact] == []
    assert any(fact.get("relu_by_fours") is True for fact in facts)
    assert {"matmul", "conv2d_grad", "adam_update"} <= {fact.get("kernel") for fact in facts}


def test_the_tables_of_a_run():
    told = report.text(FACTS)
    assert "on 2030-01-02: NVIDIA Example, CUDA 13.2, numba 1." in told
    assert "| an MLP, batches of 10 | 80.0 µs | 400 µs |" in told
    assert "| matmul | 512x512 512x512 | 10.0 | 25.0 TFLOP/s | 50% |" in told
    assert "| relu | 99 | 1.00 | 1600 GB/s | 80% |" in told
    assert "1 failures:" in told and "whole: right" in told


def test_the_readme_has_the_recorded_run_or_says_that_there_is_none():
    content = report.README.read_text("utf-8")
    shown = content.partition(report.START)[2].partition(report.END)[0].strip()
    assert shown == report.readme(record.read(report.RECORDED)).strip()


def test_only_a_run_on_a_gpu_is_kept(tmp_path, monkeypatch):
    readme, kept = tmp_path / "README.md", tmp_path / "recorded.json"
    readme.write_text(f"a\n{report.START}\nold\n{report.END}\nb\n", "utf-8")
    monkeypatch.setattr(report, "README", readme)
    monkeypatch.setattr(report, "RECORDED", kept)
    path = tmp_path / "cuda.json"
    record.add(path, phase="run", simulated=True)
    with pytest.raises(SystemExit, match="no run on a GPU"):
        report.main(path)
    assert not kept.exists() and "old" in readme.read_text("utf-8")
    path.unlink()
    for fact in FACTS:
        record.add(path, **fact)
    report.main(path)
    assert record.read(kept) == FACTS
    assert "| an MLP, batches of 10 | 80.0 µs | 400 µs |" in readme.read_text("utf-8")
    assert table.START not in readme.read_text("utf-8")
