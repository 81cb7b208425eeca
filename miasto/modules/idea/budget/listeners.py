"""Who is told of what happens to a project. Each listener bears being called twice: ``once`` names the step."""

from __future__ import annotations

from functools import partial

from django.utils.functional import lazy

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.services import make_link
from miasto.kernel.notifications.services import (
    Recipient,
    keep_for_later,
    notify,
    quoted,
    recipient_of,
    stop_address,
    stop_headers,
    subscribers,
)
from miasto.kernel.search import services as search
from miasto.modules.idea.budget.events import ConsentAsked, ProjectMoved, SupportAsked
from miasto.modules.idea.budget.models import GuardianConsent, Project, ProjectAuthor, ProjectStep, Supporter
from miasto.modules.idea.budget.proposing import PROJECT_LINK
from miasto.modules.idea.budget.states import StepKind
from miasto.modules.idea.budget.supporting import GUARDIAN_LINK, SUPPORT_LINK

CONFIRM, CONSENT = "idea.budget_confirm", "idea.budget_consent"
AUTHOR, FOLLOWED = "idea.budget_author", "idea.budget_followed"
LINKS = "/idea/budzet/s/"
SOURCE = "idea.budget"
SILENT = (StepKind.ASKED,)
FOLLOWABLE = (
    StepKind.ACCEPTED,
    StepKind.REJECTED,
    StepKind.UPHELD,
    StepKind.DISMISSED,
    StepKind.NUMBERED,
    StepKind.WON,
    StepKind.LOST,
    StepKind.REALISATION,
    StepKind.WITHDRAWN,
)


def _label(kind: str) -> str:
    return str(StepKind(kind).label)


# Lazy: each recipient reads it in their own language, known only when their message is rendered.
_step_name = lazy(_label, str)


def _secret(object_id: object, purpose: str) -> str:
    return f"{LINKS}{make_link(object_id=object_id, purpose=purpose, by=SYSTEM)}/"


def ask_support(event: SupportAsked) -> None:
    """The only message to an address that nobody has confirmed."""
    row = Supporter.objects.select_related("project").filter(pk=event.supporter_id, confirmed_at=None).first()
    if row is None or not row.email:
        return
    notify(
        topic=CONFIRM,
        to=[Recipient(email=row.email)],
        context={"title": row.project.title},
        url=partial(_secret, row.pk, SUPPORT_LINK),
        about_id=row.pk,
        once=f"{row.pk}:support",
    )


def ask_consent(event: ConsentAsked) -> None:
    """The guardian is asked by the address that the child's proposal names."""
    row = GuardianConsent.objects.select_related("author__project").filter(pk=event.consent_id, given_at=None).first()
    if row is None or not row.email:
        return
    notify(
        topic=CONSENT,
        to=[Recipient(email=row.email, language=row.author.language)],
        context={"title": row.author.project.title},
        url=partial(_secret, row.pk, GUARDIAN_LINK),
        about_id=row.pk,
        once=f"{row.pk}:consent",
    )


def tell_step(event: ProjectMoved) -> None:
    """The authors learn of every step but their own, followers of the public ones that matter."""
    made = ProjectStep.objects.select_related("project__edition").filter(pk=event.step_id).first()
    if made is None or event.step in SILENT:
        return
    context = {"title": made.project.title, "number": made.project.number, "what": _step_name(event.step)}
    context["words"] = quoted(made.text) if made.text and event.step != StepKind.NUMBERED else ""
    _tell_authors(made, context)
    if made.public and event.step in FOLLOWABLE:
        _tell_followers(made, context)


def _tell_authors(made: ProjectStep, context: dict[str, object]) -> None:
    for author in ProjectAuthor.objects.filter(project=made.project_id, erased_at=None):
        if author.person_id:
            to = Recipient(person_id=author.person_id)
            url = made.project.get_absolute_url()
        elif author.lead and author.email:
            to = Recipient(email=author.email, language=author.language)
            url = partial(_secret, made.project_id, PROJECT_LINK)
        else:
            continue
        notify(topic=AUTHOR, to=[to], context=context, url=url, about_id=made.project_id, once=f"{made.pk}:author")


def _tell_followers(made: ProjectStep, context: dict[str, object]) -> None:
    if not Project.objects.visible_to(ANONYMOUS).filter(pk=made.project_id).exists():
        return
    url, once = made.project.get_absolute_url(), f"{made.pk}:followed"
    for row in subscribers(FOLLOWED, subjects=[str(made.project_id)], area_ids=[], street_ids=[]):
        if row.frequency == row.DAILY:
            keep_for_later(subscription=row, title=made.project.title, url=url, once=once)
            continue
        stop = "" if row.device_id else stop_address(row.pk)
        notify(
            topic=FOLLOWED,
            to=[recipient_of(row)],
            context={**context, "stop_url": stop, "inbox_url": url},
            url=url,
            about_id=row.pk,
            once=once,
            headers=stop_headers(stop) if stop else None,
        )


def refresh_search(event: ProjectMoved) -> None:
    """Bring one project in the search up to date; what is not public disappears."""
    search.reindex(SOURCE, [event.project_id])
