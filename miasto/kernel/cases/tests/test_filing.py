"""Filing a case."""

import pytest
from django.core import mail as outbox
from django.db import connection, transaction

from miasto.kernel.accounts.services import open_link
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.cases.models import Case, CaseParty, CaseStep, CaseText
from miasto.kernel.cases.services import Contact, Refused
from miasto.kernel.cases.testing import file_one, give_competence, make_case, make_category
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.models import Change, OutgoingMail
from miasto.kernel.places.testing import make_address, make_area, make_city_area, point

pytestmark = pytest.mark.django_db


def test_a_filed_case_has_a_number_of_its_type_and_year(matter, tuesday_noon):
    first, second = make_case(), make_case()
    assert (first.number, second.number) == ("PR-2026-000001", "PR-2026-000002")


def test_a_case_filed_after_midnight_on_new_years_eve_counts_in_the_citys_new_year(matter):
    with clock.at(clock.start_of(clock.today().replace(year=2027, month=1, day=1))):
        assert make_case().number == "PR-2027-000001"


def test_the_words_and_the_person_live_in_rows_of_their_own(matter):
    case = make_case(description="Jan Kowalski mieszka tu obok.", contact=Contact("Jan Kowalski", "jan@przyklad.pl", "600"))
    assert CaseText.objects.get(case=case).description == "Jan Kowalski mieszka tu obok."
    assert CaseParty.objects.get(case=case).email == "jan@przyklad.pl"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(c)::text FROM cases_case c UNION ALL SELECT row_to_json(s)::text FROM cases_casestep s"
        )
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert "Kowalski" not in kept
    assert "jan@" not in kept


def test_nothing_personal_reaches_the_audit_or_the_waiting_jobs(matter):
    filed = file_one(description="Jan Kowalski mieszka tu obok.", contact=Contact("Jan Kowalski", "jan@przyklad.pl", "600"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM core_change c UNION ALL SELECT args::text FROM procrastinate_jobs")
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert filed.case.number in kept
    assert "Kowalski" not in kept
    assert "jan@" not in kept
    assert filed.token not in kept


def test_the_token_opens_the_case_and_the_number_does_not(matter):
    filed = file_one()
    link = open_link(filed.token)
    assert link is not None
    assert link.object_id == filed.case.pk
    assert open_link(filed.case.number) is None


def test_a_form_sent_twice_makes_one_case(matter):
    first = file_one(client_key="szkic-1")
    second = file_one(client_key="szkic-1", description="Inne słowa z drugiej karty.")
    assert second.case.pk == first.case.pk
    assert not second.fresh
    assert Case.objects.count() == 1
    assert CaseStep.objects.count() == 1
    link = open_link(second.token)
    assert link is not None
    assert link.object_id == first.case.pk


def test_the_case_goes_to_the_unit_that_has_the_competence_of_its_category(matter):
    roads = give_competence(make_unit(), "roads.trial")
    give_competence(make_unit())
    branch = make_category(competence="roads.trial")
    leaf = make_category(parent=branch)
    assert make_case(category=leaf).unit_id == roads.pk
    assert make_case(category=make_category()).unit_id != roads.pk


def test_a_profile_that_gives_the_competence_to_nobody_stops_the_filing(matter):
    with pytest.raises(LookupError, match=r"cases\.nobody"):
        make_case(category=make_category(competence="cases.nobody"))


def test_a_category_may_have_its_own_term(matter, tuesday_noon):
    assert str(make_case().due_on) == "2026-05-26"
    assert str(make_case(category=make_category(deadline_days=3)).due_on) == "2026-05-15"


def test_what_is_wrong_is_told_by_field(matter):
    with pytest.raises(Refused) as told:
        make_case(description=" ", point=None, contact=Contact(email="nie-adres"))
    assert set(told.value.message_dict) == {"description", "point", "email"}
    assert not Case.objects.exists()


def test_a_point_outside_the_city_is_refused(matter):
    make_city_area()
    far = point(east_m=60_000)
    with pytest.raises(Refused) as told:
        make_case(point=(far.x, far.y))
    assert told.value.code == "outside"


def test_the_district_and_a_missing_address_come_from_the_point(matter):
    make_city_area()
    district = make_area(name="Środek")
    address = make_address(number="7")
    case = make_case(address_text="", point=city().centre)
    assert case.district_id == district.pk
    assert address.street.name in case.address_text
    assert "7" in case.address_text


def test_questions_of_the_type_and_of_the_category_are_checked(matter):
    category = make_category(
        questions=[
            {"key": "size", "label": "Jak duża?", "kind": "choice", "required": True, "choices": [["s", "Mała"], ["l", "Duża"]]}
        ]
    )
    with pytest.raises(Refused) as told:
        make_case(category=category, answers={"near": "może"})
    assert set(told.value.message_dict) == {"answer_size", "answer_near"}
    case = make_case(category=category, answers={"size": "l", "near": True, "since": "", "unknown": "x"})
    assert dict(case.answers.values_list("question", "value")) == {"size": "l", "near": "true"}


def test_a_resident_with_an_account_owns_the_case_and_a_phone_operator_does_not(matter):
    resident, operator = make_viewer(), make_viewer(roles={"cases.clerk": make_unit()})
    assert make_case(by=resident).filer_person_id == resident.person_id
    assert make_case(by=operator, channel="phone").filer_person_id is None
    assert make_case(by=operator).filer_person_id == operator.person_id


def test_a_rolled_back_filing_leaves_nothing_and_sends_nothing(matter, run_jobs):
    with transaction.atomic():
        make_case()
        transaction.set_rollback(True)
    run_jobs()
    assert not Case.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert not outbox.outbox
    assert not Change.objects.filter(action="cases.file").exists()
