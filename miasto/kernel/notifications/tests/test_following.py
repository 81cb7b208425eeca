"""What somebody follows: one list and one way to stop, of the engine's own, whichever modules a city has."""

import pytest
from django.test import Client
from django.urls import resolve

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core.registry import registry
from miasto.kernel.notifications import selectors, services
from miasto.kernel.spec.notifications import Following, Topic

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/obserwuj/", "/obserwuj/jakis-token/", "/obserwuj/jakis-token/koniec/"])
def test_the_links_of_messages_already_sent_belong_to_the_engine(path):
    assert resolve(path).func.__module__.startswith("miasto.kernel.notifications")


def test_a_stranger_sees_nothing_but_what_can_be_followed_with_the_query_handed_on():
    text = Client().get("/obserwuj/?kategoria=drogi").content.decode()
    assert "Nie widzimy tu niczego" in text
    for one in registry().all(Following):
        assert str(one.label) in text
    assert text.count("?kategoria=drogi") >= len(registry().all(Following))


def test_the_list_holds_every_topic_in_few_queries_and_a_stranger_stops_nothing(client, django_assert_max_num_queries):
    person = make_person()
    viewer = viewer_for_person(person.pk)
    topics = [one.key for one in registry().all(Topic) if one.subscribable]
    for topic in topics:
        services.subscribe(topic=topic, scope=services.Scope(), by=viewer)
    with django_assert_max_num_queries(2 + len(topics)):
        rows = selectors.followed(viewer)
    assert {row.topic for row in rows} == set(topics)
    client.force_login(person)
    assert client.get("/obserwuj/").content.decode().count("/obserwuj/zmiana/") == len(topics)
    assert Client().post(f"/obserwuj/zmiana/{rows[0].id}/", {"stop": "1"}).status_code == 403
    assert client.post(f"/obserwuj/zmiana/{rows[0].id}/", {"stop": "1"}).status_code == 302
    assert len(selectors.followed(viewer)) == len(topics) - 1
