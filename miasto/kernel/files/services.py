"""Everything that changes files."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.core import changes, clock, events, room
from miasto.kernel.core.city import city
from miasto.kernel.core.ids import uuid7
from miasto.kernel.files import documents, films, pictures, sensitive, storage
from miasto.kernel.files.events import FileLookedAt, FileRemoved, FileStored
from miasto.kernel.files.models import File
from miasto.kernel.files.sensitive import Box
from miasto.kernel.files.signing import link

__all__ = [
    "Box",
    "NoRoom",
    "Refused",
    "StoredImage",
    "attach",
    "blur",
    "boxes_of",
    "copy",
    "discard_orphans",
    "discard_unattached",
    "document_bytes",
    "find_sensitive",
    "link",
    "look_at",
    "look_at_new",
    "preview",
    "release",
    "remove",
    "store_captions",
    "store_document",
    "store_film",
    "store_image",
]
FILM_BYTES = 75_000_000
KEEP_UNATTACHED = timedelta(hours=48)
KEEP_ORPHANS = timedelta(hours=1)
_looking = threading.Lock()


class Refused(ValidationError):
    """A file that cannot be taken; the message names it and says why, in the reader's language."""


class NoRoom(OSError):
    """There is no room for a file on the disk, and nothing of it was kept. It is no ``Refused``: later it will be taken.

    ``messages`` say so to a person; a program or a job that does not catch it is answered or repeated as after any failure
    of the disk.
    """

    def __init__(self, error: OSError, shown: str) -> None:
        super().__init__(error.errno, error.strerror)
        words = _("Nie zapisaliśmy pliku „%(name)s”, bo na serwerze skończyło się miejsce. Spróbuj ponownie później.")
        self.messages = [words % {"name": shown}]


@contextmanager
def _keeping(shown: str) -> Iterator[None]:
    """Say by its name which file found no room. Raises ``NoRoom``."""
    try:
        yield
    except OSError as error:
        if not room.is_full(error):
            raise
        raise NoRoom(error, shown) from error


@dataclass(frozen=True)
class StoredImage:
    """A stored picture and what its metadata said before they were removed.

    ``position`` is (longitude, latitude), EPSG:4326; it is kept nowhere.
    """

    file: File
    position: tuple[float, float] | None
    taken_at: datetime | None


def store_image(*, upload: Any, by: Viewer, owner_id: UUID | None = None, look: bool = True) -> StoredImage:
    """Take a picture: a file object with ``read`` and ``name``. JPEG, PNG, WebP or HEIC by content, whatever its name.

    Raises ``Refused`` for a file that is too large, of another type or broken, and ``NoRoom`` where the disk is full, as all
    that store files do. The bytes are written first, outside the transaction; should the row never come, ``discard_orphans``
    takes them away. ``look``: a job is to look for faces and number plates once the file belongs to something.
    """
    shown = _shown_name(getattr(upload, "name", None))
    picture = _cleaned(_bytes(upload, shown), shown)
    file_id = uuid7()
    with _keeping(shown):
        storage.write(file_id, picture.variants)
    try:
        file = _store_row(file_id, picture, by, owner_id, look)
    except BaseException:
        storage.delete(file_id)
        raise
    return StoredImage(file, picture.position, picture.taken_at)


def store_document(*, upload: Any, by: Viewer, owner_id: UUID | None = None, letter: bool = False) -> File:
    """Take a document: PDF, OpenDocument, Office without macros, RTF, plain text, by content.

    ``letter``: an e-mail of any bytes, whose size the caller has limited. It is handed out only as a download. Raises
    ``Refused`` for what is too large, empty, of another kind, or active (macros, embedded objects, programs).
    """
    shown = _shown_name(getattr(upload, "name", None))
    data = upload.read() if letter else _bytes(upload, shown, city().limit("document_bytes", 25_000_000))
    kind = "eml" if letter else documents.kind_of(data)
    if kind in documents.REFUSED:
        raise Refused(_document_reason(kind, shown), code=kind)
    file_id = uuid7()
    with _keeping(shown):
        storage.write(file_id, {kind: data})
    try:
        return _store_document_row(file_id, data, kind, by, owner_id)
    except BaseException:
        storage.delete(file_id)
        raise


