"""How good and how quick the classifier and the duplicate finder are.

    var/venv/bin/python benchmarks/likeness.py [--cases 3000 100000] [--classifier]

Reads the demo city in the database of DATABASE_URL (default: the private cluster's ``miasto``). Cases are multiplied in a
transaction that is rolled back.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")

SENTENCES = ROOT / "miasto" / "modules" / "contact_centre" / "likeness" / "tests" / "data" / "sentences.tsv"
YEARS = (1, 2, 3, 4)
TOLD = 6_000
LEARNED = 0.6
LEAST = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
FIELDS = ("near", "days", "words", "unknown", "street")
ASKED = 200
COPY = """INSERT INTO {table} ({columns}) SELECT {values} FROM {source}"""


def own_sentences() -> list[tuple[str, str]]:
    """(text, slug) of the hand-written test sentences."""
    rows = [line.split("\t") for line in SENTENCES.read_text("utf-8").splitlines()]
    return [(text, slug) for slug, text in rows]


def classifier() -> None:
    """The table of the classifier: who answers, on the newest fifth of the history and on own sentences."""
    from miasto.kernel.cases import selectors as cases
    from miasto.modules.contact_centre.case_type import KEY
    from miasto.modules.contact_centre.likeness import services
    from miasto.modules.contact_centre.likeness.measuring import measure
    from miasto.modules.contact_centre.likeness.training import learn

    history, words, own = services.history(), services.catalogue(), own_sentences()
    newest = [(one.text, one.category) for one in history[int(len(history) * 0.8) :]]
    began = time.process_time()
    learned = learn(history, words)
    took = time.process_time() - began
    alone = learn(history, [])

    def keywords(text: str) -> list[tuple[str, float]]:
        return [(one.category.slug, one.score) for one in cases.suggest_categories(KEY, text, limit=3)]

    def together(model: Any) -> Callable[[str], list[tuple[str, float]]]:
        def ask(text: str) -> list[tuple[str, float]]:
            best = model.best(text, 3)
            if best and best[0][1] >= model.silence:
                return best
            said = keywords(text)
            return [*said, *(one for one in best if one[0] not in dict(said))][:3]

        return ask

    print(f"history: {len(history)} cases, {len(newest)} newest held out; own sentences: {len(own)}")
    print(f"trained in {took:.1f} s of CPU\n")
    print("| who answers | first, history | in three | first, own sentences | in three | silent |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, held, asked, silence in (
        ("keywords", keywords, keywords, 0.0),
        ("model of cases alone", lambda text: alone.twin.best(text, 3), lambda text: alone.model.best(text, 3), 0.1),
        (
            "model of cases and catalogue",
            lambda text: learned.twin.best(text, 3),
            lambda text: learned.model.best(text, 3),
            0.1,
        ),
        ("the same, keywords where it is silent", together(learned.twin), together(learned.model), 0.0),
    ):
        old, new = measure(held, newest, silence=silence), measure(asked, own, silence=silence)
        shown = (old.first, old.in_three, new.first, new.in_three, 1 - new.spoken)
        print(f"| {name} | " + " | ".join(f"{100 * share:.1f} %" for share in shown) + " |")
    calibration(learned, newest, own)


def calibration(learned: Any, newest: list[tuple[str, str]], own: list[tuple[str, str]]) -> None:
    """The table of the probabilities: as trained, and under other temperatures for comparison."""
    from dataclasses import replace

    from miasto.modules.contact_centre.likeness.measuring import measure

    print("\n| temperature | history: ECE | Brier | own sentences: right | told | ECE | Brier |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, temperature in (("without (1)", 1.0), ("fitted", learned.model.temperature), ("1.36 (before)", 1.36)):
        twin, model = (replace(one, temperature=temperature) for one in (learned.twin, learned.model))
        old = measure(lambda text, of=twin: of.best(text, 3), newest)
        new = measure(lambda text, of=model: of.best(text, 3), own)
        told = sum(best[0][1] for text, _slug in own if (best := model.best(text, 1))) / len(own)
        print(
            f"| {name}: {temperature:.2f} | {100 * old.calibration:.1f} % | {old.brier:.3f} | {100 * new.first:.1f} % |"
            f" {100 * told:.1f} % | {100 * new.calibration:.1f} % | {new.brier:.3f} |"
        )


def duplicates() -> None:
    """The table of the finder on made-up years: fitted on their first part, measured on the rest."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    from miasto.modules.contact_centre.demo.importing import made_up
    from miasto.modules.contact_centre.demo.labelled import findable, pairs
    from miasto.modules.contact_centre.likeness.pairs import likeness

    learn, held, again = [], [], set()
    for seed in YEARS:
        reports = made_up(seed=seed, count=TOLD, photos=0)
        border = int(len(reports) * LEARNED)
        found = list(pairs(reports))
        learn += [pair for pair in found if pair.asked < border]
        held += [(seed, pair) for pair in found if pair.asked >= border]
        again |= {(seed, at) for at in findable(reports) if at >= border}
    values = np.array([_values(one) for pair in learn for one in (pair.shared, pair.public)], dtype=float)
    fitted = LogisticRegression(C=10).fit(values, [pair.same for pair in learn for _ in range(2)])
    numbers = zip(FIELDS, fitted.coef_[0], strict=True)
    weights = ", ".join(f"{name} {one:.2f}" for name, one in numbers)
    print(f"\nfitted on {len(learn)} pairs: base {fitted.intercept_[0]:.2f}, {weights}")
    same = sum(pair.same for _, pair in held)
    print(f"held out: {len(held)} pairs, {same} of the same thing; {len(again)} reports that have one to find\n")
    print("| likeness at least | staff: precision | recall | residents: precision | recall |")
    print("|---:|---:|---:|---:|---:|")
    for least in LEAST:
        cells = []
        for view in ("shared", "public"):
            shown = [(seed, pair) for seed, pair in held if likeness(getattr(pair, view)) >= least]
            right = [(seed, pair.asked) for seed, pair in shown if pair.same]
            cells += [len(right) / max(len(shown), 1), len(set(right)) / max(len(again), 1)]
        print(f"| {least} | " + " | ".join(f"{100 * share:.0f} %" for share in cells) + " |")


