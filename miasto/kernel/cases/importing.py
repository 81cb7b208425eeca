"""Cases of the past in bulk, with their own times: from an older system, and for the demo city. Nobody is told.

All or nothing: every row is checked first, and the errors name the row. A row's steps are replayed through the same clock
and the same case type as a living case, so that terms, stages and history agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction

from miasto.kernel.accounts.selectors import Viewer, current_units, display_names, unit_for, unit_names
from miasto.kernel.cases import importing_bonds, levels, writing
from miasto.kernel.cases.deadlines import Term
from miasto.kernel.cases.events import CasesImported
from miasto.kernel.cases.filing import first_term, questions_of
from miasto.kernel.cases.models import (
    Case,
    CaseAnswerData,
    CaseFile,
    CaseParty,
    CaseStep,
    CaseText,
    Category,
    Channel,
    Moderation,
)
from miasto.kernel.cases.numbering import keep_above, reserve
from miasto.kernel.cases.routing import competence_of
from miasto.kernel.cases.types import case_type as declared
from miasto.kernel.cases.types import progress_of
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.ids import uuid7
from miasto.kernel.core.polish import fold
from miasto.kernel.discussions import services as discussions
from miasto.kernel.files import services as stored
from miasto.kernel.places import selectors as places
from miasto.kernel.spec.cases import CaseType, Stage

TRANSITION, ASSIGNED, COMMENT, ADDED = "transition", "assigned", "comment", "added"
KINDS = (TRANSITION, ASSIGNED, COMMENT, ADDED, importing_bonds.LINKED, importing_bonds.SPLIT)
BATCH = 2000
ERRORS_SHOWN = 20


class ImportRefused(ValueError):
    """Nothing was imported; ``problems`` are sentences that name the row."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        more = len(self.problems) - ERRORS_SHOWN
        shown = self.problems[:ERRORS_SHOWN] + ([f"... and {more} more"] if more > 0 else [])
        super().__init__("\n".join(shown))


@dataclass(frozen=True, kw_only=True)
class CommentRow:
    """Words that come with a step. ``audience`` public, parties or internal; ``state`` published, waiting or withheld."""

    body: str
    audience: str = "public"
    state: str = "published"


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """One step of a case's past, at an aware time.

    ``kind`` is transition, assigned, comment, added, or linked and split on the main case of another row. A transition names
    the key of the case type's transition; assigned gives ``unit_id`` and/or ``assignee_id``. ``other_id`` is the other case of
    a relation or the body outside. ``by_filer`` steps are the filer's, others are ``person_id``'s (a member of staff), or the
    platform's where it is None.
    """

    at: datetime
    kind: str
    transition: str = ""
    by_filer: bool = False
    person_id: UUID | None = None
    unit_id: UUID | None = None
    assignee_id: UUID | None = None
    other_id: UUID | None = None
    comment: CommentRow | None = None


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A photo that is stored already (``files``); it must belong to nobody or to this case (``CaseRow.id``)."""

    file_id: UUID
    at: datetime
    phase: str = "filed"
    state: str = "approved"


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case of the past.

    ``point`` is (longitude, latitude), EPSG:4326. ``category`` is a slug, empty for none. ``number`` is kept where the older
    system gave one of the same form, else the next of its year is taken. ``unit_id`` None: by today's competence.
    ``district_id`` and ``address_text`` are looked up where they are empty. ``published`` is the approved text, None while
    it waits, "" withheld.
    ``co_filers`` are ``(name, e-mail)`` of those who filed together with the filer and confirmed it, with a third value where
    their name may be published; ``name_public`` says so of the filer.
    ``duplicate_of`` and ``part_of`` are the ``id`` of another row of the same import; ``supporters`` the times at which others
    said "me too".
    """

    category: str
    filed_at: datetime
    description: str
    point: tuple[float, float] | None = None
    address_text: str = ""
    published: str | None = None
    steps: Sequence[StepRow] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[FileRow] = ()
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = "pl"
    name_public: bool = False
    person_id: UUID | None = None
    co_filers: Sequence[tuple[str, str] | tuple[str, str, bool]] = ()
    channel: str = Channel.WEB
    number: str = ""
    unit_id: UUID | None = None
    district_id: UUID | None = None
    duplicate_of: UUID | None = None
    part_of: UUID | None = None
    supporters: Sequence[datetime] = ()
    id: UUID = field(default_factory=uuid7)


