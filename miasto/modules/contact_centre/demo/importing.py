"""Brings the made-up reports into the engine of cases through its bulk import."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, current_units, people_in, unit_for
from miasto.kernel.cases.selectors import external_bodies
from miasto.kernel.cases.services import CaseRow, CommentRow, FileRow, StepRow, import_cases
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.kernel.core.ids import uuid7
from miasto.kernel.files.services import store_image
from miasto.kernel.places.selectors import reverse_many
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.demo import seldom
from miasto.modules.contact_centre.demo.bonds import Bonds
from miasto.modules.contact_centre.demo.lives import Crew, Happening
from miasto.modules.contact_centre.demo.pictures import drawing
from miasto.modules.contact_centre.demo.reports import Report, Year, topics

REPORTS = 3_000
PHOTOS = 66
RESIDENTS = "demo.residents"
HANDLE, SUPERVISE = "cases.handle", "cases.supervise"


class Named:
    """An upload made here: bytes with a name."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._held = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._held.read(size)


def import_year(*, seed: int, count: int = REPORTS, photos: int = PHOTOS) -> None:
    """``count`` reports over the year up to now, with their lives and some drawn photos."""
    units = {unit.slug: unit.pk for unit in current_units()}
    reports = made_up(seed=seed, count=count, photos=photos)
    crews, operators = _crews()
    seldom.cancel_some(reports, operators, clock.now())
    seldom.dispute_one(reports, crews, clock.now())
    seldom.file_together(reports)
    seldom.leave_no_address(reports, {body.slug for body in external_bodies() if not body.open311_endpoint}, clock.now())
    reports += split_some(reports, units)
    bodies = {body.slug: body.pk for body in external_bodies()}
    ids = {id(report): uuid7() for report in reports}
    known = Known(units, bodies, ids)
    rows = [_row(report, known, f"{seed}-{index}") for index, report in enumerate(reports)]
    import_cases(case_type=KEY, rows=rows, by=SYSTEM)


def made_up(*, seed: int, count: int, photos: int) -> list[Report]:
    """The reports, oldest first, as they will be imported; reads people, units and places, writes nothing."""
    table, profile = city().toml("demo_reports.toml"), city()
    known = {body.slug for body in external_bodies()}
    table = {**table, "outside": [one for one in table.get("outside", ()) if one["body"] in known]}
    found = topics(profile.toml("categories.toml"), table, lambda competence: unit_for(competence).slug)
    year = Year(city=profile, table=table, topics=found, seed=seed, now=clock.now())
    # Some points lie outside the outline (a stop on the border) or far from every address (a wood): those are left out.
    drawn = year.outline(count + count // 25)
    places = reverse_many([report.position for report in drawn])
    inside = [(report, place) for report, place in zip(drawn, places, strict=True) if place.inside]
    named = [(report, place) for report, place in inside if place.address_text]
    inside = (named or inside)[-count:]  # a profile without streets has no names for its places
    crews, operators = _crews()
    year.tell(
        [report for report, _place in inside],
        [place for _report, place in inside],
        crews,
        operators,
        _triage(),
        [UUID(pk) for pk in marks.get(RESIDENTS, [])],
        photos,
    )
    return [report for report, _place in inside]


@dataclass(frozen=True)
class Known:
    """Identifiers of the database: units and bodies outside by slug, the cases to come by their reports."""

    units: dict[str, UUID]
    bodies: dict[str, UUID]
    ids: dict[int, UUID]


def split_some(reports: list[Report], units: dict[str, UUID]) -> list[Report]:
    """The newest report at work of each matter that the profile splits among units."""
    bonds, made = Bonds(random.Random("parts"), clock.now(), ()), []
    for part in city().toml("demo_reports.toml").get("parts", ()):
        if not set(part["units"]) <= set(units):
            continue
        for report in reversed(reports):
            split = bonds.split(report, part, part["units"]) if report.topic.slug == part["category"] else []
            if split:
                made += split
                break
    return made


def _crews() -> tuple[dict[str, Crew], list[UUID]]:
    """The staff by unit, and those who work for the whole city."""
    units = list(current_units())
    crews = {}
    for unit in units:
        clerks = tuple(person.pk for person in people_in([unit.pk], HANDLE))
        heads = [person.pk for person in people_in([unit.pk], SUPERVISE)]
        if clerks:
            crews[unit.slug] = Crew(clerks, heads[0] if heads else clerks[0])
    in_units = {person.pk for person in people_in([unit.pk for unit in units], HANDLE)}
    everybody = [person.pk for person in people_in(None, HANDLE)]
    citywide = [pk for pk in everybody if pk not in in_units]
    return crews, citywide or everybody


def _triage() -> str:
    try:
        return unit_for("contact").slug
    except LookupError:
        return ""


def _row(report: Report, known: Known, mark: str) -> CaseRow:
    case_id = known.ids[id(report)]
    life = report.life
    assert life is not None
    verdict = next((item for item in life.happenings if item.kind == "text_decided"), None)
    published = report.words.masked if report.part_of or (verdict and verdict.publish) else None if verdict is None else ""
    return CaseRow(
        id=case_id,
        category=report.topic.slug,
        filed_at=report.filed_at,
        description=report.words.text,
        point=report.position,
        address_text=report.address_text,
        district_id=report.district_id,
        published=published,
        steps=[_step(item, known, report.person) for item in life.happenings if item.kind != "text_decided"],
        answers=report.answers,
        files=list(_files(report, case_id, mark, verdict=verdict)),
        name=report.name,
        email=report.email,
        person_id=report.person,
        channel=report.channel,
        unit_id=known.units[life.first_unit],
        duplicate_of=known.ids[id(report.merged_into)] if report.merged_into else None,
        part_of=known.ids[id(report.part_of)] if report.part_of else None,
        supporters=report.voices,
        co_filers=report.together,
    )


def _step(item: Happening, known: Known, filer: UUID | None) -> StepRow:
    other = known.ids[id(item.other)] if item.other is not None else known.bodies.get(item.body)
    return StepRow(
        at=item.at,
        kind="transition" if item.kind == "step" else item.kind,
        transition=item.transition,
        by_filer=item.by == "filer",
        person_id=filer if item.by == "filer" else item.staff,
        unit_id=known.units.get(item.unit) if item.unit else None,
        assignee_id=item.assignee,
        other_id=other,
        comment=CommentRow(body=item.words, audience=item.audience or "parties") if item.words else None,
    )


def _files(report: Report, case_id: UUID, mark: str, *, verdict: Happening | None) -> Iterator[FileRow]:
    picture = report.topic.picture
    for number in range(report.photos):
        state = "waiting" if verdict is None else "approved" if verdict.publish else "withheld"
        yield _stored(drawing(picture, f"{mark}-{number}"), case_id, report.filed_at, "filed", state)
    if not report.photos or report.life is None:
        return
    for item in report.life.happenings:
        if item.photo:
            yield _stored(drawing(picture, f"{mark}-0", mended=True), case_id, item.at, "resolved", "approved")


def _stored(picture: bytes, case_id: UUID, at: datetime, phase: str, state: str) -> FileRow:
    with clock.at(at):
        stored = store_image(upload=Named(picture, "rysunek.jpg"), by=SYSTEM, owner_id=case_id, look=state == "waiting")
    return FileRow(file_id=stored.file.pk, at=at, phase=phase, state=state)
