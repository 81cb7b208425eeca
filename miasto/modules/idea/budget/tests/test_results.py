"""The result of an edition: planned by its rules, hidden until it is announced, on the pages, in the projects, recountable."""

import uuid

import pytest
from django.urls import reverse

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.participation.counting import recount
from miasto.kernel.participation.events import ResultsAnnounced
from miasto.kernel.participation.selectors import tallying as seen
from miasto.kernel.participation.services import tallying, voting
from miasto.modules.idea.budget import editions, results
from miasto.modules.idea.budget.models import Edition, Project, Realisation
from miasto.modules.idea.budget.testing import accept, draw_ballot, make_edition, make_project, phases

AS_FILE = recount.rule_of(recount.arguments("x").parse_args(["x"]))
COUNTED = {"ballot": {"citywide_most": 1, "district_most": 2}, "counting": {"rule": "greedy-votes", "min_votes": 1}}


def cast(election, options, channel, number):
    ballot: dict[int, list[int]] = {}
    for project in options:
        ballot.setdefault(project.pool.number, []).append(project.ballot_number)
    key = voting.voter_key(election=election.pk, identity=str(number))
    voting.cast(election=election.pk, voter_key=key, ballot=ballot, channel=channel, request=uuid.uuid4())


def opened(edition, votes):
    """The election of a drawn edition, voted on and opened: ``votes`` are lists of titles."""
    election = edition.election
    shares = voting.make_keys(election=election.pk, threshold=2, holders=("a", "b", "c"), by=SYSTEM)
    voting.open_election(election=election.pk, by=SYSTEM)
    named = {one.title: one for one in Project.objects.select_related("pool").filter(edition=edition)}
    with clock.at(election.opens_at):
        for number, titles in enumerate(votes):
            channel = ("account", "identity")[number % 2]
            cast(election, [named[title] for title in titles], channel, number)
    with clock.at(election.closes_at):
        voting.close_election(election=election.pk, by=SYSTEM)
        voting.tally(election=election.pk, shares=[one.words for one in shares], by=SYSTEM)
    tallying.request_tally(election=election.pk, by=SYSTEM)
    return election


@pytest.fixture
def edition(district):
    return make_edition(**COUNTED)


@pytest.fixture
def voted(edition):
    """An edition whose district has 120 000 zł; the projects there cost 30 000 to 60 000 zł."""
    for title, cost in (("Ławki", 60_000_00), ("Drzewa", 50_000_00), ("Plac", 40_000_00), ("Mural", 30_000_00)):
        accept(make_project(edition, title=title, items=[("Całość", cost)]))
    accept(make_project(edition, pool="miasto", place=None, title="Aplikacja"))
    edition.phases.all().delete()
    editions._save_phases(edition, phases("draw"))
    edition = draw_ballot(Edition.objects.get(pk=edition.pk))
    opened(edition, [["Ławki", "Aplikacja"]] * 4 + [["Ławki", "Drzewa"]] * 3 + [["Plac", "Drzewa"]] * 2 + [["Plac"]])
    return Edition.objects.get(pk=edition.pk)


def address(name, edition):
    return reverse(f"idea:{name}", args=[edition.slug])


def test_the_rule_of_counting_is_that_of_the_edition_and_is_there_before_the_vote(voted):
    tally = seen.tally_of(voted.election_id)
    assert (tally.rule["rule"], tally.rule["min_score"]) == ("greedy-votes", "1")
    assert tally.money == {str(one.number): one.money for one in voted.pools.all()}


def test_before_the_announcement_no_page_knows_more_than_of_an_edition_without_a_vote(voted, client, panel):
    assert tallying.run(voted.election_id)
    client.logout()
    for name in ("budget_results", "budget_my_vote"):
        assert client.get(address(name, voted)).status_code == 404
    project = Project.objects.get(title="Ławki")
    for page in (voted.get_absolute_url(), project.get_absolute_url()):
        told = client.get(page).content.decode()
        assert "wyniki są ogłoszone" not in told
        assert "Mieszkańcy wybrali" not in told
    assert Project.objects.filter(votes__isnull=False).count() == 0
    for name in ("budget_results", "budget_protocol"):
        assert client.get(reverse(f"idea_panel:{name}", args=[voted.pk])).status_code in (302, 403)


