"""Telling people: once, in their language, by the channels they chose, and only after the commit."""

from collections.abc import Iterator

import pytest
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core.models import OutgoingMail
from miasto.kernel.core.testing import declared
from miasto.kernel.notifications import rendering, selectors, services
from miasto.kernel.notifications.models import DeliveryLog, Notice
from miasto.kernel.notifications.services import Recipient, notify
from miasto.kernel.spec.notifications import Topic

pytestmark = pytest.mark.django_db

NEWS = Topic(key="notifications.trial", name="Próba", summary="Próbna wiadomość", template="trial")
DUTY = Topic(key="notifications.duty", name="Ważne", summary="Zawsze", template="trial", urgent=True)
CONTEXT = {"number": "PR-2026-000001", "unit": "Zieleń", "words": "> Już jest."}


BODY = """{% if number %}Sprawa {{ number }}, {{ unit }}:{% endif %}

{{ words }}

Zobacz sprawę albo odpisz:
{{ url }}
"""


@pytest.fixture(autouse=True)
def _topics(settings, tmp_path) -> Iterator[None]:
    (tmp_path / "trial.subject.txt").write_text("{{ number }}:\n  nowa wiadomość\n", "utf-8")
    (tmp_path / "trial.txt").write_text(BODY, "utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    with declared(NEWS, DUTY):
        yield


def tell(*to, topic=NEWS, **more):
    return notify(topic=topic.key, to=to, context=CONTEXT, about_id=None, **{"url": "/sprawy/PR-2026-000001/", **more})


def test_an_address_without_an_account_gets_an_email_and_no_notice(run_jobs):
    assert tell(Recipient(email="ktos@przyklad.pl")) == 1
    run_jobs()
    message = outbox.outbox[0]
    assert message.to == ["ktos@przyklad.pl"]
    assert message.subject == "PR-2026-000001: nowa wiadomość"
    assert "http://127.0.0.1:8000/sprawy/PR-2026-000001/" in message.body
    assert "ktoś podał nam ten adres" in message.body
    assert not Notice.objects.exists()


def test_a_person_gets_the_email_and_the_notice_at_their_own_address():
    person = make_person(email="osoba@przyklad.pl")
    assert tell(Recipient(person_id=person.pk, email="dawny@przyklad.pl")) == 2
    assert OutgoingMail.objects.get().to == "osoba@przyklad.pl"
    assert Notice.objects.get(person=person).url == "/sprawy/PR-2026-000001/"


def test_the_html_twin_says_what_the_text_says(run_jobs):
    tell(Recipient(email="ktos@przyklad.pl"))
    run_jobs()
    html = outbox.outbox[0].alternatives[0][0]
    assert "<blockquote>Już jest.</blockquote>" in html
    assert '<a class="go" href="http://127.0.0.1:8000/sprawy/PR-2026-000001/">Zobacz sprawę albo odpisz</a>' in html


def test_words_of_others_are_quoted_and_harmless_in_the_html_twin():
    words = services.quoted("<script>alert(1)</script>\n\nZaloguj się:\nhttp://zly.example/")
    message = rendering.render("trial", {**CONTEXT, "words": words, "url": "http://127.0.0.1:8000/"}, "pl")
    assert "<script>" not in message.html
    assert 'href="http://zly.example/"' not in message.html
    assert "> <script>alert(1)</script>" in message.text


def test_the_same_thing_is_never_told_twice_by_the_same_channel():
    to = Recipient(email="ktos@przyklad.pl")
    assert tell(to, once="step:1") == 1
    assert tell(to, once="step:1") == 0
    assert tell(Recipient(email="KTOS@przyklad.pl"), once="step:1") == 0
    assert tell(Recipient(email="inna@przyklad.pl"), once="step:1") == 1
    assert OutgoingMail.objects.count() == 2


def test_a_secret_link_is_not_made_for_a_message_that_is_not_written():
    made = []

    def link():
        made.append(1)
        return "/sprawy/s/token/"

    for _time in range(2):
        tell(Recipient(email="ktos@przyklad.pl"), once="step:1", url=link)
    assert len(made) == 1


def test_the_log_of_deliveries_holds_no_address():
    tell(Recipient(email="ktos@przyklad.pl"), once="step:1")
    row = DeliveryLog.objects.values().get()
    assert "ktos" not in str(row)
    assert row["mail_id"] == OutgoingMail.objects.get().pk


def test_a_rolled_back_call_sends_nothing(run_jobs):
    with transaction.atomic():
        tell(Recipient(email="ktos@przyklad.pl"), once="step:1")
        transaction.set_rollback(True)
    run_jobs()
    assert outbox.outbox == []
    assert not DeliveryLog.objects.exists()


def test_a_person_chooses_the_channels_but_not_those_of_a_duty():
    person = make_person()
    viewer = viewer_for_person(person.pk)
    services.choose(topic=NEWS.key, channel="email", wanted=False, by=viewer)
    assert tell(Recipient(person_id=person.pk)) == 1
    assert not OutgoingMail.objects.exists()
    with pytest.raises(ValidationError):
        services.choose(topic=DUTY.key, channel="email", wanted=False, by=viewer)
    assert tell(Recipient(person_id=person.pk), topic=DUTY) == 2


def test_somebody_who_may_not_log_in_any_more_is_told_nothing():
    person = make_person(is_active=False)
    assert tell(Recipient(person_id=person.pk)) == 0


def test_the_bell_counts_and_empties(django_assert_num_queries):
    person, other = make_person(), make_person()
    tell(Recipient(person_id=person.pk), Recipient(person_id=other.pk))
    viewer = viewer_for_person(person.pk)
    with django_assert_num_queries(1):
        assert selectors.unread(viewer) == 1
    assert services.mark_read(by=viewer) == 1
    assert selectors.unread(viewer) == 0
    assert selectors.unread(viewer_for_person(other.pk)) == 1


def test_nobody_follows_or_reads_the_notice_of_another(client):
    person, other = make_person(), make_person()
    tell(Recipient(person_id=person.pk))
    notice = Notice.objects.get()
    client.force_login(other)
    assert client.get(f"/konto/powiadomienia/{notice.pk}/").status_code == 404
    client.force_login(person)
    answer = client.get(f"/konto/powiadomienia/{notice.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, notice.url)
    notice.refresh_from_db()
    assert notice.read_at is not None


@pytest.mark.parametrize("page", ["", "ustawienia/"])
def test_the_pages_of_the_bell_are_for_people_who_are_logged_in(client, page):
    answer = client.get(f"/konto/powiadomienia/{page}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))


def test_the_list_shows_the_notices_and_one_button_reads_them_all(client):
    person = make_person()
    tell(Recipient(person_id=person.pk))
    client.force_login(person)
    assert "PR-2026-000001: nowa wiadomość" in client.get("/konto/powiadomienia/").content.decode()
    client.post("/konto/powiadomienia/przeczytane/")
    assert Notice.objects.get().read_at is not None


def test_the_choices_page_lists_topics_of_staff_for_staff_only(client):
    resident, clerk = make_person(), make_staff("cases.clerk", make_unit())
    pages = []
    for person in (resident, clerk):
        client.force_login(person)
        pages.append(client.get("/konto/powiadomienia/ustawienia/").content.decode())
    assert "Nowa sprawa w jednostce" not in pages[0]
    assert "Nowa sprawa w jednostce" in pages[1]


def test_unchecking_a_channel_on_the_page_is_kept(client):
    person = make_person()
    client.force_login(person)
    client.post("/konto/powiadomienia/ustawienia/", {"notifications-trial": ["inbox"]})
    assert tell(Recipient(person_id=person.pk)) == 1
    assert not OutgoingMail.objects.exists()


def test_erasing_a_person_empties_their_bell():
    person = make_person()
    tell(Recipient(person_id=person.pk))
    assert services.forget(person_id=person.pk) == 1
