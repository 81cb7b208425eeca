"""Parts that are the same for everybody: kept until what they show changes, and never longer than said."""

import time

import pytest
from django.db import connection
from django.utils.translation import override

from miasto.kernel.core import marks
from miasto.kernel.core.freshness import Listener, tell_of
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.ui import HomeSection, Shared
from miasto.kernel.ui.kept import Shelf, kept, tables_of

PART = Shared(key="ui.trial", models=("core.Mark",))


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.01)
    assert what()


@pytest.fixture
def heard(transactional_db):
    tell_of(["core_mark"])
    listener = Listener()
    listener.start()
    until(lambda: listener.version(["x"]) is not None)
    yield listener
    listener.stop()


def test_a_part_is_made_once_until_its_table_changes(heard):
    shelf, made = Shelf(heard=heard), iter(range(10))
    first = [shelf.get(PART, "", lambda: next(made)) for _ in range(3)]
    before = heard.version(["core_mark"])
    marks.put("trial", 1)
    until(lambda: heard.version(["core_mark"]) != before)
    assert [*first, shelf.get(PART, "", lambda: next(made))] == [0, 0, 0, 1]


def test_each_language_and_each_variant_has_its_own(heard):
    shelf = Shelf(heard=heard)
    for language in ("pl", "en"):
        for variant in ("a", "b"):
            with override(language):
                assert shelf.get(PART, variant, lambda text=language + variant: text) == language + variant


def test_a_part_is_not_kept_longer_than_it_says(heard):
    made = iter(range(10))
    shelf, brief = Shelf(heard=heard), Shared(key="ui.brief", models=("core.Mark",), seconds=0)
    assert [shelf.get(brief, "", lambda: next(made)) for _ in range(2)] == [0, 1]


def test_the_part_that_nobody_asks_for_goes_first(heard):
    shelf = Shelf(heard=heard, most=2)
    for variant in ("a", "b", "a", "c"):
        shelf.get(PART, variant, lambda: "first")
    again = {variant: shelf.get(PART, variant, lambda: "again") for variant in ("a", "c")}
    assert again == {"a": "first", "c": "first"}
    assert shelf.get(PART, "b", lambda: "again") == "again"


def test_nothing_is_kept_where_changes_are_not_heard():
    shelf, made = Shelf(heard=Listener()), iter(range(10))
    assert [shelf.get(PART, "", lambda: next(made)) for _ in range(2)] == [0, 1]


def test_a_part_that_nobody_declared_is_refused():
    with pytest.raises(LookupError):
        kept("ui.nobody", "", lambda: "")


@pytest.mark.django_db
def test_every_table_behind_a_shared_part_tells_of_its_changes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'core_touch'")
        telling = {name for (name,) in cursor.fetchall()}
    assert telling >= {table for spec in registry().all(Shared) for table in tables_of(spec)}


def test_a_home_section_names_a_part_that_exists():
    section = HomeSection(key="ui.trial", template="x.html", context=dict, shared="ui.nobody")
    assert list(section.problems(registry())) == ["no Shared 'ui.nobody' is declared"]


@pytest.mark.django_db
def test_a_table_that_is_not_migrated_yet_tells_nothing_and_stops_nothing():
    assert tell_of(["nothing_made_this"]) == []
