"""A made-up budget: the profile's ``demo_budget.toml``, with a finished edition on the eve of its count and one that lives."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib.gis.geos import Point

from miasto.kernel.accounts.selectors import SYSTEM, unit_for
from miasto.kernel.cases import services as cases
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.kernel.files import services as files
from miasto.kernel.participation.counting import draw
from miasto.kernel.places.selectors import reverse_many
from miasto.kernel.places.services import save_objects
from miasto.modules.idea import demo_days
from miasto.modules.idea.budget import drawing, editions, plots, presets, proposing, realising, rules, verifying
from miasto.modules.idea.budget.case_types import COORDINATION
from miasto.modules.idea.budget.models import (
    Appeal,
    BallotDraw,
    CostItem,
    Edition,
    Opinion,
    Project,
    ProjectAuthor,
    ProjectStep,
    Realisation,
    Supporter,
)
from miasto.modules.idea.budget.site_pictures import site
from miasto.modules.idea.budget.states import ProjectState, RealisationStage, StepKind, SupportChannel

FILE = "demo_budget.toml"
THOUSAND = 1000 * 100
PICTURED = 8
# First and last day of the works, by how many pieces of news there are: only what is done has ended.
WORK_DAYS = {0: (60, 200), 1: (60, 200), 2: (30, 150), 3: (-85, 45), 4: (-85, -36)}
# How many projects of a state have their case too, and the steps that brought it there.
CASES = {
    ProjectState.SUBMITTED: (2, ()),
    ProjectState.CORRECTION: (1, ("ask",)),
    ProjectState.OPINIONS: (2, ("pass",)),
    ProjectState.ACCEPTED: (1, ("pass", "accept")),
    ProjectState.REJECTED: (1, ("pass", "reject")),
    ProjectState.APPEALED: (1, ("pass", "reject", "appeal")),
    ProjectState.WITHDRAWN: (1, ("withdraw",)),
}
AUTHORS = ("Anna Zmyślona", "Piotr Przykładowy", "Zofia Niebyła", "Marek Wymyślony", "Ewa Próbna")


def load(*, seed: int) -> None:
    """Both editions with their projects; deterministic, relative to today."""
    data = city().toml(FILE)
    for row in data.get("editions", []):
        edition = _edition(row)
        rows = [one for one in data["projects"] if one["edition"] == row["slug"]]
        made = _projects(edition, rows, data["texts"])
        if "event" in row:
            _drawn(edition, row)
        else:
            _at_work(edition, list(zip(made, rows, strict=True)), data["texts"])


def _edition(row: dict[str, Any]) -> Edition:
    preset = presets.presets()[0]
    days = {kind: (demo_days.day(first), demo_days.day(last)) for kind, (first, last) in row["phases"].items()}
    with clock.at(demo_days.noon(days["proposals"][0] - timedelta(days=14))):
        made = editions.save_edition(
            row=editions.EditionRow(
                slug=row["slug"],
                year=clock.today().year + row["year_offset"],
                title=row["title"],
                summary=row["summary"],
                total=preset.total,
                rules=preset.rules.as_json(),
                phases=days,
                unit_id=unit_for(COORDINATION).pk,
            ),
            by=SYSTEM,
        )
        return editions.publish_edition(edition=made, by=SYSTEM)


def _places(edition: Edition, rows: list[dict[str, Any]]) -> list[Point | None]:
    """A point in one of the districts of each project's pool, always the same one; none for the city-wide pool."""
    areas = {pool.key: list(pool.areas.order_by("name")) for pool in edition.pools.prefetch_related("areas")}
    found: list[Point | None] = []
    for at, row in enumerate(rows):
        known = areas[row["pool"]]
        middle = known[at % len(known)].geom.point_on_surface if known else None
        if middle is not None:
            shift = (at % 5 - 2) * 0.0006
            moved = Point(middle.x + shift, middle.y - shift / 2, srid=4326)
            middle = moved if known[at % len(known)].geom.contains(moved) else Point(middle.x, middle.y, srid=4326)
        found.append(middle)
    return found


