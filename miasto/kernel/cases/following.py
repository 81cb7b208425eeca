"""Who besides the filer is told of a case: the filers of its duplicates, those whom it concerns too, watchers, bodies outside.

They read only what everybody may read: the stage and public words. Each listener bears being called twice: ``once`` names
the event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import make_link
from miasto.kernel.cases import family
from miasto.kernel.cases.events import CaseAnsweredOutside, CaseCommented, CaseForwarded, CaseStepTaken, CaseSupported
from miasto.kernel.cases.listeners import context_of, read, tell_filer, tell_staff, workers
from miasto.kernel.cases.models import Case, CaseParty, Forwarding, Relation, Supporter, Watcher
from miasto.kernel.cases.outside import ACCEPTED, ANSWER_LINK
from miasto.kernel.cases.parties import CO_FILER
from miasto.kernel.cases.supporting import ADDRESS
from miasto.kernel.cases.types import case_type
from miasto.kernel.discussions import selectors as discussions
from miasto.kernel.notifications.rendering import absolute
from miasto.kernel.notifications.services import Recipient, notify, quoted
from miasto.kernel.notifications.services import ask_to_confirm as ask_to_confirm_address
from miasto.kernel.spec.cases import MERGE, UNMERGE

FOLLOWED = "cases.followed"


def tell_followers_step(event: CaseStepTaken) -> None:
    """A step of a case, with the public words that came with it. What a merge says, the filer reads in a message of its own."""
    kind = case_type(event.case_type)
    if kind.transition(event.transition).effect in (MERGE, UNMERGE):
        return
    reached = kind.stage(event.to_stage)
    _tell(read(event.case_id), f"step:{event.step_id}", _public_words(event.answer_id), reached)


def tell_followers_comment(event: CaseCommented) -> None:
    """A public comment of the unit."""
    if event.by_filer or event.audience != "public" or event.comment_id is None:
        return
    _tell(read(event.case_id), f"step:{event.step_id}", _public_words(event.comment_id), None)


def _public_words(comment_id: UUID | None) -> str:
    """Words that everybody may read; a question to the filer or words that wait for approval are none."""
    return quoted(discussions.body_of(comment_id)) if comment_id and discussions.is_public(comment_id) else ""


def _tell(case: Case, once: str, words: str, reached: Any) -> None:
    if not case.public:
        return
    context = context_of(case, words=words, reached=reached, inbox_url=f"/sprawy/{case.number}/")
    for to, stop in _followers(case):
        more = {**context, "stop_url": stop}
        notify(topic=FOLLOWED, to=[to], context=more, url=f"/sprawy/{case.number}/", about_id=case.pk, once=once)


class _StopLink:
    """An address made only when a message is really written, because each makes a secret link."""

    def __init__(self, make: Callable[[], str]) -> None:
        self.make = make

    def __str__(self) -> str:
        return self.make()


def _followers(case: Case) -> Iterator[tuple[Recipient, Any]]:
    """Everybody once, with the address at which messages are stopped (empty for accounts, which choose in their settings)."""
    ids = family.family_of(case.pk)
    seen: set[Any] = {case.filer_person_id, *_addresses([case.pk])} - {None, ""}
    for party in CaseParty.objects.filter(_confirmed(), case__in=ids, erased_at=None).exclude(case=case):
        if _fresh(seen, party.person_id, party.email):
            yield Recipient(person_id=party.person_id, email=party.email, language=party.language), ""
    for row in Supporter.objects.filter(case__in=ids, confirmed_at__isnull=False).order_by("at"):
        if _fresh(seen, None if row.email else row.person_id, row.email):
            yield _supporter(row)
    for person_id in Watcher.objects.filter(case__in=ids).order_by("pk").values_list("person_id", flat=True):
        if _fresh(seen, person_id, ""):
            yield Recipient(person_id=person_id), ""


def _confirmed() -> Q:
    """The filers, and those who joined them."""
    return Q(role="filer") | Q(role=CO_FILER, state=CaseParty.State.CONFIRMED)


def _supporter(row: Supporter) -> tuple[Recipient, Any]:
    if not row.email:
        return Recipient(person_id=row.person_id), ""
    return Recipient(email=row.email, language=row.language), _StopLink(lambda: ADDRESS.address_of(row.pk))


def _addresses(case_ids: list[UUID]) -> list[str]:
    found = CaseParty.objects.filter(case__in=case_ids, erased_at=None).values_list("email", flat=True)
    return [email.casefold() for email in found]


def _fresh(seen: set[Any], person_id: UUID | None, email: str) -> bool:
    keys = {key for key in (person_id, email.casefold()) if key}
    if not keys or keys & seen:
        return False
    seen |= keys
    return True


def ask_to_confirm(event: CaseSupported) -> None:
    """The one e-mail to an address that nobody has confirmed yet."""
    row = Supporter.objects.filter(pk=event.supporter_id, confirmed_at=None).exclude(email="").first()
    if row is None:
        return
    to = Recipient(email=row.email, language=row.language)
    ask_to_confirm_address(ADDRESS, row_id=row.pk, to=to, once=f"support:{row.pk}", context=context_of(read(row.case_id)))


def tell_body_forwarded(event: CaseForwarded) -> None:
    """The matter itself, with a link by which the body answers without an account."""
    tell_body(event.forwarding_id, f"outside:{event.forwarding_id}")


def tell_body(forwarding_id: UUID, once: str, *, reminder: bool = False) -> int:
    """E-mail to a body outside. Nothing of the filer's contact goes there, and of the filer's words only what is public.

    A body that has an Open311 address gets its matters there.
    """
    row = Forwarding.objects.select_related("body", "case__text", "case__category", "case__unit").get(pk=forwarding_id)
    if not row.body.email or row.body.open311_endpoint or row.state not in Forwarding.OPEN:
        return 0
    case = row.case
    context = context_of(
        case,
        body=row.body.name,
        reminder=reminder,
        sent_at=row.at,
        words=quoted(discussions.body_of(row.comment_id)) if row.comment_id else "",
        description=quoted(case.text.published_description) if case.text_state == "approved" else "",
        phone=case.unit.phone,
        case_page=absolute(f"/sprawy/{case.number}/") if case.public else "",
    )
    return notify(
        topic="cases.outside_request",
        to=[Recipient(email=row.body.email)],
        context=context,
        url=lambda: f"/sprawy/odpowiedz/{make_link(object_id=row.pk, purpose=ANSWER_LINK, by=SYSTEM)}/",
        about_id=case.pk,
        once=once,
    )


def tell_of_answer(event: CaseAnsweredOutside) -> None:
    """The filer and the worker read what the body says. Where it ended the waiting, the filer reads of the step already."""
    case = read(event.case_id)
    row = Forwarding.objects.select_related("body").get(pk=event.forwarding_id)
    once = f"outside:{event.step_id}"
    tell_staff(case, "cases.outside_answered", once, workers(case), body=row.body.name, outcome=event.outcome)
    if event.outcome == ACCEPTED:
        words = quoted(discussions.body_of(event.answer_id)) if event.answer_id else ""
        tell_filer(case, "cases.outside_accepted", once, body=row.body.name, words=words)


def parts_of(case_id: UUID) -> list[Case]:
    """The parts of a case, oldest first."""
    found: Any = Relation.objects.filter(main=case_id, kind=Relation.Kind.PART_OF).order_by("id")
    return [row.case for row in found.select_related("case__unit", "case__category")]
