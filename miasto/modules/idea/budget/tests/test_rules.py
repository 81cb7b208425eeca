"""Rules of an edition: what is refused and in which words; the profile's presets and other kinds of ballots."""

import pytest

from miasto.kernel.participation.counting.model import Rule
from miasto.modules.idea.budget import rules
from miasto.modules.idea.budget.presets import presets
from miasto.modules.idea.budget.testing import rules as small

DISTRICT = {"key": "centrum", "name": "Centrum", "share": 6000, "areas": ["centrum"]}


def valid(**changed):
    found = small(**changed)
    found["pools"][1]["areas"] = ["centrum"]
    return found


def messages(**changed):
    with pytest.raises(rules.RulesError) as refused:
        rules.read(valid(**changed))
    return " ".join(refused.value.messages)


def test_the_presets_of_the_profile_can_be_used_and_share_out_all_the_money():
    for one in presets():
        assert sum(pool.share for pool in one.rules.pools) == rules.WHOLE
        assert sum(rules.shared(one.total, [pool.share for pool in one.rules.pools])) == one.total
        assert isinstance(one.rules.counted(["1"]), Rule)


def test_every_fault_is_named_at_once_in_plain_words():
    city = {"key": "miasto", "name": "Całe miasto", "citywide": True, "share": 4000, "least_cost": 10, "most_cost": 5}
    told = messages(
        pools=[city, {**DISTRICT, "share": 5000}],
        counting={"rule": "equal-shares", "too_dear": "stop"},
        voting={"channels": ["gołąb"]},
    )
    for words in ("razem 90 %", "największy koszt", "„stop” dotyczy", "Sposoby głosowania"):
        assert words in told


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"inne": {}}, "Nieznana część"),
        ({"proposals": {"support": "piętnaście"}}, "Zły rodzaj wartości"),
        ({"proposals": {"podpisy": 15}}, "Nieznane pole"),
        ({"proposals": {"support": -1}}, "od 0 do"),
        ({"ballot": {"kind": "cumulative"}}, "liczby punktów"),
        ({"ballot": {"kind": "approval", "points": 5}}, "tylko karty punktowej"),
        ({"ballot": {"kind": "tajna"}}, "Nieznany rodzaj karty"),
        ({"counting": {"ties": []}}, "rozstrzyga remis"),
        ({"voting": {"double_votes": "oba"}}, "podwójnych głosów"),
        ({"verification": {"opinions": [["sny", "budget.land"]], "appeal_body": "x"}}, "Opinia to para"),
        ({"verification": {}}, "kto rozpatruje odwołania"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_reason(changed, words):
    assert words in messages(**changed)


@pytest.mark.parametrize(
    ("ballot", "counting"),
    [
        ({"kind": "knapsack"}, {"rule": "equal-shares", "completion": "add-one-greedy"}),
        ({"kind": "cumulative", "points": 10, "most_points": 6}, {"rule": "greedy-votes-per-cost"}),
        ({"kind": "ordinal", "citywide_most": 3, "district_most": 3}, {"rule": "greedy-votes"}),
        ({"kind": "approval", "districts": "one", "district_most": 3}, {"rule": "equal-shares", "completion": "greedy"}),
    ],
)
def test_other_cities_ballots_and_counts_are_rules_too(ballot, counting):
    read = rules.read(valid(ballot=ballot, counting=counting))
    assert read.ballot.kind == ballot["kind"]
    assert read.counted().rule == counting["rule"]
    assert rules.read(read.as_json()) == read


def test_what_is_left_of_the_grosze_is_lost_nowhere():
    assert rules.shared(100, [3333, 3333, 3334]) == [34, 33, 33]
