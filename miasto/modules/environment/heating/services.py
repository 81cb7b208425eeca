"""Taking over an export of the register: checked as a whole, then written in chunks; the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, require
from miasto.kernel.core import changes, clock
from miasto.kernel.places.selectors import geocode
from miasto.modules.environment.heating.models import HeatingImport, HeatingSource
from miasto.modules.environment.heating.register import Row, Unreadable, read

PERMISSION = "environment.heating"
CHUNK = 500
BYTES_MOST = 60_000_000
BUSY = (HeatingImport.State.WAITING, HeatingImport.State.WORKING)
COPIED = ("form", "kind", "boiler_class", "group", "fuels", "count", "started_on")


@transaction.atomic
def ask(*, data: bytes, file_name: str, as_of: date, whole: bool, by: Viewer) -> HeatingImport:
    """Have an export taken over by a job. Raises ``PermissionDenied``, ``ValidationError``.

    ``whole``: what the file does not have is no longer in use.
    """
    from miasto.modules.environment import jobs

    require(by, PERMISSION)
    if len(data) > BYTES_MOST:
        raise ValidationError(_("Plik jest za duży. Przyjmujemy do 60 MB."))
    if as_of > clock.today():
        raise ValidationError(_("Stan nie może być z przyszłości."))
    standing = HeatingImport.objects.select_for_update().filter(state__in=BUSY).exists()
    if standing:
        raise ValidationError(_("Inny plik jest właśnie wczytywany. Poczekaj, aż skończymy."))
    newer = HeatingImport.objects.filter(state=HeatingImport.State.DONE, as_of__gt=as_of).exists()
    if newer:
        raise ValidationError(_("Wczytano już nowszy eksport. Starszym nie można go zastąpić."))
    row = HeatingImport.objects.create(
        made_at=clock.now(), made_by_id=by.person_id, file_name=file_name[:120], as_of=as_of, whole=whole, data=data
    )
    _record("heating_asked", row, by.actor)
    jobs.take_heating.defer(import_id=str(row.pk), once="environment.heating", awaited=True)
    return row


def take(import_id: UUID) -> None:
    """Read a file and take its rows over; a second call goes on where a killed one stopped. A failure is told, not retried."""
    row = HeatingImport.objects.filter(pk=import_id, state__in=BUSY).first()
    if row is None:
        return
    try:
        found, problems = read(bytes(row.data), row.file_name)
    except Unreadable as error:
        found, problems = [], [{"line": 1, "column": "", "text": str(error)}]
    if problems or not found:
        text = {"line": 1, "column": "", "text": _("Plik nie ma żadnego wiersza z danymi.")}
        _end(row, HeatingImport.State.REFUSED, problems=problems or [text], data=b"")
        return
    HeatingImport.objects.filter(pk=row.pk).update(state=HeatingImport.State.WORKING, rows=len(found), done=0, fresh=0)
    try:
        for start in range(0, len(found), CHUNK):
            _take_chunk(row, found[start : start + CHUNK])
        _finish(row)
    except Exception:
        _end(row, HeatingImport.State.FAILED)
        raise


@transaction.atomic
def again(*, import_id: UUID, by: Viewer) -> None:
    """Take up a failed file once more."""
    from miasto.modules.environment import jobs

    require(by, PERMISSION)
    failed = HeatingImport.objects.filter(pk=import_id, state=HeatingImport.State.FAILED)
    if failed.update(state=HeatingImport.State.WAITING):
        jobs.take_heating.defer(import_id=str(import_id), once="environment.heating", awaited=True)


def _end(row: HeatingImport, state: str, **columns: object) -> None:
    HeatingImport.objects.filter(pk=row.pk).update(state=state, **columns)


@transaction.atomic
def _take_chunk(taken: HeatingImport, rows: list[Row]) -> None:
    held = {
        (one.declaration, one.number): one
        for one in HeatingSource.objects.filter(declaration__in={row.declaration for row in rows})
    }
    places = _places({row.address for row in rows})
    fresh, known = [], []
    for row in rows:
        one = held.get((row.declaration, row.number))
        (known if one else fresh).append(_source(row, one, places, taken.as_of))
    HeatingSource.objects.bulk_create(fresh, ignore_conflicts=True)
    HeatingSource.objects.bulk_update(known, [*COPIED, "address", "geom", "seen_on", "removed_on"], batch_size=CHUNK)
    HeatingImport.objects.filter(pk=taken.pk).update(done=F("done") + len(rows), fresh=F("fresh") + len(fresh))


def _source(row: Row, one: HeatingSource | None, places: dict[str, Point | None], as_of: date) -> HeatingSource:
    one = one or HeatingSource(declaration=row.declaration, number=row.number)
    for name in COPIED:
        setattr(one, name, getattr(row, name))
    one.address, one.geom, one.seen_on, one.removed_on = row.address, places[row.address], as_of, None
    return one


def _places(addresses: Iterable[str]) -> dict[str, Point | None]:
    """Where addresses are: as found before, else by the geocoder; only a house counts, a street alone does not."""
    wanted = set(addresses)
    held = HeatingSource.objects.filter(address__in=wanted, geom__isnull=False).values_list("address", "geom")
    found: dict[str, Point | None] = dict(held)
    for address in wanted - found.keys():
        best = next(iter(geocode(address, limit=1)), None)
        found[address] = Point(best.lon, best.lat, srid=4326) if best is not None and best.kind == "address" else None
    return found


@transaction.atomic
def _finish(taken: HeatingImport) -> None:
    gone = 0
    if taken.whole:
        left = HeatingSource.objects.filter(removed_on=None, seen_on__lt=taken.as_of)
        gone = left.update(removed_on=taken.as_of)
    locate()
    _end(taken, HeatingImport.State.DONE, gone=gone, data=b"")
    _record("heating_taken", taken, SYSTEM.actor)


def locate() -> None:
    """Each placed source knows its district; one statement."""
    area = HeatingSource._meta.get_field("district").related_model
    around = area.objects.current().filter(area_kind="district", audience="public", geom__covers=OuterRef("geom"))
    HeatingSource.objects.filter(geom__isnull=False).update(district=Subquery(around.values("pk")[:1]))


def _record(action: str, row: HeatingImport, actor: Any) -> None:
    changes.record(
        action=f"environment.{action}",
        kind="environment.heating_import",
        object_id=row.pk,
        actor=actor,
        data={"as_of": row.as_of.isoformat(), "whole": row.whole},
    )
