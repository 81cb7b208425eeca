"""The desk of publication: personal data marked before a person decides, photos blurred, nothing else ever public."""

from __future__ import annotations

import re

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.cases import moderation, selectors, services
from miasto.kernel.cases.models import Case, CaseFile
from miasto.kernel.cases.testing import filer_of, make_case, solve
from miasto.kernel.discussions.models import CommentText
from miasto.kernel.files import jobs as files_jobs
from miasto.kernel.files import sensitive, storage
from miasto.kernel.files import services as files
from miasto.kernel.files.models import File
from miasto.kernel.files.services import Box
from miasto.kernel.files.testing import make_file, plate_picture

pytestmark = pytest.mark.django_db
WORDS = "Auto TK 12345 stoi na trawniku. Proszę dzwonić: Anna Kowalska, 601 234 567."
MASKED = "Auto [numer rejestracyjny] stoi na trawniku. Proszę dzwonić: [imię lub nazwisko], [telefon]."
PLATE = Box("plate", 410, 550, 280, 78)


@pytest.fixture
def photo():
    return files.store_image(upload=ContentFile(plate_picture(), name="auto.jpg"), by=ANONYMOUS).file


@pytest.fixture
def case(matter, tuesday_noon, photo):
    return make_case(description=WORDS, file_ids=[photo.id])


@pytest.fixture
def clerk(case):
    return make_staff("cases.clerk", case.unit)


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def at(case, name="case", *args):
    return reverse(f"cases_publishing:{name}", args=[case.number, *args])


def public_text(client, case):
    return client.get(f"/sprawy/{case.number}/").content.decode()


def row(case):
    return CaseFile.objects.get(case=case)


def test_the_desk_lists_what_waits_with_what_was_found(desk, case):
    other = make_case()
    Case.objects.filter(pk=other.pk).update(unit=make_unit())
    page = desk.get(reverse("cases_publishing:desk")).content.decode()
    assert case.number in page
    assert other.number not in page
    assert all(kind in page for kind in ("telefon", "imię lub nazwisko", "numer rejestracyjny", "1 zdjęcie"))


def test_the_desk_needs_the_same_queries_for_one_case_and_for_many(desk, case, django_assert_max_num_queries):
    for _ in range(10):
        make_case(description=WORDS)
    with django_assert_max_num_queries(16):
        assert desk.get(reverse("cases_publishing:desk")).context["count"] == 11


def test_the_original_is_marked_and_the_proposal_is_masked(desk, case):
    page = desk.get(at(case)).content.decode()
    assert len(re.findall(r'<mark class="publish-mark"', page)) == 3
    assert f">{MASKED}</textarea>" in page


@pytest.mark.parametrize("name", ["desk", "case", "text", "photo", "preview"])
def test_strangers_residents_and_other_units_are_kept_out(client, case, name):
    args = {"desk": [], "photo": [case.number, row(case).pk], "preview": [case.number, row(case).pk]}.get(name, [case.number])
    address = reverse(f"cases_publishing:{name}", args=args)
    call = client.post if name in ("text", "photo") else client.get
    assert call(address).status_code == 302
    client.force_login(make_person())
    assert call(address).status_code == 403
    client.force_login(make_staff("cases.clerk", make_unit()))
    assert call(address).status_code == (200 if name == "desk" else 403)


def test_what_the_clerk_publishes_is_what_everybody_reads(desk, client, case):
    answer = desk.post(at(case, "text"), {"decision": "publish", "edited": MASKED, "version": case.version})
    assert answer.status_code == 302
    desk.logout()
    text = public_text(client, case)
    assert "[telefon]" in text
    assert not any(piece in text for piece in ("601 234 567", "TK 12345", "Kowalska"))


def test_an_old_page_publishes_nothing_and_keeps_what_was_typed(desk, case):
    Case.objects.filter(pk=case.pk).update(version=case.version + 1)
    answer = desk.post(at(case, "text"), {"decision": "publish", "edited": "Pisane długo", "version": case.version})
    assert answer.status_code == 409
    assert "Pisane długo" in answer.content.decode()
    assert selectors.case_page(case.number, SYSTEM).published == ""


def test_the_work_page_offers_no_button_that_publishes_personal_data_unread(desk, case):
    page = desk.get(reverse("cases_panel:case", args=[case.number])).content.decode()
    assert "Opublikuj bez zmian" not in page
    assert at(case) in page
    plain = make_case(description="Lampa nie świeci.")
    Case.objects.filter(pk=plain.pk).update(unit=case.unit)
    assert "Opublikuj bez zmian" in desk.get(reverse("cases_panel:case", args=[plain.number])).content.decode()


def test_a_message_is_masked_for_others_and_stays_whole_for_its_author_and_staff(desk, client, case):
    services.add_from_filer(case=case, body="Mój numer 601 234 567", by=filer_of(case))
    comment = CommentText.objects.get(body__contains="601")
    desk.post(at(case, "message", comment.pk), {"decision": "publish", "edited": "Mój numer [telefon]"})
    desk.logout()
    assert "Mój numer [telefon]" in public_text(client, case)
    bodies = {viewer: selectors.case_page(case.number, viewer) for viewer in (SYSTEM, filer_of(case))}
    for view in bodies.values():
        assert any(step.comment and step.comment.body == "Mój numer 601 234 567" for step in view.history)


