"""A file taken back: what it brought goes, what it overwrote comes back, what is newer stays; wherever the days lie."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.models import Change
from miasto.kernel.observations import selectors, services
from miasto.kernel.observations.archive import running as archiving
from miasto.kernel.observations.importing import guessing, jobs, running, undoing, writing
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.layout import Layout
from miasto.kernel.observations.importing.models import FileImport, ImportPiece
from miasto.kernel.observations.models import Datastream, Quarantined
from miasto.kernel.observations.sta.observing import forget_streams
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.testing import put

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
PAGE = "/panel/pomiary/wgraj/"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_IMPORTS", str(tmp_path / "imports"))
    monkeypatch.setenv("MIASTO_ARCHIVE", str(tmp_path / "archive"))
    with clock.at(NOW):
        yield tmp_path


def lines(values, *, start=datetime(2026, 6, 1)):  # noqa: DTZ001 - as a file writes it
    """A table of two meters, a reading every six hours: ten days, of which the last are hot."""
    rows = [f"L{n % 2};{start + timedelta(hours=6 * (n // 2)):%Y-%m-%d %H:%M};{value}" for n, value in enumerate(values)]
    return "licznik;czas;stan\n" + "\n".join(rows) + "\n"


def bring(folder, text, *, by=SYSTEM, unit=None, name="liczniki.csv"):
    path = folder / name
    path.write_text(text)
    seen = guessing.guess(path, name).as_json()
    layout = Layout.of({**seen, "keys": (0,), "values": [{"place": 2}], "code": "volume", "unit": "m³", "zone": "utc"})
    return services.import_file(
        path=path, by=by, unit_id=unit and unit.pk, layout=layout, profile_name="wodomierze", thing_kind="observations.meter"
    )


def state():
    """All that the store says of the meters."""
    streams = list(Datastream.objects.filter(source__startswith="plik:").order_by("source"))
    series = [one.pk for one in streams]
    return (
        [(one.series, one.time, one.value) for one in selectors.readings(series, START, END)],
        [one[:7] for one in selectors.hours(series, START, END)],
        [one[:7] for one in selectors.days(series, date(2026, 1, 1), date(2026, 12, 31))],
        {key: one[:3] for key, one in selectors.latest(series).items()},
        [(one.count, one.first_at, one.last_at) for one in streams],
    )


WHOLE, SMALL = list(range(76)), [500 + n for n in range(76)]
EMPTY = ([], [], [], {}, [(0, None, None)] * 2)


def archive():
    assert archiving.run().state == "done"


@pytest.mark.parametrize("when", ["at once", "archived"])
def test_a_file_taken_back_leaves_nothing_behind(folder, when):
    one = bring(folder, lines(WHOLE))
    assert state()[4][0][0] == 38
    if when == "archived":
        archive()
    one = services.undo_import(one=one, by=SYSTEM)
    assert (one.state, one.removed, one.restored, one.stayed) == ("undone", 76, 0, 0)
    assert state() == EMPTY
    archive()
    assert state() == EMPTY
    assert not ImportPiece.objects.exists()
    said = Change.objects.get(action="observations.file_undone")
    assert said.data == {"removed": 76, "restored": 0, "stayed": 0}
    assert services.undo_import(one=one, by=SYSTEM).removed == 76


@pytest.mark.parametrize("when", ["before both", "between", "after both"])
def test_what_a_wrong_file_overwrote_comes_back_also_from_the_archive(folder, when):
    bring(folder, lines(WHOLE))
    if when == "before both":
        archive()
    before = state()
    wrong = bring(folder, lines(SMALL[:60] + WHOLE[60:] + [7.0, 8.0]), name="zly.csv")
    if when == "after both":
        archive()
    assert ImportPiece.objects.filter(file=wrong).values_list("rows", "replaced").get() == (62, 60)
    assert state() != before
    if when == "between":
        archive()
    seen = undoing.foreseen(wrong)
    assert (seen.readings, seen.restore, seen.stay, seen.whole) == (2, 60, 0, True)
    wrong = services.undo_import(one=wrong, by=SYSTEM)
    assert (wrong.removed, wrong.restored, wrong.stayed) == (2, 60, 0)
    assert state() == before
    archive()
    assert state() == before


def test_what_something_newer_has_overwritten_stays(folder):
    one = bring(folder, lines(WHOLE))
    stream = Datastream.objects.filter(source__startswith="plik:").order_by("source").first()
    late, hot = START.replace(month=6, day=2), START.replace(month=6, day=9)
    put(stream, [Reading(stream.pk, late, -1.0), Reading(stream.pk, hot, -2.0)])
    seen = undoing.foreseen(one)
    assert (seen.readings, seen.restore, seen.stay) == (74, 0, 2)
    one = services.undo_import(one=one, by=SYSTEM)
    assert (one.removed, one.stayed) == (74, 2)
    left, hours, _days, latest, streams = state()
    assert left == [(stream.pk, late, -1.0), (stream.pk, hot, -2.0)]
    assert [hour.start if hasattr(hour, "start") else hour[1] for hour in hours] == [late, hot]
    assert latest == {stream.pk: (stream.pk, hot, -2.0)}
    assert streams[0] == (2, late, hot)


def test_two_files_over_each_other_are_taken_back_in_any_order(folder):
    bring(folder, lines(WHOLE))
    before = state()
    first = bring(folder, lines(SMALL), name="b.csv")
    second = bring(folder, lines([value + 1 for value in SMALL]), name="c.csv")
    first = services.undo_import(one=first, by=SYSTEM)
    assert (first.restored, first.stayed) == (0, 76)
    services.undo_import(one=second, by=SYSTEM)
    assert state() == before


def test_the_same_file_twice_brings_nothing_the_second_time(folder):
    bring(folder, lines(WHOLE))
    second = bring(folder, lines(WHOLE))
    assert not undoing.possible(second)
    with pytest.raises(Unreadable, match="nie można już wycofać"):
        services.undo_import(one=second, by=SYSTEM)


def test_a_stopped_or_killed_undoing_goes_on_with_the_rest(folder, monkeypatch):
    monkeypatch.setattr(writing, "AT_ONCE", 10)
    one = bring(folder, lines(WHOLE))
    pieces = one.pieces.count()
    assert pieces > 5
    monkeypatch.setattr(running, "HERE_ROWS", -1)
    assert undoing.ask(one=one, by=SYSTEM)
    assert not undoing.ask(one=one, by=SYSTEM)
    running.ask_to_stop(one=one)
    jobs.undo_file(import_id=str(one.pk))
    one.refresh_from_db()
    assert (one.state, one.pieces.count()) == ("cancelled", pieces - 1)
    taken = undoing._piece

    def killed(*args):
        if one.pieces.count() == 3:
            raise SystemExit
        taken(*args)

    monkeypatch.setattr(undoing, "_piece", killed)
    assert undoing.ask(one=one, by=SYSTEM)
    with pytest.raises(SystemExit):
        jobs.undo_file(import_id=str(one.pk))
    monkeypatch.setattr(undoing, "_piece", taken)
    one.refresh_from_db()
    assert (one.state, one.pieces.count()) == ("undoing", 3)
    jobs.undo_file(import_id=str(one.pk))
    one.refresh_from_db()
    assert (one.state, one.removed, one.stayed) == ("undone", 76, 0)
    assert state() == EMPTY


def test_a_step_that_was_killed_inside_a_request_is_taken_up_by_itself(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(jobs.check_file, "defer", lambda **kept: asked.append(kept) or True)
    bring(folder, lines(WHOLE))
    one = running.take(pieces=[lines(WHOLE).encode()], name="b.csv", by=SYSTEM, unit_id=None)
    FileImport.objects.filter(pk=one.pk).update(state="checking", seen_at=NOW)
    assert running.resume() == 0
    with clock.at(NOW + timedelta(minutes=3)):
        assert running.resume() == 1
        jobs.check_file(import_id=asked[0]["import_id"])
    one.refresh_from_db()
    assert (one.state, one.ready) == ("checked", 76)


def test_a_deleted_stream_leaves_the_journal_too(folder):
    one = bring(folder, lines(WHOLE))
    streams = list(Datastream.objects.filter(source__startswith="plik:").order_by("source"))
    forget_streams([streams[0].pk])
    assert [piece.series for piece in one.pieces.all()] == [[streams[1].pk]]
    assert services.undo_import(one=one, by=SYSTEM).removed == 38


def test_what_waits_in_quarantine_goes_with_the_file(folder):
    one = bring(folder, lines([*WHOLE[:4], 1.0, 2.0], start=datetime(2026, 6, 10, 0, 0)))  # noqa: DTZ001
    other = bring(folder, lines([5.0, 6.0], start=datetime(2027, 1, 1)), name="b.csv")  # noqa: DTZ001
    assert (one.quarantined, other.quarantined, Quarantined.objects.count()) == (0, 2, 2)
    assert undoing.foreseen(other).held == 2
    Quarantined.objects.filter(pk=Quarantined.objects.first().pk).update(state="rejected")
    other = services.undo_import(one=other, by=SYSTEM)
    assert (other.removed, other.quarantined) == (0, 1)
    assert Quarantined.objects.get().state == "rejected"


def test_a_keeper_takes_a_file_back_on_the_page_and_nobody_of_another_unit_can(folder, client):
    unit = make_unit()
    person = make_staff("observations.keeper", unit)
    client.force_login(person)
    one = bring(folder, lines(WHOLE), by=viewer_for_person(person.pk), unit=unit)
    address = f"{PAGE}{one.pk}/"
    assert "Wycofaj ten plik" in client.get(address).content.decode()
    assert "76 odczytów zniknie" in client.get(address + "wycofaj/").content.decode()
    stranger = make_staff("observations.keeper", make_unit())
    client.force_login(stranger)
    assert client.post(address + "wycofaj/").status_code == 404
    client.force_login(person)
    client.post(address + "wycofaj/")
    page = client.get(address).content.decode()
    assert "usunięte odczyty" in page
    assert state() == EMPTY
    assert "nie można teraz wycofać" in client.post(address + "wycofaj/", follow=True).content.decode()
    client.post(address, {"do": "again"})
    one.refresh_from_db()
    assert one.state == "new"


def test_while_the_archive_is_away_the_page_says_so_and_nothing_is_half_taken_back(folder, client):
    unit = make_unit()
    person = make_staff("observations.keeper", unit)
    client.force_login(person)
    one = bring(folder, lines(WHOLE), by=viewer_for_person(person.pk), unit=unit)
    archive()
    before, address = state(), f"{PAGE}{one.pk}/"
    (folder / "archive").rename(folder / "elsewhere")
    assert "chwilowo nie odpowiada" in client.get(address + "wycofaj/").content.decode()
    page = client.post(address + "wycofaj/", follow=True).content.decode()
    assert "Magazyn dawnych odczytów jest chwilowo niedostępny" in page
    (folder / "elsewhere").rename(folder / "archive")
    assert state() == before
    client.post(address + "wycofaj/")
    assert state() == EMPTY


def test_a_name_that_belongs_to_other_files_is_said_beside_the_field_and_the_form_keeps_the_rest(folder, client):
    unit = make_unit()
    person = make_staff("observations.keeper", unit)
    client.force_login(person)
    bring(folder, lines(WHOLE), by=viewer_for_person(person.pk), unit=unit)
    other = "czas;wartość\n2026-06-01 10:00;5\n2026-06-01 11:00;6\n"
    answer = client.post(PAGE, {"file": SimpleUploadedFile("b.csv", other.encode()), "unit": unit.pk})
    form = client.get(answer.url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    sent |= {"do": "check", "name": "wodomierze", "code": "volume", "thing_name": "Piwnica", "header": "on"}
    page = client.post(answer.url, sent).content.decode()
    assert "dotyczą plików o innych kolumnach" in page
    assert 'value="Piwnica"' in page
    client.post(answer.url, {**sent, "name": "piwnica"})
    assert FileImport.objects.get(name="b.csv").state == "checked"
