"""Steps of the Petitions Act (act of 11 July 2014) that are more than a change of stage: sent on, together, repeated.

The terms are data of the case type (``mail.case_types.PETITION_STEPS``); each step here tells the petitioner and stands in the
public register. Petitions on one matter are locked in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services
from miasto.kernel.core import changes, clock
from miasto.modules.contact_centre.mail.case_types import AT_PETITION, AT_WORK, PETITION, PETITION_TYPE, SETTLE, SETTLED
from miasto.modules.contact_centre.petitions.models import Member, Multiple, Repetition, Transfer
from miasto.modules.contact_centre.petitions.services import BODY_MOST, GIST_MOST, require

LANGUAGE = "pl"
WAIT_MONTHS, GATHER_MONTHS = 2, 1
MANNERS = tuple(step.key for step in SETTLE)


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


@transaction.atomic
def transfer(*, case: Any, body: str, by: Viewer, gist: str = "") -> Transfer:
    """Send a petition to the competent body; with ``gist`` only that part of it, and the rest goes on here (art. 6).

    The petitioner is told at once. Sent twice to one body it is one transfer. Raises ``ValidationError`` by field,
    ``PermissionDenied``.
    """
    require(case=case, by=by)
    name, part = body.strip(), gist.strip()
    wrong = {}
    if not name or len(name) > BODY_MOST or cases.found_in(name):
        wrong["body"] = _("Wpisz nazwę urzędu albo instytucji, bez danych osób.")
    if len(part) > GIST_MOST or cases.found_in(part):
        wrong["gist"] = _("Opisz tę część w kilku słowach, bez danych osób.")
    if wrong:
        raise ValidationError(wrong)
    known = Transfer.objects.filter(case=case.pk, body=name).first()
    if known is not None:
        return known
    if case.stage not in AT_PETITION:
        raise ValidationError(_("Ta petycja jest już zakończona."))
    made = Transfer.objects.create(case_id=case.pk, body=name, sent_on=clock.today(), gist=part)
    words = (_PART if part else _WHOLE) % {"body": name, "part": part, "day": _day(made.sent_on)}
    if part:
        services.comment(case=case, body=words, audience="public", by=by)
    else:
        services.take_own_step(case=case, transition="forward", answer=words, by=by)
    _record("petition_transferred", case, by, part=bool(part))
    return made


# Notices of an office are written and kept in Polish whatever language the page has (act on the Polish language, art. 5).
_WHOLE = (
    "Sprawa, której dotyczy petycja, należy do innego podmiotu: %(body)s. Przekazaliśmy mu petycję %(day)s "
    "(art. 6 ust. 1 ustawy o petycjach). Odpowiedź przyjdzie od niego."
)
_PART = (
    "Część petycji należy do innego podmiotu: %(body)s. Dotyczy to: %(part)s. Przekazaliśmy mu petycję w tym zakresie %(day)s "
    "(art. 6 ust. 2 ustawy o petycjach). Pozostałą część rozpatrujemy."
)
_JOINT = (
    "W tej samej sprawie wpłynęło kilka petycji („%(subject)s”), więc rozpatrzymy je łącznie (art. 11 ustawy o petycjach). "
    "Na dalsze petycje czekamy do %(until)s. Potem mamy na odpowiedź trzy miesiące."
)
_REPEATED = (
    "Petycja w tej samej sprawie, %(number)s, została już rozpatrzona %(day)s: %(manner)s. Nowa petycja nie wskazuje "
    "nieznanych nam faktów ani dowodów, dlatego pozostawiamy ją bez rozpatrzenia (art. 12 ustawy o petycjach)."
)


def latest_wait(day: date) -> date:
    """The last day to which waiting for further petitions may be announced on a day (art. 11 sec. 2)."""
    return cases.months_after(day, WAIT_MONTHS)


@transaction.atomic
def announce(*, petitions: Iterable[Any], subject: str, wait_until: date, by: Viewer) -> Multiple:
    """Consider petitions on one matter together and wait for further ones (art. 11); the term is three months from then.

    They must have come within a month of the first. Raises ``ValidationError`` by field, ``PermissionDenied``.
    """
    found = sorted(petitions, key=lambda case: case.pk)
    today = clock.today()
    wrong: dict[str, Any] = {}
    if len(found) < 2:
        wrong["petitions"] = _("Zaznacz co najmniej dwie petycje w tej samej sprawie.")
    else:
        days = [clock.local(case.filed_at).date() for case in found]
        if max(days) > cases.months_after(min(days), GATHER_MONTHS):
            wrong["petitions"] = _("Łącznie rozpatruje się petycje złożone w ciągu miesiąca od pierwszej (art. 11 ust. 1).")
    if not subject.strip() or cases.found_in(subject):
        wrong["subject"] = _("Napisz, czego dotyczą te petycje, bez danych osób.")
    if not today <= wait_until <= latest_wait(today):
        wrong["wait_until"] = _("Na dalsze petycje można czekać najdłużej dwa miesiące, do %(day)s (art. 11 ust. 2).") % {
            "day": _day(latest_wait(today))
        }
    if wrong:
        raise ValidationError(wrong)
    made = Multiple.objects.create(subject=subject.strip()[:200], announced_on=today, wait_until=wait_until)
    for case in found:
        _join(made, case, by)
    return made


@transaction.atomic
def add(*, multiple: Multiple, case: Any, by: Viewer) -> Member:
    """Put a further petition, filed within the announced time, to those considered together."""
    locked = Multiple.objects.select_for_update().get(pk=multiple.pk)
    if locked.settled_at is not None:
        raise ValidationError(_("Te petycje są już rozpatrzone."))
    if clock.local(case.filed_at).date() > locked.wait_until:
        words = _("Ta petycja wpłynęła po %(day)s, czyli po ogłoszonym czasie oczekiwania.")
        raise ValidationError(words % {"day": _day(locked.wait_until)})
    known = Member.objects.filter(case=case.pk, multiple=locked).first()
    return known or _join(locked, case, by)


def _join(multiple: Multiple, case: Any, by: Viewer) -> Member:
    require(case=case, by=by)
    if case.stage not in AT_WORK or Member.objects.filter(case=case.pk).exists():
        raise ValidationError({"petitions": _("Petycji %(number)s nie można teraz połączyć.") % {"number": case.number}})
    words = _JOINT % {"subject": multiple.subject, "until": _day(multiple.wait_until)}
    services.take_own_step(case=case, transition="joint", answer=words, count_from=multiple.wait_until, by=by)
    _record("petition_joined", case, by, multiple=str(multiple.pk))
    return Member.objects.create(case_id=case.pk, multiple=multiple, joined_on=clock.today())


@transaction.atomic
def settle(*, multiple: Multiple, manner: str, answer: str, by: Viewer) -> int:
    """One answer to all petitions that are still open among those considered together; returns to how many.

    ``manner`` is one of ``MANNERS``. Refused before the announced time of waiting is over.
    """
    locked = Multiple.objects.select_for_update().get(pk=multiple.pk)
    if manner not in MANNERS:
        raise ValidationError({"manner": _("Wybierz sposób załatwienia.")})
    if clock.today() <= locked.wait_until:
        words = _("Na dalsze petycje czekamy do %(day)s. Odpowiedz po tym dniu.")
        raise ValidationError(words % {"day": _day(locked.wait_until)})
    rows = [row.case for row in locked.members.select_related("case").order_by("case_id")]
    still = [case for case in rows if case.stage in AT_PETITION]
    for case in still:
        require(case=case, by=by)
        services.take_step(case=case, transition=manner, answer=answer, by=by)
    locked.settled_at = clock.now()
    locked.save(update_fields=["settled_at"])
    return len(still)


@transaction.atomic
def leave_repeated(*, case: Any, earlier: str, by: Viewer) -> Repetition:
    """Leave a petition without consideration, because one on the same matter (its number) was settled (art. 12).

    The petitioner is told how the earlier one was settled. Raises ``ValidationError`` by field, ``PermissionDenied``.
    """
    require(case=case, by=by)
    settled = cases.visible_cases(ANONYMOUS).filter(case_type=PETITION, stage__in=[stage.key for stage in SETTLED])
    first = settled.filter(number=earlier.strip().upper()).exclude(pk=case.pk).first()
    if first is None:
        raise ValidationError({"earlier": _("Nie ma rozpatrzonej petycji o tym numerze.")})
    with override(LANGUAGE):
        manner = str(PETITION_TYPE.stage(first.stage).name).lower()
        words = _REPEATED % {"number": first.number, "day": _day(clock.local(first.closed_at).date()), "manner": manner}
    services.take_own_step(case=case, transition="repeated", answer=words, by=by)
    _record("petition_repeated", case, by, earlier=str(first.pk))
    made, _fresh = Repetition.objects.update_or_create(case_id=case.pk, defaults={"earlier": first})
    return made


def _record(action: str, case: Any, by: Viewer, **data: Any) -> None:
    changes.record(
        action=f"contact_centre.{action}",
        kind="contact_centre.petition",
        object_id=case.pk,
        actor=by.actor,
        unit_id=case.unit_id,
        data={"case": str(case.pk), **data},
    )
