"""One case as one viewer may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, display_names, unit_names
from miasto.kernel.cases.access import Standing, standing
from miasto.kernel.cases.ladder import rung as escalation_rung
from miasto.kernel.cases.models import Case, CaseParty, CaseStep, Category, ExternalBody, Moderation, Progress
from miasto.kernel.cases.parties import Group, group_of, is_first_filer
from miasto.kernel.cases.types import case_type, case_types, outside_stage, stage_of
from miasto.kernel.core import clock
from miasto.kernel.spec.cases import FILER, CaseType, Stage, Transition


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment that the viewer may read. ``author`` is a unit for the public, a person's name for staff."""

    id: UUID
    at: datetime
    audience: str
    state: str
    body: str
    author: str
    by_staff: bool
    unit_name: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of the history: a sentence, who did it, and the comment that came with it."""

    at: datetime
    kind: str
    title: str
    actor: str
    stage: Stage | None
    comment: CommentView | None


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo that the viewer may see; ``id`` for ``decide_file``, ``file_id`` for ``{% file_url %}``."""

    id: int
    file_id: UUID
    phase: str
    state: str
    order: int


@dataclass(frozen=True, slots=True)
class PartyView:
    """Who filed: only for staff and for the filer."""

    name: str
    email: str
    phone: str
    language: str
    has_account: bool

    @property
    def is_anonymous(self) -> bool:
        """Nothing is known of the person."""
        return not (self.name or self.email or self.phone)


