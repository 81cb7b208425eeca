"""Loads files of objects: everything or nothing, with every fault named by line and feature."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.ids import uuid7
from miasto.kernel.places import gtfs
from miasto.kernel.places.events import ObjectsImported
from miasto.kernel.places.fields import WGS84
from miasto.kernel.places.geojson import FeatureReader, RawFeature, open_text
from miasto.kernel.places.geometry import Outside, Reading, is_known_srid, srid_of
from miasto.kernel.places.models import Street
from miasto.kernel.places.problems import Fault, ImportRefused, ImportReport, Problem, Problems
from miasto.kernel.places.reverse import assign_districts, districts_of
from miasto.kernel.places.targets import TARGETS, BadFeature, Context, KnownStreet, key_of
from miasto.kernel.places.writing import write_many

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

BATCH = 2000
KEPT_COLUMNS = ("valid_from", "unit_id", "audience")
Source = str | Path | Iterable[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How a file is to be read. ``kind`` overrides the features' own; ``source`` begins each key, so that two files do
    not overwrite each other's objects; ``replace`` retires the objects of the same kind that the file lacks;
    ``skip_outside`` leaves out what lies far from the city, ``anywhere`` takes it; ``progress`` is called with the number
    of features read so far.
    """

    kind: str = ""
    name_field: str = ""
    source: str = ""
    srid: int | None = None
    swap_axes: bool = False
    repair: bool = False
    anywhere: bool = False
    skip_outside: bool = False
    replace: bool = False
    encoding: str | None = None
    progress: Callable[[int], None] | None = None


