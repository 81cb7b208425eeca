"""From the opened box to the announced result: exact, repeatable, and hidden until it is announced."""

import csv
import io
import json
import subprocess
import sys
from fractions import Fraction

import pytest
from django.db import connection
from django.urls import reverse

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import changes
from miasto.kernel.participation.counting import pabulib, publishing, recount
from miasto.kernel.participation.counting.explain import what_my_vote_brought
from miasto.kernel.participation.counting.model import CountingError, Rule
from miasto.kernel.participation.tallying import counting, jobs, planning, protocol, selectors, services
from miasto.kernel.participation.tallying.models import OptionResult, PoolCount, Tally, TallyFile
from miasto.kernel.participation.tallying.testing import MONEY, make_tallied
from miasto.kernel.participation.voting import services as voting
from miasto.kernel.participation.voting.models import Election
from miasto.kernel.participation.voting.testing import make_election

# pool 1 has 5000 zł, pool 2 4000 zł, pool 3 3000 zł; option n costs n thousand
BALLOTS = [{1: [4]}] * 3 + [{1: [2], 2: [3]}] * 2 + [{1: [1], 2: [1, 4]}, {2: [3], 3: [2]}, {3: [2, 3]}]
AS_FILE = recount.rule_of(recount.arguments("x").parse_args(["x"]))


def outcome(election):
    found = selectors.results(election.pk, staff=True)
    return {one.number: [row.key for row in one.results.all() if row.won] for one in found.counts}


@pytest.fixture
def counted(db):
    election = make_tallied(BALLOTS)
    assert services.run(election.pk)
    return election


def test_every_pool_is_counted_by_the_planned_rule_and_each_loser_is_told_why(counted):
    assert outcome(counted) == {1: ["1-4", "1-1"], 2: ["2-3", "2-1"], 3: ["3-2", "3-1"]}
    rows = {row.key: row for row in OptionResult.objects.select_related("option", "count")}
    lost = rows["1-2"]
    assert (lost.votes, lost.reason, lost.missing_money, lost.missing_votes) == (2, "does-not-fit", 1000_00, 1)
    assert selectors.missing(lost) == "Zabrakło: 1 głosu albo 1\u00a0000\u00a0zł."
    first = PoolCount.objects.get(number=1)
    assert (first.ballots, first.budget, first.cost, first.left) == (6, 5000_00, 5000_00, 0)
    assert first.figures["compared"]["rule"] == "equal-shares"


def test_counting_twice_or_by_two_jobs_at_once_keeps_one_result(counted):
    before = list(PoolCount.objects.values_list("pk", flat=True))
    jobs.count_votes(election_id=str(counted.pk))
    made, whole = counting.counted(Tally.objects.get(), lambda done, steps: None)
    services._store(counted.pk, made, whole)
    assert not services.request_tally(election=counted.pk, by=SYSTEM)
    assert list(PoolCount.objects.values_list("pk", flat=True)) == before
    assert TallyFile.objects.filter(name="protokol.pdf").count() == 1
    assert TallyFile.objects.get(name="protokol.pdf").data[:5] == b"%PDF-"


def test_the_downloaded_files_give_the_same_winners_by_the_script_alone(counted, tmp_path):
    voting.publish_election(election=counted.pk, by=SYSTEM)
    services.when_published(type("E", (), {"election_id": counted.pk}))
    script = tmp_path / "recount.py"
    script.write_bytes(selectors.script())
    files = {one.name: bytes(TallyFile.objects.get(pk=one.pk).data) for one in selectors.results(counted.pk).files}
    winners = outcome(counted)
    wanted = {f"pula-{number}.pb": keys for number, keys in winners.items()}
    wanted["wszystkie.pb"] = [one for found in winners.values() for one in found]
    for name, keys in wanted.items():
        path = tmp_path / name
        path.write_bytes(files[name])
        done = subprocess.run([sys.executable, "-I", str(script), str(path), "--json"], capture_output=True, check=True)
        told = json.loads(done.stdout)
        assert (sorted(told["winners"]), told["as_in_file"]) == (sorted(keys), True)
        assert told["sha256"] == TallyFile.objects.get(name=name).sha256
    assert [one.sha256 for one in selectors.results(counted.pk).counts] == [
        publishing.sha256(files[f"pula-{number}.pb"]) for number in (1, 2, 3)
    ]
    table = list(csv.reader(io.StringIO(files["wyniki.csv"].decode("utf-8-sig"))))
    assert table[1][:7] == ["Ogólnomiejskie", "4", "Projekt 1/4", "4000,00", "3", "3", "wybrany"]
    machine = json.loads(files["wyniki.json"])
    assert machine["turnout"]["channels"] == counted.counts["channels"]
    assert [one["winners"] for one in machine["counts"]] == list(winners.values())


