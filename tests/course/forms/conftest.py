"""What the tests of the accepted forms share."""

import sys

import pytest

from dlcore.course import progress_file


@pytest.fixture
def cells(tmp_path, monkeypatch):
    """Runs cells in a real IPython, in a course folder of its own; gives the last card."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("DLCORE_COURSE_FOLDER", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setattr(progress_file, "_memory", {})
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config, user_ns={})
    shown = []
    shell.display_pub.publish = lambda data, **_: shown.append(data["text/plain"])

    def run(*texts):
        for text in texts:
            shell.run_cell(text, store_history=True).raise_error()
        return " ".join(shown[-1].split())

    run.names = shell.user_ns
    yield run
    InteractiveShell.clear_instance()
    sys.last_value = None
