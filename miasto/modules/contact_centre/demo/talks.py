"""Made-up conversations of the demo city: some wait, some are answered, some have become reports; and keys of programs."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM, people_in
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.messages.models import Conversation, Message
from miasto.modules.contact_centre.messages.services import PERMISSION
from miasto.modules.contact_centre.messages.sources import Source, sources

FILED = 16
WITHOUT_REPORT = 26
THANKS = "Dziękujemy. Przyjęliśmy zgłoszenie {number}."


def load(*, seed: int) -> None:
    """Some forty conversations of the last weeks; the same for the same seed."""
    rng, table, known = random.Random(f"{seed}-messages"), city().toml("messages.toml").get("demo", {}), sources()
    for name, rights in table.get("programs", {}).items():
        issue_key(name=name, rights=rights, by=SYSTEM)  # nobody has their values: they fill the list of keys
    if not (known and table.get("talks")):
        return
    author = people_in(None, PERMISSION).values_list("pk", flat=True).first()
    reports = cases.visible_cases(SYSTEM).filter(channel="social").select_related("text").order_by("-filed_at")[:FILED]
    for case in reports:
        _filed(case, known[0], rng, table, author)
    places = list(cases.visible_cases(SYSTEM).exclude(address_text="").order_by("-filed_at")[:200])
    for number in range(WITHOUT_REPORT):
        talk = table["talks"][number % len(table["talks"])]
        start = clock.now() - timedelta(minutes=rng.randint(20, 60 * (6 if number < 9 else 24 * 20)))
        street = rng.choice(places).address_text.split(",")[0] if places else "rogu"
        source = known[0] if talk.get("public") else known[number % len(known)]
        _talk(talk, start, street, source, rng, table, author, number)


def _filed(case: Any, source: Source, rng: random.Random, table: dict[str, Any], author: Any) -> None:
    """The conversation of which a report came."""
    at = case.filed_at - timedelta(minutes=rng.randint(4, 90))
    row = _conversation(source, f"demo-{case.number}", rng.choice(table["names"]), at, public=False)
    row.case_id = case.pk
    _message(row, "r", case.text.description, at, author, "received", added=True)
    _message(row, "c", THANKS.format(number=case.number), case.filed_at, author, "read")
    row.state = Conversation.State.CLOSED if case.closed_at else Conversation.State.ANSWERED
    row.save()


def _talk(
    talk: dict[str, Any], start: datetime, place: str, source: Source, rng: random.Random, table: dict[str, Any], author: Any,
    number: int,
) -> None:  # fmt: skip
    row = _conversation(source, f"demo-{number}", rng.choice(table["names"]), start, public=bool(talk.get("public")))
    moment = start
    for line in talk["lines"]:
        who, _colon, text = line.partition(":")
        _message(row, who, text.replace("{place}", place), moment, author, "read")
        moment = min(moment + timedelta(minutes=rng.randint(2, 25)), clock.now())
    waits = talk["lines"][-1].startswith("r:") and not talk.get("closed")
    row.state = Conversation.State.CLOSED if talk.get("closed") else Conversation.State.ANSWERED
    if waits and number < WITHOUT_REPORT // 2:
        row.state, row.waiting_since = Conversation.State.WAITING, row.last_at
    elif waits:
        _message(row, "c", "Dziękujemy, sprawdzamy i wrócimy z odpowiedzią.", moment, author, "delivered")
    row.save()


def _conversation(source: Source, external_id: str, name: str, at: datetime, *, public: bool) -> Conversation:
    kind = Conversation.Kind.PUBLIC if public else Conversation.Kind.PRIVATE
    return Conversation.objects.create(
        source=source.slug, kind=kind, external_id=external_id, person_name=name, last_at=at, state="answered", created_at=at
    )


def _message(row: Conversation, who: str, text: str, at: datetime, author: Any, state: str, *, added: bool = False) -> Message:
    row.last_at, row.last_text = at, text[:200]
    return Message.objects.create(
        conversation=row,
        incoming=who == "r",
        external_id=f"{row.external_id}-{at.timestamp()}-{who}",
        text=text,
        at=at,
        author_id=None if who == "r" else author,
        state="received" if who == "r" else state,
        added_to_case=added,
    )
