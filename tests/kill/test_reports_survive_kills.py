"""Web server and worker killed again and again while residents report: none lost, none doubled, each told once."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kill.filer import Filer

REPORTS = 12


@pytest.fixture
def leaf_and_point(running_city):
    category = running_city.sql(
        "SELECT id FROM cases_category WHERE parent_id IS NOT NULL AND active AND NOT danger "
        "AND coalesce(jsonb_array_length(nullif(questions, 'null')), 0) = 0 ORDER BY slug LIMIT 1"
    )[0][0]
    lon, lat = running_city.sql("SELECT ST_X(geom), ST_Y(geom) FROM places_address ORDER BY id LIMIT 1")[0]
    return str(category), lon, lat


def test_no_report_is_lost_or_doubled_when_web_and_worker_are_killed(running_city, leaf_and_point):
    category, lon, lat = leaf_and_point
    dice = random.Random(7)
    filers = [Filer(running_city.url) for _ in range(REPORTS)]

    def file(number: int) -> str:
        time.sleep(number * 0.7)
        email = f"ofiara{number}@example.org"
        return filers[number].file(words=f"Dziura numer {number}", category=category, lon=lon, lat=lat, email=email)

    with ThreadPoolExecutor(REPORTS) as pool:
        waiting = [pool.submit(file, number) for number in range(REPORTS)]
        while not all(one.done() for one in waiting):
            time.sleep(dice.uniform(0.5, 2.0))
            part = dice.choice(["web", "web", "worker"])
            running_city.kill(part)
            getattr(running_city, f"start_{part}")()
        numbers = [one.result() for one in waiting]

    assert len(set(numbers)) == REPORTS
    kept = running_city.sql(
        "SELECT c.number, p.email FROM cases_case c JOIN cases_caseparty p ON p.case_id = c.id WHERE p.email LIKE 'ofiara%'"
    )
    assert sorted(kept) == sorted((number, f"ofiara{index}@example.org") for index, number in enumerate(numbers))
    assert sum(filer.repeated for filer in filers) > 0, "no kill met a request; the test proved nothing"

    for index, number in enumerate(numbers):
        mails = running_city.wait_for_mail(f"ofiara{index}@example.org", seconds=60)
        assert [number in mail["Subject"] for mail in mails] == [True]
