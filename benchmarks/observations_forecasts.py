"""Errors of the forecasts against the best baseline, on measurements of real cities.

    var/venv/bin/python benchmarks/observations.py forecasts [--data FOLDER] [--series 40] [--only NAME]

Files in FOLDER (``MIASTO_DATA`` + ``/measurements``): pedestrian counters of Auckland (hourly), household water meters of the
DAIAD trial (hourly), speeds of Los Angeles roads METR-LA (5 minutes; one week,
so a shorter past and horizon). No database is needed.
"""

import argparse
import csv
import gzip
import io
import os
import sys
import time
import zipfile
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")

import numpy as np

HOUR = timedelta(hours=1)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("MIASTO_DATA", "") + "/measurements")
    parser.add_argument("--series", type=int, default=40)
    parser.add_argument("--only", choices=SETS)
    given = parser.parse_args()
    import django

    django.setup()
    heads = (
        "data, series, hours, model shown, baseline shown, nothing claimed, MAE model, MAE best baseline, gain, seasonal-naive"
    )
    print("| " + " | ".join([*heads.split(", "), "coverage", "s"]) + " |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name in [given.only] if given.only else SETS:
        measure(name, *SETS[name](Path(given.data), given.series))


def measure(name: str, grid, shape) -> None:
    """Try one set and print its row. Gain is the mean over series of 1 - model / best baseline."""
    from miasto.kernel.observations.forecasting import baselines, trying
    from miasto.kernel.observations.forecasting.grid import filled

    began = time.monotonic()
    tried = trying.try_out(grid, shape)
    took = time.monotonic() - began
    naive = []
    for before in trying.origins(shape):
        length = grid.values.shape[1]
        came = grid.values[:, length - before : length - before + shape.horizon]
        dense = filled(grid.until(before).values)
        found = [np.abs(came - baselines.predict(one, dense, shape.horizon)) for one in ("day", "week")]
        naive.append(found)
    by_season = [np.array([pair[which] for pair in naive]) for which in (0, 1)]
    seasonal = np.minimum.reduce([np.nanmean(one, axis=(0, 2)) for one in by_season if not np.isnan(one).all()])
    methods = [sum(one == "model" for one in tried.method), sum(one not in ("model", "") for one in tried.method)]
    learned = not np.isnan(tried.model_error).all()
    error, gain = "–", "–"
    if learned:
        gained = 1 - tried.model_error / np.where(tried.baseline_error > 0, tried.baseline_error, np.nan)
        error, gain = f"{np.nanmean(tried.model_error):.3g}", f"{np.nanmean(gained):+.1%}"
    nothing = len(grid.series) - sum(methods)
    print(
        f"| {name} | {len(grid.series)} | {grid.values.shape[1]} | {methods[0]} | {methods[1]} | {nothing} "
        f"| {error} | {np.nanmean(tried.baseline_error):.3g} | {gain} "
        f"| {np.nanmean(seasonal):.3g} | {np.nanmean(tried.covered):.0%} | {took:.0f} |",
        flush=True,
    )


def christmas(folder: Path, most: int):
    """The same to the end of the file, where the days that are tried are those from Christmas to New Year."""
    return pedestrians(folder, most, datetime(2026, 1, 1, tzinfo=UTC))


def pedestrians(folder: Path, most: int, before: datetime = datetime(2025, 12, 1, tzinfo=UTC)):
    """Hourly counts of people in the streets of Auckland: 13 weeks to the end of November."""
    from miasto.kernel.observations.forecasting.shape import HOURLY

    rows: dict[datetime, list[str]] = {}
    with gzip.open(folder / "pedestrian_auckland" / "hourly_counts.csv.gz", "rt") as file:
        head, *lines = csv.reader(file)
        for row in lines:
            day = datetime.fromisoformat(row[0]).replace(tzinfo=UTC)
            rows[day + int(row[1].split(":")[0]) * HOUR] = row[3:]
    end = min(before, max(rows) + HOUR)
    start = end - HOURLY.history * HOUR
    values = np.full((len(head) - 3, HOURLY.history), np.nan)
    for at, row in rows.items():
        if start <= at < end:
            values[:, (at - start) // HOUR] = [float(one) if one not in ("", "NA") else np.nan for one in row]
    return _known(values, end, most), HOURLY


def water(folder: Path, most: int):
    """Litres an hour of real households: the hour's growth of the meter; 13 weeks of those that reported."""
    from miasto.kernel.observations.forecasting.shape import HOURLY

    found: dict[str, dict[datetime, float]] = defaultdict(lambda: defaultdict(float))
    with zipfile.ZipFile(folder / "water_meters_daiad" / "swm_trialA_clean.zip") as archive:
        with archive.open("swm_trialA_clean.csv") as file:
            for row in csv.DictReader(io.TextIOWrapper(file), delimiter=";"):
                date, clock = row["datetime"].split(" ")
                day, month, year = date.split("/")
                at = datetime(int(year), int(month), int(day), int(clock[:2]), tzinfo=UTC)
                found[row["user.key"]][at] += float(row["diff"])
    end = sorted(at for series in found.values() for at in series)[-24 * 7 * 92]  # before the meters begin to fall silent
    start = end - HOURLY.history * HOUR
    values = np.full((len(found), HOURLY.history), np.nan)
    for place, series in enumerate(found.values()):
        for at, litres in series.items():
            if start <= at < end:
                values[place, (at - start) // HOUR] = litres
    return _known(values, end, most), HOURLY


def traffic(folder: Path, most: int):
    """Hourly means of speeds (miles an hour); the file holds one week, so a day ahead and lags of a day."""
    from miasto.kernel.observations.forecasting.shape import DAY, HOURLY

    path = folder / "traffic_metr_la" / "T-GCN" / "T-GCN-PyTorch" / "data" / "los_speed.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1)
    whole = len(rows) // 12
    rows[rows == 0] = np.nan
    hourly = np.nanmean(rows[: whole * 12].reshape(whole, 12, -1), axis=1).T
    shape = replace(
        HOURLY,
        horizon=12,
        bands=(3, 6, 12),
        lags=tuple(range(1, 25)),
        weeks=0,
        least=2 * DAY,
        windows=8,
        step=6,
        kept_back=3,
        history=whole,
    )
    return _known(hourly, datetime(2012, 3, 8, tzinfo=UTC), most), shape


def _known(values: np.ndarray, end: datetime, most: int):
    """The series of which enough is known, at most ``most`` of them, evenly chosen."""
    from miasto.kernel.observations.forecasting.grid import Grid

    known = ~np.isnan(values)
    rows = np.flatnonzero((known.mean(axis=1) > 0.6) & known[:, -24:].any(axis=1) & (np.nanstd(values, axis=1) > 0))
    rows = rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)]
    return Grid(rows.tolist(), values[rows], end)


SETS = {"traffic": traffic, "pedestrians": pedestrians, "pedestrians-christmas": christmas, "water": water}

if __name__ == "__main__":
    main()
