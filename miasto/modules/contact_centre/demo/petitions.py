"""Petitions of the demo city: open ones, settled ones of this year and the last, groups, opinions."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, display_names, people_in, unit_for
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases.services import CaseRow, CommentRow, StepRow, import_cases
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.kernel.core.ids import uuid7
from miasto.modules.contact_centre.demo.letters import RESIDENTS
from miasto.modules.contact_centre.demo.rhythm import office_after, office_time
from miasto.modules.contact_centre.mail.case_types import PETITION
from miasto.modules.contact_centre.petitions import proceeding
from miasto.modules.contact_centre.petitions.models import Opinion, Transfer


def load_petitions(*, seed: int) -> int:
    """Petitions from the profile's ``demo_petitions.toml``; returns how many, none without such a file."""
    entries = city().toml("demo_petitions.toml").get("petitions", [])
    if not entries:
        return 0
    dice = random.Random(f"petitions-{seed}")
    names = sorted(display_names([UUID(pk) for pk in marks.get(RESIDENTS, [])]).values()) or ["Jan Przykładowy"]
    unit = unit_for(cases.case_type(PETITION).competence)
    clerks = [person.pk for person in people_in([unit.pk], "cases.handle")]
    rows = [_row(entry, dice, names, dice.choice(clerks) if clerks else None) for entry in entries]
    import_cases(case_type=PETITION, rows=rows, by=SYSTEM)
    for entry, row in zip(entries, rows, strict=True):
        _opinions(entry, row)
        if entry.get("sent_to"):
            sent_on = clock.local(row.filed_at).date() + timedelta(days=entry["settled_after"])
            Transfer.objects.create(case_id=row.id, body=entry["sent_to"], sent_on=sent_on)
    _together(entries, rows)
    return len(rows)


def _together(entries: list[dict[str, Any]], rows: list[CaseRow]) -> None:
    """The petitions that the profile wants considered together, by their common subject."""
    subjects: dict[str, list[UUID]] = {}
    for entry, row in zip(entries, rows, strict=True):
        if entry.get("joint"):
            subjects.setdefault(entry["joint"], []).append(row.id)
    for subject, ids in subjects.items():
        found = cases.visible_cases(SYSTEM).filter(pk__in=ids)
        proceeding.announce(petitions=found, subject=subject, wait_until=clock.today() + timedelta(days=30), by=SYSTEM)


def _row(entry: dict[str, Any], dice: random.Random, names: list[str], clerk: UUID | None) -> CaseRow:
    filed_at = min(office_time(dice, clock.now() - timedelta(days=entry["days_ago"])), clock.now() - timedelta(hours=3))
    signed = dice.sample(names, min(len(names), 1 + entry.get("together", 0)))
    words = f"{entry['title']}\n\n{entry['body'].strip()}"
    agreed = entry.get("agreed", False)
    return CaseRow(
        id=uuid7(),
        category="",
        filed_at=filed_at,
        description=f"{words}\n\n{signed[0]}",
        published=words if entry.get("published", True) else None,
        answers={"address": "adres podany w petycji"},
        name=entry.get("organisation") or signed[0],
        name_public=agreed,
        co_filers=[(name, "", agreed and index % 3 != 0) for index, name in enumerate(signed[1:])],
        channel=entry.get("channel", "email"),
        steps=[step for step in _life(entry, filed_at, dice, clerk) if step.at < clock.now()],
    )


def _life(entry: dict[str, Any], filed_at: datetime, dice: random.Random, clerk: UUID | None) -> list[StepRow]:
    started = office_time(dice, filed_at + timedelta(days=dice.uniform(1, 4)))
    steps = [StepRow(at=started, kind="transition", transition="start", person_id=clerk)]
    if entry.get("asked_after"):
        asked = office_after(dice, started, filed_at + timedelta(days=entry["asked_after"]))
        words = CommentRow(body=entry["question"].strip())
        steps.append(StepRow(at=asked, kind="transition", transition="complete", person_id=clerk, comment=words))
        steps.append(StepRow(at=asked + timedelta(days=15), kind="transition", transition="not_completed"))
    if entry.get("outcome"):
        done = office_after(dice, steps[-1].at, filed_at + timedelta(days=entry["settled_after"]))
        words = CommentRow(body=entry["answer"].strip())
        steps.append(StepRow(at=done, kind="transition", transition=entry["outcome"], person_id=clerk, comment=words))
    return steps


def _opinions(entry: dict[str, Any], row: CaseRow) -> None:
    filed_on = clock.local(row.filed_at).date()
    for one in entry.get("opinions", []):
        received = filed_on + timedelta(days=one["received_after"]) if "received_after" in one else None
        Opinion.objects.create(
            case_id=row.id,
            body=one["body"],
            asked_on=filed_on + timedelta(days=one["asked_after"]),
            received_on=received,
            gist=one.get("gist", ""),
        )
