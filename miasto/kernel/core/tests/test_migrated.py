"""The database of the tests begins as a copy of one whose migrations are all among the present ones."""

from miasto.kernel.core.migrated import nearest

NOW = {"applications": "a", "x/0001.py": "1", "x/0002.py": "2"}


def test_the_one_with_most_of_the_present_migrations_is_copied():
    kept = {"old": {"applications": "a", "x/0001.py": "1"}, "older": {"applications": "a"}}
    assert nearest(kept, NOW) == "old"


def test_one_with_a_changed_a_renamed_or_a_foreign_migration_is_not_copied():
    changed = {"applications": "a", "x/0001.py": "other"}
    renamed = {"applications": "a", "x/0001.py": "1", "x/0002_former.py": "2"}
    applications = {"applications": "b", "x/0001.py": "1"}
    assert nearest({"changed": changed, "renamed": renamed, "applications": applications}, NOW) == "template1"
