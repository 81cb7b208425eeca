"""The page of a case for the public, for the filer, and for nobody else."""

import pytest
from django.urls import reverse

from miasto.kernel.accounts.testing import make_person, make_viewer
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.models import CaseFile
from miasto.kernel.cases.services import Contact
from miasto.kernel.cases.testing import file_one, make_case, solve
from miasto.kernel.files.testing import make_file, make_upload

pytestmark = pytest.mark.django_db
CANARY = {"name": "Kanarek Sekretny", "email": "kanarek.sekretny@przyklad.pl", "phone": "600 999 888"}
WORDS = "Mieszkam pod czwórką i nazywam się Kanarek Sekretny"


@pytest.fixture
def filed(matter, tuesday_noon):
    return file_one(description=WORDS, contact=Contact(**CANARY), file_ids=[make_file().id])


@pytest.fixture
def clerk(filed):
    return make_viewer(roles={"cases.clerk": filed.case.unit})


def open_as_filer(client, filed):
    return client.get(reverse("cases:secret", args=[filed.token]))


def page(client, case):
    return client.get(reverse("cases:case", args=[case.number]))


def test_everybody_sees_category_place_and_stage_before_approval_and_not_a_word_more(client, filed):
    answer = page(client, filed.case)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Przyjęta" in text
    assert "ul. Próbna 1" in text
    for secret in (*CANARY.values(), WORDS, str(CaseFile.objects.get().file_id)):
        assert secret not in text


def test_approved_words_and_photos_are_shown_to_everybody(client, filed, clerk):
    services.decide_text(case=filed.case, publish=True, edited="Dziura przy szkole.", by=clerk)
    photo = CaseFile.objects.get()
    services.decide_file(case_file=photo, publish=True, by=clerk)
    text = page(client, filed.case).content.decode()
    assert "Dziura przy szkole." in text
    assert str(photo.file_id) in text
    assert "Kanarek" not in text


def test_the_secret_link_opens_the_case_once_and_keeps_the_token_out_of_the_address(client, filed):
    answer = open_as_filer(client, filed)
    assert answer.status_code == 302
    assert answer.url == f"/sprawy/{filed.case.number}/"
    assert filed.token not in answer.url
    assert answer["Referrer-Policy"] == "no-referrer"
    text = page(client, filed.case).content.decode()
    assert WORDS in text
    assert CANARY["email"] in text
    assert "czeka na sprawdzenie" in text


def test_a_wrong_link_says_so_and_opens_nothing(client, filed):
    answer = client.get(reverse("cases:secret", args=[filed.token[:-1]]))
    assert answer.status_code == 404
    assert "Ten odsyłacz nie działa" in answer.content.decode()
    assert WORDS not in page(client, filed.case).content.decode()


def test_the_page_needs_at_most_twelve_queries_for_everybody(client, filed, clerk, django_assert_max_num_queries):
    solve(filed.case, by=clerk)
    page(client, filed.case)
    with django_assert_max_num_queries(12):
        page(client, filed.case)


def test_the_page_needs_few_queries_for_the_filer(client, filed, django_assert_max_num_queries):
    open_as_filer(client, filed)
    page(client, filed.case)
    with django_assert_max_num_queries(14):
        page(client, filed.case)


def test_the_filer_adds_words_and_photos_that_wait_for_approval(client, filed):
    open_as_filer(client, filed)
    body = {"body": "Dziś jest gorzej.", "photos": [make_upload("nowe.jpg")]}
    answer = client.post(reverse("cases:add", args=[filed.case.number]), body, follow=True)
    assert "Dopisaliśmy to do zgłoszenia." in answer.content.decode()
    assert "Dziś jest gorzej." in answer.content.decode()
    assert CaseFile.objects.filter(phase="added", state="waiting").count() == 1
    client.cookies.clear()
    assert "Dziś jest gorzej." not in page(client, filed.case).content.decode()


def test_a_photo_that_cannot_be_taken_is_named_and_nothing_else_is_lost(client, filed):
    open_as_filer(client, filed)
    bad = make_upload("dobre.jpg"), make_upload("zle.jpg")
    bad[1].file.seek(0)
    bad[1].file.truncate()
    bad[1].file.write(b"to nie jest zdjecie")
    bad[1].file.seek(0)
    answer = client.post(reverse("cases:add", args=[filed.case.number]), {"body": "Ważne słowa", "photos": list(bad)})
    text = answer.content.decode()
    assert "zle.jpg" in text
    assert "Ważne słowa" in text
    kept = answer.context["add_basket"]
    assert len(kept.ids) == 1
    again = client.post(reverse("cases:add", args=[filed.case.number]), {"body": "Ważne słowa", "kept": kept.token})
    assert again.status_code == 302
    assert CaseFile.objects.filter(phase="added").get().file_id == kept.ids[0]


def test_nobody_names_the_file_of_another_in_a_form(client, filed):
    stranger = make_file()
    open_as_filer(client, filed)
    client.post(reverse("cases:add", args=[filed.case.number]), {"body": "Słowa", "kept": f'["{stranger.id}"]'})
    assert not CaseFile.objects.filter(file_id=stranger.id).exists()


def test_an_empty_addition_is_refused(client, filed):
    open_as_filer(client, filed)
    answer = client.post(reverse("cases:add", args=[filed.case.number]), {"body": " "})
    assert "Napisz coś albo dodaj zdjęcie." in answer.content.decode()


