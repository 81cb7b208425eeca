"""The steps of an import: a file is taken, its layout declared, the whole checked, the good written after a confirmation.

Each step is one call that may be made twice. A job that is killed is begun again by the platform's own watch over jobs: the
check starts anew, the writing repeats what is there already, which changes nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.core import changes, clock, events, room, sealed
from miasto.kernel.core.ids import uuid7
from miasto.kernel.core.registry import registry
from miasto.kernel.core.sealed import Sealer
from miasto.kernel.observations.archive.place import Unreachable
from miasto.kernel.observations.archive.running import alone
from miasto.kernel.observations.events import FileImported
from miasto.kernel.observations.importing import checking, faults, guessing, storing, targets, writing
from miasto.kernel.observations.importing.declared import METER
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.layout import MBUS, TABLE, Layout
from miasto.kernel.observations.importing.models import FileImport, ImportPiece, ImportProfile, MeterKey
from miasto.kernel.observations.importing.moments import instant
from miasto.kernel.observations.ingest import UnknownSeries
from miasto.kernel.observations.models import Datastream, Thing
from miasto.kernel.spec.observations import ReadingsFormat

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

KEYS = Sealer("observations.meter_key")
KIND = "observations.import"
HERE_BYTES, HERE_ROWS = 1_000_000, 20_000  # so much is done at once, within the request
SILENT = timedelta(minutes=2)
TAKEN = "taken"  # the code of the error that says so of a profile's name
State = FileImport.State
GOING = (State.CHECKING, State.WRITING, State.UNDOING)
_log = logging.getLogger(__name__)


class Stopped(Exception):
    """Somebody asked the import to stop."""


def take(
    *, pieces: Iterable[bytes], name: str, by: Viewer, unit_id: UUID | None, profile: ImportProfile | None = None
) -> FileImport:
    """Keep a file and guess its layout; that of ``profile``, or of the last one that read a file of this shape, goes before.

    Raises ``Unreadable`` (``NoRoom`` where the disk is full) with words for the reader, ``PermissionDenied`` for a foreign
    unit; nothing is kept then.
    """
    refuse_foreign(by, unit_id)
    key = uuid7()
    size, digest, layouts = _kept(key, pieces, name)
    layout, known = _recognised(layouts, by, unit_id)
    look, profile = look_of(layout), profile or known
    if profile is not None and Layout.of(profile.layout).format == layout.format:
        layout = _laid_over(Layout.of(profile.layout), layout)
    return FileImport.objects.create(
        id=key,
        name=name[-200:],
        sha256=digest,
        bytes=size,
        person_id=by.person_id,
        unit_id=unit_id,
        profile=profile,
        look=look,
        layout=layout.as_json(),
    )


def _kept(key: UUID, pieces: Iterable[bytes], name: str) -> tuple[int, str, list[Layout]]:
    """A file's size, digest and possible layouts. Nothing of it stays where it cannot be kept or read."""
    try:
        size, digest = storing.keep(key, pieces)
        return size, digest, guessing.guesses(storing.folder(key) / storing.SOURCE, name)
    except BaseException as error:
        storing.forget(key)
        if room.is_full(error):
            raise faults.NoRoom from error
        raise


def _recognised(layouts: list[Layout], by: Viewer, unit_id: UUID | None) -> tuple[Layout, ImportProfile | None]:
    """The first layout (a workbook has one for each sheet) whose shape a profile knows, with that; else the first one."""
    kept = ImportProfile.objects.visible_to(by).filter(unit_id=unit_id, look__in=[look_of(one) for one in layouts])
    newest = {one.look: one for one in kept.order_by("changed_at")}
    return next(((one, newest[look_of(one)]) for one in layouts if look_of(one) in newest), (layouts[0], None))


@transaction.atomic
def choose_sheet(*, one: FileImport, sheet: str) -> FileImport:
    """Look at another sheet of a workbook. Raises ``Unreadable``, and ``ValidationError`` where the import is past that."""
    row = FileImport.objects.select_for_update().get(pk=one.pk)
    if not row.open or not row.layout.get("sheet"):
        raise ValidationError(_("Tego pliku nie można już zmienić."))
    layout = guessing.of_sheet(storing.folder(row.pk) / storing.SOURCE, sheet)
    row.layout, row.look, row.state = layout.as_json(), look_of(layout), State.NEW
    row.profile = ImportProfile.objects.filter(unit_id=row.unit_id, look=row.look).order_by("-changed_at").first()
    if row.profile is not None:
        row.layout = _laid_over(Layout.of(row.profile.layout), layout).as_json()
    row.save()
    return row


