"""How long 100,000 objects take to load: ``DATABASE_URL=... python benchmarks/objects.py`` on a prepared database.

The objects are written to a file, one GeoJSON feature a line, and loaded by the same loader as any real file, with their
rows in the index; then loaded again, when nothing differs. All is rolled back at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
GOAL_S = 60


def write(path: Path, count: int, box: tuple[float, float, float, float]) -> None:
    """A file of so many made trees within a box (degrees)."""
    dice = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            corner = [round(dice.uniform(box[0], box[2]), 7), round(dice.uniform(box[1], box[3]), 7)]
            properties = {"id": number, "name": f"Lipa drobnolistna {number}", "height_m": dice.randrange(3, 30)}
            feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": corner}}
            file.write(json.dumps(feature) + "\n")


def main() -> None:
    """Print a table: what, seconds, objects a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=100_000)
    count = parser.parse_args().objects
    import django

    django.setup()
    from django.db import transaction

    from miasto.kernel.accounts.viewer import SYSTEM
    from miasto.kernel.core.city import city
    from miasto.kernel.places.services import ImportOptions, import_features

    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / "trees.geojson"
        write(path, count, city().bbox)
        for name in ("first load", "the same file again"):
            began = time.perf_counter()
            import_features(source=path, target="places", by=SYSTEM, options=ImportOptions(kind="tree"))
            seconds = time.perf_counter() - began
            print(f"{name:<22}{seconds:8.1f} s{count / seconds:10.0f} objects/s")
        transaction.set_rollback(True)
    print(f"most memory{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:17.0f} MB   goal: under {GOAL_S} s")


if __name__ == "__main__":
    main()
