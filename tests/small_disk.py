"""A disk so small that a test can fill it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, *, size: str = "6m") -> Iterator[Path]:
    """A file system in memory, mounted at a new folder as long as the block lasts; the test is skipped where none can be."""
    folder.mkdir(parents=True)
    command = ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    try:
        if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("only root may mount a small disk, and only where the system lets it")
        try:
            yield folder
        finally:
            subprocess.run(["/usr/bin/umount", "--lazy", folder], check=True)
    finally:
        folder.rmdir()


def fill(path: Path) -> None:
    """Take all the room that is left, by one file."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
