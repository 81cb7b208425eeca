"""Precision and recall on NAB's labels of what looks for unusual hours: ``python benchmarks/anomalies.py [threshold]``.

The files (``MIASTO_DATA``) become hourly means, and the platform's own ``finding.found_in`` looks at their last 48 hours again
and again, as its job does: hour after hour for values, day after day for the course of the day. What touches within three
hours is one stretch. A stretch that touches a labelled window is right; a window that a stretch touches is found. The first
15 % of each file only teach, as NAB says. Nothing is tuned for a single file: one threshold for all.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
LEARNING = 0.15
HOUR = timedelta(hours=1)
KINDS = {"value": HOUR, "shape": 24 * HOUR}  # how often the benchmark looks
Span = tuple[datetime, datetime]


def load(path: Path) -> dict[datetime, float]:
    """Means by the hour; NAB's instants have no zone and are taken as UTC."""
    held: dict[datetime, list[float]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at = instant(row["timestamp"]).replace(minute=0, second=0, microsecond=0)
            held.setdefault(at, []).append(float(row["value"]))
    return {at: sum(values) / len(values) for at, values in sorted(held.items())}


def instant(text: str) -> datetime:
    """NAB's time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def looked(means: dict[datetime, float], kind: str) -> list[Span]:
    """The stretches that the looks find, joined."""
    import numpy as np

    from miasto.kernel.observations.analysis import finding

    every = np.array([(at - finding.BEGAN) // timedelta(microseconds=1) for at in means])
    values = np.array(list(means.values()))
    first, last = min(means), max(means) + HOUR
    end, found = first + (last - first) * LEARNING, []
    end = end.replace(minute=0, second=0, microsecond=0)
    while end <= last:
        edges = [(one - finding.BEGAN) // timedelta(microseconds=1) for one in (end - finding.HISTORY, end)]
        here = slice(*np.searchsorted(every, edges))
        made = finding.found_in(every[here], values[here], end, shape=kind == "shape")
        found += [(one.start, one.end) for one in made if one.kind == kind]
        end += KINDS[kind]
    learned = first + (last - first) * LEARNING
    return joined([one for one in found if one[1] >= learned], finding.APART)


def joined(spans: list[Span], apart: timedelta) -> list[Span]:
    """Those within ``apart`` of each other as one."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start - made[-1][1] <= apart:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made


def judge(found: list[Span], labelled: list[Span]) -> list[int]:
    """``[stretches, right ones, windows, found ones]``."""
    right = sum(any(one[0] <= end and one[1] + HOUR >= start for start, end in labelled) for one in found)
    hit = sum(any(one[0] <= end and one[1] + HOUR >= start for one in found) for start, end in labelled)
    return [len(found), right, len(labelled), hit]


def main() -> None:
    """Print a table for each kind: file, stretches, right, windows, found; then precision and recall."""
    import django

    django.setup()
    from miasto.kernel.observations.analysis import anomalies, finding

    if len(sys.argv) > 1:
        anomalies.Z = finding.SHAPE_Z = float(sys.argv[1])
    data = Path(os.environ.get("MIASTO_DATA") or ROOT.parent / "shared" / "data") / "measurements" / "nab"
    windows = json.loads((data / "labels" / "combined_windows.json").read_text())
    names = sorted(str(path.relative_to(data / "data")) for path in (data / "data").glob("*/*.csv"))
    for kind in KINDS:
        total = [0, 0, 0, 0]
        print(f"{kind:52} stretches right windows found")
        for name in names:
            labelled = [(instant(start), instant(end)) for start, end in windows[name]]
            row = judge(looked(load(data / "data" / name), kind), labelled)
            total = [one + more for one, more in zip(total, row, strict=True)]
            print(f"{name:52} {row[0]:9} {row[1]:5} {row[2]:7} {row[3]:5}")
        print(f"{kind}, threshold {anomalies.Z}: precision {total[1] / max(1, total[0]):.2f}, recall {total[3] / total[2]:.2f}")


if __name__ == "__main__":
    main()