def store_film(*, upload: Any, by: Viewer, owner_id: UUID | None = None) -> File:
    """Take a film: MP4 or WebM by content, at most ``film_bytes`` of the profile; its metadata are overwritten.

    It is written to the storage piece by piece. Raises ``Refused`` for what is too large, of another type or broken.
    """
    shown = _shown_name(getattr(upload, "name", None))
    most = city().limit("film_bytes", FILM_BYTES)
    if upload.size > most:
        words = _("Plik „%(name)s” jest za duży. Może mieć najwyżej %(size)s MB.")
        raise Refused(words % {"name": shown, "size": most // 1_000_000})
    upload.seek(0)
    kind = films.kind_of(upload.read(4096))
    file_id = uuid7()
    try:
        if not kind:
            raise films.BadFilm("kind")
        with _keeping(shown):
            path = storage.take(file_id, kind, upload.chunks(), lambda file: films.clean(file, kind))
    except films.BadFilm as bad:
        raise Refused(_film_reason(str(bad), shown), code="film") from bad
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return _store_plain_row(file_id, File.Kind.FILM, films.KINDS[kind], path.stat().st_size, digest, by, owner_id)
    except BaseException:
        storage.delete(file_id)
        raise


def _film_reason(reason: str, shown: str) -> str:
    if reason == "kind":
        return _("Plik „%(name)s” nie jest filmem MP4 ani WebM.") % {"name": shown}
    return _("Pliku „%(name)s” nie da się odtworzyć: jest uszkodzony albo nie ma w nim obrazu.") % {"name": shown}


def store_captions(*, upload: Any, by: Viewer, owner_id: UUID | None = None) -> File:
    """Take captions of a film: WebVTT in UTF-8. Raises ``Refused``."""
    shown = _shown_name(getattr(upload, "name", None))
    try:
        data = films.captions_of(_bytes(upload, shown, films.CAPTIONS_MOST))
    except films.BadFilm as bad:
        words = _("Plik „%(name)s” nie zawiera napisów w formacie WebVTT (UTF-8).")
        raise Refused(words % {"name": shown}, code="captions") from bad
    file_id = uuid7()
    with _keeping(shown):
        storage.write(file_id, {"vtt": data})
    try:
        digest = hashlib.sha256(data).hexdigest()
        return _store_plain_row(file_id, File.Kind.CAPTIONS, films.CAPTIONS["vtt"], len(data), digest, by, owner_id)
    except BaseException:
        storage.delete(file_id)
        raise


def _store_document_row(file_id: UUID, data: bytes, kind: str, by: Viewer, owner_id: UUID | None) -> File:
    digest = hashlib.sha256(data).hexdigest()
    return _store_plain_row(file_id, File.Kind.DOCUMENT, documents.KINDS[kind], len(data), digest, by, owner_id)


@transaction.atomic
def _store_plain_row(
    file_id: UUID, kind: str, media_type: str, size: int, digest: str, by: Viewer, owner_id: UUID | None
) -> File:
    file = File.objects.create(
        id=file_id,
        kind=kind,
        media_type=media_type,
        size=size,
        digest=digest,
        name=storage.folder_name(file_id),
        owner_id=owner_id,
        uploaded_by_kind=by.actor.kind,
        uploaded_by_id=by.actor.id,
    )
    _record("files.stored", file, by)
    events.publish(FileStored(file_id=file.id))
    return file


def document_bytes(file: File) -> bytes | None:
    """The bytes of a stored document; None for a picture and where they are gone."""
    kind = documents.kind_named(file.media_type)
    return storage.read(file.pk, kind) if kind else None


def _document_reason(reason: str, shown: str) -> str:
    if reason == "active":
        return _("Plik „%(name)s” zawiera makra lub osadzone obiekty, dlatego go nie przyjmujemy.") % {"name": shown}
    return _("Plik „%(name)s” nie jest dokumentem, który przyjmujemy (PDF, ODT, DOCX, RTF, TXT i podobne).") % {"name": shown}


@transaction.atomic(savepoint=False)
def _store_row(file_id: UUID, picture: pictures.Picture, by: Viewer, owner_id: UUID | None, look: bool) -> File:
    large = picture.variants["large"]
    file = File.objects.create(
        id=file_id,
        kind=File.Kind.IMAGE,
        media_type=pictures.MEDIA_TYPE,
        size=len(large),
        width=picture.width,
        height=picture.height,
        digest=hashlib.sha256(large).hexdigest(),
        name=storage.folder_name(file_id),
        owner_id=owner_id,
        uploaded_by_kind=by.actor.kind,
        uploaded_by_id=by.actor.id,
        to_look=look,
    )
    _record("files.stored", file, by)
    events.publish(FileStored(file_id=file.id))
    return file


def _bytes(upload: Any, shown: str, limit: int = 0) -> bytes:
    most = limit or city().limit("photo_bytes", 15_000_000)
    if hasattr(upload, "seek"):
        upload.seek(0)
    data = upload.read(most + 1)
    if len(data) > most:
        raise Refused(
            (
                _("Plik „%(name)s” jest za duży. Może mieć najwyżej %(size)s MB.")
                if limit
                else _("Plik „%(name)s” jest za duży. Zdjęcie może mieć najwyżej %(size)s MB.")
            )
            % {"name": shown, "size": most // 1_000_000}
        )
    if not data:
        raise Refused(_("Plik „%(name)s” jest pusty. Wybierz inne zdjęcie.") % {"name": shown})
    return data


def _cleaned(data: bytes, shown: str) -> pictures.Picture:
    pixels = city().limit("photo_pixels", 60_000_000)
    try:
        return pictures.clean(data, pixels_most=pixels)
    except pictures.BadPicture as bad:
        raise Refused(_reason(bad.reason, shown, pixels)) from bad


def _reason(reason: str, shown: str, pixels: int) -> str:
    if reason == "type":
        return _("Plik „%(name)s” nie jest zdjęciem w formacie JPEG, PNG, WebP ani HEIC.") % {"name": shown}
    if reason == "pixels":
        return _(
            "Zdjęcie „%(name)s” ma za dużo pikseli. Największe, jakie możemy przyjąć, ma %(millions)s milionów pikseli."
        ) % {"name": shown, "millions": pixels // 1_000_000}
    return _("Pliku „%(name)s” nie da się odczytać, bo jest uszkodzony albo niepełny. Wybierz inne zdjęcie.") % {"name": shown}


def _shown_name(name: Any) -> str:
    """The file's name as an error may show it: the last part, printable, short."""
    last = str(name or "").replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter for letter in last if letter.isprintable()).strip()
    return plain[:60] or _("bez nazwy")


@transaction.atomic(savepoint=False)
def attach(*, file_ids: Sequence[UUID], owner_id: UUID, by: Viewer) -> None:
    """Give files to the object they belong to. Idempotent.

    Raises ``LookupError`` for a file that is not there or belongs to another object; the caller's transaction is undone then.
    """
    taken = File.objects.filter(id__in=file_ids, owner_id=None).update(owner_id=owner_id)
    if taken != len(set(file_ids)) and File.objects.filter(id__in=file_ids, owner_id=owner_id).count() != len(set(file_ids)):
        raise LookupError("a file is not there to be attached, or belongs to another object")
    if taken:
        with changes.together():
            for file_id in file_ids:
                _record("files.attached", File(id=file_id, owner_id=owner_id), by)


@transaction.atomic
def release(*, file_ids: Sequence[UUID], owner_id: UUID, by: Viewer) -> None:
    """Take files from the object they belong to, so that another may take them in the same transaction."""
    for file in File.objects.select_for_update().filter(id__in=file_ids, owner_id=owner_id):
        _record("files.released", file, by)
    File.objects.filter(id__in=file_ids, owner_id=owner_id).update(owner_id=None)


def copy(*, file: File, by: Viewer, owner_id: UUID | None = None) -> File:
    """The same picture as a file of its own, for another object. Raises ``LookupError`` where its bytes are gone."""
    variants = {name: data for name in pictures.VARIANTS if (data := storage.read(file.id, name)) is not None}
    if "large" not in variants:
        raise LookupError(f"file {file.id} has no bytes")
    file_id = uuid7()
    storage.write(file_id, variants)
    try:
        picture = pictures.Picture(variants, file.width or 0, file.height or 0, None, None)
        return _store_row(file_id, picture, by, owner_id, True)
    except BaseException:
        storage.delete(file_id)
        raise


@transaction.atomic
def remove(*, file: File, by: Viewer) -> None:
    """Delete a file; its bytes go after the commit, or by ``discard_orphans`` should the process die before."""
    _record("files.removed", file, by)
    events.publish(FileRemoved(file_id=file.id))
    file_id = file.id
    File.objects.filter(pk=file_id).delete()
    transaction.on_commit(lambda: storage.delete(file_id))


def discard_unattached() -> int:
    """Delete files that no object took within ``KEEP_UNATTACHED`` (drafts given up); returns how many."""
    old = File.objects.filter(owner_id=None, created_at__lt=clock.now() - KEEP_UNATTACHED)
    count = 0
    for file_id in list(old.values_list("id", flat=True)):
        with transaction.atomic():
            file = File.objects.select_for_update(skip_locked=True).filter(pk=file_id, owner_id=None).first()
            if file is not None:
                remove(file=file, by=SYSTEM)
                count += 1
    return count


def discard_orphans() -> int:
    """Delete bytes without a row that are older than ``KEEP_ORPHANS`` (a rolled-back or killed upload); returns how many."""
    before = (clock.now() - KEEP_ORPHANS).timestamp()
    old = [file_id for file_id, written in storage.stored() if written < before]
    count = 0
    for start in range(0, len(old), 1000):
        part = old[start : start + 1000]
        known = set(File.objects.filter(id__in=part).values_list("id", flat=True))
        for file_id in part:
            if file_id not in known:
                storage.delete(file_id)
                count += 1
    return count


def find_sensitive(file: File) -> list[Box]:
    """Faces and number plates in a stored picture, as this machine sees them; half a second of one core. Writes nothing."""
    data = storage.read(file.id, "large")
    return sensitive.detect(data) if data is not None else []


def boxes_of(file: File) -> list[Box]:
    """What the machine found earlier."""
    return [Box(**row) for row in file.boxes]


@transaction.atomic
def look_at(*, file_id: UUID) -> list[Box] | None:
    """Look for faces and plates in one file and keep the suggestions; None where another worker does it or did it.

    A picture that cannot be looked at is marked as seen: a person looks at each of them anyway.
    """
    file = File.objects.select_for_update(skip_locked=True).filter(pk=file_id, to_look=True).first()
    if file is None:
        return None
    try:
        found = find_sensitive(file)
    except ValueError:
        found = []
    file.boxes, file.to_look = [box.as_dict() for box in found], False
    file.save(update_fields=["boxes", "to_look"])
    events.publish(FileLookedAt(file_id=file.id, owner_id=file.owner_id, found=len(found)))
    return found


def look_at_new(*, most: int) -> int:
    """``look_at`` for the newest that belong to something; returns for how many. 0 without the models of ``sensitive``.

    One run at a time in a process: the nets take hundreds of megabytes, and the run of the next minute goes on anyway.
    """
    if not sensitive.models_present() or not _looking.acquire(blocking=False):
        return 0
    try:
        waiting = File.objects.filter(to_look=True, owner_id__isnull=False).order_by("-created_at")
        return sum(look_at(file_id=file_id) is not None for file_id in list(waiting.values_list("id", flat=True)[:most]))
    finally:
        _looking.release()


def preview(file: File, boxes: Sequence[Box]) -> bytes:
    """The large variant as ``blur`` would make it; empty where the bytes are gone."""
    data = storage.read(file.id, "large")
    return b"" if data is None else pictures.blurred(data, [(box.x, box.y, box.w, box.h) for box in boxes])["large"]


def blur(*, file: File, boxes: Sequence[Box], by: Viewer) -> File:
    """A new file whose ``boxes`` are unrecognisable in every variant; the given one stays as it is, with other addresses.

    Raises ``Refused`` where its bytes are gone. The new file belongs to the same object.
    """
    data = storage.read(file.id, "large")
    if data is None:
        raise Refused(_("Tego zdjęcia już nie mamy."))
    variants = pictures.blurred(data, [(box.x, box.y, box.w, box.h) for box in boxes])
    picture = pictures.Picture(variants, file.width or 0, file.height or 0, None, None)
    file_id = uuid7()
    storage.write(file_id, picture.variants)
    try:
        return _store_row(file_id, picture, by, file.owner_id, False)
    except BaseException:
        storage.delete(file_id)
        raise


def _record(action: str, file: File, by: Viewer) -> None:
    data = {"owner": str(file.owner_id)} if file.owner_id else {}
    changes.record(action=action, kind="files.file", object_id=file.id, actor=by.actor, data=data)
