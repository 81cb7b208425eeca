"""A broker of its own for tests, as ``./run`` makes it, to be killed and started again."""

from __future__ import annotations

import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from miasto.launch import broker, processes
from miasto.launch.clone import Clone
from tests.running_city import ROOT, free_port


class RunningBroker:
    """The broker's files, its process and its log."""

    def __init__(self, made: broker.Broker, log: Path) -> None:
        self.made, self.log = made, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        part = self.made.part(self.log)
        with self.log.open("ab") as log:
            self.process = processes.start(part.argv, user=part.user, cwd="/", stdout=log, stderr=log)
        until = time.monotonic() + 30
        while not self.made.answers():
            assert time.monotonic() < until, self.log.read_text()[-3000:]
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait(20)


@contextmanager
def running_broker() -> Iterator[RunningBroker]:
    """A started broker on free ports that lives as long as the block."""
    root = ROOT / "var" / f"broker{uuid.uuid4().hex[:8]}"
    (root / "var").mkdir(parents=True)
    clone = Clone(root)
    made = broker.place(clone)
    made = broker.Broker(made.home, made.user, (free_port(), free_port(), free_port()), made.platform_password)
    made.write()
    found = RunningBroker(made, root / "log")
    try:
        found.start()
        yield found
    finally:
        found.kill()
        shutil.rmtree(made.home, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)
