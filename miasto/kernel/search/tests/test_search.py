"""What is typed finds what the viewer may see, in any form of the words and with typing errors."""

import uuid

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from miasto.kernel.places.services import retire_object, save_object
from miasto.kernel.places.testing import make_address, make_area, make_place, make_street
from miasto.kernel.search import queries, selectors, services
from miasto.kernel.search.models import Document, Word
from miasto.kernel.search.selectors import search, suggest
from miasto.kernel.search.sources import Source, sources
from miasto.kernel.spec.search import SearchEntry

pytestmark = pytest.mark.django_db
KNOWN = {"dbname", "user", "password", "host", "port"}


def titles(text, viewer=ANONYMOUS, **options):
    return ["".join(part for part, _on in hit.title) for hit in search(text, viewer, **options).hits]


@pytest.fixture
def city():
    for name, kind in [
        ("Szkoła Podstawowa nr 7", "school"), ("Muzeum Zabawek", "museum"), ("Dworzec Autobusowy", "station"),
        ("Przystanek Łąkowa", "stop"), ("Biblioteka na Skarpie", "library"),
    ]:  # fmt: skip
        make_place(name=name, place_kind=kind)
    make_street(name="Henryka Sienkiewicza")
    make_area(name="Osiedle Ślichowice")
    services.reindex_all()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("muzea zabawek", "Muzeum Zabawek"),
        ("MUZEUM", "Muzeum Zabawek"),
        ("dworca", "Dworzec Autobusowy"),
        ("lakowej", "Przystanek Łąkowa"),
        ("slichowice", "Osiedle Ślichowice"),
        ("ulica Sienkiewicza", "ul. Henryka Sienkiewicza"),
        ("bibliot", "Biblioteka na Skarpie"),
        ("szkola 7", "Szkoła Podstawowa nr 7"),
    ],
)
def test_a_thing_is_found_by_other_forms_and_by_beginnings(city, text, expected):
    assert expected in titles(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mzeum", "Muzeum Zabawek"),
        ("bibiloteka", "Biblioteka na Skarpie"),
        ("slihowice", "Osiedle Ślichowice"),
        ("dworzce", "Dworzec Autobusowy"),
    ],
)
def test_a_typing_error_is_put_right_and_told(city, text, expected):
    found = search(text, ANONYMOUS)
    assert expected in titles(text)
    assert found.corrected or text == "dworzce"


def test_all_words_must_match(city):
    assert titles("muzeum dworzec") == []


def test_a_text_without_words_finds_nothing(city):
    assert search(" ,.!? ", ANONYMOUS).empty
    assert search("", ANONYMOUS).empty


def test_the_exact_title_comes_first():
    make_place(name="Park Miejski i plac zabaw")
    make_place(name="Park")
    make_place(name="Restauracja przy parku")
    services.reindex_all()
    assert titles("park")[0] == "Park"


def test_results_can_be_narrowed_to_a_kind(city):
    make_street(name="Muzealna")
    make_place(name="Muzealna kawiarnia")
    services.reindex_all()
    found = search("muzealna", ANONYMOUS)
    assert {(one.key, one.count) for one in found.facets} == {("places.place", 1), ("places.street", 1)}
    assert titles("muzealna", kinds=["places.street"]) == ["ul. Muzealna"]
    assert len(titles("muzealna", kinds=["unknown.kind"])) == 2


def test_pages_do_not_repeat_anything():
    for number in range(45):
        make_place(name=f"Przedszkole numer {number}")
    services.reindex_all()
    found = [title for page in (1, 2, 3) for title in titles("przedszkole", page=page)]
    assert len(found) == len(set(found)) == 45
    assert search("przedszkole", ANONYMOUS).pages == 3


def test_what_answers_is_marked():
    make_place(name="Muzeum Zabawek i Zabawy")
    services.reindex_all()
    (hit,) = search("zabawki", ANONYMOUS).hits
    assert hit.title == [("Muzeum ", False), ("Zabawek", True), (" i Zabawy", False)]


def test_each_viewer_finds_only_what_that_viewer_may_see():
    ours, theirs = make_unit(), make_unit()
    make_place(name="Magazyn jawny")
    make_place(name="Magazyn nasz", audience="unit", unit=ours)
    make_place(name="Magazyn obcy", audience="unit", unit=theirs)
    make_place(name="Magazyn tajny", audience="private")
    services.reindex_all()
    person = uuid.uuid4()
    clerk = Viewer(person_id=person, grants=frozenset({("cases.clerk", ours.pk)}))
    everywhere = Viewer(person_id=person, grants=frozenset({("cases.supervisor", None)}))
    assert set(titles("magazyn")) == {"Magazyn jawny"}
    assert set(titles("magazyn", Viewer(person_id=person))) == {"Magazyn jawny"}
    assert set(titles("magazyn", clerk)) == {"Magazyn jawny", "Magazyn nasz"}
    assert set(titles("magazyn", everywhere)) == {"Magazyn jawny", "Magazyn nasz", "Magazyn obcy"}
    assert len(titles("magazyn", SYSTEM)) == 4
    assert {one.label for one in suggest("magaz", ANONYMOUS)} == {"Magazyn jawny"}