def addresses(election):
    return [
        *(reverse("tallying:file", args=[election.pk, name]) for name in ("wszystkie.pb", "wyniki.csv", "protokol.pdf")),
        reverse("tallying:brought", args=[election.pk]),
        f"/api/participation/elections/{election.pk}/result/",
    ]


def test_nothing_of_the_result_is_said_before_the_announcement(counted, client):
    protocol.draw(counted.pk)
    unknown = type("E", (), {"pk": "01890000-0000-7000-8000-000000000000"})
    for address, other in zip(addresses(counted), addresses(unknown), strict=True):
        hidden, missing = client.get(address), client.get(other)
        assert hidden.status_code == missing.status_code == 404
    with pytest.raises(selectors.NotYet):
        selectors.results(counted.pk)
    assert selectors.announced([counted.pk]) == set()
    assert selectors.result_of(counted.pk) is None
    told = " ".join(str((one.action, one.data)) for one in changes.history(counted.pk))
    assert Tally.objects.get().input_sha256 not in told
    assert "Projekt" not in told
    services.publish_results(election=counted.pk, by=SYSTEM)
    for address in addresses(counted):
        assert client.get(address).status_code == 200
    assert not services.announce(election=counted.pk)


def test_the_announcement_waits_for_the_count_and_the_count_for_the_opening(db):
    election = make_tallied(BALLOTS[:2])
    with pytest.raises(voting.WrongState):
        services.publish_results(election=election.pk, by=SYSTEM)
    voting.publish_election(election=election.pk, by=SYSTEM)
    assert not services.announce(election=election.pk)
    assert services.request_tally(election=election.pk, by=SYSTEM)
    assert services.run(election.pk)
    assert selectors.announced([election.pk]) == {election.pk}
    early, _shares = make_election()
    services.plan_tally(election=early.pk, plan=planning.Plan(Rule(), MONEY), by=SYSTEM)
    with pytest.raises(voting.WrongState):
        services.request_tally(election=early.pk, by=SYSTEM)


def test_the_rule_is_fixed_before_the_vote_opens_and_must_fit_the_ballot(db):
    election, _shares = make_election()
    for plan in (
        planning.Plan(Rule(), {1: 1}),
        planning.Plan(Rule(exclusive=(("1-1", "9-9"),)), MONEY),
        planning.Plan(Rule(ties=("drawn",), drawn=("1-1",)), MONEY),
    ):
        with pytest.raises(CountingError):
            services.plan_tally(election=election.pk, plan=plan, by=SYSTEM)
    services.plan_tally(election=election.pk, plan=planning.Plan(Rule(), MONEY), by=SYSTEM)
    services.plan_tally(election=election.pk, plan=planning.Plan(Rule(min_score=Fraction(3)), MONEY), by=SYSTEM)
    voting.open_election(election=election.pk, by=SYSTEM)
    with pytest.raises(voting.WrongState):
        services.plan_tally(election=election.pk, plan=planning.Plan(Rule(), MONEY), by=SYSTEM)
    assert planning.from_json(Tally.objects.get().rule).min_score == 3


def test_a_job_that_died_or_failed_is_begun_anew_and_an_impossible_count_says_so(counted, monkeypatch):
    Tally.objects.update(state=Tally.State.RUNNING, counted_at=None)
    PoolCount.objects.all().delete()
    TallyFile.objects.all().delete()
    with monkeypatch.context() as patched:
        patched.setattr(counting, "counted", lambda tally, progress: (_ for _ in ()).throw(OSError("disk")))
        with pytest.raises(OSError):
            services.run(counted.pk)
    assert (Tally.objects.get().state, Tally.objects.get().error) == (Tally.State.FAILED, "unexpected")
    assert services.request_tally(election=counted.pk, by=SYSTEM)
    assert services.run(counted.pk)
    tally = Tally.objects.get()
    assert (tally.state, tally.percent, tally.attempts) == (Tally.State.READY, 100, 3)
    Tally.objects.update(state=Tally.State.WAITING, rule={**tally.rule, "ties": ["drawn"], "drawn": ["1-1"]})
    PoolCount.objects.all().delete()
    assert not services.run(counted.pk)
    assert "wylosowana" in Tally.objects.get().error


