"""Made-up live meetings: what the profile's ``demo_live.toml`` says, lived through by the services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM, unit_for
from miasto.kernel.core import changes, clock
from miasto.kernel.core.city import city
from miasto.modules.idea.live import selectors, services
from miasto.modules.idea.live.models import LiveMeeting, LiveParticipant, LiveQuestion

NAMES = (
    "kind", "title", "note", "options", "translations", "secret", "changeable", "majority", "base", "most", "second_round",
)  # fmt: skip


def load(*, seed: int) -> None:
    """Each meeting of the profile; the answers are those of the profile, who gave a secret one nobody knows."""
    for row in city().toml("demo_live.toml").get("meetings", []):
        begins = clock.now() + timedelta(minutes=row["minutes"])
        with clock.at(begins), changes.together():
            meeting = _meeting(row, begins)
            people = _come(meeting, row)
            for one in row["questions"]:
                _ask(meeting, one, people)
        if row.get("published"):
            with clock.at(begins + timedelta(hours=2)):
                services.end_meeting(meeting=meeting, by=SYSTEM)
                services.publish_results(meeting=meeting, by=SYSTEM)


def _meeting(row: dict[str, Any], begins: Any) -> LiveMeeting:
    given = services.MeetingRow(
        title=row["title"],
        about=row["about"],
        starts_at=begins,
        unit_id=unit_for(row["competence"]).pk,
        languages=row.get("languages", []),
        admission=row["admission"],
        quorum=row["quorum"],
    )
    made = services.create_meeting(row=given, by=SYSTEM, code=row["code"])
    return services.start_meeting(meeting=made, by=SYSTEM)


def _come(meeting: LiveMeeting, row: dict[str, Any]) -> list[LiveParticipant]:
    if "people" not in row:
        return [services.join_as_guest(meeting=meeting, remote=False) for _one in range(row["guests"])]
    made = services.list_people(meeting=meeting, names=row["people"], by=SYSTEM)
    far = set(row.get("remote", []))
    return [
        services.join_by_secret(meeting=meeting, secret=secret, remote=place in far)
        for place, (_name, secret) in enumerate(made)
    ]


def _ask(meeting: LiveMeeting, one: dict[str, Any], people: list[LiveParticipant]) -> None:
    row = services.QuestionRow(**{name: one[name] for name in NAMES if name in one})
    question = services.add_question(meeting=meeting, row=row, by=SYSTEM)
    if one.get("planned"):
        return
    _vote(question, people, _answers(one, row))
    if one.get("open"):
        return
    closed = services.close_question(question=question, by=SYSTEM)
    _after(closed, one, people)


def _vote(question: LiveQuestion, people: list[LiveParticipant], answers: Iterable[list[Any] | None]) -> None:
    services.open_question(question=question, by=SYSTEM)
    for person, answer in zip(people, answers, strict=False):
        if answer is not None:
            services.cast(question=question, participant=person, answer=answer)


def _answers(one: dict[str, Any], row: services.QuestionRow) -> Iterator[list[Any] | None]:
    """The answers of one question, a list for each person; None for who did not vote."""
    if isinstance(one.get("votes"), str):
        yield from ([int(sign)] if sign.isdecimal() else None for sign in one["votes"])
    elif "texts" in one:
        yield from ([text] for text in one["texts"])
    else:
        given = one.get("words") or dict(enumerate(one["votes"]))
        flat = [value for value, count in given.items() for _time in range(count)]
        people = -(-len(flat) // row.most)
        yield from (flat[place::people] for place in range(people))


def _after(question: LiveQuestion, one: dict[str, Any], people: list[LiveParticipant]) -> None:
    if "second" in one:
        second = question.following
        _vote(second, people, _answers({"votes": one["second"]}, services.QuestionRow(kind="one", title="")))
        services.close_question(question=second, by=SYSTEM)
    if "hidden" in one:
        services.moderate_words(question=question, hidden=one["hidden"], merged={}, by=SYSTEM)
    if "texts" in one:
        shown = {pk for pk, _text, _shown in selectors.answers(question)}
        services.admit_answers(question=question, shown=shown, by=SYSTEM)
    if one.get("shown"):
        services.show_results(question=question, shown=True, by=SYSTEM)