def test_a_stranger_can_neither_add_nor_take_the_filers_steps(client, filed, clerk):
    solve(filed.case, by=clerk)
    assert client.post(reverse("cases:add", args=[filed.case.number]), {"body": "x"}).status_code == 403
    assert client.post(reverse("cases:step", args=[filed.case.number, "confirm"])).status_code == 403
    client.force_login(make_person())
    assert client.post(reverse("cases:step", args=[filed.case.number, "dispute"]), {"reason": "x"}).status_code == 403


def test_the_filer_confirms_the_solution(client, filed, clerk):
    solve(filed.case, by=clerk)
    open_as_filer(client, filed)
    client.post(reverse("cases:step", args=[filed.case.number, "confirm"]))
    assert selectors.case_page(filed.case.number, clerk).stage.key == "closed"


def test_disagreeing_needs_a_reason_and_keeps_what_was_typed(client, filed, clerk):
    solve(filed.case, by=clerk)
    open_as_filer(client, filed)
    address = reverse("cases:step", args=[filed.case.number, "dispute"])
    answer = client.post(address, {"reason": ""})
    assert "Napisz, co jest nie tak." in answer.content.decode()
    client.post(address, {"reason": "Dziura jest nadal."})
    view = selectors.case_page(filed.case.number, clerk)
    assert view.stage.key == "working"
    assert "Dziura jest nadal." in [made.body for made in view.comments]


def test_a_step_of_yesterday_is_explained_and_not_taken(client, filed):
    open_as_filer(client, filed)
    answer = client.post(reverse("cases:step", args=[filed.case.number, "confirm"]), follow=True)
    assert "sprawa jest na innym etapie" in answer.content.decode()


def test_the_question_to_the_filer_is_on_the_filers_page_only(client, filed, clerk):
    services.take_step(case=filed.case, transition="ask", answer="Po której stronie ulicy?", by=clerk)
    assert "Po której stronie ulicy?" not in page(client, filed.case).content.decode()
    open_as_filer(client, filed)
    assert "Po której stronie ulicy?" in page(client, filed.case).content.decode()


def test_internal_notes_reach_neither_the_public_nor_the_filer(client, filed, clerk):
    services.comment(case=filed.case, body="Uwaga, groził pracownikom", audience="internal", by=clerk)
    assert "groził" not in page(client, filed.case).content.decode()
    open_as_filer(client, filed)
    assert "groził" not in page(client, filed.case).content.decode()


def test_a_number_leads_to_the_case_and_an_unknown_one_is_explained(client, filed):
    found = client.get(reverse("cases:find"), {"numer": f" {filed.case.number.lower()} "})
    assert found.url == f"/sprawy/{filed.case.number}/"
    missing = client.get(reverse("cases:find"), {"numer": "ZG-1999-1"})
    assert missing.status_code == 404
    assert "ZG-1999-1" in missing.content.decode()


def test_the_identifier_of_a_map_leads_to_the_case_and_its_panel(client, filed):
    answer = client.get(reverse("cases:by_id", args=[filed.case.pk]), {"fragment": "1"})
    assert answer.url == f"/sprawy/{filed.case.number}/?fragment=1"
    fragment = client.get(answer.url).content.decode()
    assert "<html" not in fragment
    assert "Kanarek" not in fragment


def test_the_place_of_a_case_is_geojson(client, filed):
    found = client.get(reverse("cases:point", args=[filed.case.number])).json()
    assert found["features"][0]["geometry"]["type"] == "Point"


def test_what_was_taken_out_of_the_register_is_not_found(client, filed, clerk):
    services.take_step(case=filed.case, transition="drop", by=clerk)
    for address in (f"/sprawy/{filed.case.number}/", f"/sprawy/id/{filed.case.pk}/", f"/api/cases/{filed.case.number}/"):
        assert client.get(address).status_code == 404


def test_my_cases_are_those_of_the_account(client, matter):
    person = make_person()
    from miasto.kernel.accounts.selectors import viewer_for_person

    mine = make_case(by=viewer_for_person(person.id))
    other = make_case()
    assert client.get(reverse("cases_account:mine")).status_code == 302
    client.force_login(person)
    text = client.get(reverse("cases_account:mine")).content.decode()
    assert mine.number in text
    assert other.number not in text


def test_the_api_says_what_everybody_may_know_and_the_same_to_staff(client, filed, clerk):
    services.comment(case=filed.case, body="Tylko dla nas", audience="internal", by=clerk)
    listed, one = client.get("/api/cases/?type=cases.matter"), client.get(f"/api/cases/{filed.case.number}/")
    assert listed.json()["results"][0]["number"] == filed.case.number
    assert one.json()["text"] is None
    open_as_filer(client, filed)
    again = client.get(f"/api/cases/{filed.case.number}/")
    assert again.json() == one.json()
    for answer in (listed, one):
        for secret in (*CANARY.values(), WORDS, "Tylko dla nas"):
            assert secret not in answer.content.decode()


def test_the_api_refuses_what_it_does_not_know(client, filed):
    assert client.get("/api/cases/?type=nie.ma").status_code == 404
    assert client.get("/api/cases/?limit=1000").status_code == 422
    assert client.get("/api/cases/ZG-1900-1/").status_code == 404
