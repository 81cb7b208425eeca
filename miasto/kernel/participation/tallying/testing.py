"""An election that was voted on and opened, with a plan of counting, for tests and measures."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.participation.counting.model import Rule
from miasto.kernel.participation.tallying import services
from miasto.kernel.participation.tallying.planning import Plan
from miasto.kernel.participation.voting import services as voting
from miasto.kernel.participation.voting.models import Channel, Election
from miasto.kernel.participation.voting.testing import make_election

MONEY = {1: 5000_00, 2: 4000_00, 3: 3000_00}


def make_tallied(
    ballots: Iterable[Mapping[int, Any]], *, rule: Rule | None = None, together: bool = False, plan: bool = True, **fields: Any
) -> Election:
    """An election of ``voting.testing`` (projects cost 1000 to 4000 zł) with these ballots, closed and opened, not counted."""
    election, shares = make_election(**fields)
    if plan:
        money = {pool.number: MONEY[pool.number] for pool in election.pools.all()}
        services.plan_tally(election=election.pk, plan=Plan(rule or Rule(), money, together), by=SYSTEM)
    voting.open_election(election=election.pk, by=SYSTEM)
    for number, ballot in enumerate(ballots):
        voting.cast(
            election=election.pk,
            voter_key=voting.voter_key(election=election.pk, identity=str(number)),
            ballot=ballot,
            channel=list(Channel)[number % 3],
            request=uuid.uuid4(),
        )
    with clock.at(election.closes_at):
        voting.close_election(election=election.pk, by=SYSTEM)
        voting.tally(election=election.pk, shares=[one.words for one in shares], by=SYSTEM)
        services.request_tally(election=election.pk, by=SYSTEM)
    election.refresh_from_db()
    return election
