"""What came of what residents brought: links from one object of the city to another, or to any page, and their later fate.

Who may link is the business of the module that owns the source, as with threads of discussion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.registry import registry
from miasto.kernel.participation.events import OutcomeChanged
from miasto.kernel.participation.models import Process
from miasto.kernel.participation.outcome_models import Fate, Outcome, OutcomeNews
from miasto.kernel.places.selectors import object_index
from miasto.kernel.spec.participation import ProcessKind

TITLE_MOST, TEXT_MOST = 200, 2000
OBJECTS = "/obiekty/"


@transaction.atomic
def link_outcome(
    *,
    source_id: UUID,
    url: str,
    title: str = "",
    text: str = "",
    fate: str = Fate.PLANNED,
    target_id: UUID | None = None,
    by: Viewer,
) -> Outcome:
    """Say that something came of an object. ``url`` is a path of the platform or an address of ``https``.

    A path of a process or of an object of the city is known as that object, and gives the title where none is told. Linked
    twice it is one outcome. Raises ``ValidationError`` by field.
    """
    path = checked_address(url)
    known = Outcome.objects.filter(source=source_id, url=path, removed_at=None).first()
    if known is not None:
        return known
    target = _target(target_id or object_at(path), by)
    name = (title.strip() or (str(target.label) if target is not None else ""))[:TITLE_MOST]
    if not name:
        raise ValidationError({"title": _("Napisz, jak to się nazywa.")})
    now = clock.now()
    made = Outcome.objects.create(source_id=source_id, target=target, url=path, title=name, fate=Fate(fate), linked_at=now)
    OutcomeNews.objects.create(outcome=made, at=now, fate=made.fate, text=_words(text))
    _tell("outcome_linked", made, by)
    return made


@transaction.atomic
def follow_outcome(*, outcome: Outcome, fate: str, text: str, by: Viewer) -> Outcome:
    """Say how it went on. The same fate needs words; nothing new to say is refused."""
    locked = Outcome.objects.select_for_update().get(pk=outcome.pk)
    words = _words(text)
    if locked.removed_at is not None or (fate == locked.fate and not words):
        raise ValidationError({"text": _("Napisz, co się zmieniło.")})
    if fate == Fate.ABANDONED and not words:
        raise ValidationError({"text": _("Napisz, dlaczego miasto z tego zrezygnowało.")})
    locked.fate = Fate(fate)
    locked.save(update_fields=["fate"])
    OutcomeNews.objects.create(outcome=locked, at=clock.now(), fate=locked.fate, text=words)
    _tell("outcome_followed", locked, by)
    return locked


@transaction.atomic
def unlink_outcome(*, outcome: Outcome, by: Viewer) -> None:
    """Take back a link made by mistake; the row stays, nobody reads it."""
    locked = Outcome.objects.select_for_update().get(pk=outcome.pk)
    if locked.removed_at is None:
        locked.removed_at = clock.now()
        locked.save(update_fields=["removed_at"])
        _tell("outcome_unlinked", locked, by)


def outcomes_of(source_ids: Iterable[UUID]) -> dict[UUID, list[Outcome]]:
    """What came of some objects, each with its ``news``, oldest first; two queries."""
    found: dict[UUID, list[Outcome]] = defaultdict(list)
    rows = Outcome.objects.filter(source__in=list(source_ids), removed_at=None).prefetch_related("news")
    for row in rows:
        found[row.source_id].append(row)
    return found


def outcomes_at(target_id: UUID) -> QuerySet[Outcome]:
    """The links that lead to an object: of what it came."""
    return Outcome.objects.filter(target=target_id, removed_at=None)


def came_of(target_id: UUID, viewer: Viewer) -> list[Any]:
    """The objects (index rows) of which an object came, as far as the viewer may see them; two queries."""
    ids = list(outcomes_at(target_id).values_list("source_id", flat=True))
    return list(object_index(ids, viewer).values()) if ids else []


def checked_address(url: str) -> str:
    """A path of the platform or an https address; raises ``ValidationError`` under "url"."""
    text = url.strip()
    if text.startswith("/") and not text.startswith("//") and len(text) <= 500 and "\\" not in text:
        return text
    try:
        URLValidator(schemes=["https"])(text)
    except ValidationError:
        wrong = _("Wklej adres strony: zaczyna się od https:// albo, na tej platformie, od ukośnika.")
        raise ValidationError({"url": wrong}) from None
    return text


def object_at(path: str) -> UUID | None:
    """The object whose page a path is, where the path says so: ``/obiekty/<id>/`` or a process's page; None otherwise."""
    plain = urlsplit(path).path
    if plain.startswith(OBJECTS):
        try:
            return UUID(plain.removeprefix(OBJECTS).strip("/"))
        except ValueError:
            return None
    for kind in registry().all(ProcessKind):
        before, after = kind.url.split("{slug}")
        if plain.startswith(before) and plain.endswith(after):
            slug = plain[len(before) : len(plain) - len(after)]
            found = Process.objects.filter(slug=slug, process_kind=kind.key, published_at__isnull=False)
            return found.values_list("pk", flat=True).first()
    return None


def _target(object_id: UUID | None, by: Viewer) -> Any:
    return object_index([object_id], by).get(object_id) if object_id else None


def _words(text: str) -> str:
    words = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(words) > TEXT_MOST:
        raise ValidationError({"text": _("Treść może mieć najwyżej %(most)d znaków.") % {"most": TEXT_MOST}})
    return words


def _tell(action: str, outcome: Outcome, by: Viewer) -> None:
    changes.record(
        action=f"participation.{action}",
        kind="participation.outcome",
        object_id=outcome.pk,
        actor=by.actor,
        data={"source": str(outcome.source_id), "fate": outcome.fate},
    )
    events.publish(OutcomeChanged(outcome_id=outcome.pk, source_id=outcome.source_id, fate=outcome.fate))
