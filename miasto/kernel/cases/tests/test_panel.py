"""The staff's pages: queue, work page, conflicts, moderation, prepared answers."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.urls import reverse

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.models import AnswerTemplate, Case, CaseFile
from miasto.kernel.cases.testing import file_one, make_case, make_category, solve
from miasto.kernel.core import clock
from miasto.kernel.files.testing import make_file, make_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(matter, tuesday_noon):
    return make_case()


@pytest.fixture
def clerk(case):
    return make_staff("cases.clerk", case.unit, name="Urszula Wzorowa")


@pytest.fixture
def desk(client, clerk):
    """The clerk's browser."""
    client.force_login(clerk)
    return client


def work(case):
    return reverse("cases_panel:case", args=[case.number])


def act(desk, case, name, *args, **data):
    case.refresh_from_db()
    values = {"version": case.version, "seen": case.steps.count(), **data}
    return desk.post(reverse(f"cases_panel:{name}", args=[case.number, *args]), values, follow=True)


def test_the_panel_begins_with_what_waits_for_the_units_of_the_reader(desk, case):
    other = make_case()
    Case.objects.filter(pk=other.pk).update(unit=make_unit())
    page = desk.get("/panel/").content.decode()
    assert "?tylko=nieprzydzielone" in page
    assert case.number in page
    assert other.number not in page


@pytest.mark.parametrize("name", ["queue", "geojson", "live", "templates", "template_new"])
def test_the_panel_is_closed_to_residents_and_strangers(client, case, name):
    address = reverse(f"cases_panel:{name}")
    assert client.get(address).status_code == 302
    client.force_login(make_person())
    assert client.get(address).status_code == 403


def test_another_units_clerk_cannot_open_or_change_the_case(client, case):
    client.force_login(make_staff("cases.clerk", make_unit()))
    assert client.get(work(case)).status_code == 403
    for name, args in (
        ("step", ["take"]),
        ("write", ["public"]),
        ("text", []),
        ("assignee", []),
        ("unit", []),
        ("category", []),
    ):
        assert client.post(reverse(f"cases_panel:{name}", args=[case.number, *args]), {"version": 1}).status_code == 403
    case.refresh_from_db()
    assert case.version == 1


def test_the_queue_shows_the_cases_of_the_clerks_unit(desk, case):
    other = make_case()
    Case.objects.filter(pk=other.pk).update(unit=make_unit())
    text = desk.get(reverse("cases_panel:queue")).content.decode()
    assert case.number in text
    assert other.number not in text


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", True),
        ("tylko=moje", False),
        ("tylko=nieprzydzielone", True),
        ("tylko=po-terminie", False),
        ("tylko=do-sprawdzenia", True),
        ("tylko=sporne", False),
        ("stan=closed", False),
        ("stan=all", True),
        ("etap=new", True),
        ("etap=solved", False),
        ("szukaj=probna", True),
        ("szukaj=gleboka", True),
        ("szukaj=nic+takiego", False),
        ("kolejnosc=newest", True),
        ("jednostka=nie-ma&obszar=tez-nie&strona=zepsuta", True),
    ],
)
def test_the_filters_of_the_queue_are_in_the_address(desk, case, query, there):
    answer = desk.get(f"{reverse('cases_panel:queue')}?{query}")
    assert (f'id="sprawa-{case.number}"' in answer.content.decode()) is there


def test_a_late_case_is_marked_and_counted(desk, case):
    Case.objects.filter(pk=case.pk).update(due_on=clock.today().replace(day=1))
    answer = desk.get(reverse("cases_panel:queue") + "?tylko=po-terminie")
    assert "11 dni po terminie" in answer.content.decode()
    assert next(tab for tab in answer.context["tabs"] if tab.urgent).count == 1


def test_the_queue_needs_the_same_queries_for_one_case_and_for_many(desk, case, django_assert_max_num_queries):
    for _ in range(12):
        make_case()
    with django_assert_max_num_queries(20):
        assert len(desk.get(reverse("cases_panel:queue")).context["rows"]) == 13


def test_the_work_page_needs_a_bounded_number_of_queries(desk, case, clerk, django_assert_max_num_queries):
    for number in range(6):
        services.comment(case=case, body=f"Notatka {number}", audience="internal", by=viewer_for_person(clerk.id))
    with django_assert_max_num_queries(26):
        assert "Notatka 5" in desk.get(work(case)).content.decode()


