"""One SQL text over the files, by DuckDB and by Spark; charts across the levels."""

import sys
import traceback
from datetime import UTC, date, datetime, timedelta

import psutil
import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.archive import engines, place, running
from miasto.kernel.observations.archive.models import ArchiveFile
from miasto.kernel.observations.archive.tests.conftest import known_as
from miasto.kernel.observations.archive.tests.making import make_day, quarters
from miasto.kernel.observations.services import import_history
from miasto.kernel.observations.store import folding
from miasto.kernel.observations.store.charting import DAYS, HOURS, RAW, chart
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.testing import make_datastream

DAY = date(2026, 6, 1)


@pytest.fixture
def archived(db):
    for number in range(2):
        day = DAY + timedelta(days=number)
        make_day(day, quarters(1, day) + quarters(2, day, add=10, count=50))
    with clock.at(datetime(2026, 6, 10, tzinfo=UTC)):
        running.run()


def answers(engine=None):
    last = DAY + timedelta(days=1)
    return [
        engines.analyse(engines.DAY_ROLL_UP, DAY, last, with_engine=engine),
        engines.analyse(engines.PERCENTILE, DAY, last, with_engine=engine),
        engines.analyse(engines.EXCEEDANCES, DAY, last, with_engine=engine, limit=24.0),
    ]


def test_duckdb_answers_from_the_files_of_the_manifest(archived):
    rolled, percentiles, exceedances = answers()
    assert [(row[0], row[1], row[2], row[3]) for row in rolled] == [(1, 192, 20.0, 26.0), (2, 100, 30.0, 36.0)]
    assert percentiles == [(1, 192, 23.0, 26.0), (2, 100, 33.0, 36.0)]
    assert [(row[0], row[1]) for row in exceedances] == [(1, 48), (2, 26)]
    assert exceedances[1][2] == 26
    assert 0 < exceedances[0][2] < 48
    assert engines.analyse(engines.DAY_ROLL_UP, date(2020, 1, 1), date(2020, 1, 2)) == []


@pytest.fixture
def spark(tmp_path, monkeypatch):
    """Two worker processes, both of them there before the first task is dealt out, set as an operator sets them."""
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(
        """spark.scheduler.minRegisteredResourcesRatio 1.0
           spark.scheduler.maxRegisteredResourcesWaitingTime 120s
           spark.sql.shuffle.partitions 2
           spark.driver.host 127.0.0.1
           spark.driver.bindAddress 127.0.0.1
           spark.executorEnv.NO_PROXY 127.0.0.1
        """
        f"spark.pyspark.python {sys.executable}"
    )
    monkeypatch.setenv("SPARK_CONF_DIR", str(conf))
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path))
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # half the processor's time
    monkeypatch.setenv("MIASTO_ANALYTICS", "local-cluster[2,1,1024]")
    monkeypatch.chdir(tmp_path)  # workers leave folders where they are started
    made = engines.engine()
    yield made
    made.stop()


def executors_at_work(session):
    """Executor's number -> tasks that it has finished, by Spark's own books; the driver is not among them."""
    summaries = session.sparkContext._jsc.sc().statusStore().executorList(True)
    told = [summaries.apply(place) for place in range(summaries.size())]
    return {one.id(): one.completedTasks() for one in told if one.id() != "driver"}


def processes_of_executors(session):
    """Process ids of the machine's executors that answer to this session's driver."""
    port = session.sparkContext.getConf().get("spark.driver.port")
    lines = {one.pid: " ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])}
    return {pid for pid, line in lines.items() if "CoarseGrainedExecutorBackend" in line and f":{port} " in line}


def test_spark_gives_the_same_answers_to_the_same_texts_on_two_workers(archived, archive_folder, server, spark, monkeypatch):
    ours = [[pytest.approx(row) for row in rows] for rows in answers()]
    assert answers(spark) == ours
    assert len(processes_of_executors(spark.session())) == 2
    finished = executors_at_work(spark.session())
    assert sorted(finished) == ["0", "1"]
    assert all(finished.values())

    known_as(monkeypatch, server.address)  # the same session, the same files, in a bucket to which the workers have no key
    files = dict(ArchiveFile.objects.values_list("name", "sha256"))
    for name, digest in files.items():
        place.place().keep(archive_folder / name, name, digest)
    server.asked()
    found = engines.analyse(engines.EXCEEDANCES, DAY, DAY + timedelta(days=1), with_engine=spark, limit=24.0)
    assert found == ours[-1]  # one text, since a query of a data source costs the seconds of its processes
    assert {tuple(line.split()) for line in server.asked()} == {("GET", f"city/{name}") for name in files}
    after = executors_at_work(spark.session())
    assert all(after[executor] > finished[executor] for executor in finished)


def test_who_has_no_key_is_given_a_file_by_a_signed_address_and_an_error_does_not_tell_it(server, stored, tmp_path):
    from miasto.kernel.observations.archive import spark_files

    (tmp_path / "file").write_bytes(b"readings" * 1000)
    stored.keep(tmp_path / "file", "file.parquet", place.digest_of(tmp_path / "file")[1])
    name = stored.address("file.parquet")
    signed = stored.signed(name, 60)
    server.goes_wrong("cut", 1)
    assert spark_files.fetched(name, signed) == b"readings" * 1000
    for address, code in ((signed.replace("file.parquet", "other.parquet"), 403), (stored.signed(name, 0), 403)):
        with pytest.raises(OSError, match=f"{name}: {code}") as raised:
            spark_files.fetched(name, address)
        assert "Signature" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.django_db
def test_a_chart_takes_the_finest_level_that_fits_and_loses_no_peak():
    series = make_datastream().pk
    start = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [Reading(series, start + timedelta(minutes=15 * n), float(n % 50)) for n in range(96 * 60)]
    rows[5000] = rows[5000]._replace(value=999.0)
    with clock.at(start + timedelta(days=60)):
        import_history(rows, by=SYSTEM)
        folding.fold_all()
    for length, points, level in ((1, 100, RAW), (60, 500, HOURS), (60, 100, DAYS), (60, 10, DAYS)):
        found = chart([series], start, start + timedelta(days=length), points=points)
        assert found.level == level
        assert len(found.points) <= points + 1
        assert sum(one.n for one in found.points) == 96 * length
        assert max(one.most for one in found.points) == (999.0 if length == 60 else 49.0)
