"""Making, changing and publishing a process. The law's minimum of time is checked here, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, require
from miasto.kernel.core import clock, events
from miasto.kernel.core.registry import registry
from miasto.kernel.participation import law, writing
from miasto.kernel.participation.access import MANAGE
from miasto.kernel.participation.events import ProcessPublished
from miasto.kernel.participation.models import Document, DocumentVersion, Phase, Process
from miasto.kernel.participation.writing import Refused
from miasto.kernel.places.models import Area
from miasto.kernel.places.services import save_object
from miasto.kernel.spec.participation import ProcessKind

_LETTERS = str.maketrans("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "acelnoszzACELNOSZZ")
TEXTS = ("title", "decided", "decided_when", "decided_by", "easy")


@dataclass(frozen=True, kw_only=True)
class PhaseRow:
    """A phase to be: local dates, both included; ``actions`` of ``Phase.Action``. No ``author_groups`` means everybody."""

    name: str
    starts_on: date
    ends_on: date
    text: str = ""
    actions: Sequence[str] = ()
    author_groups: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ProcessRow:
    """What a process says of itself; see ``Process``. ``translations`` maps a language to some of ``TEXTS``."""

    title: str
    decided: str
    decided_when: str
    decided_by: str
    basis: str
    initiator: str
    unit_id: UUID
    author_groups: Sequence[str]
    phases: Sequence[PhaseRow]
    easy: str = ""
    sign_video: str = ""
    area_id: UUID | None = None
    round: int = 1
    previous_id: UUID | None = None
    translations: dict[str, dict[str, str]] = field(default_factory=dict)


@transaction.atomic
def create_process(*, process_kind: str, row: ProcessRow, by: Viewer, slug: str = "") -> Process:
    """A draft. Raises ``PermissionDenied`` without "participation.manage" in the unit, ``ValidationError`` by field.

    The dates of phases in which remarks are taken are checked against the legal basis: too short ones are refused.
    """
    registry().get(ProcessKind, process_kind)
    made = Process(process_kind=process_kind, unit_id=row.unit_id)
    require(by, MANAGE, made)
    _check(row)
    made.slug = _free_slug(slug or row.title)
    _fill(made, row)
    save_object(made, by=by)
    _save_phases(made, row.phases)
    writing.record("created", made, by, basis=row.basis)
    return made


@transaction.atomic
def update_process(*, process: Process, row: ProcessRow, by: Viewer) -> Process:
    """Change a process that is not over. Of a published one, the time for remarks may grow and never shrink."""
    locked = writing.lock(process.pk, by, MANAGE)
    writing.refuse_closed(locked)
    if row.unit_id != locked.unit_id:
        require(by, MANAGE, Process(unit_id=row.unit_id))
    _check(row)
    if locked.published_at is not None:
        _refuse_less_time(locked, row.phases)
    _fill(locked, row)
    save_object(locked, by=by)
    locked.phases.all().delete()
    _save_phases(locked, row.phases)
    writing.record("updated", locked, by)
    return locked


@transaction.atomic
def publish_process(*, process: Process, by: Viewer) -> Process:
    """Show a process to everybody. Refused without a document of facts: people must know before they speak.

    Refused too once the time for remarks has begun: it would be shorter than announced.
    """
    locked = writing.lock(process.pk, by, MANAGE)
    if locked.published_at is not None:
        raise Refused(_("Ten proces jest już opublikowany."), code="published")
    if not facts_published(locked.pk):
        raise Refused(
            _("Najpierw dodaj dokument z faktami lub diagnozą ekspercką. Ludzie muszą go mieć, zanim wyślą pierwszą uwagę."),
            code="facts",
        )
    starts = [phase.starts_on for phase in locked.phases.all() if Phase.Action.REMARK in phase.actions]
    if not by.system and starts and min(starts) < clock.today():
        raise Refused(
            _("Zbieranie uwag miało się zacząć %(day)s. Przesuń terminy, bo czas na uwagi byłby krótszy, niż ogłaszasz.")
            % {"day": f"{min(starts):%d.%m.%Y}"},
            code="begun",
        )
    locked.published_at = clock.now()
    save_object(locked, by=by)
    writing.record("published", locked, by)
    events.publish(ProcessPublished(process_id=locked.pk, process_kind=locked.process_kind))
    return locked


def facts_published(process_id: UUID) -> bool:
    """Whether the facts or an expert diagnosis can be read."""
    roles = (Document.Role.FACTS, Document.Role.DIAGNOSIS)
    return DocumentVersion.objects.filter(document__process=process_id, document__role__in=roles).exists()


def _check(row: ProcessRow) -> None:
    wrong: dict[str, Any] = {}
    for name in ("title", "decided", "decided_when", "decided_by"):
        if not getattr(row, name).strip():
            wrong[name] = _("Wypełnij to pole.")
    if row.initiator not in {one.key for one in law.initiators()}:
        wrong["initiator"] = _("Wybierz, kto wystąpił o konsultacje.")
    if not row.author_groups or set(row.author_groups) - {one.key for one in law.author_groups()}:
        wrong["author_groups"] = _("Wybierz, kto może wziąć udział.")
    try:
        basis = law.basis(row.basis)
    except KeyError:
        wrong["basis"] = _("Wybierz podstawę prawną.")
    if wrong:
        raise ValidationError(wrong)
    if not 1 <= row.round <= basis.rounds:
        raise ValidationError({"round": _("Ta podstawa prawna nie przewiduje takiej tury.")}, code="round")
    _check_phases(row.phases, basis)


def _check_phases(phases: Sequence[PhaseRow], basis: law.Basis) -> None:
    taking = [phase for phase in phases if Phase.Action.REMARK in phase.actions]
    if not taking:
        raise ValidationError({"phases": _("Dodaj etap, w którym można wysyłać uwagi.")}, code="no_remarks")
    for phase in phases:
        if phase.ends_on < phase.starts_on:
            raise ValidationError({"phases": _("Etap „%(name)s” kończy się, zanim się zacznie.") % {"name": phase.name}})
    for phase in taking:
        law.check_dates(basis, phase.starts_on, phase.ends_on)


def _refuse_less_time(process: Process, phases: Sequence[PhaseRow]) -> None:
    before = _taking_days(process.phases.all())
    if before - _taking_days(phases):
        raise Refused(
            {"phases": _("Czasu na uwagi, który już ogłoszono, nie można skrócić ani przesunąć. Można go tylko wydłużyć.")},
            code="shortened",
        )


def _taking_days(phases: Iterable[Any]) -> set[int]:
    """The ordinals of the local days on which remarks are taken."""
    return {
        day
        for phase in phases
        if Phase.Action.REMARK in phase.actions
        for day in range(phase.starts_on.toordinal(), phase.ends_on.toordinal() + 1)
    }


def _fill(process: Process, row: ProcessRow) -> None:
    process.unit_id, process.basis, process.initiator = row.unit_id, row.basis, row.initiator
    process.author_groups, process.round, process.previous_id = list(row.author_groups), row.round, row.previous_id
    process.area = Area.objects.get(pk=row.area_id) if row.area_id else None
    process.sign_video, process.translations = row.sign_video, row.translations
    for name in TEXTS:
        setattr(process, name, getattr(row, name).replace("\r\n", "\n").strip())


def _save_phases(process: Process, phases: Sequence[PhaseRow]) -> None:
    Phase.objects.bulk_create(
        Phase(
            process=process,
            name=row.name,
            text=row.text,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            actions=list(row.actions),
            author_groups=list(row.author_groups),
        )
        for row in phases
    )


def _free_slug(title: str) -> str:
    stem = slugify(title.translate(_LETTERS))[:70].strip("-") or "proces"
    taken = set(Process.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(
        slug for number in range(1, len(taken) + 2) if (slug := stem if number == 1 else f"{stem}-{number}") not in taken
    )
