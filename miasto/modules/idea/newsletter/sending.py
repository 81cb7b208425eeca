"""Sending an issue: one message for each reader, at the declared rate, through the engine of notifications.

A step takes as many messages as the rate allows, writes them and marks them in one transaction under the issue's lock: a worker
that is killed leaves either all of a step or nothing of it, so nobody is written to twice and nobody is left out. The next step
is a job of its own; a periodic job starts it where it was lost.
"""

from __future__ import annotations

import logging
import math
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext, override

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, require
from miasto.kernel.core import clock, replies
from miasto.kernel.core.city import city
from miasto.kernel.notifications.services import Recipient, absolute, notify
from miasto.modules.idea.newsletter import words
from miasto.modules.idea.newsletter.issues import State, frozen, locked, record
from miasto.modules.idea.newsletter.models import EDIT, Issue, IssueMessage, Subscriber
from miasto.modules.idea.newsletter.rules import SUBADDRESS

log = logging.getLogger(__name__)
TOPIC = "idea.newsletter"
STEP_S = 10
MINUTE = timedelta(minutes=1)


@transaction.atomic
def send_step(*, issue_id: UUID) -> int:
    """Write the next messages of an issue that is being sent; returns how many. Another step at work: none."""
    from miasto.modules.idea.newsletter import jobs

    issue = Issue.objects.select_for_update(skip_locked=True).filter(pk=issue_id, state=State.SENDING).first()
    if issue is None:
        return 0
    waiting = issue.messages.filter(sent_at=None, failed=False).select_related("subscriber").order_by("id")
    sent = sum(_send(issue, row) for row in waiting[: _allowed(issue)])
    Issue.objects.filter(pk=issue.pk).update(sent=F("sent") + sent)
    if waiting.exists():
        jobs.send.defer(issue_id=str(issue.pk), once=f"newsletter:{issue.pk}", at=clock.now() + timedelta(seconds=STEP_S))
    else:
        Issue.objects.filter(pk=issue.pk).update(state=State.SENT, finished_at=clock.now())
        issue.refresh_from_db()
        record("issue_sent", issue, SYSTEM, number=issue.number, sent=issue.sent)
    return sent


def _allowed(issue: Issue) -> int:
    """How many messages may go out now: a step's share of the rate, and never more than the rate within a minute."""
    lately = IssueMessage.objects.filter(sent_at__gt=clock.now() - MINUTE).count()
    return max(min(math.ceil(issue.rate * STEP_S / 60), issue.rate - lately), 0)


def _send(issue: Issue, row: IssueMessage) -> int:
    """One reader's own message. What fails for one must not hold up the others."""
    try:
        with transaction.atomic():
            told = write(issue, issue.frozen, to=row.subscriber, about_id=row.pk, once=f"newsletter:{issue.pk}")
            row.sent_at, row.failed = (clock.now(), False) if told else (None, True)
            row.save(update_fields=["sent_at", "failed"])
    except Exception as error:  # whatever it is, the reader is counted as not reached
        log.exception("message %s of an issue could not be written: %s", row.pk, type(error).__name__)
        IssueMessage.objects.filter(pk=row.pk).update(failed=True)
        return 0
    return int(bool(told))


def write(issue: Issue, said: dict[str, Any], *, to: Subscriber, about_id: UUID, once: str) -> int:
    """Queue an issue to one subscriber: own links to stop and to choose, nothing that counts who reads; returns 1 or 0."""
    recipient = Recipient(person_id=to.person_id, email=to.email, language=to.language)
    mark = replies.mark_of(to.pk)
    stop = reverse("newsletter:stop", args=[mark, issue.number or 0])
    return notify(
        topic=TOPIC,
        to=[recipient],
        context={**message_context(issue, said, to.language), "stop": absolute(stop), "own": to.person_id is not None}
        | {"settings": absolute(reverse("newsletter:own", args=[mark]))},
        url=reverse("newsletter:issue", args=[issue.number]) if issue.number else reverse("newsletter:home"),
        about_id=about_id,
        once=once,
        headers=headers(issue, stop, to.pk),
    )


def headers(issue: Issue, stop: str, subscriber_id: UUID) -> dict[str, str]:
    """What mail programs need to end it with one click (RFC 2369, RFC 8058) and to know a list (RFC 2919)."""
    mail = replies.subaddress(SUBADDRESS, subscriber_id)
    ways = [f"<{absolute(stop)}>", *([f"<mailto:{mail}?subject=wypisz%20{issue.number or 0}>"] if mail else [])]
    host = absolute("/").split("://", 1)[1].split("/", 1)[0].split(":", 1)[0]
    return {
        "List-Id": f"<newsletter.{host}>",
        "List-Unsubscribe": ", ".join(ways),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
    }


def message_context(issue: Issue, said: dict[str, Any], language: str) -> dict[str, Any]:
    """The words of a message in a language (``pl`` where there are none in it): plain lines, absolute addresses."""
    own = said.get(language) or said["pl"]
    base = absolute("/").rstrip("/")
    parts = [
        {key: words.plain(value, base) if key == "heading" else [words.plain(line, base) for line in value]}
        for part in own["parts"]
        for key, value in part.items()
    ]
    items = [{**item, "url": absolute(item["url"])} for item in own["items"]]
    with override(language):
        because = gettext("Dostajesz ją, bo ten adres zapisano na newsletter.")
    brand = city().platform_name
    return {"title": own["title"], "lead": own["lead"], "parts": parts, "items": items, "quiet": True, "because": because,
            "number": issue.number, "brand": brand}  # fmt: skip


@transaction.atomic
def send_test(*, issue_id: UUID, by: Viewer) -> None:
    """The issue as it is now, to the editor's own address only. Its links to stop lead nowhere, since nobody is subscribed."""
    require(by, EDIT, None)
    issue = locked(issue_id, by)
    said = issue.frozen or frozen(issue)
    nobody = Subscriber(person_id=by.person_id, language="pl")
    write(issue, said, to=nobody, about_id=issue.pk, once=f"newsletter:test:{issue.pk}:{clock.now().isoformat()}")
    record("issue_tested", issue, by)
