"""The database of the tests begins as a copy of one whose migrations are all among the present ones."""

from miasto.kernel.core.migrated import nearest

NOW = {"app": "installed", "x/0001.py": "1", "x/0002.py": "2"}


def test_the_one_with_most_of_the_present_migrations_is_copied():
    kept = {"old": {"app": "installed", "x/0001.py": "1"}, "older": {"app": "installed"}}
    assert nearest(kept, NOW) == "old"
    assert nearest({"without an application": {"x/0001.py": "1"}}, NOW) == "without an application"


def test_one_with_a_changed_a_renamed_or_a_foreign_migration_is_not_copied():
    changed = {"app": "installed", "x/0001.py": "other"}
    renamed = {"app": "installed", "x/0001.py": "1", "x/0002_former.py": "2"}
    applications = {"app": "installed", "other": "installed", "x/0001.py": "1"}
    assert nearest({"changed": changed, "renamed": renamed, "applications": applications}, NOW) == "template1"