class Loader:
    """One load of one source into one target."""

    def __init__(self, source: Source, target: str, defaults: Mapping[str, Any], key: str, options: ImportOptions) -> None:
        self.source, self.name, self.target, self.options = source, target, TARGETS[target], options
        self.defaults = {name: value for name, value in defaults.items() if name not in ("area_kind", "place_kind")}
        self.context = Context(
            kind=options.kind,
            name_field=options.name_field,
            key_field=key,
            source=options.source,
            defaults=defaults,
            streets=_known_streets() if target == "addresses" else {},
        )
        self.problems = Problems()
        self.seen: dict[tuple[Any, ...], int] = {}
        self.ids: set[UUID] = set()
        self.read = self.created = self.changed = self.skipped = 0
        self._reader: FeatureReader | None = None
        self._crs: str | None = None
        self._reading = self._make_reading(WGS84)

    def run(self) -> None:
        """Read, check and write everything; raises ``ImportRefused``."""
        batch: list[Any] = []
        for feature in self._features():
            self.read += 1
            obj = self._object(feature)
            if obj is not None:
                batch.append(obj)
            if len(batch) >= BATCH:
                self._write(batch)
                batch = []
            if self.options.progress and self.read % BATCH == 0:
                self.options.progress(self.read)
        self._check_late_crs()
        if not self.read:
            self.problems.add(Problem(_("w pliku nie ma żadnego obiektu")))
        elif not self.seen and not self.problems.total:
            self.problems.add(Problem(_("żaden obiekt pliku nie leży w okolicy miasta")))
        self.problems.raise_any()
        self._write(batch)

    def _features(self) -> Iterator[RawFeature]:
        if not isinstance(self.source, (str, Path)):
            yield from (RawFeature(number, None, value) for number, value in enumerate(self.source, 1))
            return
        path = Path(self.source)
        if gtfs.is_gtfs(path):
            yield from gtfs.read_stops(path, self.options.encoding)
            return
        with open_text(path, self.options.encoding) as text:
            self._reader = FeatureReader(text)
            yield from self._reader

    def _object(self, feature: RawFeature) -> Any:
        self._follow_crs(feature)
        try:
            obj = self._make(feature.value)
        except Outside as error:
            if self.options.skip_outside:
                self.skipped += 1
            else:
                self._fault(error, feature)
            return None
        except Fault as error:
            self._fault(error, feature)
            return None
        first = self.seen.setdefault(key_of(self.target, obj), feature.number)
        if first != feature.number:
            self._fault(self._twice(obj, first), feature)
            return None
        return obj

    def _fault(self, fault: Fault, feature: RawFeature) -> None:
        self.problems.add(Problem(str(fault), feature.number, feature.line, mend=fault.mend))

    def _make(self, value: Any) -> Any:
        if not isinstance(value, dict) or value.get("type") != "Feature":
            raise BadFeature(_("to nie jest obiekt typu „Feature”"))
        properties = value.get("properties")
        if properties is not None and not isinstance(properties, dict):
            raise BadFeature(_("„properties” nie jest obiektem"))
        geom = self._reading.read(value.get("geometry"), accept=self.target.accept)
        named = {str(name).casefold(): value for name, value in (properties or {}).items()}
        obj = self.target.make(value, named, geom, self.context)
        for name, default in self.defaults.items():
            setattr(obj, name, default)
        if isinstance(obj, Street):
            obj.prepare()
        return obj

    def _twice(self, obj: Any, first: int) -> Fault:
        if self.name == "addresses":
            return Fault(_("adres „%(label)s” był już w obiekcie %(first)s") % {"label": obj.label, "first": first})
        return Fault(
            _("klucz „%(key)s” był już w obiekcie %(first)s") % {"key": obj.source_key, "first": first},
            _("Wskaż pole, które rozróżnia obiekty: --key-field POLE."),
        )

    def _write(self, batch: list[Any]) -> None:
        """Write one batch, unless something is wrong already: then the rest is only checked."""
        if self.problems.total or not batch:
            return
        known = self._known(batch)
        for obj in batch:
            found = known.get(key_of(self.target, obj))
            if found:
                obj.pk, obj._state.adding = found[0], False
                self._keep(obj, found[1:])
            self.ids.add(obj.pk)
        if self.name == "addresses":
            self._place_in_districts(batch)
        written = write_many(batch, prepared=True)
        self.created += len(batch) - len(known)
        self.changed += written - (len(batch) - len(known))

    def _keep(self, obj: Any, values: tuple[Any, ...]) -> None:
        """What people decided about a known object outlives a new load of the file, unless the caller says otherwise."""
        for name, value in zip(KEPT_COLUMNS, values, strict=True):
            if name not in self.defaults and name.removesuffix("_id") not in self.defaults:
                setattr(obj, name, value)

    def _known(self, batch: list[Any]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        keys = {key_of(self.target, obj) for obj in batch}
        last = self.target.key[-1] if self.name != "addresses" else "street_id"
        position = self.target.key.index(last)
        values = {key[position] for key in keys}
        narrow = Q(**{f"{last}__in": [value for value in values if value is not None]})
        if None in values:
            narrow |= Q(**{f"{last}__isnull": True})
        rows = self.target.model.objects.filter(narrow).values_list(*self.target.key, "pk", *KEPT_COLUMNS)
        width = len(self.target.key)
        return {row[:width]: row[width:] for row in rows if row[:width] in keys}

    def _place_in_districts(self, batch: list[Any]) -> None:
        found = districts_of([(obj.geom.x, obj.geom.y) for obj in batch])
        for obj, district in zip(batch, found, strict=True):
            obj.district_id = district

    def _follow_crs(self, feature: RawFeature) -> None:
        """Take up a ``crs`` member that stands before the features."""
        name = self._reader.crs if self._reader else None
        if name is None or name == self._crs:
            return
        self._crs = name
        self._reading = self._make_reading(self._declared(name, feature.line))

    def _declared(self, name: str, line: int | None) -> int:
        srid = srid_of(name)
        if self.options.srid is not None or srid == WGS84:
            return WGS84
        if srid is None or not is_known_srid(srid):
            text = _("nieznany układ współrzędnych „%(name)s”") % {"name": name[:80]}
            raise ImportRefused([Problem(text, line=line, mend=_("Podaj numer EPSG układu: --srid NUMER."))])
        text = _("plik jest w układzie EPSG:%(srid)s, a nie WGS 84") % {"srid": srid}
        mend = _("Aby przeliczyć współrzędne, użyj --srid %(srid)s.") % {"srid": srid}
        raise ImportRefused([Problem(text, line=line, mend=mend)])

    def _check_late_crs(self) -> None:
        name = self._reader.crs if self._reader else None
        if name is not None and name != self._crs:
            self._declared(name, None)

    def _make_reading(self, declared: int) -> Reading:
        options = self.options
        srid = options.srid or declared
        if not is_known_srid(srid):
            raise ImportRefused([Problem(_("nieznany układ współrzędnych EPSG:%(srid)s") % {"srid": srid})])
        return Reading(srid=srid, swap=options.swap_axes, repair=options.repair, anywhere=options.anywhere)


@transaction.atomic
def load(
    *,
    source: Source,
    target: str,
    by: Viewer,
    defaults: Mapping[str, Any],
    key: str,
    options: ImportOptions,
) -> ImportReport:
    """See ``services.import_features``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"places.load.{target}"])
    loader = Loader(source, target, defaults, key, options)
    loader.run()
    if target == "areas":
        assign_districts()
    retired = _retire_others(loader) if options.replace else 0
    report = ImportReport(
        import_id=uuid7(),
        target=target,
        read=loader.read,
        created=loader.created,
        changed=loader.changed,
        unchanged=loader.read - loader.skipped - loader.created - loader.changed,
        retired=retired,
        skipped=loader.skipped,
    )
    kind = loader.target.model.kind
    numbers = {name: getattr(report, name) for name in ("read", "created", "changed", "retired")}
    changes.record(action="places.imported", kind=kind, object_id=report.import_id, actor=by.actor, data=numbers)
    written = report.created + report.changed + retired
    if written:
        events.publish(ObjectsImported(import_id=report.import_id, kind=kind, count=written))
    return report


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _retire_others(loader: Loader) -> int:
    """End the validity of the objects of the kinds in the file that the file lacks."""
    model, field = loader.target.model, loader.target.key[0]
    mine = model.objects.current()
    if loader.name in ("areas", "places"):
        mine = mine.filter(**{f"{field}__in": {key[0] for key in loader.seen}})
    if loader.options.source:
        mine = mine.filter(source_key__startswith=f"{loader.options.source}:")
    gone = [obj for obj in mine.iterator(BATCH) if obj.pk not in loader.ids]
    for obj in gone:
        obj.valid_to = clock.today() - timedelta(days=1)
    for start in range(0, len(gone), BATCH):
        write_many(gone[start : start + BATCH], prepared=True)
    return len(gone)


def _known_streets() -> dict[str, list[KnownStreet]]:
    known: dict[str, list[KnownStreet]] = defaultdict(list)
    for street in Street.objects.current().only("id", "name", "prefix", "locality", "norm"):
        known[street.norm].append(KnownStreet(street.pk, street.label, street.prefix, street.locality))
    return known
