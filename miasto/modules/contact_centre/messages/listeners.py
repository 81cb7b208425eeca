"""Tells the resident in the conversation what happens to the report that came of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases.events import CaseCommented, CaseStepTaken
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.messages.models import Conversation
from miasto.modules.contact_centre.messages.services import LINK, TEXT_MOST, reply


def tell_step(event: CaseStepTaken) -> None:
    """A step of the city, with its answer; in a public thread only what everybody may read."""
    if event.case_type != KEY or event.by_filer:
        return
    for conversation in _conversations(event.case_id):
        view = _view(conversation)
        if view is None:
            continue
        stage = next(stage for stage in view.type.stages if stage.key == event.to_stage)
        words = _said(view, event.answer_id) or str(stage.meaning)
        head = _("Zgłoszenie %(number)s – %(stage)s.") % {"number": view.number, "stage": stage.name}
        _tell(conversation, head, words, f"step:{event.step_id}:{conversation.pk}")


def tell_comment(event: CaseCommented) -> None:
    """What staff wrote to the resident outside a step."""
    if event.case_type != KEY or event.by_filer or event.comment_id is None or event.audience == "internal":
        return
    for conversation in _conversations(event.case_id):
        view = _view(conversation)
        if view is not None and (said := _said(view, event.comment_id)):
            head = _("Wiadomość w sprawie %(number)s:") % {"number": view.number}
            _tell(conversation, head, said, f"comment:{event.comment_id}:{conversation.pk}")


def _conversations(case_id: Any) -> list[Conversation]:
    return list(Conversation.objects.filter(case_id=case_id, erased_at=None))


def _view(conversation: Conversation) -> cases.CaseView | None:
    """The report as those who read the conversation may see it: its filer, or everybody; None where they may not."""
    links = frozenset() if conversation.is_public else frozenset({conversation.case_id})
    try:
        return cases.case_by_id(conversation.case_id, Viewer(links=links))
    except ObjectDoesNotExist:
        return None


def _said(view: cases.CaseView, comment_id: Any) -> str:
    return next((made.body for made in view.comments if made.id == comment_id), "")


def _tell(conversation: Conversation, head: str, words: str, once: str) -> None:
    tail = _("Więcej: %(link)s") % {"link": LINK}
    room = TEXT_MOST - len(head) - len(tail) - 4
    text = words if len(words) <= room else words[: room - 1].rstrip() + "…"
    reply(conversation=conversation, text=f"{head}\n{text}\n\n{tail}", by=SYSTEM, once=once)
