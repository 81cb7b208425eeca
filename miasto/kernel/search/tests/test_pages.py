"""The page of results and the lines under the search box."""

import pytest
from django.core.management import CommandError, call_command

from miasto.kernel.places.testing import make_place
from miasto.kernel.search import services
from miasto.kernel.search.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def museum():
    place = make_place(name="Muzeum <b>Zabawek</b>")
    services.reindex_all()
    return place


def page(client, **query):
    answer = client.get("/szukaj/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_result_leads_to_its_page_with_the_words_marked(client, museum):
    found = page(client, q="muzea")
    assert f'<a href="/obiekty/{museum.pk}/"><mark>Muzeum</mark> &lt;b&gt;Zabawek&lt;/b&gt;</a>' in found


def test_what_was_typed_stays_in_the_box(client):
    assert 'value="&quot;&gt;&lt;script&gt;"' in page(client, q='"><script>')
    assert "<script>" not in page(client, q='"><script>')


def test_an_empty_search_offers_the_main_pages(client):
    assert 'href="/mapa/"' in page(client)


def test_nothing_found_says_what_to_do(client, museum):
    assert "Nic nie pasuje do „qwrtz”" in page(client, q="qwrtz")


def test_a_corrected_search_says_so(client, museum):
    found = page(client, q="mzueum")
    assert "Czy chodziło o <strong>muzeum</strong>?" in found


@pytest.mark.parametrize(
    "query", [{"page": "x"}, {"page": "-1"}, {"page": "99999999"}, {"rodzaj": "nic"}, {"q": "a" * 5000}, {"q": "\x00"}]
)
def test_odd_addresses_do_no_harm(client, museum, query):
    page(client, **{"q": "muzeum", **query})


def test_suggestions_are_what_the_combobox_reads(client, museum):
    answer = client.get("/szukaj/podpowiedzi/?q=muz")
    assert answer.json() == [
        {"value": f"/obiekty/{museum.pk}/", "label": "Muzeum <b>Zabawek</b>", "detail": answer.json()[0]["detail"]}
    ]
    assert answer["Cache-Control"] == "private, no-store"
    assert client.get("/szukaj/podpowiedzi/").json() == []


def test_the_page_only_reads(client):
    assert client.post("/szukaj/").status_code == 405


def test_the_index_can_be_made_anew_by_a_command(museum, capsys):
    Document.objects.all().delete()
    call_command("search", "reindex")
    assert Document.objects.filter(object_id=museum.pk).exists()
    assert "places.place" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("search", "reindex", "no.such")