@transaction.atomic
def import_cases(*, case_type: str, rows: Sequence[CaseRow], by: Viewer) -> int:
    """Write cases of the past; returns how many. Raises ``ImportRefused``, and then nothing is written."""
    made = _Import(declared(case_type), list(rows))
    made.check()
    made.build()
    made.write(by)
    changes.record(
        action="cases.import",
        kind="cases.import",
        object_id=uuid7(),
        actor=by.actor,
        data={"type": case_type, "count": len(rows)},
    )
    events.publish(CasesImported(case_type=case_type, count=len(rows)))
    return len(rows)


class _Import:
    """One run: the rows, what they refer to, and what will be written."""

    def __init__(self, kind: CaseType, rows: list[CaseRow]) -> None:
        self.kind, self.rows = kind, rows
        found = Category.objects.filter(case_type=kind.key).select_related("parent__parent")
        self.categories = {row.slug: row for row in found}
        self.stages = {stage.key: stage for stage in kind.stages}
        self.transitions = {step.key: step for step in kind.transitions}
        self.questions = {slug: _questions(kind, row) for slug, row in self.categories.items()}
        self.questions[""] = _questions(kind, None)
        self.by_competence: dict[str, UUID] = {}
        self.unit_slugs = dict(current_units().values_list("id", "slug"))
        self.cases: list[Case] = []
        self.steps: list[CaseStep] = []
        self.comments: list[discussions.CommentRow] = []

    def check(self) -> None:
        """Refuse the whole import if any row is wrong."""
        problems = [f"{_name(row)}: {problem}" for row in self.rows for problem in self._problems(row)]
        problems += self._unknown_references()
        problems += [f"{_name(row)}: {problem}" for row, problem in importing_bonds.problems(self.kind, self.rows)]
        numbers = [row.number for row in self.rows if row.number]
        taken = set(Case.objects.filter(number__in=numbers).values_list("number", flat=True))
        taken |= {number for number in numbers if numbers.count(number) > 1} if len(set(numbers)) < len(numbers) else set()
        problems += [f"{_name(row)}: the number is taken" for row in self.rows if row.number in taken]
        if problems:
            raise ImportRefused(problems)

    def _problems(self, row: CaseRow) -> Iterator[str]:
        if row.category and row.category not in self.categories:
            yield f"there is no category {row.category!r} of {self.kind.key}"
            return
        if row.filed_at.tzinfo is None:
            yield "filed_at has no time zone"
            return
        if not row.description.strip():
            yield "description is empty"
        if row.point is None and self.kind.needs_place:
            yield "point is missing"
        if row.point is not None and not (-180 <= row.point[0] <= 180 and -90 <= row.point[1] <= 90):
            yield f"point {row.point} is not (longitude, latitude) in degrees"
        if row.number and not re.fullmatch(rf"{self.kind.prefix}-\d{{4}}-\d{{6}}", row.number):
            yield f"number {row.number!r} is not like {self.kind.prefix}-2026-000123"
        if row.channel not in Channel.values:
            yield f"channel {row.channel!r}; use one of {', '.join(Channel.values)}"
        for key in set(row.answers) - self.questions[row.category]:
            yield f"there is no question {key!r}"
        yield from _file_problems(row)
        yield from self._step_problems(row)

    def _step_problems(self, row: CaseRow) -> Iterator[str]:
        stage, last = self.kind.initial.key, row.filed_at
        for number, step in enumerate(row.steps, 1):
            if step.at.tzinfo is None or step.at < last:
                yield f"step {number}: the time is before the one of the step before, or has no zone"
                return
            last = step.at
            if step.kind not in KINDS:
                yield f"step {number}: kind {step.kind!r}; use one of {', '.join(KINDS)}"
            elif step.kind == COMMENT and step.comment is None:
                yield f"step {number}: a comment without words"
            elif step.comment is not None and (wrong := _wrong_comment(step.comment)):
                yield f"step {number}: {wrong}"
            elif step.kind == TRANSITION:
                taken = self.transitions.get(step.transition)
                if taken is None or stage not in taken.sources:
                    yield f"step {number}: transition {step.transition!r} does not lead from stage {stage!r}"
                    return
                stage = taken.target

    def _unknown_references(self) -> Iterator[str]:
        units = {row.unit_id for row in self.rows} | {step.unit_id for row in self.rows for step in row.steps}
        people = {row.person_id for row in self.rows}
        people |= {pk for row in self.rows for step in row.steps for pk in (step.person_id, step.assignee_id)}
        for pk in units - {None} - set(unit_names(units)):
            yield f"unit {pk}: there is no such unit"
        for pk in people - {None} - set(display_names(people)):
            yield f"person {pk}: there is no such person"

    def build(self) -> None:
        """Replay every row, oldest first, so that numbers and identifiers grow with time."""
        self.rows.sort(key=lambda row: row.filed_at)
        positions, numbers = self._positions(), self._numbers()
        for row in self.rows:
            self._build(row, numbers[row.id], positions.get(row.id))

    def _positions(self) -> dict[UUID, Any]:
        asked = [row for row in self.rows if row.point and not (row.district_id and row.address_text)]
        found = places.reverse_many([row.point for row in asked if row.point])
        return {row.id: position for row, position in zip(asked, found, strict=True)}

    def _numbers(self) -> dict[UUID, str]:
        given = {row.id: row.number for row in self.rows if row.number}
        for number in given.values():
            prefix, year, counted = number.rsplit("-", 2)
            keep_above(prefix, int(year), int(counted))
        years: dict[int, list[UUID]] = {}
        for row in self.rows:
            if not row.number:
                years.setdefault(clock.local(row.filed_at).year, []).append(row.id)
        for year, ids in years.items():
            given.update(zip(ids, reserve(self.kind.prefix, year, len(ids)), strict=True))
        return given

    def _unit(self, row: CaseRow, category: Category | None) -> UUID:
        if row.unit_id:
            return row.unit_id
        competence = competence_of(self.kind, category)
        if competence not in self.by_competence:
            self.by_competence[competence] = unit_for(competence).pk
        return self.by_competence[competence]

    def _build(self, row: CaseRow, number: str, position: Any) -> None:
        category, stage = self.categories.get(row.category), self.kind.initial
        address = (row.address_text or (position.address_text if position else ""))[:300]
        case = Case(
            id=row.id, number=number, case_type=self.kind.key, category=category, stage=stage.key, stage_since=row.filed_at,
            progress=progress_of(stage), unit_id=self._unit(row, category), thread_id=uuid7(),
            geom=Point(*row.point, srid=4326) if row.point else None, address_text=address,
            district_id=row.district_id or (position.district_id if position else None), channel=row.channel,
            filed_at=row.filed_at, filer_person_id=row.person_id, search=writing.search_of(number, address),
            text_state=_text_state(row), public=self.kind.public_register, clock=stage.clock,
            co_filers=len(row.co_filers),
        )  # fmt: skip
        term = first_term(self.kind, category, row.filed_at)
        case.first_due_at = levels.first_due(self.kind, category, self.unit_slugs.get(case.unit_id, ""), row.filed_at)
        filed = StepRow(at=row.filed_at, kind="filed", by_filer=row.part_of is None, other_id=row.part_of)
        self._add_step(case, filed, None, stage=stage, unit_id=case.unit_id)
        for step in row.steps:
            term = self._replay(case, term, step)
        writing.set_term(case, term)
        waiting = sum(file.state == Moderation.WAITING for file in row.files) + sum(
            step.comment is not None and step.comment.state == "waiting" for step in row.steps
        )
        case.pending = waiting + (case.text_state == Moderation.WAITING) if case.public else 0
        case.version = 1 + len(row.steps)
        self.cases.append(case)

    def _replay(self, case: Case, term: Term, step: StepRow) -> Term:
        comment_id = self._add_comment(case, step)
        if step.person_id and not step.by_filer and _heard(step):
            levels.note_response(case, step.at)
        if step.kind == ASSIGNED:
            before = case.unit_id
            moved = step.unit_id not in (None, case.unit_id)
            case.unit_id = step.unit_id or case.unit_id
            case.assignee_id = step.assignee_id
            self._add_step(case, step, comment_id, unit_id=step.unit_id if moved else None, acting_unit_id=before)
            return term
        if step.kind != TRANSITION:
            self._add_step(case, step, comment_id)
            return term
        taken = self.transitions[step.transition]
        stage, day = self.stages[taken.target], clock.local(step.at).date()
        running = stage.clock == "runs" and not stage.final
        before_stage = case.stage
        case.stage, case.stage_since, case.progress = stage.key, step.at, progress_of(stage)
        case.clock = "stopped" if stage.final else stage.clock
        case.public = self.kind.public_register and stage.public
        writing.mark_ends(case, stage, taken, step.at)
        self._add_step(case, step, comment_id, stage=stage, from_stage=before_stage)
        if taken.term is not None:
            term = (term.anew(day) if taken.anew else term).of(taken.term.days, taken.term.working, taken.term.months)
        return term.resume(day) if running else term.hold(day)

    def _add_step(
        self,
        case: Case,
        step: StepRow,
        comment_id: UUID | None,
        *,
        stage: Stage | None = None,
        from_stage: str = "",
        **more: Any,
    ) -> None:
        staff = step.person_id is not None and not step.by_filer
        more.setdefault("acting_unit_id", case.unit_id)
        if not staff:
            more["acting_unit_id"] = None
        self.steps.append(
            CaseStep(
                case=case, at=step.at, kind=step.kind, transition=step.transition, from_stage=from_stage,
                to_stage=stage.key if stage else "", actor_kind=_actor_kind(step), actor_id=step.person_id,
                by_filer=step.by_filer, assignee_id=step.assignee_id, comment_id=comment_id, other_id=step.other_id,
                category_id=case.category_id if step.kind == "filed" else None, **more,
            )
        )  # fmt: skip

    def _add_comment(self, case: Case, step: StepRow) -> UUID | None:
        if step.comment is None:
            return None
        row = discussions.CommentRow(
            thread_id=case.thread_id,
            body=step.comment.body,
            audience=step.comment.audience,
            state=step.comment.state,
            at=step.at,
            author_kind=_actor_kind(step),
            author_id=step.person_id,
            unit_id=None if step.by_filer else case.unit_id,
        )
        self.comments.append(row)
        return row.id

    def write(self, by: Viewer) -> None:
        """Insert what was built, table by table."""
        discussions.import_threads(threads=[(case.thread_id, case.pk, case.filed_at) for case in self.cases])
        importing_bonds.count_voices(self.rows, self.cases)
        Case.objects.bulk_create(self.cases, batch_size=BATCH)
        discussions.import_comments(rows=self.comments)
        CaseStep.objects.bulk_create(self.steps, batch_size=BATCH)
        levels.pauses_from_history([case.pk for case in self.cases])
        texts = [_text_row(row, case) for row, case in zip(self.rows, self.cases, strict=True)]
        CaseText.objects.bulk_create(texts, batch_size=BATCH)
        CaseParty.objects.bulk_create((_party_row(row) for row in self.rows if not row.part_of), batch_size=BATCH)
        CaseAnswerData.objects.bulk_create(
            [
                CaseAnswerData(case_id=row.id, question=key, value=value)
                for row in self.rows
                for key, value in row.answers.items()
            ],
            batch_size=BATCH,
        )
        self._write_files(by)
        importing_bonds.write(self.kind, self.rows)

    def _write_files(self, by: Viewer) -> None:
        made = []
        for row in self.rows:
            if row.files:
                self._attach(row, by)
            for order, file in enumerate(row.files):
                made.append(
                    CaseFile(
                        case_id=row.id, file_id=file.file_id, phase=file.phase, state=file.state, order=order, added_at=file.at
                    )
                )
        CaseFile.objects.bulk_create(made, batch_size=BATCH)

    def _attach(self, row: CaseRow, by: Viewer) -> None:
        try:
            stored.attach(file_ids=[file.file_id for file in row.files], owner_id=row.id, by=by)
        except LookupError as error:
            raise ImportRefused([f"{_name(row)}: {error}"]) from error


