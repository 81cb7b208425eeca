"""Observations across the border of the archive: the same answers before and after a day has become a file."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.archive import running
from miasto.kernel.observations.archive.tests.making import make_day, make_late, quarters
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db
OLD, NEW = date(2026, 6, 1), date(2026, 6, 8)


@pytest.fixture
def stream(tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_ARCHIVE", str(tmp_path / "archive"))
    made = make_datastream()
    make_day(OLD, quarters(made.pk, OLD))
    make_day(NEW, quarters(made.pk, NEW))
    first, last = (datetime(2026, 6, day, tzinfo=UTC) for day in (1, 9))
    type(made).objects.filter(pk=made.pk).update(count=192, first_at=first, last_at=last)
    return made


def everything(get, stream):
    """Answers that cross the border, in every order, by pages, with a filter and by key."""
    path, found = f"Datastreams({stream.pk})/Observations", []
    for order in ("", "phenomenonTime desc", "phenomenonTime asc", "result desc"):
        link, client = f"/api/sta/v1.1/{path}?$top=50" + (f"&$orderby={order}" if order else ""), Client()
        while link:
            page = client.get(link).json()
            found += [(one["@iot.id"], one["result"]) for one in page["value"]]
            link = page.get("@iot.nextLink", "").removeprefix("http://testserver")
    asked = "phenomenonTime ge 2026-06-01T22:00:00Z and phenomenonTime lt 2026-06-08T02:00:00Z"
    found += [one["@iot.id"] for one in get(SYSTEM, path, filter=asked, count="true")["value"]]
    found.append(get(SYSTEM, path, filter=f"{asked} and result ge 0", count="true")["@iot.count"])
    found.append(len(get(SYSTEM, "Observations", filter=f"Datastream/id eq {stream.pk}", top=1000)["value"]))
    found.append(get(SYSTEM, f"Observations('{found[0][0]}')")["result"])
    return found


def test_answers_do_not_tell_where_the_border_of_the_archive_is(stream, get):
    before = everything(get, stream)
    assert len(before) > 4 * 192
    with clock.at(datetime(2026, 6, 10, 12, tzinfo=UTC)):
        assert running.run().days == 1
    assert everything(get, stream) == before
    make_late([(stream.pk, datetime(2026, 6, 1, 3, 7, tzinfo=UTC), 55.0, 0)])
    found = get(SYSTEM, f"Datastreams({stream.pk})/Observations", filter="phenomenonTime lt 2026-06-02T00:00:00Z")["value"]
    assert [one["result"] for one in found].count(55) == 1
    assert len(found) == 97
