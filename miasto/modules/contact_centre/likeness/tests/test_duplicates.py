"""Finding reports of the same thing: near, unfinished, visible, quick; asking the resident; staff's merge."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as case_services
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.places.testing import make_street
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness.drawing import HEIGHT, WIDTH, drawing
from miasto.modules.contact_centre.likeness.selectors import likely_duplicates
from miasto.modules.contact_centre.likeness.tests.conftest import rows_of
from miasto.modules.contact_centre.likeness.work import similar
from miasto.modules.contact_centre.models import Draft

pytestmark = pytest.mark.django_db
TEXT = "Lampa przed blokiem nie świeci."
SAME, JOIN = "contact_centre:same", "contact_centre:join"


def at(metres):
    """A point so many metres east of the middle of the city."""
    lon, lat = city().centre
    return lon + metres / 70_300, lat


def file(catalogue, metres=10, slug="latarnia", text=TEXT, published=True, days=1):
    row = case_services.CaseRow(
        category=slug,
        filed_at=clock.now() - timedelta(days=days),
        description=text,
        point=at(metres),
        address_text="ul. Próbna 3",
        published=text if published else None,
        email="ktos@przyklad.pl",
    )
    case_services.import_cases(case_type=KEY, rows=[row], by=SYSTEM)
    return cases.visible_cases(SYSTEM).get(pk=row.id)


def find(catalogue, slug="latarnia", text="Nie świeci lampa", viewer=ANONYMOUS, **more):
    return likely_duplicates(category=catalogue[slug], point=at(0), text=text, viewer=viewer, **more)


def test_the_nearest_report_of_the_same_thing_comes_first_with_metres_and_reasons(catalogue):
    far, near = file(catalogue, 45), file(catalogue, 12)
    found = find(catalogue, address="ul. Próbna 7")
    assert [one.case.number for one in found] == [near.number, far.number]
    assert 11 <= found[0].metres <= 13
    why = " ".join(map(str, found[0].why))
    assert "ta sama kategoria" in why
    assert "ta sama ulica" in why
    assert "podobny opis" in why


def test_what_lies_beyond_the_radius_or_is_long_past_is_not_shown(catalogue):
    file(catalogue, 75)
    file(catalogue, 10, days=200)
    assert find(catalogue) == []


def test_a_finished_report_is_no_duplicate(catalogue):
    case = file(catalogue)
    staff = make_viewer({"contact_centre.operator": None})
    case_services.take_step(case=case, transition="reject", answer="Nie zrobimy tego.", by=staff)
    assert find(catalogue) == []


def test_a_report_of_another_category_of_the_group_counts_for_less(catalogue):
    file(catalogue, 5, slug="dziura", text=TEXT)
    other = find(catalogue, text=TEXT, least=0.0)[0].alike
    file(catalogue, 5, text=TEXT)
    assert find(catalogue, text=TEXT, least=0.0)[0].alike > other


def test_a_report_is_not_its_own_duplicate(catalogue):
    case = file(catalogue)
    assert find(catalogue, exclude={case.pk}) == []


def test_an_unapproved_text_neither_shows_nor_counts_for_residents(catalogue):
    file(catalogue, text="Tajny opis z danymi", published=False)
    residents = find(catalogue, text="Tajny opis z danymi", least=0.0)[0]
    unlike = find(catalogue, text="Zupełnie inne słowa", least=0.0)[0]
    assert residents.case.text == ""
    assert residents.alike == pytest.approx(unlike.alike, abs=1e-3)
    staff = make_viewer({"contact_centre.operator": None})
    assert find(catalogue, text="Tajny opis z danymi", viewer=staff, least=0.0)[0].alike > residents.alike


def test_a_withdrawn_report_is_hidden_from_residents(catalogue):
    case = file(catalogue)
    staff = make_viewer({"contact_centre.operator": None})
    case_services.take_step(case=case, transition="void", reason="Pomyłka.", by=staff)
    assert find(catalogue) == []


def test_without_a_place_nothing_is_found(catalogue):
    file(catalogue)
    assert likely_duplicates(category=catalogue["latarnia"], point=None, text=TEXT, viewer=ANONYMOUS) == []


def test_without_a_category_every_category_is_looked_at(catalogue):
    file(catalogue, 5)
    assert likely_duplicates(category=None, point=at(0), text=TEXT, viewer=ANONYMOUS, least=0.0)


def test_a_search_makes_two_queries_however_many_are_near(catalogue):
    for metres in range(0, 50, 5):
        file(catalogue, metres)
    with CaptureQueriesContext(connection) as asked:
        assert len(find(catalogue)) == 5
    assert len(asked) == 2


def test_the_search_goes_by_the_index_of_places(catalogue):
    case_services.import_cases(case_type=KEY, rows=rows_of(1500), by=SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case")
    with CaptureQueriesContext(connection) as asked:
        find(catalogue)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "case_geom" in plan
    assert "Seq Scan on cases_case " not in plan


def walk_to_place(client, catalogue, slug="latarnia"):
    client.post(reverse("contact_centre:what"), {"description": "Nie świeci lampa", "category": catalogue[slug].pk})
    lon, lat = at(0)
    return client.post(reverse("contact_centre:place"), {"lon": lon, "lat": lat})


def test_the_resident_is_asked_before_the_contact_with_a_drawing_and_without_scripts(client, catalogue):
    case = file(catalogue)
    make_street(name="Próbna")
    assert walk_to_place(client, catalogue).url == reverse(SAME)
    page = client.get(reverse(SAME)).content.decode()
    assert "<svg" in page
    assert "10 m dalej" in page
    assert reverse(JOIN, args=[case.number]) in page
    assert "ktos@przyklad.pl" not in page


def test_nobody_is_asked_where_nothing_is_alike(client, catalogue):
    assert walk_to_place(client, catalogue).url == reverse("contact_centre:contact")
    assert client.get(reverse(SAME)).url == reverse("contact_centre:contact")


def test_nobody_is_asked_about_a_danger(client, catalogue):
    category = catalogue["latarnia"]
    category.danger = True
    category.save()
    file(catalogue)
    client.post(reverse("contact_centre:what"), {"description": "Nie świeci lampa", "category": category.pk})
    client.post(reverse("contact_centre:danger"))
    lon, lat = at(0)
    assert client.post(reverse("contact_centre:place"), {"lon": lon, "lat": lat}).url == reverse("contact_centre:contact")


def test_no_is_remembered_and_a_later_one_is_mentioned_on_the_last_page(client, catalogue):
    file(catalogue)
    walk_to_place(client, catalogue)
    assert client.post(reverse(SAME)).url == reverse("contact_centre:contact")
    client.post(reverse("contact_centre:contact"), {"language": "pl"})
    check = reverse("contact_centre:check")
    assert reverse(SAME) not in client.get(check).content.decode()
    file(catalogue, 12)
    assert reverse(SAME) in client.get(check).content.decode()


def test_yes_joins_the_report_and_no_second_one_is_filed(client, catalogue):
    case = file(catalogue)
    walk_to_place(client, catalogue)
    client.get(reverse(SAME))
    answer = client.post(reverse(JOIN, args=[case.number]), {"email": "sasiad@przyklad.pl"})
    assert answer.url == reverse("cases:case", args=[case.number])
    assert cases.visible_cases(SYSTEM).count() == 1
    assert cases.supporters_count(case.pk) == 1
    assert not Draft.objects.exists()
    assert "Dopisaliśmy Cię" in client.get(answer.url).content.decode()


def test_an_address_that_is_none_keeps_the_draft(client, catalogue):
    case = file(catalogue)
    walk_to_place(client, catalogue)
    answer = client.post(reverse(JOIN, args=[case.number]), {"email": "to nie adres"})
    assert answer.status_code == 200
    assert "Wpisz adres e-mail w całości" in answer.content.decode()
    assert Draft.objects.exists()


def test_a_report_closed_meanwhile_cannot_be_joined_and_says_why(client, catalogue):
    case = file(catalogue)
    walk_to_place(client, catalogue)
    staff = make_viewer({"contact_centre.operator": None})
    case_services.take_step(case=case, transition="reject", answer="Nie zrobimy tego.", by=staff)
    answer = client.post(reverse(JOIN, args=[case.number]), {"email": ""})
    assert "zakończona" in answer.content.decode()
    assert Draft.objects.exists()


def test_only_a_public_report_can_be_joined(client, catalogue):
    walk_to_place(client, catalogue)
    assert client.get(reverse(JOIN, args=["ZG-2026-999999"])).status_code == 404


def test_staff_sees_similar_reports_on_the_work_page_and_merges_one(client, catalogue):
    first, second = file(catalogue, 5), file(catalogue, 12)
    client.force_login(make_staff("contact_centre.operator"))
    page = client.get(f"/panel/sprawy/{second.number}/").content.decode()
    assert "Podobne zgłoszenia" in page
    merge = reverse("contact_centre_alike:merge", args=[second.number])
    assert merge in page
    answer = client.post(merge, {"other": first.number, "version": second.version})
    assert answer.url == f"/panel/sprawy/{first.number}/"
    second.refresh_from_db()
    assert second.progress == "closed"
    assert "Podobne zgłoszenia" not in client.get(f"/panel/sprawy/{first.number}/").content.decode()


def test_parts_of_one_case_are_not_offered_as_similar_to_each_other(client, catalogue):
    main, other = file(catalogue, 5), file(catalogue, 300, text="Coś zupełnie innego")
    words = [(None, other.unit, TEXT), (None, main.unit, TEXT)]
    parts = case_services.split(case=main, parts=words, by=SYSTEM)
    viewer = make_viewer({"contact_centre.operator": None})
    for case in (main, *parts):
        shown = similar(cases.case_page(case.number, viewer), viewer)
        assert shown is None, f"{case.number}: {shown}"
    alone = file(catalogue, 8)
    found = similar(cases.case_page(alone.number, viewer), viewer)["found"]
    assert {one.case.number for one in found} == {main.number, *(part.number for part in parts)}


def test_a_merge_on_an_old_page_changes_nothing(client, catalogue):
    first, second = file(catalogue, 5), file(catalogue, 12)
    client.force_login(make_staff("contact_centre.operator"))
    client.post(reverse("contact_centre_alike:merge", args=[second.number]), {"other": first.number, "version": 99})
    second.refresh_from_db()
    assert second.progress == "open"


def test_others_cannot_merge(client, catalogue):
    first, second = file(catalogue, 5), file(catalogue, 12)
    answer = client.post(reverse("contact_centre_alike:merge", args=[second.number]), {"other": first.number})
    assert answer.status_code in (302, 403)
    second.refresh_from_db()
    assert second.progress == "open"


def test_the_drawing_keeps_everything_inside_and_legible(catalogue):
    make_street(name="Próbna")
    made = drawing(at(0), [(at(1), 1), (at(1), 1), (at(300), 300)])
    assert all(0 <= spot.x <= WIDTH and 0 <= spot.y <= HEIGHT for spot in made.spots)
    places = [(spot.x, spot.y) for spot in made.spots]
    assert len(set(places)) == 3
    assert made.spots[2].x > made.mine[0]
    assert 0 < made.bar <= WIDTH / 3


def test_joining_needs_a_draft_with_a_place(client, catalogue):
    case = file(catalogue)
    assert client.post(reverse(JOIN, args=[case.number]), {"email": ""}).url == reverse("cases:case", args=[case.number])
    client.post(reverse("contact_centre:what"), {"description": "Nie świeci", "category": catalogue["latarnia"].pk})
    assert client.post(reverse(JOIN, args=[case.number]), {"email": ""}).url == reverse("contact_centre:place")
    assert cases.supporters_count(case.pk) == 0


def test_the_same_browser_counts_once_here_and_on_the_page_of_the_case(client, catalogue):
    case = file(catalogue)
    walk_to_place(client, catalogue)
    client.post(reverse(JOIN, args=[case.number]), {"email": ""})
    client.post(reverse("cases:support", args=[case.number]), {"email": ""})
    assert cases.supporters_count(case.pk) == 1