def _file_problems(row: CaseRow) -> Iterator[str]:
    for file in row.files:
        if file.phase not in CaseFile.Phase.values or file.state not in Moderation.values:
            yield f"file {file.file_id}: phase {file.phase!r} or state {file.state!r} is unknown"


def _wrong_comment(row: CommentRow) -> str:
    if not row.body.strip() or len(row.body) > discussions.LONGEST:
        return "the words of the comment are empty or too long"
    if row.audience not in ("public", "parties", "internal") or row.state not in ("published", "waiting", "withheld"):
        return f"audience {row.audience!r} or state {row.state!r} is unknown"
    return ""


def _name(row: CaseRow) -> str:
    return f"case {row.number or row.id} ({row.category}, {row.filed_at:%Y-%m-%d %H:%M})"


def _heard(step: StepRow) -> bool:
    """Whether the one who filed heard of the city by this step."""
    return step.kind == TRANSITION or (step.comment is not None and step.comment.audience in levels.PUBLIC_WORDS)


def _questions(kind: CaseType, category: Category | None) -> set[str]:
    return {question["key"] for question in questions_of(kind, category)}


def _actor_kind(step: StepRow) -> str:
    if step.person_id is not None:
        return "person"
    return "anonymous" if step.by_filer else "system"


def _text_state(row: CaseRow) -> str:
    if row.published is None:
        return Moderation.WAITING
    return Moderation.APPROVED if row.published else Moderation.WITHHELD


def _text_row(row: CaseRow, case: Case) -> CaseText:
    words = row.description.strip()
    search = f"{case.search} {fold(words)}"
    return CaseText(case_id=row.id, description=words, published_description=row.published or "", search=search)


def _party_row(row: CaseRow) -> CaseParty:
    return CaseParty(
        case_id=row.id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        language=row.language,
        name_public=row.name_public,
        person_id=row.person_id,
    )
