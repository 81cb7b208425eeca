"""A deleted stream leaves the files at the next run; what is damaged in the archive is found and told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from miasto.kernel.core import clock
from miasto.kernel.observations.archive import duck, forgetting, running
from miasto.kernel.observations.archive.models import ArchiveFile, Forgotten
from miasto.kernel.observations.archive.tests.making import make_day, quarters
from miasto.kernel.observations.sta.observing import forget_streams
from miasto.kernel.observations.store.reading import readings

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
START, END = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def archive():
    with clock.at(NOON):
        return running.run()


def test_the_readings_of_a_deleted_stream_are_gone_from_every_file_with_the_next_run(archive_folder):
    for number in range(2):
        day = DAY + timedelta(days=number)
        make_day(day, quarters(3, day) + quarters(5, day) + quarters(7, day))
    alone = DAY + timedelta(days=2)
    make_day(alone, quarters(5, alone))
    archive()
    others = readings([3, 7], START, END)
    with clock.at(NOON):
        forget_streams([5])
    archive()
    present = list(ArchiveFile.objects.filter(replaced_at=None).values_list("name", flat=True))
    assert sorted(set(duck.whole(present).series.tolist())) == [3, 7]
    assert readings([3, 7], START, END) == others
    assert len(present) == 2
    assert not Forgotten.objects.exists()
    with clock.at(NOON + running.GRACE + timedelta(minutes=1)):
        running.sweep()
    assert len(list(archive_folder.glob("day=*/*.parquet"))) == 2


def test_files_without_the_deleted_stream_are_not_written_again():
    make_day(DAY, quarters(3, DAY) + quarters(7, DAY))
    archive()
    with clock.at(NOON):
        forgetting.forget([5])
    archive()
    assert ArchiveFile.objects.get().revision == 1
    assert not Forgotten.objects.exists()


def test_a_killed_rewrite_forgets_the_stream_with_the_next_run(monkeypatch):
    make_day(DAY, quarters(3, DAY) + quarters(5, DAY))
    archive()
    with clock.at(NOON):
        forgetting.forget([5])

    def die(*_arguments, **_options):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(duck, "write", die)
        with pytest.raises(SystemExit), transaction.atomic():
            archive()
    assert Forgotten.objects.exists()
    assert len(readings([5], START, END)) == 96
    archive()
    assert readings([5], START, END) == []


def test_the_command_tells_what_is_missing_and_what_is_damaged(archive_folder, capsys):
    for number in range(3):
        make_day(DAY + timedelta(days=number), quarters(3, DAY + timedelta(days=number)))
    archive()
    call_command("readings", "archive", "--check")
    assert "Sprawdzono 3 pli" in (out := capsys.readouterr().out)
    assert "(288 odczyt" in out
    first, second, _third = (
        archive_folder / name for name in ArchiveFile.objects.order_by("day").values_list("name", flat=True)
    )
    first.unlink()
    spoiled = bytearray(second.read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    second.write_bytes(spoiled)
    with pytest.raises(CommandError, match="2"):
        call_command("readings", "archive", "--check")
    lines = capsys.readouterr().err.splitlines()
    assert [first.name in lines[0], "pliku nie ma" in lines[0]] == [True, True]
    assert [second.name in lines[1], "uszkodzony" in lines[1]] == [True, True]
