"""Following a street, a district or a category: only the owner of an address decides, and only public words are told."""

import re
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.accounts.testing import make_person, make_viewer
from miasto.kernel.cases import services as cases
from miasto.kernel.core.city import city
from miasto.kernel.notifications import selectors, services
from miasto.kernel.notifications.testing import expire, push_service, send_daily
from miasto.kernel.places.testing import make_street
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.follow.listeners import TOPIC

pytestmark = pytest.mark.django_db
SECRET = "Słowa kanarka, telefon 600 100 200"
FOLLOW = "contact_centre_follow:follow"


def file(catalogue, slug="inne", **fields):
    values = {"description": SECRET, "point": city().centre, "address_text": "ul. Próbna 1", **fields}
    values.setdefault("contact", cases.Contact(email="zglasza@przyklad.pl"))
    return cases.file_case(case_type=KEY, category=catalogue[slug], by=ANONYMOUS, **values).case


def told(address):
    return [one for one in mail.outbox if one.to == [address]]


def link_in(message):
    return re.search(r"https?://[^/\s]+(/obserwuj/[^/\s]+/)", message.body).group(1)


def asked(client, **fields):
    return client.post(reverse(FOLLOW), {"jak_czesto": "now", "email": "ola@przyklad.pl", **fields})


def followed(client, run_jobs, **fields):
    """The path of someone without an account to a confirmed subscription; returns the link of the message."""
    asked(client, **fields)
    run_jobs()
    link = link_in(told("ola@przyklad.pl")[-1])
    page = client.get(link, follow=True)
    change = re.search(r'action="(/obserwuj/zmiana/[^"]+)"', page.content.decode()).group(1)
    client.post(change, {"confirm": "1"})
    mail.outbox.clear()
    return link


def test_an_address_is_told_nothing_until_its_owner_confirms(client, catalogue, run_jobs):
    asked(client)
    run_jobs()
    assert len(told("ola@przyklad.pl")) == 1
    file(catalogue)
    run_jobs()
    assert len(told("ola@przyklad.pl")) == 1


def test_a_confirmed_address_is_told_of_a_new_report_in_public_words_only(client, catalogue, run_jobs):
    followed(client, run_jobs)
    case = file(catalogue)
    run_jobs()
    (message,) = told("ola@przyklad.pl")
    assert case.number in message.body
    assert "kanarka" not in message.body
    assert "zglasza@" not in message.body
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(("chosen", "count"), [("inne", 1), ("swiatlo", 0), ("latarnia", 0)])
def test_a_category_is_told_of_its_own_reports_only(client, catalogue, run_jobs, chosen, count):
    followed(client, run_jobs, kategoria=chosen)
    file(catalogue, "inne")
    run_jobs()
    assert len(told("ola@przyklad.pl")) == count


def test_a_group_of_categories_stands_for_all_of_it(client, catalogue, run_jobs):
    followed(client, run_jobs, kategoria="swiatlo")
    file(catalogue, "latarnia", answers={"lamps": "one"})
    run_jobs()
    assert len(told("ola@przyklad.pl")) == 1


@pytest.mark.parametrize(("metres", "count"), [(10, 1), (900, 0)])
def test_a_street_is_told_of_what_lies_on_it(client, catalogue, run_jobs, metres, count):
    from miasto.kernel.places.testing import line, point

    make_street(name="Bardzo Długa", geom=line((-2000, 0), (2000, 0)))
    followed(client, run_jobs, ulica="bardzo dluga")
    file(catalogue, point=point(north_m=metres).coords)
    run_jobs()
    assert len(told("ola@przyklad.pl")) == count


def test_a_district_is_told_of_what_lies_in_it(client, catalogue, run_jobs):
    from miasto.kernel.places.selectors import districts

    followed(client, run_jobs, obszar=str(districts()[0].pk))
    file(catalogue)
    run_jobs()
    assert len(told("ola@przyklad.pl")) == 1


def test_the_answer_of_the_city_is_told_once_and_the_steps_between_are_not(client, catalogue, run_jobs):
    followed(client, run_jobs)
    case = file(catalogue)
    clerk = make_viewer(roles={"cases.clerk": case.unit})
    cases.take_step(case=case, transition="start", by=clerk)
    cases.take_step(case=case, transition="resolve", answer="Naprawione.", reason="Widać na miejscu", by=clerk)
    run_jobs()
    run_jobs()
    subjects = [one.subject for one in told("ola@przyklad.pl")]
    assert len(subjects) == 2
    assert "Rozwiązane" in subjects[1]


def test_the_daily_message_gathers_the_day_and_is_sent_once(client, catalogue, run_jobs):
    followed(client, run_jobs, jak_czesto="daily")
    numbers = [file(catalogue).number for _ in range(3)]
    run_jobs()
    assert not told("ola@przyklad.pl")
    assert send_daily() == 1
    assert send_daily() == 0
    run_jobs()
    (message,) = told("ola@przyklad.pl")
    assert all(number in message.body for number in numbers)


def test_one_click_of_a_mail_program_stops_the_messages_without_a_session(client, catalogue, run_jobs):
    link = followed(client, run_jobs)
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(link + "koniec/", {"List-Unsubscribe": "One-Click"}).status_code == 204
    assert stranger.post(link + "koniec/").status_code == 404
    file(catalogue)
    run_jobs()
    assert not told("ola@przyklad.pl")


