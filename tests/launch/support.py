"""What the launcher's tests share besides fixtures."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def eventually(condition: Callable[[], object], *, seconds: float = 30) -> bool:
    """Whether ``condition`` becomes true within the time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Marked:
    """Finds processes by a word in their command line that nothing else on the machine has."""

    def __init__(self) -> None:
        self.word = f"marked-{uuid.uuid4().hex}"

    def alive(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if self.word.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return found