def test_what_became_hidden_is_not_shown_even_before_the_index_knows(city):
    from miasto.kernel.places.models import ObjectIndex

    ObjectIndex.objects.filter(label="Muzeum Zabawek").update(audience="private")
    assert titles("muzeum") == []


def test_words_of_hidden_things_are_never_offered():
    make_place(name="Magazyn Chrząszczyżewoszyckiego", audience="private")
    services.reindex_all()
    assert not Word.objects.filter(folded__startswith="chrzaszcz").exists()


def test_the_index_follows_every_change_of_an_object(run_jobs):
    place = make_place(name="Stara Kuźnia")
    run_jobs()
    assert titles("kuznia") == ["Stara Kuźnia"]
    place.name = "Nowa Odlewnia"
    save_object(place, by=SYSTEM)
    run_jobs()
    assert titles("kuznia") == []
    assert titles("odlewnia") == ["Nowa Odlewnia"]
    retire_object(place, by=SYSTEM)
    run_jobs()
    assert not Document.objects.filter(object_id=place.pk).exists()


def test_reindexing_twice_changes_nothing(city):
    def all_rows():
        return list(Document.objects.order_by("id").values_list("id", "source", "object_id", "title", "vector"))

    before = all_rows()
    services.reindex_all()
    assert all_rows() == before


def test_what_a_source_no_longer_yields_is_forgotten(city):
    from miasto.kernel.places.models import Place

    gone = Place.objects.get(name="Muzeum Zabawek")
    Place.objects.filter(pk=gone.pk).delete()
    services.reindex("places.place", [gone.pk])
    assert not Document.objects.filter(object_id=gone.pk).exists()
    Place.objects.all().delete()
    assert services.reindex("places.place") == 0
    assert not Document.objects.filter(source="places.place").exists()


def test_a_source_that_is_switched_off_is_forgotten():
    Document.objects.create(
        source="gone.things", object_id=uuid.uuid4(), title="x", url="/", audience="public", title_vector="", vector=""
    )
    services.reindex_all()
    assert not Document.objects.exists()


def test_a_declared_source_decides_who_sees_its_things(monkeypatch):
    mine, other = uuid.uuid4(), uuid.uuid4()

    def entries(ids):
        return [
            SearchEntry(object_id=id, title=title, url=f"/x/{id}/", words="mosty i wiadukty")
            for id, title in ((mine, "Zgłoszenie pierwsze"), (other, "Zgłoszenie drugie"))
            if ids is None or id in ids
        ]

    source = Source("tests.things", "rzecz", "rzeczy", "file-text", 1, entries, lambda ids, viewer: {mine} & set(ids))
    known = {**sources(), "tests.things": source}
    for module in (services, selectors):
        monkeypatch.setattr(module, "sources", lambda: known)
    services.reindex("tests.things")
    assert titles("zgloszenia wiadukt") == ["Zgłoszenie pierwsze"]


def test_addresses_are_found_by_the_geocoder():
    make_address(street=make_street(name="Krzywa"), number="12")
    services.reindex_all()
    found = search("krzywa 12", ANONYMOUS)
    assert [one.kind for one in found.addresses] == ["address"]
    assert not Document.objects.filter(source="places.address").exists()


def test_pages_of_the_menu_are_found():
    assert "/mapa/" in {one.url for one in search("mapy", ANONYMOUS).shortcuts}
    assert "/mapa/" in {one.url for one in suggest("map", ANONYMOUS)}


def test_a_search_needs_at_most_six_queries(city, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        assert search("muzeum", ANONYMOUS).total
    with django_assert_max_num_queries(6):
        search("mzeum zabwek", ANONYMOUS)


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=60), st.from_regex(r"[a-zł%_\\'&|!():*<> -]{0,30}", fullmatch=True)))
def test_no_text_breaks_the_search(text):
    search(text, ANONYMOUS)
    suggest(text, ANONYMOUS)


@given(st.text(max_size=80), st.text(min_size=1, max_size=20))
def test_marking_keeps_the_text(text, words):
    query = queries.asked(words)
    if query is not None:
        assert "".join(part for part, _on in queries.marked(text, query)) == text


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_source_go_one_after_the_other():
    """Else one that read before an erasure could write after it, and bring back what was erased."""
    parameters = {key: value for key, value in connection.get_connection_params().items() if key in KNOWN}
    ask = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
    with psycopg.connect(**parameters) as other, transaction.atomic():
        services.reindex("places.objects", [])
        assert other.execute(ask, ["search.reindex:places.objects"]).fetchone() == (False,)
        assert other.execute(ask, ["search.reindex:another"]).fetchone() == (True,)
