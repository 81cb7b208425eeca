"""What pages of live votes ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from miasto.kernel.core import clock
from miasto.kernel.ui.kept import kept
from miasto.modules.idea.live import chairing, wording
from miasto.modules.idea.live.casting import role_for
from miasto.modules.idea.live.models import (
    Kind,
    LiveBallot,
    LiveMeeting,
    LiveParticipant,
    LiveQuestion,
    LiveRollCall,
    LiveSpent,
    State,
)

SIZES = 6
CLOUD_MOST = 60


@dataclass(frozen=True)
class Stage:
    """A meeting with its agenda as everybody sees it now. Shared by readers: nobody changes it."""

    meeting: LiveMeeting
    questions: list[LiveQuestion]

    @property
    def open(self) -> LiveQuestion | None:
        """The question that people vote on; one whose time is over is open no more."""
        found = next((one for one in self.questions if one.state == State.OPEN), None)
        return None if found is None or time_is_over(found) else found

    @property
    def counting(self) -> LiveQuestion | None:
        """The question whose time is over and which is about to be closed."""
        return next((one for one in self.questions if one.state == State.OPEN and time_is_over(one)), None)

    @property
    def shown(self) -> LiveQuestion | None:
        """The question whose result is on the screen."""
        return next((one for one in self.questions if one.shown_at is not None), None)


def time_is_over(question: LiveQuestion) -> bool:
    """Whether its time limit has passed."""
    return question.closes_at is not None and question.closes_at <= clock.now()


def stage(code: str) -> Stage | None:
    """The meeting of a code with its agenda; 3 queries, none while nothing of it changes."""
    # codes that somebody guesses must not push what others read out of the shelf
    known = kept("idea.live", "codes", lambda: frozenset(LiveMeeting.objects.values_list("code", flat=True)))
    return kept("idea.live", code, lambda: _stage(code)) if code in known else None


def _stage(code: str) -> Stage | None:
    meeting = LiveMeeting.objects.filter(code=code).first()
    if meeting is None:
        return None
    questions = list(meeting.questions.all())
    for one in questions:
        one.meeting = meeting
    return Stage(meeting, questions)


def managed(meeting_id: UUID, viewer: Any) -> LiveMeeting | None:
    """A meeting for who leads it."""
    return LiveMeeting.objects.managed_by(viewer).filter(pk=meeting_id).select_related("unit", "process_meeting").first()


def managed_meetings(viewer: Any) -> QuerySet[LiveMeeting]:
    """The meetings that a viewer leads, newest first, with the number of their questions."""
    return LiveMeeting.objects.managed_by(viewer).annotate(asked=Count("questions")).order_by("-starts_at", "-id")


def published_meetings() -> QuerySet[LiveMeeting]:
    """Meetings whose results are public, newest first."""
    return LiveMeeting.objects.filter(published_at__isnull=False).order_by("-starts_at", "-id")


def participants(meeting: LiveMeeting, ids: Iterable[UUID]) -> list[LiveParticipant]:
    """Those of a meeting with these identifiers who were not removed; 1 query."""
    return list(LiveParticipant.objects.filter(meeting=meeting, pk__in=list(ids), removed_at=None))


def voter(meeting: LiveMeeting, question: LiveQuestion, mine: Iterable[LiveParticipant]) -> LiveParticipant | None:
    """As whom, of those that this browser is, one votes on a question."""
    role = role_for(meeting, question)
    return next((one for one in mine if one.role == role), None)


def voted(question: LiveQuestion, participant: LiveParticipant) -> tuple[bool, list[Any] | None]:
    """Whether somebody has voted, and what, where it was by name; 1 query."""
    if question.secret:
        return LiveSpent.objects.filter(question=question, participant=participant).exists(), None
    row = LiveRollCall.objects.filter(question=question, participant=participant).first()
    return row is not None, row.answer if row else None


def cast_count(question: LiveQuestion) -> int:
    """How many have voted so far; 1 query. What they voted nobody may ask before the close."""
    rows = LiveSpent if question.secret else LiveRollCall
    return rows.objects.filter(question=question).count()


@dataclass(frozen=True)
class Presence:
    """Who is here of those who may vote: people in the room and far away, those entitled, the least number for a quorum."""

    room: int
    remote: int
    entitled: int
    needed: int

    @property
    def here(self) -> int:
        return self.room + self.remote

    @property
    def quorum(self) -> bool:
        return self.here >= self.needed


def presence(meeting: LiveMeeting, role: str, question: LiveQuestion | None = None) -> Presence:
    """The attendance of a role, with those who voted on the question; 4 queries at most."""
    rows = LiveParticipant.objects.filter(pk__in=chairing.present(meeting, role, question))
    counted = dict(rows.order_by().values_list("remote").annotate(n=Count("pk")))
    people = chairing.entitled(meeting, role)
    return Presence(counted.get(False, 0), counted.get(True, 0), people, chairing.quorum_of(meeting, people))


def people(meeting: LiveMeeting) -> QuerySet[LiveParticipant]:
    """The list of people of a meeting in the office's order; those who came by account after them."""
    return (
        meeting.participants.filter(removed_at=None)
        .exclude(name="", person=None)
        .select_related("person")
        .order_by("place", "joined_at")
    )


