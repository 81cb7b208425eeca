"""Made-up votes: what the profile's ``demo_voting.toml`` says. One goes on with ballots in its box, one is a draft.

The shares of the demo's key are nobody's: its ballots are random, and nobody can look who won before the end here either.
"""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, people_in
from miasto.kernel.core.city import city
from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import voting
from miasto.modules.idea import demo_days
from miasto.modules.idea.voting import counted

HOLDERS = ("przewodnicząca komisji", "zastępca przewodniczącej", "sekretarz", "członek komisji", "członkini komisji")


def load(*, seed: int) -> None:
    """Each vote of the profile; the same choices for the same seed."""
    dice = random.Random(f"votes-{seed}")  # noqa: S311 - invented ballots
    for row in city().toml("demo_voting.toml").get("elections", []):
        made = _made(row)
        if row.get("voters"):
            _opened(made, row, dice)


def _made(row: dict[str, Any]) -> Any:
    options = counted.with_tokens([voting.NewOption(number=number, **one) for number, one in enumerate(row["options"], 1)])
    channels = [voting.Channel.ACCOUNT, voting.Channel.IDENTITY] + ([voting.Channel.PAPER] if "point" in row else [])
    return counted.create(
        winners=row.get("winners", 1),
        money=None,
        title=row["title"],
        about=row["about"],
        opens_at=demo_days.moment(row["opens"], 8),
        closes_at=demo_days.moment(row["closes"], 20),
        pools=(voting.NewPool(number=1, name="Propozycje", options=options, most=row["most"]),),
        channels=channels,
        turnout_shown=row.get("turnout_shown", False),
        called=voting.OptionKind.PROPOSAL,
        voters=voting.VoterRules(guardian_under=13, most_per_phone=row.get("most_per_phone", 1)),
        by=SYSTEM,
    )


def _opened(made: Any, row: dict[str, Any], dice: random.Random) -> None:
    voting.make_keys(election=made.pk, threshold=3, holders=HOLDERS, by=SYSTEM)
    voting.open_election(election=made.pk, by=SYSTEM)
    if "point" in row:
        hours = {"opens_at": demo_days.moment(row["opens"], 8), "closes_at": demo_days.moment(row["closes"], 16)}
        point = voting.save_point(election=made.pk, **row["point"], **hours, by=SYSTEM)
        people = [one.pk for one in people_in(None, seen.PAPERS)]
        voting.set_officers(point=point.pk, people=people, by=SYSTEM)
    numbers = range(1, len(row["options"]) + 1)
    for voter in range(row["voters"]):
        key = voting.voter_key(election=made.pk, identity=f"demo|{voter}")
        ballot = {"1": dice.sample(numbers, dice.randint(1, row["most"]))}
        request = UUID(int=dice.getrandbits(128), version=4)
        voting.cast(election=made.pk, voter_key=key, ballot=ballot, channel=voting.Channel.ACCOUNT, request=request)