def test_only_the_blurred_copy_is_ever_public(desk, client, case, photo):
    desk.post(at(case, "text"), {"decision": "publish", "edited": MASKED, "version": case.version})
    desk.post(at(case, "photo", row(case).pk), {"decision": "publish", "box": ["plate,410,550,280,78"]})
    made = row(case)
    assert (made.original_id, made.state) == (photo.id, "approved")
    assert made.file_id != photo.id
    desk.logout()
    addresses = [
        f"/sprawy/{case.number}/",
        f"/sprawy/{case.number}/?fragment=1",
        f"/api/cases/{case.number}",
        "/api/cases/",
        "/",
    ]
    texts = [client.get(address).content.decode() for address in addresses]
    assert str(made.file_id) in texts[0]
    assert not any(str(photo.id) in text for text in texts)
    for variant in ("large", "thumb"):
        assert client.get(files.link(made.file_id, variant)).content != storage.read(photo.id, variant)
    guessed = files.link(made.file_id, "large").replace(str(made.file_id), str(photo.id))
    assert client.get(guessed).status_code == 404


def test_staff_sees_both_and_may_choose_again_from_the_original(desk, case, photo):
    moderation.decide_file(case_file=row(case), publish=True, boxes=[PLATE], by=SYSTEM)
    first = row(case).file_id
    moderation.decide_file(case_file=row(case), publish=True, boxes=[Box("area", 0, 0, 50, 50)], by=SYSTEM)
    assert not File.objects.filter(pk=first).exists()
    assert row(case).original_id == photo.id
    moderation.decide_file(case_file=row(case), publish=True, boxes=[], by=SYSTEM)
    assert (row(case).file_id, row(case).original_id) == (photo.id, None)
    page = desk.get(at(case)).content.decode()
    assert str(photo.id) in page


def test_without_a_choice_the_found_boxes_are_blurred(case, photo):
    assert files_jobs.look() == 1
    moderation.decide_file(case_file=row(case), publish=True, by=SYSTEM)
    assert row(case).original_id == photo.id


def test_squares_and_the_whole_photo_can_be_blurred_without_a_mouse(desk, case, photo):
    desk.post(at(case, "photo", row(case).pk), {"decision": "publish", "cell": ["0-0", "5-7", "9-9", "x"]})
    assert row(case).original_id == photo.id
    desk.post(at(case, "photo", row(case).pk), {"decision": "publish", "whole": "1"})
    assert not sensitive.detect(storage.read(row(case).file_id, "large"))


def test_the_preview_shows_the_blurred_photo_to_staff_and_keeps_nothing(desk, client, case):
    before = File.objects.count()
    answer = desk.get(at(case, "preview", row(case).pk) + "?box=plate,410,550,280,78&box=zly&box=area,9,9,9")
    assert (answer.status_code, answer["Content-Type"], File.objects.count()) == (200, "image/jpeg", before)
    page = desk.post(at(case, "photo", row(case).pk), {"decision": "preview", "box": ["area,1,2,30,40"]}).content.decode()
    assert "area,1,2,30,40" in page
    assert row(case).state == "waiting"


def test_a_photo_of_staff_with_a_plate_is_taken_back_until_a_person_decides(case, clerk, client):
    by = viewer_for_person(clerk.id)
    after = files.store_image(upload=ContentFile(plate_picture(), name="po.jpg"), by=by).file
    solve(case, by=by, file_ids=[after.id], reason="")
    assert CaseFile.objects.get(file=after).state == "approved"
    moderation.hold_back(file_id=after.id, by=SYSTEM)
    case.refresh_from_db()
    assert CaseFile.objects.get(file=after).state == "waiting"
    assert str(after.id) not in public_text(client, case)
    assert case.pending == 3
    assert moderation.hold_back(file_id=make_file().id, by=SYSTEM) is False


def test_a_public_answer_with_personal_data_is_asked_about_once_more(desk, case):
    case.refresh_from_db()
    values = {
        "version": case.version,
        "seen": 1,
        "answer": "Proszę dzwonić do pana Nowaka, 601 234 567.",
        "reason": "Bez zdjęcia",
    }
    address = reverse("cases_panel:step", args=[case.number, "solve"])
    text = desk.post(address, values, follow=True).content.decode()
    assert "a są w niej dane osobowe: „Nowaka”, „601 234 567”" in text
    assert 'name="sure"' in text
    case.refresh_from_db()
    assert case.stage == "new"
    desk.post(address, {**values, "sure": "on"})
    case.refresh_from_db()
    assert case.stage == "solved"


def test_a_note_for_staff_is_not_asked_about(desk, case):
    case.refresh_from_db()
    address = reverse("cases_panel:write", args=[case.number, "internal"])
    desk.post(address, {"version": case.version, "seen": 1, "body": "Dzwonił Jan Nowak, 601 234 567"})
    assert CommentText.objects.filter(body__contains="Jan Nowak").exists()


def test_erasure_takes_the_photos_their_originals_and_copies(case, photo):
    moderation.decide_file(case_file=row(case), publish=True, boxes=[PLATE], by=SYSTEM)
    copy = row(case).file_id
    moderation.erase_personal(case=case, by=SYSTEM)
    assert not File.objects.filter(pk__in=[photo.id, copy]).exists()