def refuse_foreign(by: Viewer, unit_id: UUID | None) -> None:
    """Raise ``PermissionDenied`` where somebody manages no measuring points of the unit (None: of the whole city)."""
    from miasto.kernel.observations.access import MANAGE

    units = by.units_with(MANAGE)
    if units is not None and unit_id not in units:
        raise PermissionDenied


def look_of(layout: Layout) -> str:
    """A digest of a file's shape: format, delimiter, names of the columns. Files of one program look alike."""
    shape = [layout.format]
    if layout.format == TABLE:
        shape += [layout.delimiter, *layout.names] if any(layout.names) else [layout.delimiter, str(len(layout.names))]
    return hashlib.sha256("\x1f".join(shape).encode()).hexdigest()


def _laid_over(kept: Layout, seen: Layout) -> Layout:
    """What a person declared, with what only this file tells: its encoding and the names of its columns."""
    return Layout.of({**kept.as_json(), "encoding": seen.encoding, "names": seen.names, "skip": seen.skip, "sheet": seen.sheet})


@transaction.atomic
def declare(
    *,
    one: FileImport,
    layout: Layout,
    profile_name: str,
    thing_kind: str,
    by: Viewer,
    thing_name: str = "",
    audience: str = "unit",
    meter_keys: dict[str, str] | None = None,
) -> FileImport:
    """Say how the file is read and where it goes; kept as a profile, which the next file of this shape gets by itself.

    Raises ``ValidationError`` where the import is past that, with the code ``TAKEN`` where the name belongs to other files.
    """
    row = FileImport.objects.select_for_update().get(pk=one.pk)
    if not row.open:
        raise ValidationError(_("Tego pliku nie można już zmienić."))
    kept = {"layout": layout.as_json(), "look": row.look, "changed_at": clock.now(), "thing_name": thing_name}
    kept |= {"thing_kind": thing_kind, "audience": audience}
    profile = _kept_as(row, profile_name, kept)
    for number, key in (meter_keys or {}).items():
        MeterKey.objects.update_or_create(unit_id=row.unit_id, number=number, defaults={"sealed": KEYS.seal(key)})
    row.profile, row.layout, row.state, row.problem = profile, layout.as_json(), State.NEW, ""
    row.save()
    changes.record(
        action="observations.import_declared", kind=KIND, object_id=row.pk, actor=by.actor, unit_id=row.unit_id,
        data={"profile": str(profile.pk)},
    )  # fmt: skip
    return row


def _kept_as(row: FileImport, name: str, kept: dict) -> ImportProfile:
    """The profile of that name in the unit, made or changed.

    One that somebody else has made or changed since this file's form was drawn, for files of another shape, is not overwritten:
    raises ``ValidationError``. Two who save the same new name at once for files of one shape share one profile.
    """
    own = row.profile if row.profile and row.profile.name == name else None
    profile, made = ImportProfile.objects.get_or_create(unit_id=row.unit_id, name=name, defaults=kept)
    if made or profile == own or profile.look == row.look:
        ImportProfile.objects.filter(pk=profile.pk).update(**kept)
        profile.refresh_from_db()
        return profile
    raise ValidationError(
        _("Ustalenia o nazwie „%(name)s” już są i dotyczą plików o innych kolumnach. Podaj inną nazwę.") % {"name": name},
        code=TAKEN,
    )


def keys_of(one: FileImport) -> dict[str, str]:
    """The keys of the meters of the import's unit, for a file of telegrams; one that no secret opens any more is none."""
    found = {}
    for row in MeterKey.objects.filter(unit_id=one.unit_id) if one.layout.get("format") == MBUS else ():
        try:
            found[row.number] = KEYS.unseal(row.sealed)
        except sealed.Unreadable:
            _log.warning("the key of a meter cannot be read: was the platform's secret changed?")
    return found


def ask(*, one: FileImport, to: str, by: Viewer) -> bool:
    """Begin a step (``State.CHECKING`` or ``WRITING``), now where it is short, else as a job. False: not its turn."""
    from miasto.kernel.observations.importing import jobs

    before = {State.CHECKING: [State.NEW, State.CHECKED], State.WRITING: [State.CHECKED]}[to]
    with transaction.atomic():
        mine = FileImport.objects.filter(pk=one.pk, state__in=before, profile__isnull=False).update(
            state=to, asked_to_stop=False, seen_at=clock.now(), problem="", written=0, person_id=by.person_id
        )
        work = jobs.check_file if to == State.CHECKING else jobs.write_file
        short = one.bytes <= HERE_BYTES if to == State.CHECKING else one.ready <= HERE_ROWS
        if mine and not short:
            work.defer(import_id=str(one.pk), once=f"observations.import.{one.pk}")
    if mine and short:
        work(import_id=str(one.pk))
    return bool(mine)


