"""Brings the photos that programs name by address (``media_url``); what cannot be had is given up in silence."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from miasto.kernel.cases import selectors, services
from miasto.kernel.core import outbound
from miasto.kernel.core.city import city
from miasto.kernel.files import services as files
from miasto.modules.contact_centre.open311.keys import viewer_of
from miasto.modules.contact_centre.open311.models import MediaFetch

SECONDS = 20
ATTEMPTS = 4


class Named(BytesIO):
    """Bytes with a name, as the files engine takes them."""

    name = "media_url"


def fetch(fetch_id: str) -> bool:
    """Bring one photo and give it to its report, where it waits for approval; True when it is there.

    An address of our own network, another type of file or a wrong answer ends it; silence is raised for a retry.
    """
    row = MediaFetch.objects.select_related("key").filter(pk=UUID(fetch_id)).first()
    if row is None:
        return False
    data = _bytes(row)
    if data is None:
        return False
    viewer = viewer_of(row.key, row.case_id)
    try:
        stored = files.store_image(upload=Named(data), by=viewer)
    except ValidationError:
        row.delete()
        return False
    with transaction.atomic():
        taken = MediaFetch.objects.select_for_update().filter(pk=row.pk).first()
        if taken is None:
            return False
        services.add_late_photos(case=selectors.visible_cases(viewer).get(pk=row.case_id), file_ids=[stored.file.pk], by=viewer)
        taken.delete()
    return True


def _bytes(row: MediaFetch) -> bytes | None:
    """The file, or None where it never will come (then the row is gone); raises what is worth another try."""
    row.attempts += 1
    row.save(update_fields=["attempts"])
    try:
        answer = outbound.fetch(row.url, most=city().limit("photo_bytes", 15_000_000), seconds=SECONDS)
    except outbound.Forbidden:
        row.delete()
        return None
    except (outbound.NotSent, outbound.Unanswered):
        if row.attempts < ATTEMPTS:
            raise
        row.delete()
        return None
    if answer.status >= 500 and row.attempts < ATTEMPTS:
        raise outbound.Unanswered(f"status {answer.status}")
    if answer.status != 200:
        row.delete()
        return None
    return answer.body
