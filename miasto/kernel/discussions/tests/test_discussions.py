"""Comments: published at once or after a decision, read by their audience, erased without a trace of words."""

import pytest
from django.core.exceptions import ValidationError

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.core.ids import uuid7
from miasto.kernel.core.models import Change
from miasto.kernel.discussions import privacy, selectors, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return services.open_thread(object_id=uuid7(), by=ANONYMOUS)


def bodies(thread, *audiences, **more):
    return [made.text.shown for made in selectors.comments([thread.pk], audiences or ["public"], **more)]


def test_a_residents_comment_waits_and_a_units_does_not(thread):
    services.post(thread=thread, body="Widzę to.", audience="public", by=make_viewer())
    services.post(thread=thread, body="Naprawimy.", audience="public", by=make_viewer(), unit_id=make_unit().pk, approved=True)
    assert bodies(thread) == ["Naprawimy."]
    assert selectors.waiting(thread.pk, "public") == 1


def test_a_decision_publishes_the_edited_words_or_withholds_them(thread):
    made = services.post(thread=thread, body="Jan z Lipowej 5 śmieci.", audience="public", by=ANONYMOUS)
    services.decide(comment=made, publish=True, body="Ktoś śmieci.", by=SYSTEM)
    assert bodies(thread) == ["Ktoś śmieci."]
    services.decide(comment=made, publish=False, by=SYSTEM)
    assert bodies(thread) == []


def test_each_audience_reads_its_own(thread):
    for audience in ("public", "parties", "internal"):
        services.post(thread=thread, body=audience, audience=audience, by=SYSTEM, approved=True)
    assert bodies(thread, "public") == ["public"]
    assert bodies(thread, "public", "parties") == ["public", "parties"]


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 10_001])
def test_empty_and_endless_comments_are_refused(thread, body):
    with pytest.raises(ValidationError):
        services.post(thread=thread, body=body, audience="public", by=ANONYMOUS)


def test_an_unknown_audience_is_refused(thread):
    with pytest.raises(ValueError, match="everyone"):
        services.post(thread=thread, body="Tak.", audience="everyone", by=ANONYMOUS)


def test_the_audit_holds_no_words(thread):
    services.post(thread=thread, body="Sekret sąsiada", audience="public", by=ANONYMOUS)
    assert "Sekret" not in str(list(Change.objects.values()))


def test_a_person_exports_and_erases_what_they_wrote_in_their_own_name(thread):
    viewer = make_viewer()
    services.post(thread=thread, body="Moje", audience="public", by=viewer, approved=True)
    services.post(thread=thread, body="Urzędowe", audience="public", by=viewer, approved=True, unit_id=make_unit().pk)
    services.post(thread=thread, body="Cudze", audience="public", by=make_viewer(), approved=True)
    assert [row["body"] for row in privacy.export(viewer.person_id)] == ["Moje"]
    assert privacy.erase(viewer.person_id) == 1
    assert bodies(thread) == ["[usunięto]", "Urzędowe", "Cudze"]


def test_erasing_a_thread_keeps_what_units_said_and_ends_the_waiting(thread):
    services.post(thread=thread, body="Czeka", audience="public", by=ANONYMOUS)
    services.post(thread=thread, body="Urzędowe", audience="public", by=SYSTEM, approved=True, unit_id=make_unit().pk)
    assert services.erase_texts(thread_ids=[thread.pk], by=SYSTEM) == 1
    assert selectors.waiting(thread.pk, "public") == 0
    assert bodies(thread, states=["published", "withheld"]) == ["[usunięto]", "Urzędowe"]
