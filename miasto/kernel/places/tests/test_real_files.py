"""Real files of other people, where they are at hand."""

import os
from pathlib import Path

import pytest

from miasto.kernel.accounts.viewer import SYSTEM
from miasto.kernel.core.city import REPOSITORY
from miasto.kernel.places.models import Area, ObjectIndex, Place
from miasto.kernel.places.services import ImportOptions, ImportRefused, import_features

DATA = Path(os.environ.get("MIASTO_DATA") or REPOSITORY.parent / "shared" / "data")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.exists(), reason="the real files are not at hand (MIASTO_DATA or ../shared/data)"),
]
BOUNDARIES = DATA / "poland" / "boundaries"


def load(path: Path, target: str, **options):
    return import_features(source=path, target=target, by=SYSTEM, options=ImportOptions(**options))


@pytest.mark.parametrize(
    ("file", "kind", "count"),
    [
        ("powiaty/powiaty-min.geojson", "county", 380),
        ("wojewodztwa/wojewodztwa-min.geojson", "voivodeship", 16),
        ("wojewodztwa/wojewodztwa-medium.geojson", "voivodeship", 16),
        ("geoportal2025/wojewodztwa.json", "voivodeship", 16),
        ("geoportal2025/polska.json", "country", 1),
        ("miasta/wroclaw-medium.geojson", "district", 48),
    ],
)
def test_real_boundaries_load_whole(file, kind, count):
    report = load(BOUNDARIES / file, "areas", kind=kind, anywhere=True, repair=True)
    assert report.created == Area.objects.count() == ObjectIndex.objects.count() == count
    assert all(area.geom.valid and area.name for area in Area.objects.all())
    assert load(BOUNDARIES / file, "areas", kind=kind, anywhere=True, repair=True).unchanged == count


def test_real_boundaries_that_cross_themselves_are_named_one_by_one():
    with pytest.raises(ImportRefused) as refused:
        load(BOUNDARIES / "powiaty/powiaty-min.geojson", "areas", kind="county", anywhere=True)
    assert refused.value.total > 10
    assert all(problem.line and problem.feature for problem in refused.value.problems)
    assert not Area.objects.exists()


def test_boundaries_of_the_whole_country_are_refused_without_a_word_on_it():
    with pytest.raises(ImportRefused, match="anywhere"):
        load(BOUNDARIES / "powiaty/powiaty-min.geojson", "areas", kind="county", repair=True)
    report = load(BOUNDARIES / "powiaty/powiaty-min.geojson", "areas", kind="county", repair=True, skip_outside=True)
    assert 0 < report.created < 60
    assert report.skipped + report.created == 380


def test_stops_of_a_real_timetable_load_and_are_found():
    from miasto.kernel.places.selectors import geocode

    report = load(DATA / "gtfs" / "wejherowo_2024.zip", "places", kind="stop", anywhere=True)
    assert report.created == Place.objects.filter(place_kind="stop").count() > 300
    assert geocode("goscicino robakowska")[0].label.startswith("Gościcino Robakowska")


def test_a_real_file_that_is_no_geojson_is_refused():
    for file in ("poland/imgw_api/imgw_pib/data/rivers.json", "gbfs/v3.0/geofencing_zones.json"):
        with pytest.raises(ImportRefused, match="GeoJSON"):
            load(DATA / file, "places")
