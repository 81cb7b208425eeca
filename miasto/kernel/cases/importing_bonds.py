"""What binds imported cases: duplicates, parts, co-filers, "me too", bodies outside. Times are past, nobody is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from miasto.kernel.cases.models import Case, CaseParty, ExternalBody, Forwarding, Relation, Supporter
from miasto.kernel.cases.types import outside_stage
from miasto.kernel.core.ids import uuid7
from miasto.kernel.spec.cases import FORWARD, MERGE, OUTSIDE_DONE, OUTSIDE_REFUSED, CaseType

LINKED, SPLIT = "linked", "split"
BATCH = 2000
_ENDS = {OUTSIDE_DONE: Forwarding.State.DONE, OUTSIDE_REFUSED: Forwarding.State.REFUSED}


def problems(kind: CaseType, rows: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    """What is wrong with the bonds: ``(row, sentence)``; 1 query where something is forwarded."""
    ids = {row.id for row in rows}
    forwarded = {step.other_id for row in rows for step in row.steps if _effect(kind, step) == FORWARD}
    bodies = set(ExternalBody.objects.filter(pk__in=forwarded).values_list("pk", flat=True)) if forwarded else set()
    merged = {row.id for row in rows if row.duplicate_of}
    for row in rows:
        for name in ("duplicate_of", "part_of"):
            main = getattr(row, name)
            if main is not None and (main == row.id or main not in ids):
                yield row, f"{name} {main} is no other row of this import"
        if row.duplicate_of in merged:
            yield row, f"duplicate_of {row.duplicate_of} is a duplicate itself; name the case in which both go on"
        effects = {_effect(kind, step) for step in row.steps}
        if (MERGE in effects) != (row.duplicate_of is not None):
            yield row, "a duplicate needs duplicate_of and the step that merges it, both"
        for step in row.steps:
            if _effect(kind, step) == FORWARD and step.other_id not in bodies:
                yield row, f"forwarded to {step.other_id}: there is no such body outside"


def _effect(kind: CaseType, step: Any) -> str:
    found = next((taken for taken in kind.transitions if taken.key == step.transition), None)
    return found.effect if found else ""


def write(kind: CaseType, rows: Sequence[Any]) -> None:
    """The rows beside the cases, which are written already."""
    Relation.objects.bulk_create(_relations(kind, rows), batch_size=BATCH)
    Forwarding.objects.bulk_create((made for row in rows for made in _forwardings(kind, row)), batch_size=BATCH)
    CaseParty.objects.bulk_create((made for row in rows for made in _co_filers(row)), batch_size=BATCH)
    Supporter.objects.bulk_create((made for row in rows for made in _supporters(row)), batch_size=BATCH)


def count_voices(rows: Sequence[Any], cases: Iterable[Case]) -> None:
    """Set how many each case concerns besides its filer: its own voices, its duplicates and theirs."""
    counts = {row.id: len(row.supporters) for row in rows}
    for row in rows:
        if row.duplicate_of:
            counts[row.duplicate_of] += 1 + len(row.supporters)
    for case in cases:
        case.supporters = counts[case.pk]


def _relations(kind: CaseType, rows: Sequence[Any]) -> Iterator[Relation]:
    for row in rows:
        if row.duplicate_of:
            at, before = _merged_at(kind, row)
            yield Relation(
                case_id=row.id, main_id=row.duplicate_of, kind=Relation.Kind.DUPLICATE_OF, at=at, stage_before=before
            )
        if row.part_of:
            yield Relation(case_id=row.id, main_id=row.part_of, kind=Relation.Kind.PART_OF, at=row.filed_at)


def _merged_at(kind: CaseType, row: Any) -> tuple[Any, str]:
    stage = kind.initial.key
    for step in row.steps:
        if _effect(kind, step) == MERGE:
            return step.at, stage
        stage = kind.transition(step.transition).target if step.transition else stage
    return row.filed_at, stage


def _forwardings(kind: CaseType, row: Any) -> Iterator[Forwarding]:
    """One for each step that forwards, ended by the answer or by the step that leaves the waiting."""
    made: Forwarding | None = None
    for step in row.steps:
        effect = _effect(kind, step)
        if effect == FORWARD:
            made = Forwarding(case_id=row.id, body_id=step.other_id, at=step.at)
        elif made is not None and step.transition and kind.transition(step.transition).target != outside_stage(kind):
            made.state, made.answered_at = _ENDS.get(effect, Forwarding.State.RECALLED), step.at if effect in _ENDS else None
            yield made
            made = None
    if made is not None:
        yield made


def _co_filers(row: Any) -> Iterator[CaseParty]:
    for name, email, *agreed in row.co_filers:
        yield CaseParty(
            case_id=row.id,
            role="co_filer",
            name=name,
            email=email,
            language=row.language,
            invite_id=uuid7(),
            name_public=any(agreed),
        )


def _supporters(row: Any) -> Iterator[Supporter]:
    for number, at in enumerate(row.supporters):
        who = hashlib.sha256(f"{row.id}/{number}".encode()).hexdigest()[:32]
        yield Supporter(case_id=row.id, who=who, at=at)
