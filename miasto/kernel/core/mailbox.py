"""A mailbox of files for trying the platform out: one ``.eml`` for each Message-ID, whatever is repeated."""

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend


def written(part: Path, data: bytes) -> Path:
    """A file with these bytes that is still to be renamed; where it does not fit on the disk nothing is left of it."""
    try:
        part.write_bytes(data)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


class EmailBackend(BaseEmailBackend):
    """Writes each message to ``settings.MAILBOX`` atomically."""

    def send_messages(self, email_messages):
        folder = Path(settings.MAILBOX)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            mime = message.message()
            name = hashlib.sha256(str(mime["Message-ID"]).encode()).hexdigest()[:32]
            part = folder / f".{name}.{os.getpid()}"
            written(part, mime.as_bytes()).replace(folder / f"{name}.eml")
        return len(email_messages)