def test_the_queues_map_carries_links_and_no_words_of_residents(desk, case):
    answer = desk.get(reverse("cases_panel:geojson"))
    feature = answer.json()["features"][0]
    assert feature["properties"]["url"] == work(case)
    assert "Dziura" not in json.dumps(feature)


def test_a_step_without_needs_is_one_press(desk, case):
    act(desk, case, "step", "take")
    assert selectors.case_page(case.number, selectors.Viewer(system=True)).stage.key == "working"


def test_solving_needs_an_answer_and_a_photo_or_a_reason(desk, case):
    answer = act(desk, case, "step", "solve", answer="")
    text = answer.content.decode()
    assert "Napisz odpowiedź." in text
    assert "Dodaj zdjęcie po wykonaniu albo napisz, dlaczego go nie ma." in text
    answer = act(desk, case, "step", "solve", answer="Załatane.", photos=[make_upload("po.jpg")])
    assert "Zapisano: Załatw." in answer.content.decode()
    assert CaseFile.objects.get(case=case).phase == "resolved"
    assert "Załatane." in desk.get(f"/sprawy/{case.number}/").content.decode()


def test_a_conflict_says_what_another_did_and_keeps_the_words(desk, case, clerk):
    page = desk.get(work(case))
    other = viewer_for_person(make_staff("cases.clerk", case.unit, name="Karol Inny").id)
    services.take_step(case=case, transition="take", by=other)
    values = {
        "version": page.context["case"].version,
        "seen": page.context["seen"],
        "answer": "Długo pisana odpowiedź",
        "reason": "Bez zdjęcia",
    }
    answer = desk.post(reverse("cases_panel:step", args=[case.number, "solve"]), values)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Ktoś w tym czasie zmienił tę sprawę" in text
    assert "Karol Inny" in text
    assert "Długo pisana odpowiedź" in text
    again = desk.post(
        reverse("cases_panel:step", args=[case.number, "solve"]), {**values, "version": answer.context["case"].version}
    )
    assert again.status_code == 302


@pytest.mark.parametrize("version", ["", "²", "-1", "1.0", "9" * 5000])
def test_a_form_without_a_version_changes_nothing(desk, case, version):
    answer = desk.post(reverse("cases_panel:step", args=[case.number, "take"]), {"version": version, "seen": version})
    assert answer.status_code == 409
    case.refresh_from_db()
    assert case.stage == "new"


def test_a_note_stays_inside_and_a_public_comment_goes_out(desk, case):
    act(desk, case, "write", "internal", body="Sprawdzić w terenie")
    act(desk, case, "write", "public", body="Jutro przyjedzie ekipa")
    desk.logout()
    text = desk.get(f"/sprawy/{case.number}/").content.decode()
    assert "Sprawdzić w terenie" not in text
    assert "Jutro przyjedzie ekipa" in text


def test_each_audience_has_words_of_its_own_on_the_work_page(desk, case):
    act(desk, case, "write", "internal", body="a")
    act(desk, case, "write", "parties", body="b")
    text = act(desk, case, "write", "public", body="c").content.decode()
    for label in ("widzą ją tylko pracownicy", "Widzą to tylko osoba zgłaszająca i pracownicy", "Publiczne – widzą to wszyscy"):
        assert label in text
    assert "Opublikuj dla wszystkich" in text


def test_a_clerk_masks_the_description_before_it_is_published(desk, case):
    act(desk, case, "text", decision="publish", edited="Dziura w jezdni.")
    case.text.refresh_from_db()
    assert case.text.published_description == "Dziura w jezdni."
    act(desk, case, "text", decision="withhold")
    case.refresh_from_db()
    assert case.text_state == "withheld"


def test_a_photo_is_published_one_by_one(desk, case, matter):
    filed = file_one(file_ids=[make_file().id, make_file().id]).case
    Case.objects.filter(pk=filed.pk).update(unit=case.unit)
    first, second = CaseFile.objects.filter(case=filed)
    act(desk, filed, "photo", first.pk, decision="publish")
    act(desk, filed, "photo", second.pk, decision="withhold")
    assert [row.state for row in CaseFile.objects.filter(case=filed)] == ["approved", "withheld"]
    assert act(desk, case, "photo", first.pk, decision="withhold").status_code == 404


