"""Measurements of the engine of readings, each part printing a table; see docs/benchmarks.md.

    var/venv/bin/python benchmarks/observations.py PART [its options]

A part is a file ``observations_<part>.py`` beside this one: ``ingest`` (in without loss), ``archive`` (years in Parquet),
``forecasts`` (errors against the best baseline), ``files`` (a long CSV).
"""

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = sorted(path.stem.removeprefix("observations_") for path in HERE.glob("observations_*.py"))

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in PARTS:
        sys.exit(f"{__doc__}\nHere: {', '.join(PARTS)}")
    part = sys.argv.pop(1)
    runpy.run_path(str(HERE / f"observations_{part}.py"), run_name="__main__")
