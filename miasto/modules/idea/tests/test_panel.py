"""Staff: a consultation is made within the law, published, fed from paper, grouped, answered and closed."""

import re
from datetime import timedelta

from django.apps import apps
from django.core.files.base import ContentFile

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.files.testing import drawn_film
from miasto.kernel.participation import selectors, services
from miasto.kernel.participation.testing import after_the_phases, answer_all, remark

Process = apps.get_model("participation", "Process")


def date_parts(name, day):
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


def form_of(unit, days, **fields):
    start = clock.today() + timedelta(days=1)
    return {
        "title": "Nowy skwer",
        "easy_en": "A new square.",
        "decided": "Jaki będzie skwer.",
        "decided_when": "w maju",
        "decided_by": "prezydent",
        "basis": "municipal",
        "round": 1,
        "initiator": "unit",
        "author_groups": ["resident"],
        "unit_id": str(unit.pk),
        "area_id": "",
        "etap-TOTAL_FORMS": 1,
        "etap-INITIAL_FORMS": 0,
        "etap-0-name": "Uwagi",
        "etap-0-remarks": "on",
        **date_parts("etap-0-starts_on", start),
        **date_parts("etap-0-ends_on", start + timedelta(days=days)),
        **fields,
    }


def test_the_law_is_said_in_the_form_and_a_lawful_time_is_saved(panel, unit):
    short = panel.post("/panel/idea/nowe/", form_of(unit, 20))
    assert short.status_code == 422
    assert "co najmniej 21 dni" in short.content.decode()
    assert "art. 5a" in short.content.decode()
    assert panel.post("/panel/idea/nowe/", form_of(unit, 21)).status_code == 302
    assert Process.objects.get().title == "Nowy skwer"
    assert Process.objects.get().said("easy", "en") == "A new square."


def test_the_whole_path_of_a_consultation(panel, unit):
    made = panel.post("/panel/idea/nowe/", form_of(unit, 21))
    home = made.url
    panel.post(f"{home}publikuj/")
    assert Process.objects.get().published_at is None
    for role in ("facts", "subject"):
        sent = {"title": role, "role": role, "text": "Pierwszy.\n\nDrugi."}
        assert panel.post(f"{home}dokument/", sent).status_code == 302
    panel.post(f"{home}publikuj/")
    process = Process.objects.get()
    assert process.published_at is not None

    with clock.at(clock.now() + timedelta(days=2)):
        paper = {
            "channel": "letter",
            "body": "Proszę o ławki.",
            "author_group": "resident",
            "paragraph": "",
            "meeting": "",
            **date_parts("received_on", clock.today()),
        }
        panel.post(f"{home}uwagi/nowa/", paper)
        remark(process, "Ławki, ławki!")
        remark(process, "Zburzyć pomnik.")
    rows = list(selectors.ledger(process, SYSTEM, selectors.LedgerFilters()))
    sent = {"do": "group", "title": "Ławki", "uwaga": [str(row.pk) for row in rows[:2]]}
    group = panel.post(f"{home}uwagi/grupa/", sent).url
    assert panel.post(group, {"outcome": "accepted", "reasons": "Będą ławki."}).status_code == 302
    for row in rows:
        panel.post(f"{home}uwagi/{row.number}/tresc/", {"decision": "publish", "edited": row.text.body})
    with after_the_phases(process):
        refused = panel.post(f"{home}zamknij/", {"outcome": "Skwer będzie."})
        assert "1 uwaga nie ma odpowiedzi" in refused.content.decode()
        assert panel.post(f"{home}uwagi/3/", {"outcome": "rejected", "reasons": "Pomnik zostaje."}).status_code == 302
        assert panel.post(f"{home}zamknij/", {"outcome": "Skwer będzie."}).status_code == 302
    process.refresh_from_db()
    assert process.report.figures["status"]["accepted"] == 2


def test_personal_data_are_found_before_a_remark_is_published(panel, process):
    remark(process, "Dzwońcie do mnie: 600 700 800.")
    text = panel.get(f"/panel/idea/{process.pk}/uwagi/1/").content.decode()
    assert ">600 700 800</mark>" in text


def test_staff_of_another_unit_find_nothing(client, process):
    other = make_staff("participation.coordinator", make_unit())
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    remark(process)
    for end in ("", "zmien/", "film/", "uwagi/", "uwagi/1/", "uwagi/nowa/", "dokument/", "spotkanie/"):
        assert client.get(f"/panel/idea/{process.pk}/{end}").status_code == 404
    assert process.title not in client.get("/panel/idea/").content.decode()


