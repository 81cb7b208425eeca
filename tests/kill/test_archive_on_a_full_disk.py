"""The archive's disk is full: the run fails in words, the hot day stays, nothing is left behind, and the next run does it."""

from datetime import UTC, date, datetime

import duckdb
import pytest

from miasto.kernel.core import clock
from miasto.kernel.observations.archive import running
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun
from miasto.kernel.observations.archive.tests.making import make_day, quarters
from miasto.kernel.observations.store import partitions
from miasto.kernel.observations.store.reading import readings
from tests.small_disk import fill, small_disk

pytestmark = pytest.mark.django_db
DAY, NOON = date(2026, 6, 1), datetime(2026, 6, 10, 12, tzinfo=UTC)
SPAN = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def test_a_full_disk_keeps_the_hot_day_and_the_next_run_moves_it(tmp_path, monkeypatch):
    make_day(DAY, quarters(7, DAY) + quarters(3, DAY, add=5))
    before = readings([3, 7], *SPAN)
    with small_disk(tmp_path / "disk", size="256k") as disk, clock.at(NOON):
        monkeypatch.setenv("MIASTO_ARCHIVE", str(disk))
        fill(disk / "filler")
        with pytest.raises((OSError, duckdb.Error)):
            running.run()
        failed = ArchiveRun.objects.get()
        assert (failed.state, "skończyło się miejsce" in failed.trouble) == (ArchiveRun.State.FAILED, True)
        assert partitions.existing() == [DAY]
        assert not ArchiveFile.objects.exists()
        assert [path.name for path in disk.rglob("*") if path.is_file()] == ["filler"]
        assert readings([3, 7], *SPAN) == before
        (disk / "filler").unlink()
        assert running.run().state == ArchiveRun.State.DONE
        assert partitions.existing() == []
        assert readings([3, 7], *SPAN) == before
        assert running.damaged() == []
