"""The public pages: what they say and to whom, with a number of queries that does not grow with the ledger."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import make_link
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.participation import selectors, services
from miasto.kernel.participation.testing import after_the_phases, draw_report, make_process, remark
from miasto.kernel.places.testing import make_street
from miasto.modules.idea.naming import KIND

SECRET = "Kanarek spod numeru 600 700 800"


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return response.content.decode()


def first_paragraph(process):
    subject = next(one for one in selectors.documents(process) if one.document.role == "subject")
    return next(one for one, _count in selectors.paragraphs(subject.version) if not one.heading), subject.version


def answer_all(process, closed=True):
    for row in selectors.ledger(process, SYSTEM, selectors.LedgerFilters()):
        services.decide_text(contribution=row, publish=True, by=SYSTEM)
        services.decide(process=process, contribution=row, outcome="accepted", reasons="Tak będzie.", by=SYSTEM)
    if closed:
        with after_the_phases(process):
            services.close_process(process=process, outcome="Będzie park.", by=SYSTEM)


def test_a_consultation_goes_from_open_to_ended_on_the_home_page(client, process):
    assert process.title in page(client, "/idea/")
    remark(process)
    answer_all(process)
    text = page(client, "/idea/")
    assert "Będzie park." in text
    assert process.title in page(client, "/idea/konsultacje/?stan=ended")
    assert process.title not in page(client, "/idea/konsultacje/?stan=open")


def test_a_draft_has_no_page_for_others(client, unit, staff):
    draft = make_process(kind=KIND, unit_id=unit.pk, published=False)
    page(client, f"/idea/konsultacje/{draft.slug}/", 404)
    assert draft.title not in page(client, "/idea/konsultacje/")
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    assert draft.title in page(client, f"/idea/konsultacje/{draft.slug}/")


def test_the_description_is_read_in_another_language(client, unit):
    words = {"uk": {"title": "Парк", "decided": "Чи буде парк більшим.", "easy": "Парк старий."}, "en": {"decided": "Larger?"}}
    one = make_process(kind=KIND, unit_id=unit.pk, translations=words, easy="Park jest stary.")
    text = page(client, f"/idea/konsultacje/{one.slug}/?jezyk=uk")
    assert "Чи буде парк більшим." in text
    assert 'ui-message-body" lang="uk">Парк старий.' in text
    text = page(client, f"/idea/konsultacje/{one.slug}/?jezyk=en")
    assert 'ui-message-body" lang="pl">Park jest stary.' in text, "what nobody translated is told as Polish"


def test_a_guest_writes_to_a_paragraph_and_sees_the_remark_while_others_wait(client, process):
    paragraph, version = first_paragraph(process)
    document = page(client, f"/idea/konsultacje/{process.slug}/dokumenty/{version.pk}/")
    assert f'id="a{paragraph.number}"' in document
    address = f"/idea/konsultacje/{process.slug}/uwaga/?akapit={paragraph.pk}"
    key = re.search(r'name="client_key" value="(\w+)"', page(client, address)).group(1)
    sent = {
        "client_key": key,
        "body": SECRET,
        "author_group": "resident",
        "email": "gosc@przyklad.pl",
        "name": "Zofia Sekretna",
    }
    response = client.post(address, sent)
    own = f"/idea/konsultacje/{process.slug}/uwagi/1/"
    assert response.url == own
    assert SECRET in page(client, own)
    link = re.search(r"/idea/s/[\w-]+/", page(client, own)).group(0)
    assert client.post(address, sent).url == own
    assert "2" not in [str(row.number) for row in selectors.ledger(process, SYSTEM, selectors.LedgerFilters())]

    stranger = Client()
    for other in (own, f"/idea/konsultacje/{process.slug}/uwagi/", f"/idea/konsultacje/{process.slug}/uwagi.csv"):
        text = page(stranger, other)
        assert SECRET not in text
        assert "Sekretna" not in text
    assert stranger.get(link).url == own
    assert SECRET in page(stranger, own)


def test_an_empty_remark_is_asked_for_again_with_what_was_typed(client, process):
    address = f"/idea/konsultacje/{process.slug}/uwaga/"
    response = client.post(address, {"body": "", "name": "Anna", "author_group": "resident"})
    assert response.status_code == 422
    assert 'value="Anna"' in response.content.decode()


def test_the_planning_form_is_shown_and_wanted(client, unit):
    one = make_process(kind=KIND, unit_id=unit.pk, basis="planning")
    address = f"/idea/konsultacje/{one.slug}/uwaga/"
    assert "Pismo dotyczące aktu planowania przestrzennego" in page(client, address)
    assert client.post(address, {"body": "Tak.", "author_group": "resident"}).status_code == 422
    sent = {"body": "Tak.", "author_group": "resident", "name": "Anna", "postal_address": "Rynek 1", "owner": "yes"}
    assert client.post(address, sent).status_code == 302


def test_a_remark_about_a_place_needs_no_map(client, process):
    make_street(name="Próbna")
    address = f"/idea/konsultacje/{process.slug}/uwaga/?miejsce"
    sent = {"body": "Tu brak lampy.", "author_group": "resident", "address": "Próbna"}
    assert client.post(address, sent).status_code == 302
    points = client.get(f"/idea/konsultacje/{process.slug}/uwagi.geojson").json()
    assert points["features"][0]["properties"]["number"] == 1
    assert "lampy" not in str(points)
    assert client.post(address, {**sent, "address": "Nie ma takiej"}).status_code == 422


def test_a_remark_is_about_a_line_or_an_area_drawn_or_told_in_words(client, process):
    make_street(name="Próbna")
    address = f"/idea/konsultacje/{process.slug}/uwaga/?miejsce"
    sent = {"body": "Tu brak lamp.", "author_group": "resident"}
    west, south, east, north = city().bbox
    lon, lat = (west + east) / 2, (south + north) / 2
    ring = [[lon, lat], [lon + 0.002, lat], [lon + 0.002, lat + 0.002], [lon, lat]]
    for geometry in ({"type": "LineString", "coordinates": ring[:3]}, {"type": "Polygon", "coordinates": [ring]}):
        assert client.post(address, {**sent, "geom": json.dumps(geometry)}).status_code == 302
    assert client.post(address, {**sent, "shape": "line", "address": "Próbna"}).status_code == 302
    crossed = {"type": "Polygon", "coordinates": [[ring[0], ring[2], ring[1], [lon, lat + 0.002], ring[0]]]}
    for wrong in (json.dumps(crossed), "{", json.dumps({"type": "LineString", "coordinates": [[0, 0], [1, 1]]})):
        refused = client.post(address, {**sent, "geom": wrong})
        assert refused.status_code == 422
        assert "Tu brak lamp." in refused.content.decode(), "what was written stays"
    drawn = client.get(f"/idea/konsultacje/{process.slug}/uwagi.geojson").json()["features"]
    assert [one["geometry"]["type"] for one in drawn[:2]] == ["LineString", "Polygon"]
    assert drawn[2]["geometry"]["type"] in ("LineString", "MultiLineString")
    assert "uwagi.geojson?nr=2" in page(client, f"/idea/konsultacje/{process.slug}/uwagi/2/")
    one = client.get(f"/idea/konsultacje/{process.slug}/uwagi.geojson?nr=2").json()["features"]
    assert [row["properties"]["number"] for row in one] == [2]


def test_no_remark_is_written_after_the_time(client, process):
    with after_the_phases(process):
        page(client, f"/idea/konsultacje/{process.slug}/uwaga/", 410)


def test_the_owner_of_an_address_confirms_by_a_button_and_not_by_opening_the_link(client, process):
    made = remark(process, author=services.Author(email="gosc@przyklad.pl"))
    token = make_link(object_id=made.pk, purpose=selectors.CONFIRM_LINK, by=SYSTEM)
    own = client.get(f"/idea/s/{token}/").url
    assert "potwierdzam adres" in page(client, own)
    made.author.refresh_from_db()
    assert made.author.confirmed_at is None
    client.post(f"{own}adres/", {"do": "confirm"})
    made.author.refresh_from_db()
    assert made.author.confirmed_at is not None


def test_the_link_of_an_address_that_is_gone_says_so(client, process):
    made = remark(process, author=services.Author(email="gosc@przyklad.pl"))
    token = make_link(object_id=made.pk, purpose=selectors.CONFIRM_LINK, by=SYSTEM)
    type(made.author).objects.filter(pk=made.pk).update(email="")
    text = page(client, client.get(f"/idea/s/{token}/").url)
    assert "Tego adresu już nie mamy" in text
    assert "potwierdzam adres" not in text


def test_nobody_confirms_an_address_without_its_link(client, process):
    remark(process, author=services.Author(email="gosc@przyklad.pl"))
    assert client.post(f"/idea/konsultacje/{process.slug}/uwagi/1/adres/", {"do": "confirm"}).status_code == 403


def test_a_closed_consultation_has_its_report_as_page_pdf_and_csv(client, process):
    remark(process, "Więcej ławek.")
    page(client, f"/idea/konsultacje/{process.slug}/raport/", 404)
    answer_all(process)
    assert "Więcej ławek." in page(client, f"/idea/konsultacje/{process.slug}/raport/")
    page(client, f"/idea/konsultacje/{process.slug}/raport.pdf", 503)
    draw_report(process)
    assert client.get(f"/idea/konsultacje/{process.slug}/raport.pdf").content.startswith(b"%PDF")
    assert "Więcej ławek." in client.get(f"/idea/konsultacje/{process.slug}/raport.csv").content.decode("utf-8-sig")


def queries(client, address):
    page(client, address)
    with CaptureQueriesContext(connection) as taken:
        page(client, address)
    return len(taken)


@pytest.mark.parametrize("end", ["", "uwagi/", "uwagi/?odpowiedz=waiting", "dokument"])
def test_the_queries_of_a_page_do_not_grow_with_the_remarks(client, process, end):
    paragraph, version = first_paragraph(process)
    target = services.Target(paragraph_id=paragraph.pk)
    address = f"/idea/konsultacje/{process.slug}/" + (f"dokumenty/{version.pk}/" if end == "dokument" else end)
    for number in range(10):
        remark(process, f"Uwaga {number}", target=target)
    few = queries(client, address)
    for number in range(90):
        remark(process, f"Uwaga {number}", target=target)
    assert queries(client, address) == few
    assert few <= 14


def test_the_queries_of_the_report_do_not_grow(client, unit):
    counts = []
    for many in (10, 100):
        one = make_process(kind=KIND, unit_id=unit.pk)
        for number in range(many):
            remark(one, f"Uwaga {number}")
        answer_all(one)
        counts.append(queries(client, f"/idea/konsultacje/{one.slug}/raport/"))
    assert counts[0] == counts[1]


def test_a_seat_is_taken_the_next_waits_and_moves_up(client, process):
    starts = clock.now() + timedelta(days=3)
    row = services.MeetingRow(
        title="Spotkanie", starts_at=starts, ends_at=starts + timedelta(hours=2), place="Rynek", capacity=1
    )
    meeting = services.save_meeting(process=process, row=row, by=SYSTEM)
    address = f"/idea/konsultacje/{process.slug}/spotkania/{meeting.pk}/"
    for name in ("pierwsza", "druga"):
        assert client.post(address, {"name": name, "email": f"{name}@przyklad.pl"}).status_code == 302
    first, second = selectors.registrations(meeting, SYSTEM)
    assert (first.waiting, second.waiting) == (False, True)
    page(client, f"/idea/zapis/{first.pk}/", 404)
    services.give_back(registration_id=first.pk, by=SYSTEM)
    second.refresh_from_db()
    assert second.waiting is False
    assert "BEGIN:VEVENT" in page(client, "/idea/spotkania.ics")
    assert "pierwsza" not in page(client, "/idea/spotkania.ics")


def test_the_api_tells_what_everybody_reads(client, process):
    remark(process, SECRET)
    found = client.get("/api/participation/").json()
    assert found[0]["slug"] == process.slug
    rows = client.get(f"/api/participation/{process.slug}/remarks/").json()["results"]
    assert rows[0]["number"] == 1
    assert rows[0]["text"] == ""
