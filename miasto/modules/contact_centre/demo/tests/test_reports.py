"""The made-up year: deterministic, believable, and in step with the declared stages."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.case_type import REPORT
from miasto.modules.contact_centre.demo.grammar import Spot, locative
from miasto.modules.contact_centre.demo.lives import Crew
from miasto.modules.contact_centre.demo.reports import Found, Year, digest, topics
from miasto.modules.contact_centre.demo.rhythm import office_time

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CLERK, HEAD, OPERATOR, RESIDENTS = UUID(int=1), UUID(int=2), UUID(int=3), [UUID(int=number) for number in range(10, 40)]


def make(seed=1, count=1500, now=NOW):
    profile = city()
    unit_of = {row["key"]: row["unit"] for row in profile.rows("competences")}
    found = topics(profile.toml("categories.toml"), profile.toml("demo_reports.toml"), unit_of.__getitem__)
    year = Year(city=profile, table=profile.toml("demo_reports.toml"), topics=found, seed=seed, now=now)
    reports = year.outline(count)
    crews = {row["slug"]: Crew((CLERK,), HEAD) for row in profile.rows("units")}
    places = [Found("ul. Długa 7", None)] * count
    year.tell(reports, places, crews, [OPERATOR], unit_of["contact"], RESIDENTS, 60)
    return reports


@pytest.fixture(scope="module")
def reports():
    return make()


def test_the_same_seed_and_moment_give_the_same_year(reports):
    assert digest(make()) == digest(reports)
    assert digest(make(seed=2)) != digest(reports)


def test_every_report_was_filed_within_the_last_year_and_some_within_the_last_hour(reports):
    assert all(NOW - timedelta(days=366) < report.filed_at < NOW for report in reports)
    assert sum(report.filed_at > NOW - timedelta(hours=1) for report in reports) >= 2
    assert [report.filed_at for report in reports] == sorted(report.filed_at for report in reports)


def test_nothing_happens_before_the_filing_or_after_now(reports):
    for report in reports:
        times = [item.at for item in report.life.happenings]
        assert times == sorted(times)
        assert all(report.filed_at < at < NOW for at in times)


def test_each_life_follows_the_declared_transitions(reports):
    for report in reports:
        stage = REPORT.initial.key
        for item in report.life.happenings:
            if item.kind == "step":
                step = REPORT.transition(item.transition)
                assert stage in step.sources
                assert ("filer" in step.by) == (item.by == "filer")
                stage = step.target


def test_what_a_transition_needs_is_said(reports):
    for report in reports:
        for item in report.life.happenings:
            needs = REPORT.transition(item.transition).needs if item.kind == "step" else ()
            assert item.words or not {"answer", "question", "reason"} & set(needs)


def test_roads_are_icy_in_winter_and_grass_is_long_in_summer(reports):
    icy = Counter(clock.local(r.filed_at).month in (11, 12, 1, 2, 3, 4) for r in reports if r.topic.season == "winter")
    green = Counter(clock.local(r.filed_at).month in (4, 5, 6, 7, 8, 9, 10) for r in reports if r.topic.season == "summer")
    assert icy[False] == 0
    assert green[True] > 4 * green[False]


def test_people_report_more_on_working_days_and_hardly_at_night(reports):
    days = Counter(clock.local(report.filed_at).weekday() for report in reports)
    night = sum(1 <= clock.local(report.filed_at).hour < 5 for report in reports)
    assert days[0] > days[6]
    assert night < len(reports) * 0.03


def test_texts_hardly_ever_repeat(reports):
    assert len({report.words.text for report in reports}) > len(reports) * 0.95


def test_personal_data_stand_in_some_texts_and_never_in_what_is_published(reports):
    private = [report for report in reports if report.words.private]
    assert 0.01 < len(private) / len(reports) < 0.1
    for report in private:
        assert "000 " not in report.words.masked
        assert report.words.masked.startswith(report.words.text[:20])


def test_all_fates_occur(reports):
    last = Counter()
    for report in reports:
        steps = [item.transition for item in report.life.happenings if item.kind == "step"]
        last[steps[-1] if steps else "received"] += 1
        last["disputed"] += "dispute" in steps
        last["asked"] += "ask" in steps
    for fate in ("received", "start", "resolve", "confirm", "close", "reject", "forward", "disputed", "asked"):
        assert last[fate] > 0, fate
    assert last["confirm"] + last["close"] > 0.6 * len(reports)


def test_some_open_reports_are_overdue_and_most_are_not(reports):
    ends = {"resolve", "reject", "forward"}
    still = [r for r in reports if not any(item.transition in ends for item in r.life.happenings)]
    late = [r for r in still if NOW - r.filed_at > timedelta(days=r.topic.days)]
    assert 3 <= len(late) < 0.06 * len(reports)


def test_required_questions_are_answered_with_known_choices(reports):
    for report in reports:
        for question in report.topic.questions:
            given = report.answers.get(question["key"])
            assert given or not question.get("required")
            if given and question["kind"] == "choice":
                assert given in [value for value, _label in question["choices"]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Warszawska", "Warszawskiej"), ("Polna", "Polnej"), ("Krótka", "Krótkiej"), ("Bema", "Bema"), ("Rynek", "Rynku")],
)
def test_street_names_are_inflected_as_people_say_them(name, expected):
    assert locative(name, frozenset({"Bema"}), {"Rynek": "Rynku"}) == expected


def test_a_place_without_a_number_or_street_still_reads_as_a_sentence(reports):
    profile = city()
    year = Year(city=profile, table=profile.toml("demo_reports.toml"), topics=[reports[0].topic], seed=5, now=NOW)
    assert year.grammar.report("latarnia-nie-swieci", Spot("Polna", ""), "home").text


def test_a_profile_without_words_still_gets_reports():
    profile = city()
    categories = {"categories": [{"slug": "x", "children": [{"slug": "y", "competence": "other"}]}]}
    year = Year(city=profile, table={}, topics=topics(categories, {}, lambda competence: "unit"), seed=1, now=NOW)
    made = year.outline(80)
    year.tell(made, [Found("", None)] * 80, {}, [OPERATOR], "", [], 0)
    assert all(report.words.text and report.life for report in made)
    assert all(item.words for report in made for item in report.life.happenings if item.kind in ("comment", "added"))


def test_offices_work_on_working_days_only():
    import random

    saturday = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    found = clock.local(office_time(random.Random(1), saturday))
    assert found.weekday() == 0
    assert 7 <= found.hour <= 10
    christmas = datetime(2025, 12, 25, 10, 0, tzinfo=UTC)
    assert clock.local(office_time(random.Random(1), christmas)).day == 29
