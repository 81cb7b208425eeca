"""What came of an idea says so itself, its fate follows by itself, and a long talk comes in pages."""

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core.ids import uuid7
from miasto.kernel.participation.selectors import outcomes_of
from miasto.kernel.participation.testing import make_process
from miasto.kernel.places.testing import make_area
from miasto.modules.idea.budget import realising
from miasto.modules.idea.budget.events import ProjectMoved
from miasto.modules.idea.budget.models import Realisation
from miasto.modules.idea.budget.testing import accept, fresh, make_edition, make_project
from miasto.modules.idea.ideas import listeners, selectors, services
from miasto.modules.idea.ideas.models import Idea, State
from miasto.modules.idea.naming import KIND

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(accepted):
    make_area(code="centrum", name="Centrum")
    return accept(make_project(make_edition()))


@pytest.fixture
def accepted(idea, lead, resident):
    for _turn in range(3):
        services.support(idea=Idea.objects.get(), by=resident())
    services.decide(
        idea=Idea.objects.get(), state=State.ACCEPTED, reasons="Tak będzie, bo brakuje cienia.", decided_by="Prezydent", by=lead
    )
    return Idea.objects.get()


def page(client, address):
    return client.get(address).content.decode()


def enter(client, viewer):
    person = apps.get_model("accounts", "Person").objects.get(pk=viewer.person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def outcome(idea):
    [made] = outcomes_of([idea.pk])[idea.pk]
    return made


def moved(project):
    listeners.hear_project(ProjectMoved(project_id=project.pk, step_id=uuid7(), step="x", state=project.state))


def test_a_consultation_chosen_from_the_list_says_of_which_idea_it_came(client, accepted, lead, unit):
    process = make_process(kind=KIND, unit_id=unit.pk)
    enter(client, lead)
    address = f"/panel/idea/pomysly/{accepted.number}/"
    assert process.title in page(client, address)
    empty = client.post(f"{address}skutek/", {"skutek-fate": "planned"})
    assert "Wybierz z listy albo wklej" in empty.content.decode()
    sent = {"skutek-target": f"process:{process.pk}", "skutek-fate": "under_way", "skutek-text": "Pytamy mieszkańców."}
    assert client.post(f"{address}skutek/", sent).status_code == 302
    made = outcome(accepted)
    assert (made.target_id, made.title) == (process.pk, process.title)
    client.logout()
    assert f"Wynikło z pomysłu nr {accepted.number}" in page(client, f"/idea/konsultacje/{process.slug}/")


def test_the_fate_of_a_project_of_the_budget_is_followed_to_its_end_by_itself(client, accepted, project, lead, run_jobs):
    enter(client, lead)
    client.post(f"/panel/idea/pomysly/{accepted.number}/skutek/", {"skutek-url": project.get_absolute_url()} | {
        "skutek-fate": "done", "skutek-title": ""
    })  # fmt: skip
    made = outcome(accepted)
    assert (made.target_id, made.fate) == (project.pk, "planned"), "the project itself says how far it has got"
    assert f"Wynikło z pomysłu nr {accepted.number}" in page(client, project.get_absolute_url())
    apps.get_model("idea", "Project").objects.filter(pk=project.pk).update(state="won")
    realisation = Realisation.objects.create(
        project=project, unit_id=project.edition.unit_id, planned=project.cost, updated_at=project.created_at
    )
    for stage, fate, words in (("works", "under_way", "Trwa realizacja"), ("done", "done", "jest zrealizowany")):
        row = realising.NewsRow(stage=stage, planned=project.cost, spent=0, text="Idzie.")
        realising.report(realisation=realisation, row=row, by=SYSTEM)
        run_jobs()
        moved(fresh(project))
        made = outcome(accepted)
        assert made.fate == fate
        assert words in made.news.last().text
    assert Idea.objects.get().state == State.DONE
    assert made.news.count() == 3, "told twice, it is written once"


def test_a_project_that_was_withdrawn_is_told_with_its_reason(accepted, project, lead):
    services.link_outcome(
        idea=accepted, url=project.get_absolute_url(), title="Ławki", text="", fate="planned", target_id=project.pk, by=lead
    )
    apps.get_model("idea", "Project").objects.filter(pk=project.pk).update(state="withdrawn")
    moved(fresh(project))
    assert outcome(accepted).fate == "abandoned"
    assert "Autor wycofał projekt" in outcome(accepted).news.last().text


def test_a_long_talk_comes_in_pages_and_asks_no_more_queries(client, idea, resident, monkeypatch):
    monkeypatch.setattr(selectors, "COMMENTS", 3)
    person = resident()
    services.choose_name(name="Osoba", by=person)
    for turn in range(3):
        services.comment(idea=idea, body=f"Wpis numer {turn}.", by=person)
    address = f"/idea/pomysly/{idea.number}/"

    def asked(where):
        with CaptureQueriesContext(connection) as queries:
            text = page(client, where)
        return text, len(queries)

    page(client, address)
    one, few = asked(address)
    assert "Wpis numer 0." in one
    for turn in range(3, 8):
        services.comment(idea=idea, body=f"Wpis numer {turn}.", by=person)
    last, many = asked(address)
    assert many <= few
    assert "Wpis numer 7." in last
    assert "Wpis numer 5." not in last
    first, _count = asked(f"{address}?page=1")
    assert "Wpis numer 0." in first
    assert "Wpis numer 3." not in first


def test_staff_begin_with_the_page_of_the_oldest_flagged_comment(idea, resident, monkeypatch):
    monkeypatch.setattr(selectors, "COMMENTS", 2)
    person = resident()
    services.choose_name(name="Osoba", by=person)
    made = [services.comment(idea=idea, body=f"Wpis numer {turn}.", by=person) for turn in range(5)]
    services.flag(idea=idea, rule="off_topic", who="x", by=person, comment_id=made[1].pk)
    shown, rows = selectors.comments_for_staff(Idea.objects.get())
    assert shown.number == 1
    assert [one.flags for one in rows] == [0, 1]
    assert selectors.comments_for_staff(Idea.objects.get(), "3")[0].number == 3