def is_here(participant: LiveParticipant) -> bool:
    """Whether somebody was seen in the last ten minutes."""
    return participant.seen_at is not None and participant.seen_at > clock.now() - chairing.HERE


def voters(question: LiveQuestion) -> set[UUID]:
    """Who has voted by name so far; 1 query."""
    return set(LiveRollCall.objects.filter(question=question).values_list("participant_id", flat=True))


@dataclass(frozen=True)
class Bar:
    """One answer in a result: ``share`` in per cent of those who voted, rounded; ``won`` where it was chosen."""

    label: str
    votes: int
    share: int
    won: bool


@dataclass(frozen=True)
class Word:
    """A word of a cloud, ``size`` from 1 to 6."""

    text: str
    votes: int
    size: int


@dataclass(frozen=True)
class Named:
    """A line of a roll-call."""

    name: str
    answer: str
    by_hand: bool


@dataclass(frozen=True)
class Result:
    """A closed question as it is shown."""

    question: LiveQuestion
    title: str
    verdict: str
    numbers: list[str]
    rule: str
    bars: list[Bar] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    names: list[Named] = field(default_factory=list)
    mean: float | None = None


def result(question: LiveQuestion, language: str = "pl", *, names: bool = True) -> Result:
    """What a closed question says; no query for choices, 1 for words and texts, 1 more for a roll-call."""
    chosen = wording.labels(question, language)
    told = question.result
    winners = told.get("winners", [])
    bars = [
        Bar(label, votes, round(100 * votes / told["cast"]) if told["cast"] else 0, place in winners)
        for place, (label, votes) in enumerate(zip(chosen, told["votes"], strict=True))
    ]
    return Result(
        question=question,
        title=question.said(language)[0],
        verdict=wording.verdict(question, language),
        numbers=wording.numbers(question),
        rule=wording.rule(question),
        bars=bars,
        words=cloud(question) if question.kind == Kind.WORDS else [],
        texts=admitted(question) if question.kind == Kind.OPEN else [],
        names=roll_call(question, chosen) if names and not question.secret else [],
        mean=_mean(told["votes"]) if question.kind == Kind.SCALE else None,
    )


def _mean(votes: list[int]) -> float | None:
    return sum(place * one for place, one in enumerate(votes, start=1)) / sum(votes) if sum(votes) else None


def _rows(question: LiveQuestion) -> QuerySet[Any]:
    return (LiveBallot if question.secret else LiveRollCall).objects.filter(question=question)


def spoken(question: LiveQuestion) -> Counter[str]:
    """How often each word was given, as typed but for the size of letters; hidden ones too. 1 query."""
    return Counter(word.casefold() for answer in _rows(question).values_list("answer", flat=True) for word in answer)


def cloud(question: LiveQuestion) -> list[Word]:
    """The words that everybody may see, alphabetically; those put together by the office counted as one."""
    counted: Counter[str] = Counter()
    hidden = set(question.hidden_words)
    for word, votes in spoken(question).items():
        shown = question.merged_words.get(word, word)
        if word not in hidden and shown not in hidden:
            counted[shown] += votes
    top = counted.most_common(CLOUD_MOST)
    most = top[0][1] if top else 1
    return sorted((Word(word, votes, max(1, round(SIZES * votes / most))) for word, votes in top), key=lambda one: one.text)


def admitted(question: LiveQuestion) -> list[str]:
    """The answers in own words that everybody may read."""
    return [answer[0] for answer in _rows(question).filter(shown=True).order_by("id").values_list("answer", flat=True)]


def answers(question: LiveQuestion) -> list[tuple[UUID, str, bool]]:
    """All answers in own words for the office: ``(identifier, text, shown)``."""
    rows = _rows(question).order_by("id").values_list("pk", "answer", "shown")
    return [(pk, answer[0], shown) for pk, answer, shown in rows]


def roll_call(question: LiveQuestion, chosen: list[str]) -> list[Named]:
    """Who voted how, by the order of the list; 1 query. The words of open answers are not repeated here."""
    rows = LiveRollCall.objects.filter(question=question).select_related("participant__person")
    ordered = sorted(rows, key=lambda row: (row.participant.place, name_of(row.participant)))
    return [
        Named(name_of(row.participant), ", ".join(chosen[one] for one in row.answer if isinstance(one, int)), row.by_hand)
        for row in ordered
    ]


def name_of(participant: LiveParticipant) -> str:
    """What a roll-call calls somebody."""
    return participant.name or (participant.person.name if participant.person else "")


def results(found: Stage, language: str = "pl") -> list[Result]:
    """All closed questions of a meeting in the order of the agenda."""
    return [result(one, language) for one in found.questions if one.state == State.CLOSED]
