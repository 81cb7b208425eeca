"""Codes by text message: six digits, ten minutes, five tries; stored as a keyed hash without the number they went to."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from miasto.kernel.core import clock
from miasto.kernel.core.ratelimit import hit
from miasto.kernel.notifications import sms
from miasto.kernel.participation.voting.confirming import hashed
from miasto.kernel.participation.voting.people_models import PhoneCode

LIVES_S = 600
TRIES = 5
A_NUMBER_AN_HOUR, A_NUMBER_A_DAY = 5, 15


class WrongCode(Exception):
    """The code does not confirm. ``message`` says it to the person; ``over`` where a new code is needed."""

    def __init__(self, message: str, *, over: bool) -> None:
        super().__init__(message)
        self.message = message
        self.over = over


@sensitive_variables()
def send_code(*, election: UUID, number: str) -> UUID:
    """Send a new code to a number (digits, ``sms.number_of``) and return its name for ``check``.

    Raises ``ratelimit.TooMany`` past the limits of one number and ``sms.NotSent``.
    """
    for per_s, limit in ((3600, A_NUMBER_AN_HOUR), (86_400, A_NUMBER_A_DAY)):
        hit(name=f"voting.code.{per_s}", who=number, limit=limit * settings.RATE_LIMIT_FACTOR, per_s=per_s)
    digits = f"{secrets.randbelow(10**6):06d}"
    row = PhoneCode(election_id=election, expires_at=clock.now() + timedelta(seconds=LIVES_S))
    row.code = _hash(row, digits)
    row.save()
    text = _("Kod do głosowania: %(code)s. Jest ważny 10 minut. Nie podawaj go nikomu.") % {"code": digits}
    try:
        sms.send(to=number, text=text)
    except sms.NotSent:
        row.delete()
        raise
    return row.pk


@sensitive_variables()
def check(*, election: UUID, name: UUID, typed: str) -> None:
    """Raises ``WrongCode`` unless it is the code. Every try counts before it is looked at, so that many at once do not help.

    The right code stays right until it is old: a form sent twice is confirmed twice. Not to be called in a transaction.
    """
    rows = PhoneCode.objects.filter(pk=name, election=election, expires_at__gt=clock.now())
    if not rows.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        raise WrongCode(_("Ten kod już nie działa. Wyślij nowy."), over=True)
    row = rows.first()
    if row is not None and hmac.compare_digest(_hash(row, "".join(typed.split())), bytes(row.code)):
        rows.update(tries=F("tries") - 1)
        return
    left = TRIES - row.tries if row is not None else 0
    if left < 1:
        raise WrongCode(_("To nie ten kod i nie ma już prób. Wyślij nowy."), over=True)
    text = ngettext("To nie ten kod. Została %(n)d próba.", "To nie ten kod. Zostało prób: %(n)d.", left)
    raise WrongCode(text % {"n": left}, over=False)


def _hash(row: PhoneCode, digits: str) -> bytes:
    return hashed("codes", row.election_id, f"{row.pk}|{digits}")


def forget(election: UUID) -> None:
    """Delete the codes of an election."""
    PhoneCode.objects.filter(election=election).delete()


def forget_old() -> int:
    """Delete codes that are too old; returns how many."""
    return PhoneCode.objects.filter(expires_at__lt=clock.now()).delete()[0]
