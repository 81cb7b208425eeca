"""Reads of the budget: editions, projects, their paths. Every read begins with what the viewer may see."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models.functions import Distance, Transform
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.gis.measure import D
from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.spec.search import SearchEntry
from miasto.modules.idea.budget import plots, supporting, timing
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.models import (
    MANAGE,
    VERIFY,
    Appeal,
    Edition,
    Opinion,
    Pool,
    Project,
    ProjectStep,
    ProposalDraft,
    Realisation,
)
from miasto.modules.idea.budget.proposing import is_author
from miasto.modules.idea.budget.states import COLOURS, OPEN_STATES, ProjectState, StepKind

NEAR_M = 200
NEAR_CASES_DAYS = 365
NEAR_MOST = 8
FILE = plots.FILE


@dataclass(frozen=True)
class ProjectFilters:
    """What of a list of projects is asked; empty is everything."""

    text: str = ""
    pool: str = ""
    state: str = ""


@dataclass(frozen=True)
class PathLine:
    """One line of a project's path as a page shows it."""

    title: str
    at: datetime
    who: str
    body: str
    internal: bool
    state: str = "done"
    icon: str = ""


@dataclass(frozen=True)
class ProjectView:
    """All that a viewer may know of a project."""

    project: Project
    state: str
    colour: str
    mine: bool
    staff: bool
    authors: list[str]
    items: list[Any]
    pictures: list[Any]
    documents: list[Any]
    path: list[PathLine]
    opinions: list[Opinion]
    appeal: Appeal | None
    realisation: Realisation | None
    checks: list[tuple[Any, list[plots.Finding]]] = field(default_factory=list)
    supporters: int | None = None
    needed: int = 0


def editions(viewer: Viewer) -> QuerySet:
    """The editions that the viewer may see, newest first, with their phases and pools; 3 queries."""
    return Edition.objects.visible_to(viewer).prefetch_related("phases", "pools").order_by("-year", "slug")


def edition_for(slug: str, viewer: Viewer) -> Edition | None:
    """One edition by its slug; None where there is none that the viewer may see."""
    return editions(viewer).filter(slug=slug).first()


def current_edition(viewer: Viewer) -> Edition | None:
    """The newest published edition that is not over, else the newest."""
    rows = [one for one in editions(viewer) if one.published_at is not None]
    return next((one for one in rows if not timing.over(one)), rows[0] if rows else None)


def projects(edition: Edition, viewer: Viewer, filters: ProjectFilters = ProjectFilters()) -> QuerySet:
    """The projects of an edition that the viewer may see, as the ballot orders them, else newest first."""
    rows = Project.objects.visible_to(viewer).filter(edition=edition).select_related("pool", "district", "realisation")
    if filters.pool:
        rows = rows.filter(pool__key=filters.pool)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.text:
        words = Q(title__icontains=filters.text) | Q(summary__icontains=filters.text) | Q(address_text__icontains=filters.text)
        if filters.text.isdigit() and len(filters.text) < 9:
            words |= Q(number=int(filters.text))
        rows = rows.filter(words)
    return rows.order_by("ballot_number", "-number")


def pool_money(edition: Edition, viewer: Viewer) -> list[dict[str, Any]]:
    """Each pool with its money, how many projects it has and what the accepted ones cost; 1 query beside the prefetched."""
    rows = Project.objects.visible_to(viewer).filter(edition=edition).exclude(state=ProjectState.WITHDRAWN)
    counted = dict(rows.values_list("pool").annotate(n=Count("pk")).values_list("pool", "n"))
    return [{"pool": one, "projects": counted.get(one.pk, 0)} for one in edition.pools.all()]


def counts(edition: Edition, viewer: Viewer) -> dict[str, int]:
    """How many of the projects that the viewer may see are in each state; 1 query."""
    rows = Project.objects.visible_to(viewer).filter(edition=edition)
    return dict(rows.values_list("state").annotate(n=Count("pk")).values_list("state", "n"))


def project_for(edition: Edition, number: int, viewer: Viewer) -> Project | None:
    """A project by its number in the edition; None where the viewer may not see it."""
    rows = Project.objects.visible_to(viewer).select_related("pool", "district", "case", "unit")
    project = rows.filter(edition=edition, number=number).first()
    if project is not None:
        project.edition = edition
    return project


def project_by_id(project_id: UUID, viewer: Viewer) -> Project | None:
    """A project by its key; None where the viewer may not see it."""
    rows = Project.objects.visible_to(viewer).select_related("edition", "pool", "district", "case", "unit")
    return rows.filter(pk=project_id).first()


