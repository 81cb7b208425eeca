"""A proposal: kept while it is written, filed once, corrected when asked, withdrawn by its author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.accounts.services import make_link
from miasto.kernel.cases import services as cases
from miasto.kernel.core import clock, events
from miasto.kernel.files import services as files
from miasto.kernel.places.selectors import reverse
from miasto.kernel.places.services import save_object
from miasto.modules.idea.budget import plots, rules, timing
from miasto.modules.idea.budget.case_types import VERIFICATION
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.events import ConsentAsked
from miasto.modules.idea.budget.models import (
    CostItem,
    Edition,
    GuardianConsent,
    Pool,
    Project,
    ProjectAuthor,
    ProjectFile,
    ProposalDraft,
)
from miasto.modules.idea.budget.states import PhaseKind, ProjectState, StepKind
from miasto.modules.idea.budget.writing import Refused, lock, lock_edition, move, record, step

PROJECT_LINK = "idea.budget_project"
KEEP_DRAFT_DAYS = 30
MOST_ITEMS = 30
WITHDRAWABLE = (
    ProjectState.SUBMITTED,
    ProjectState.CORRECTION,
    ProjectState.OPINIONS,
    ProjectState.ACCEPTED,
    ProjectState.REJECTED,
    ProjectState.APPEALED,
)


@dataclass(frozen=True)
class AuthorRow:
    """An author; ``child`` needs ``guardian_name`` and ``guardian_email`` (or a clerk takes the consent on paper)."""

    name: str
    email: str = ""
    phone: str = ""
    postal_address: str = ""
    name_public: bool = False
    child: bool = False
    guardian_name: str = ""
    guardian_email: str = ""
    language: str = "pl"


@dataclass(frozen=True)
class ProposalRow:
    """A whole proposal. ``place`` in EPSG:4326, None for the whole city; ``items`` are ``(name, grosze)``."""

    pool: str
    title: str
    summary: str
    description: str
    for_whom: str
    place: GEOSGeometry | None
    items: Sequence[tuple[str, int]]
    authors: Sequence[AuthorRow]
    address_text: str = ""
    place_note: str = ""
    file_ids: Sequence[UUID] = ()


@dataclass(frozen=True)
class FiledProject:
    """A filed project; ``token`` opens it for its author without an account, empty where it was filed before."""

    project: Project
    token: str


def begin(*, edition: Edition, by: Viewer) -> ProposalDraft:
    """A new, empty draft."""
    return ProposalDraft.objects.create(edition=edition, person_id=by.person_id)


def keep(*, draft: ProposalDraft, **data: Any) -> ProposalDraft:
    """Keep what was typed in some fields, right or wrong."""
    draft.data = {**draft.data, **data}
    draft.changed_at = clock.now()
    draft.save(update_fields=["data", "changed_at"])
    return draft


def set_files(*, draft: ProposalDraft, ids: Sequence[UUID]) -> None:
    """The stored files of a draft, in their order."""
    draft.files = [str(one) for one in ids]
    draft.changed_at = clock.now()
    draft.save(update_fields=["files", "changed_at"])


def pool_at(edition: Edition, place: GEOSGeometry) -> tuple[Pool | None, Any]:
    """The district's pool in which a place lies, and the position of its middle; two queries.

    A line or an area belongs to the pool with the largest part of it. The pool is None outside every pool.
    """
    middle = place.point_on_surface
    position = reverse(middle.x, middle.y)
    if place.geom_type == "Point":
        found = edition.pools.filter(areas=position.district_id).first() if position.district_id else None
        return found, position
    parts: dict[Pool, float] = {}
    for pool in edition.pools.filter(areas__geom__intersects=place).distinct().prefetch_related("areas"):
        parts[pool] = sum(max(plots.overlap(one.geom, place)) for one in pool.areas.all())
    return max(parts, key=lambda one: parts[one], default=None), position


@transaction.atomic
def file_project(*, edition: Edition, row: ProposalRow, client_key: UUID, by: Viewer) -> FiledProject:
    """File a proposal: its number, its people, its check of the place, and its case for the verifying unit.

    Whoever repeats it with the same ``client_key`` gets the same project. Raises ``NotNow`` outside the phase of proposals
    and ``Refused`` with all that breaks the edition's rules, by field.
    """
    known = Project.objects.filter(client_key=client_key).first()
    if known is not None:
        return FiledProject(known, "")
    locked = lock_edition(edition.pk)
    known = Project.objects.filter(client_key=client_key).first()
    if known is not None:
        return FiledProject(known, "")
    timing.require(locked, PhaseKind.PROPOSALS)
    _check(locked, row, by)
    locked.last_number += 1
    locked.save(update_fields=["last_number"])
    project = _new(locked, row, client_key)
    save_object(project, by=by)
    _details(project, row, by)
    _authors(project, row.authors, by)
    open_case(project)
    step(project, StepKind.FILED, by)
    return FiledProject(project, make_link(object_id=project.pk, purpose=PROJECT_LINK, by=by))


def _check(edition: Edition, row: ProposalRow, by: Viewer) -> None:
    """Everything that the rules of the edition ask of a proposal."""
    asked = rules_of(edition)
    wrong: dict[str, str] = {}
    for field in ("title", "summary", "description", "for_whom"):
        if not getattr(row, field).strip():
            wrong[field] = _("To pole jest potrzebne.")
    wrong |= _wrong_place(edition, row) | _wrong_cost(asked, row) | _wrong_authors(asked, row)
    if len(row.file_ids) > asked.proposals.files:
        wrong["files"] = _("Można dodać najwyżej %(most)d plików.") % {"most": asked.proposals.files}
    if asked.proposals.per_person and by.person_id:
        own = Project.objects.filter(edition=edition, authors__person_id=by.person_id, authors__lead=True)
        if own.exclude(state=ProjectState.WITHDRAWN).count() >= asked.proposals.per_person:
            wrong["pool"] = _("W tej edycji nie można złożyć więcej projektów.")
    if wrong:
        raise Refused(wrong)


def _wrong_place(edition: Edition, row: ProposalRow) -> dict[str, str]:
    pool = edition.pools.filter(key=row.pool).first()
    if pool is None:
        return {"pool": _("Wybierz pulę.")}
    if row.place is None:
        return {} if pool.citywide else {"address": _("Projekt dzielnicowy musi mieć miejsce na mapie.")}
    found, position = pool_at(edition, row.place)
    if not position.inside:
        return {"address": _("To miejsce leży poza granicami miasta.")}
    if not pool.citywide and found != pool:
        where = found.name if found else _("żadnej dzielnicy")
        return {"address": _("To miejsce należy do: %(where)s, a nie do wybranej puli.") % {"where": where}}
    return {}


def _wrong_cost(asked: rules.EditionRules, row: ProposalRow) -> dict[str, str]:
    if not row.items:
        return {"items": _("Podaj co najmniej jedną pozycję kosztów.")}
    if len(row.items) > MOST_ITEMS or any(amount <= 0 or not name.strip() for name, amount in row.items):
        return {"items": _("Każda pozycja kosztów musi mieć nazwę i kwotę.")}
    try:
        why = rules.fits(asked.pool(row.pool), sum(amount for _name, amount in row.items))
    except KeyError:
        return {}
    return {"items": why} if why else {}


def _wrong_authors(asked: rules.EditionRules, row: ProposalRow) -> dict[str, str]:
    if not row.authors or not row.authors[0].name.strip():
        return {"name": _("Podaj imię i nazwisko autora.")}
    if len(row.authors) > 1 + asked.proposals.co_authors:
        return {"co_authors": _("Współautorów może być najwyżej %(most)d.") % {"most": asked.proposals.co_authors}}
    for one in row.authors:
        if one.child and not (one.guardian_name.strip() and one.guardian_email.strip()):
            return {"guardian_email": _("Podaj opiekuna, który potwierdzi zgodę, i jego adres e-mail.")}
    return {}


def _new(edition: Edition, row: ProposalRow, client_key: UUID) -> Project:
    pool = edition.pools.get(key=row.pool)
    project = Project(
        edition=edition,
        pool=pool,
        number=edition.last_number,
        title=row.title.strip(),
        filed_at=clock.now(),
        client_key=client_key,
    )
    _describe(project, row)
    return project


def _describe(project: Project, row: ProposalRow) -> None:
    """The words, the place and the cost of a proposal, in the unsaved row."""
    for field in ("title", "summary", "description", "for_whom", "place_note"):
        setattr(project, field, getattr(row, field).replace("\r\n", "\n").strip())
    project.cost = sum(amount for _name, amount in row.items)
    project.whole_city = row.place is None
    project.address_text = row.address_text[:300]
    project.district_id, project.plot_check, project.plot_checked_at = None, [], None
    if row.place is not None:
        middle = row.place.point_on_surface
        position = reverse(middle.x, middle.y)
        project.geom = row.place
        project.district_id = position.district_id
        project.address_text = (row.address_text or position.address_text)[:300]
        project.plot_check, project.plot_checked_at = plots.check(row.place), clock.now()


def _details(project: Project, row: ProposalRow, by: Viewer) -> None:
    """The items of cost and the files: the new ones stand, the former ones go."""
    CostItem.objects.filter(project=project).delete()
    CostItem.objects.bulk_create(
        CostItem(project=project, order=order, name=name.strip()[:160], amount=amount)
        for order, (name, amount) in enumerate(row.items, 1)
    )
    known = set(ProjectFile.objects.filter(project=project, entry=None).values_list("file_id", flat=True))
    fresh = [one for one in row.file_ids if one not in known]
    try:
        files.attach(file_ids=fresh, owner_id=project.pk, by=by)
    except LookupError as error:
        raise Refused({"files": _("Któregoś z plików już nie mamy. Dodaj go jeszcze raz.")}) from error
    ProjectFile.objects.bulk_create(
        ProjectFile(project=project, file_id=one, order=order) for order, one in enumerate(fresh, len(known))
    )


def _authors(project: Project, authors: Sequence[AuthorRow], by: Viewer) -> None:
    for place, one in enumerate(authors):
        author = ProjectAuthor.objects.create(
            project=project,
            lead=place == 0,
            person_id=by.person_id if place == 0 else None,
            name=one.name.strip(),
            email=one.email.strip(),
            phone=one.phone.strip(),
            postal_address=one.postal_address.strip(),
            name_public=one.name_public,
            child=one.child,
            language=one.language,
        )
        if one.child:
            consent = GuardianConsent.objects.create(
                author=author, name=one.guardian_name.strip(), email=one.guardian_email.strip(), asked_at=clock.now()
            )
            events.publish(ConsentAsked(consent_id=consent.pk))


def open_case(project: Project) -> None:
    """The case by which the verifying unit works; the unit of the edition has it, whatever the competence says."""
    middle = None if project.whole_city else project.geom.point_on_surface
    filed = cases.file_case(
        case_type=VERIFICATION,
        category=None,
        description=f"{project.title}\n\n{project.summary}",
        point=None if middle is None else (middle.x, middle.y),
        object_id=project.pk,
        channel="desk",
        client_key=f"budget:{project.client_key}",
        term_days=rules_of(project.edition).verification.verification_days,
        by=SYSTEM,
    )
    if filed.case.unit_id != project.edition.unit_id:
        cases.assign(case=filed.case, unit=project.edition.unit, by=SYSTEM)
    project.case = filed.case
    project.save(update_fields=["case"])


def is_author(viewer: Viewer, project: Project) -> bool:
    """Whether the viewer is an author of the project, or holds the author's link."""
    if project.pk in viewer.links:
        return True
    return viewer.person_id is not None and project.authors.filter(person_id=viewer.person_id).exists()