def _values(shared: Any) -> list[float]:
    import math

    words = shared.words
    return [min(shared.metres / shared.radius, 1.5), math.log1p(shared.days), words or 0.0, words is None, shared.street]


def timings(counts: list[int]) -> None:
    """CPU and wall time of a suggestion and of a search, with more and more cases."""
    from django.db import connection, transaction

    from miasto.kernel.cases import selectors as cases
    from miasto.modules.contact_centre.case_type import KEY
    from miasto.modules.contact_centre.likeness.selectors import likely_category

    texts = [text for text, _slug in own_sentences()]
    print("\n| what | CPU ms | p50 ms | p95 ms |")
    print("|---|---:|---:|---:|")
    _row("suggestion by keywords", lambda at: cases.suggest_categories(KEY, texts[at % len(texts)], limit=4))
    _row("suggestion, model and database", lambda at: likely_category(texts[at % len(texts)]))
    with transaction.atomic():
        for count in counts:
            _multiply(count)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE cases_case")
            _row(f"duplicate search, {cases.visible_cases(_system()).count():,} cases", _searches())
        transaction.set_rollback(True)


def _system() -> Any:
    from miasto.kernel.accounts.selectors import SYSTEM

    return SYSTEM


def _searches() -> Callable[[int], Any]:
    from miasto.kernel.accounts.selectors import ANONYMOUS
    from miasto.kernel.cases import selectors as cases
    from miasto.modules.contact_centre.likeness.selectors import likely_duplicates

    found = cases.visible_cases(_system()).filter(progress__in=("open", "waiting")).select_related("category", "text")
    rows = list(found.order_by("?")[:ASKED])

    def search(at: int) -> Any:
        row = rows[at % len(rows)]
        return likely_duplicates(
            category=row.category, point=(row.geom.x, row.geom.y), text=row.text.description, viewer=ANONYMOUS, exclude=row.pk
        )

    return search


def _row(name: str, call: Callable[[int], Any]) -> None:
    for at in range(20):
        call(at)
    took, cpu = [], time.process_time()
    for at in range(ASKED):
        began = time.perf_counter()
        call(at)
        took.append((time.perf_counter() - began) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / ASKED
    cuts = statistics.quantiles(took, n=20)
    print(f"| {name} | {cpu:.2f} | {statistics.median(took):.2f} | {cuts[-1]:.2f} |")


def _multiply(count: int) -> None:
    """Copies of the cases at places of their own until there are ``count``; without threads, which only a commit would miss."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_case")
        present = cursor.fetchone()[0]
        if count <= present:
            return
        rounds = -(-count // present) - 1
        cursor.execute(
            "CREATE TEMP TABLE copied ON COMMIT DROP AS "
            "SELECT id AS old, gen_random_uuid() AS id, gen_random_uuid() AS thread_id, "
            "row_number() OVER () AS n, random() * 0.12 - 0.06 AS east, random() * 0.09 - 0.045 AS north "
            "FROM cases_case, generate_series(1, %s) LIMIT %s",
            [rounds, count - present],
        )
        own = {
            "id": "copied.id",
            "thread_id": "copied.thread_id",
            "number": "'ZG-1999-' || lpad(n::text, 7, '0')",
            "client_key": "NULL",
            "geom": "ST_Translate(geom, east, north)",
        }
        _copy(cursor, "cases_case", own, "cases_case AS source JOIN copied ON copied.old = source.id")
        texts = "cases_casetext AS source JOIN copied ON copied.old = source.case_id"
        _copy(cursor, "cases_casetext", {"case_id": "copied.id"}, texts)
        cursor.execute("DROP TABLE copied")


def _copy(cursor: Any, table: str, own: dict[str, str], source: str) -> None:
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
    cursor.execute(columns, [table])
    names = [row[0] for row in cursor.fetchall()]
    values = ", ".join(own.get(name, f"source.{name}") for name in names)
    cursor.execute(COPY.format(table=table, columns=", ".join(names), values=values, source=source))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="*", default=[3_000, 100_000])
    parser.add_argument("--classifier", action="store_true", help="the tables of the classifier only")
    asked = parser.parse_args()
    import django

    django.setup()
    classifier()
    if asked.classifier:
        return
    duplicates()
    timings(asked.cases)


if __name__ == "__main__":
    main()
