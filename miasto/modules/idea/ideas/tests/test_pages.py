"""The pages of ideas: what they say and to whom, with a number of queries that does not grow."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from miasto.kernel.participation.selectors import outcomes_of
from miasto.modules.idea.ideas import services
from miasto.modules.idea.ideas.models import Idea, IdeaSupport, State
from miasto.modules.idea.ideas.supporting import ADDRESS
from miasto.modules.idea.ideas.tests.conftest import TEXT
from miasto.modules.idea.models import PublicName

BACKEND = "django.contrib.auth.backends.ModelBackend"


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return response.content.decode()


def send(client, address, data=None, status=302):
    response = client.post(address, data or {})
    assert response.status_code == status, (address, response.status_code, response.content.decode()[:2000])
    return response


@pytest.fixture
def enter(client, django_user_model):
    """``enter(viewer)`` signs the client in."""

    def sign_in(viewer):
        client.force_login(django_user_model.objects.get(pk=viewer.person_id), backend=BACKEND)
        return client

    return sign_in


def test_an_idea_is_written_kept_checked_and_published(client, enter, author, idea):
    assert client.get("/idea/pomysly/nowy/").status_code == 302
    enter(author)
    kept = client.post("/idea/pomysly/nowy/zapis/", {"title": "Ławki pod lipami", "reach": "city"}).json()
    assert kept["saved"]
    assert "Ławki pod lipami" in page(client, kept["page"])
    assert client.post(kept["keep"], {"title": "Ławki pod lipami w parku", "reach": "city"}).json()["page"] == kept["page"]
    data = {
        "title": "Ławki pod lipami w parku",
        "text": "Za krótko",
        "topic": "greenery",
        "reach": "district",
        "name": "Sąsiadka",
    }
    checking = send(client, kept["page"], data)["Location"]
    assert "Opis musi mieć" in page(client, checking, 422)
    send(client, kept["page"], {**data, "text": TEXT, "reach": "city"})
    text = page(client, checking)
    assert idea.title in text
    assert "Ktoś już to zaproponował?" in text
    where = send(client, checking)["Location"]
    assert where == "/idea/pomysly/2/"
    assert "Ławki pod lipami w parku" in page(client, where)
    assert "Ławki pod lipami w parku" in page(client, "/idea/pomysly/moje/")
    assert idea.title in page(client, "/idea/pomysly/podobne/?title=%C5%82awki&text=szko%C5%82a")


def test_support_by_an_address_counts_after_the_button_behind_the_link(client, idea):
    assert "Wpisz adres" in send(client, f"/idea/pomysly/{idea.number}/popieram/", {"email": "x"}, 422).content.decode()
    send(client, f"/idea/pomysly/{idea.number}/popieram/", {"email": "ktos@example.org"})
    row = IdeaSupport.objects.get()
    assert Idea.objects.get().supports == 0
    link = ADDRESS.page_of(row.pk)
    assert client.get(link)["Location"] == f"/idea/pomysly/poparcie/{row.pk}/"
    assert "Tak, popieram" in page(client, f"/idea/pomysly/poparcie/{row.pk}/")
    assert Idea.objects.get().supports == 0, "opening the link confirms nothing"
    send(client, f"/idea/pomysly/poparcie/{row.pk}/", {"confirm": "1"})
    assert Idea.objects.get().supports == 1
    assert "ktos@example.org" not in page(client, f"/idea/pomysly/{idea.number}/")
    send(client, f"/idea/pomysly/poparcie/{row.pk}/", {"withdraw": "1"})
    assert Idea.objects.get().supports == 0
    assert not IdeaSupport.objects.exists()
    client.session.flush()
    client.cookies.clear()
    page(client, f"/idea/pomysly/poparcie/{row.pk}/", 404)


def test_readers_comment_follow_and_report_and_staff_hide(client, enter, idea, resident, lead):
    enter(resident())
    address = f"/idea/pomysly/{idea.number}/"
    send(client, f"{address}komentarz/", {"body": "A co z korzeniami?", "name": "Ogrodnik"})
    assert "Ogrodnik" in page(client, address)
    assert PublicName.objects.filter(name="Ogrodnik").exists()
    assert "dane osobowe" in send(client, f"{address}komentarz/", {"body": "Mój numer 600 700 800"}, 422).content.decode()
    send(client, f"{address}obserwuj/", {"on": "1"})
    send(client, f"{address}popieram/")
    assert "Popierasz ten pomysł" in page(client, address)
    send(client, f"{address}naruszenie/", {"rule": "off_topic"})
    page(client, f"/panel{address}", 403)
    enter(lead)
    text = page(client, f"/panel{address}")
    assert "Zgłoszone naruszenia" in text
    assert idea.title in page(client, "/panel/idea/pomysly/?co=zasady")
    send(client, f"/panel{address}ukryj/", {"ukryj-rule": "off_topic", "ukryj-note": "To sprawa powiatu."})
    client.logout()
    hidden = page(client, address, 410)
    assert "To sprawa powiatu." in hidden
    assert idea.title not in hidden
    assert idea.title not in page(client, "/idea/pomysly/")
    page(client, f"{address}wersje/", 404)


def test_staff_lead_an_idea_to_its_outcome_on_the_workbench(client, enter, idea, lead, experts):
    enter(lead)
    address = f"/panel/idea/pomysly/{idea.number}/"
    assert "Napisz to w kilku słowach" in send(client, f"{address}rozpatrz/", {}, 422).content.decode()
    send(client, f"{address}rozpatrz/", {"wez-reason": "To zgodne ze strategią."})
    send(client, f"{address}koszt/", {"koszt-cost": "45 000", "koszt-yearly": "500,50", "koszt-note": "Zarząd Zieleni"})
    assert Idea.objects.get().cost_yearly == 50_050
    send(client, f"{address}opinia/", {"opinia-unit": str(experts[0].pk), "opinia-question": "Czy to możliwe?"})
    data = {"decyzja-state": "accepted", "decyzja-reasons": "Tak będzie.", "decyzja-decided_by": "Prezydent Miasta"}
    assert "nie odpowiedziała jeszcze" in send(client, f"{address}decyzja/", data, 422).content.decode()
    opinion = Idea.objects.get().opinions.get()
    send(client, f"{address}opinia/{opinion.pk}/wycofaj/", {"pytanie-reason": "Odpowiedź jest w planie."})
    send(client, f"{address}decyzja/", data)
    send(client, f"{address}skutek/", {"skutek-url": "https://example.org/x", "skutek-title": "Lipy", "skutek-fate": "planned"})
    [made] = outcomes_of([idea.pk])[idea.pk]
    send(client, f"{address}skutek/{made.pk}/", {"dalej-fate": "done", "dalej-text": "Posadzono."})
    client.logout()
    text = page(client, f"/idea/pomysly/{idea.number}/")
    assert Idea.objects.get().state == State.DONE
    for said in ("Tak będzie.", "Lipy", "Posadzono.", "45 000", "To zgodne ze strategią."):
        assert said in text.replace("\xa0", " "), said


def test_the_pages_ask_the_same_number_of_queries_however_many_ideas_there_are(client, published, resident, idea):
    def count(address):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(client, address)
        return len(asked)

    first = resident()
    services.choose_name(name="Pierwsza osoba", by=first)
    services.comment(idea=idea, body="Dobry pomysł.", by=first)
    for address in ("/idea/pomysly/", f"/idea/pomysly/{idea.number}/", "/idea/pomysly/liczby/"):
        page(client, address)
    before = {address: count(address) for address in ("/idea/pomysly/", "/idea/pomysly/liczby/")}
    one = count(f"/idea/pomysly/{idea.number}/")
    for turn in range(6):
        published(f"Pomysł o drzewach numer {turn}", by=resident())
        person = resident()
        services.choose_name(name=f"Osoba {turn}", by=person)
        services.comment(idea=idea, body="Popieram to.", by=person)
    assert {address: count(address) for address in before} == before
    assert count(f"/idea/pomysly/{idea.number}/") <= one
    assert one <= 16


def test_the_api_the_feed_and_the_map_say_what_everybody_may_know(client, published, resident, author, lead, idea):
    services.keep_draft(row=services.IdeaRow(title="Tajny szkic", text="", topic=""), by=author)
    hidden = published("Reklama garnków na raty", by=resident())
    services.hide(idea=hidden, rule="off_topic", note="Reklama.", by=lead)
    told = client.get("/api/participation/ideas/").json()
    assert [one["number"] for one in told["results"]] == [idea.number]
    one = client.get(f"/api/participation/ideas/{idea.number}/").json()
    assert one["steps"][0]["kind"] == "published"
    assert one["text"] == TEXT
    assert client.get(f"/api/participation/ideas/{hidden.number}/").status_code == 404
    feed = page(client, "/idea/pomysly/rss/")
    assert idea.title in feed
    assert "garnków" not in feed
    assert "szkic" not in feed
    items = json.loads(page(client, "/api/ogc/collections/idea.ideas/items?f=json"))
    assert items["features"] == [], "whole-city ideas have no place"
    assert "zgłoszenie" in page(client, "/idea/ktora-droga/")


def test_the_form_of_a_petition_is_for_the_author_alone(client, enter, idea, author, resident):
    for _turn in range(3):
        services.support(idea=Idea.objects.get(), by=resident())
    address = f"/idea/pomysly/{idea.number}/petycja/"
    enter(resident())
    assert client.get(address).status_code == 403
    enter(author)
    assert TEXT in page(client, address)
    data = {"text": TEXT, "name": "Anna Lipa", "postal": "ul. Próbna 1", "email": "autorka@example.org"}
    assert "Wpisz adres" in send(client, address, {**data, "postal": ""}, 422).content.decode()
    send(client, address, data)
    number = Idea.objects.get().petition.number
    client.logout()
    assert f"/petycje/{number}/" in page(client, f"/idea/pomysly/{idea.number}/")
    assert number in page(client, "/petycje/")
