"""The city's side: taking up, opinions of units, the cost, the decision, what came of it, hiding by rule, merging."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, current_units
from miasto.kernel.cases import services as cases
from miasto.kernel.core import clock, events
from miasto.kernel.discussions import services as discussions
from miasto.kernel.participation import selectors as outcomes
from miasto.kernel.participation import services as participation
from miasto.kernel.participation.services import refuse_if
from miasto.modules.idea.ideas import rules
from miasto.modules.idea.ideas.events import IdeaFlagged
from miasto.modules.idea.ideas.models import (
    ANSWER,
    DECIDED,
    IN_FAVOUR,
    WAITING,
    Idea,
    IdeaFlag,
    IdeaOpinion,
    IdeaStep,
    IdeaSupport,
    Stance,
    State,
)
from miasto.modules.idea.ideas.supporting import recount
from miasto.modules.idea.ideas.writing import clean, digest, led, lock, private_in, record, save, step

OPINION = "idea.opinion"
DESK = "desk"
CHOICES = {
    State.EXAMINED: (State.ACCEPTED, State.PARTLY, State.REJECTED),
    State.BELOW: (State.ACCEPTED, State.PARTLY, State.ANSWERED),
}
NOTE_MOST, REASONS_MOST = 600, 6000


@transaction.atomic
def take_up(*, idea: Idea, reason: str, by: Viewer) -> Idea:
    """The city examines an idea without waiting for the threshold, and says why."""
    locked = led(idea, by)
    refuse_if(locked.state not in (State.GATHERING, State.BELOW), _("Tego pomysłu nie można teraz wziąć do rozpatrzenia."))
    note = _public(reason, "reason")
    locked.state = State.EXAMINED
    locked.promised_on = locked.due_on = rules.due_on("decision_days", clock.today())
    save(locked, by)
    step(locked, IdeaStep.Kind.TAKEN_UP, by, note=note, unit_id=locked.unit_id, due=locked.due_on.isoformat())
    return locked


def _public(text: str, field: str, most: int = NOTE_MOST) -> str:
    """Words of the city that everybody will read; raises ``ValidationError`` under the field."""
    words = clean(text)
    if not words:
        raise ValidationError({field: _("Napisz to w kilku słowach. Zobaczą je wszyscy.")})
    if len(words) > most:
        raise ValidationError({field: _("Treść może mieć najwyżej %(most)d znaków.") % {"most": most}})
    if private_in(words):
        raise ValidationError({field: _("W tych słowach są dane osobowe. Usuń je, bo zobaczą je wszyscy.")})
    return words


@transaction.atomic
def ask_opinion(*, idea: Idea, unit_id: UUID, question: str, by: Viewer) -> IdeaOpinion:
    """Ask a unit what it thinks: a case of its own with a deadline. Asked again while the first waits, it is the same."""
    locked = led(idea, by, ANSWER)
    refuse_if(locked.state not in (State.GATHERING, *WAITING), _("O tym pomyśle już zdecydowano."))
    words = _public(question, "question", 2000)
    unit = current_units().filter(pk=unit_id).first()
    if unit is None:
        raise ValidationError({"unit": _("Wybierz jednostkę.")})
    waiting = IdeaOpinion.objects.filter(idea=locked, unit=unit, received_at=None).first()
    if waiting is not None:
        return waiting
    filed = cases.file_case(
        case_type=OPINION,
        category=None,
        description=f"{words}\n\n{_('Pomysł nr %(n)d: %(title)s') % {'n': locked.number, 'title': locked.title}}",
        point=None,
        object_id=locked.pk,
        channel=DESK,
        by=by,
    )
    case = cases.assign(case=filed.case, unit=unit, by=SYSTEM)
    made = IdeaOpinion.objects.create(
        idea=locked, unit=unit, case=case, question=words, asked_at=clock.now(), due_on=case.due_on
    )
    step(locked, IdeaStep.Kind.OPINION_ASKED, by, unit_id=unit.pk, opinion=str(made.pk), due=made.due_on.isoformat())
    return made


@transaction.atomic
def receive_opinion(*, case_id: UUID, stance: str, text: str, by: Viewer) -> IdeaOpinion | None:
    """The unit answered its case: the opinion is public at once. Called twice, it is one opinion."""
    row = IdeaOpinion.objects.select_for_update(of=("self",)).select_related("idea").filter(case=case_id).first()
    if row is None or row.received_at is not None:
        return row
    idea = lock(row.idea_id)
    row.received_at, row.stance, row.text = clock.now(), Stance(stance), clean(text) or _("(bez uzasadnienia)")
    row.save(update_fields=["received_at", "stance", "text"])
    step(idea, IdeaStep.Kind.OPINION_GIVEN, by, unit_id=row.unit_id, opinion=str(row.pk), stance=row.stance)
    return row


@transaction.atomic
def estimate(*, idea: Idea, cost: int, yearly: int | None, note: str, by: Viewer) -> Idea:
    """What it would cost, in grosze: to make, and each year after; ``note`` says what is counted and by whom."""
    locked = led(idea, by, ANSWER)
    words = _public(note, "note")
    if cost < 0 or (yearly or 0) < 0:
        raise ValidationError({"cost": _("Koszt nie może być ujemny.")})
    if (locked.cost, locked.cost_yearly, locked.cost_note) == (cost, yearly, words):
        return locked
    locked.cost, locked.cost_yearly, locked.cost_note = cost, yearly, words
    locked.save(update_fields=["cost", "cost_yearly", "cost_note"])
    step(locked, IdeaStep.Kind.COST, by, note=words, unit_id=locked.unit_id, cost=cost, yearly=yearly)
    return locked


@transaction.atomic
def extend(*, idea: Idea, due_on: date, reason: str, by: Viewer) -> Idea:
    """Another promised day, with the reason; the first promise stays on the page."""
    locked = led(idea, by)
    refuse_if(locked.due_on is None or locked.state not in (*WAITING, *IN_FAVOUR), _("Na nic tu teraz nie czekamy."))
    note = _public(reason, "reason")
    if due_on <= max(locked.due_on, clock.today()):
        raise ValidationError({"due_on": _("Nowy termin musi być późniejszy niż dotychczasowy i niż dzisiaj.")})
    before, locked.due_on = locked.due_on, due_on
    locked.save(update_fields=["due_on"])
    data = {"before": before.isoformat(), "due": due_on.isoformat()}
    step(locked, IdeaStep.Kind.EXTENDED, by, note=note, unit_id=locked.unit_id, **data)
    return locked


@transaction.atomic
def decide(*, idea: Idea, state: str, reasons: str, decided_by: str, by: Viewer) -> Idea:
    """The decision with its reasons and who made it. Refused while an opinion that was asked for has not come.

    In favour: from now the city owes the first thing that came of it (``outcome_days``). Otherwise the idea is over.
    """
    locked = led(idea, by)
    allowed = CHOICES.get(State(locked.state), ())
    if state not in allowed:
        raise ValidationError({"state": _("Tej decyzji nie można teraz podjąć.")})
    words, who = _public(reasons, "reasons", REASONS_MOST), clean(decided_by)
    if not who:
        raise ValidationError({"decided_by": _("Napisz, kto zdecydował, na przykład: Prezydent Miasta.")})
    late = IdeaOpinion.objects.filter(idea=locked, received_at=None).exists()
    refuse_if(late, _("Jednostka nie odpowiedziała jeszcze na prośbę o opinię. Poczekaj na nią albo wycofaj pytanie."))
    locked.state, locked.reasons, locked.decided_by, locked.decided_at = State(state), words, who[:200], clock.now()
    promised = locked.due_on
    locked.due_on = rules.due_on("outcome_days", clock.today()) if state in IN_FAVOUR else None
    locked.promised_on = locked.due_on
    locked.ended_at = None if state in IN_FAVOUR else locked.decided_at
    save(locked, by)
    on_time = promised is None or clock.today() <= promised
    step(locked, IdeaStep.Kind.DECIDED, by, note=words, unit_id=locked.unit_id, state=state, who=who[:200], on_time=on_time)
    return locked


@transaction.atomic
def withdraw_question(*, opinion: IdeaOpinion, reason: str, by: Viewer) -> None:
    """The opinion is no longer needed: its case ends, and the path says why."""
    locked = led(opinion.idea, by, ANSWER)
    row = IdeaOpinion.objects.select_for_update(of=("self",)).select_related("case", "unit").get(pk=opinion.pk)
    refuse_if(row.received_at is not None, _("Ta opinia już przyszła."))
    note = _public(reason, "reason")
    cases.take_step(case=row.case, transition="cancel", answer=note, by=SYSTEM)
    unit_id = row.unit_id
    row.delete()
    step(locked, IdeaStep.Kind.OPINION_DROPPED, by, note=note, unit_id=unit_id)


@transaction.atomic
def link_outcome(*, idea: Idea, url: str, title: str, text: str, fate: str, by: Viewer, target_id: UUID | None = None) -> Any:
    """Name what came of an idea that was decided in favour: a project, a consultation, an investment, a repair.

    ``target_id`` is the object whose page ``url`` is; its page says in turn that it came of the idea.
    """
    locked = led(idea, by, ANSWER)
    refuse_if(locked.state not in (*IN_FAVOUR, State.DONE), _("Najpierw podejmij decyzję na korzyść pomysłu."))
    made = participation.link_outcome(
        source_id=locked.pk, url=url, title=title, text=_words_or_none(text), fate=fate, target_id=target_id, by=by
    )
    _went_on(locked, made, by)
    return made


@transaction.atomic
def follow_outcome(*, idea: Idea, outcome: Any, fate: str, text: str, by: Viewer) -> Any:
    """How it went on."""
    locked = led(idea, by, ANSWER)
    made = participation.follow_outcome(outcome=outcome, fate=fate, text=_words_or_none(text), by=by)
    _went_on(locked, made, by)
    return made


def _words_or_none(text: str) -> str:
    return _public(text, "text", 2000) if clean(text) else ""


@transaction.atomic
def outcome_moved(*, outcome: Any, fate: str, text: str, by: Viewer) -> None:
    """What came of an idea went on by itself (a consultation was closed, a project won): the path says so, once."""
    locked = lock(outcome.source_id)
    now = outcomes.outcomes_of([locked.pk])[locked.pk]
    known = next((one for one in now if one.pk == outcome.pk), None)
    if known is not None and known.fate != fate:
        _went_on(locked, participation.follow_outcome(outcome=known, fate=fate, text=text, by=by), by)


def _went_on(idea: Idea, outcome: Any, by: Viewer) -> None:
    """The first outcome ends the city's debt; when all that came of it is done, the idea is done."""
    there = outcomes.outcomes_of([idea.pk])[idea.pk]
    done = idea.state in IN_FAVOUR and all(one.fate == outcomes.Fate.DONE for one in there)
    idea.due_on = idea.promised_on = None
    if done:
        idea.state, idea.ended_at = State.DONE, clock.now()
    elif idea.state == State.DONE and any(one.fate != outcomes.Fate.DONE for one in there):
        idea.state, idea.ended_at = State.ACCEPTED, None
    save(idea, by)
    last = outcome.news.last()
    note = last.text if last else ""
    step(idea, IdeaStep.Kind.OUTCOME, by, note=note, unit_id=idea.unit_id, outcome=str(outcome.pk), fate=outcome.fate)
    if done:
        step(idea, IdeaStep.Kind.DONE, by, unit_id=idea.unit_id)


