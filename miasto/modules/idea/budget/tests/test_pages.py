"""The pages: a proposal written step by step without scripts, its verification by staff, and what others see."""

from urllib.parse import urlparse

import pytest
from django.urls import reverse

from miasto.kernel.places.testing import make_place, point, square
from miasto.modules.idea.budget import supporting
from miasto.modules.idea.budget.models import Project, ProposalDraft, Supporter
from miasto.modules.idea.budget.testing import accept, make_project

BASE = "/idea/budzet/2026/"
IDEA = {
    "pool": "centrum",
    "title": "Ławki przy skwerze",
    "summary": "Dziesięć ławek.",
    "description": "Nie ma gdzie usiąść.",
    "for_whom": "Dla wszystkich.",
}
AUTHOR = {
    "name": "Anna Próbna",
    "email": "anna@przyklad.pl",
    "postal_address": "Długa 1",
    "phone": "",
    "co_authors": "Jan Drugi",
}


def post(client, step, data):
    return client.post(f"{BASE}nowy/{step}/", data)


def write(client):
    """The wizard up to the summary, by somebody without an account."""
    client.post(f"{BASE}nowy/")
    assert post(client, "pomysl", IDEA).status_code == 302
    here = point()
    assert post(client, "miejsce", {"address": "", "geom": here.geojson, "place_note": "Przy piaskownicy"}).status_code == 302
    assert post(client, "sprawdzenie", {}).status_code == 302
    assert (
        post(client, "koszty", {"name_1": "Ławki", "amount_1": "20 000,50", "name_2": "Montaż", "amount_2": "5000"}).status_code
        == 302
    )
    assert post(client, "autorzy", AUTHOR).status_code == 302


def test_somebody_without_an_account_proposes_step_by_step_and_comes_back_to_the_draft(client, edition):
    start = client.get(f"{BASE}nowy/").content.decode()
    assert "2 osoby, które poprą" in start
    client.post(f"{BASE}nowy/")
    assert client.get(f"{BASE}nowy/koszty/").url == f"{BASE}nowy/pomysl/"
    wrong = post(client, "pomysl", {**IDEA, "title": ""})
    assert wrong.status_code == 422
    assert "Wpisz tytuł." in wrong.content.decode()
    assert "Nie ma gdzie usiąść." in client.get(f"{BASE}nowy/pomysl/").content.decode()
    write(client)
    summary = client.get(f"{BASE}nowy/podsumowanie/").content.decode()
    assert "25\u00a0000,50\u00a0zł" in summary
    sent = client.post(f"{BASE}nowy/podsumowanie/")
    made = Project.objects.get()
    assert urlparse(sent.url).path == f"{BASE}projekty/1/"
    assert made.cost == 25_000_50
    assert [one.name for one in made.authors.order_by("-lead")] == ["Anna Próbna", "Jan Drugi"]
    assert ProposalDraft.objects.get().data == {}
    page = client.get(sent.url).content.decode()
    assert "Projekt złożony. Ma numer 1" in page
    assert supporting.list_token(made) in page


def test_costs_are_added_up_and_checked_against_the_pool_at_once(client, edition):
    client.post(f"{BASE}nowy/")
    post(client, "pomysl", IDEA)
    here = point()
    post(client, "miejsce", {"address": "", "geom": here.geojson})
    checked = client.get(f"{BASE}nowy/sprawdzenie/").content.decode()
    assert "Miasto nie wczytało jeszcze rejestru działek" in checked
    post(client, "sprawdzenie", {})
    dear = post(client, "koszty", {"name_1": "Pałac", "amount_1": "70 000"})
    assert dear.status_code == 422
    assert "może kosztować najwyżej 60\u00a0000\u00a0zł, a kosztuje 70\u00a0000\u00a0zł" in dear.content.decode()
    assert "Wpisz kwotę w złotych" in post(client, "koszty", {"name_1": "Pałac", "amount_1": "dużo"}).content.decode()


def test_a_drawn_area_tells_each_plot_with_its_square_metres_and_changed_words_replace_it(client, edition):
    for name, owner, east in (("1/1", "gmina", 0), ("1/2", "prywatna", 100)):
        make_place(name=name, place_kind="plot", geom=square(east, 0, 100), attributes={"owner": owner})
    client.post(f"{BASE}nowy/")
    post(client, "pomysl", IDEA)
    drawn = square(50, 0, 60)[0]
    assert post(client, "miejsce", {"geom": drawn.geojson, "shape": "area", "address": ""}).status_code == 302
    told = client.get(f"{BASE}nowy/sprawdzenie/").content.decode()
    for words in (
        "Powierzchnia zaznaczonego obszaru: 3",
        "1/1: należy do gminy. Wspólna powierzchnia: 1",
        "1/2: jest prywatna.",
    ):
        assert words in told
    same = {"geom": ProposalDraft.objects.get().data["geom"], "shape": "area", "address": "Nieznana 777"}
    assert "którą znajdziemy" in post(client, "miejsce", same).content.decode()
    post(client, "miejsce", {"geom": drawn.geojson, "shape": "area", "address": ""})
    post(client, "sprawdzenie", {})
    post(client, "koszty", {"name_1": "Ławki", "amount_1": "20 000"})
    post(client, "autorzy", AUTHOR)
    client.post(f"{BASE}nowy/podsumowanie/")
    made = Project.objects.get()
    assert made.geom.geom_type == "Polygon"
    parts = {row["name"]: row["m2"] for row in made.plot_check if row["layer"] == "plots"}
    assert set(parts) == {"1/1", "1/2"}
    assert all(1500 < one < 2000 for one in parts.values())
    assert "?numer=1" in client.get(f"{BASE}projekty/1/").content.decode()