def require_author(viewer: Viewer, project: Project) -> None:
    """Raises ``PermissionDenied`` for everybody else."""
    if not viewer.system and not is_author(viewer, project):
        raise PermissionDenied("author")


@transaction.atomic
def correct_project(*, project: Project, row: ProposalRow, by: Viewer) -> Project:
    """The author's corrections, once the city asked for them and until the day it named; the check is made anew."""
    require_author(by, project)
    found = lock(project, ProjectState.CORRECTION)
    if found.answer_due_on is not None and clock.today() > found.answer_due_on:
        raise Refused(_("Termin poprawek już minął."), code="late")
    edition = found.edition
    _check_correction(edition, row)
    found.pool = edition.pools.get(key=row.pool)
    _describe(found, row)
    found.answer_due_on = None
    _details(found, row, by)
    move(found, ProjectState.SUBMITTED, StepKind.CORRECTED, by, public=False)
    if found.case is not None and found.case.stage == "correction":
        cases.take_step(case=found.case, transition="corrected", by=SYSTEM)
    return found


def _check_correction(edition: Edition, row: ProposalRow) -> None:
    wrong = _wrong_place(edition, row) | _wrong_cost(rules_of(edition), row)
    if wrong:
        raise Refused(wrong)


@transaction.atomic
def withdraw_project(*, project: Project, by: Viewer) -> Project:
    """The author takes the project back; it keeps its number and, where it was public, its page."""
    require_author(by, project)
    found = lock(project)
    if found.state == ProjectState.WITHDRAWN:
        return found
    if found.state not in WITHDRAWABLE or found.edition.election_id:
        raise Refused(_("Projektu na karcie do głosowania nie można już wycofać."), code="state")
    move(found, ProjectState.WITHDRAWN, StepKind.WITHDRAWN, by)
    if found.case is not None and found.case.stage != "withdrawn":
        cases.take_step(case=found.case, transition="withdraw", by=SYSTEM)
    return found


@transaction.atomic
def add_co_author(*, project: Project, row: AuthorRow, by: Viewer) -> ProjectAuthor:
    """Another author joins a filed project, as the lead author says."""
    require_author(by, project)
    found = lock(project, ProjectState.SUBMITTED, ProjectState.CORRECTION)
    if found.authors.count() > rules_of(found.edition).proposals.co_authors:
        raise Refused(_("Projekt ma już tylu współautorów, ilu pozwalają zasady."), code="co_authors")
    made = ProjectAuthor.objects.create(
        project=found, name=row.name.strip(), email=row.email.strip(), name_public=row.name_public, language=row.language
    )
    record("co_author", found, by)
    return made
