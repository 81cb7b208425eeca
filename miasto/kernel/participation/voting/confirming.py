"""Who has been confirmed by what: one account stands for one voter, one telephone for as many as the election's rule allows.

A voter once confirmed by a telephone is changed only with the same one, so that a stranger who knows somebody's details
cannot exchange a ballot. Everything is a keyed hash, with a key of its own for each purpose.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.participation.voting.casting import Refused
from miasto.kernel.participation.voting.models import Channel, Election
from miasto.kernel.participation.voting.people_models import Confirmation, Paper
from miasto.kernel.participation.voting.receipts import secret, voter_key
from miasto.kernel.participation.voting.tickets import issue

MEANS = {Channel.ACCOUNT: Confirmation.Means.ACCOUNT, Channel.IDENTITY: Confirmation.Means.PHONE}


def hashed(purpose: str, election: UUID, text: str) -> bytes:
    """A text under the election's key for one purpose; 32 bytes."""
    return hmac.new(secret(purpose, election), text.encode(), hashlib.sha256).digest()


def marks_of(*, election: UUID, identity: str) -> tuple[bytes, bytes]:
    """``(key in the box, mark among the confirmed)`` of a person; neither leads to the other without the platform's secret."""
    return voter_key(election=election, identity=identity), hashed("confirmed", election, identity)


def admit(*, election: UUID, channel: str, voter: bytes, mark: bytes, holder: str) -> str:
    """The ticket of a person confirmed by ``holder``: the account's id, or the number that got the code.

    ``voter`` and ``mark`` as ``marks_of`` gives them. Raises ``Refused``; asked again it answers the same.
    """
    found = Election.objects.get(pk=election)
    means = MEANS[Channel(channel)]
    most = 1 if means == Confirmation.Means.ACCOUNT else found.voter_rules().most_per_phone
    _claim(found, means, hashed(means, election, holder), mark, most)
    _ask_for_papers(found, mark)
    return issue(election=election, voter_key=voter, channel=channel)


@transaction.atomic
def _claim(election: Election, means: str, holder: bytes, mark: bytes, most: int) -> None:
    with connection.cursor() as cursor:  # two of a family at one moment are counted one after the other
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(holder[:8], "big", signed=True)])
    of_means = Confirmation.objects.filter(election=election, means=means)
    row = of_means.filter(voter=mark).first()
    if row is not None and bytes(row.holder) != holder:
        raise Refused("other_holder", _OTHER[means]())
    if row is None:
        if of_means.filter(holder=holder).count() >= most:
            raise Refused("holder_used", _USED[means]())
        Confirmation.objects.create(election=election, means=means, holder=holder, voter=mark)


_OTHER = {
    Confirmation.Means.PHONE: lambda: _(
        "Głos tej osoby potwierdził już inny numer telefonu. Zmienić go można tylko z tamtego numeru. "
        "Jeśli to pomyłka albo ktoś użył Twoich danych, skontaktuj się z komisją."
    ),
    Confirmation.Means.ACCOUNT: lambda: _(
        "Ta osoba zagłosowała już z innego konta. Zmienić głos można tylko na tamtym koncie. "
        "Jeśli to pomyłka albo ktoś użył Twoich danych, skontaktuj się z komisją."
    ),
}
_USED = {
    Confirmation.Means.PHONE: lambda: _(
        "Ten numer potwierdził już tyle głosów, ile pozwala regulamin. Podaj inny numer telefonu."
    ),
    Confirmation.Means.ACCOUNT: lambda: _("Z tego konta zagłosowała już inna osoba. Jedno konto to jeden głos."),
}


def _ask_for_papers(election: Election, mark: bytes) -> None:
    """Where the first way counts, somebody who has taken a paper ballot votes on it."""
    if election.double_votes == "first" and live_papers(election.pk, mark).exists():
        raise Refused(
            "paper_out", _("Ta osoba wzięła kartę papierową, a w tym głosowaniu liczy się głos oddany pierwszym sposobem.")
        )


def live_papers(election: UUID, mark: bytes) -> QuerySet[Paper]:
    """The paper ballot that a person has taken and not given back."""
    return Paper.objects.filter(election=election, voter=mark).exclude(state=Paper.State.RETURNED)


def forget(election: UUID) -> None:
    """Delete who was confirmed by what: after the close nobody needs it."""
    Confirmation.objects.filter(election=election).delete()


def export(person_id: UUID) -> list[dict[str, str]]:
    """The open elections in which an account was used."""
    return [{"election": one.title} for one, _rows in _of_account(person_id)]


def erase(person_id: UUID) -> int:
    """Forget the use of an account; the ballot cannot be found and stays."""
    return sum(rows.delete()[0] for _one, rows in _of_account(person_id))


def _of_account(person_id: UUID) -> Iterator[tuple[Election, QuerySet[Confirmation]]]:
    means = Confirmation.Means.ACCOUNT
    for one in Election.objects.filter(state=Election.State.OPEN):
        rows = Confirmation.objects.filter(election=one, means=means, holder=hashed(means, one.pk, str(person_id)))
        if rows.exists():
            yield one, rows
