"""Signing up, confirming, choosing, resigning: by the page, the account, a message; and what nobody may learn."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core import clock, replies
from miasto.kernel.core.incoming.handing import hand_over, subaddress_of
from miasto.modules.idea.newsletter import privacy, services
from miasto.modules.idea.newsletter.models import NewsletterConsent, Subscriber
from miasto.modules.idea.newsletter.tests.conftest import READER, links_in, mails

Change = apps.get_model("core", "Change")


def page_of(client, address):
    return client.get(address, follow=True)


def incoming(to="kontakt+newsletter@miasto.invalid", sender=READER, subject="Zapis", text="Proszę o newsletter.", **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = headers.pop("message_id", "<zapis.1@poczta.invalid>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def take(raw, to="kontakt+newsletter@miasto.invalid", envelope_from=READER):
    return hand_over(raw, source="lmtp", envelope_from=envelope_from, recipients=[to])


def test_an_address_gets_nothing_until_its_owner_used_the_link_and_the_consent_is_kept(client, run_jobs, planned, send_all):
    services.ask(services.Asked(email=f" {READER.upper()} ", wishes=services.Wishes(topics=["roads", "unknown"])))
    row = Subscriber.objects.get()
    assert (row.email, row.topics, row.confirmed_at, row.source) == (READER, ["roads"], None, "page")
    assert (row.consent.version, row.consent.text) == ("7", "Chcę dostawać newsletter.")
    assert send_all(planned()).recipients == 0
    run_jobs()
    (asked,) = mails()
    page = page_of(client, links_in(asked)[0])
    assert "czeka na Twoje potwierdzenie" in page.content.decode()
    done = client.post(
        f"/newsletter/ustawienia/{row.pk}/", {f"{row.pk}-language": "pl", f"{row.pk}-topics": ["green"], "confirm": "1"}
    )
    assert done.status_code == 302
    row.refresh_from_db()
    assert row.confirmed_at is not None
    assert row.topics == ["green"]
    assert send_all(planned()).recipients == 1


def test_nobody_learns_whether_an_address_is_subscribed(client, subscribe, run_jobs):
    subscribe()
    answers = []
    for email in (READER, "nieznana@poczta.invalid"):
        data = {"email": email, "language": "pl", "consent": "on", "topics": ["green"]}
        answer = client.post("/newsletter/", data, follow=True)
        answers.append((answer.status_code, answer.redirect_chain, answer.content.decode().count("wysłaliśmy odsyłacz")))
    assert answers[0] == answers[1]
    run_jobs()
    assert "dostaje już newsletter" in mails()[0].body
    assert Subscriber.objects.get(email=READER).topics == [], "a stranger changed what the reader chose"
    assert len(mails("nieznana@poczta.invalid")) == 1


def test_without_the_consent_nothing_is_kept(client):
    answer = client.post("/newsletter/", {"email": READER, "language": "pl"})
    assert answer.status_code == 422
    assert "Bez zgody nie możemy" in answer.content.decode()
    assert not Subscriber.objects.exists()


def test_a_stranger_cannot_fill_somebodys_mailbox(run_jobs):
    for _time in range(6):
        services.ask(services.Asked(email=READER))
    run_jobs()
    assert len(mails()) == 3
    with pytest.raises(ValidationError):
        services.ask(services.Asked(email="to nie adres"))


def test_an_address_that_nobody_confirmed_is_deleted_after_a_week(run_jobs, subscribe):
    subscribe("stala@poczta.invalid")
    services.ask(services.Asked(email=READER))
    with clock.at(clock.now() + timedelta(days=6)):
        privacy.expire()
    assert Subscriber.objects.count() == 2
    with clock.at(clock.now() + timedelta(days=8)):
        privacy.expire()
    assert Subscriber.objects.get().email == "stala@poczta.invalid"


def test_an_account_is_subscribed_at_once_and_takes_its_bare_address_over(client, subscribe):
    person = make_person(email=READER)
    subscribe()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/newsletter/", {"language": "en", "consent": "on", "topics": ["green"]}, follow=True)
    assert "Na adres Twojego konta" in answer.content.decode()
    row = Subscriber.objects.get()
    assert (row.person_id, row.email, row.language, row.confirmed_at is not None) == (person.pk, "", "en", True)
    assert 'href="/newsletter/ustawienia/"' in client.get("/konto/").content.decode()
    assert client.post(f"/newsletter/ustawienia/{row.pk}/", {"stop": "1"}).status_code == 302
    assert not Subscriber.objects.exists()


def test_an_account_sees_and_changes_only_its_own(client, subscribe):
    row = subscribe()
    client.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/newsletter/ustawienia/{row.pk}/", {"stop": "1"}).status_code == 404
    with pytest.raises(PermissionDenied):
        services.resign(subscriber_id=row.pk, by=viewer_for_person(make_person().pk))


def test_a_message_to_the_special_address_signs_up_once_even_if_it_comes_twice(run_jobs):
    assert subaddress_of("Kontakt+Newsletter.abc@Miasto.invalid") == "newsletter"
    assert subaddress_of("kontakt+newsletter@gdzie.indziej") == ""
    assert [take(incoming()), take(incoming())] == ["asked", "asked"]
    run_jobs()
    assert Subscriber.objects.get().source == "mail"
    (asked,) = mails()
    assert "/newsletter/s/" in asked.body
    assert take(incoming(subject="Please subscribe me", sender="reader@post.invalid", message_id="<2@post.invalid>")) == "asked"
    assert Subscriber.objects.get(email="reader@post.invalid").language == "en"


def test_a_mailbox_without_an_envelope_is_judged_by_the_headers():
    assert hand_over(incoming(), source="imap") == "asked"


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"List_Id": "<inne.lista>"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}]
)
def test_what_a_machine_wrote_signs_nobody_up(headers, run_jobs):
    take(incoming(**headers))
    run_jobs()
    assert not Subscriber.objects.exists()
    assert not mails()


def test_a_message_to_the_marked_address_resigns_and_one_without_the_mark_gets_a_link(subscribe, run_jobs):
    row = subscribe()
    assert take(incoming(subject="Wypisz mnie", message_id="<3@poczta.invalid>")) == "asked to stop"
    assert Subscriber.objects.exists(), "anybody can write a sender's name"
    run_jobs()
    assert "zrezygnujesz" in mails()[0].body
    forged = replies.subaddress("newsletter", row.pk)[:-20] + "a" + replies.subaddress("newsletter", row.pk)[-19:]
    take(incoming(to=forged, subject="wypisz", message_id="<4@poczta.invalid>"), to=forged)
    assert Subscriber.objects.exists()
    marked = replies.subaddress("newsletter", row.pk)
    assert take(incoming(to=marked, subject="wypisz 0", sender="inny@adres.invalid"), to=marked) == "resigned"
    assert not Subscriber.objects.exists()


def test_other_messages_still_go_to_letters():
    word = hand_over(
        incoming(to="kontakt@miasto.invalid"), source="lmtp", envelope_from="", recipients=["kontakt@miasto.invalid"]
    )
    assert word.startswith("KOR-")


def test_export_and_erasure_find_a_person_by_account_and_by_confirmed_address(subscribe):
    person = make_person(email=READER)
    subscribe()
    services.join(wishes=services.Wishes(topics=["green"]), by=viewer_for_person(make_person(email="inna@poczta.invalid").pk))
    (told,) = privacy.export(person.pk)
    assert (told["email"], told["consent_version"]) == (READER, "7")
    assert privacy.erase(person.pk) == 1
    assert Subscriber.objects.count() == 1


def test_the_audit_holds_no_address(subscribe, run_jobs):
    services.ask(services.Asked(email=READER))
    row = Subscriber.objects.get()
    services.confirm(subscriber_id=row.pk, by=services.by_link(row.pk))
    services.resign(subscriber_id=row.pk, by=services.by_link(row.pk))
    rows = Change.objects.filter(action__startswith="idea.newsletter")
    assert [one.action for one in rows.order_by("id")][-1] == "idea.newsletter_resigned"
    assert "poczta" not in str(list(rows.values()))
    assert NewsletterConsent.objects.count() == 1