def _projects(edition: Edition, rows: list[dict[str, Any]], texts: dict[str, Any]) -> list[Project]:
    pools = {one.key: one for one in edition.pools.all()}
    places = _places(edition, rows)
    positions = iter(reverse_many([(one.x, one.y) for one in places if one is not None]))
    first = edition.phases.get(kind="proposals").starts_on
    made = []
    for number, (row, place) in enumerate(zip(rows, places, strict=True), 1):
        position = next(positions) if place is not None else None
        filed = demo_days.noon(first + timedelta(days=number % 20))
        project = Project(
            edition=edition,
            pool=pools[row["pool"]],
            number=number,
            state=row["state"],
            title=row["title"],
            summary=row["summary"],
            description=texts["description"],
            for_whom=texts["for_whom"],
            whole_city=place is None,
            cost=row["cost"] * THOUSAND,
            filed_at=filed,
            created_at=filed,
            client_key=uuid5(NAMESPACE_URL, f"{edition.slug}/{number}"),
        )
        if place is not None:
            project.geom, project.address_text = place, position.address_text
            project.district_id = position.district_id
            if edition.finished_at is None and row["state"] != ProjectState.ACCEPTED:
                project.plot_check, project.plot_checked_at = plots.check(place), filed
        _verdict(project, row, texts)
        made.append(project)
    save_objects(made, by=SYSTEM)
    Edition.objects.filter(pk=edition.pk).update(last_number=len(made))
    _details(made, texts)
    return made


def _verdict(project: Project, row: dict[str, Any], texts: dict[str, Any]) -> None:
    rejected = row["state"] in (ProjectState.REJECTED, ProjectState.APPEALED)
    if row["state"] != ProjectState.ACCEPTED and not rejected:
        return
    project.verdict_text = texts["rejected" if rejected else "accepted"]
    project.verdict_at = min(project.filed_at + timedelta(days=25), clock.now())
    if rejected:
        project.appeal_due_on = clock.local(project.verdict_at).date() + timedelta(days=7)


def _details(made: list[Project], texts: dict[str, Any]) -> None:
    """Costs, people and the path of each project, in a few statements."""
    residents = [UUID(one) for one in marks.get("demo.residents", [])]
    items, authors, supporters, steps = [], [], [], []
    for at, project in enumerate(made):
        shares = rules.shared(project.cost, (1000, 5500, 3500))
        items += [
            CostItem(project=project, order=order, name=name, amount=amount)
            for order, (name, amount) in enumerate(zip(texts["items"], shares, strict=True), 1)
        ]
        person = residents[0] if residents and at in (1, 13) else None
        name = AUTHORS[at % len(AUTHORS)]
        authors.append(ProjectAuthor(project=project, lead=True, person_id=person, name=name, name_public=at % 3 != 0))
        signed = 15 if project.state != ProjectState.SUBMITTED else 4 + at % 13
        supporters += [_supporter(project, number) for number in range(signed)]
        steps += _path(project, texts)
    CostItem.objects.bulk_create(items)
    ProjectAuthor.objects.bulk_create(authors)
    Supporter.objects.bulk_create(supporters)
    ProjectStep.objects.bulk_create(steps)


def _supporter(project: Project, number: int) -> Supporter:
    digest = hashlib.sha256(f"{project.pk}/{number}".encode()).digest()
    return Supporter(
        project=project,
        channel=SupportChannel.PAPER,
        name=f"Osoba Popierająca {number + 1}",
        postal_address=f"Zmyślona {number + 1}",
        digest=digest,
        at=project.filed_at,
        confirmed_at=project.filed_at,
    )


def _path(project: Project, texts: dict[str, Any]) -> list[ProjectStep]:
    """The steps that led to the state."""
    kinds: list[tuple[str, int, str, bool]] = [(StepKind.FILED, 0, "", True)]
    state = project.state
    if state == ProjectState.CORRECTION:
        kinds.append((StepKind.CORRECTION, 3, texts["correction"], False))
    elif state not in (ProjectState.SUBMITTED, ProjectState.WITHDRAWN):
        kinds.append((StepKind.FORMAL, 4, "", True))
    if state == ProjectState.ACCEPTED:
        kinds.append((StepKind.ACCEPTED, 25, project.verdict_text, True))
    elif state in (ProjectState.REJECTED, ProjectState.APPEALED):
        kinds.append((StepKind.REJECTED, 25, project.verdict_text, True))
    elif state == ProjectState.WITHDRAWN:
        kinds.append((StepKind.WITHDRAWN, 6, "", True))
    if state == ProjectState.APPEALED:
        kinds.append((StepKind.APPEALED, 26, texts["appeal"], True))
    now = clock.now()
    return [
        ProjectStep(project=project, kind=kind, at=min(project.filed_at + timedelta(days=days), now), text=text, public=public)
        for kind, days, text, public in kinds
    ]