def test_the_office_counts_announces_once_and_everybody_reads_why(voted, client, panel, django_assert_max_num_queries):
    bench = reverse("idea_panel:budget_results", args=[voted.pk])
    assert "Głosy czekają na policzenie." in panel.get(bench).content.decode()
    panel.post(reverse("idea_panel:budget_announce", args=[voted.pk]))
    assert seen.tally_of(voted.election_id).announced_at is None
    panel.post(reverse("idea_panel:budget_count", args=[voted.pk]))
    assert tallying.run(voted.election_id)
    told = panel.get(bench).content.decode()
    assert "Wszyscy zobaczą wyniki po ogłoszeniu." in told
    assert "Zabrakło:" in told
    panel.post(reverse("idea_panel:budget_announce", args=[voted.pk]))
    panel.post(reverse("idea_panel:budget_announce", args=[voted.pk]))
    for _twice in range(2):
        results.settle(ResultsAnnounced(election_id=voted.election_id))
    assert set(Project.objects.filter(state="won").values_list("title", flat=True)) == {"Ławki", "Drzewa", "Aplikacja"}
    assert Realisation.objects.count() == 3
    client.logout()
    with django_assert_max_num_queries(30):
        page = client.get(address("budget_results", voted)).content.decode()
    assert "Nie zmieścił się w pieniądzach, które zostały, gdy przyszła jego kolej." in page
    assert "Nie osiągnął najmniejszej wymaganej liczby głosów." in page
    assert "po podaniu danych i kodu z SMS-a" in page
    assert "To tylko porównanie." in page
    assert "python3 recount.py wszystkie.pb" in page
    assert (
        "Mieszkańcy wybrali ten projekt" in client.get(Project.objects.get(title="Ławki").get_absolute_url()).content.decode()
    )
    lost = client.get(Project.objects.get(title="Plac").get_absolute_url()).content.decode()
    assert "Projekt nie został wybrany" in lost
    assert "wyniki są ogłoszone" in client.get(voted.get_absolute_url()).content.decode()
    own = client.get(address("budget_my_vote", voted)).content.decode()
    assert f'data-election="{voted.election_id}"' in own
    assert "<noscript>" in own


def test_the_downloaded_file_names_the_projects_that_the_page_names(voted, client):
    tallying.run(voted.election_id)
    tallying.publish_results(election=voted.election_id, by=SYSTEM)
    row = seen.file(voted.election_id, "wszystkie.pb")
    answer = client.get(reverse("tallying:file", args=[voted.election_id, row.name]))
    told = recount.count(answer.content, AS_FILE)
    assert answer["X-Content-SHA256"] == told["sha256"] == row.sha256
    assert {one["name"] for one in told["projects"] if one["won"]} == {"Ławki", "Drzewa", "Aplikacja"}
    assert b"Anna" not in answer.content


def test_an_open_box_whose_count_nobody_asked_for_yet_is_waited_for_and_can_be_asked_for(voted, panel):
    tally = seen.tally_of(voted.election_id)
    tally.state = "planned"
    tally.save()
    told = panel.get(reverse("idea_panel:budget_results", args=[voted.pk])).content.decode()
    assert "Głosy czekają na policzenie." in told
    assert "data-live-every" in told
    assert "Policz jeszcze raz" in told


def test_a_count_that_failed_says_so_and_is_tried_again(voted, panel):
    tally = seen.tally_of(voted.election_id)
    good, tally.rule = tally.rule, {**tally.rule, "ties": ["drawn"], "drawn": ["1-1"]}
    tally.save()
    assert not tallying.run(voted.election_id)
    told = panel.get(reverse("idea_panel:budget_results", args=[voted.pk])).content.decode()
    assert "Liczenie się nie udało." in told
    assert "Policz jeszcze raz" in told
    tally = seen.tally_of(voted.election_id)
    tally.rule = good
    tally.save()
    panel.post(reverse("idea_panel:budget_count", args=[voted.pk]))
    assert tallying.run(voted.election_id)
