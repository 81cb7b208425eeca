"""The kiosk without scripts: the whole way, and that the next person finds nothing."""

import io
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import Client
from PIL import Image

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_person, make_unit
from miasto.kernel.content.services import save_special_day
from miasto.kernel.content.testing import make_office
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.kiosk import session
from miasto.modules.contact_centre.models import Draft

Case = apps.get_model("cases", "Case")
CaseParty = apps.get_model("cases", "CaseParty")
File = apps.get_model("files", "File")
pytestmark = pytest.mark.django_db
WORDS = "Lampa przy przystanku nie świeci od wczoraj"


@pytest.fixture
def screen(catalogue):
    """The browser of a kiosk."""
    return Client()


def begin(screen, catalogue):
    lon, lat = city().centre
    screen.post("/kiosk/zglos/", {"category": catalogue["latarnia"].pk})
    screen.post("/kiosk/zglos/miejsce/", {"choice": f"{lon},{lat}"})
    return screen.post("/kiosk/zglos/opis/", {"description": WORDS, "q-lamps": "one"})


def send(screen, catalogue, **contact):
    begin(screen, catalogue)
    screen.post("/kiosk/zglos/kontakt/", contact)
    return screen.post("/kiosk/zglos/sprawdz/", follow=True)


def test_a_report_is_filed_at_the_kiosk_and_the_code_opens_it(screen, catalogue):
    page = send(screen, catalogue, email="jan@przyklad.pl").content.decode()
    case = Case.objects.get()
    assert case.channel == "kiosk"
    assert case.number in page
    assert 'src="data:image/svg' in page
    assert CaseParty.objects.get(case=case).email == "jan@przyklad.pl"


def test_every_step_waits_for_the_one_before(screen):
    for address, before in (
        ("/kiosk/zglos/miejsce/", "/kiosk/zglos/"),
        ("/kiosk/zglos/opis/", "/kiosk/zglos/miejsce/"),
        ("/kiosk/zglos/kontakt/", "/kiosk/zglos/opis/"),
        ("/kiosk/zglos/sprawdz/", "/kiosk/zglos/kontakt/"),
        ("/kiosk/zglos/gotowe/", "/kiosk/"),
    ):
        assert screen.get(address)["Location"] == before


def test_wrong_answers_are_said_and_what_was_typed_stays(screen, catalogue):
    lon, lat = city().centre
    screen.post("/kiosk/zglos/", {"category": catalogue["latarnia"].pk})
    nowhere = screen.post("/kiosk/zglos/miejsce/", {"place": "ulica której nie ma 77"}, follow=True)
    assert "Nie znaleźliśmy takiego miejsca" in nowhere.content.decode()
    outside = screen.post("/kiosk/zglos/miejsce/", {"choice": "14.5,53.4"})
    assert "poza granicami" in outside.content.decode()
    screen.post("/kiosk/zglos/miejsce/", {"choice": f"{lon},{lat}"})
    missing = screen.post("/kiosk/zglos/opis/", {"description": WORDS})
    assert missing.status_code == 200
    assert WORDS in missing.content.decode()
    wrong = screen.post("/kiosk/zglos/kontakt/", {"email": "nie"})
    assert screen.get("/kiosk/zglos/sprawdz/").status_code == 302, "the questions are not answered yet"
    assert wrong.status_code in (200, 302)


def test_the_next_person_finds_nothing_after_the_end(screen, catalogue):
    send(screen, catalogue, email="jan@przyklad.pl")
    begin(screen, catalogue)
    key = screen.session.session_key
    answer = screen.post("/kiosk/koniec/")
    assert answer["Location"] == "/kiosk/"
    assert not Session.objects.filter(pk=key).exists()
    assert not Draft.objects.filter(case_id=None).exists()
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    for address in ("zglos/miejsce/", "zglos/opis/", "zglos/kontakt/", "zglos/sprawdz/", "zglos/gotowe/"):
        page = screen.get(f"/kiosk/{address}", follow=True).content.decode()
        assert WORDS not in page
        assert Case.objects.get().number not in page


