"""The made-up correspondence of the last weeks: what came, what it was, what we answered, and what waits now."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, display_names, people_in, unit_for
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases.services import CaseRow, CommentRow, StepRow, import_cases, next_number
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.kernel.core.ids import uuid7
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.demo.rhythm import office_after, office_time
from miasto.modules.contact_centre.mail import quoting, reading, suggesting
from miasto.modules.contact_centre.mail.classes import letter_class
from miasto.modules.contact_centre.mail.intake import PREFIX
from miasto.modules.contact_centre.mail.models import Letter, LetterText, Reply, Source, State

RESIDENTS = "demo.residents"
DAYS = (2, 45)
DAYS_OF_STEP = {"none": (1, 4), "": DAYS}
LONG_AGO = (20, 45)  # whatever became of such a letter has happened by now
WAITING_HOURS = (0.2, 0.7, 1.5, 3, 5, 8, 20, 26, 30, 45, 50, 70, 75)
SIGNATURES = ("", "Pozdrawiam\n{name}", "Z poważaniem\n{name}", "--\n{name}\ntel. w godzinach pracy", "Wysłane z iPhone'a")


@dataclass
class Told:
    """One letter with what became of it."""

    entry: dict[str, Any]
    received_at: datetime
    waits: bool
    name: str
    email: str
    street: str
    case_id: UUID | None = None


def load_letters(*, seed: int) -> int:
    """Letters from the profile's ``demo_letters.toml``; returns how many, none without such a file."""
    entries = city().toml("demo_letters.toml").get("letters", [])
    if not entries:
        return 0
    dice, now = random.Random(f"letters-{seed}"), clock.now()
    told = _tell(entries, dice, now)
    _import_cases(told, dice, now)
    reported = _reports(told)
    operators = [person.pk for person in people_in(None, "contact_centre.letters")]
    for one in sorted(told, key=lambda one: one.received_at):
        _write(one, dice, dice.choice(operators) if operators else None, now, reported)
    return len(told)


def _tell(entries: list[dict[str, Any]], dice: random.Random, now: datetime) -> list[Told]:
    names = sorted(display_names([UUID(pk) for pk in marks.get(RESIDENTS, [])]).values()) or ["Jan Przykładowy"]
    streets = city().toml("demo_reports.toml").get("genitive_streets") or ["Długiej", "Krótkiej"]
    hours = iter(WAITING_HOURS)
    told = []
    for entry in entries:
        for index in range(entry["times"]):
            waits = index < entry["waiting"]
            days = DAYS_OF_STEP.get(entry.get("step", ""), LONG_AGO)
            back = timedelta(hours=next(hours, 90)) if waits else timedelta(days=dice.uniform(*days))
            name = "" if entry.get("anonymous") else dice.choice(names)
            local = f"mieszkaniec{dice.randrange(1000)}" if not name else _local(name)
            told.append(Told(entry, now - back, waits, name, f"{local}@demo.invalid", dice.choice(streets)))
    return told


def _local(name: str) -> str:
    from miasto.kernel.core.polish import fold

    return ".".join(fold(name).split())[:40]


def _words(one: Told, text: str) -> str:
    return text.replace("{street}", one.street).replace("{name}", one.name or "mieszkańcy").strip()


def _import_cases(told: list[Told], dice: random.Random, now: datetime) -> None:
    """The letters that the law makes cases of, with their lives, through the engine's bulk import."""
    rows: dict[str, list[CaseRow]] = {}
    for one in told:
        key = one.entry["class"]
        kind = letter_class(key).case_type if key and key != "automatic" else ""
        if one.waits or not kind or kind == KEY:
            continue
        one.case_id = uuid7()
        subject = _words(one, one.entry["subject"])
        rows.setdefault(kind, []).append(
            CaseRow(
                id=one.case_id,
                category="",
                filed_at=one.received_at,
                description=f"{subject}\n\n{_words(one, one.entry['body'])}",
                answers={"address": f"ul. {one.street} {dice.randrange(1, 60)}"} if one.name else {},
                name=one.name,
                email=one.email,
                channel="email",
                steps=_life(one, kind, dice, now),
            )
        )
    for kind, found in rows.items():
        import_cases(case_type=kind, rows=found, by=SYSTEM)