@transaction.atomic
def hide(*, idea: Idea, rule: str, note: str, by: Viewer) -> Idea:
    """Hide an idea for a rule of publication; its address says which and why, the author is told."""
    locked = led(idea, by)
    if rule not in {one.key for one in rules.publication_rules()}:
        raise ValidationError({"rule": _("Wybierz zasadę, którą łamie pomysł.")})
    words = _public(note, "note")
    if locked.hidden_at is None:
        locked.hidden_at, locked.hidden_rule, locked.hidden_note = clock.now(), rule, words
        save(locked, by)
        step(locked, IdeaStep.Kind.HIDDEN, by, note=words, unit_id=locked.unit_id, rule=rule)
    IdeaFlag.objects.filter(idea=locked, comment=None, handled_at=None).update(handled_at=clock.now())
    return locked


@transaction.atomic
def show(*, idea: Idea, by: Viewer) -> Idea:
    """Show it again. While it gathered support, the days that it was hidden are given back."""
    locked = led(idea, by)
    if locked.hidden_at is not None:
        away = (clock.today() - clock.local(locked.hidden_at).date()).days
        if locked.state == State.GATHERING and locked.closes_on is not None:
            locked.closes_on = date.fromordinal(locked.closes_on.toordinal() + away)
        locked.hidden_at, locked.hidden_rule, locked.hidden_note = None, "", ""
        save(locked, by)
        step(locked, IdeaStep.Kind.SHOWN, by, unit_id=locked.unit_id, days=away)
    return locked


