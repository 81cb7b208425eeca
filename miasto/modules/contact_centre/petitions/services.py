"""What staff note of a petition's way: opinions asked and received (act of 11 July 2014, art. 8 sec. 2)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import changes, clock
from miasto.modules.contact_centre.mail.case_types import PETITION
from miasto.modules.contact_centre.petitions.models import Opinion

KIND = "contact_centre.opinion"
HANDLE = "cases.handle"
BODY_MOST, GIST_MOST = 200, 600


@transaction.atomic
def ask_opinion(*, case: Any, body: str, asked_on: date, by: Viewer) -> Opinion:
    """Note that somebody was asked for an opinion; everybody sees it at once. Asked twice on a day, it is the same row.

    Raises ``ValidationError`` by field and ``PermissionDenied``.
    """
    require(case=case, by=by)
    name = body.strip()
    wrong: dict[str, Any] = {}
    if not name or len(name) > BODY_MOST:
        wrong["body"] = _("Napisz, kogo poproszono o opinię.")
    elif cases.found_in(name):
        wrong["body"] = _("Wpisz nazwę urzędu albo instytucji, bez danych osób.")
    if asked_on > clock.today():
        wrong["asked_on"] = _("Ta data nie może być z przyszłości.")
    if wrong:
        raise ValidationError(wrong)
    opinion, fresh = Opinion.objects.get_or_create(case_id=case.pk, body=name, asked_on=asked_on)
    if fresh:
        _record("opinion_asked", opinion, by)
    return opinion


@transaction.atomic
def receive_opinion(*, opinion_id: UUID, received_on: date, gist: str, by: Viewer) -> Opinion:
    """Note that an opinion came and what it says, in words that everybody may read.

    Raises ``Opinion.DoesNotExist``, ``ValidationError`` by field, ``PermissionDenied``.
    """
    opinion = Opinion.objects.select_for_update(of=("self",)).select_related("case").get(pk=opinion_id)
    require(case=opinion.case, by=by)
    words = gist.strip()
    wrong: dict[str, Any] = {}
    if not words or len(words) > GIST_MOST:
        wrong["gist"] = _("Napisz w kilku słowach, co mówi opinia (najwyżej %(most)d znaków).") % {"most": GIST_MOST}
    elif cases.found_in(words):
        wrong["gist"] = _("W tych słowach są dane osoby. Napisz to bez nazwisk, telefonów i adresów.")
    if not opinion.asked_on <= received_on <= clock.today():
        wrong["received_on"] = _("Opinia nie mogła przyjść przed pytaniem ani w przyszłości.")
    if wrong:
        raise ValidationError(wrong)
    opinion.received_on, opinion.gist = received_on, words
    opinion.save(update_fields=["received_on", "gist"])
    _record("opinion_received", opinion, by)
    return opinion


def require(*, case: Any, by: Viewer) -> None:
    """Raise ``PermissionDenied`` unless the case is a petition that the viewer handles."""
    if case.case_type != PETITION or HANDLE not in cases.standing(by, case).may:
        raise PermissionDenied(HANDLE)


def _record(action: str, opinion: Opinion, by: Viewer) -> None:
    changes.record(
        action=f"contact_centre.{action}",
        kind=KIND,
        object_id=opinion.pk,
        actor=by.actor,
        data={"case": str(opinion.case_id)},
    )