@dataclass(frozen=True, slots=True)
class AllowedStep:
    """A transition that the viewer may take now. ``until`` is the last day of a filer's step."""

    transition: Transition
    by_filer: bool
    until: date | None

    @property
    def key(self) -> str:
        return self.transition.key

    @property
    def label(self) -> Any:
        return self.transition.label

    @property
    def needs(self) -> tuple[str, ...]:
        return self.transition.needs


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case, already cut down to what the viewer may know: whatever is here may be shown.

    ``text`` is the description that this viewer reads (for the public the approved one, else None), ``original`` the
    unmasked one (staff and filer), ``published`` what the public reads. ``is_filer`` and ``is_staff`` say what the viewer is to
    the case; ``may`` holds staff permissions in the case's unit ("cases.assign" ...). ``assignee_*``, ``channel``, ``pending``
    are empty for others than staff; ``supporters`` counts whom the case concerns besides its filer. ``days_left`` counts to
    ``due_on`` (negative: late), None while the clock does not run.
    """

    id: UUID
    number: str
    version: int
    type: CaseType
    category: Category | None
    stage: Stage
    stage_since: datetime
    progress: str
    public: bool
    unit_id: UUID
    unit_name: str
    assignee_id: UUID | None
    assignee_name: str
    lon: float | None
    lat: float | None
    address_text: str
    district_name: str
    object_id: UUID | None
    channel: str
    filed_at: datetime
    due_on: date
    days_left: int | None
    answered_at: datetime | None
    closed_at: datetime | None
    text: str | None
    text_state: str
    original: str | None
    published: str
    pending: int
    supporters: int
    photos: list[PhotoView]
    history: list[StepView]
    answers: list[tuple[str, str]]
    party: PartyView | None
    steps: list[AllowedStep]
    is_filer: bool
    is_staff: bool
    may: frozenset[str]
    co_filers: int = 0
    group: Group | None = None

    @property
    def url(self) -> str:
        """The address of the case's page."""
        return f"/sprawy/{self.number}/"

    @property
    def people(self) -> int:
        """How many people file the case: the filer and those who joined."""
        return self.co_filers + 1

    @property
    def overdue(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def category_name(self) -> str:
        return self.category.title if self.category else ""

    @property
    def comments(self) -> list[CommentView]:
        """Every comment that the viewer may read, oldest first."""
        return [step.comment for step in self.history if step.comment is not None]

    @property
    def answer(self) -> CommentView | None:
        """The city's last public answer; of a type that is never public, what came with the last settling step."""
        if self.type.public_register:
            spoken = [made for made in self.comments if made.by_staff and made.audience == "public"]
        else:
            settled = [step for step in self.history if step.stage is not None and step.stage.clock == "stopped"]
            spoken = [step.comment for step in settled if step.comment is not None and step.comment.by_staff]
        return spoken[-1] if spoken else None

    def photos_of(self, phase: str) -> list[PhotoView]:
        """Photos of one phase: filed, added or resolved."""
        return [photo for photo in self.photos if photo.phase == phase]


def case_page(number: str, viewer: Viewer) -> CaseView:
    """The case of a number as the viewer may see it; at most 9 queries, 11 with related cases or bodies outside.

    Raises ``Case.DoesNotExist`` for an unknown number and for a case that the viewer may not know of, alike.
    """
    case = (
        Case.objects.visible_to(viewer)
        .select_related("category__parent", "unit", "text")
        .annotate(district_name=F("district__name"), assignee_name=F("assignee__name"))
        .get(number=number.strip().upper())
    )
    return view_of(case, viewer)


def view_of(case: Case, viewer: Viewer) -> CaseView:
    """The view of a case that was read as ``case_page`` reads it."""
    stand = standing(viewer, case)
    inside = stand.staff or stand.filer
    leads = stand.staff or (stand.filer and is_first_filer(case, viewer))
    parties = list(case.parties.order_by("id")) if leads else []
    kind = case_type(case.case_type)
    return CaseView(
        id=case.pk, number=case.number, version=case.version, type=kind, category=case.category, stage=stage_of(case),
        stage_since=case.stage_since, progress=case.progress, public=case.public,
        unit_id=case.unit_id, unit_name=case.unit.name,
        assignee_id=case.assignee_id if stand.staff else None,
        assignee_name=(case.assignee_name or "") if stand.staff else "",
        lon=case.geom.x if case.geom else None, lat=case.geom.y if case.geom else None,
        address_text=case.address_text, district_name=case.district_name or "",
        object_id=case.object_id, channel=case.channel if stand.staff else "",
        filed_at=case.filed_at, due_on=case.due_on, days_left=days_left(case),
        answered_at=case.answered_at, closed_at=case.closed_at,
        text=_text(case, inside), text_state=case.text_state, original=case.text.description if inside else None,
        published=case.text.published_description if case.text_state == Moderation.APPROVED else "",
        pending=case.pending if stand.staff else 0, supporters=case.supporters,
        photos=_photos(case, inside), history=_history(case, kind, stand, viewer), answers=_answers(case, kind, inside),
        party=_party(parties) if leads else None, steps=allowed_steps(case, viewer),
        is_filer=stand.filer, is_staff=stand.staff, may=stand.may,
        co_filers=case.co_filers, group=group_of(case, parties, leads=leads) if inside else None,
    )  # fmt: skip


def days_left(case: Any) -> int | None:
    """Local days to the end of the term; negative when late, None while the clock does not run."""
    return (case.due_on - clock.today()).days if case.progress == Progress.OPEN else None


def allowed_steps(case: Any, viewer: Viewer) -> list[AllowedStep]:
    """The transitions that the viewer may take from the present stage, in the declared order; asks no database."""
    stand, found = standing(viewer, case), []
    for step in case_type(case.case_type).transitions:
        if case.stage not in step.sources or step.effect:
            continue
        if any(who in stand.may for who in step.by):
            found.append(AllowedStep(step, by_filer=False, until=None))
        elif FILER in step.by and stand.filer:
            until = last_day(case, step)
            if until is None or clock.today() <= until:
                found.append(AllowedStep(step, by_filer=True, until=until))
    return found


def last_day(case: Any, step: Transition) -> date | None:
    """The last local day on which a filer may take a step; None where it is not limited."""
    return None if step.days is None else clock.local(case.stage_since).date() + timedelta(days=step.days)


def _text(case: Case, inside: bool) -> str | None:
    if case.text_state == Moderation.APPROVED and not inside:
        return case.text.published_description
    return case.text.description if inside else None


def _photos(case: Case, inside: bool) -> list[PhotoView]:
    rows = case.files.all() if inside else case.files.filter(state=Moderation.APPROVED)
    return [PhotoView(row.pk, row.file_id, row.phase, row.state, row.order) for row in rows]


def _answers(case: Case, kind: CaseType, inside: bool) -> list[tuple[str, str]]:
    rows = {row.question: row for row in case.answers.all() if inside or row.public}
    asked = [*kind.questions, *(case.category.asked if case.category else ())]
    found = []
    for question in asked:
        key, label, kind_of, choices = _question(question)
        if key in rows:
            found.append((str(label), shown_value(rows[key].value, kind_of, choices)))
    return found


def _question(question: Any) -> tuple[str, Any, str, dict[str, Any]]:
    if isinstance(question, dict):
        choices = {str(value): label for value, label in question.get("choices", ())}
        return question["key"], question["label"], question.get("kind", "text"), choices
    return question.key, question.label, question.kind, dict(question.choices)


def shown_value(value: str, kind: str, choices: dict[str, Any]) -> str:
    """An answer as people read it."""
    if kind == "boolean":
        return _("tak") if value == "true" else _("nie")
    if kind == "choices":
        return ", ".join(str(choices.get(one, one)) for one in value.split(","))
    return str(choices.get(value, value))


def _party(parties: Iterable[CaseParty]) -> PartyView | None:
    row = next((party for party in parties if party.role == "filer"), None)
    if row is None:
        return None
    return PartyView(row.name, row.email, row.phone, row.language, row.person_id is not None)


@dataclass(frozen=True, slots=True)
class _Known:
    """The names that the history speaks of, as far as the viewer may know them; ``people`` for staff only.

    ``cases`` are numbers of related cases, ``bodies`` names of bodies outside, both by identifier.
    """

    units: dict[Any, str]
    people: dict[Any, str]
    categories: dict[int, str]
    cases: dict[UUID, str]
    bodies: dict[UUID, str]


def _history(case: Case, kind: CaseType, stand: Standing, viewer: Viewer) -> list[StepView]:
    steps = list(case.steps.select_related("comment__text").order_by("id"))
    known = _names(steps, stand, viewer)
    found = []
    for step in steps:
        comment = _comment(step, stand, known)
        if _told(step, comment, stand, known):
            title = _title(step, kind, known, stand)
            to_stage = next((stage for stage in kind.stages if stage.key == step.to_stage), None)
            found.append(StepView(step.at, step.kind, title, _actor(step, stand, known), to_stage, comment))
    return found


def _names(steps: list[CaseStep], stand: Standing, viewer: Viewer) -> _Known:
    acting = [step for step in steps if step.actor_kind == "person" and not step.by_filer]
    others = {step.other_id for step in steps if step.other_id}
    visible = Case.objects.visible_to(viewer).filter(pk__in=others) if others else Case.objects.none()
    return _Known(
        units=unit_names({*(step.unit_id for step in steps), *(step.acting_unit_id for step in steps)}),
        people=display_names({pk for step in acting for pk in (step.actor_id, step.assignee_id)}) if stand.staff else {},
        categories=_categories(steps) if stand.staff else {},
        cases=dict(visible.values_list("pk", "number")),
        bodies=dict(ExternalBody.objects.filter(pk__in=others).values_list("pk", "name")) if others else {},
    )


def _categories(steps: Iterable[CaseStep]) -> dict[int, str]:
    wanted = {step.category_id for step in steps if step.category_id and step.kind == CaseStep.Kind.RECATEGORISED}
    return {row.pk: row.title for row in Category.objects.filter(pk__in=wanted)} if wanted else {}


_TOLD = (CaseStep.Kind.FILED, CaseStep.Kind.TRANSITION, CaseStep.Kind.OUTSIDE, CaseStep.Kind.RECLASSIFIED)
_OF_ANOTHER = (CaseStep.Kind.LINKED, CaseStep.Kind.UNLINKED, CaseStep.Kind.SPLIT)


def _told(step: CaseStep, comment: CommentView | None, stand: Standing, known: _Known) -> bool:
    if stand.staff or step.kind in _TOLD:
        return True
    if step.kind in _OF_ANOTHER:
        return step.other_id in known.cases
    if step.kind == CaseStep.Kind.ASSIGNED:
        return step.unit_id is not None
    if step.kind == CaseStep.Kind.ADDED:
        return stand.filer or comment is not None
    return step.kind == CaseStep.Kind.COMMENT and comment is not None


def _comment(step: CaseStep, stand: Standing, known: _Known) -> CommentView | None:
    made, outside = step.comment, _spoken_outside(step, known)
    if made is None or not _may_read(made, step.by_filer or outside, stand):
        return None
    return CommentView(
        id=made.pk,
        at=made.created_at,
        audience=made.audience,
        state=made.state,
        body=made.text.body if stand.staff or (stand.filer and step.by_filer) else made.text.shown,
        author=_actor(step, stand, known),
        by_staff=not step.by_filer and not outside,
        unit_name=known.units.get(step.acting_unit_id, ""),
    )


def _spoken_outside(step: CaseStep, known: _Known) -> bool:
    """Whether a body outside said this itself, by its link or its own system."""
    return step.other_id in known.bodies and step.acting_unit_id is None and not step.by_filer


def _may_read(made: Any, unchecked: bool, stand: Standing) -> bool:
    """``unchecked`` words are the filer's own or those of a body outside: the filer reads them before they are approved."""
    if stand.staff:
        return True
    if stand.filer:
        return made.audience != "internal" and (unchecked or made.state == "published")
    return made.audience == "public" and made.state == "published"


def _actor(step: CaseStep, stand: Standing, known: _Known) -> str:
    if step.by_filer:
        return _("Ty") if stand.filer and not stand.staff else _("Osoba zgłaszająca")
    if _spoken_outside(step, known):
        return known.bodies[step.other_id]
    if step.actor_kind == "system":
        return _("Platforma")
    if stand.staff and step.actor_id in known.people:
        return known.people[step.actor_id]
    return known.units.get(step.acting_unit_id) or _("Pracownik miasta")


def _title(step: CaseStep, kind: CaseType, known: _Known, stand: Standing) -> str:
    """A sentence on one step; names of staff only for staff."""
    if step.kind == CaseStep.Kind.TRANSITION:
        return _transition_title(step, kind, known)
    if step.kind == CaseStep.Kind.ASSIGNED:
        return _assigned_title(step, known.units, known.people if stand.staff else None)
    if step.kind == CaseStep.Kind.RECLASSIFIED:
        return _reclassified_title(step)
    if step.kind == CaseStep.Kind.RECATEGORISED and step.category_id in known.categories:
        return _("Zmieniono kategorię na: %(category)s") % {"category": known.categories[step.category_id]}
    if step.kind == CaseStep.Kind.COMMENT and not step.by_filer and step.comment and step.comment.audience == "internal":
        return _("Notatka wewnętrzna")
    if step.kind == CaseStep.Kind.ESCALATED:
        return _escalated_title(step, known.units)
    if step.kind in _WITH_OTHER:
        other = known.cases.get(step.other_id) or known.bodies.get(step.other_id) or ""
        return _WITH_OTHER[step.kind]() % {"other": other}
    return _TITLES[step.kind]()


def _reclassified_title(step: CaseStep) -> str:
    found = next((kind for kind in case_types() if kind.key == step.transition), None)
    return _("Zmieniono rodzaj sprawy na: %(type)s") % {"type": found.name if found else step.transition}


def _transition_title(step: CaseStep, kind: CaseType, known: _Known) -> str:
    found = next((stage for stage in kind.stages if stage.key == step.to_stage), None)
    name = str(found.name) if found else step.to_stage
    if step.other_id in known.bodies and step.to_stage == outside_stage(kind):
        return f"{name}: {known.bodies[step.other_id]}"
    if step.other_id in known.cases and found is not None and found.final:
        return _("%(stage)s ze sprawą %(number)s") % {"stage": name, "number": known.cases[step.other_id]}
    return name


def _assigned_title(step: CaseStep, units: dict[Any, str], people: dict[Any, str] | None) -> str:
    if step.unit_id is not None:
        return _("Przekazano do jednostki: %(unit)s") % {"unit": units.get(step.unit_id, "")}
    if people is not None and step.assignee_id in people:
        return _("Przydzielono osobie: %(person)s") % {"person": people[step.assignee_id]}
    return _("Zwrócono do puli jednostki") if step.assignee_id is None else _("Przydzielono w jednostce")


def _escalated_title(step: CaseStep, units: dict[Any, str]) -> str:
    """Which promise comes near or is broken, and who was told; a rung that the profile has lost is told in general words."""
    found = escalation_rung(step.transition)
    to, unit = found.to if found else "", units.get(step.unit_id, "")
    if to == "worker":
        return _("Przypomniano o zbliżającym się terminie")
    if found and found.of == "first_response":
        return _("Brak pierwszej odpowiedzi w terminie – powiadomiono kierownika: %(unit)s") % {"unit": unit}
    return _("Termin minął – powiadomiono kierownika: %(unit)s") % {"unit": unit}


_WITH_OTHER = {
    CaseStep.Kind.LINKED: lambda: _("Dołączono zgłoszenie tej samej sprawy: %(other)s"),
    CaseStep.Kind.UNLINKED: lambda: _("Odłączono sprawę: %(other)s"),
    CaseStep.Kind.SPLIT: lambda: _("Wydzielono część sprawy: %(other)s"),
    CaseStep.Kind.OUTSIDE: lambda: _("Odpowiedź instytucji: %(other)s"),
}
_TITLES = {
    CaseStep.Kind.FILED: lambda: _("Sprawę przyjęto"),
    CaseStep.Kind.RECATEGORISED: lambda: _("Zmieniono kategorię"),
    CaseStep.Kind.COMMENT: lambda: _("Dopisano wiadomość"),
    CaseStep.Kind.ADDED: lambda: _("Uzupełniono sprawę"),
    CaseStep.Kind.TEXT_DECIDED: lambda: _("Rozstrzygnięto o publikacji opisu"),
    CaseStep.Kind.FILE_DECIDED: lambda: _("Rozstrzygnięto o publikacji zdjęcia"),
    CaseStep.Kind.COMMENT_DECIDED: lambda: _("Rozstrzygnięto o publikacji wiadomości"),
    CaseStep.Kind.PLACED: lambda: _("Wskazano miejsce"),
    CaseStep.Kind.JOINED: lambda: _("Do zgłoszenia dołączyła kolejna osoba"),
    CaseStep.Kind.ACKNOWLEDGED: lambda: _("Kierownik przyjął do wiadomości przekroczenie terminu"),
    CaseStep.Kind.ERASED: lambda: _("Usunięto dane osobowe"),
}
