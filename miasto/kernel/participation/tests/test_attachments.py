"""Files of a process, and whose eyes they are for; a letter found after the close; the address that is to be confirmed."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.services import open_link
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core import clock
from miasto.kernel.files import services as files
from miasto.kernel.files.testing import drawn_film, make_file
from miasto.kernel.participation import confirming, privacy, reporting, selectors, services
from miasto.kernel.participation import events as happened
from miasto.kernel.participation.models import Attachment, Contribution, ContributionAuthor
from miasto.kernel.participation.testing import after_the_phases, make_process, remark

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kind")]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
VTT = ContentFile(b"WEBVTT\n\n00:00.000 --> 00:02.000\nWitamy\n", name="napisy.vtt")


@pytest.fixture
def process():
    return make_process()


def pdf(by=ANONYMOUS):
    return files.store_document(upload=ContentFile(PDF, name="uchwała.pdf"), by=by).pk


def film():
    return ContentFile(drawn_film(frames=4), name="film.webm")


def close(process):
    for made in Contribution.objects.filter(process=process, text_state="waiting"):
        services.decide_text(contribution=made, publish=True, by=SYSTEM)
    for made in Contribution.objects.filter(process=process, decision=None):
        services.decide(process=process, contribution=made, outcome="accepted", reasons="Tak.", by=SYSTEM)
    with after_the_phases(process):
        return services.close_process(process=process, outcome="Park będzie.", by=SYSTEM)


def test_a_film_is_added_with_captions_replaced_without_and_removed(process, client):
    with pytest.raises(ValidationError, match="Najpierw dodaj film"):
        services.save_film(process=process, captions=VTT, by=SYSTEM)
    services.save_film(process=process, film=film(), captions=VTT, by=SYSTEM)
    first = selectors.film_of(process)
    assert first.captions
    assert client.get(first.url).status_code == 200
    services.save_film(process=process, film=film(), by=SYSTEM)
    second = selectors.film_of(process)
    assert second.url != first.url
    assert not second.captions, "captions of another film would lie"
    services.remove_film(process=process, by=SYSTEM)
    assert selectors.film_of(process) is None


def test_each_version_of_a_document_keeps_its_own_files(process):
    first = services.add_document(
        process=process, title="Uchwała", role="subject", text="Raz.", files=[(pdf(), "Projekt uchwały")], by=SYSTEM
    )
    second = services.add_version(
        document=first.document, text="Dwa.", note="Zmiana.", files=[(pdf(), "Po zmianie"), (pdf(), "Mapa")], by=SYSTEM
    )
    found = selectors.of_versions([first.pk, second.pk])
    assert [(one.title, one.kind) for one in found[first.pk]] == [("Projekt uchwały", "PDF")]
    assert [one.title for one in found[second.pk]] == ["Po zmianie", "Mapa"]


def seen(process, number, viewer):
    return selectors.remark(process, number, viewer).files


def test_an_attachment_of_a_remark_is_for_its_author_and_the_office_until_a_person_approves_it(process):
    person = make_person()
    mine = viewer_for_person(person.pk)
    made = remark(process, by=mine, file_ids=[pdf(mine), make_file(by=mine).pk])
    assert len(seen(process, 1, mine)) == len(seen(process, 1, SYSTEM)) == 2
    assert seen(process, 1, ANONYMOUS) == []
    shown = seen(process, 1, mine)[0].id
    services.decide_text(contribution=made, publish=True, files=[shown], by=SYSTEM)
    assert [one.id for one in seen(process, 1, ANONYMOUS)] == [shown]
    services.decide_text(contribution=made, publish=False, files=[shown], by=SYSTEM)
    assert seen(process, 1, ANONYMOUS) == []
    assert [len(row["files"]) for row in privacy.export(person.pk)] == [2]
    assert list(privacy.export_files(person.pk)) == [], "they come with the person's own uploads"
    services.decide_text(contribution=made, publish=True, files=[shown], by=SYSTEM)
    privacy.erase(person.pk)
    assert not Attachment.objects.filter(contribution=made).exists()
    assert seen(process, 1, ANONYMOUS) == []


def test_nobody_attaches_a_file_of_another_object_or_too_many(process):
    taken = make_file(owner_id=process.pk).pk
    with pytest.raises(LookupError):
        remark(process, file_ids=[taken])
    with pytest.raises(ValidationError, match="najwyżej"):
        remark(process, file_ids=[pdf() for _ in range(selectors.files_most() + 1)])
    assert not Contribution.objects.filter(process=process).exists()


def late_letter(process, received_on, outcome="accepted", **fields):
    row = services.RemarkRow(
        body="Proszę o klony.", author_group=process.author_groups[0], author=services.Author(name="Anna Zimna"), **fields
    )
    return services.enter_after_close(
        process=process, row=row, channel="letter", received_on=received_on, outcome=outcome, reasons="Będą klony.", by=SYSTEM
    )


def test_a_letter_found_after_the_close_is_answered_and_stands_in_a_dated_supplement(process):
    remark(process)
    closed = close(process)
    reporting.draw(closed.pk)
    before = closed.report.figures["remarks"]
    in_time = min(phase.starts_on for phase in process.phases.all())
    with after_the_phases(process), clock.at(clock.now() + timedelta(days=3)):
        found = late_letter(process, in_time, file_ids=[pdf()])
        assert (found.late, found.after_close, found.status, found.number) == (False, True, "accepted", 2)
        with pytest.raises(ValidationError, match="W terminie przyszła uwaga nr 3"):
            late_letter(process, in_time, outcome="late")
        late = late_letter(process, clock.today(), outcome="late")
        assert late.late
        [(day, answers)] = reporting.supplements(process.pk)
        assert day == clock.today()
    assert [made.number for one in answers for made in one.remarks] == [2, 3]
    assert [made.number for one in reporting.answered(process.pk) for made in one.remarks] == [1]
    closed.report.refresh_from_db()
    assert closed.report.figures["remarks"] == before
    services.decide_text(contribution=found, publish=True, by=SYSTEM)
    reporting.draw(process.pk, anew=True)
    drawn = selectors.report_file(process, "csv").decode("utf-8-sig")
    assert "Proszę o klony." in drawn
    page = reporting.page_of(closed)
    assert "Uzupełnienie raportu z dnia" in page
    assert "Anna Zimna" not in page


def test_an_open_process_takes_no_supplement_and_a_closed_one_no_unanswered_remark(process):
    with pytest.raises(ValidationError, match="trwają"):
        late_letter(process, clock.today())
    remark(process)
    close(process)
    with pytest.raises(ValidationError, match="zamknięte"):
        remark(process)
    row = services.RemarkRow(body="x", author_group=process.author_groups[0])
    letter = {"channel": "letter", "received_on": clock.today(), "outcome": "accepted", "reasons": ""}
    with pytest.raises(ValidationError, match="uzasadnienie"):
        services.enter_after_close(process=process, row=row, **letter, by=SYSTEM)


def test_an_address_is_confirmed_in_the_platforms_one_way_and_forgotten_where_nobody_does(process):
    mails = apps.get_model("core", "OutgoingMail")
    kept = remark(process, author=services.Author(email="gosc@przyklad.pl"))
    lost = remark(process, author=services.Author(email="cudzy@przyklad.pl"))
    for made in (kept, lost):
        for _ in range(2):
            confirming.ask_to_confirm(happened.ContributionMade(process_id=process.pk, contribution_id=made.pk))
    text = mails.objects.get(to="gosc@przyklad.pl").text
    token = text.split("/proba/s/")[1].split("/")[0]
    assert open_link(token).object_id == kept.pk
    services.confirm_contact(contribution_id=kept.pk, by=SYSTEM)
    assert confirming.forget_unconfirmed() == 0
    with clock.at(clock.now() + timedelta(days=8)):
        assert confirming.forget_unconfirmed() == 1
        assert confirming.forget_unconfirmed() == 0
    emails = dict(ContributionAuthor.objects.values_list("contribution__number", "email"))
    assert emails == {1: "gosc@przyklad.pl", 2: ""}
    confirmed = services.confirm_contact(contribution_id=lost.pk, by=SYSTEM)
    assert ContributionAuthor.objects.get(pk=confirmed.pk).confirmed_at is None
