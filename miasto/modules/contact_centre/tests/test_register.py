"""The public register, the home page's section, the search and the map: what everybody sees, and what nobody must."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import translation

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_person, make_viewer
from miasto.kernel.cases import selectors, services
from miasto.kernel.core.city import city
from miasto.kernel.files.testing import make_file
from miasto.modules.contact_centre import home
from miasto.modules.contact_centre.case_type import KEY, REPORT
from miasto.modules.contact_centre.services import sync_profile

pytestmark = pytest.mark.django_db
REGISTER = "contact_centre_register:list"
CANARY = {"name": "Kanarek Tajny", "email": "kanarek.tajny@przyklad.pl", "phone": "777 666 555"}
SECRET = "Słowa kanarka o numerze 44 i sąsiedzie Nowaku"


def file(catalogue, slug="latarnia", *, by=ANONYMOUS, **fields):
    category = catalogue[slug]
    values = {
        "description": SECRET,
        "point": city().centre,
        "address_text": "ul. Próbna 1",
        "contact": services.Contact(**CANARY),
        "answers": {"lamps": "one", "pole": "kanarek-77"} if slug == "latarnia" else {},
    }
    return services.file_case(case_type=KEY, category=category, by=by, **{**values, **fields}).case


@pytest.fixture
def report(catalogue):
    return file(catalogue, file_ids=[make_file().id])


@pytest.fixture
def clerk(report):
    return make_viewer(roles={"cases.clerk": report.unit})


def listed(client, query=""):
    return client.get(reverse(REGISTER) + query).content.decode()


def test_the_register_lists_reports_by_category_place_and_stage(client, report):
    text = listed(client)
    for shown in (report.number, "Latarnia nie świeci", "ul. Próbna 1", "Osiedle Próbne", "Przyjęte"):
        assert shown in text


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("?kategoria=latarnia", True),
        ("?kategoria=swiatlo", True),
        ("?kategoria=inne", False),
        ("?etap=received", True),
        ("?etap=closed", False),
        ("?okres=7", True),
        ("?szukaj=probna", True),
        ("?szukaj=latarnie", True),
        ("?szukaj=zzqqxx", False),
        ("?kategoria=nie-ma&etap=nie-ma&obszar=nie-ma&okres=nie&strona=zepsuta", True),
    ],
)
def test_the_filters_are_in_the_address_and_reach_the_map_too(client, report, query, there):
    assert (f"/sprawy/{report.number}/" in listed(client, query)) is there
    found = client.get(reverse("contact_centre_register:geojson") + query).json()["features"]
    assert bool(found) is there


def test_a_district_narrows_the_register(client, report):
    assert report.number in listed(client, f"?obszar={report.district_id}")


def test_the_register_needs_at_most_twelve_queries_for_one_report_and_for_many(
    client, catalogue, report, django_assert_max_num_queries
):
    for _ in range(15):
        file(catalogue, "inne")
    listed(client)
    for query in ("", "?szukaj=probna&kategoria=swiatlo&okres=30"):
        with django_assert_max_num_queries(12):
            listed(client, query)


def test_older_reports_are_on_further_pages(client, catalogue):
    numbers = [file(catalogue, "inne").number for _ in range(23)]
    first = client.get(reverse(REGISTER))
    assert numbers[-1] in first.content.decode()
    assert numbers[0] not in first.content.decode()
    older = client.get(reverse(REGISTER) + first.context["older_url"].split("#")[0])
    assert numbers[0] in older.content.decode()
    assert older.context["newer_url"]


def test_a_void_report_leaves_the_register(client, report, clerk):
    services.take_step(case=report, transition="void", reason="Spam", by=clerk)
    assert report.number not in listed(client)
    assert not list(home.entries([report.pk]))


def test_an_empty_register_says_what_to_do(client, catalogue):
    assert "Nie ma takich zgłoszeń" in listed(client, "?szukaj=zzqqxx")


def test_the_home_page_says_what_happens_in_the_city(client, report, django_assert_max_num_queries):
    text = client.get("/").content.decode()
    assert "Co się dzieje w mieście" in text
    assert report.number in text
    with django_assert_max_num_queries(12):
        client.get("/")


def test_the_search_finds_a_report_by_its_approved_words_only(report, clerk):
    entry = next(iter(home.entries([report.pk])))
    assert "kanarka" not in entry.words
    services.decide_text(case=report, publish=True, edited="Ciemny zaułek", by=clerk)
    assert "Ciemny zaułek" in next(iter(home.entries([report.pk]))).words
    assert home.visible([report.pk], ANONYMOUS) == {report.pk}


def test_the_search_follows_a_report(report, clerk, run_jobs):
    from miasto.kernel.search import selectors as search

    run_jobs()
    found = search.search("latarnia", ANONYMOUS)
    assert report.number in str(found)
    services.take_step(case=report, transition="void", reason="Spam", by=clerk)
    run_jobs()
    assert report.number not in str(search.search("latarnia", ANONYMOUS))


def test_every_stage_can_be_reached_and_left_or_ends_the_report():
    reached = {REPORT.initial.key, *(step.target for step in REPORT.transitions)}
    left = {source for step in REPORT.transitions for source in step.sources}
    assert reached == {stage.key for stage in REPORT.stages}
    assert left == {stage.key for stage in REPORT.stages}


def public_addresses(report):
    """Addresses that anybody can open: every one without arguments, and those of this report."""
    found = set()

    def walk(patterns, prefix):
        for pattern in patterns:
            here = prefix + str(pattern.pattern).removeprefix("^")
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, here)
            elif not set("<(") & set(here):
                found.add("/" + here.replace("\\.", ".").removesuffix("$"))

    walk(get_resolver().url_patterns, "")
    layer = "/api/ogc/collections/contact_centre.reports/items?limit=10&f=json"
    return sorted(found | {
        f"/sprawy/{report.number}/", f"/sprawy/{report.number}/?fragment=1", f"/sprawy/{report.number}/miejsce.geojson",
        f"/api/cases/{report.number}/", f"/szukaj/?q={report.number}", "/szukaj/?q=kanarka", "/szukaj/?q=Nowaku", layer,
        f"{reverse(REGISTER)}?szukaj=kanarka", f"{reverse(REGISTER)}?szukaj=Kanarek", "/api/cases/?q=kanarka",
    })  # fmt: skip


@pytest.mark.parametrize("who", ["anonymous", "resident", "clerk of another unit"])
def test_no_public_page_holds_a_word_or_a_name_of_the_filer(report, clerk, run_jobs, who):
    from miasto.kernel.accounts.testing import make_staff, make_unit

    services.comment(case=report, body="Wewnętrzny kanarek-99", audience="internal", by=clerk)
    services.take_step(case=report, transition="ask", answer="Pytanie kanarek-88", by=clerk)
    run_jobs()
    client = Client()
    if who == "resident":
        client.force_login(make_person())
    elif who == "clerk of another unit":
        client.force_login(make_staff("cases.clerk", make_unit()))
    photo = str(report.files.get().file_id)
    opened = 0
    for address in public_addresses(report):
        if "na-zywo" in address:
            continue
        answer = client.get(address)
        opened += answer.status_code == 200
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode(errors="replace")
        for secret in (*CANARY.values(), SECRET, "sąsiedzie", "kanarek-99", "kanarek-88", "kanarek-77", photo):
            assert secret not in text, f"{secret!r} is on {address}"
    assert opened > 15


def test_the_profile_brings_categories_and_keeps_what_staff_rewrote(db):
    if not city().toml("categories.toml") or not city().toml("templates.toml"):
        pytest.skip("the profile has no categories or no templates")
    sync_profile()
    assert len(selectors.leaves(KEY)) > 10
    (first, *_others) = selectors.answer_templates(KEY)
    first.body = "Nasze słowa"
    first.save()
    sync_profile()
    assert "Nasze słowa" in {row.body for row in selectors.answer_templates(KEY)}


def test_all_reports_are_read_by_the_system_for_the_search(report):
    assert [entry.object_id for entry in home.entries(None)] == [report.pk]
    assert home.visible([report.pk], SYSTEM) == {report.pk}


def test_an_english_reader_finds_reports_under_english_names_of_categories(report, run_jobs):
    from miasto.kernel.search import selectors as search

    category = report.category
    category.translations = {"en": {"name": "Street lamp"}}
    category.save()
    run_jobs()
    found = {}
    for language in ("pl", "en"):
        with translation.override(language):
            hit = next(one for one in search.search("latarnia", ANONYMOUS).hits if one.object_id == report.pk)
            found[language] = "".join(part for part, _on in hit.title)
    assert found["en"].startswith("Street lamp")
    assert found["pl"].startswith(category.name)
