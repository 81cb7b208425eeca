"""Before the vote: the meeting, its agenda, cards and the list of people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, require
from miasto.kernel.core import clock
from miasto.kernel.participation.services import refuse_if
from miasto.modules.idea.live import codes
from miasto.modules.idea.live.models import (
    DECIDING,
    MANAGE,
    WRITTEN,
    Admission,
    Kind,
    LiveMeeting,
    LiveParticipant,
    LiveQuestion,
    Majority,
    Role,
    SecondRound,
    State,
)
from miasto.modules.idea.live.writing import PEOPLE, lock_meeting, lock_question, record

FIXED = {Kind.YES_NO: ["za", "przeciw", "wstrzymuję się"], Kind.SCALE: ["1", "2", "3", "4", "5"]}
TRIES = 20
CARDS_MOST, PEOPLE_MOST, QUESTIONS_MOST, OPTIONS_MOST = 1000, 500, 100, 20
SHORTEST_LIMIT_S = 10


@dataclass(frozen=True, kw_only=True)
class MeetingRow:
    """What a meeting says of itself and its rules; fields as in ``LiveMeeting``."""

    title: str
    starts_at: datetime
    unit_id: UUID
    about: str = ""
    languages: list[str] = field(default_factory=list)
    admission: str = Admission.OPEN
    cards: bool = False
    entitled: int | None = None
    quorum: str = "none"
    quorum_number: int = 1
    quorum_parts: int = 1
    quorum_of: int = 2
    process_meeting_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class QuestionRow:
    """A question to be; fields as in ``LiveQuestion``, ``limit_s`` in seconds."""

    kind: str
    title: str
    note: str = ""
    options: list[str] = field(default_factory=list)
    translations: dict[str, Any] = field(default_factory=dict)
    secret: bool = True
    changeable: bool = False
    majority: str = Majority.NONE
    base: str = "cast"
    parts: int = 2
    of: int = 3
    seats: int = 1
    most: int = 1
    second_round: str = SecondRound.NO
    limit_s: int | None = None


@transaction.atomic
def create_meeting(*, row: MeetingRow, by: Viewer, code: str = "") -> LiveMeeting:
    """A meeting with a fresh code. ``code`` is given by the demo only."""
    made = LiveMeeting(code=code)
    _fill(made, row)
    require(by, MANAGE, made)
    for _turn in range(TRIES):
        made.code = code or codes.new_code(codes.MEETING)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            if code:
                raise
            continue
        record("created", made, by)
        return made
    raise RuntimeError("no free code of a meeting was found")


@transaction.atomic
def update_meeting(*, meeting: LiveMeeting, row: MeetingRow, by: Viewer) -> LiveMeeting:
    """Other words or rules; once a question was opened the rules stay."""
    locked = lock_meeting(meeting.pk, by)
    refuse_if(locked.ended_at is not None, _("Spotkanie już się skończyło, więc nie można go zmienić."))
    rules = ("admission", "cards", "entitled", "quorum", "quorum_number", "quorum_parts", "quorum_of")
    before = {name: getattr(locked, name) for name in rules}
    _fill(locked, row)
    require(by, MANAGE, locked)
    changed = any(getattr(locked, name) != value for name, value in before.items())
    voted = locked.questions.exclude(state=State.PLANNED).exists()
    refuse_if(changed and voted, _("Głosowania już były, więc zasad udziału i kworum nie można zmienić."))
    refuse_if(
        locked.admission == Admission.OPEN and locked.questions.filter(secret=False).exists(),
        _("W porządku obrad są głosowania imienne. Wymagają listy osób albo logowania na konto."),
    )
    locked.save()
    record("updated", locked, by)
    return locked


def _fill(meeting: LiveMeeting, row: MeetingRow) -> None:
    wrong: dict[str, Any] = {}
    if not row.title.strip():
        wrong["title"] = _("Wpisz nazwę spotkania.")
    if row.quorum == "share" and not 0 < row.quorum_parts <= row.quorum_of:
        wrong["quorum_parts"] = _("Ułamek kworum musi być większy od zera i nie większy od jedności.")
    if wrong:
        raise ValidationError(wrong)
    for name in MeetingRow.__dataclass_fields__:
        setattr(meeting, name, getattr(row, name))


@transaction.atomic
def add_question(*, meeting: LiveMeeting, row: QuestionRow, by: Viewer) -> LiveQuestion:
    """A question at the end of the agenda."""
    locked = lock_meeting(meeting.pk, by)
    refuse_if(locked.ended_at is not None, _("Spotkanie już się skończyło, więc nie można dodać pytania."))
    known = list(locked.questions.values_list("position", flat=True))
    refuse_if(len(known) >= QUESTIONS_MOST, _("W porządku obrad jest już za dużo pytań."))
    made = LiveQuestion(meeting=locked, position=max(known, default=0) + 1)
    _fill_question(made, row)
    made.save(force_insert=True)
    record("question", locked, by, question=made.pk)
    return made


@transaction.atomic
def update_question(*, question: LiveQuestion, row: QuestionRow, by: Viewer) -> LiveQuestion:
    """Other words or rules before the vote. While it is open only the wording, the same answers staying: all are told."""
    locked = lock_question(question.pk, by)
    refuse_if(locked.state == State.CLOSED, _("To głosowanie jest już zamknięte, więc pytania nie można zmienić."))
    if locked.state == State.OPEN:
        _mend_wording(locked, row)
    else:
        _fill_question(locked, row)
    locked.save()
    record("question", locked.meeting, by, question=locked.pk, version=locked.version)
    return locked


def _mend_wording(question: LiveQuestion, row: QuestionRow) -> None:
    refuse_if(not row.title.strip(), _("Wpisz pytanie."))
    question.title, question.note = row.title.strip(), row.note.strip()
    question.version += 1


def _fill_question(question: LiveQuestion, row: QuestionRow) -> None:
    options = FIXED.get(Kind(row.kind), [] if row.kind in WRITTEN else row.options)
    _check_question(question.meeting, row, options)
    for name in QuestionRow.__dataclass_fields__:
        setattr(question, name, getattr(row, name))
    question.title, question.note, question.options = row.title.strip(), row.note.strip(), options
    if row.kind not in DECIDING:
        question.majority = Majority.NONE
    if row.kind != Kind.ONE or question.majority == Majority.NONE:
        question.second_round = SecondRound.NO
    if row.secret:
        question.changeable = False


def _check_question(meeting: LiveMeeting, row: QuestionRow, options: list[str]) -> None:
    wrong: dict[str, Any] = {}
    if not row.title.strip():
        wrong["title"] = _("Wpisz pytanie.")
    if row.kind not in WRITTEN and not 2 <= len(options) <= OPTIONS_MOST:
        wrong["options"] = _("Podaj od 2 do 20 odpowiedzi, każdą w osobnym wierszu.")
    elif len({one.casefold() for one in options}) != len(options):
        wrong["options"] = _("Odpowiedzi nie mogą się powtarzać.")
    if row.kind == Kind.SEVERAL and not 1 <= row.most <= len(options):
        wrong["most"] = _("Liczba odpowiedzi do zaznaczenia nie może być większa niż liczba odpowiedzi.")
    if row.kind == Kind.SEVERAL and not 1 <= row.seats <= len(options):
        wrong["seats"] = _("Miejsc do obsadzenia nie może być więcej niż odpowiedzi.")
    if not 0 < row.parts <= row.of:
        wrong["parts"] = _("Ułamek większości musi być większy od zera i nie większy od jedności.")
    if not row.secret and meeting.admission == Admission.OPEN:
        wrong["secret"] = _("Głosowanie imienne wymaga listy osób albo logowania na konto. Zmień zasady spotkania.")
    if row.limit_s is not None and row.limit_s < SHORTEST_LIMIT_S:
        wrong["limit_s"] = _("Daj co najmniej 10 sekund.")
    if wrong:
        raise ValidationError(wrong)


@transaction.atomic
def delete_question(*, question: LiveQuestion, by: Viewer) -> None:
    """Take a question off the agenda before its vote."""
    locked = lock_question(question.pk, by)
    refuse_if(locked.state != State.PLANNED, _("Nad tym pytaniem już głosowano, więc zostaje w porządku obrad."))
    LiveQuestion.objects.filter(pk=locked.pk).delete()
    record("question_deleted", locked.meeting, by, question=locked.pk)


@transaction.atomic
def move_question(*, question: LiveQuestion, up: bool, by: Viewer) -> None:
    """Change places with the neighbour on the agenda."""
    locked = lock_question(question.pk, by)
    order = list(locked.meeting.questions.values_list("pk", flat=True))
    here = order.index(locked.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    number_anew(locked.meeting, order)
    record("question", locked.meeting, by, question=locked.pk)


def number_anew(meeting: LiveMeeting, order: list[UUID]) -> None:
    """Give the questions the positions 1, 2, 3 … in this order; one statement."""
    rows = {one.pk: one for one in meeting.questions.all()}
    for position, pk in enumerate(order, start=1):
        rows[pk].position = position
    LiveQuestion.objects.bulk_update(rows.values(), ["position"])


@transaction.atomic
def make_cards(*, meeting: LiveMeeting, count: int, by: Viewer) -> list[str]:
    """Anonymous voting cards; returns their codes, which are stored nowhere: print them at once."""
    locked = lock_meeting(meeting.pk, by)
    refuse_if(locked.ended_at is not None, _("Spotkanie już się skończyło."))
    have = locked.participants.filter(role=Role.CARD, removed_at=None).count()
    refuse_if(not 1 <= count <= CARDS_MOST - have, _("Na jednym spotkaniu może być najwyżej 1000 kart."))
    made = [codes.new_code(codes.SECRET) for _card in range(count)]
    rows = [LiveParticipant(meeting=locked, role=Role.CARD, secret=codes.digest(locked.pk, one)) for one in made]
    LiveParticipant.objects.bulk_create(rows)
    record("cards", locked, by, kind=PEOPLE, count=count)
    return made


@transaction.atomic
def withdraw_cards(*, meeting: LiveMeeting, by: Viewer) -> int:
    """Make all cards that nobody has used void (they were lost, or printed twice); returns how many."""
    locked = lock_meeting(meeting.pk, by)
    found = locked.participants.filter(role=Role.CARD, removed_at=None, joined_at=None)
    count = found.update(removed_at=clock.now())
    record("cards_withdrawn", locked, by, kind=PEOPLE, count=count)
    return count


@transaction.atomic
def list_people(*, meeting: LiveMeeting, names: list[str], by: Viewer) -> list[tuple[str, str]]:
    """Add people to the list; returns ``(name, personal code)`` of each, to be printed at once."""
    locked = lock_meeting(meeting.pk, by)
    refuse_if(locked.admission != Admission.LISTED, _("To spotkanie nie ma listy osób. Zmień zasady udziału."))
    refuse_if(locked.ended_at is not None, _("Spotkanie już się skończyło."))
    clean = [" ".join(one.split())[:150] for one in names if one.strip()]
    have = locked.participants.filter(role=Role.LISTED).count()
    refuse_if(not clean, _("Wpisz co najmniej jedną osobę."))
    refuse_if(have + len(clean) > PEOPLE_MOST, _("Na liście może być najwyżej 500 osób."))
    made = [(name, codes.new_code(codes.SECRET)) for name in clean]
    rows = [
        LiveParticipant(meeting=locked, role=Role.LISTED, name=name, place=have + at, secret=codes.digest(locked.pk, secret))
        for at, (name, secret) in enumerate(made, start=1)
    ]
    LiveParticipant.objects.bulk_create(rows)
    record("listed", locked, by, kind=PEOPLE, count=len(rows))
    return made


@transaction.atomic
def new_codes(*, meeting: LiveMeeting, by: Viewer, participant_id: UUID | None = None) -> list[tuple[str, str]]:
    """Fresh personal codes for everybody on the list who has not joined, or for one person; the old ones are void."""
    locked = lock_meeting(meeting.pk, by)
    found = locked.participants.filter(role=Role.LISTED, removed_at=None).order_by("place")
    found = found.filter(pk=participant_id) if participant_id else found.filter(joined_at=None)
    rows, made = list(found), []
    for one in rows:
        secret = codes.new_code(codes.SECRET)
        one.secret = codes.digest(locked.pk, secret)
        made.append((one.name, secret))
    LiveParticipant.objects.bulk_update(rows, ["secret"])
    record("new_codes", locked, by, kind=PEOPLE, count=len(rows))
    return made


@transaction.atomic
def remove_person(*, participant: LiveParticipant, by: Viewer) -> None:
    """Take somebody off the list; what they voted before stays."""
    locked = lock_meeting(participant.meeting_id, by)
    done = locked.participants.filter(pk=participant.pk, role=Role.LISTED, removed_at=None).update(removed_at=clock.now())
    if done:
        record("person_removed", locked, by, kind=PEOPLE, participant=participant.pk)