def view_of(project: Project, viewer: Viewer) -> ProjectView:
    """A project as its page shows it to this viewer; a constant number of queries."""
    mine = is_author(viewer, project)
    staff = viewer.holds(MANAGE) or viewer.holds(VERIFY)
    inside = mine or staff
    authors = [one.name for one in project.authors.order_by("-lead", "id") if one.name and (one.name_public or staff)]
    files = list(project.files.select_related("file").filter(entry=None))
    collecting = inside and project.state in supporting.OPEN
    return ProjectView(
        project=project,
        state=str(project.get_state_display()),
        colour=COLOURS[ProjectState(project.state)],
        mine=mine,
        staff=staff,
        authors=authors,
        items=list(project.items.all()),
        pictures=[one for one in files if one.file.kind == "image"],
        documents=[one for one in files if one.file.kind != "image"],
        path=path_of(project, inside=inside),
        opinions=list(project.opinions.select_related("unit")),
        appeal=Appeal.objects.filter(project=project).first(),
        realisation=realisation_of(project),
        checks=plots.by_role(plots.findings(project.plot_check)) if project.plot_checked_at else [],
        supporters=supporting.count(project) if collecting else None,
        needed=rules_of(project.edition).proposals.support if collecting else 0,
    )


def path_of(project: Project, *, inside: bool) -> list[PathLine]:
    """What happened, oldest first; lines for the author alone only ``inside``."""
    rows = ProjectStep.objects.filter(project=project).select_related("unit")
    if not inside:
        rows = rows.filter(public=True)
    return [
        PathLine(
            title=str(one.get_kind_display()),
            at=one.at,
            who=one.unit.name if one.unit else "",
            body=_("Numer na karcie: %(n)s.") % {"n": one.text} if one.kind == StepKind.NUMBERED else one.text,
            internal=not one.public,
        )
        for one in rows
    ]


def realisation_of(project: Project) -> Realisation | None:
    """The work on a winner with its news and photos, newest first; None where there is none."""
    rows = Realisation.objects.select_related("unit").prefetch_related("entries__photos")
    return rows.filter(project=project).first()


def near_projects(place: GEOSGeometry, viewer: Viewer, *, exclude: UUID | None = None) -> list[Project]:
    """Other public projects within 200 m, the nearest first; 1 query."""
    flat = place.transform(city().srid, clone=True)
    rows = Project.objects.visible_to(ANONYMOUS).filter(whole_city=False, geom__bboverlaps=plots.around(place, NEAR_M))
    rows = rows.exclude(state=ProjectState.WITHDRAWN).exclude(pk=exclude).select_related("edition")
    rows = rows.annotate(away=Distance(Transform("geom", city().srid), flat)).filter(away__lte=D(m=NEAR_M))
    return list(rows.order_by("away")[:NEAR_MOST])


def near_cases(place: GEOSGeometry) -> list[Any]:
    """Public open reports within 200 m, of the kinds that the profile names (``near_cases``)."""
    middle = place.point_on_surface
    since = clock.now() - timedelta(days=NEAR_CASES_DAYS)
    found: list[Any] = []
    for kind in city().toml(FILE).get("near_cases", []):
        found += cases.nearby_cases(kind, (middle.x, middle.y), NEAR_M, viewer=ANONYMOUS, since=since, most=NEAR_MOST)
    return sorted(found, key=lambda one: one.metres)[:NEAR_MOST]


def geojson(rows: Iterable[Project], slug: str) -> dict[str, Any]:
    """The projects with one place as GeoJSON (EPSG:4326): number, title, cost, state, votes, how far the work is.

    Money in zlotys; ``stage``, ``planned`` and ``spent`` are of winners only.
    """
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(one.pk),
                "geometry": _geometry(one.geom),
                "properties": {
                    "name": one.title,
                    "number": one.number,
                    "ballot_number": one.ballot_number,
                    "cost": one.cost / 100,
                    "pool": one.pool.name,
                    "state": one.state,
                    "votes": one.votes,
                    **_work(one),
                    "url": f"/idea/budzet/{slug}/projekty/{one.number}/",
                },
            }
            for one in rows
            if not one.whole_city
        ],
    }


def shape_url(project: Project) -> str:
    """The address of a drawn project's own shape as GeoJSON; empty of a point and of the whole city."""
    if project.whole_city or project.geom.geom_type == "Point":
        return ""
    return reverse("idea:budget_geojson", args=[project.edition.slug]) + f"?numer={project.number}"


