"""Documents of a process: each text is a version of its own, cut into numbered paragraphs, and never changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.kernel.participation import attachments, writing
from miasto.kernel.participation.access import MANAGE
from miasto.kernel.participation.models import Document, DocumentVersion, Paragraph, Process

PARAGRAPHS_MOST = 3000
LONGEST = 2_000_000
Files = Sequence[tuple[UUID, str]]
_GAP = re.compile(r"\n[ \t]*\n")


def paragraphs_of(text: str) -> list[tuple[bool, str]]:
    """The paragraphs of a plain text as (is a heading, words): cut at empty lines; "# " begins a heading."""
    found = []
    for part in _GAP.split(text.replace("\r\n", "\n").replace("\x00", "")):
        words = "\n".join(line.strip() for line in part.strip().split("\n")).strip()
        if words:
            heading = words.startswith("#")
            found.append((heading, words.lstrip("#").strip() if heading else words))
    return [(heading, words) for heading, words in found if words]


@transaction.atomic
def add_document(
    *, process: Process, title: str, role: str, text: str, by: Viewer, author: str = "", files: Files = ()
) -> DocumentVersion:
    """A document with its first version and the version's ``files`` (stored file, title); returns the version.

    Raises ``ValidationError`` by field.
    """
    locked = writing.lock(process.pk, by, MANAGE)
    writing.refuse_closed(locked)
    if not title.strip():
        raise ValidationError({"title": _("Wpisz tytuł dokumentu.")})
    count = Document.objects.filter(process=locked).count()
    made = Document.objects.create(
        process=locked, role=Document.Role(role), title=title.strip(), author=author.strip(), order=count + 1
    )
    return _version(locked, made, 1, text, "", by, files)


@transaction.atomic
def add_version(*, document: Document, text: str, note: str, by: Viewer, files: Files = ()) -> DocumentVersion:
    """The next version of a document with files of its own.

    The earlier ones stay readable, and remarks stay with the version they were made on.
    """
    locked = writing.lock(document.process_id, by, MANAGE)
    writing.refuse_closed(locked)
    if not note.strip():
        raise ValidationError({"note": _("Napisz, co się zmieniło. Przeczyta to każdy, kto otworzy dokument.")})
    last = DocumentVersion.objects.filter(document=document).order_by("-number").values_list("number", flat=True).first()
    return _version(locked, document, (last or 0) + 1, text, note.strip(), by, files)


def _version(
    process: Process, document: Document, number: int, text: str, note: str, by: Viewer, files: Files
) -> DocumentVersion:
    parts = paragraphs_of(text)
    if not parts or len(text) > LONGEST:
        raise ValidationError({"text": _("Wklej treść dokumentu.") if not parts else _("Ten tekst jest za długi.")})
    if len(parts) > PARAGRAPHS_MOST:
        raise ValidationError({"text": _("Dokument może mieć najwyżej %(most)d akapitów.") % {"most": PARAGRAPHS_MOST}})
    made = DocumentVersion.objects.create(
        document=document, number=number, note=note, published_at=clock.now(), published_by=by.person_id
    )
    Paragraph.objects.bulk_create(
        [Paragraph(version=made, number=at, heading=heading, text=words) for at, (heading, words) in enumerate(parts, 1)],
        batch_size=1000,
    )
    attachments.attach_to_version(version_id=made.pk, given=files, by=by)
    writing.record("document", process, by, document=document.pk, version=number, paragraphs=len(parts))
    return made
