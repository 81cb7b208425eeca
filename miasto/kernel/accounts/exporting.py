"""All that is held of a person as one ZIP file: for programs (JSON), for reading (HTML), and their photos."""

from __future__ import annotations

import json
import tempfile
from typing import IO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from miasto.kernel.accounts.personal import data_of
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import PersonalData

IN_MEMORY = 8_000_000


def archive(person_id: UUID) -> IO[bytes]:
    """The file, open at its beginning: ``dane.json``, ``dane.html`` and the attachments of the declarations (GDPR art. 15, 20).

    It grows on the disk once it is large, and one attachment at a time is in memory.
    """
    kept = data_of(person_id)
    created = clock.local(clock.now())
    body = {"platform": city().platform_name, "created": created.isoformat(timespec="seconds"), "data": kept}
    made: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    with ZipFile(made, "w", ZIP_DEFLATED) as file:
        file.writestr("dane.json", json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        file.writestr("dane.html", readable(kept, created))
        for spec in registry().all(PersonalData):
            for name, data in spec.attachments(person_id) if spec.attachments else ():
                file.writestr(name, data, ZIP_STORED)
    made.seek(0)
    return made


def readable(kept: dict, created: object) -> str:
    """The same as a page that opens without a network."""
    sections = [(part["name"], part["retention"], [_flat(row) for row in part["rows"]]) for part in kept.values()]
    return render_to_string("accounts/export.html", {"sections": sections, "created": created, "city": city()})


def _flat(row: object, name: str = "") -> list[tuple[str, str]]:
    """A row of JSON values as ``(name, value)`` lines; names of nested values are joined by dots."""
    if isinstance(row, dict):
        return [line for key, value in row.items() for line in _flat(value, f"{name}.{key}" if name else str(key))]
    if isinstance(row, list | tuple):
        return [line for number, value in enumerate(row, 1) for line in _flat(value, f"{name}.{number}")]
    return [(name, "" if row is None else str(row))]
