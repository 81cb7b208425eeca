"""What the presenter does: begins and ends the meeting, opens and closes votes, shows results, publishes them."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.core import clock, events
from miasto.kernel.participation import services as participation
from miasto.kernel.participation.services import refuse_if
from miasto.modules.idea.live import rules
from miasto.modules.idea.live.casting import role_for
from miasto.modules.idea.live.events import LiveQuestionClosed, LiveQuestionOpened, LiveResultsPublished
from miasto.modules.idea.live.models import (
    WRITTEN,
    Admission,
    Kind,
    LiveBallot,
    LiveMeeting,
    LiveParticipant,
    LiveQuestion,
    LiveRollCall,
    LiveSpent,
    Majority,
    Role,
    SecondRound,
    State,
)
from miasto.modules.idea.live.preparing import number_anew
from miasto.modules.idea.live.writing import lock_meeting, lock_question, record

HERE = timedelta(minutes=10)  # who was seen so long ago has left


@transaction.atomic
def start_meeting(*, meeting: LiveMeeting, by: Viewer) -> LiveMeeting:
    """Begin: questions may be opened from now on."""
    locked = lock_meeting(meeting.pk, by)
    if locked.started_at is None:
        locked.started_at = clock.now()
        locked.save(update_fields=["started_at"])
        record("started", locked, by)
    return locked


@transaction.atomic
def end_meeting(*, meeting: LiveMeeting, by: Viewer) -> LiveMeeting:
    """End it; refused while a vote is open."""
    locked = lock_meeting(meeting.pk, by)
    refuse_if(locked.started_at is None, _("Spotkanie jeszcze się nie zaczęło."))
    refuse_if(locked.questions.filter(state=State.OPEN).exists(), _("Najpierw zamknij głosowanie, które trwa."))
    if locked.ended_at is None:
        locked.ended_at = clock.now()
        locked.save(update_fields=["ended_at"])
        record("ended", locked, by)
    return locked


def present(meeting: LiveMeeting, role: str, question: LiveQuestion | None = None) -> set[UUID]:
    """Who of a role is here: seen in the last ten minutes, or voted on the question."""
    found = LiveParticipant.objects.filter(meeting=meeting, role=role, removed_at=None)
    here = set(found.filter(seen_at__gt=clock.now() - HERE).values_list("pk", flat=True))
    if question is not None:
        votes = LiveSpent if question.secret else LiveRollCall
        here |= set(votes.objects.filter(question=question).values_list("participant_id", flat=True))
    return here


def entitled(meeting: LiveMeeting, role: str) -> int:
    """How many have the right to vote: the number that the meeting says, else those on the list, cards, or who joined."""
    if meeting.entitled is not None:
        return meeting.entitled
    return LiveParticipant.objects.filter(meeting=meeting, role=role, removed_at=None).count()


def quorum_of(meeting: LiveMeeting, people: int) -> int:
    """How many must be present; 0 without a quorum."""
    return rules.quorum_needed(
        kind=meeting.quorum,
        number=meeting.quorum_number,
        parts=meeting.quorum_parts,
        of=meeting.quorum_of,
        entitled=people,
    )


@transaction.atomic
def open_question(*, question: LiveQuestion, by: Viewer) -> LiveQuestion:
    """Let people vote; the attendance is counted. One question at a time."""
    from miasto.modules.idea.live import jobs

    locked = lock_question(question.pk, by)
    meeting = locked.meeting
    if locked.state == State.OPEN:
        return locked
    refuse_if(not meeting.running, _("Najpierw rozpocznij spotkanie."))
    refuse_if(locked.state == State.CLOSED, _("To głosowanie już się odbyło."))
    refuse_if(meeting.questions.filter(state=State.OPEN).exists(), _("Najpierw zamknij głosowanie, które trwa."))
    role = role_for(meeting, locked)
    refuse_if(
        not locked.secret and meeting.admission == Admission.OPEN,
        _("Głosowanie imienne wymaga listy osób albo logowania na konto. Zmień zasady spotkania."),
    )
    refuse_if(
        role == Role.CARD and not entitled(meeting, role),
        _("Nie ma jeszcze kart do głosowania tajnego. Najpierw je wydrukuj."),
    )
    now = clock.now()
    locked.state, locked.opened_at = State.OPEN, now
    locked.closes_at = now + timedelta(seconds=locked.limit_s) if locked.limit_s else None
    locked.present_open, locked.entitled = len(present(meeting, role)), entitled(meeting, role)
    meeting.questions.exclude(shown_at=None).update(shown_at=None)
    locked.save()
    if locked.closes_at is not None:
        jobs.close_due.defer(at=locked.closes_at, question_id=str(locked.pk))
    record("opened", meeting, by, question=locked.pk, present=locked.present_open)
    events.publish(LiveQuestionOpened(question_id=locked.pk))
    return locked


@transaction.atomic
def close_question(*, question: LiveQuestion, by: Viewer) -> LiveQuestion:
    """Take no more votes, count, decide. The row's lock waits for every vote on its way; a later one finds it closed.

    The ballots of a secret vote are written anew in a random order, so that neither their place in the table nor the number
    of the transaction that wrote them can be compared with the list of who voted.
    """
    locked = lock_question(question.pk, by)
    if locked.state == State.CLOSED:
        return locked
    refuse_if(locked.state != State.OPEN, _("To głosowanie nie jest otwarte."))
    meeting = locked.meeting
    role = role_for(meeting, locked)
    locked.present_close = len(present(meeting, role, locked))
    locked.entitled = max(entitled(meeting, role), locked.present_close if meeting.entitled is None else 0)
    locked.state, locked.closed_at = State.CLOSED, clock.now()
    answers = _shuffled(locked) if locked.secret else _by_name(locked)
    locked.result = outcome(locked, answers)
    locked.save()
    record("closed", meeting, by, question=locked.pk, cast=len(answers), verdict=locked.result["verdict"])
    events.publish(LiveQuestionClosed(question_id=locked.pk))
    if locked.second_round == SecondRound.AUTO and locked.result["again"]:
        _add_second_round(locked, by)
    return locked


def _shuffled(question: LiveQuestion) -> list[list[Any]]:
    answers = list(LiveBallot.objects.filter(question=question).values_list("answer", flat=True))
    LiveBallot.objects.filter(question=question).delete()
    rows = [LiveBallot(id=uuid.uuid4(), question=question, answer=one) for one in answers]
    rows.sort(key=lambda one: one.id.bytes)
    LiveBallot.objects.bulk_create(rows, batch_size=1000)
    return answers


def _by_name(question: LiveQuestion) -> list[list[Any]]:
    return list(LiveRollCall.objects.filter(question=question).values_list("answer", flat=True))


def outcome(question: LiveQuestion, answers: list[list[Any]]) -> dict[str, Any]:
    """The tally and what it decided, as ``LiveQuestion.result``: ``votes`` by option, ``cast``, ``quorum`` and the decision.

    ``quorum`` is ``{"needed", "open", "close"}``: the least number of people and whether they were there each time.
    """
    meeting = question.meeting
    counted = Counter(choice for one in answers for choice in one) if question.kind not in WRITTEN else Counter()
    votes = [counted[place] for place in range(len(question.options))]
    least = quorum_of(meeting, question.entitled)
    quorum = {"needed": least, "open": question.present_open >= least, "close": question.present_close >= least}
    decision = rules.decide(
        rules.Rule(
            kind=question.kind,
            majority=question.majority,
            base=question.base,
            parts=question.parts,
            of=question.of,
            seats=question.seats,
        ),
        rules.Numbers(votes=votes, cast=len(answers), present=question.present_close, entitled=question.entitled),
        quorum=quorum["open"] and quorum["close"],
    )
    return {"votes": votes, "cast": len(answers), "quorum": quorum, **decision.as_dict()}


def close_due(*, question_id: UUID) -> bool:
    """For the job at the end of a time limit: close a question whose time is over. False where nothing was to do."""
    with transaction.atomic():
        found = LiveQuestion.objects.filter(pk=question_id, state=State.OPEN, closes_at__lte=clock.now()).first()
        if found is None:
            return False
        close_question(question=found, by=SYSTEM)
        return True


@transaction.atomic
def show_results(*, question: LiveQuestion, shown: bool, by: Viewer) -> LiveQuestion:
    """Put the result of a closed vote on the screen and the phones, or take it off."""
    locked = lock_question(question.pk, by)
    refuse_if(locked.state != State.CLOSED, _("Wynik można pokazać dopiero po zamknięciu głosowania."))
    if shown:
        locked.meeting.questions.exclude(shown_at=None).update(shown_at=None)
    locked.shown_at = clock.now() if shown else None
    locked.save(update_fields=["shown_at"])
    record("shown" if shown else "hidden", locked.meeting, by, question=locked.pk)
    return locked


@transaction.atomic
def prepare_second_round(*, question: LiveQuestion, by: Viewer) -> LiveQuestion:
    """A question with the two best (all who share the second place) right after this one; asked twice it is the same."""
    locked = lock_question(question.pk, by)
    known = LiveQuestion.objects.filter(previous=locked).first()
    if known is not None:
        return known
    refuse_if(not locked.meeting.running, _("Spotkanie nie trwa."))
    refuse_if(not locked.result.get("again"), _("W tym głosowaniu druga tura nie jest potrzebna."))
    return _add_second_round(locked, by)


def _add_second_round(question: LiveQuestion, by: Viewer) -> LiveQuestion:
    names = [question.options[one] for one in question.result["again"]]
    made = LiveQuestion.objects.create(
        meeting=question.meeting,
        position=question.position,
        kind=Kind.ONE,
        title=question.title,
        note=question.note,
        options=names,
        translations=_of_two(question),
        secret=question.secret,
        changeable=question.changeable,
        majority=Majority.SIMPLE,
        round=question.round + 1,
        previous=question,
        limit_s=question.limit_s,
    )
    order = [one for one in question.meeting.questions.values_list("pk", flat=True) if one != made.pk]
    order.insert(order.index(question.pk) + 1, made.pk)
    number_anew(question.meeting, order)
    record("second_round", question.meeting, by, question=made.pk)
    return made


def _of_two(question: LiveQuestion) -> dict[str, Any]:
    """The translations with the answers that go on."""
    told = {language: question.said(language) for language in question.translations}
    return {
        language: {"title": title, "options": [options[one] for one in question.result["again"]]}
        for language, (title, options) in told.items()
    }


@transaction.atomic
def moderate_words(*, question: LiveQuestion, hidden: list[str], merged: dict[str, str], by: Viewer) -> LiveQuestion:
    """Leave words out of the cloud, and count some together with another (``{"parki": "park"}``); the ballots stay."""
    locked = lock_question(question.pk, by)
    refuse_if(locked.kind != Kind.WORDS or locked.state != State.CLOSED, _("Słowa można porządkować po zamknięciu głosowania."))
    locked.hidden_words = sorted({one.casefold() for one in hidden})
    locked.merged_words = {one.casefold(): to.casefold() for one, to in merged.items() if one.casefold() != to.casefold()}
    locked.save(update_fields=["hidden_words", "merged_words"])
    record("moderated", locked.meeting, by, question=locked.pk, hidden=len(locked.hidden_words))
    return locked


@transaction.atomic
def admit_answers(*, question: LiveQuestion, shown: set[UUID], by: Viewer) -> LiveQuestion:
    """Which answers in own words everybody may read; the others stay with the office."""
    locked = lock_question(question.pk, by)
    refuse_if(
        locked.kind != Kind.OPEN or locked.state != State.CLOSED, _("Odpowiedzi można dopuścić po zamknięciu głosowania.")
    )
    rows = (LiveBallot if locked.secret else LiveRollCall).objects.filter(question=locked)
    rows.update(shown=False)
    count = rows.filter(pk__in=shown).update(shown=True)
    record("moderated", locked.meeting, by, question=locked.pk, shown=count)
    return locked


@transaction.atomic
def publish_results(*, meeting: LiveMeeting, by: Viewer) -> LiveMeeting:
    """Make the results of an ended meeting public; they join the minutes of the process's meeting where it is tied to one."""
    from miasto.modules.idea.live.minutes import minutes_with_results

    locked = lock_meeting(meeting.pk, by)
    refuse_if(locked.ended_at is None, _("Wyniki można opublikować po zakończeniu spotkania."))
    tied = locked.process_meeting
    if tied is not None:
        participation.publish_minutes(meeting=tied, minutes=minutes_with_results(locked, tied.minutes), by=by)
    locked.published_at = locked.published_at or clock.now()
    locked.save(update_fields=["published_at"])
    record("published", locked, by)
    events.publish(LiveResultsPublished(meeting_id=locked.pk))
    return locked
