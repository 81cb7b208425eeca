"""Work that is skipped while its inputs have not changed: a stamp holds the hash of their content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

_SKIPPED_FOLDERS = {"__pycache__", "node_modules", "tests"}


def files_in(*folders: Path, pattern: str = "*") -> list[Path]:
    """The files under ``folders`` that match, sorted; caches and tests are left out."""
    found = (path for folder in folders for path in folder.rglob(pattern))
    return sorted(path for path in found if path.is_file() and not _SKIPPED_FOLDERS & set(path.parts))


def content_hash(root: Path, files: Iterable[Path], *words: str) -> str:
    """One hash over the names (seen from ``root``) and contents of ``files`` and over ``words``.

    Files that are missing count as absent, which differs from empty.
    """
    digest = hashlib.sha256()
    for word in words:
        digest.update(f"w{len(word)}:{word}".encode())
    for path in files:
        content = path.read_bytes() if path.is_file() else None
        digest.update(f"f{os.path.relpath(path, root)}:{-1 if content is None else len(content)}:".encode())
        digest.update(content or b"")
    return digest.hexdigest()


class Stamp:
    """A file written after a step succeeded. A step that was cut off has no stamp and is done again."""

    def __init__(self, path: Path, value: str) -> None:
        self.path, self.value = path, value

    @property
    def fresh(self) -> bool:
        try:
            return self.path.read_text("ascii") == self.value
        except OSError:
            return False

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(self.path.name + ".part")
        part.write_text(self.value, "ascii")
        part.replace(self.path)
