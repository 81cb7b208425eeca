"""A disk so small that a test can fill it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

WHY_NOT = "only root may mount a small disk, and only where the system lets it"


@contextmanager
def small_disk(folder: Path, *, size: str = "6m") -> Iterator[Path]:
    """A file system in memory, mounted at a new folder as long as the block lasts; the test is skipped where none can be."""
    folder.mkdir(parents=True)
    try:
        with mounted(folder, size) as is_small:
            if not is_small:
                pytest.skip(WHY_NOT)
            yield folder
    finally:
        folder.rmdir()


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[bool]:
    """A file system in memory over an empty folder; False where the system does not let one be mounted."""
    command = ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["/usr/bin/umount", "--lazy", folder], check=True)


def fill(path: Path, *, leave: int = 0) -> None:
    """Take all the room that there is but ``leave`` bytes, by one file."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(path, max(0, path.stat().st_size - leave))
