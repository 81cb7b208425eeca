"""How long the demo city takes to load: ``DATABASE_URL=... python benchmarks/demo.py`` on a prepared database without a demo.

Everything is loaded by the engines' own bulk services inside one transaction, which is rolled back at the end.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
GOAL_S = 60


def main() -> None:
    """Print a table: part, seconds."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MIASTO_VAR"] = folder
        import django

        django.setup()
        from django.db import transaction

        from miasto.demo.load import load, loaded

        if loaded():
            raise SystemExit("this database holds a demo already; use one that was prepared without --demo")
        with transaction.atomic():
            parts = load()
            transaction.set_rollback(True)
    total = sum(parts.values())
    width = max(map(len, parts))
    for name, seconds in parts.items():
        print(f"{name:<{width}}  {seconds:6.1f} s")
    print(f"{'all':<{width}}  {total:6.1f} s   goal: under {GOAL_S} s")


if __name__ == "__main__":
    main()
