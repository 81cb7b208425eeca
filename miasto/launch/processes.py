"""Child processes that cannot outlive their parent (Linux: prctl)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Grandchildren whose parent died become this process's children, so that they can be found and stopped."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _die_with_parent(stop_signal: int) -> Callable[[], None]:
    parent = os.getpid()

    def in_child() -> None:
        # Runs after the change of user, which would clear the setting.
        _libc.prctl(_PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return in_child


def account(user: str | None) -> dict[str, Any]:
    """Arguments of ``Popen`` that run a child as ``user`` (None: as the caller)."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": os.getgrouplist(user, entry.pw_gid)}


def start(
    argv: Sequence[str | Path], *, stop_signal: int = signal.SIGTERM, user: str | None = None, **kwargs: Any
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (the terminal's Ctrl-C does not reach it); it gets ``stop_signal``
    from the kernel when this process dies, however it dies."""
    return subprocess.Popen(
        [str(word) for word in argv],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent(stop_signal),
        **account(user),
        **kwargs,
    )


def run(argv: Sequence[str | Path], **kwargs: Any) -> tuple[int, str]:
    """Run a short child to its end (it dies with this process too); its exit code and what it wrote."""
    process = start(argv, stop_signal=signal.SIGKILL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kwargs)
    output, _ = process.communicate()
    return process.returncode, output.decode("utf-8", "replace").strip()


def children_of(pid: int) -> list[int]:
    """The process ids of the living children of ``pid``, read from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def signal_group(leader: int, number: int) -> None:
    """Send a signal to a child's whole session group; one that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
