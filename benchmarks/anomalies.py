"""Precision and recall of the anomaly detector on NAB's labels: ``python benchmarks/anomalies.py`` (data: ``MIASTO_DATA``).

A detected stretch that touches a labelled window is right; a window that a stretch touches is found. The first 15 % of each
file only teach, as NAB says. Nothing is tuned for a single file: one threshold for all.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
LEARNING = 0.15


def load(path: Path):
    """``(times in microseconds, values)``; NAB's instants have no zone and are taken as UTC."""
    import numpy as np

    with path.open(encoding="utf-8") as file:
        rows = [(micros(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
    times, values = zip(*sorted(rows), strict=True)
    return np.array(times), np.array(values)


def micros(text: str) -> int:
    """Microseconds since 1970 of NAB's time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


def judge(folder: Path, name: str, windows: list[list[str]], threshold: float) -> tuple[int, int, int, int]:
    """``(stretches, right ones, windows, found ones)`` of a file."""
    import numpy as np

    from miasto.kernel.observations.analysis import anomalies

    times, values = load(folder / "data" / name)
    z = anomalies.smoothed(anomalies.walk(times, values))
    z[: int(len(z) * LEARNING)] = np.nan
    found = anomalies.stretches(times, z, threshold=threshold, apart=12 * anomalies.HOUR_US)
    labelled = [(micros(start), micros(end)) for start, end in windows]
    right = sum(any(one.start <= end and one.end >= start for start, end in labelled) for one in found)
    hit = sum(any(one.start <= end and one.end >= start for one in found) for start, end in labelled)
    return len(found), right, len(labelled), hit


def main() -> None:
    """Print a table: file, stretches, right, windows, found; then precision and recall."""
    from miasto.kernel.observations.analysis.anomalies import Z

    data = Path(os.environ.get("MIASTO_DATA") or ROOT.parent / "shared" / "data") / "measurements" / "nab"
    windows = json.loads((data / "labels" / "combined_windows.json").read_text())
    names = sorted(str(path.relative_to(data / "data")) for path in (data / "data").glob("*/*.csv"))
    threshold = float(sys.argv[1]) if len(sys.argv) > 1 else Z
    total = [0, 0, 0, 0]
    print(f"{'file':52} stretches right windows found")
    for name in names:
        row = judge(data, name, windows[name], threshold)
        total = [one + more for one, more in zip(total, row, strict=True)]
        print(f"{name:52} {row[0]:9} {row[1]:5} {row[2]:7} {row[3]:5}")
    print(f"threshold {threshold}: precision {total[1] / max(1, total[0]):.2f}, recall {total[3] / total[2]:.2f}")


if __name__ == "__main__":
    main()
