"""An election for tests and measures, opened, with the shares of its key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.participation.voting import services
from miasto.kernel.participation.voting.elections import HeldShare, NewOption, NewPool
from miasto.kernel.participation.voting.models import Channel, Election
from miasto.kernel.participation.voting.rules import Kind, Limit

HOLDERS = ("przewodnicząca", "zastępca", "sekretarz", "członek", "członkini")


def make_election(*, threshold: int = 3, options: int = 4, days: float = 7, **fields: Any) -> tuple[Election, list[HeldShare]]:
    """An election with a key: pool 1 of the whole city (one project), pools 2 and 3 of districts (two projects together)."""
    pools = tuple(
        NewPool(
            number=number,
            name=name,
            kind=Kind.APPROVAL,
            most=1 if number == 1 else 2,
            options=tuple(
                NewOption(number=one, name=f"Projekt {number}/{one}", cost=1000_00 * one) for one in range(1, options + 1)
            ),
        )
        for number, name in ((1, "Ogólnomiejskie"), (2, "Dzielnica Północ"), (3, "Dzielnica Południe"))
    )
    asked = {
        "title": "Budżet obywatelski",
        "opens_at": clock.now() - timedelta(minutes=1),
        "closes_at": clock.now() + timedelta(days=days),
        "pools": pools,
        "limits": (Limit("Dzielnice", frozenset({2, 3}), most=2),),
        "channels": [one.value for one in Channel],
        **fields,
    }
    election = services.create_election(**asked, by=SYSTEM)
    shares = services.make_keys(election=election.pk, threshold=threshold, holders=HOLDERS, by=SYSTEM)
    election.refresh_from_db()
    return election, shares


def make_open_election(**fields: Any) -> tuple[Election, list[HeldShare]]:
    """The same, taking ballots."""
    election, shares = make_election(**fields)
    return services.open_election(election=election.pk, by=SYSTEM), shares
