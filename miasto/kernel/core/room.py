"""Room on the disks that the platform writes to: which failure means that there is none, and whether it is short now."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from miasto.kernel.core.module import Disk
from miasto.kernel.core.registry import registry

SHORT_BYTES = 200_000_000  # a film and some photos fit in, and PostgreSQL on the same disk still writes its log
_DISK_FULL = "53100"  # SQLSTATE disk_full


def is_full(error: BaseException | None) -> bool:
    """Whether something failed because a disk is full: ours (or a quota is), PostgreSQL's, or what a library says of one."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if getattr(error, "sqlstate", None) == _DISK_FULL or "No space left on device" in str(error):
            return True
        error = error.__cause__
    return False


def is_short() -> bool:
    """Whether less than ``SHORT_BYTES`` are free under one of the folders that the platform keeps its data in."""
    return any(_free(folder) < SHORT_BYTES for folder in _folders())


def _folders() -> Iterable[Path]:
    yield Path(settings.VAR)
    yield Path(default_storage.path(""))
    if settings.MAILBOX:
        yield Path(settings.MAILBOX)
    yield from (folder for one in registry().all(Disk) if (folder := one.folder()) is not None)


def _free(folder: Path) -> int:
    """What is free where the folder lies, or will once it is made."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))
    return shutil.disk_usage(there).free