@transaction.atomic
def keep_shown(*, idea: Idea, by: Viewer) -> None:
    """The flags were read and the idea stays as it is."""
    locked = led(idea, by)
    IdeaFlag.objects.filter(idea=locked, comment=None, handled_at=None).update(handled_at=clock.now())
    record("flags_dismissed", locked, by)


@transaction.atomic
def flag(*, idea: Idea, rule: str, who: str, by: Viewer, comment_id: UUID | None = None) -> bool:
    """A reader says that an idea or a comment breaks a rule; ``who`` tells one reader from another. Once each."""
    if rule not in {one.key for one in rules.publication_rules()}:
        raise ValidationError({"rule": _("Wybierz zasadę.")})
    made, fresh = IdeaFlag.objects.get_or_create(
        idea=idea, comment_id=comment_id, who=digest(who), defaults={"rule": rule, "at": clock.now()}
    )
    if fresh:
        events.publish(IdeaFlagged(flag_id=made.pk))
    return fresh


@transaction.atomic
def decide_comment(*, idea: Idea, comment: Any, publish: bool, by: Viewer) -> None:
    """Hide a comment for a rule, or leave it where it is; its flags are read with that."""
    led(idea, by, ANSWER)
    discussions.decide(comment=comment, publish=publish, by=by)
    IdeaFlag.objects.filter(idea=idea, comment=comment, handled_at=None).update(handled_at=clock.now())


