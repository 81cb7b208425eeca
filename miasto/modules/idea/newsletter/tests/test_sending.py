"""An issue from its draft to the last reader: approval, segments, rate, kills in the middle, one click, bounces."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core import mail as outbox
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import ANONYMOUS, viewer_for_person
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core import clock, mail
from miasto.kernel.notifications.selectors import choices
from miasto.kernel.participation.testing import make_process
from miasto.kernel.places.testing import make_area
from miasto.modules.idea.naming import KIND
from miasto.modules.idea.newsletter import jobs, selectors, services, sources, words
from miasto.modules.idea.newsletter.issues import readers
from miasto.modules.idea.newsletter.models import Issue, IssueMessage, Subscriber
from miasto.modules.idea.newsletter.tests.conftest import READER, links_in, mails

Change, OutgoingMail = apps.get_model("core", "Change"), apps.get_model("core", "OutgoingMail")
TEXT = "# Remonty\n\nUlica Próbna, [szczegóły](/poradnik/).\n\n- objazd\n- tramwaje <b>jeżdżą</b>"


def test_who_wrote_an_issue_does_not_approve_it_and_a_change_needs_a_new_approval(by, other):
    row = services.IssueRow(title="Numer", lead="Wstęp.")
    issue = services.create_issue(row=row, by=by)
    assert services.submit_issue(issue_id=issue.pk, send_at=None, by=by).state == "waiting"
    with pytest.raises(ValidationError, match="Zatwierdza inna osoba"):
        services.approve_issue(issue_id=issue.pk, by=by)
    assert services.approve_issue(issue_id=issue.pk, by=other).state == "planned"
    assert services.update_issue(issue_id=issue.pk, row=row, by=other).state == "draft"
    assert not services.start_issue(issue_id=issue.pk)
    with pytest.raises(PermissionDenied):
        services.create_issue(row=row, by=ANONYMOUS)


def test_where_the_rules_want_no_second_person_the_author_plans_for_a_time(by, told_rules, run_jobs):
    told_rules["second_person"] = False
    issue = services.create_issue(row=services.IssueRow(title="Numer", lead="Wstęp."), by=by)
    moment = clock.now() + timedelta(hours=2)
    assert services.submit_issue(issue_id=issue.pk, send_at=moment, by=by).state == "planned"
    jobs.tick()
    issue.refresh_from_db()
    assert issue.state == "planned"
    with clock.at(moment + timedelta(minutes=1)):
        jobs.tick()
        issue.refresh_from_db()
        assert (issue.state, issue.number) == ("sending", 1)
        run_jobs(only="idea.newsletter_send")
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_each_reader_gets_their_own_message_with_one_click_to_end_it(subscribe, planned, send_all, client):
    subscribe()
    subscribe("drugi@poczta.invalid", language="en")
    block = services.Block(source="idea.meetings", key="1", title="Spotkanie o skwerze", summary="Wtorek, 17:00.", url="/idea/")
    issue = send_all(planned(text=TEXT, title_en="English issue", lead_en="The main things.", blocks=[block]))
    assert (issue.recipients, issue.sent, issue.state) == (2, 2, "sent")
    message, english = mails()[0], mails("drugi@poczta.invalid")[0]
    assert message.subject == "Numer próbny"
    assert english.subject == "English issue"
    assert all(len(one.to) == 1 and not one.cc and not one.bcc for one in outbox.outbox)
    assert "drugi@" not in message.message().as_string()
    ways = message.extra_headers["List-Unsubscribe"]
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "mailto:kontakt+newsletter." in ways
    html = message.alternatives[0][0]
    assert "<h2>Remonty</h2>" in html
    assert "<li>objazd</li>" in html
    assert "<b>jeżdżą" not in html
    assert "<img" not in html
    assert "szczegóły (http://127.0.0.1:8000/poradnik/)" in message.body
    assert "Spotkanie o skwerze:\nhttp://127.0.0.1:8000/idea/" in message.body
    stop = next(path for path in links_in(message) if "/koniec/" in path)
    assert client.get(stop).status_code == 200
    assert Subscriber.objects.filter(email=READER).exists(), "opening a link must not resign: scanners open links"
    for _time in range(2):
        answer = client.post(stop, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, "To był ostatni newsletter" in answer.content.decode()) == (200, True)
    assert not Subscriber.objects.filter(email=READER).exists()
    issue.refresh_from_db()
    assert (issue.unsubscribed, issue.sent) == (1, 2)
    assert "poczta" not in str(list(Change.objects.values()))


def test_the_settings_link_of_an_issue_opens_the_readers_own_page(subscribe, planned, send_all, client):
    subscribe(topics=["green"])
    send_all(planned())
    own = next(path for path in links_in(mails()[0]) if "/newsletter/u/" in path)
    answer = client.get(own, follow=True)
    assert answer.redirect_chain[-1][0] == "/newsletter/ustawienia/"
    assert "Rezygnuję z newslettera" in answer.content.decode()
    assert READER not in answer.content.decode()
    assert client.get(own[:-5] + "aaaa/").status_code == 404


def test_an_issue_goes_to_those_who_chose_its_topic_or_district_or_everything(subscribe, planned):
    centre, north = make_area(name="Centrum"), make_area(name="Północ")
    subscribe("wszystko@p.invalid")
    subscribe("zielen@p.invalid", topics=["green"])
    subscribe("drogi@p.invalid", topics=["roads"], areas=[str(centre.pk)])
    subscribe("polnoc@p.invalid", areas=[str(north.pk)])

    def emails(**fields):
        return {row.email.split("@")[0] for row in readers(planned(**fields))}

    assert emails() == {"wszystko", "zielen", "drogi", "polnoc"}
    assert emails(topics=["green"]) == {"wszystko", "zielen", "polnoc"}
    assert emails(areas=[str(centre.pk)]) == {"wszystko", "zielen", "drogi"}
    assert emails(topics=["roads"], areas=[str(north.pk)]) == {"wszystko", "polnoc"}


def test_an_address_that_is_also_an_account_gets_one_message(subscribe, planned, send_all):
    services.join(wishes=services.Wishes(), by=viewer_for_person(make_person(email=READER).pk))
    subscribe()
    assert send_all(planned()).recipients == 1
    assert len(mails()) == 1


def test_the_rate_is_kept_and_a_lost_step_is_taken_up(planned, subscribe):
    for n in range(25):
        subscribe(f"c{n}@poczta.invalid")
    issue, now = planned(), clock.now()
    services.start_issue(issue_id=issue.pk)
    assert services.send_step(issue_id=issue.pk) == 10
    with clock.at(now + timedelta(seconds=10)):
        with transaction.atomic():
            services.send_step(issue_id=issue.pk)
            transaction.set_rollback(True)
        assert IssueMessage.objects.filter(sent_at__isnull=False).count() == 10
        jobs.tick()
        assert services.send_step(issue_id=issue.pk) == 10
    with clock.at(now + timedelta(seconds=20)):
        assert services.send_step(issue_id=issue.pk) == 5
    issue.refresh_from_db()
    assert (issue.state, issue.sent) == ("sent", 25)
    assert OutgoingMail.objects.values("to").distinct().count() == OutgoingMail.objects.count() == 25


def test_two_issues_together_stay_within_the_rate(planned, subscribe):
    for n in range(45):
        subscribe(f"c{n}@poczta.invalid")
    issues, sent = [planned(), planned()], 0
    for issue in issues:
        services.start_issue(issue_id=issue.pk)
    for second in range(0, 50, 10):
        with clock.at(clock.now() + timedelta(seconds=second)):
            sent += sum(services.send_step(issue_id=issue.pk) for issue in issues)
    assert sent == 60


def test_a_pause_forgets_nobody_and_a_cancelled_issue_goes_no_further(planned, subscribe, by):
    for n in range(15):
        subscribe(f"c{n}@poczta.invalid")
    issue = planned()
    services.start_issue(issue_id=issue.pk)
    services.send_step(issue_id=issue.pk)
    services.pause_issue(issue_id=issue.pk, by=by)
    assert services.send_step(issue_id=issue.pk) == 0
    services.resume_issue(issue_id=issue.pk, by=by)
    services.cancel_issue(issue_id=issue.pk, by=by)
    issue.refresh_from_db()
    assert (issue.state, issue.sent, issue.messages.count()) == ("cancelled", 10, 10)
    with pytest.raises(ValidationError):
        services.resume_issue(issue_id=issue.pk, by=by)


def test_who_resigns_before_their_turn_gets_nothing(planned, subscribe):
    row = subscribe()
    issue = planned()
    services.start_issue(issue_id=issue.pk)
    services.resign(subscriber_id=row.pk, by=services.by_link(row.pk))
    assert services.send_step(issue_id=issue.pk) == 0
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_an_address_from_which_three_issues_came_back_is_deleted(planned, subscribe, send_all, run_jobs):
    subscribe()
    for n in range(3):
        with clock.at(clock.now() + timedelta(days=n)):
            issue = send_all(planned())
            mail.note_failure(OutgoingMail.objects.latest("queued_at").message_id, "5.1.1")
            run_jobs(only="core.deliver")
        issue.refresh_from_db()
        assert (issue.sent, issue.bounced) == (1, 1)
        assert Subscriber.objects.exists() == (n < 2)


def test_what_is_sent_is_frozen_and_stays_in_the_archive(planned, subscribe, send_all, by, client):
    subscribe()
    issue = send_all(planned(text=TEXT))
    with pytest.raises(ValidationError, match="już wysyłamy"):
        services.update_issue(issue_id=issue.pk, row=services.IssueRow(title="Inny", lead="Inny."), by=by)
    page = client.get("/newsletter/1/").content.decode()
    assert '<a class="govuk-link" href="/poradnik/">szczegóły</a>' in page
    assert "&lt;b&gt;jeżdżą" in page
    assert "Numer próbny" in client.get("/newsletter/").content.decode()
    feed = client.get("/newsletter/rss/")
    assert "<title>Numer próbny</title>" in feed.content.decode()
    assert client.get("/newsletter/rss/", headers={"If-None-Match": feed["ETag"]}).status_code == 304
    assert client.get("/newsletter/2/").status_code == 404


def test_a_draft_is_not_in_the_archive(by, client):
    services.create_issue(row=services.IssueRow(title="Tajny szkic", lead="Wstęp."), by=by)
    assert "Tajny szkic" not in client.get("/newsletter/").content.decode()
    assert list(selectors.issues(ANONYMOUS)) == []


def test_the_archive_asks_as_many_questions_of_one_issue_as_of_twenty(client):
    counts = []
    for upto in (1, 20):
        while Issue.objects.count() < upto:
            row = services.IssueRow(title=f"Numer {upto}", lead="Wstęp.")
            services.import_issue(row=row, sent_at=clock.now(), counts={"recipients": 1, "sent": 1})
        client.get("/newsletter/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/newsletter/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_editor_writes_previews_tries_and_hands_over(client, editor, subscribe, run_jobs):
    subscribe()
    make_process(kind=KIND, title="Plac przed dworcem")
    client.force_login(editor, backend="django.contrib.auth.backends.ModelBackend")
    form = client.get("/panel/idea/newsletter/nowy/").content.decode()
    assert "Plac przed dworcem" in form
    chosen = next(iter(sources.consultations("pl"))).key
    data = {"title": "Nowy numer", "lead": "Wstęp.", "text": TEXT, "blocks": [f"idea.consultations:{chosen}"]}
    made = client.post("/panel/idea/newsletter/nowy/", data)
    assert made.status_code == 302
    preview = client.get(f"{made['Location']}podglad/")
    assert "Plac przed dworcem" in preview.content.decode()
    assert "default-src 'none'" in preview["Content-Security-Policy"]
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    page = client.get(made["Location"])
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    client.post(f"{made['Location']}krok/", {"krok": "test"})
    run_jobs(only="core.send_mail")
    assert [one.to for one in outbox.outbox] == [[editor.email]]
    late = client.post(
        f"{made['Location']}plan/", {"when": "later", "day_0": "1", "day_1": "1", "day_2": "2020", "hour": "9:00"}
    )
    assert "Ten czas już minął" in late.content.decode()
    client.post(f"{made['Location']}plan/", {"when": "now"})
    assert "czeka na zatwierdzenie" in client.get(made["Location"]).content.decode()
    client.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(made["Location"]).status_code == 403


def test_the_newsletter_is_chosen_on_its_own_page_only():
    topics = [topic.key for topic, _ways in choices(viewer_for_person(make_person().pk))]
    assert not [key for key in topics if key.startswith("idea.newsletter")]


def test_an_editors_text_becomes_parts_and_nothing_in_it_runs():
    assert words.parts_of("# A\n# \n\n- b\n- c\n\nd\ne") == [{"heading": "A"}, {"points": ["b", "c"]}, {"lines": ["d", "e"]}]
    assert words.html("[x](javascript:alert(1))") == "[x](javascript:alert(1))"
    assert words.html('<img src=x> [a"b](https://m.pl/?q="x)') == (
        '&lt;img src=x&gt; <a class="govuk-link" href="https://m.pl/?q=&quot;x">a&quot;b</a>'
    )
