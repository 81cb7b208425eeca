"""The archive in object storage, against a separate server that speaks S3 and checks every signature."""

import traceback
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations import ngsi
from miasto.kernel.observations.archive import bucket, duck, place, refusing, running
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun
from miasto.kernel.observations.archive.tests.conftest import ACCESS, SECRET
from miasto.kernel.observations.archive.tests.making import make_day, make_late, quarters
from miasto.kernel.observations.services import ingest
from miasto.kernel.observations.store import charting, folding, partitions
from miasto.kernel.observations.store import running as folders
from miasto.kernel.observations.store.reading import Reading, hours, readings
from miasto.kernel.observations.testing import make_datastream

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stored")]
DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
START, END = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
TEMPORAL = "/api/ngsi-ld/v1/temporal/entities"


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
    server.goes_wrong("slow", 1)
    archive()
    server.goes_wrong("cut", 1)
    assert len(readings([7], START, END)) == 96


@pytest.mark.parametrize("fault", ["slow", "rot", "cut"])
def test_a_store_that_fails_leaves_the_day_hot_and_says_so(server, stored, fault):
    make_day(DAY, quarters(7, DAY))
    server.goes_wrong(fault, 99)
    with pytest.raises(place.Unreachable):
        archive()
    run = ArchiveRun.objects.get()
    assert run.state == ArchiveRun.State.FAILED
    assert "Magazyn archiwum" in run.trouble
    assert not ArchiveFile.objects.exists()
    assert partitions.existing() == [DAY]
    server.goes_wrong(fault, 0)
    archive()
    stored.back_at = 0.0
    assert partitions.existing() == []
    assert len(readings([7], START, END)) == 96


def test_a_wrong_key_a_missing_bucket_and_a_closed_door_are_told_in_words(monkeypatch, stored):
    with pytest.raises(place.Unreachable, match="nie odpowiada"):
        bucket.Bucket("s3://readings/city", "http://127.0.0.1:9").remove("x")
    monkeypatch.setenv("MIASTO_ARCHIVE", "s3://nobodys")
    with pytest.raises(place.Unreachable, match=r"nie ma takiego zasobnika.*NoSuchBucket"):
        list(place.place().listed())
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(place.Unreachable, match=r"nie uznaje klucza.*SignatureDoesNotMatch"):
        list(bucket.Bucket("s3://readings", stored.client.meta.endpoint_url).listed())


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("expired", "ExpiredToken", "stracił ważność"),
        ("skewed", "RequestTimeTooSkewed", "nastawić zegar"),
        ("deny", "AccessDenied", "nie pozwala"),
    ],
)
def test_a_refusal_is_told_to_the_keeper_in_words_and_to_the_log_without_the_key(
    server, caplog, monkeypatch, fault, code, words
):
    monkeypatch.setattr(refusing, "_logged", {})
    make_day(DAY, quarters(7, DAY))
    server.goes_wrong(fault, 99)
    with pytest.raises(place.Unreachable, match=words) as raised:
        archive()
    run = ArchiveRun.objects.get()
    assert words in run.said
    assert run.said == run.trouble == str(raised.value)
    monkeypatch.setattr(refusing, "_fill", lambda said, values: f"In another language: {values['place']} {values['code']}")
    assert run.said == f"In another language: s3://readings/city/ {code}"
    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert "refused" in caplog.text
    assert not [secret for secret in (ACCESS, SECRET, "session/+=", "Signature=") if secret in told]


def test_a_store_without_a_key_is_told_as_such(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(bucket, "_buckets", {})
    with pytest.raises(place.Unreachable, match="nie podano klucza"):
        list(place.place().listed())
    with pytest.raises(place.Unreachable, match="nie podano klucza"):
        list(place.place().pieces([("x", 0, 1)], [1]))


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
        server.goes_wrong(fault, 99)
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
    server.goes_wrong("hang", 99)
    with pytest.raises(place.Unreachable):
        readings([archived.pk], START, END)
    server.goes_wrong("hang", 0)
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
    server.goes_wrong("deny", 99)
    assert folders.turn(shards, pace) == 0
    assert pace.late < folders.LATE_MOST
    server.goes_wrong("deny", 0)
    assert folders.turn(shards, pace) == 0  # it is not asked at once again
    pace.late_at = 0.0
    assert folders.turn(shards, pace) == 1
    assert max(one.most for one in hours([archived.pk], START, END)) == 500.0
