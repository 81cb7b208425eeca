"""A made-up vote on the finished edition: cast, closed, opened, counted and announced by the services, in its days."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, time
from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.participation.events import ResultsAnnounced
from miasto.kernel.participation.services import tallying, voting
from miasto.modules.idea.budget import results, timing
from miasto.modules.idea.budget.demo import FILE
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.models import Edition, Project
from miasto.modules.idea.budget.states import PhaseKind

# So many that losers lose for each of the reasons: few votes, no money left, a place behind others.
BALLOTS = 1600
POPULAR = 100
HOLDERS = ("przewodnicząca komisji", "zastępca przewodniczącej", "sekretarz komisji")
CHANNELS = (("account", 5), ("identity", 4), ("paper", 1))


def load(*, seed: int) -> None:
    """The vote of every drawn edition whose voting has ended."""
    for edition in Edition.objects.filter(election__isnull=False, finished_at=None).select_related("election"):
        vote(edition, seed=seed)


def vote(edition: Edition, *, seed: int) -> None:
    """The whole vote of an edition whose order was drawn; nothing where its voting has not ended yet."""
    if edition.election is None or clock.now() < edition.election.closes_at:
        return
    election, chance = edition.election, random.Random(f"{seed} {edition.slug}")  # noqa: S311 - made-up ballots
    with clock.at(election.opens_at):
        shares = voting.make_keys(election=election.pk, threshold=2, holders=HOLDERS, by=SYSTEM)
        voting.open_election(election=election.pk, by=SYSTEM)
        voting.cast_many(election=election.pk, ballots=[_new(election, one, chance) for one in _ballots(edition, chance)])
    with clock.at(election.closes_at):
        voting.close_election(election=election.pk, by=SYSTEM)
        voting.tally(election=election.pk, shares=[one.words for one in shares[:2]], by=SYSTEM)
    phase = timing.phase(edition, PhaseKind.RESULTS)
    day = phase.starts_on if phase else clock.local(election.closes_at).date()
    with clock.at(max(datetime.combine(day, time(10), tzinfo=clock.zone()), election.closes_at)):
        tallying.request_tally(election=election.pk, by=SYSTEM)
        tallying.run(election.pk)
        tallying.publish_results(election=election.pk, by=SYSTEM)
        results.settle(ResultsAnnounced(election_id=election.pk))


def _new(election: Any, ballot: dict[int, list[int]], chance: random.Random) -> voting.NewBallot:
    channels = [one for one in CHANNELS if one[0] in election.channels]
    channel = chance.choices([name for name, _weight in channels], [weight for _name, weight in channels])[0]
    number = uuid.UUID(int=chance.getrandbits(128), version=4)
    key = voting.voter_key(election=election.pk, identity=f"demo {number}")
    return voting.NewBallot(key, ballot, channel, number)


def _ballots(edition: Edition, chance: random.Random) -> list[dict[int, list[int]]]:
    """Ballots within the edition's limits: most choose a city-wide project and some of one or two districts."""
    rules = rules_of(edition).ballot
    pools: dict[int, list[int]] = {}
    for pool, number in (
        Project.objects.filter(edition=edition, ballot_number__isnull=False)
        .order_by("ballot_number")
        .values_list("pool__number", "ballot_number")
    ):
        pools.setdefault(pool, []).append(number)
    citywide = {one.number for one in edition.pools.all() if one.citywide}
    weights = _weights(edition)
    made = []
    for _voter in range(BALLOTS):
        ballot: dict[int, list[int]] = {}
        for number in citywide & set(pools):
            if chance.random() < 0.85:
                _choose(ballot, number, pools[number], chance.randint(1, rules.citywide_most or 2), weights, chance)
        districts = sorted(set(pools) - citywide)
        if districts and (not ballot or chance.random() < 0.8):
            chosen = chance.choice(districts)
            _choose(ballot, chosen, pools[chosen], chance.randint(1, rules.district_most or 2), weights, chance)
        made.append(ballot)
    return made


def _weights(edition: Edition) -> dict[int, float]:
    """How popular each project of the ballot is, as the profile's demo says; equally where it does not."""
    said = {one["title"]: one.get("votes", POPULAR) for one in city().toml(FILE)["projects"] if one["edition"] == edition.slug}
    rows = Project.objects.filter(edition=edition, ballot_number__isnull=False)
    return {number: float(said.get(title, POPULAR)) for number, title in rows.values_list("ballot_number", "title")}


def _choose(
    ballot: dict[int, list[int]], pool: int, options: list[int], many: int, weights: dict[int, float], chance: random.Random
) -> None:
    """Puts ``many`` different projects of a pool on the ballot, the popular ones more often."""
    ballot[pool] = sorted(options, key=lambda number: chance.expovariate(weights[number]))[:many]
