"""Writing: calls from the first ring to the outcome, extensions, and how long what was said is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import selectors as case_selectors
from miasto.kernel.cases import services as cases
from miasto.kernel.core import changes, clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.phone.models import CALLS, Call, Extension, Outcome, State

KIND = "contact_centre.call"
CHANNEL = "phone"
KEEP_DAYS = city().limit("calls_days", 90)
ABANDONED_HOURS = 12
TEXT_MOST = 5000
FORM_KEYS = ("category", "place", "lon", "lat", "email", "together", "answers")


@dataclass(frozen=True)
class Heard:
    """What an exchange says of a call. ``kind`` is ringing, answered or ended; ``number`` E.164 or empty."""

    call: str
    kind: str
    at: datetime
    number: str = ""
    extension: str = ""


@transaction.atomic
def hear(*, heard: Heard) -> Call:
    """Bring a call up to date with what the exchange says. Said twice or in another order, the result is the same."""
    call = _of_exchange(heard)
    if heard.number and not call.number:
        call.number = heard.number
    if heard.kind == "ringing":
        _rings(call, heard)
    elif heard.kind == "answered":
        _answered(call, heard)
    elif heard.kind == "ended":
        _ended(call, heard)
    else:
        raise ValidationError(f"unknown kind of event: {heard.kind!r}")
    call.save()
    _record(f"call_{heard.kind}", call, changes.SYSTEM)
    return call


def _of_exchange(heard: Heard) -> Call:
    """The row of an exchange's call, locked; made where the exchange speaks of it for the first time."""
    found = Call.objects.select_for_update().filter(pbx_id=heard.call).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            Call.objects.create(pbx_id=heard.call, state=State.RINGING, began_at=heard.at, number=heard.number)
    except IntegrityError:
        pass  # another event of the same call was faster
    return Call.objects.select_for_update().get(pbx_id=heard.call)


def _rings(call: Call, heard: Heard) -> None:
    call.began_at = min(call.began_at, heard.at)
    if heard.extension and heard.extension not in call.extensions:
        call.extensions = [*call.extensions, heard.extension]


def _answered(call: Call, heard: Heard) -> None:
    if call.answered_at is not None:
        return
    call.answered_at = heard.at
    if heard.extension:
        call.extensions = [heard.extension]
        call.operator_id = Extension.objects.filter(number=heard.extension).values_list("person_id", flat=True).first()
    if call.state in (State.RINGING, State.MISSED):
        call.state = State.OPEN


def _ended(call: Call, heard: Heard) -> None:
    if call.ended_at is None:
        call.ended_at = max(heard.at, call.began_at)
    if call.state == State.RINGING:
        call.state = State.MISSED


@transaction.atomic
def start(*, by: Viewer, number: str = "") -> Call:
    """A call that no exchange announced: the operator opens it by hand. ``number`` is E.164 or empty."""
    _require(by)
    now = clock.now()
    call = Call.objects.create(
        state=State.OPEN, operator_id=by.person_id, number=number, began_at=now, answered_at=now, changed_at=now
    )
    _record("call_started", call, by.actor)
    return call


@transaction.atomic
def take_over(*, call: Call, by: Viewer) -> Call:
    """The operator's own from now on: a call that rings, or one that nobody has."""
    _require(by)
    locked = _locked(call)
    if locked.operator_id is None:
        locked.operator_id = by.person_id
        locked.save(update_fields=["operator"])
        _record("call_taken", locked, by.actor)
    return locked


@transaction.atomic
def keep(*, call: Call, by: Viewer, typed: Mapping[str, Any]) -> Call:
    """Keep what is typed so far, right or wrong: number, name, words, notes, the form. An ended call is not changed."""
    locked = _mine(call, by)
    if not locked.live:
        return locked
    for name, most in (("number", 16), ("name", 120), ("words", TEXT_MOST), ("notes", TEXT_MOST)):
        if name in typed:
            setattr(locked, name, str(typed[name])[:most])
    locked.form = {**locked.form, **{key: typed[key] for key in FORM_KEYS if key in typed}}
    locked.changed_at = clock.now()
    locked.save()
    return locked


@transaction.atomic
def file_report(*, call: Call, by: Viewer, category: Any, contact: cases.Contact, invited: list[str]) -> cases.Filed:
    """Make a report of the call and end it. Sent twice, it is one report. Raises ``Refused`` by field, ``PermissionDenied``."""
    locked = _mine(call, by)
    form = locked.form
    point = (form["lon"], form["lat"]) if form.get("lon") is not None and form.get("lat") is not None else None
    filed = cases.file_case(
        case_type=KEY,
        category=category,
        description=locked.words,
        point=point,
        address_text=str(form.get("place", ""))[:300],
        answers=form.get("answers", {}),
        contact=contact,
        channel=CHANNEL,
        by=by,
        client_key=f"call-{locked.pk}",
    )
    if filed.fresh and invited:
        cases.invite(case=filed.case, emails=invited, by=by)
    locked.case = filed.case
    _finish(locked, Outcome.REPORT, by)
    return filed