def test_the_session_of_a_kiosk_never_opens_the_private_page(screen, catalogue):
    send(screen, catalogue)
    page = screen.get(f"/sprawy/{Case.objects.get().number}/")
    assert not page.context["case"].is_filer
    assert WORDS not in page.content.decode()


def test_an_idle_person_is_forgotten_by_the_server(screen, catalogue):
    begin(screen, catalogue)
    with clock.at(clock.now() + timedelta(seconds=session.SERVER_S + 1)):
        answer = screen.get("/kiosk/zglos/kontakt/")
    assert answer["Location"] == "/kiosk/"
    assert not Draft.objects.exists()


def test_a_sign_of_life_keeps_what_is_typed(screen, catalogue):
    begin(screen, catalogue)
    now = clock.now()
    with clock.at(now + timedelta(seconds=session.SERVER_S - 10)):
        assert screen.post("/kiosk/jestem/").status_code == 204
    with clock.at(now + timedelta(seconds=session.SERVER_S + 100)):
        assert screen.get("/kiosk/zglos/kontakt/").status_code == 200


def test_without_scripts_the_page_itself_goes_to_the_end(screen, catalogue):
    page = begin(screen, catalogue)
    page = screen.get("/kiosk/zglos/kontakt/").content.decode()
    assert f'http-equiv="refresh" content="{session.SERVER_S};url=/kiosk/koniec/"' in page
    screen.get("/kiosk/koniec/")
    assert not Draft.objects.exists()
    assert "http-equiv" not in screen.get("/kiosk/").content.decode(), "nobody is here, so there is nothing to forget"


def test_no_page_of_the_kiosk_is_kept_or_leads_out_of_it(screen, catalogue):
    pages = [screen.get(f"/kiosk/{address}") for address in ("", "zglos/", "zglos/?grupa=0", "sprawa/", "urzad/")]
    begin(screen, catalogue)
    pages += [screen.get(f"/kiosk/zglos/{address}") for address in ("miejsce/", "opis/", "kontakt/")]
    screen.post("/kiosk/zglos/kontakt/", {})
    pages.append(screen.get("/kiosk/zglos/sprawdz/"))
    pages.append(screen.post("/kiosk/zglos/sprawdz/", follow=True))
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert page["Cache-Control"] == "no-store"
        links = re.findall(r'<a [^>]*href="([^"]*)"', text)
        assert links
        assert [link for link in links if not link.startswith(("/kiosk/", "#", "?"))] == []
        assert "accesskey" not in text


def test_a_case_is_found_by_its_number_and_a_wrong_one_is_said(screen, catalogue):
    send(screen, catalogue)
    number = Case.objects.get().number
    page = screen.get("/kiosk/sprawa/", {"numer": number.lower()}).content.decode()
    assert "Przyjęte" in page
    assert WORDS not in page
    assert "Nie ma sprawy o takim numerze" in screen.get("/kiosk/sprawa/", {"numer": "ZG-2020-000001"}).content.decode()


def test_somebody_logged_in_at_the_kiosk_files_without_their_account_and_is_logged_out_at_the_end(screen, catalogue):
    screen.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    send(screen, catalogue)
    assert Case.objects.get().filer_person_id is None
    screen.post("/kiosk/koniec/")
    assert "_auth_user_id" not in screen.session


def test_too_many_reports_are_refused_inside_the_kiosk(screen, catalogue, settings):
    settings.RATE_LIMIT_FACTOR = 0
    begin(screen, catalogue)
    screen.post("/kiosk/zglos/kontakt/", {})
    answer = screen.post("/kiosk/zglos/sprawdz/")
    assert answer.status_code == 429
    assert 'href="/konto' not in answer.content.decode()