def test_a_place_of_another_pool_or_outside_the_city_is_said_at_once(client, edition):
    client.post(f"{BASE}nowy/")
    post(client, "pomysl", IDEA)
    for where, words in ((point(3000, 3000), "należy do puli"), (point(50_000, 0), "poza miastem")):
        answer = post(client, "miejsce", {"address": "", "geom": where.geojson})
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_neighbours_sign_the_list_by_the_shared_address_and_nobody_sees_names(client, edition):
    project = make_project(edition, supporters=0)
    address = reverse("idea:budget_support", args=["2026", 1, supporting.list_token(project)])
    assert client.get(address.replace(supporting.list_token(project), "inny-znak")).status_code == 404
    form = {"name": "Jan Próbny", "postal_address": "Długa 2", "email": "jan@przyklad.pl"}
    told = client.post(address, form).content.decode()
    assert "Wysłaliśmy wiadomość" in told
    assert "Wysłaliśmy wiadomość" in client.post(address, form).content.decode()
    assert Supporter.objects.count() == 1
    assert client.get(reverse("idea:budget_confirm", args=[Supporter.objects.get().pk])).status_code == 403
    assert "Jan Próbny" not in client.get(address).content.decode()


def test_staff_verify_a_project_and_everybody_reads_the_result(panel, client, edition):
    project = make_project(edition)
    page = reverse("idea_panel:budget_project", args=[project.pk])
    assert "Osoba Numer1" in panel.get(page).content.decode()
    panel.post(reverse("idea_panel:budget_formal", args=[project.pk]))
    early = panel.post(reverse("idea_panel:budget_verdict", args=[project.pk]), {"text": "Tak.", "do": "accept"})
    assert early.status_code == 422
    assert "Nie wszystkie jednostki wydały już opinię." in early.content.decode()
    for one in project.opinions.all():
        data = {"outcome": "positive", "text": "Można.", "cost": ""}
        panel.post(reverse("idea_panel:budget_opinion", args=[project.pk, one.pk]), data)
    panel.post(reverse("idea_panel:budget_verdict", args=[project.pk]), {"text": "Spełnia warunki.", "do": "accept"})
    panel.logout()
    public = client.get(f"{BASE}projekty/1/").content.decode()
    assert "dopuszczony do głosowania" in public
    assert "Spełnia warunki." in public
    assert "Osoba Numer1" not in public


def test_lists_ask_the_same_number_of_queries_however_many_projects_there_are(client, edition, django_assert_max_num_queries):
    accept(make_project(edition))
    for number in range(5):
        accept(make_project(edition, title=f"Projekt {number}"))
    client.get(BASE)
    with django_assert_max_num_queries(14):
        assert client.get(f"{BASE}?szukaj=Projekt").content.decode().count("budget-card__title") == 5
    with django_assert_max_num_queries(8):
        assert len(client.get(f"{BASE}projekty.geojson?szukaj=Projekt").json()["features"]) == 5


def test_somebody_with_an_account_follows_a_project_and_finds_it_by_name(client, edition, manager):
    project = accept(make_project(edition))
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"{BASE}projekty/1/obserwuj/").status_code == 302
    assert project.title in client.get("/obserwuj/").content.decode()


@pytest.mark.parametrize("page", ["", "zmien/", "losowanie/"])
def test_the_panel_of_an_edition_is_for_those_who_run_it(panel, edition, page):
    address = f"/panel/idea/budzet/{edition.pk}/{page}"
    assert panel.get(address).status_code == 200
    panel.logout()
    assert panel.get(address).status_code == 302


def test_an_edition_is_made_from_a_preset_and_its_faults_are_said_in_words(panel, edition):
    unit = edition.unit_id
    form = {
        "title": "Edycja",
        "slug": "2030",
        "year": "2030",
        "summary": "",
        "total": "100 000",
        "unit": str(unit),
        "rules": "{}",
    }
    told = panel.post("/panel/idea/budzet/nowa/", form)
    assert told.status_code == 422
    assert "Podaj co najmniej jedną pulę pieniędzy." in told.content.decode()
    assert "To nie jest poprawny JSON." in panel.post("/panel/idea/budzet/nowa/", {**form, "rules": "pule"}).content.decode()