def test_a_clerk_takes_the_case_and_gives_it_to_another_unit(desk, case, clerk):
    act(desk, case, "assignee", take="1")
    case.refresh_from_db()
    assert case.assignee_id == clerk.id
    unit = make_unit(name="Wydział Zieleni")
    answer = act(desk, case, "unit", unit=str(unit.id))
    case.refresh_from_db()
    assert case.unit_id == unit.id
    assert answer.redirect_chain[-1][0] == reverse("cases_panel:queue")


def test_a_new_category_takes_the_case_to_the_unit_that_answers_for_it(desk, case):
    from miasto.kernel.cases.testing import give_competence

    unit = give_competence(make_unit(), "greenery.trial")
    category = make_category(competence="greenery.trial", name="Zieleń próbna")
    act(desk, case, "category", category=str(category.pk), move="on")
    case.refresh_from_db()
    assert (case.category_id, case.unit_id) == (category.pk, unit.id)


def test_a_prepared_answer_is_put_in_without_scripts(desk, case):
    made = AnswerTemplate.objects.create(case_type=case.case_type, slug="a", name="A", body="Sprawa {number} jest załatwiona.")
    answer = act(desk, case, "step", "solve", insert="1", template=str(made.pk), answer="Dzień dobry,")
    assert f"Dzień dobry,\n\nSprawa {case.number} jest załatwiona." in answer.content.decode()
    case.refresh_from_db()
    assert case.stage == "new"


def test_prepared_answers_are_written_by_those_who_may(client, case):
    client.force_login(make_staff("cases.clerk", case.unit))
    assert client.get(reverse("cases_panel:templates")).status_code == 403
    client.force_login(make_staff("cases.supervisor", case.unit))
    client.post(reverse("cases_panel:template_new"), {"name": "Nowy", "body": "Treść", "category": ""})
    made = AnswerTemplate.objects.get(name="Nowy")
    twice = client.post(reverse("cases_panel:template_new"), {"name": "nowy", "body": "Inna", "category": ""})
    assert "Szablon o tej nazwie już jest." in twice.content.decode()
    client.post(reverse("cases_panel:template", args=[made.pk]), {"name": "Nowy", "body": "Lepsza treść", "category": ""})
    client.post(reverse("cases_panel:template_switch", args=[made.pk]))
    made.refresh_from_db()
    assert (made.body, made.active) == ("Lepsza treść", False)


def test_the_filers_contact_is_not_in_the_queue(desk, case):
    assert "mieszkanka@przyklad.pl" not in desk.get(reverse("cases_panel:queue")).content.decode()
    assert "mieszkanka@przyklad.pl" in desk.get(work(case)).content.decode()


def test_words_of_residents_and_staff_are_never_markup(desk, matter, case):
    filed = file_one(description="<script>alert(1)</script>").case
    Case.objects.filter(pk=filed.pk).update(unit=case.unit)
    text = act(desk, filed, "write", "public", body="<img src=x onerror=alert(1)>").content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_a_solved_case_leaves_the_work_queue_but_is_found(desk, case, clerk):
    solve(case, by=viewer_for_person(clerk.id))
    assert case.number not in desk.get(reverse("cases_panel:queue")).content.decode()
    assert case.number in desk.get(reverse("cases_panel:queue") + "?stan=answered").content.decode()


@pytest.fixture
def no_jobs_left(transactional_db):
    """Jobs are in tables that Django does not empty after a test that commits."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_jobs_left")
def test_a_change_of_a_case_reaches_the_open_queue_and_only_its_own_unit(async_client, matter):
    case = make_case()
    clerk, stranger = make_staff("cases.clerk", case.unit), make_staff("cases.clerk", make_unit())

    async def listen():
        await async_client.aforce_login(clerk)
        mine = await async_client.get(reverse("cases_panel:live") + "?tylko=nieprzydzielone")
        await async_client.aforce_login(stranger)
        theirs = await async_client.get(reverse("cases_panel:live"))
        heard, unheard = aiter(mine), aiter(theirs)
        assert b"retry" in await anext(heard)
        assert b"retry" in await anext(unheard)
        await sync_to_async(services.take_step)(
            case=case, transition="take", by=await sync_to_async(viewer_for_person)(clerk.id)
        )
        told, silence = await asyncio.wait_for(anext(heard), 10), await asyncio.wait_for(anext(unheard), 10)
        await heard.aclose()
        await unheard.aclose()
        await sync_to_async(connections.close_all)()
        return told, silence

    told, silence = asyncio.run(listen())
    data = json.loads(told.decode().split("data: ")[1])
    assert data == {"number": case.number, "here": False, "new": False}
    assert case.number.encode() not in silence
