"""The end of the term of personal data: what goes, what stays, what is held, and a job that may be killed at any case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from miasto.kernel.accounts import jobs
from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.cases import moderation, retention, selectors, services
from miasto.kernel.cases.models import Case, CaseFile, CaseHold, CaseParty, CaseText
from miasto.kernel.cases.testing import filer_of, make_case, make_category
from miasto.kernel.core import clock
from miasto.kernel.core.models import Change, OutgoingMail
from miasto.kernel.discussions.models import CommentText
from miasto.kernel.files.models import File
from miasto.kernel.files.services import Box
from miasto.kernel.files.testing import make_file

pytestmark = pytest.mark.django_db
SECRET = "tajemnica-mieszkanki"


@pytest.fixture
def known(matter, tuesday_noon):
    """The case type of the tests."""


def closed(months: float = 61, **fields):
    """A closed case, so many months (of 31 days) after its closing."""
    case = make_case(**fields)
    at = clock.now() - timedelta(days=31 * months)
    Case.objects.filter(pk=case.pk).update(stage="closed", progress="closed", closed_at=at, filed_at=at)
    case.refresh_from_db()
    return case


def test_after_the_term_nothing_of_the_person_is_left_and_the_history_stays(known):
    case = closed(description=f"Dzwońcie: {SECRET}", answers={"since": SECRET, "near": True})
    services.comment(case=case, body=f"Notatka {SECRET}", audience="internal", by=SYSTEM)
    services.comment(case=case, body=f"Wiadomość {SECRET}", audience="parties", by=SYSTEM)
    services.comment(case=case, body="Naprawimy jutro.", audience="public", by=SYSTEM)
    steps = case.steps.count()
    assert retention.anonymise_due() == 1
    view = selectors.case_page(case.number, SYSTEM)
    assert SECRET not in str(view)
    assert not CaseText.objects.filter(description__contains=SECRET).exists()
    assert not CommentText.objects.filter(body__contains=SECRET).exists()
    assert CommentText.objects.filter(body="Naprawimy jutro.").exists()
    assert set(CaseParty.objects.filter(case=case).values_list("email", "name", "phone")) == {("", "", "")}
    assert not OutgoingMail.objects.filter(about_id=case.pk, to__contains="mieszkanka").exists()
    assert case.steps.count() == steps + 1
    assert (view.number, view.address_text, [value for _label, value in view.answers][-1]) == (
        case.number,
        "ul. Próbna 1",
        "tak",
    )


def test_what_a_person_approved_for_everybody_stays_as_it_was_published(known):
    photos = [make_file(), make_file()]
    case = closed(description=f"Dziura. {SECRET}", file_ids=[file.id for file in photos])
    moderation.decide_text(case=case, publish=True, edited="Dziura. [telefon]", by=SYSTEM)
    first = CaseFile.objects.filter(case=case).first()
    moderation.decide_file(case_file=first, publish=True, boxes=[Box("area", 0, 0, 90, 90)], by=SYSTEM)
    first.refresh_from_db()
    retention.anonymise_due()
    view = selectors.case_page(case.number, selectors.Viewer())
    assert view.text == "Dziura. [telefon]"
    assert [photo.file_id for photo in view.photos] == [first.file_id]
    assert not File.objects.filter(pk__in=[file.id for file in photos]).exists()


def test_a_message_stays_as_everybody_read_it(known):
    case = closed()
    Case.objects.filter(pk=case.pk).update(stage="new", progress="open")
    services.add_from_filer(case=case, body=f"Numer {SECRET}", by=filer_of(case))
    comment = CommentText.objects.get(body__contains=SECRET)
    moderation.decide_comment(case=case, comment_id=comment.pk, publish=True, edited="Numer [telefon]", by=SYSTEM)
    retention.anonymise_due()
    comment.refresh_from_db()
    assert (comment.body, comment.public_body) == ("Numer [telefon]", "")


def test_the_term_is_the_categorys_its_parents_or_the_citys(known):
    parent = make_category(retention_months=12)
    child, own = make_category(parent=parent), make_category(parent=parent, retention_months=3)
    cases = {name: closed(13, category=category) for name, category in (("child", child), ("own", own), ("none", None))}
    young = closed(4, category=child)
    due = set(retention.due(clock.now()))
    assert due == {cases["child"], cases["own"]}
    assert young not in due


def test_an_open_case_has_no_term(known):
    case = make_case()
    Case.objects.filter(pk=case.pk).update(filed_at=clock.now() - timedelta(days=5000))
    assert not retention.due(clock.now()).exists()


def test_a_held_case_is_kept_until_the_hold_is_lifted(known):
    case = closed(description=SECRET)
    by = viewer_for_person(make_staff("cases.supervisor", case.unit).id)
    retention.hold(case=case, reason="Sprawa w sądzie", by=by)
    assert retention.anonymise_due() == 0
    assert retention.anonymise(case_id=case.pk, by=SYSTEM) is False
    with pytest.raises(services.Refused):
        retention.hold(case=case, reason="Drugi raz", by=by)
    assert retention.lift(case=case, by=by) is True
    assert retention.lift(case=case, by=by) is False
    assert retention.anonymise_due() == 1


def test_the_reason_of_a_hold_stands_in_no_audit(known):
    case = closed()
    retention.hold(case=case, reason="Sprawa Jana Nowaka", by=SYSTEM)
    assert not Change.objects.filter(data__icontains="Nowak").exists()


def test_a_job_killed_at_the_second_case_goes_on_at_the_next_run(known, monkeypatch):
    cases = [closed() for _ in range(4)]
    real, seen = retention.anonymise, []

    def killed(*, case_id, by):
        seen.append(case_id)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(case_id=case_id, by=by)

    with monkeypatch.context() as patched:
        patched.setattr(retention, "anonymise", killed)
        with pytest.raises(KeyboardInterrupt):
            retention.anonymise_due()
    assert Case.objects.filter(anonymised_at__isnull=False).count() == 1
    assert retention.anonymise_due() == 3
    assert retention.anonymise_due() == 0
    assert {case.pk for case in cases} == set(Case.objects.exclude(anonymised_at=None).values_list("pk", flat=True))


def test_the_daily_job_writes_down_the_count_and_nothing_else(known):
    closed(description=SECRET)
    jobs.expire_one(key="cases.filed")
    change = Change.objects.get(action="accounts.personal_expired")
    assert change.data == {"key": "cases.filed", "count": 1}


def test_a_case_opened_again_gets_a_new_term(known):
    case = closed()
    retention.anonymise_due()
    Case.objects.filter(pk=case.pk).update(stage="solved", progress="answered", stage_since=clock.now())
    case.refresh_from_db()
    services.take_step(case=case, transition="dispute", reason="Nadal to samo.", by=filer_of(case))
    case.refresh_from_db()
    assert (case.closed_at, case.anonymised_at) == (None, None)


def test_a_supervisor_sees_what_ends_in_their_units_and_holds_it(known, client):
    case, other = closed(60), closed(60)
    Case.objects.filter(pk=other.pk).update(unit=make_unit())
    Case.objects.filter(pk__in=[case.pk, other.pk]).update(closed_at=clock.months_before(clock.now(), 60) + timedelta(days=3))
    address = reverse("cases_panel:retention")
    client.force_login(make_staff("cases.supervisor", case.unit))
    page = client.get(address).content.decode()
    assert case.number in page
    assert other.number not in page
    client.post(reverse("cases_panel:hold", args=[case.number]), {"reason": "Kontrola", "back": address})
    assert CaseHold.objects.get(case=case).reason == "Kontrola"
    assert "Kontrola" in client.get(address).content.decode()
    assert "Kontrola" in client.get(reverse("cases_panel:case", args=[case.number])).content.decode()
    assert client.post(reverse("cases_panel:hold", args=[other.number]), {"reason": "x"}).status_code == 403


def test_clerks_and_residents_see_no_terms(known, client):
    case = closed()
    for person in (make_person(), make_staff("cases.clerk", case.unit)):
        client.force_login(person)
        assert client.get(reverse("cases_panel:retention")).status_code == 403
        assert client.post(reverse("cases_panel:hold", args=[case.number]), {"reason": "x"}).status_code == 403


def test_the_list_of_what_is_due_needs_the_same_queries_for_any_number(known, django_assert_max_num_queries):
    for _ in range(8):
        closed()
    with django_assert_max_num_queries(4):
        rows, count = retention.upcoming(SYSTEM, clock.now())
    assert (len(rows), count) == (8, 8)


@pytest.mark.parametrize(("day", "months", "expected"), [("2026-03-31", 1, "2026-02-28"), ("2026-01-15", 13, "2024-12-15")])
def test_months_before_keep_the_day_or_take_the_last_of_a_shorter_month(day, months, expected):
    from datetime import date

    moment = clock.start_of(date.fromisoformat(day))
    assert clock.local(clock.months_before(moment, months)).date() == date.fromisoformat(expected)


def test_the_register_of_personal_data_is_for_the_data_protection_officer(known, client):
    closed()
    address = reverse("accounts_privacy:register")
    client.force_login(make_staff("cases.clerk", make_unit()))
    assert client.get(address).status_code == 403
    client.force_login(make_staff("accounts.data_protection", None))
    page = client.get(address).content.decode()
    assert "Zgłoszone sprawy" in page
    assert "pięć lat" in page
