"""What the services of participation share: the lock of a process, the audit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, require
from miasto.kernel.core import changes
from miasto.kernel.participation.models import Process

KIND = "participation.process"


class Refused(ValidationError):
    """What was asked breaks a rule; the message is for the reader, ``code`` for the program."""


def refuse_if(wrong: bool, text: str, code: str = "refused") -> None:
    """Raise ``Refused`` with the text where something is wrong."""
    if wrong:
        raise Refused(text, code=code)


def lock(process_id: UUID, by: Viewer, permission: str) -> Process:
    """The process's row, locked until the commit; raises ``PermissionDenied`` without the permission in its unit."""
    locked = Process.objects.select_for_update(of=("self",)).get(pk=process_id)
    require(by, permission, locked)
    return locked


def refuse_closed(process: Process) -> None:
    """Raise ``Refused`` where the process is over."""
    if process.closed_at is not None:
        raise Refused(_("To jest już zamknięte, więc nic nie można tu zmienić."), code="closed")


def record(action: str, process: Process, by: Viewer, **data: Any) -> None:
    """Append to the audit; ``data`` holds identifiers and keys only."""
    plain = {key: str(value) if isinstance(value, UUID) else value for key, value in data.items()}
    changes.record(
        action=f"participation.{action}",
        kind=KIND,
        object_id=process.pk,
        actor=by.actor,
        unit_id=process.unit_id,
        data={"slug": process.slug, **plain},
    )
