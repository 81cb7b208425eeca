"""The likeness of two reports: what it must always obey."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from miasto.modules.contact_centre.likeness.pairs import (
    Common,
    Told,
    common,
    likeness,
    metres_between,
    overlap,
    radius_of,
    street_of,
    words_of,
)

MIDDLE = (20.63, 50.87)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WORDS = some.frozensets(some.sampled_from(["dziura", "lampa", "swiecic", "jezdnia", "kosz", "drzewo", "peknac", "ciemno"]))
TOLD = some.builds(
    Told,
    category=some.sampled_from(["dziura", "latarnia", "kosz"]),
    point=some.tuples(some.floats(20.62, 20.64), some.floats(50.86, 50.88)),
    filed_at=some.integers(0, 100_000).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    words=some.none() | WORDS,
    street=some.sampled_from(["", "ul. dluga", "ul. krotka"]),
    object_id=some.none() | some.just(UUID(int=1)) | some.just(UUID(int=2)),
)
COMMON = some.builds(
    Common,
    metres=some.floats(0, 1000),
    radius=some.floats(5, 500),
    days=some.floats(0, 400),
    words=some.none() | some.floats(0, 1),
    category=some.booleans(),
    street=some.booleans(),
    thing=some.booleans(),
)


@given(TOLD, TOLD)
def test_it_is_the_same_whichever_report_is_named_first(one, other):
    assert common(one, other) == common(other, one)
    assert 0 <= likeness(common(one, other)) <= 1


@given(COMMON, some.floats(0, 1000))
def test_it_never_grows_with_the_distance(shared, further):
    assert likeness(replace(shared, metres=shared.metres + further)) <= likeness(shared)


@given(COMMON, some.floats(0, 400))
def test_it_never_grows_with_the_time_between(shared, longer):
    assert likeness(replace(shared, days=shared.days + longer)) <= likeness(shared)


@given(COMMON)
def test_the_same_category_street_object_and_words_speak_for_it(shared):
    bare = replace(shared, category=False, street=False, thing=False, words=0.0)
    for more in ({"category": True}, {"street": True}, {"thing": True}, {"words": 1.0}):
        assert likeness(replace(bare, **more)) > likeness(bare)


@given(WORDS, WORDS)
def test_the_overlap_of_words_is_symmetric_and_whole_for_the_same_words(one, other):
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) == (1.0 if one else 0.0)
    assert overlap(one, None) is None


def test_distances_are_in_metres():
    north = (MIDDLE[0], MIDDLE[1] + 100 / 111_195)
    assert abs(metres_between(MIDDLE, north) - 100) < 0.5
    assert metres_between(MIDDLE, MIDDLE) == 0


def test_polite_phrases_and_house_numbers_are_not_what_a_report_is_about():
    assert words_of("Dzień dobry, proszę o interwencję. Lampa nr 12 nie świeci. Z góry dziękuję!") == {
        "lampa",
        "numer",
        "swiecic",
    }
    assert street_of("ul. Długa 12A") == street_of("ul. Długa 3") == "ul. dluga"


def test_a_category_unknown_to_the_profile_has_the_usual_radius():
    assert radius_of("nie-ma-takiej") == 60
