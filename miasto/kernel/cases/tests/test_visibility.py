"""Who may know what of a case."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.services import make_link, open_link
from miasto.kernel.accounts.testing import make_staff, make_unit, make_viewer
from miasto.kernel.cases import privacy, selectors, services
from miasto.kernel.cases.models import Case, CaseFile
from miasto.kernel.cases.services import Contact
from miasto.kernel.cases.testing import MATTER, file_one, filer_of, make_case, matter_declared, solve
from miasto.kernel.core.models import OutgoingMail
from miasto.kernel.files.models import File
from miasto.kernel.files.testing import make_file

pytestmark = pytest.mark.django_db

CONTACT = Contact("Jan Kowalski", "jan@przyklad.pl", "600 100 200")


@pytest.fixture
def case(matter):
    return make_case(
        description="Jan Kowalski prosi o lampę.",
        contact=CONTACT,
        file_ids=[make_file().pk],
        answers={"since": "maja", "near": True},
    )


@pytest.fixture
def clerk(case):
    return make_viewer(roles={"cases.clerk": case.unit})


def page(case, viewer):
    return selectors.case_page(case.number, viewer)


def register(case):
    return selectors.public_register(selectors.RegisterFilters(case_type=case.case_type)).rows


def test_the_public_sees_place_category_and_stage_and_nothing_else(case):
    view = page(case, ANONYMOUS)
    assert (view.number, view.stage.key, view.address_text) == (case.number, "new", "ul. Próbna 1")
    assert (view.text, view.original, view.photos, view.party, view.channel, view.assignee_name) == (
        None,
        None,
        [],
        None,
        "",
        "",
    )
    assert view.answers == [("Czy przy szkole?", "tak")]
    assert "Kowalski" not in repr(view)


def test_the_filer_sees_their_own_words_and_photos_at_once(case):
    view = page(case, filer_of(case))
    assert view.is_filer
    assert view.text == "Jan Kowalski prosi o lampę."
    assert len(view.photos) == 1
    assert view.party.email == "jan@przyklad.pl"
    assert len(view.answers) == 2


def test_a_resident_cannot_see_another_persons_words(case):
    mine = make_case(by=make_viewer())
    for viewer in (make_viewer(), filer_of(mine), make_viewer(roles={"cases.clerk": make_unit()})):
        view = page(case, viewer)
        assert not view.is_filer
        assert not view.is_staff
        assert "Kowalski" not in repr(view)


def test_an_approved_text_is_public_as_the_clerk_masked_it(case, clerk):
    services.decide_text(case=case, publish=True, edited="[imię] prosi o lampę.", by=clerk)
    assert page(case, ANONYMOUS).text == "[imię] prosi o lampę."
    assert page(case, clerk).original == "Jan Kowalski prosi o lampę."
    assert register(case)[0].text == "[imię] prosi o lampę."


def test_a_text_withheld_after_it_was_published_is_public_no_more(case, clerk):
    services.decide_text(case=case, publish=True, by=clerk)
    services.decide_text(case=case, publish=False, by=clerk)
    assert page(case, ANONYMOUS).text is None
    assert register(case)[0].text == ""


def test_a_photo_is_public_once_approved(case, clerk):
    photo = CaseFile.objects.get()
    assert register(case)[0].photo_id is None
    services.decide_file(case_file=photo, publish=True, by=clerk)
    assert [row.file_id for row in page(case, ANONYMOUS).photos] == [photo.file_id]
    assert register(case)[0].photo_id == photo.file_id
    services.decide_file(case_file=photo, publish=False, by=clerk)
    assert page(case, ANONYMOUS).photos == []


def test_nobody_without_the_right_moderates(case):
    for viewer in (ANONYMOUS, filer_of(case), make_viewer(roles={"cases.clerk": make_unit()})):
        with pytest.raises(PermissionDenied):
            services.decide_text(case=case, publish=True, by=viewer)
        with pytest.raises(PermissionDenied):
            services.decide_file(case_file=CaseFile.objects.get(), publish=True, by=viewer)


def test_what_waits_for_approval_is_counted(case, clerk):
    assert page(case, clerk).pending == 2
    services.decide_text(case=case, publish=False, by=clerk)
    services.decide_file(case_file=CaseFile.objects.get(), publish=True, by=clerk)
    assert page(case, clerk).pending == 0
    services.add_from_filer(case=case, body="Dalej nie świeci.", by=filer_of(case))
    assert page(case, clerk).pending == 1


def test_what_the_filer_adds_waits_and_what_the_unit_says_does_not(case, clerk):
    services.add_from_filer(case=case, body="Mój telefon to 600 100 200.", by=filer_of(case))
    services.comment(case=case, body="Sprawdzimy jutro.", audience="public", by=clerk)
    assert [said.body for said in page(case, ANONYMOUS).comments] == ["Sprawdzimy jutro."]
    assert len(page(case, filer_of(case)).comments) == 2
    waiting = next(said for said in page(case, clerk).comments if said.state == "waiting")
    services.decide_comment(case=case, comment_id=waiting.id, publish=True, edited="Mój telefon to [numer].", by=clerk)
    assert "Mój telefon to [numer]." in [said.body for said in page(case, ANONYMOUS).comments]


def test_notes_of_staff_and_messages_to_the_filer_stay_where_they_belong(case, clerk):
    services.comment(case=case, body="Notatka dla nas.", audience="internal", by=clerk)
    services.comment(case=case, body="Tylko dla Ciebie.", audience="parties", by=clerk)
    told = {
        name: " ".join(said.body for said in page(case, who).comments)
        for name, who in (("all", ANONYMOUS), ("filer", filer_of(case)), ("staff", clerk))
    }
    assert told == {"all": "", "filer": "Tylko dla Ciebie.", "staff": "Notatka dla nas. Tylko dla Ciebie."}
    assert len(page(case, filer_of(case)).history) == 2


def test_names_of_staff_are_shown_to_staff_only(case):
    person = make_staff("cases.clerk", case.unit, name="Anna Urzędnicza")
    clerk = viewer_for_person(person.pk)
    services.take_step(case=case, transition="take", by=clerk)
    services.assign(case=case, assignee=make_staff("cases.clerk", case.unit, name="Ewa Druga"), by=clerk)
    for viewer in (ANONYMOUS, filer_of(case)):
        assert "Urzędnicza" not in repr(page(case, viewer))
        assert "Druga" not in repr(page(case, viewer))
        assert case.unit.name in repr(page(case, viewer).history)
    assert "Anna Urzędnicza" in repr(page(case, clerk).history)


def test_a_case_of_a_type_without_a_register_is_hidden_from_the_public(case):
    secret = replace(MATTER, key="cases.secret", public_register=False)
    with matter_declared(secret):
        hidden = make_case(case_type="cases.secret")
        for viewer in (ANONYMOUS, make_viewer(), make_viewer(roles={"cases.clerk": make_unit()})):
            with pytest.raises(Case.DoesNotExist):
                page(hidden, viewer)
            assert hidden not in Case.objects.visible_to(viewer)
        assert page(hidden, filer_of(hidden)).is_filer
        assert page(hidden, make_viewer(roles={"cases.clerk": hidden.unit})).is_staff


def test_the_unit_that_gave_a_case_away_sees_only_what_the_public_sees(case, clerk):
    services.assign(case=case, unit=make_unit(), by=clerk)
    view = page(case, clerk)
    assert not view.is_staff
    assert view.original is None


def test_staff_of_the_unit_above_and_of_the_whole_city_see_the_case(case):
    parent = make_unit()
    type(case.unit).objects.filter(pk=case.unit_id).update(parent=parent)
    assert page(case, make_viewer(roles={"cases.clerk": parent})).is_staff
    assert page(case, SYSTEM).is_staff


def test_the_queue_of_a_clerk_holds_the_cases_of_their_unit_only(case, clerk):
    assert [row.number for row in selectors.queue(clerk, selectors.QueueFilters()).rows] == [case.number]
    for viewer in (ANONYMOUS, make_viewer(), filer_of(case), make_viewer(roles={"cases.clerk": make_unit()})):
        assert selectors.queue(viewer, selectors.QueueFilters()).rows == []
        assert selectors.queue_points(viewer, selectors.QueueFilters()) == []
        assert selectors.queue_counts(viewer).active == 0


def test_my_cases_are_those_filed_by_account_and_those_opened_by_link(case):
    viewer = make_viewer()
    mine = make_case(by=viewer)
    assert [row.number for row in selectors.my_cases(viewer).rows] == [mine.number]
    assert [row.number for row in selectors.my_cases(filer_of(case)).rows] == [case.number]
    assert selectors.my_cases(ANONYMOUS).rows == []


def test_the_public_cannot_search_in_words_that_were_not_approved(case):
    found = selectors.public_register(selectors.RegisterFilters(case_type=case.case_type, text="Kowalski"))
    assert found.rows == []
    clerk = make_viewer(roles={"cases.clerk": case.unit})
    assert len(selectors.queue(clerk, selectors.QueueFilters(text="kowalski")).rows) == 1


def test_erasing_a_case_overwrites_words_people_answers_photos_and_mail_and_keeps_the_history(case, clerk, run_jobs):
    services.add_from_filer(case=case, body="Jan Kowalski, Lipowa 5.", by=filer_of(case))
    services.take_step(case=case, transition="take", by=clerk)
    solve(case, by=clerk)
    run_jobs(only="core.deliver")
    assert OutgoingMail.objects.exists()
    token = make_link(object_id=case.pk, purpose="cases.mail", by=SYSTEM)
    services.erase_personal(case=case, by=SYSTEM)
    assert open_link(token) is None
    view = page(case, SYSTEM)
    assert "Kowalski" not in repr(view)
    assert view.original == "[usunięto]"
    assert [step.kind for step in view.history if step.kind == "transition"] == ["transition", "transition"]
    assert "Załatane dzisiaj." in [said.body for said in view.comments]
    assert not File.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_person_exports_and_erases_their_own_cases_only(matter):
    viewer, other = make_viewer(), make_viewer()
    mine, theirs = make_case(by=viewer, description="Moje słowa"), make_case(by=other, description="Cudze słowa")
    exported = privacy.export(viewer.person_id)
    assert [row["number"] for row in exported] == [mine.number]
    assert "Cudze" not in repr(exported)
    assert privacy.erase(viewer.person_id) == 1
    assert privacy.export(viewer.person_id) == []
    assert page(mine, SYSTEM).original == "[usunięto]"
    assert page(theirs, SYSTEM).original == "Cudze słowa"


def test_a_secret_link_opens_one_case_only(matter):
    first, second = file_one(), file_one()
    view = page(second.case, filer_of(first.case))
    assert not view.is_filer
    assert view.original is None