def test_equal_shares_over_all_pools_keep_each_pool_to_its_money(db):
    rule = Rule("equal-shares", "add-one-greedy", step=Fraction(50))
    election = make_tallied(BALLOTS, rule=rule, together=True)
    assert services.run(election.pk)
    found = selectors.results(election.pk, staff=True)
    assert [one.pools for one in found.counts] == [[1, 2, 3]]
    spent = dict.fromkeys(MONEY, 0)
    for row in found.counts[0].results.all():
        spent[row.option.pool.number] += row.option.cost * row.won
    assert all(spent[pool] <= MONEY[pool] for pool in MONEY)
    assert [one.name for one in found.files] == ["wszystkie.pb", "wyniki.csv", "wyniki.json"]
    data = bytes(TallyFile.objects.get(name="wszystkie.pb").data)
    told = recount.count(data, AS_FILE)
    assert told["as_in_file"]
    assert sorted(told["winners"]) == sorted(outcome(election)[1])
    assert (told["parameters"]["pools"], told["ballots"]) == ({"1": 5000, "2": 4000, "3": 3000}, len(BALLOTS))
    short = [row for row in found.counts[0].results.all() if row.reason == "supporters-short"]
    assert all(row.missing_votes for row in short if row.votes)


def test_what_a_ballot_brought_can_be_computed_from_what_is_published(db):
    rule = Rule("equal-shares", "none")
    election = make_tallied(BALLOTS, rule=rule)
    services.run(election.pk)
    services.publish_results(election=election.pk, by=SYSTEM)
    data = selectors.brought(selectors.results(election.pk))
    one = data["counts"][0]
    made, _whole = counting.counted(Tally.objects.get(), lambda done, steps: None)
    wanted = what_my_vote_brought({"1-4": 1}, made[0].result)
    left, paid = Fraction(one["share"]), {}
    for key, price in one["purchases"]:
        if key == "1-4":
            paid[key] = min(left, Fraction(price))
            left -= paid[key]
    assert {brought.id: brought.paid for brought in wanted.projects if brought.decision.won} == paid
    assert wanted.left == left


@pytest.mark.parametrize(
    ("kind", "fields", "ballots", "first"),
    [
        ("cumulative", {"points": 5, "most_points": 3}, [{1: {1: 3, 2: 2}}, {1: {2: 3}}], ("1-2", 5)),
        ("ordinal", {"most": 3}, [{1: [3, 1]}, {1: [3, 2, 1]}], ("1-3", 6)),
        ("knapsack", {"budget": 3000_00}, [{1: [1, 2]}, {1: [2]}], ("1-2", 2)),
    ],
)
def test_every_kind_of_ballot_is_counted_and_published(db, kind, fields, ballots, first):
    options = tuple(voting.NewOption(number=one, name=f"Projekt {one}", cost=1000_00 * one) for one in range(1, 4))
    pool = voting.NewPool(number=1, name="Całość", kind=voting.Kind(kind), options=options, **fields)
    election = make_tallied(ballots, pools=(pool,), limits=())
    assert services.run(election.pk)
    best = max(OptionResult.objects.all(), key=lambda row: row.score)
    assert (best.key, best.score) == first
    data = bytes(TallyFile.objects.get(name="wszystkie.pb").data)
    assert pabulib.parse(data).warnings == []
    assert recount.count(data, AS_FILE)["as_in_file"]


def test_reading_a_result_asks_the_database_a_fixed_number_of_times(counted, django_assert_num_queries):
    services.publish_results(election=counted.pk, by=SYSTEM)
    with django_assert_num_queries(4):
        found = selectors.results(counted.pk)
        selectors.brought(found)


def test_an_election_without_a_plan_is_not_counted(db):
    election = make_tallied(BALLOTS[:1], plan=False)
    assert not services.request_tally(election=election.pk, by=SYSTEM)
    assert Election.objects.get().state == Election.State.TALLIED
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'participation.count_votes'")
        assert cursor.fetchone() == (0,)