def test_nobody_changes_another_persons_subscription(client, catalogue, run_jobs):
    followed(client, run_jobs)
    row = selectors.Subscription.objects.get()
    other = Client()
    assert other.post(reverse("notifications_following:change", args=[row.pk]), {"stop": "1"}).status_code == 403
    assert "Przestań pisać" not in other.get(reverse(FOLLOW)).content.decode()
    assert other.get("/obserwuj/zmyslony-token/").status_code == 404


def test_an_account_needs_no_confirmation_and_sees_its_list(client, catalogue, run_jobs):
    person = make_person()
    client.force_login(person)
    client.post(reverse(FOLLOW), {"kategoria": "inne", "jak_czesto": "now"})
    assert "Coś innego" in client.get(reverse(FOLLOW)).content.decode()
    file(catalogue)
    run_jobs()
    assert len(told(person.email)) == 1


def test_asked_twice_it_is_one_subscription(client, catalogue):
    for _ in range(2):
        asked(client, kategoria="inne")
    assert selectors.Subscription.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "to nie adres"}, "nazwa@przyklad.pl"),
        ({"ulica": "qqqxyzw"}, "Nie znamy takiej ulicy"),
        ({"kategoria": "zmyślona"}, "Wybierz"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(client, catalogue, fields, words):
    page = asked(client, **fields)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not selectors.Subscription.objects.exists()


def test_the_filters_of_the_register_are_taken_over(client, catalogue):
    page = client.get(reverse(FOLLOW) + "?kategoria=inne").content.decode()
    assert re.search(r'<option value="inne"[^>]* selected', page)


def test_an_address_that_nobody_confirms_is_forgotten(client, catalogue, monkeypatch):
    from datetime import timedelta

    from miasto.kernel.core import clock

    asked(client)
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    expire()
    assert not selectors.Subscription.objects.exists()


def test_too_many_subscriptions_are_refused(catalogue, monkeypatch):
    from django.core.exceptions import ValidationError

    monkeypatch.setattr("miasto.kernel.notifications.subscribing.MOST", 1)
    viewer = make_viewer()
    services.subscribe(topic=TOPIC, scope=services.Scope(subject="inne"), by=viewer)
    with pytest.raises(ValidationError):
        services.subscribe(topic=TOPIC, scope=services.Scope(subject="latarnia"), by=viewer)


def test_the_feed_holds_public_facts_and_answers_304_while_nothing_changed(client, catalogue):
    case = file(catalogue)
    answer = client.get(reverse("contact_centre_register:rss"))
    assert answer["Content-Type"].startswith("application/rss+xml")
    channel = ElementTree.fromstring(answer.content).find("channel")
    (item,) = channel.findall("item")
    assert case.number in item.find("link").text
    assert "kanarka" not in answer.content.decode()
    again = client.get(reverse("contact_centre_register:rss"), headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
    assert not ElementTree.fromstring(client.get("/zgloszenia/rss/?kategoria=latarnia").content).findall("channel/item")


def test_a_browser_alone_is_told_of_a_new_report_and_stops_without_an_address(client, catalogue, run_jobs):
    with push_service() as service:
        browser = service.browser()
        device = client.post(reverse("notifications:push_add"), browser.given).json()["device"]
        page = client.post(reverse(FOLLOW), {"jak_czesto": "now", "przegladarka": device}, follow=True).content.decode()
        assert "w tej przeglądarce" in page
        case = file(catalogue)
        run_jobs()
        message = browser.read(service.received[0].body)
        assert len(service.received) == 1
        assert message["url"].endswith(f"{case.number}/")
        assert SECRET not in str(message)
        change = re.search(r'action="(/obserwuj/zmiana/[^"]+)"', page).group(1)
        assert Client().post(change, {"stop": "1"}).status_code == 403
        client.post(change, {"stop": "1"})
        file(catalogue)
        run_jobs()
        assert len(service.received) == 1


def test_who_has_an_account_is_told_in_every_browser_that_agreed(client, catalogue, run_jobs):
    with push_service() as service:
        client.force_login(make_person(email="ola@przyklad.pl"), backend="django.contrib.auth.backends.ModelBackend")
        browsers = [service.browser(name) for name in ("telefon", "komputer")]
        for browser in browsers:
            client.post(reverse("notifications:push_add"), browser.given)
        client.post(reverse(FOLLOW), {"kategoria": "inne", "jak_czesto": "now"})
        case = file(catalogue)
        run_jobs()
        messages = [browser.read(asked.body) for browser, asked in zip(browsers, by_path(service), strict=True)]
        assert [message["url"].endswith(f"{case.number}/") for message in messages] == [True, True]
        assert SECRET not in str(messages)


def by_path(service):
    return sorted(service.received, key=lambda asked: asked.path, reverse=True)


def test_the_daily_message_comes_to_the_browser(client, catalogue, run_jobs):
    with push_service() as service:
        browser = service.browser()
        device = client.post(reverse("notifications:push_add"), browser.given).json()["device"]
        client.post(reverse(FOLLOW), {"jak_czesto": "daily", "przegladarka": device})
        file(catalogue)
        run_jobs()
        assert not service.received
        send_daily()
        run_jobs()
        assert browser.read(service.received[0].body)["url"] == "/obserwuj/"


def test_a_browser_that_never_agreed_here_follows_nothing(client):
    page = client.post(reverse(FOLLOW), {"jak_czesto": "now", "przegladarka": "00000000-0000-7000-8000-000000000000"})
    assert "Najpierw włącz powiadomienia" in page.content.decode()
