"""Files of a process: its film in sign language, files of a document's version, attachments of a remark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core.city import city
from miasto.kernel.files import selectors as stored
from miasto.kernel.files import services as files
from miasto.kernel.participation import writing
from miasto.kernel.participation.access import MANAGE
from miasto.kernel.participation.models import Attachment, Process

FILM_MINUTES = 240
VERSION_MOST = 10
TITLE_MOST = 200


def most() -> int:
    """How many files a remark may carry: as many as a report may carry photos."""
    return city().limit("photos", 5)


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as its reader gets it. ``kind`` is "PDF" and the like; ``thumb`` is empty for what is no picture."""

    id: UUID
    title: str
    kind: str
    size: int
    url: str
    thumb: str
    published: bool


@dataclass(frozen=True, slots=True)
class Film:
    """A process's own film in sign language; ``captions`` empty where there are none. Both addresses are signed."""

    url: str
    media_type: str
    size: int
    captions: str


def film_of(process: Process) -> Film | None:
    """The film that the city uploaded; None where it did not. One query."""
    by_kind = {file.kind: file for file in stored.files_of([process.pk]).get(process.pk, [])}
    film, captions = by_kind.get("film"), by_kind.get("captions")
    if film is None:
        return None
    address = stored.link(film.pk, stored.kind_of(film), minutes=FILM_MINUTES)
    words = stored.link(captions.pk, stored.kind_of(captions), minutes=FILM_MINUTES) if captions else ""
    return Film(address, film.media_type, film.size, words)


def save_film(*, process: Process, film: Any = None, captions: Any = None, by: Viewer) -> None:
    """Keep a film in sign language, its captions (WebVTT), or both; each takes the place of the earlier one.

    Captions need a film. Raises ``ValidationError`` by field. The bytes are taken in before the process's row is locked.
    """
    if film is None and captions is None:
        raise ValidationError({"film": _("Wybierz plik z filmem.")})
    if film is None and film_of(process) is None:
        raise ValidationError({"film": _("Najpierw dodaj film. Napisy bez filmu nie wystarczą.")})
    taken = []
    for field, store, upload in (("film", files.store_film, film), ("captions", files.store_captions, captions)):
        if upload is not None:
            try:
                taken.append(store(upload=upload, by=by))
            except (ValidationError, files.NoRoom) as error:
                raise ValidationError({field: error.messages}) from error
    _keep_film(process, taken, by)


@transaction.atomic
def _keep_film(process: Process, taken: list[Any], by: Viewer) -> None:
    locked = writing.lock(process.pk, by, MANAGE)
    kinds = {file.kind for file in taken}
    if "film" in kinds:
        kinds.add("captions")  # the captions of another film would lie
    for old in stored.files_of([locked.pk]).get(locked.pk, []):
        if old.kind in kinds:
            files.remove(file=old, by=by)
    files.attach(file_ids=[file.pk for file in taken], owner_id=locked.pk, by=by)
    writing.record("film", locked, by, files=len(taken))


@transaction.atomic
def remove_film(*, process: Process, by: Viewer) -> None:
    """Take the film and its captions away; nothing happens where there is none."""
    locked = writing.lock(process.pk, by, MANAGE)
    found = [one for one in stored.files_of([locked.pk]).get(locked.pk, []) if one.kind in ("film", "captions")]
    for old in found:
        files.remove(file=old, by=by)
    if found:
        writing.record("film_removed", locked, by)


def attach_to_version(*, version_id: UUID, given: Sequence[tuple[UUID, str]], by: Viewer) -> None:
    """Give a new version its files as (file, title); inside the transaction that makes the version."""
    if len(given) > VERSION_MOST:
        raise ValidationError({"files": _("Można dodać najwyżej %(most)d plików.") % {"most": VERSION_MOST}})
    _attach(version_id, given, by, version_id=version_id, published=True)


def attach_to_remark(*, contribution_id: UUID, file_ids: Sequence[UUID], by: Viewer) -> None:
    """Give a new remark its files, hidden from the public; inside the transaction that writes it."""
    if len(file_ids) > most():
        raise ValidationError({"files": _("Można dodać najwyżej %(most)d plików.") % {"most": most()}})
    _attach(contribution_id, [(file_id, "") for file_id in file_ids], by, contribution_id=contribution_id)


def _attach(owner_id: UUID, given: Sequence[tuple[UUID, str]], by: Viewer, **values: Any) -> None:
    files.attach(file_ids=[file_id for file_id, _title in given], owner_id=owner_id, by=by)
    Attachment.objects.bulk_create(
        Attachment(file_id=file_id, title=title.strip()[:TITLE_MOST], order=number, **values)
        for number, (file_id, title) in enumerate(given, 1)
    )


def publish_of_remark(contribution_id: UUID, shown: Iterable[UUID]) -> None:
    """Which attachments of a remark everybody may read from now on; the others nobody but the author and the office."""
    rows = Attachment.objects.filter(contribution=contribution_id)
    rows.update(published=False)
    rows.filter(pk__in=list(shown)).update(published=True)


def of_versions(version_ids: Iterable[UUID]) -> dict[UUID, list[FileView]]:
    """The files of some versions, in their order; one query, none for no versions."""
    wanted = list(version_ids)
    return _views(Attachment.objects.filter(version__in=wanted), "version_id") if wanted else {}


def of_remark(contribution_id: UUID, *, whole: bool) -> list[FileView]:
    """The attachments of a remark: ``whole`` for its author and the office, else only what a person approved; one query."""
    rows = Attachment.objects.filter(contribution=contribution_id)
    found = _views(rows if whole else rows.filter(published=True), "contribution_id")
    return found.get(contribution_id, [])


def _views(rows: models.QuerySet, key: str) -> dict[UUID, list[FileView]]:
    found: dict[UUID, list[FileView]] = defaultdict(list)
    for row in rows.select_related("file").order_by("order", "file_id"):
        found[getattr(row, key)].append(_view(row))
    return found


def _view(row: Attachment) -> FileView:
    kind = stored.kind_of(row.file)
    thumb = "" if kind else stored.link(row.file_id, "thumb")
    title = row.title or (_("Załącznik %(n)d") if kind else _("Zdjęcie %(n)d")) % {"n": row.order}
    url = stored.link(row.file_id, kind or "large")
    return FileView(row.file_id, title, kind.upper() or "JPG", row.file.size, url, thumb, row.published)


def forget_of_remarks(contribution_ids: Sequence[UUID], by: Viewer) -> None:
    """Delete the attachments of some remarks with their bytes, published ones too: a scan cannot be masked."""
    for row in Attachment.objects.filter(contribution__in=contribution_ids).select_related("file"):
        files.remove(file=row.file, by=by)