@transaction.atomic
def end(*, call: Call, by: Viewer, outcome: str, unit: Any = None, call_back_at: datetime | None = None) -> Call:
    """Say what became of the call. Raises ``Refused`` by field."""
    locked = _mine(call, by)
    if outcome not in Outcome.values or outcome == Outcome.REPORT:
        raise cases.Refused({"outcome": _("Wybierz, jak skończyła się rozmowa.")})
    if outcome == Outcome.CONNECTED and unit is None:
        raise cases.Refused({"unit": _("Wybierz jednostkę, z którą połączono rozmowę.")})
    if outcome == Outcome.CALL_BACK:
        _check_call_back(locked, call_back_at)
        locked.call_back_at = call_back_at
    locked.unit = unit if outcome == Outcome.CONNECTED else None
    _finish(locked, outcome, by)
    return locked


def _check_call_back(call: Call, at: datetime | None) -> None:
    if at is None:
        raise cases.Refused({"call_back_at": _("Podaj, kiedy oddzwonić.")})
    if at <= clock.now():
        raise cases.Refused({"call_back_at": _("Podaj chwilę, która dopiero nadejdzie.")})
    if not call.number:
        raise cases.Refused({"number": _("Bez numeru nie da się oddzwonić.")})


def _finish(call: Call, outcome: str, by: Viewer) -> None:
    now = clock.now()
    call.outcome, call.state, call.changed_at = outcome, State.DONE, now
    call.answered_at = call.answered_at or call.began_at
    if call.ended_at is None and call.pbx_id is None:
        call.ended_at = now
    if outcome == Outcome.REPORT:
        call.words, call.form = "", {}  # they are in the case now, with its own retention
    call.save()
    _record("call_done", call, by.actor, outcome=outcome)


@transaction.atomic
def called_back(*, call: Call, by: Viewer) -> Call:
    """Somebody called back: the call leaves the list."""
    _require(by)
    locked = _locked(call)
    if locked.call_back_at is not None and locked.called_back_at is None:
        locked.called_back_at = clock.now()
        locked.save(update_fields=["called_back_at"])
        _record("call_back_done", locked, by.actor)
    return locked


@transaction.atomic
def sit_at(*, by: Viewer, extension: str) -> str:
    """Set the operator's extension (empty: none); who sat there before loses it. Raises ``Refused``."""
    _require(by)
    number = extension.strip()
    if number and not (number.isascii() and number.isdecimal() and len(number) <= 10):
        raise cases.Refused({"extension": _("Numer wewnętrzny to same cyfry.")})
    Extension.objects.filter(Q(person_id=by.person_id) | Q(number=number)).delete()
    if number:
        Extension.objects.create(person_id=by.person_id, number=number)
    changes.record(
        action="contact_centre.extension", kind="contact_centre.extension", object_id=by.person_id, actor=by.actor, data={}
    )
    return number


def _require(by: Viewer) -> None:
    if not by.holds(CALLS):
        raise PermissionDenied(CALLS)


def _locked(call: Call) -> Call:
    return Call.objects.select_for_update().get(pk=call.pk)


def _mine(call: Call, by: Viewer) -> Call:
    """The call's row, locked; refused to an operator whose call it is not."""
    _require(by)
    locked = _locked(call)
    if locked.operator_id is None:
        locked.operator_id = by.person_id
    if locked.operator_id != by.person_id:
        raise PermissionDenied(CALLS)
    return locked


def _record(action: str, call: Call, actor: changes.Actor, **data: Any) -> None:
    changes.record(action=f"contact_centre.{action}", kind=KIND, object_id=call.pk, actor=actor, data=data)


ERASED: dict[str, Any] = {"number": "", "name": "", "words": "", "notes": "", "form": {}}


def forget_old() -> int:
    """Overwrite who called and what was said in calls older than ``KEEP_DAYS`` days; the numbers of calls stay. How many."""
    now = clock.now()
    old = Call.objects.filter(began_at__lt=now - timedelta(days=KEEP_DAYS), erased_at=None)
    return old.update(**ERASED, erased_at=now)


def forget_calls_of(*, case_id: UUID) -> int:
    """Overwrite who called and what was said in the calls from which a case came; how many."""
    return Call.objects.filter(case=case_id, erased_at=None).update(**ERASED, erased_at=clock.now())


def close_abandoned() -> int:
    """Calls that the exchange never ended, or whose outcome nobody said within ``ABANDONED_HOURS``; how many."""
    before = clock.now() - timedelta(hours=ABANDONED_HOURS)
    ringing = Call.objects.filter(state=State.RINGING, began_at__lt=before).update(state=State.MISSED)
    return ringing + Call.objects.filter(state=State.OPEN, changed_at__lt=before).update(state=State.DONE)


def _of_person(person_id: UUID) -> Any:
    """The calls from the number that a person gave in the account, and those that became their cases."""
    from miasto.kernel.accounts.selectors import contact_of
    from miasto.modules.contact_centre.phone.numbers import e164

    number = ""
    contact = contact_of(person_id)
    if contact:
        try:
            number = e164(contact["phone"] or "")
        except ValueError:
            number = ""
    own = case_selectors.visible_cases(Viewer(system=True)).filter(filer_person_id=person_id).values("pk")
    wanted = Q(case__in=own)
    return Call.objects.filter(wanted | Q(number=number) if number else wanted)


def export_calls(person_id: UUID) -> list[dict[str, Any]]:
    """What the calls hold of a person."""
    rows = _of_person(person_id).order_by("began_at")
    return [
        {"at": row.began_at.isoformat(), "number": row.number, "name": row.name, "words": row.words, "notes": row.notes}
        for row in rows
    ]


def erase_calls(person_id: UUID) -> int:
    """Overwrite what those calls hold of a person."""
    return _of_person(person_id).update(**ERASED, erased_at=clock.now())
