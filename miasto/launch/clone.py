"""The clone of the repository: where its own data are, what identifies it, and that only one runs at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_LARGEST_LOG = 10 * 2**20


class LaunchError(Exception):
    """Something the person at the terminal can mend; the text (Polish) says what happened and how."""


@dataclass(frozen=True)
class Clone:
    """Paths of one clone. Everything that ``run`` and ``test`` own is under ``var`` (or keyed by ``key``)."""

    root: Path

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def key(self) -> str:
        """Twelve hexadecimal digits that tell this clone from every other one on the machine."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]

    def log(self, name: str) -> Path:
        """The log file of one part or step; its folder exists afterwards."""
        folder = self.var / "log"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.log"
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold the clone's lock while the platform runs; raises ``LaunchError`` when it already does.

        A lock of the kernel (flock), so a killed process can never leave it behind.
        """
        self.var.mkdir(exist_ok=True)
        with open(self.var / "run.lock", "a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "nieznany"
                raise LaunchError(
                    f"Platforma już działa w tym katalogu (proces {holder}).\n"
                    f"Zatrzymaj ją klawiszami Ctrl-C w jej oknie albo poleceniem: kill {holder}"
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def secret_key(self) -> str:
        """The signing key of this clone, made once; only its owner can read the file."""
        path = self.var / "secret_key"
        if not path.exists():
            part = path.with_suffix(f".{os.getpid()}")
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(50))
            part.rename(path)
        return path.read_text("ascii").strip()


def this_clone() -> Clone:
    """The clone that holds this file."""
    return Clone(Path(__file__).resolve().parents[2])