def _work(project: Project) -> dict[str, Any]:
    work = getattr(project, "realisation", None)
    return {"stage": work.stage, "planned": work.planned / 100, "spent": work.spent / 100} if work is not None else {}


def _geometry(geom: GEOSGeometry) -> dict[str, Any]:
    return json.loads(geom.geojson)


def shape_of(project: Project) -> dict[str, Any] | None:
    """Where a project is as a GeoJSON geometry; None for the whole city."""
    return None if project.whole_city else _geometry(project.geom)


def draft_of(draft_id: Any, edition: Edition) -> ProposalDraft | None:
    """The unsent draft of that key; None for anything else."""
    try:
        key = UUID(str(draft_id))
    except ValueError:
        return None
    return ProposalDraft.objects.filter(pk=key, edition=edition, project_id=None).first()


def mine(viewer: Viewer) -> list[Project]:
    """The projects of which the account is an author, newest first."""
    if viewer.person_id is None:
        return []
    rows = Project.objects.filter(authors__person_id=viewer.person_id).select_related("edition", "pool")
    return list(rows.order_by("-filed_at"))


def work_list(edition: Edition, viewer: Viewer, filters: ProjectFilters) -> list[dict[str, Any]]:
    """Projects as staff see them: state, term, what waits; 3 queries."""
    rows = projects(edition, viewer, filters).select_related("pool", "case")
    rows = rows.prefetch_related(Prefetch("opinions", queryset=Opinion.objects.select_related("unit")))
    rows = rows.annotate(signed=Count("supporters", filter=Q(supporters__confirmed_at__isnull=False)))
    today = clock.today()
    found = []
    for one in rows.order_by("number"):
        waiting = [opinion for opinion in one.opinions.all() if opinion.given_at is None]
        due = _due(one, waiting)
        found.append(
            {
                "project": one,
                "state": one.get_state_display(),
                "colour": COLOURS[ProjectState(one.state)],
                "waiting": waiting,
                "due": due,
                "late": due is not None and due < today,
                "supporters": one.signed,
            }
        )
    return found


def _due(project: Project, waiting: list[Opinion]) -> date | None:
    if project.state == ProjectState.CORRECTION:
        return project.answer_due_on
    if project.state not in OPEN_STATES:
        return None
    days = [one.due_on for one in waiting if one.due_on] or ([project.case.due_on] if project.case else [])
    return min(filter(None, days), default=None)


def waiting(viewer: Viewer) -> dict[str, int]:
    """What waits for staff: proposals for the formal check, opinions asked of the viewer's units, appeals; 2 queries."""
    rows = Project.objects.visible_to(viewer)
    counted = dict(rows.filter(state__in=OPEN_STATES).values_list("state").annotate(n=Count("pk")).values_list("state", "n"))
    units = viewer.units_with(VERIFY)
    asked = Opinion.objects.filter(given_at=None)
    if units is not None:
        asked = asked.filter(unit_id__in=units)
    return {
        "formal": counted.get(ProjectState.SUBMITTED, 0) if viewer.holds(MANAGE) else 0,
        "appeals": counted.get(ProjectState.APPEALED, 0) if viewer.holds(MANAGE) else 0,
        "opinions": asked.count(),
    }


def entries(ids: Iterable[UUID] | None) -> Iterable[SearchEntry]:
    """The public projects for the search box."""
    rows = Project.objects.visible_to(ANONYMOUS).select_related("edition")
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    for one in rows:
        middle = None if one.whole_city else one.geom.point_on_surface
        yield SearchEntry(
            object_id=one.pk,
            title=one.title,
            url=one.get_absolute_url(),
            summary=one.summary,
            words=f"{one.description} {one.address_text} {one.edition.title} {one.number}",
            lon=middle.x if middle else None,
            lat=middle.y if middle else None,
        )


def seen(ids: Iterable[UUID], viewer: Viewer) -> set[UUID]:
    """Which of the projects the viewer may see."""
    return set(Project.objects.visible_to(viewer).filter(pk__in=list(ids)).values_list("pk", flat=True))


def pools_of(edition: Edition) -> list[Pool]:
    """The pools with their districts, by number; 2 queries."""
    areas = Prefetch("areas", queryset=Pool.areas.field.related_model._default_manager.order_by("name"))
    return list(edition.pools.prefetch_related(areas).order_by("number"))
