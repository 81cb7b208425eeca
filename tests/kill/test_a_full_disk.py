"""The disk of the platform's files is full: a thing is kept whole or not at all, that is said, and later it goes on."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from miasto.kernel.accounts.testing import give_competence, make_staff, make_unit
from miasto.kernel.cases.testing import make_category
from miasto.kernel.core import clock, mail, room
from miasto.kernel.core.incoming.handing import LMTP, hand_over
from miasto.kernel.core.models import OutgoingMail
from miasto.kernel.files.testing import make_upload
from miasto.kernel.observations.importing import jobs, running
from miasto.kernel.observations.importing.models import FileImport
from miasto.kernel.observations.testing import make_datastream
from miasto.kernel.places.testing import make_city_area
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.mail.models import Letter
from miasto.modules.contact_centre.models import Draft
from tests.small_disk import fill, small_disk

pytestmark = pytest.mark.django_db
WORDS, FULL = "Nie świeci latarnia koło przejścia.", "skończyło się miejsce"
PAGE = "/panel/pomiary/wgraj/"
METERS = "licznik;czas;stan\n" + "".join(f"L{n % 2};2025-03-{1 + n // 2:02} 10:00;{n}000\n" for n in range(10))


class Disk:
    """A disk of a megabyte under everything that ``MIASTO_VAR`` names."""

    def __init__(self, place):
        self.place, self.filler = place, place / "filler"

    def fill(self, *, leave=0):
        """Leave so many bytes free."""
        fill(self.filler, leave=leave)

    def empty(self):
        self.filler.unlink()

    def files(self):
        """What lies there."""
        return sorted(str(one.relative_to(self.place)) for one in self.place.rglob("*") if one.is_file() and one != self.filler)


@pytest.fixture
def disk(tmp_path, settings, monkeypatch):
    with small_disk(tmp_path / "disk", size="1m") as place:
        settings.VAR = place
        storages = settings.STORAGES
        settings.STORAGES = {**storages, "default": {**storages["default"], "OPTIONS": {"location": place / "files"}}}
        settings.MAILBOX = str(place / "mailbox")
        for name in ("MIASTO_IMPORTS", "MIASTO_ARCHIVE"):
            monkeypatch.delenv(name, raising=False)
        yield Disk(place)


def test_a_report_says_which_photo_found_no_room_keeps_its_words_and_takes_the_photo_later(disk, client):
    give_competence(make_unit(), "other")
    leaf = make_category(case_type=KEY, slug="latarnia", name="Latarnia nie świeci").pk
    make_city_area()
    disk.fill(leave=4096)  # the first variant of the picture fits in, the next does not
    step = reverse("contact_centre:what")
    refused = client.post(step, {"description": WORDS, "category": leaf, "photos": [make_upload("lampa.jpg")]})
    page = refused.content.decode()
    assert refused.status_code == 200
    assert "Nie zapisaliśmy pliku „lampa.jpg”" in page
    assert FULL in page
    assert WORDS in page
    assert (Draft.objects.get().photos, disk.files()) == ([], [])
    disk.empty()
    taken = client.post(step, {"description": WORDS, "category": leaf, "photos": [make_upload("lampa.jpg")]})
    assert (taken.status_code, len(Draft.objects.get().photos)) == (302, 1)


def test_a_file_of_readings_is_refused_in_words_and_one_that_is_being_checked_waits_for_room(disk, client):
    unit = make_unit()
    client.force_login(make_staff("observations.keeper", unit))

    def upload():
        return client.post(PAGE, {"file": SimpleUploadedFile("liczniki.csv", METERS.encode()), "unit": unit.pk})

    disk.fill()
    page = upload().content.decode()
    assert FULL in page
    assert (FileImport.objects.count(), disk.files()) == (0, [])
    disk.empty()
    address = upload()["Location"]
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    disk.fill()
    client.post(address, {**sent, "do": "check", "code": "volume", "measured_in": "l"})
    one = FileImport.objects.get()
    assert (one.state, FULL in one.problem) == ("checking", True)
    assert FULL in client.get(address).content.decode()
    assert disk.files() == [f"imports/{one.pk}/source.bin"]
    disk.empty()
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert running.resume() == 1
        jobs.check_file(import_id=str(one.pk))
    one.refresh_from_db()
    assert (one.state, one.ready, one.problem) == ("checked", 10, "")


def test_a_message_that_found_no_room_is_no_half_file_and_goes_out_later(disk, settings):
    settings.EMAIL_BACKEND = "miasto.kernel.core.mailbox.EmailBackend"
    row = mail.enqueue(to="ala@example.org", subject="Dziura", text="Dziękujemy. " * 500)
    disk.fill(leave=4096)
    with pytest.raises(OSError, match="No space left"):
        mail.send(str(row.pk))
    assert (OutgoingMail.objects.get().state, disk.files()) == ("queued", [])
    disk.empty()
    mail.send(str(row.pk))
    assert (OutgoingMail.objects.get().state, len(disk.files())) == ("sent", 1)


def test_a_letter_that_found_no_room_is_left_with_the_city_s_mail_server_which_brings_it_again(disk):
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Message-ID"] = "ala@example.org", "kontakt@miasto.invalid", "<pelny@example.org>"
    letter["Subject"] = "Dziura"
    letter.set_content("Na Wesołej jest dziura. " * 300)
    disk.fill(leave=4096)
    with pytest.raises(OSError, match="No space left"):
        hand_over(letter.as_bytes(), source=LMTP)
    assert (Letter.objects.count(), disk.files()) == (0, [])
    disk.empty()
    hand_over(letter.as_bytes(), source=LMTP)
    assert (Letter.objects.count(), len(disk.files())) == (1, 1)


def test_the_page_of_health_tells_that_a_disk_is_full(disk, client, monkeypatch):
    monkeypatch.setattr(room, "SHORT_BYTES", 500_000)
    make_datastream()
    assert client.get("/zdrowie/").json() == {"status": "ok"}
    disk.fill()
    full = client.get("/zdrowie/")
    assert (full.status_code, full.json()) == (200, {"status": "disk full"})
