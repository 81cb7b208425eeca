"""Readings that cannot be: who decides, once, and what becomes of them."""

from datetime import timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import changes, clock
from miasto.kernel.observations import selectors, services
from miasto.kernel.observations.models import Quarantined
from miasto.kernel.observations.quarantine import deciding
from miasto.kernel.observations.selectors import Reading
from miasto.kernel.observations.store import flags, folding
from miasto.kernel.observations.testing import make_datastream, make_thing

pytestmark = pytest.mark.django_db
PAGE = "/panel/kwarantanna/"


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def keeper(unit, client):
    person = make_staff("observations.keeper", unit)
    client.force_login(person)
    return viewer_for_person(person.pk)


def hold(stream, *values):
    start = clock.now() - timedelta(hours=1)
    services.ingest([Reading(stream.pk, start + timedelta(minutes=n), value) for n, value in enumerate(values)], by=SYSTEM)
    return list(Quarantined.objects.filter(datastream=stream).order_by("id"))


def test_a_released_reading_is_folded_with_its_flag_and_the_audit_knows(client, keeper, unit):
    stream = make_datastream(thing=make_thing(unit=unit), least=0, most=10)
    held, other = hold(stream, 50.0, 60.0)
    assert "Czujnik mierzy od 0 do 10" in client.get(PAGE).content.decode()
    for _twice in range(2):
        client.post(PAGE + "rozstrzygnij/", {"odczyt": [held.pk], "do": "release"})
    folding.fold_all()
    assert selectors.latest([stream.pk])[stream.pk][2:] == (50.0, flags.RELEASED)
    client.post(PAGE + "rozstrzygnij/", {"odczyt": [other.pk], "do": "reject"})
    assert list(Quarantined.objects.order_by("id").values_list("state", flat=True)) == ["released", "rejected"]
    said = [one.data for one in changes.history(stream.thing_id) if one.action == "observations.quarantine_decided"]
    assert said == [{"released": 1}, {"rejected": 1}]
    services.ingest([Reading(stream.pk, held.time, 50.0)], by=SYSTEM)
    folding.fold_all()
    assert Quarantined.objects.filter(state="waiting").count() == 0


def test_another_units_readings_are_not_seen_and_not_decided(client, keeper):
    stream = make_datastream(thing=make_thing(name="Obcy punkt", unit=make_unit()), most=10)
    [held] = hold(stream, 50.0)
    assert "Obcy punkt" not in client.get(PAGE).content.decode()
    client.post(PAGE + "rozstrzygnij/", {"odczyt": [held.pk], "do": "release"})
    client.post(PAGE + "rozstrzygnij/", {"do": "reject_all"})
    held.refresh_from_db()
    assert held.state == "waiting"


def test_what_is_no_number_cannot_be_released_and_all_shown_can_be_decided_at_once(client, keeper, unit):
    stream = make_datastream(thing=make_thing(unit=unit), most=10)
    hold(stream, float("nan"), 50.0, 60.0)
    answer = client.post(PAGE + "rozstrzygnij/", {"do": "release_all"}, follow=True).content.decode()
    assert "1 odczytu nie można przyjąć" in answer
    assert Quarantined.objects.filter(state="released").count() == 2
    client.post(PAGE + "rozstrzygnij/?powod=number", {"do": "reject_all"})
    assert Quarantined.objects.filter(state="waiting").count() == 0


def test_the_list_takes_the_same_number_of_queries_however_long(client, keeper, unit, django_assert_max_num_queries):
    stream = make_datastream(thing=make_thing(unit=unit), most=10)
    hold(stream, *[50.0] * 40)
    with django_assert_max_num_queries(16):
        page = client.get(PAGE, {"stan": "waiting", "powod": "range", "punkt": "punkt"}).content.decode()
    assert page.count('name="odczyt"') == 40


def test_only_keepers_may_enter_and_a_broken_form_decides_nothing(client, unit):
    assert client.get(PAGE).status_code == 302
    client.force_login(make_staff("observations.keeper", unit))
    assert client.post(PAGE + "rozstrzygnij/", {"odczyt": ["x", "9" * 30], "do": "release"}).status_code == 302
    assert deciding.decide(Quarantined.objects.none(), release=True, by=SYSTEM) == 0
