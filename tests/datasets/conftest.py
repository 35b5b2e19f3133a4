"""Files on a server of this machine, in place of those on the web."""

import dataclasses
import hashlib

import pytest

from tests.utils.server import Server


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Put a file where a Remote says that it lies."""
    monkeypatch.setenv("DLCORE_DATA_FOLDER", str(tmp_path))
    servers = []

    def put(remote, content):
        servers.append(Server(content))
        digest = hashlib.sha256(content).hexdigest()
        return dataclasses.replace(
            remote, urls=(servers[-1].url,), checksum=digest, size=len(content)
        )

    yield put
    for server in servers:
        server.close()