def ask_to_stop(*, one: FileImport) -> None:
    """Stop at the next piece of work; at once where the job has given no sign of life for two minutes."""
    going = FileImport.objects.filter(pk=one.pk, state__in=GOING)
    going.update(asked_to_stop=True)
    going.filter(seen_at__lt=clock.now() - SILENT).update(state=State.CANCELLED, ended_at=clock.now())


def discard(*, one: FileImport) -> bool:
    """Forget a file that was not written; False where it is too late, also where a part of it was written before."""
    gone, _rows = FileImport.objects.filter(pk=one.pk, state__in=[State.NEW, State.CHECKED], pieces=None).delete()
    if gone:
        storing.forget(one.pk)
    return bool(gone)


def check(one: FileImport) -> None:
    """Read the whole file; afterwards it waits for a confirmation, or says why it cannot be read."""
    place = storing.folder(one.pk)

    def told(rows: int) -> None:
        alive(one, rows=rows)

    def work() -> dict:
        found = checking.check(place / storing.SOURCE, place, Layout.of(one.layout), keys_of(one), told)
        return {
            "state": State.CHECKED,
            "rows": found.rows,
            "ready": found.readings,
            "empty": found.empty,
            "refused": found.refused,
            "reasons": dict(found.reasons),
            "series": len(found.counts),
            "first_at": None if found.first is None else _within(found.first),
            "last_at": None if found.last is None else _within(found.last),
        }

    guarded(one, State.CHECKING, work)


def _within(micros: int):
    """An instant that a calendar has; what lies beyond goes to quarantine anyway."""
    try:
        return instant(micros)
    except OverflowError:
        return None


def write(one: FileImport) -> None:
    """Write what the check left ready, told to no alert rule."""
    place, by = storing.folder(one.pk), who(one)

    def work() -> dict:
        refuse_foreign(by, one.unit_id)
        series, _counts = checking.series_of(place)
        found = targets.settle(one, one.profile, series, by=by)
        FileImport.objects.filter(pk=one.pk).update(made=found.made + one.made)
        before = _held(found.streams)

        def told(written: int, quarantined: int) -> None:
            alive(one, written=written, quarantined=quarantined)

        written, quarantined = writing.write(one, place, found.streams, found.factors, by=by, told=told)
        added = _held(found.streams) - before
        return {"state": State.DONE, "written": written - quarantined, "quarantined": quarantined, "added": added}

    if guarded(one, State.WRITING, work, lambda columns: _record(one, columns)):
        (place / checking.READY).unlink(missing_ok=True)


def who(one: FileImport) -> Viewer:
    """The person who asked for the present step, or the platform itself."""
    return SYSTEM if one.person_id is None else viewer_for_person(one.person_id)


def _held(streams: list[int]) -> int:
    return Datastream.objects.filter(pk__in=set(streams)).aggregate(n=Sum("count"))["n"] or 0


def alive(one: FileImport, **columns: int) -> None:
    """Keep the progress where the page sees it. Raises ``Stopped`` where somebody asked for it."""
    FileImport.objects.filter(pk=one.pk).update(seen_at=clock.now(), **columns)
    if FileImport.objects.filter(pk=one.pk, asked_to_stop=True).exists():
        raise Stopped


def guarded(
    one: FileImport, state: str, work: Callable[[], dict], record: Callable[[dict], None] = lambda columns: None
) -> bool:
    """Do a step and keep how it ended; only words for the reader are shown, the rest is logged. ``record`` what was done.

    Where somebody else is at it, nothing happens.
    """
    with alone(one.pk.int % 2**62) as mine:
        return mine and _ended(one, state, work, record)


def _ended(one: FileImport, state: str, work: Callable[[], dict], record: Callable[[dict], None]) -> bool:
    problem = ""
    try:
        columns = work()
    except Stopped:
        columns = {"state": State.CANCELLED}
    except (Unreadable, UnknownSeries, PermissionDenied) as error:
        problem = str(error) or _("Nie masz już prawa do wpisywania tych odczytów.")
        columns = {"state": State.NEW if state == State.CHECKING else State.FAILED}
    except Unreachable:
        problem = _("Magazyn dawnych odczytów jest chwilowo niedostępny. Spróbuj ponownie później.")
        columns = {"state": State.FAILED}
    except Exception as error:
        if room.is_full(error):
            return _waits(one, state)
        _log.exception("the import %s failed", one.pk)
        problem, columns = _("Coś poszło nie tak po naszej stronie. Spróbuj jeszcze raz."), {"state": State.FAILED}
    with transaction.atomic():
        mine = FileImport.objects.filter(pk=one.pk, state=state).update(ended_at=clock.now(), problem=problem[:500], **columns)
        ended = bool(mine) and columns["state"] in (State.DONE, State.UNDONE)
        if ended:
            record(columns)
    return ended