def _life(one: Told, kind: str, dice: random.Random, now: datetime) -> list[StepRow]:
    try:
        unit = unit_for(cases.case_type(kind).competence)
    except LookupError:
        return []
    clerks = [person.pk for person in people_in([unit.pk], "cases.handle")]
    clerk = dice.choice(clerks) if clerks else None
    started = office_time(dice, one.received_at + timedelta(hours=dice.uniform(4, 40)))
    steps = [StepRow(at=started, kind="transition", transition="start", person_id=clerk)]
    done = office_after(dice, started, one.received_at + timedelta(days=dice.uniform(3, 12)))
    key = one.entry.get("step", "answer")
    if key == "none":
        return []
    if one.entry["answer"].strip():
        words, by_filer = CommentRow(body=_words(one, one.entry["answer"]), audience="parties"), key == "withdraw"
        last = StepRow(
            at=done, kind="transition", transition=key, by_filer=by_filer, person_id=None if by_filer else clerk, comment=words
        )
        steps.append(last)
    return [step for step in steps if step.at < now]


def _reports(told: list[Told]) -> list[Any]:
    """Reports of the demo that came by e-mail: their letters are told too."""
    wanted = sum(one.entry["class"] == "report" for one in told)
    found = cases.visible_cases(SYSTEM).filter(case_type=KEY, channel="email").select_related("text", "category")
    return list(found.prefetch_related("parties").order_by("-filed_at")[:wanted])


def _write(one: Told, dice: random.Random, operator: UUID | None, now: datetime, reported: list[Any]) -> None:
    key = one.entry["class"]
    body, subject = _words(one, one.entry["body"]), _words(one, one.entry["subject"])
    case = reported.pop() if key == "report" and reported else None
    if key == "report":
        if case is None:
            return
        party = next(iter(case.parties.all()), None)
        one.received_at, one.case_id = case.filed_at, case.pk
        one.name, one.email = (party.name, party.email) if party else ("", "")
        body, subject = case.text.description, case.category.name if case.category else ""
    signature = dice.choice(SIGNATURES).replace("{name}", one.name) if one.name else ""
    whole = f"{body}\n\n{signature}".strip()
    letter = _letter(one, key, subject, body, operator, now)
    text = LetterText(
        letter=letter, sender_name=one.name, sender_email=one.email, subject=subject, whole=whole,
        body=quoting.unsigned(whole), headers={"From": f"{one.name} <{one.email}>".strip(), "Subject": subject},
    )  # fmt: skip
    text.search = reading.search_of(text)
    text.save()
    answer = _words(one, one.entry.get("answer", ""))
    if letter.state == State.SORTED and letter.case_id is None and answer:
        Reply.objects.create(letter=letter, at=letter.decided_at, by_id=operator, kind=key, body=answer)


def _letter(one: Told, key: str, subject: str, body: str, operator: UUID | None, now: datetime) -> Letter:
    state = State.WAITING if one.waits else State.AUTOMATIC if key == "automatic" else State.SORTED
    sorted_at = min(one.received_at + timedelta(hours=2), now)
    number = next_number(PREFIX, clock.local(one.received_at).year)
    return Letter.objects.create(
        number=number,
        identity=hashlib.sha256(f"demo-{number}".encode()).hexdigest(),
        message_id=f"<{number.lower()}@demo.invalid>",
        source=Source.LMTP,
        state=state,
        received_at=one.received_at,
        letter_class=key if state == State.SORTED else "",
        suggested=suggesting.suggest(subject, body) if state == State.WAITING else "",
        automatic="auto-reply" if state == State.AUTOMATIC else "",
        case_id=one.case_id,
        acknowledged_at=None if state == State.AUTOMATIC else one.received_at,
        decided_at=sorted_at if state == State.SORTED else None,
        decided_by_id=operator if state == State.SORTED else None,
    )
