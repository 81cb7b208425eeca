"""Bathing water: the arithmetic of the directive, laboratory kept apart from sensors."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.core import clock
from miasto.modules.environment.law import bathing

NOW = datetime(2026, 7, 14, 10, 20, tzinfo=UTC)
COUNTS = st.lists(st.floats(0, 5000), min_size=16, max_size=40)


def test_a_sample_at_the_limit_passes_and_one_above_does_not():
    assert bathing.sample_passes({"ecoli": 1000, "enterococci": 400})
    assert bathing.sample_passes({"ecoli": 1001, "enterococci": 10}) is False
    assert bathing.sample_passes({"ecoli": 20, "enterococci": 401}) is False
    assert bathing.sample_passes({"ecoli": 20}) is None


@given(COUNTS, COUNTS)
def test_more_bacteria_never_make_a_better_class(ecoli, enterococci):
    order = list(bathing.Water)
    before = bathing.water_class({"ecoli": ecoli, "enterococci": enterococci})
    after = bathing.water_class({"ecoli": [10 * (one + 1) for one in ecoli], "enterococci": enterococci})
    assert order.index(after) >= order.index(before)


def test_samples_that_are_all_alike_have_their_own_value_as_percentile():
    assert bathing.percentile([200.0] * 16, bathing.Z95) == pytest.approx(200)
    assert bathing.water_class({"ecoli": [200.0] * 16, "enterococci": [100.0] * 16}) == bathing.Water.EXCELLENT
    assert bathing.water_class({"ecoli": [800.0] * 16, "enterococci": [100.0] * 16}) == bathing.Water.GOOD
    assert bathing.water_class({"ecoli": [2000.0] * 16, "enterococci": [100.0] * 16}) == bathing.Water.POOR
    assert bathing.water_class({"ecoli": [10.0] * 15, "enterococci": [10.0] * 16}) is None


def test_a_wide_spread_is_judged_by_the_ninetieth_percentile():
    spread = [10.0, 1000.0] * 8  # logarithms 1 and 3; their deviation as a sample is sqrt(16 / 15)
    assert bathing.percentile(spread, bathing.Z90) == pytest.approx(10 ** (2 + 1.282 * (16 / 15) ** 0.5))
    borderline = [200.0, 700.0] * 8  # 95th percentile above 1,000, 90th below 900
    assert bathing.percentile(borderline, bathing.Z95) > 1000
    assert bathing.water_class({"ecoli": borderline, "enterococci": [10.0] * 16}) == bathing.Water.SUFFICIENT


@pytest.mark.django_db
def test_the_page_judges_the_laboratory_and_only_shows_the_sensor(station):
    week = timedelta(days=7)
    with clock.at(NOW):
        assert "Nie mamy świeżego badania wody." in Client().get("/woda/jakosc/").content.decode()
        counts = {"ecoli": [100.0] * 17 + [1200.0], "enterococci": [50.0] * 18}
        station("water", "zalew", counts, now=NOW, step=week)
        station("water", "sonda", {"ph": [7.6, 7.7], "dissolved_oxygen": [8.1, 8.2]}, now=NOW, grade="indicative")
        station("water", "skryta", {"ph": [3.0]}, now=NOW, audience="unit")
        text = Client().get("/woda/jakosc/").content.decode()
    assert "W ostatniej próbce bakterii było za dużo." in text
    assert "za dużo bakterii" in text
    assert "1 200" in text or "1200" in text or "1\xa0200" in text
    assert "7,7" in text
    assert "skryta" not in text
