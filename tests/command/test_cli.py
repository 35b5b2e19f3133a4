"""The command line itself: its list, its help, and what it says to a slip of the hand."""

import pytest

import dlcore
from dlcore.command import cli


def listed(help: str) -> list[str]:
    lines = help.partition("  COMMAND\n")[2].splitlines()
    return [line.split()[0] for line in lines if line.startswith("    ") and line[4] != " "]


def test_without_a_command_it_prints_the_help(capsys):
    assert cli.main([]) == 0
    alone = capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert capsys.readouterr().out == alone
    assert listed(alone) == ["learn", "doctor", "warmup", "grade"]


def test_what_maintainers_need_is_there_and_not_in_the_list(capsys):
    assert cli.main(["notebooks", "--check", "77"]) == 2
    assert "there is no lesson '77'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("lern", "learn"), ("Learn", "learn"), ("docter", "doctor"), ("warm-up", "warmup")],
)
def test_a_slip_is_answered_with_what_was_meant(slip, meant, capsys):
    assert cli.main([slip, "my course"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"dlcore: there is no command {slip!r}: did you mean {meant}?\n"


def test_a_word_like_no_command_gets_the_list(capsys):
    assert cli.main(["xyzzy"]) == 2
    assert capsys.readouterr().err == (
        "dlcore: there is no command 'xyzzy': `dlcore --help` lists the commands.\n"
    )


@pytest.mark.parametrize("name", ["", "  "])
@pytest.mark.parametrize("command", ["learn", "doctor"])
def test_an_empty_name_is_no_folder(command, name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for function in ("_learn", "_doctor"):  # else a fault would start JupyterLab here
        monkeypatch.setattr(cli, function, lambda options: 0)
    with pytest.raises(SystemExit) as ending:
        cli.main([command, name])
    assert ending.value.code == 2
    assert "its name is empty: give one" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_somebody_elses_package_over_ours_does_not_end_the_command(monkeypatch, capsys):
    monkeypatch.delattr(dlcore, "__version__")
    assert cli.main([]) == 0
    assert "doctor" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_a_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit) as ending:
        cli.main(["learn", f"--port={port}"])
    assert ending.value.code == 2
    assert "is not a port" in capsys.readouterr().err


def test_version(capsys):
    import dlcore

    with pytest.raises(SystemExit) as ending:
        cli.main(["--version"])
    assert ending.value.code == 0
    assert capsys.readouterr().out == f"dlcore {dlcore.__version__}\n"
