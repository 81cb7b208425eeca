"""Every preset, the profile's and the models of other cities, from the draw of the ballot to the count and its file."""

import json
import uuid

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.participation.counting import recount
from miasto.kernel.participation.selectors import tallying as seen
from miasto.kernel.participation.services import tallying, voting
from miasto.modules.idea.budget import editions, panel_forms
from miasto.modules.idea.budget.models import Edition, Project
from miasto.modules.idea.budget.presets import presets
from miasto.modules.idea.budget.testing import accept, draw_ballot, make_edition, make_project, phases

AS_FILE = recount.rule_of(recount.arguments("x").parse_args(["x"]))
COSTS = {"Ławki": 20_000_00, "Drzewa": 10_000_00, "Plac": 30_000_00, "Mural": 50_000_00}


def small(preset):
    """The preset's rules on a test city: one signature, no opinions, its pools for the one district that there is."""
    found = json.loads(json.dumps(preset.rules.as_json()))
    found["proposals"]["support"] = 1
    found["verification"]["opinions"] = []
    if len(found["pools"]) > 1:
        city = next(one for one in found["pools"] if one["citywide"])
        found["pools"] = [city, {"key": "centrum", "name": "Centrum", "share": 10_000 - city["share"], "areas": []}]
    found["pools"][0] |= {"least_cost": 0, "most_cost": None}
    return found


def choice(kind, least, numbers):
    """A ballot of one pool for the first of the numbers: alone, with all the points, or first in the order."""
    if kind == "cumulative":
        return {numbers[0]: 3}
    return numbers[: max(least, 1)]


@pytest.mark.parametrize("preset", presets(), ids=lambda one: one.key)
def test_a_preset_is_voted_on_and_counted_with_its_threshold_and_a_stranger_counts_the_same(district, preset):
    asked = small(preset)
    edition = make_edition(**asked)
    pool = edition.pools.get(number=1)
    for title, cost in COSTS.items():
        accept(make_project(edition, supporters=1, pool=pool.key, place=None, title=title, items=[("Całość", cost)]))
    edition.phases.all().delete()
    editions._save_phases(edition, phases("draw"))
    edition = draw_ballot(Edition.objects.get(pk=edition.pk))
    ballot, least = asked["ballot"], asked["counting"]["min_votes"]
    numbers = {one.title: one.ballot_number for one in Project.objects.filter(edition=edition)}
    worth = 3 if ballot["kind"] in ("cumulative", "ordinal") else 1
    enough = -(-max(least, 2) // worth)
    order = list(numbers.values())

    def first(title, many):
        chosen = choice(ballot["kind"], ballot["least"], [numbers[title], *(one for one in order if one != numbers[title])])
        return [{1: chosen}] * many

    election = edition.election
    shares = voting.make_keys(election=election.pk, threshold=2, holders=("a", "b", "c"), by=SYSTEM)
    voting.open_election(election=election.pk, by=SYSTEM)
    with clock.at(election.opens_at):
        cast = [
            voting.NewBallot(voting.voter_key(election=election.pk, identity=str(n)), one, "account", uuid.uuid4())
            for n, one in enumerate(first("Ławki", enough + 1) + first("Drzewa", enough - 1))
        ]
        voting.cast_many(election=election.pk, ballots=cast)
    with clock.at(election.closes_at):
        voting.close_election(election=election.pk, by=SYSTEM)
        voting.tally(election=election.pk, shares=[one.words for one in shares], by=SYSTEM)
    tallying.request_tally(election=election.pk, by=SYSTEM)
    assert tallying.run(election.pk)
    tallying.publish_results(election=election.pk, by=SYSTEM)
    rows = {row.option.name: row for one in seen.results(election.pk).counts for row in one.results.all()}
    assert rows["Ławki"].won
    assert sum(one.votes for one in rows.values()) == len(cast) * max(ballot["least"], 1)
    if least:
        assert rows["Drzewa"].reason == "below-threshold"
        assert rows["Drzewa"].missing_votes == least - worth * (enough - 1)
    name = next(one.name for one in seen.results(election.pk).files if one.name.endswith(".pb"))
    told = recount.count(bytes(seen.file(election.pk, name).data), AS_FILE)
    assert {one["name"] for one in told["projects"] if one["won"]} == {name for name, one in rows.items() if one.won}


def test_an_officer_makes_an_edition_of_a_model_and_its_terms_are_fields_of_the_form(panel, edition):
    model = next(one for one in presets() if one.rules.ballot.kind == "cumulative")
    page = panel.get("/panel/idea/budzet/nowa/").content.decode()
    assert all(one.name in page and one.about in page for one in presets())
    form = panel_forms.EditionForm(
        {"title": "Nowa", "slug": "nowa", "year": 2027, "total": "1000", "unit": str(edition.unit_id), "preset": model.key}
        | {"opinion_days": "21", "min_votes": "7"}
    )
    assert form.is_valid(), form.errors
    rules = editions.reading.read(form.row().rules)
    assert (rules.ballot, rules.counting.min_votes) == (model.rules.ballot, 7)
    assert rules.verification.opinion_days == 21
    assert rules.verification.verification_days == model.rules.verification.verification_days
