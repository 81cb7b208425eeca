"""One vote of one person on one question, once, however often it is sent and whatever closes meanwhile."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer, require
from miasto.kernel.core import changes, clock, events
from miasto.kernel.participation.services import Refused
from miasto.modules.idea.live.events import LiveVoteCast
from miasto.modules.idea.live.models import (
    MANAGE,
    Admission,
    Kind,
    LiveMeeting,
    LiveParticipant,
    LiveQuestion,
    LiveRollCall,
    Role,
    State,
)

WORDS_MOST, WORD_LENGTH, TEXT_LENGTH = 5, 30, 1000
SAVED, AGAIN, CHANGED = "saved", "again", "changed"

# One statement is one transaction and one journey to the database: the vote is spent and the ballot laid down together or
# not at all. FOR SHARE holds the close back until then; a close that was faster leaves "box" empty.
_LAY_DOWN = """
WITH box AS (
    SELECT question.id FROM idea_livequestion AS question
    JOIN idea_liveparticipant AS participant ON participant.meeting_id = question.meeting_id
    WHERE question.id = %(question)s AND question.state = 'open' AND question.secret
      AND (question.closes_at IS NULL OR question.closes_at > %(now)s)
      AND participant.id = %(participant)s AND participant.removed_at IS NULL
    FOR SHARE OF question
), spent AS (
    INSERT INTO idea_livespent (id, question_id, participant_id) SELECT %(spent)s, box.id, %(participant)s FROM box
    ON CONFLICT (question_id, participant_id) DO NOTHING RETURNING 1
), ballot AS (
    INSERT INTO idea_liveballot (id, question_id, answer, shown)
    SELECT %(ballot)s, box.id, %(answer)s::jsonb, false FROM box WHERE EXISTS (SELECT 1 FROM spent)
)
SELECT (SELECT count(*) FROM box), (SELECT count(*) FROM spent)"""


@dataclass(frozen=True)
class Cast:
    """What became of a vote: ``saved``, ``again`` (sent before, the first counts) or ``changed``."""

    state: str


def role_for(meeting: LiveMeeting, question: LiveQuestion) -> str:
    """As whom one votes on a question."""
    if question.secret and meeting.cards:
        return Role.CARD
    return {Admission.OPEN: Role.GUEST, Admission.ACCOUNTS: Role.ACCOUNT, Admission.LISTED: Role.LISTED}[
        Admission(meeting.admission)
    ]


@sensitive_variables()
def cast(*, question: LiveQuestion, participant: LiveParticipant, answer: Any, by: Viewer = ANONYMOUS) -> Cast:
    """Vote. ``answer`` is a list of option numbers, of words, or of one text; ``question`` comes with its meeting.

    Raises ``Refused``: ``closed`` (also where it closed meanwhile), ``not_yours``, or ``wrong`` for an answer that the
    question does not offer. A second sending is ``again``, never an error and never a second vote.
    """
    if participant.meeting_id != question.meeting_id or participant.role != role_for(question.meeting, question):
        raise Refused(_("W tym głosowaniu głosuje się inaczej. Przeczytaj, co jest potrzebne."), code="not_yours")
    clean = checked(question, answer)
    if question.secret:
        return _cast_secret(question, participant, clean)
    return _cast_by_name(question, participant, clean, by, by_hand=False)


@sensitive_variables()
def checked(question: LiveQuestion, answer: Any) -> list[Any]:
    """The answer as it is stored; raises ``Refused``."""
    given = list(answer) if isinstance(answer, list | tuple) else []
    if question.kind == Kind.WORDS:
        words = dict.fromkeys(" ".join(str(one).split())[:WORD_LENGTH] for one in given)
        clean: list[Any] = [one for one in words if one][: question.most]
    elif question.kind == Kind.OPEN:
        clean = [one for one in (str(text).replace("\r\n", "\n").strip()[:TEXT_LENGTH] for text in given[:1]) if one]
    else:
        clean = sorted({one for one in given if isinstance(one, int) and 0 <= one < len(question.options)})
        most = question.most if question.kind == Kind.SEVERAL else 1
        if len(clean) > most:
            raise Refused(_("Zaznacz najwyżej tyle odpowiedzi, ile wolno: %(n)d.") % {"n": most}, code="wrong")
    if not clean:
        raise Refused(_("Wybierz albo wpisz odpowiedź."), code="wrong")
    return clean


def _closed() -> Refused:
    return Refused(_("To głosowanie jest już zamknięte. Ten głos nie został policzony."), code="closed")


@sensitive_variables()
def _cast_secret(question: LiveQuestion, participant: LiveParticipant, answer: list[Any]) -> Cast:
    values = {
        "question": question.pk,
        "participant": participant.pk,
        "now": clock.now(),
        "spent": uuid.uuid4(),
        "ballot": uuid.uuid4(),
        "answer": json.dumps(answer, ensure_ascii=False),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LAY_DOWN, values)
        box, spent = cursor.fetchone()
    if not box:
        raise _closed()
    return Cast(SAVED if spent else AGAIN)


@transaction.atomic
def cast_by_hand(*, question: LiveQuestion, participant: LiveParticipant, answer: Any, by: Viewer) -> Cast:
    """The office writes down what somebody on the list said aloud in a roll-call; the table says so."""
    require(by, MANAGE, question.meeting)
    if question.secret or participant.role != Role.LISTED or participant.meeting_id != question.meeting_id:
        raise Refused(_("Głos można zapisać za kogoś tylko w głosowaniu imiennym."), code="not_yours")
    return _cast_by_name(question, participant, checked(question, answer), by, by_hand=True)


@transaction.atomic
def _cast_by_name(
    question: LiveQuestion, participant: LiveParticipant, answer: list[Any], by: Viewer, *, by_hand: bool
) -> Cast:
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, closes_at FROM idea_livequestion WHERE id = %s FOR SHARE", [question.pk])
        state, closes_at = cursor.fetchone()
    if state != State.OPEN or (closes_at is not None and closes_at <= clock.now() and not by_hand):
        raise _closed()
    # two sendings at once wait for each other here
    LiveParticipant.objects.select_for_update().get(pk=participant.pk)
    known = LiveRollCall.objects.filter(question=question, participant=participant).first()
    if known is not None and (known.answer == answer or not (question.changeable or by_hand)):
        return Cast(AGAIN)
    values = {"answer": answer, "at": clock.now(), "by_hand": by_hand}
    LiveRollCall.objects.update_or_create(question=question, participant=participant, defaults=values)
    changes.record(
        action="idea.live_voted",
        kind="idea.live_vote",
        object_id=question.pk,
        actor=by.actor,
        unit_id=question.meeting.unit_id,
        data={"participant": str(participant.pk), "by_hand": by_hand},
    )
    events.publish(LiveVoteCast(question_id=question.pk, participant_id=participant.pk))
    return Cast(SAVED if known is None else CHANGED)
