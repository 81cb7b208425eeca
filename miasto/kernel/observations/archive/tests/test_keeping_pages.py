"""The keeper's rules of keeping: told what a rule would delete, saved on the second press, carried out by the job alone."""

from datetime import UTC, datetime, timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.models import Change
from miasto.kernel.observations.archive import retention, running
from miasto.kernel.observations.archive.models import Retention
from miasto.kernel.observations.services import import_history
from miasto.kernel.observations.store import folding, partitions
from miasto.kernel.observations.store.reading import Reading, readings
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 12, 10, 0, tzinfo=UTC)
THEN = NOW - timedelta(days=40)
EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
PAGE = "/panel/czujniki/przechowywanie/"


@pytest.fixture(autouse=True)
def _noon(tuesday_noon):
    return tuesday_noon


@pytest.fixture
def world(client):
    noise, other = make_datastream(), make_datastream()
    rows = [Reading(one.pk, THEN + timedelta(minutes=10 * n), float(n)) for one in (noise, other) for n in range(12)]
    import_history(rows, by=SYSTEM)
    folding.fold_all()
    running.run()
    client.force_login(make_staff("observations.keeper", None))
    return noise, other


def asked(stream, **more):
    return {"observed_property": stream.observed_property_id, "audience": "", "readings_days": "30", "hours_days": "", **more}


def test_a_rule_tells_what_it_deletes_and_deletes_it_by_the_job_alone(client, world):
    noise, other = world
    told = client.post(f"{PAGE}nowa/", asked(noise)).content.decode()
    assert "12 odczytów" in told
    assert "0 średnich godzinowych" in told
    assert not Retention.objects.exists()
    answer = client.post(f"{PAGE}nowa/", asked(noise, confirm="1"))
    assert answer.status_code == 302
    assert len(readings([noise.pk], *EVER)) == 12
    running.run()
    folding.fold_all()
    assert readings([noise.pk], *EVER) == []
    assert len(readings([other.pk], *EVER)) == 12
    change = Change.objects.get(action="observations.retention_saved")
    assert change.data["readings_days"] == 30
    assert noise.observed_property.name in client.get(PAGE).content.decode()


def test_a_rule_is_changed_and_ended(client, world):
    noise, _other = world
    made = retention.keep_rule(
        rule=Retention(observed_property=noise.observed_property, readings_days=100), instead_of=None, by=SYSTEM
    )
    address = f"{PAGE}{made.pk}/"
    assert 'value="100"' in client.get(address).content.decode()
    assert client.post(address, asked(noise, confirm="1", readings_days="90")).status_code == 302
    assert Retention.objects.get().readings_days == 90
    assert "Tego nie da się cofnąć" not in client.post(address, {"remove": "1"}).content.decode()
    assert client.post(address, {"remove": "1", "confirm": "1"}).status_code == 302
    assert not Retention.objects.exists()
    assert client.get(address).status_code == 404


def test_a_second_rule_of_the_same_and_means_that_end_before_their_readings_are_refused(client, world):
    noise, _other = world
    assert client.post(f"{PAGE}nowa/", asked(noise, confirm="1")).status_code == 302
    second = client.post(f"{PAGE}nowa/", asked(noise, confirm="1"))
    assert second.status_code == 422
    assert "Jest już reguła" in second.content.decode()
    assert client.post(f"{PAGE}nowa/", asked(noise, audience="public", hours_days="20")).status_code == 422
    assert Retention.objects.count() == 1


def test_the_hot_window_is_chosen_by_who_keeps_the_whole_city(client, world):
    assert client.post(PAGE, {"hot_days": "0"}).status_code == 422
    assert client.post(PAGE, {"hot_days": "14"}).status_code == 302
    assert partitions.hot_days() == 14
    with clock.at(NOW):
        client.force_login(make_staff("observations.keeper", make_unit()))
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}nowa/", {}).status_code == 403