def _drawn(edition: Edition, row: dict[str, Any]) -> None:
    """The order of the finished edition, drawn in its days from a seed that is always the same; the election is made."""
    phase = edition.phases.get(kind="draw")
    seed = hashlib.sha256(f"demo {edition.slug}".encode()).hexdigest()
    with clock.at(demo_days.noon(phase.starts_on)):
        BallotDraw.objects.create(
            edition=edition,
            seed=seed,
            commitment=draw.commitment(seed),
            source=row["source"],
            items=drawing.items_of(edition),
            committed_at=clock.now(),
        )
    with clock.at(demo_days.noon(phase.ends_on)):
        drawing.draw_order(edition=edition, event=row["event"], by=SYSTEM)


def _at_work(edition: Edition, pairs: list[tuple[Project, dict[str, Any]]], texts: dict[str, Any]) -> None:
    """Cases, opinions and an appeal of the edition that lives."""
    for state, (most, steps) in CASES.items():
        for project in [one for one, _row in pairs if one.state == state][:most]:
            project.edition = edition
            proposing.open_case(project)
            for step in steps:
                cases.take_step(case=project.case, transition=step, answer=_said(step, texts), by=SYSTEM)
    for at, (project, _row) in enumerate(pairs):
        if project.state == ProjectState.OPINIONS:
            _opinions(project, at, texts)
        elif project.state == ProjectState.CORRECTION:
            Project.objects.filter(pk=project.pk).update(answer_due_on=demo_days.day(4 + at % 3))
        elif project.state == ProjectState.APPEALED:
            body = editions.rules_of(edition).verification.appeal_body
            Appeal.objects.create(project=project, text=texts["appeal"], filed_at=clock.now(), body=body)


def _said(step: str, texts: dict[str, Any]) -> str:
    """What the city writes with a step of the case."""
    return {"ask": texts["correction"], "accept": texts["accepted"], "reject": texts["rejected"]}.get(step, "")


def _opinions(project: Project, at: int, texts: dict[str, Any]) -> None:
    """Some given, some awaited, some late; those of a project with a case are cases too, asked today."""
    if project.case_id:
        _asked_today(project, texts)
        return
    asked = demo_days.noon(demo_days.day(-12 - at % 9))
    asked_for = editions.rules_of(project.edition).verification
    for number, (kind, competence) in enumerate(asked_for.opinions):
        given = number < at % 3
        Opinion.objects.create(
            project=project,
            check_kind=kind,
            unit=unit_for(competence),
            asked_at=asked,
            due_on=clock.local(asked).date() + timedelta(days=asked_for.opinion_days),
            outcome="positive" if given else "",
            text=texts["opinion"] if given else "",
            given_at=asked + timedelta(days=3) if given else None,
        )


def _asked_today(project: Project, texts: dict[str, Any]) -> None:
    wanted = editions.rules_of(project.edition).verification.opinions
    asked = [
        verifying.ask_opinion(project=project, check_kind=kind, unit_id=unit_for(competence).pk, by=SYSTEM)
        for kind, competence in wanted
    ]
    verifying.give_opinion(opinion=asked[0], outcome="positive", text=texts["opinion"], by=SYSTEM)


def follow_winners() -> None:
    """The work on the winners of finished editions; called after the results are in the projects."""
    news = city().toml(FILE).get("news", [])
    for at, work in enumerate(Realisation.objects.filter(entries=None).select_related("project").order_by("project__number")):
        told = news[: 1 + at % len(news)] if news else []
        starts, ends = (demo_days.day(one) for one in WORK_DAYS[len(told)])
        for step, one in enumerate(told):
            with clock.at(demo_days.noon(demo_days.day(-170 + 45 * step))):
                spent = work.planned * one["spent"] // 100
                row = realising.NewsRow(
                    stage=one["stage"],
                    planned=work.planned,
                    spent=spent,
                    text=one["text"],
                    starts_on=starts,
                    ends_on=ends,
                    file_ids=_photos(at, one["stage"]),
                )
                realising.report(realisation=work, row=row, by=SYSTEM)


def _photos(at: int, stage: str) -> list[UUID]:
    """Drawn photos of the site, of the first works only: each costs a tenth of a second."""
    if at >= PICTURED or stage not in (RealisationStage.WORKS, RealisationStage.DONE):
        return []
    upload = site(at, done=stage == RealisationStage.DONE)
    return [files.store_image(upload=upload, by=SYSTEM, look=False).file.pk]