@transaction.atomic
def comment(*, idea: Idea, body: str, by: Viewer, unit_id: UUID | None = None) -> Any:
    """Write under an idea; it is read at once, and may be hidden by rule afterwards. ``unit_id``: in the name of a unit."""
    locked = lock(idea.pk)
    refuse_if(locked.state in (State.DRAFT, State.MERGED) or locked.hidden_at is not None, _("Tu nie można już pisać."))
    if private_in(body):
        raise ValidationError({"body": _("W komentarzu są dane osobowe, na przykład numer telefonu. Usuń je.")})
    return discussions.post(thread=locked.thread, body=body, audience="public", by=by, unit_id=unit_id, approved=True)


@transaction.atomic
def merge(*, idea: Idea, into: Idea, reason: str, by: Viewer) -> Idea:
    """Close a duplicate into another idea; each supporter of either counts once there, and is told and may withdraw.

    Both rows are locked in the order of their keys, so that two merges at once cannot wait for each other.
    """
    for pk in sorted((idea.pk, into.pk)):
        lock(pk)
    gone, main = led(idea, by), led(into, by)
    refuse_if(gone.pk == main.pk, _("Wybierz inny pomysł."))
    refuse_if(gone.state != State.GATHERING, _("Łączyć można tylko pomysł, który zbiera poparcie."))
    refuse_if(main.state not in (State.GATHERING, *WAITING), _("Tamten pomysł już się nie toczy."))
    note = _public(reason, "reason")
    _unite(gone, main)
    gone.state, gone.merged_into, gone.ended_at = State.MERGED, main, clock.now()
    save(gone, by)
    Idea.objects.filter(merged_into=gone).update(merged_into=main)
    step(gone, IdeaStep.Kind.MERGED, by, note=note, unit_id=gone.unit_id, into=main.number)
    recount(main)
    step(main, IdeaStep.Kind.GAINED, by, note=note, unit_id=main.unit_id, number=gone.number, supports=main.supports)
    if main.state == State.GATHERING and main.supports >= main.threshold:
        main.reached_at, main.state = clock.now(), State.EXAMINED
        main.promised_on = main.due_on = rules.due_on("decision_days", clock.today())
        save(main, by)
        step(main, IdeaStep.Kind.REACHED, SYSTEM, supports=main.supports, due=main.due_on.isoformat())
    return main


def _unite(gone: Idea, main: Idea) -> None:
    """Give the main idea those confirmed supporters of the duplicate that it has not, its author among them never."""
    there = set(IdeaSupport.objects.filter(idea=main).values_list("who", flat=True))
    people = set(IdeaSupport.objects.filter(idea=main, person__isnull=False).values_list("person_id", flat=True))
    people.add(main.author_id)
    new = [
        IdeaSupport(
            idea=main,
            person_id=row.person_id,
            email=row.email,
            language=row.language,
            who=row.who,
            at=row.at,
            confirmed_at=row.confirmed_at,
            version=main.version,
            came_from=gone,
        )
        for row in IdeaSupport.objects.filter(idea=gone, confirmed_at__isnull=False)
        if row.who not in there and (row.person_id is None or row.person_id not in people)
    ]
    IdeaSupport.objects.bulk_create(new, batch_size=500)
    waiting = IdeaSupport.objects.filter(
        idea=main, who__in=IdeaSupport.objects.filter(idea=gone, confirmed_at__isnull=False).values("who")
    )
    waiting.filter(confirmed_at=None).update(confirmed_at=clock.now())


def is_decided(idea: Idea) -> bool:
    """Whether the city has decided."""
    return idea.state in DECIDED
