"""An edition from the proposal to the realisation: what the rules allow, to whom, and when."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied, ValidationError

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, Viewer, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_viewer
from miasto.kernel.cases import services as cases
from miasto.kernel.core import clock
from miasto.kernel.core.free_days import next_working
from miasto.kernel.core.testing import run_waiting_jobs
from miasto.kernel.files.testing import make_file
from miasto.kernel.participation.counting import draw as lots
from miasto.kernel.participation.services import voting
from miasto.kernel.places.testing import make_area, make_place, make_street, point, square
from miasto.modules.idea.budget import (
    drawing,
    editions,
    outcome,
    plots,
    privacy,
    proposing,
    realising,
    selectors,
    supporting,
    timing,
    verifying,
)
from miasto.modules.idea.budget.models import Edition, GuardianConsent, Project, Realisation, Supporter
from miasto.modules.idea.budget.testing import accept, draw_ballot, fresh, make_project, phases, proposal


def later(edition, kind):
    """The edition moved in time so that a phase is now."""
    edition.phases.all().delete()
    editions._save_phases(edition, phases(kind))
    return Edition.objects.get(pk=edition.pk)


def test_a_proposal_gets_a_number_a_case_and_a_check_of_its_place_and_is_filed_once(edition, author, district):
    key = uuid4()
    first = proposing.file_project(edition=edition, row=proposal(), client_key=key, by=author)
    again = proposing.file_project(edition=edition, row=proposal(), client_key=key, by=author)
    made = fresh(first.project)
    assert again.project.pk == made.pk
    assert (made.number, made.state, made.cost, made.district_id) == (1, "submitted", 25_000_00, district.pk)
    assert made.case.case_type == "idea.budget_verification"
    assert made.case.unit_id == edition.unit_id
    assert made.case.due_on == next_working(clock.today() + timedelta(days=40))
    assert made.plot_checked_at is not None
    assert Project.objects.visible_to(ANONYMOUS).count() == 0
    assert Project.objects.visible_to(author).get() == made


def test_what_breaks_the_rules_is_refused_by_field(edition, author):
    wrong = proposal(
        pool="centrum",
        items=[("Pałac", 90_000_00)],
        place=point(8000, 8000),
        authors=[proposing.AuthorRow(name="Jaś", child=True)],
    )
    with pytest.raises(ValidationError) as refused:
        proposing.file_project(edition=edition, row=wrong, client_key=uuid4(), by=author)
    assert set(refused.value.message_dict) == {"items", "address", "guardian_email"}
    assert Project.objects.count() == 0


def test_proposals_are_taken_in_their_phase_only(edition, author):
    late = later(edition, "verification")
    with pytest.raises(timing.NotNow):
        proposing.file_project(edition=late, row=proposal(), client_key=uuid4(), by=author)


def test_each_person_is_on_the_list_once_whatever_the_channel(edition, author):
    project = make_project(edition, supporters=0, by=author)
    row = supporting.SupporterRow("Jan Próbny", "ul. Długa 3", "jan@przyklad.pl")
    asked = supporting.support(project=project, row=row, by=ANONYMOUS)
    assert supporting.count(project) == 0
    with pytest.raises(PermissionDenied):
        supporting.confirm_support(supporter_id=asked.pk, by=ANONYMOUS)
    supporting.confirm_support(supporter_id=asked.pk, by=Viewer(links=frozenset({asked.pk})))
    paper = [supporting.SupporterRow("JAN  PRÓBNY", "Ul. długa 3"), supporting.SupporterRow("Ewa Nowa", "Inna 1")]
    assert supporting.enter_supporters(project=project, rows=paper, by=SYSTEM) == 1
    person = make_viewer(name="Ewa Nowa")
    supporting.support(project=project, row=supporting.SupporterRow("Ewa Nowa", "Inna 1"), by=person)
    supporting.support(project=project, row=supporting.SupporterRow("Ewa Nowa", "Zupełnie inna 1"), by=person)
    assert supporting.count(project) == 2
    assert Supporter.objects.count() == 2


def test_the_owner_of_an_address_is_written_to_once_and_a_guardian_too(edition):
    child = proposing.AuthorRow(
        name="Jaś Mały", child=True, guardian_name="Maria Mała", guardian_email="maria@przyklad.pl", email="jas@przyklad.pl"
    )
    project = make_project(edition, authors=[child])
    supporting.support(project=project, row=supporting.SupporterRow("Jan Próbny", "D 3", "jan@przyklad.pl"), by=ANONYMOUS)
    run_waiting_jobs()
    written = [one.to for one in apps.get_model("core", "OutgoingMail").objects.all()]
    assert (written.count("jan@przyklad.pl"), written.count("maria@przyklad.pl")) == (1, 1)
    with pytest.raises(ValidationError, match="Opiekun"):
        verifying.pass_formal(project=project, by=SYSTEM)
    consent = GuardianConsent.objects.get()
    supporting.give_consent(consent_id=consent.pk, by=Viewer(links=frozenset({consent.pk})))
    assert verifying.pass_formal(project=project, by=SYSTEM).state == "opinions"


def test_the_formal_check_needs_the_support_list_and_asks_the_units_with_a_term(edition):
    project = make_project(edition, supporters=1)
    with pytest.raises(ValidationError, match="1 osób, a potrzeba 2"):
        verifying.pass_formal(project=project, by=SYSTEM)
    supporting.enter_supporters(project=project, rows=[supporting.SupporterRow("Ewa Nowa", "I 1")], by=SYSTEM)
    verifying.pass_formal(project=project, by=SYSTEM)
    asked = list(project.opinions.select_related("case"))
    assert [one.check_kind for one in asked] == ["land", "cost"]
    assert asked[0].unit_id == asked[0].case.unit_id != asked[1].case.unit_id
    assert (
        {one.case.due_on for one in asked}
        == {one.due_on for one in asked}
        == {next_working(clock.today() + timedelta(days=10))}
    )
    assert Project.objects.visible_to(ANONYMOUS).get().pk == project.pk
    with pytest.raises(ValidationError, match="Nie wszystkie jednostki"):
        verifying.decide(project=project, accept=True, reasons="Tak", by=SYSTEM)


def test_an_opinion_given_on_the_page_of_its_case_counts_and_a_step_against_the_rules_is_taken_back(edition):
    project = make_project(edition)
    verifying.pass_formal(project=project, by=SYSTEM)
    first = project.opinions.select_related("case").first()
    cases.take_step(case=first.case, transition="negative", answer="Tu biegnie gazociąg.", by=SYSTEM)
    cases.take_step(case=fresh(project).case, transition="accept", answer="Przyjmujemy.", by=SYSTEM)
    run_waiting_jobs()
    first.refresh_from_db()
    assert (first.outcome, first.text) == ("negative", "Tu biegnie gazociąg.")
    assert fresh(project).state == "opinions"
    assert fresh(project).case.stage == "opinions"


def test_corrections_go_back_to_the_author_and_the_opinions_are_asked_anew(edition, author):
    project = make_project(edition, by=author)
    verifying.pass_formal(project=project, by=SYSTEM)
    verifying.ask_correction(project=project, text="Podaj wymiary.", by=SYSTEM)
    assert fresh(project).case.stage == "correction"
    assert project.opinions.count() == 0
    with pytest.raises(PermissionDenied):
        proposing.correct_project(project=project, row=proposal(), by=make_viewer())
    changed = proposal(title="Ławki z wymiarami", items=[("Ławki", 30_000_00)])
    proposing.correct_project(project=project, row=changed, by=author)
    found = fresh(project)
    assert (found.state, found.title, found.cost, found.case.stage) == (
        "submitted",
        "Ławki z wymiarami",
        30_000_00,
        "submitted",
    )
    assert [one.amount for one in found.items.all()] == [30_000_00]
    verifying.pass_formal(project=found, by=SYSTEM)
    assert found.opinions.count() == 2
    words = [line.body for line in selectors.path_of(found, inside=False)]
    assert "Podaj wymiary." not in words


def test_a_rejection_can_be_appealed_in_time_once_and_the_answer_is_final(edition, author):
    project = make_project(edition, by=author)
    verifying.decide(project=project, accept=False, reasons="Teren nie należy do miasta.", by=SYSTEM)
    rejected = fresh(project)
    assert rejected.appeal_due_on == clock.today() + timedelta(days=7)
    with clock.at(clock.now() + timedelta(days=9)), pytest.raises(ValidationError, match="Termin na odwołanie"):
        verifying.appeal(project=rejected, text="To pomyłka.", by=author)
    verifying.appeal(project=rejected, text="To pomyłka.", by=author)
    with pytest.raises(ValidationError):
        verifying.appeal(project=rejected, text="Jeszcze raz.", by=author)
    answered = verifying.decide_appeal(project=fresh(project), uphold=True, reasons="Autor ma rację.", by=SYSTEM)
    assert (answered.body, answered.upheld) == ("Prezydent", True)
    assert (fresh(project).state, fresh(project).case.stage) == ("accepted", "accepted")
    titles = [line.title for line in selectors.path_of(project, inside=False)]
    assert titles[-2:] == ["Autor złożył odwołanie", "Uwzględniono odwołanie"]


def test_the_order_is_committed_to_before_and_anybody_repeats_it(edition):
    made = [accept(make_project(edition, title=f"Projekt {one}")) for one in range(4)]
    city = accept(make_project(edition, pool="miasto", place=None, title="Aplikacja"))
    edition = later(edition, "draw")
    waiting = drawing.commit_draw(edition=edition, source="Losowanie Lotto 12 września", by=SYSTEM)
    assert waiting.items == {"1": [str(city.number)], "2": [str(one.number) for one in made]}
    drawn = drawing.draw_order(edition=edition, event="3, 14, 15, 26, 35, 49", by=SYSTEM)
    assert lots.check(drawn.seed, waiting.commitment)
    assert drawn.order["2"] == lots.shuffled(waiting.items["2"], drawn.seed, "3, 14, 15, 26, 35, 49 / 2")
    numbers = [fresh(one).ballot_number for one in (city, *(p for n in drawn.order["2"] for p in made if str(p.number) == n))]
    assert numbers == [1, 2, 3, 4, 5]
    with pytest.raises(ValidationError, match="już wylosowana"):
        drawing.draw_order(edition=edition, event="inny", by=SYSTEM)


def test_the_election_has_the_rules_of_the_edition_and_knows_its_projects(edition):
    made = [accept(make_project(edition, title=f"Projekt {one}")) for one in range(3)]
    accept(make_project(edition, pool="miasto", place=None, title="Aplikacja"))
    election = draw_ballot(later(edition, "draw")).election
    phase = timing.phase(edition, "voting")
    assert election.opens_at == clock.start_of(timing.phase(Edition.objects.get(), "voting").starts_on)
    assert phase is not None
    options = {one.object_id: one.number for pool in election.pools.all() for one in pool.options.all()}
    assert {options[one.pk] for one in made} == {2, 3, 4}
    rules = election.rules()
    assert voting.validate(rules, {1: [1], 2: [2, 3]}) == {1: [(1, 1)], 2: [(2, 1), (3, 1)]}
    with pytest.raises(voting.InvalidBallot):
        voting.validate(rules, {2: [2, 3, 4]})


def test_the_result_is_entered_once_and_the_winner_is_followed_to_the_end(edition, author, client):
    won, lost = accept(make_project(edition, by=author)), accept(make_project(edition, title="Drugi"))
    edition = draw_ballot(later(edition, "draw"))
    votes = {won.pk: 120, lost.pk: 7}
    outcome.settle(edition=edition, winners=[won.pk], votes=votes, by=SYSTEM)
    outcome.settle(edition=edition, winners=[lost.pk], votes=votes, by=SYSTEM)
    assert (fresh(won).state, fresh(won).votes, fresh(lost).state) == ("won", 120, "lost")
    work = Realisation.objects.get()
    row = realising.NewsRow(
        stage="works", planned=24_000_00, spent=4_000_00, text="Stoją pierwsze ławki.", file_ids=[make_file(by=SYSTEM).pk]
    )
    realising.report(realisation=work, row=row, by=SYSTEM)
    with pytest.raises(PermissionDenied):
        realising.report(realisation=work, row=row, by=make_viewer())
    with pytest.raises(ValidationError) as refused:
        realising.report(realisation=work, row=realising.NewsRow(stage="stopped", planned=0, spent=-1), by=SYSTEM)
    assert set(refused.value.message_dict) == {"planned", "spent", "text"}
    view = selectors.view_of(fresh(won), ANONYMOUS)
    assert [one.text for one in view.realisation.entries.all()] == ["Stoją pierwsze ławki."]
    api = "/api/participation/budget/"
    assert [one["slug"] for one in client.get(api).json()] == ["2026"]
    listed = client.get(f"{api}2026/projects/?stage=works").json()["results"]
    assert [(one["number"], one["work"]["spent"]) for one in listed] == [(1, 4_000_00)]
    told = client.get(f"{api}2026/projects/1/").json()["realisation"]
    assert (told["stage"], told["planned"], told["news"][0]["spent"]) == ("works", 24_000_00, 4_000_00)
    assert client.get(told["news"][0]["photos"][0]["thumb"]).status_code == 200
    assert client.get(f"{api}2026/projects/2/").json()["realisation"] is None
    assert client.get(f"{api}2026/projects/99/").status_code == client.get(f"{api}x/projects/").status_code == 404
    features = selectors.geojson(selectors.projects(edition, ANONYMOUS), edition.slug)["features"]
    told = next(one["properties"] for one in features if one["id"] == str(won.pk))
    assert (told["votes"], told["stage"], told["spent"]) == (120, "works", 4000.0)


def test_the_plot_check_tells_of_what_the_layers_hold_and_says_where_the_city_has_no_data(edition):
    make_street(name="Krajowa", owner="national")
    make_area(area_kind="reserve", name="Skałki", geom=square(side_m=200))
    found = {one.text: (one.role, one.weight) for one in plots.findings(plots.check(Point(*point().coords, srid=4326)))}
    assert any("Skałki" in text and weight == ("clash", "stop") for text, weight in found.items())
    assert any("Krajowa" in text and weight == ("ownership", "stop") for text, weight in found.items())
    assert {role for role, weight in found.values() if weight == "unknown"} >= {"ownership", "plan"}
    make_place(place_kind="plot", name="123/4", geom=square(side_m=50), attributes={"owner": "gmina"})
    texts = [one.text for one in plots.findings(plots.check(Point(*point().coords, srid=4326)))]
    assert "Działka 123/4: należy do gminy." in texts


def test_rules_stay_once_somebody_has_proposed_and_all_dates_are_checked(edition):
    make_project(edition)
    row = editions.EditionRow(
        slug="2026",
        year=2026,
        title="Inny tytuł",
        total=edition.total + 1,
        rules=edition.rules,
        phases=phases(),
        unit_id=edition.unit_id,
    )
    with pytest.raises(ValidationError, match="złożone projekty"):
        editions.save_edition(row=row, by=SYSTEM, edition=edition)
    crooked = {**phases(), "voting": (clock.today(), clock.today() - timedelta(days=1))}
    del crooked["verification"]
    with pytest.raises(ValidationError) as refused:
        editions.save_edition(row=editions.EditionRow(**{**row.__dict__, "slug": "2027", "phases": crooked}), by=SYSTEM)
    told = " ".join(refused.value.messages)
    assert "ocena projektów" in told
    assert "zanim się zacznie" in told


def test_a_person_is_exported_and_erased_and_the_project_stays(edition):
    person = make_person(name="Anna Autorka", email="anna.a@przyklad.pl")
    viewer = viewer_for_person(person.pk)
    project = make_project(edition, by=viewer)
    other = make_project(edition, title="Inny")
    supporting.support(project=other, row=supporting.SupporterRow("Anna Autorka", "Długa 1"), by=viewer)
    assert len(privacy.export(person.pk)) == 2
    privacy.erase(person.pk)
    assert privacy.export(person.pk) == []
    assert fresh(project).title == "Ławki przy skwerze"
    assert supporting.count(other) == 3
    assert not Supporter.objects.filter(name__contains="Anna").exists()
