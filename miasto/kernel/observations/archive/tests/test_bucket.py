"""The archive in object storage, against a separate server that speaks S3 and checks every signature."""

import subprocess
import sys
import time
import urllib.request
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations import ngsi
from miasto.kernel.observations.archive import bucket, duck, place, running
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun
from miasto.kernel.observations.archive.tests.making import make_day, make_late, quarters
from miasto.kernel.observations.services import ingest
from miasto.kernel.observations.store import charting, folding, partitions
from miasto.kernel.observations.store import running as folders
from miasto.kernel.observations.store.reading import Reading, hours, readings
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
START, END = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
TEMPORAL = "/api/ngsi-ld/v1/temporal/entities"
WITHOUT_A_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    told = tmp_path_factory.mktemp("bucket") / "port"
    command = [sys.executable, "-m", "miasto.kernel.observations.archive.tests.bucket_server", str(told), "gate", "s3cr3t/Ż"]
    process = subprocess.Popen(command)
    until = time.monotonic() + 60
    while not told.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    yield f"http://127.0.0.1:{told.read_text()}"
    process.kill()
    process.wait()


@pytest.fixture(autouse=True)
def stored(server, monkeypatch, settings, tmp_path):
    settings.VAR = tmp_path
    for name, value in {
        "MIASTO_ARCHIVE": "s3://readings/city",
        "MIASTO_ARCHIVE_ENDPOINT": server,
        "AWS_ACCESS_KEY_ID": "gate",
        "AWS_SECRET_ACCESS_KEY": "s3cr3t/Ż",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(duck, "_connections", {})
    made = place.place()
    made.back_at = 0.0
    yield made
    for fault in ("slow", "rot", "cut", "hang", "deny"):
        goes_wrong(server, fault, 0)
    for name, _written in list(made.listed()):
        made.remove(name)


def goes_wrong(server, kind, times):
    WITHOUT_A_PROXY.open(urllib.request.Request(f"{server}/_faults/{kind}?{times}", method="PUT"))


def archive():
    with clock.at(NOON):
        return running.run()


def test_days_go_to_the_bucket_are_read_by_ranges_and_late_ones_rewrite_their_object(stored, tmp_path):
    for number in range(1, 5):
        day = date(2026, 6, number)
        make_day(day, quarters(7, day) + quarters(3, day, add=5))
    before = readings([3, 7], START, END)
    archive()
    assert partitions.existing() == []
    assert readings([3, 7], START, END) == before
    assert readings([7], START, END) == [one for one in before if one.series == 7]
    names = sorted(ArchiveFile.objects.values_list("name", flat=True))
    assert sorted(name for name, _written in stored.listed()) == names
    assert len(names) == 4
    make_late([(7, START.replace(month=6, hour=1), 500.0, 0)])
    archive()
    assert max(one.value for one in readings([7], START, END)) == 500.0
    assert running.damaged() == []
    with clock.at(datetime.now(UTC).replace(microsecond=0) + running.GRACE * 2):
        running.sweep()
    assert sorted(name for name, _written in stored.listed()) == sorted(ArchiveFile.objects.values_list("name", flat=True))
    assert not list((tmp_path / "archive-upload").iterdir())


def test_what_others_keep_in_the_bucket_is_not_swept(stored, tmp_path):
    foreign = tmp_path / "budget.parquet"
    foreign.write_bytes(b"not ours")
    digest = place.digest_of(foreign)[1]
    stored.keep(foreign, "budget.parquet", digest)
    with clock.at(datetime.now(UTC) + running.GRACE * 2):
        running.sweep()
    assert stored.digest("budget.parquet") == digest


def test_a_busy_store_is_asked_again(server):
    make_day(DAY, quarters(7, DAY))
    goes_wrong(server, "slow", 1)
    archive()
    goes_wrong(server, "cut", 1)
    assert len(readings([7], START, END)) == 96


@pytest.mark.parametrize("fault", ["slow", "rot", "cut"])
def test_a_store_that_fails_leaves_the_day_hot_and_says_so(server, stored, fault):
    make_day(DAY, quarters(7, DAY))
    goes_wrong(server, fault, 99)
    with pytest.raises(place.Unreachable):
        archive()
    run = ArchiveRun.objects.get()
    assert run.state == ArchiveRun.State.FAILED
    assert "Magazyn archiwum" in run.trouble
    assert not ArchiveFile.objects.exists()
    assert partitions.existing() == [DAY]
    goes_wrong(server, fault, 0)
    archive()
    stored.back_at = 0.0
    assert partitions.existing() == []
    assert len(readings([7], START, END)) == 96


def test_a_wrong_key_a_missing_bucket_and_a_closed_door_are_told_in_words(monkeypatch, stored):
    with pytest.raises(place.Unreachable, match="nie odpowiada"):
        bucket.Bucket("s3://readings/city", "http://127.0.0.1:9").remove("x")
    monkeypatch.setenv("MIASTO_ARCHIVE", "s3://nobodys")
    with pytest.raises(place.Unreachable, match="odmówił: NoSuchBucket"):
        list(place.place().listed())
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(place.Unreachable, match="odmówił: SignatureDoesNotMatch"):
        list(bucket.Bucket("s3://readings", stored.client.meta.endpoint_url).listed())


def test_a_read_from_a_store_that_is_away_raises_and_says_nothing_wrong(monkeypatch):
    make_day(DAY, quarters(7, DAY))
    archive()
    monkeypatch.setenv("MIASTO_ARCHIVE_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(duck, "_connections", {})
    with pytest.raises(place.Unreachable):
        readings([7], START, END)


@pytest.fixture
def archived(server, monkeypatch):
    """A public stream with a day in the bucket, of which the hours are known; who waits does so for a moment only."""
    stream = make_datastream(code="pm10", unit_symbol="µg/m³")
    with clock.at(START.replace(month=6, day=2)):
        ingest([Reading(*row) for row in quarters(stream.pk, DAY)], by=SYSTEM, wait=True)
    archive()
    monkeypatch.setattr(bucket, "SOON_READ_S", 0.2)
    monkeypatch.setattr(bucket, "SOON_TRIES", 1)
    monkeypatch.setattr(bucket, "_buckets", {})
    return stream


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("fault", ["hang", "slow", "deny", "gone"])
def test_who_waits_hears_that_old_readings_are_out_of_reach(server, stored, archived, monkeypatch, fault, known):
    monkeypatch.setattr(ngsi, "models", lambda: {"AirQualityObserved": {"pm10": "pm10"}})
    if not known:
        ArchiveFile.objects.update(begins=None, groups=None)
    if fault == "gone":
        stored.remove(ArchiveFile.objects.get().name)
    else:
        goes_wrong(server, fault, 99)
    with pytest.raises(place.Unreachable, match="archiwum"):
        readings([archived.pk], START, END)
    asked = {"type": "AirQualityObserved", "timerel": "after", "timeAt": "2026-06-01T00:00:00Z"}
    for path, options in ((f"/api/sta/v1.1/Datastreams({archived.pk})/Observations", {}), (TEMPORAL, asked)):
        answer = Client().get(path, options)
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert "Magazyn dawnych" in answer.content.decode()
    with clock.at(NOON):
        drawn = charting.chart([archived.pk], START.replace(month=6), END)
    assert (drawn.level, drawn.away) == (charting.HOURS, datetime(2026, 6, 7, tzinfo=UTC))
    assert drawn.points == hours([archived.pk], START, END)


def test_a_store_that_was_silent_is_left_alone_for_a_while_by_who_waits_but_not_by_jobs(server, archived):
    goes_wrong(server, "hang", 99)
    with pytest.raises(place.Unreachable):
        readings([archived.pk], START, END)
    goes_wrong(server, "hang", 0)
    with pytest.raises(place.Unreachable):
        readings([archived.pk], START, END)
    with place.waiting(None):
        assert len(readings([archived.pk], START, END)) == 96
    place.place().back_at = 0.0
    assert len(readings([archived.pk], START, END)) == 96


def test_readings_are_folded_while_the_store_is_away_and_late_hours_are_made_when_it_is_back(server, archived):
    pace = folders.Pace()
    shards = range(folding.SHARDS)
    make_late([(archived.pk, START.replace(month=6, hour=1), 500.0, 0)])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO observations_dirty (series, start) VALUES (%s, %s)", [archived.pk, START.replace(month=6, hour=1)]
        )
    goes_wrong(server, "deny", 99)
    assert folders.turn(shards, pace) == 0
    assert pace.late < folders.LATE_MOST
    goes_wrong(server, "deny", 0)
    assert folders.turn(shards, pace) == 0  # it is not asked at once again
    pace.late_at = 0.0
    assert folders.turn(shards, pace) == 1
    assert max(one.most for one in hours([archived.pk], START, END)) == 500.0
