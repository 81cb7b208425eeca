"""Results of EPANET (.out), written here byte by byte as the manual says, and read back."""

import gzip
import struct
from datetime import UTC, datetime, timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.observations import selectors, services
from miasto.kernel.observations.importing import checking, epanet_results, guessing
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.layout import Layout
from miasto.kernel.observations.importing.moments import instant
from miasto.kernel.observations.models import Datastream

NODES, LINKS, PERIODS, STEP = ("J1", "J2", "R1"), ("P1", "PUMP"), 30, 3600
START = datetime(2026, 1, 5, tzinfo=UTC)


def results(*, flow=5, pressure=2, quality=1, unit="mg/L", statistics=0, periods=PERIODS, start=7200):
    """A file of three nodes (one a reservoir) and two links (one a pump); each number tells where it stands."""
    head = (516_114_521, 20_200, 3, 1, 2, 1, 0, quality, 0, flow, pressure, statistics, start, STEP, start + periods * STEP)
    out = struct.pack("<15i", *head) + bytes(3 * 80 + 2 * 260) + b"chlor".ljust(32, b"\0") + unit.encode().ljust(32, b"\0")
    out += b"".join(name.encode().ljust(32, b"\0") for name in (*NODES, *LINKS))
    out += struct.pack("<6i", 3, 1, 1, 2, 1, 2)  # beginnings, ends, kinds of the links
    out += struct.pack("<if", 3, 0.0) + struct.pack("<3f", 1, 2, 3) + struct.pack("<4f", 100, 0, 300, 0)
    out += struct.pack("<i6f", 2, 100, 75, 0.5, 30, 40, 12) + struct.pack("<f", 0)
    for period in range(periods):
        for quantity in range(4):
            out += struct.pack("<3f", *(1000 * quantity + 100 * node + period for node in range(3)))
        for quantity in range(8):
            out += struct.pack("<2f", *(10_000 + 1000 * quantity + 100 * link + period for link in range(2)))
    return out + struct.pack("<4f2i", 0, 0, 0, 0, periods, 0) + struct.pack("<i", 516_114_521)


def put(folder, content, name="siec.out"):
    path = folder / name
    path.write_bytes(content)
    return path


def read(path, **declared):
    seen = guessing.guess(path, path.name).as_json()
    known, found = checking.reading(path, Layout.of({**seen, "start": "2026-01-05T00:00", "zone": "utc", **declared}), {})
    rows = []
    for chunk in found:
        rows += zip(chunk.series.tolist(), chunk.time.tolist(), chunk.value.tolist(), chunk.line.tolist(), strict=True)
    return {(known.all[row[0]].key, row[3]): (instant(row[1]), row[2]) for row in rows}, known.all


def test_every_quantity_stands_where_the_manual_says(tmp_path):
    found, series = read(put(tmp_path, results()), parts=list(epanet_results.NAMES))
    assert len(series) == 3 * 4 + 2 * 5
    assert len(found) == PERIODS * len(series)
    first = START + timedelta(hours=2)
    assert found["node J1 demand", 1] == (first, 0)
    assert found["node R1 head", 2] == (first + timedelta(hours=1), 1201)
    assert found["node J2 pressure", 30] == (first + timedelta(hours=29), 2129)
    assert found["node J2 quality", 5][1] == 3104
    assert found["link PUMP flow", 1][1] == 10_100
    assert found["link P1 velocity", 3][1] == 11_002
    assert found["link PUMP headloss", 1][1] == 12_100
    assert found["link P1 link_quality", 1][1] == 13_000
    assert found["link PUMP status", 1][1] == 14_100


@pytest.mark.parametrize(
    ("options", "units"),
    [
        ({}, {"l/s", "mH₂O", "m/s", "mg/l"}),
        ({"flow": 1, "pressure": 0, "quality": 0}, {"gal/min", "psi", "ft/s"}),
        ({"flow": 8, "pressure": 1, "quality": 2}, {"m³/h", "kPa", "m/s", "h"}),
        ({"flow": 10, "quality": 3}, {"m³/s", "mH₂O", "m/s", "%"}),
    ],
)
def test_units_are_those_of_the_simulation_and_the_usual_quantities_are_taken(tmp_path, options, units):
    _found, series = read(put(tmp_path, results(**options)))
    assert {one.unit.replace("mg/L", "mg/l") for one in series} == units
    assert {one.name for one in series} == {
        str(epanet_results.NAMES[name])
        for name in (*epanet_results.USUAL, *(("quality",) if options.get("quality", 1) else ()))
    }


@pytest.mark.parametrize("cut", [30, 700, 1200, -4, -28, -100])
def test_a_file_that_is_cut_is_refused_in_words(tmp_path, cut):
    with pytest.raises(Unreadable, match="niepełny"):
        read(put(tmp_path, results()[:cut]))


def test_statistics_and_unknown_numbers_are_refused_in_words(tmp_path):
    with pytest.raises(Unreadable, match="Statistic None"):
        read(put(tmp_path, results(statistics=1)))
    with pytest.raises(Unreadable, match="jednostkach"):
        read(put(tmp_path, results(flow=77)))
    with pytest.raises(Unreadable, match="uszkodzony"):
        read(put(tmp_path, struct.pack("<15i", 516_114_521, *([-1] * 14)) + bytes(2000)))


@pytest.mark.django_db
def test_results_go_into_the_store_in_our_units_packed_too(tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_IMPORTS", str(tmp_path / "imports"))
    path = put(tmp_path, gzip.compress(results()), "siec.out.gz")
    layout = Layout.of({**guessing.guess(path).as_json(), "start": "2026-01-05T00:00", "zone": "utc"})
    one = services.import_file(path=path, by=SYSTEM, layout=layout, profile_name="sieć", thing_kind="observations.thing")
    assert (one.refused, one.quarantined, one.added) == (0, 0, PERIODS * (3 * 3 + 2 * 2))
    streams = {(row.thing.name, row.observed_property.code): row.pk for row in Datastream.objects.filter(sensor__name="sieć")}
    latest = selectors.latest(streams.values())
    assert latest[streams["J2", "line_pressure"]].value == pytest.approx(2129 * 0.0980665)
    assert latest[streams["J2", "volume_flow"]].value == pytest.approx(129 * 3.6)
    assert latest[streams["odcinek PUMP", "flow_speed"]].value == pytest.approx(11_129)
    assert latest[streams["R1", "substance"]].value == pytest.approx(3229)
