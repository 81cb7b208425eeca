"""After a test with real transactions the tables are as empty as Django's ``flush`` leaves them."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from miasto.kernel.core.testing import empty_tables


def rows():
    """``{table: how many rows}`` of the tables that hold any."""
    found = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
            if many := cursor.fetchone()[0]:
                found[name] = many
    return found


@pytest.mark.django_db(transaction=True)
def test_what_is_left_is_what_djangos_flush_leaves():
    group = Group.objects.create(name="Redakcja")
    group.permissions.add(Permission.objects.first())
    assert {"auth_group", "auth_group_permissions"} <= set(rows())
    empty_tables()
    left, types = rows(), set(ContentType.objects.values_list("app_label", "model"))
    call_command("flush", verbosity=0, interactive=False)
    ContentType.objects.clear_cache()
    assert set(rows()) == set(left)
    assert set(ContentType.objects.values_list("app_label", "model")) <= types
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