def test_every_page_of_the_panel_opens(panel, process):
    starts = clock.now() + timedelta(days=3)
    row = services.MeetingRow(
        title="Spotkanie", starts_at=starts, ends_at=starts + timedelta(hours=2), place="Rynek", capacity=1
    )
    meeting = services.save_meeting(process=process, row=row, by=SYSTEM)
    made = remark(process)
    services.make_group(process=process, title="Grupa", contribution_ids=[made.pk], by=SYSTEM)
    document = selectors.documents(process)[0].document
    ends = ("", "zmien/", "dokument/", f"dokument/{document.pk}/", "spotkanie/", f"spotkanie/{meeting.pk}/", "uwagi/")
    for end in (*ends, "film/", "uwagi/?tresc=czeka", "uwagi/nowa/", "uwagi/1/", "grupy/1/"):
        assert panel.get(f"/panel/idea/{process.pk}/{end}").status_code == 200, end
    assert panel.get("/panel/idea/").status_code == 200
    assert panel.get("/panel/").status_code == 200


def test_a_letter_that_came_too_late_is_written_down_and_the_answer_that_says_so_is_proposed(panel, process, client):
    home = f"/panel/idea/{process.pk}/uwagi/"
    with after_the_phases(process):
        sent = {"channel": "letter", "body": "Proszę o ławki.", "author_group": "resident"}
        made = panel.post(f"{home}nowa/", {**sent, **date_parts("received_on", clock.today())}, follow=True)
        assert "Przyszła po terminie" in made.content.decode()
        assert "a uwagi przyjmowaliśmy do" in made.content.decode()
        public = f"/idea/konsultacje/{process.slug}/uwagi/"
        assert "po terminie" in client.get(public).content.decode()
        assert panel.post(f"{home}1/", {"outcome": "late", "reasons": "Za późno."}).status_code == 302
        assert "złożona po terminie" in client.get(f"{public}1/").content.decode()
    remark_in_time = remark(process)
    refused = panel.post(f"{home}{remark_in_time.number}/", {"outcome": "late", "reasons": "Za późno."})
    assert refused.status_code == 422


def test_a_film_with_captions_is_uploaded_shown_and_removed(panel, process, client):
    address = f"/panel/idea/{process.pk}/film/"
    refused = panel.post(address, {"film": ContentFile(b"not a film", name="film.mp4")})
    assert refused.status_code == 422
    assert "nie jest filmem" in refused.content.decode()
    captions = ContentFile(b"WEBVTT\n\n00:00.000 --> 00:02.000\nWitamy\n", name="napisy.vtt")
    sent = {"film": ContentFile(drawn_film(frames=4), name="film.webm"), "captions": captions}
    assert panel.post(address, sent).status_code == 302
    shown = client.get(f"/idea/konsultacje/{process.slug}/")
    assert '<source src="/pliki/' in shown.content.decode()
    assert "<track " in shown.content.decode()
    assert "media-src 'self'" in shown["Content-Security-Policy"]
    panel.post(address, {"do": "remove"})
    assert "<video" not in client.get(f"/idea/konsultacje/{process.slug}/").content.decode()


def test_files_of_a_document_are_public_and_those_of_a_letter_once_a_person_lets_them(panel, process, client):
    pdf = lambda name: ContentFile(b"%PDF-1.7\n%%EOF", name=name)  # noqa: E731
    home, public = f"/panel/idea/{process.pk}/", f"/idea/konsultacje/{process.slug}/"
    document = {"title": "Uchwała", "role": "subject", "text": "Jeden.", "files": pdf("projekt_uchwały.pdf")}
    assert panel.post(f"{home}dokument/", document).status_code == 302
    assert "projekt uchwały</a>" in client.get(public).content.decode()
    letter = {"channel": "letter", "body": "", "author_group": "resident", **date_parts("received_on", clock.today())}
    again = panel.post(f"{home}uwagi/nowa/", {**letter, "files": pdf("list.pdf")})
    token = re.search(r'name="kept_files" value="([^"]+)"', again.content.decode()).group(1)
    assert panel.post(f"{home}uwagi/nowa/", {**letter, "body": "Ławki.", "kept_files": token}).status_code == 302
    anonymous = type(client)()
    assert "Załącznik 1" not in anonymous.get(f"{public}uwagi/1/").content.decode()
    page = panel.get(f"{home}uwagi/1/").content.decode()
    shown = re.search(r'name="plik" value="([^"]+)"', page).group(1)
    panel.post(f"{home}uwagi/1/tresc/", {"decision": "publish", "edited": "Ławki.", "plik": shown})
    assert "Załącznik 1" in anonymous.get(f"{public}uwagi/1/").content.decode()


def test_a_letter_found_after_the_close_is_entered_with_its_answer(panel, process, client):
    answer_all(process)
    home = f"/panel/idea/{process.pk}/"
    assert "która się odnalazła" in panel.get(home).content.decode()
    letter = {"channel": "letter", "body": "Klony!", "author_group": "resident", **date_parts("received_on", clock.today())}
    assert panel.post(f"{home}uwagi/nowa/", letter).status_code == 422
    made = panel.post(f"{home}uwagi/nowa/", {**letter, "outcome": "accepted", "reasons": "Będą."}, follow=True)
    assert "Jest w uzupełnieniu raportu" in made.content.decode()
    report = client.get(f"/idea/konsultacje/{process.slug}/raport/").content.decode()
    assert "Uzupełnienie raportu z dnia" in report
    assert "Będą." in report
