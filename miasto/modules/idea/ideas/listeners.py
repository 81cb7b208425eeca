"""Who is told of an idea's steps, and what other engines say of it. Each listener bears being called twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, people_in
from miasto.kernel.cases.events import CaseStepTaken
from miasto.kernel.discussions.selectors import body_of
from miasto.kernel.notifications.services import Recipient, ask_to_confirm, notify, quoted
from miasto.kernel.participation import selectors as outcomes
from miasto.kernel.participation.events import ProcessClosed
from miasto.modules.idea.budget.events import ProjectMoved
from miasto.modules.idea.budget.models import Project
from miasto.modules.idea.ideas import services
from miasto.modules.idea.ideas.events import IdeaFlagged, IdeaMoved, SupportAsked
from miasto.modules.idea.ideas.fates import fate_of
from miasto.modules.idea.ideas.handling import OPINION
from miasto.modules.idea.ideas.models import LEAD, Idea, IdeaFlag, IdeaFollower, IdeaStep, IdeaSupport, Stance, State
from miasto.modules.idea.ideas.supporting import ADDRESS

MOVED, REVISED, JOINED, WORK = "idea.idea_moved", "idea.idea_revised", "idea.idea_joined", "idea.idea_work"
AT_ONCE = 500
BY_AUTHOR = (IdeaStep.Kind.PUBLISHED, IdeaStep.Kind.REVISED, IdeaStep.Kind.WITHDRAWN, IdeaStep.Kind.PETITION)
FOR_STAFF = (IdeaStep.Kind.REACHED, IdeaStep.Kind.CLOSED, IdeaStep.Kind.OPINION_GIVEN)


def _kind(value: str) -> str:
    return str(IdeaStep.Kind(value).label)


# Lazy: each recipient reads it in their own language, which is known only when their message is rendered.
kind_name = lazy(_kind, str)


def ask_supporter(event: SupportAsked) -> None:
    """The only message to an address that nobody has confirmed."""
    row = IdeaSupport.objects.select_related("idea").filter(pk=event.support_id, confirmed_at=None).exclude(email="").first()
    if row is not None:
        to = Recipient(email=row.email, language=row.language)
        context = {"number": row.idea.number, "title": row.idea.title}
        ask_to_confirm(ADDRESS, row_id=row.pk, to=to, once=f"idea:support:{row.pk}", context=context)


def tell_moved(event: IdeaMoved) -> None:
    """The author, those who support the idea and those who follow it."""
    made = IdeaStep.objects.select_related("idea", "unit").filter(pk=event.step_id).first()
    if made is None:
        return
    idea = made.idea
    topic = {IdeaStep.Kind.REVISED: REVISED, IdeaStep.Kind.MERGED: JOINED}.get(IdeaStep.Kind(made.kind), MOVED)
    context = {
        "number": idea.number,
        "title": idea.title,
        "step": kind_name(made.kind),
        "note": quoted(made.note),
        "unit": made.unit.name if made.unit else "",
        "main": made.data.get("into", ""),
    }
    for to, url in _told(idea, made):
        notify(topic=topic, to=[to], context=context, url=url, about_id=idea.pk, once=f"idea:step:{made.pk}")
    if made.kind in FOR_STAFF and idea.unit_id:
        people = [Recipient(person_id=person.pk) for person in people_in([idea.unit_id], LEAD)]
        page = f"/panel/idea/pomysly/{idea.number}/"
        notify(topic=WORK, to=people, context=context, url=page, about_id=idea.pk, once=f"idea:work:{made.pk}")


def _told(idea: Idea, made: IdeaStep) -> Iterator[tuple[Recipient, Any]]:
    """Whom to tell and of which page; each person once."""
    seen = {idea.author_id}
    if idea.author_id and made.kind not in BY_AUTHOR:
        yield Recipient(person_id=idea.author_id), idea.get_absolute_url()
    if made.kind == IdeaStep.Kind.PUBLISHED or (made.kind == IdeaStep.Kind.REVISED and not made.data.get("substantial")):
        return
    for row in IdeaSupport.objects.filter(idea=idea, confirmed_at__isnull=False).order_by("id").iterator(chunk_size=AT_ONCE):
        if row.person_id and row.person_id not in seen:
            seen.add(row.person_id)
            yield Recipient(person_id=row.person_id, language=row.language), idea.get_absolute_url()
        elif row.email:
            yield Recipient(email=row.email, language=row.language), lambda row=row: ADDRESS.page_of(row.pk)
    for follower in IdeaFollower.objects.filter(idea=idea).order_by("id").iterator(chunk_size=AT_ONCE):
        if follower.person_id not in seen:
            seen.add(follower.person_id)
            yield Recipient(person_id=follower.person_id), idea.get_absolute_url()


def tell_flagged(event: IdeaFlagged) -> None:
    """Those who lead ideas, once for each idea or comment however many flags."""
    one = IdeaFlag.objects.select_related("idea").filter(pk=event.flag_id).first()
    if one is None or one.handled_at or not one.idea.unit_id:
        return
    people = [Recipient(person_id=person.pk) for person in people_in([one.idea.unit_id], LEAD)]
    context = {"number": one.idea.number, "title": one.idea.title, "step": kind_flag(), "note": "", "unit": "", "main": ""}
    page = f"/panel/idea/pomysly/{one.idea.number}/"
    once = f"idea:flag:{one.comment_id or one.idea_id}"
    notify(topic=WORK, to=people, context=context, url=page, about_id=one.idea_id, once=once)


kind_flag = lazy(lambda: _("Ktoś zgłosił naruszenie zasad"), str)


def hear_unit(event: CaseStepTaken) -> None:
    """A unit answered the case by which it was asked for an opinion."""
    if event.case_type == OPINION and event.to_stage in Stance.values:
        text = body_of(event.answer_id) if event.answer_id else ""
        services.receive_opinion(case_id=event.case_id, stance=event.to_stage, text=text, by=SYSTEM)


def hear_process(event: ProcessClosed) -> None:
    """A consultation that came of an idea was closed: the idea's path says so."""
    for outcome in outcomes.outcomes_at(event.process_id).exclude(fate=outcomes.Fate.DONE):
        if Idea.objects.filter(pk=outcome.source_id).exclude(state=State.DRAFT).exists():
            services.outcome_moved(outcome=outcome, fate=outcomes.Fate.DONE, text="", by=SYSTEM)


def hear_project(event: ProjectMoved) -> None:
    """A project of the budget that came of an idea went on: the idea's path says so by itself."""
    project = Project.objects.filter(pk=event.project_id).first()
    if project is None:
        return
    fate, text = fate_of(project)
    for outcome in outcomes.outcomes_at(event.project_id).exclude(fate=fate):
        if Idea.objects.filter(pk=outcome.source_id).exclude(state=State.DRAFT).exists():
            services.outcome_moved(outcome=outcome, fate=fate, text=text, by=SYSTEM)