def test_the_guide_answers_inside_the_kiosk(screen):
    from miasto.kernel.content.testing import make_service

    made = make_service(title="Dowód osobisty", line="Wniosek złożysz w każdym urzędzie gminy.", cost="Nic.")
    page = screen.get("/kiosk/poradnik/", {"q": "dowod osobisty"}).content.decode()
    assert "Wniosek złożysz w każdym urzędzie gminy." in page
    assert "Nic." in page
    assert made.get_absolute_url() not in page, "the page of the guide leads out of the kiosk"
    assert "Nie znaleźliśmy odpowiedzi" in screen.get("/kiosk/poradnik/", {"q": "qqqq"}).content.decode()


def test_the_hours_of_the_office_are_those_of_the_guide_with_todays_exception(screen, monkeypatch):
    unit = make_unit()
    make_office(unit, week="9:00–13:15")
    monkeypatch.setitem(city().data["contacts"], "unit", unit.slug)
    day = clock.today() + timedelta(days=1)
    save_special_day(unit_id=unit.id, day=day, hours="", reason="Przerwa techniczna", by=SYSTEM)
    text = screen.get("/kiosk/urzad/").content.decode()
    assert "9:00–13:15" in text
    assert "Przerwa techniczna" in text


def camera(colour="red"):
    stream = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(stream, "JPEG")
    return SimpleUploadedFile("kamera.jpg", stream.getvalue(), "image/jpeg")


def photographed(screen, catalogue, **more):
    begin(screen, catalogue)
    return screen.post("/kiosk/zglos/opis/", {"description": WORDS, "q-lamps": "one", "photos": camera(), **more})


def test_the_page_offers_the_camera_of_the_device(screen, catalogue):
    begin(screen, catalogue)
    page = screen.get("/kiosk/zglos/opis/").content.decode()
    assert 'accept="image/*"' in page
    assert 'capture="environment"' in page
    assert 'enctype="multipart/form-data"' in page


def test_a_photo_goes_with_the_report_and_waits_for_a_person(screen, catalogue):
    photographed(screen, catalogue)
    screen.post("/kiosk/zglos/kontakt/", {})
    assert "<dt>Zdjęcia</dt><dd>1</dd>" in screen.get("/kiosk/zglos/sprawdz/").content.decode()
    screen.post("/kiosk/zglos/sprawdz/")
    [row] = apps.get_model("cases", "CaseFile").objects.filter(case=Case.objects.get())
    assert row.state == "waiting"


def test_a_photo_is_shown_and_taken_back_with_its_file(screen, catalogue):
    assert photographed(screen, catalogue, add="1")["Location"] == "/kiosk/zglos/opis/"
    [photo] = Draft.objects.get().photos
    assert photo in screen.get("/kiosk/zglos/opis/").content.decode()
    screen.post("/kiosk/zglos/opis/", {"description": WORDS, "q-lamps": "one", "remove": photo})
    assert Draft.objects.get().photos == []
    assert not File.objects.filter(pk=photo).exists()


def test_the_photo_is_wiped_with_the_session(screen, catalogue, django_capture_on_commit_callbacks):
    photographed(screen, catalogue)
    [photo] = Draft.objects.get().photos
    assert storage_has(photo)
    with django_capture_on_commit_callbacks(execute=True):
        screen.post("/kiosk/koniec/")
    assert not File.objects.filter(pk=photo).exists()
    assert not storage_has(photo)


def test_what_is_no_photo_is_refused_with_the_words_kept(screen, catalogue):
    begin(screen, catalogue)
    wrong = SimpleUploadedFile("wirus.jpg", b"MZ to nie jest obraz", "image/jpeg")
    page = screen.post("/kiosk/zglos/opis/", {"description": WORDS, "q-lamps": "one", "photos": wrong})
    assert page.status_code == 200
    assert WORDS in page.content.decode()
    assert "wirus.jpg" in page.content.decode()


def storage_has(photo):
    address = Template('{% load files %}{% file_url photo "thumb" %}').render(Context({"photo": photo}))
    return Client().get(address).status_code == 200
