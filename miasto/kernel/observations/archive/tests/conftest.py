import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from miasto.kernel.observations.archive import duck, place

WITHOUT_A_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ACCESS, SECRET = "gate", "s3cr3t/Ż"


@pytest.fixture(autouse=True)
def archive_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_ARCHIVE", str(tmp_path / "archive"))
    return tmp_path / "archive"


class Store:
    """The stand-in of an object store: its address, what it is told and what it tells."""

    def __init__(self, address: str) -> None:
        self.address = address

    def _said(self, path: str, method: str) -> str:
        with WITHOUT_A_PROXY.open(urllib.request.Request(f"{self.address}{path}", method=method)) as answer:
            return answer.read().decode()

    def goes_wrong(self, kind: str, times: int) -> None:
        self._said(f"/_faults/{kind}?{times}", "PUT")

    def is_far(self, milliseconds: float) -> None:
        self._said(f"/_latency?{milliseconds}", "PUT")

    def asked(self) -> list[str]:
        """What it was asked since the last time: method, key, range."""
        return self._said("/_log", "GET").splitlines()


@contextmanager
def standing(folder, *options):
    """A process of the stand-in; its port."""
    told = folder / "port"
    module = "miasto.kernel.observations.archive.tests.bucket_server"
    process = subprocess.Popen([sys.executable, "-m", module, str(told), ACCESS, SECRET, *options])
    until = time.monotonic() + 60
    while not told.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    yield told.read_text()
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with standing(tmp_path_factory.mktemp("bucket")) as port:
        yield Store(f"http://127.0.0.1:{port}")


def known_as(monkeypatch, address):
    """The archive is in this store from here on, by a key of a session."""
    for name, value in {
        "MIASTO_ARCHIVE": "s3://readings/city",
        "MIASTO_ARCHIVE_ENDPOINT": address,
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": "session/+=",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def stored(server, monkeypatch, settings, tmp_path):
    settings.VAR = tmp_path
    known_as(monkeypatch, server.address)
    monkeypatch.setattr(duck, "_connections", {})
    made = place.place()
    made.back_at = 0.0
    yield made
    server.is_far(0)
    for fault in ("slow", "rot", "cut", "hang", "deny", "expired", "skewed"):
        server.goes_wrong(fault, 0)
    for name, _written in list(made.listed()):
        made.remove(name)
