"""Two editors, an address that is subscribed, an inbox."""

import re

import pytest
from django.core import mail as outbox
from django.core.cache import cache

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_staff
from miasto.kernel.core import clock
from miasto.kernel.places.testing import make_city_area
from miasto.modules.idea.newsletter import rules, services
from miasto.modules.idea.newsletter.models import Subscriber

READER = "czytelniczka@poczta.invalid"


@pytest.fixture(autouse=True)
def told_rules(settings, monkeypatch, db):
    settings.INBOX = "kontakt@miasto.invalid"
    told = {
        "per_minute": 60,
        "second_person": True,
        "consent": {"version": "7", "pl": "Chcę dostawać newsletter.", "en": "I want the newsletter."},
        "topics": [
            {"key": "roads", "name": "remonty", "translations": {"en": "road works"}},
            {"key": "green", "name": "zieleń"},
            {"key": "culture", "name": "kultura"},
        ],
    }
    monkeypatch.setattr(rules, "_rules", lambda: told)
    cache.clear()
    make_city_area()
    return told


@pytest.fixture
def editor():
    return make_staff("content.editor")


@pytest.fixture
def second():
    return make_staff("content.editor", email="druga@urzad.invalid")


@pytest.fixture
def by(editor):
    return viewer_for_person(editor.pk)


@pytest.fixture
def other(second):
    return viewer_for_person(second.pk)


@pytest.fixture
def subscribe():
    """``subscribe(email, topics=...)`` gives a confirmed subscriber."""

    def make(email=READER, **wishes):
        services.import_subscribers(rows=[(email, services.Wishes(**wishes), clock.now())])
        return Subscriber.objects.get(email=email)

    return make


@pytest.fixture
def planned(by, other):
    """``planned(topics=...)`` gives an issue that goes out now."""

    def make(**fields):
        row = services.IssueRow(**{"title": "Numer próbny", "lead": "Najważniejsze rzeczy.", **fields})
        issue = services.create_issue(row=row, by=by)
        services.submit_issue(issue_id=issue.pk, send_at=None, by=by)
        return services.approve_issue(issue_id=issue.pk, by=other)

    return make


@pytest.fixture
def send_all(run_jobs):
    """``send_all(issue)`` starts an issue and does every step at once, minute by minute."""
    from datetime import timedelta

    def send(issue):
        now = clock.now()
        services.start_issue(issue_id=issue.pk)
        for step in range(60):
            with clock.at(now + timedelta(seconds=10 * step)):
                services.send_step(issue_id=issue.pk)
            issue.refresh_from_db()
            if issue.finished_at:
                break
        run_jobs(only="core.send_mail")
        return issue

    return send


def links_in(message) -> list[str]:
    """The paths of the platform in the plain text of a message."""
    return re.findall(r"http://127\.0\.0\.1:8000(/\S*)", message.body)


def mails(to: str = READER) -> list:
    """What was sent to an address."""
    return [one for one in outbox.outbox if one.to == [to]]
