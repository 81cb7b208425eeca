"""The archive in object storage, against a separate server that speaks S3 and checks every signature."""

import subprocess
import sys
import time
import urllib.request
from datetime import UTC, date, datetime

import pytest

from miasto.kernel.core import clock
from miasto.kernel.observations.archive import bucket, duck, place, running
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun
from miasto.kernel.observations.archive.tests.making import make_day, make_late, quarters
from miasto.kernel.observations.store import partitions
from miasto.kernel.observations.store.reading import readings

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
START, END = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
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
    yield made
    for fault in ("slow", "rot", "cut"):
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
def test_a_store_that_fails_leaves_the_day_hot_and_says_so(server, fault):
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
