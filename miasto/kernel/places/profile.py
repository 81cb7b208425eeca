"""Brings the profile's GeoJSON files into the database, by the same loaders as any other file."""

from __future__ import annotations

from django.db import transaction

from miasto.kernel.core import marks
from miasto.kernel.core.city import city
from miasto.kernel.places.loading import digest
from miasto.kernel.places.services import ImportOptions, import_features

FILES = (
    ("boundary.geojson", "areas"),
    ("districts.geojson", "areas"),
    ("communes.geojson", "areas"),
    ("green.geojson", "areas"),
    ("rivers.geojson", "waterways"),
    ("streets.geojson", "streets"),
    ("places.geojson", "places"),
    ("railways.geojson", "places"),
)
MARK = "places.profile"


def load_profile() -> list[str]:
    """Load those files of the profile that are new or changed since the last time; returns their names."""
    from miasto.kernel.accounts.viewer import SYSTEM

    loaded = []
    for file, target in FILES:
        path = city().path(file)
        if path is None:
            continue
        found = digest(path)
        with transaction.atomic():
            known = marks.get(MARK, {})
            if known.get(file) != found:
                import_features(source=path, target=target, by=SYSTEM, options=ImportOptions(anywhere=target == "areas"))
                marks.put(MARK, {**known, file: found})
                loaded.append(file)
    return loaded