def _waits(one: FileImport, state: str) -> bool:
    """There is no room for this step now: it stays begun, its row says why, and ``resume`` takes it up again and again."""
    _log.warning("the import %s waits: a disk is full", one.pk)
    words = _("Na serwerze skończyło się miejsce. Gdy się zwolni, dokończymy to sami. Nic z tego, co wpisano, nie zginęło.")
    mine = FileImport.objects.filter(pk=one.pk, state=state)
    mine.filter(asked_to_stop=False).update(problem=words, seen_at=clock.now())
    mine.filter(asked_to_stop=True).update(state=State.CANCELLED, problem=words, ended_at=clock.now())
    return False


def _record(one: FileImport, columns: dict) -> None:
    actor = who(one).actor
    counted = {name: columns[name] for name in ("written", "quarantined", "added")}
    changes.record(
        action="observations.file_imported", kind=KIND, object_id=one.pk, actor=actor, unit_id=one.unit_id,
        data={**counted, "sha256": one.sha256},
    )  # fmt: skip
    events.publish(FileImported(import_id=one.pk, readings=columns["written"]))


def again(*, one: FileImport) -> bool:
    """Let an import that failed, was stopped or taken back be tried once more, while its file is kept."""
    if not (storing.folder(one.pk) / storing.SOURCE).exists():
        return False
    broken = FileImport.objects.filter(pk=one.pk, state__in=[State.FAILED, State.CANCELLED, State.UNDONE])
    nothing = dict.fromkeys(("written", "quarantined", "added", "removed", "restored", "stayed"), 0)
    return bool(broken.update(state=State.NEW, asked_to_stop=False, problem="", **nothing))


def guessed_layout(path: Path, **changed) -> Layout:
    """The layout that a file seems to have, with some of it said (``code="volume"``). Raises ``Unreadable``."""
    return replace(guessing.guess(path, path.name), **changed)


def import_file(
    *, path: Path, by: Viewer, profile: ImportProfile | None = None, unit_id: UUID | None = None, name: str = "", **declared
) -> FileImport:
    """Take in a whole file at once, here: what a command or a module does. ``declared``: as ``declare`` takes it.

    Good rows go in, the others into the import's list of refused places. Repeating it changes nothing. Raises ``Unreadable``,
    ``PermissionDenied``, ``ValidationError`` where nothing says what the file measures.
    """
    with path.open("rb") as file:
        pieces = iter(lambda: file.read(1 << 20), b"")
        one = take(
            pieces=pieces, name=name or path.name, by=by, unit_id=unit_id or (profile and profile.unit_id), profile=profile
        )
    if one.profile is None and not declared:
        declared = _said_by_itself(one)
    if declared:
        one = declare(one=one, by=by, **declared)
    if one.profile is None:
        storing.forget(one.pk)
        one.delete()
        raise ValidationError(_("Nie wiadomo, co mierzy ten plik. Wskaż zapisane ustalenia."))
    for step, state in ((check, State.CHECKING), (write, State.WRITING)):
        FileImport.objects.filter(pk=one.pk).update(state=state)
        one.refresh_from_db()
        step(one)
        one.refresh_from_db()
        if one.problem:
            raise Unreadable(one.problem)
    return one


def _said_by_itself(one: FileImport) -> dict[str, Any]:
    """What ``declare`` must know of a file whose format says all of it; empty for a table or a network."""
    layout = Layout.of(one.layout)
    if layout.format == MBUS:
        return {"layout": layout, "profile_name": "M-Bus", "thing_kind": METER}
    if registry().has(ReadingsFormat, layout.format):
        name = str(registry().get(ReadingsFormat, layout.format).name)
        return {"layout": layout, "profile_name": name, "thing_kind": Thing.kind}
    return {}


def forget_old() -> int:
    """Delete the files of imports that are older than a month, and unfinished imports with them; the history stays."""
    before, count = clock.now() - storing.KEPT, 0
    for one in FileImport.objects.filter(started_at__lt=before).iterator():
        if storing.folder(one.pk).exists():
            storing.forget(one.pk)
            count += 1
    ImportPiece.objects.filter(file__started_at__lt=before).exclude(file__state=State.UNDOING).delete()
    FileImport.objects.filter(started_at__lt=before, state__in=[State.NEW, State.CHECKED]).delete()
    return count


def resume() -> int:
    """Take up the steps that have given no sign of life for two minutes and no job waits for: who did them was killed."""
    from miasto.kernel.observations.importing import jobs

    count = 0
    silent = FileImport.objects.filter(state__in=GOING, seen_at__lt=clock.now() - SILENT)
    for one in silent:
        work = {State.CHECKING: jobs.check_file, State.WRITING: jobs.write_file}.get(one.state, jobs.undo_file)
        count += work.defer(import_id=str(one.pk), once=f"observations.import.{one.pk}")
    return count
