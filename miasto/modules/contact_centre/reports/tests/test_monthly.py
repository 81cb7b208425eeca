"""The monthly report: frozen, versioned, drawn by the job, the same figures on the page and in the PDF."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff
from miasto.kernel.cases import services as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.reports import drawing, services, story
from miasto.modules.contact_centre.reports.models import MonthlyReport, ReportPdf
from miasto.modules.contact_centre.reports.months import month_name, within
from miasto.modules.contact_centre.reports.tests.test_statistics import report, solved

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 1)
JUNE = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def may(catalogue, tuesday_noon):
    """A month with six reports solved in two days, seen from the first of June."""
    for _number in range(6):
        solved(report(catalogue), timedelta(days=2))
    cases.count_all(KEY)
    with clock.at(JUNE):
        yield catalogue


@pytest.fixture
def operator(catalogue):
    return make_staff("contact_centre.operator")


def address(name="report"):
    return reverse(f"contact_centre_reports:{name}", args=["2026", "05"])


def pages_of(data: bytes) -> str:
    from pypdf import PdfReader

    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_on_the_first_the_report_of_the_month_before_is_asked_for_once(may, run_jobs):
    assert services.ask_last_month()
    assert not services.ask_last_month()
    run_jobs(only="contact_centre.make_report")
    made = MonthlyReport.objects.get()
    assert (made.month, made.version, made.state) == (MAY, 1, "ready")
    assert made.figures["total"]["filed"] == 6


def test_the_pdf_says_the_same_figures_as_the_page_is_tagged_and_has_polish_letters(client, may, run_jobs):
    from pypdf import PdfReader

    services.ask_last_month()
    run_jobs(only="contact_centre.make_report")
    page = client.get(address()).content.decode()
    data = client.get(address("pdf")).content
    text = pages_of(data)
    for sentence in story.sentences(MAY, MonthlyReport.objects.get().figures):
        assert sentence in page
        assert sentence in text
    assert "Raport za maj 2026" in text
    assert "Latarnia nie świeci 6 6" in text
    root = PdfReader(io.BytesIO(data)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "pl"
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_the_pdf_uses_the_platforms_fonts_only(may, run_jobs):
    from pypdf import PdfReader

    services.ask_last_month()
    run_jobs(only="contact_centre.make_report")
    reader = PdfReader(io.BytesIO(bytes(ReportPdf.objects.get().data)))
    names = {str(font.get_object()["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert names
    assert all("Miasto" in name for name in names), names


def test_a_published_month_does_not_change_when_its_cases_do(client, may, run_jobs):
    services.ask_last_month()
    run_jobs(only="contact_centre.make_report")
    before = client.get(address()).content.decode()
    case = report(may)
    with clock.at(JUNE - timedelta(days=3)):
        report(may)
    cases.count_all(KEY)
    assert case.pk
    after = client.get(address()).content.decode()
    assert after[after.index("<main") : after.index("</main")] == before[before.index("<main") : before.index("</main")]


def test_a_correction_is_a_new_version_with_a_note_and_the_old_one_stays(client, may, operator, run_jobs):
    services.ask_last_month()
    run_jobs(only="contact_centre.make_report")
    by = viewer_for_person(operator.pk)
    with pytest.raises(services.Refused, match="Napisz, co i dlaczego"):
        services.ask(month=MAY, by=by)
    services.ask(month=MAY, note="Doliczono zgłoszenia z kiosku.", by=by)
    with pytest.raises(services.Refused, match="właśnie powstaje"):
        services.ask(month=MAY, note="Jeszcze raz.", by=by)
    run_jobs(only="contact_centre.make_report")
    page = client.get(address()).content.decode()
    assert "Doliczono zgłoszenia z kiosku." in page
    old = client.get(address() + "?wersja=1").content.decode()
    assert "To starsza wersja raportu." in old
    assert client.get(address() + "?wersja=9").status_code == 404


def test_a_month_that_is_not_over_has_no_report(may, operator):
    with pytest.raises(services.Refused, match="po końcu miesiąca"):
        services.ask(month=date(2026, 6, 1), by=viewer_for_person(operator.pk))


def test_only_who_may_issue_reports_can(may, client):
    with pytest.raises(PermissionDenied):
        services.ask(month=MAY, by=viewer_for_person(make_person().pk))
    staff = reverse("contact_centre_reports_panel:reports")
    assert client.get(staff).status_code == 302
    client.force_login(make_person())
    assert client.get(staff).status_code == 403


def test_staff_ask_for_a_report_and_see_its_progress(client, may, operator, run_jobs):
    client.force_login(operator)
    staff = reverse("contact_centre_reports_panel:reports")
    assert client.post(staff, {"period": "2026-05-01"}).status_code == 302
    assert "czeka na policzenie" in client.get(staff).content.decode()
    run_jobs(only="contact_centre.make_report")
    assert "gotowy" in client.get(staff).content.decode()
    refused = client.post(staff, {"period": "2026-05-01"})
    assert refused.status_code == 422
    assert "Napisz, co i dlaczego poprawiasz" in refused.content.decode()


def test_a_job_killed_between_counting_and_drawing_goes_on_without_counting_again(may, client, monkeypatch, run_jobs):
    services.ask_last_month()
    made = MonthlyReport.objects.get()
    monkeypatch.setattr(drawing, "pdf", lambda report: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        services.make(made.pk)
    made.refresh_from_db()
    assert (made.state, made.figures["total"]["filed"]) == ("drawing", 6)
    answer = client.get(address("pdf"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    counted_at = made.counted_at
    monkeypatch.undo()
    with clock.at(JUNE + timedelta(hours=1)):
        services.make(made.pk)
    made.refresh_from_db()
    assert (made.state, made.counted_at) == ("ready", counted_at)


@pytest.mark.parametrize("path", ["/raporty/2026-13/", "/raporty/1999-01/", "/raporty/2026-04/", "/raporty/2026-04.pdf"])
def test_a_month_without_a_report_is_not_found(client, may, path):
    assert client.get(path).status_code == 404


def test_months_are_said_in_polish_as_they_stand_alone_and_after_w():
    with translation.override("pl"):
        assert month_name(date(2026, 10, 1)) == "październik 2026"
        assert [within(date(2026, month, 1)) for month in (2, 9)] == ["w lutym 2026", "we wrześniu 2026"]


def test_the_story_of_an_empty_month_claims_nothing(catalogue, tuesday_noon):
    told = story.sentences(MAY, services.collect(date(2026, 4, 1)))
    assert len(told) == 3
    assert not any("%" in sentence for sentence in told)
    assert SYSTEM.system
