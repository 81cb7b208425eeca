"""The audit is appended and never edited."""

import pytest
from django.db import DatabaseError, connection, transaction

from miasto.kernel.core import changes, ids
from miasto.kernel.core.models import Change

pytestmark = pytest.mark.django_db


def made(object_id=None):
    return changes.record(
        action="lamp.lit", kind="lamps.lamp", object_id=object_id or ids.uuid7(), actor=changes.SYSTEM, data={"stage": "on"}
    )


def test_the_history_of_an_object_is_told_oldest_first():
    lamp = ids.uuid7()
    first, second = made(lamp), made(lamp)
    made()
    assert changes.history(lamp) == [first, second]


def test_changes_recorded_together_are_one_statement_in_their_order(django_assert_num_queries):
    lamp = ids.uuid7()
    with django_assert_num_queries(1), changes.together():
        first = made(lamp)
        with changes.together():
            second = made(lamp)
    assert changes.history(lamp) == [first, second]


def test_a_block_that_fails_records_nothing_and_leaves_no_trace_for_the_next():
    def failing():
        with changes.together():
            made()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert not Change.objects.exists()
    with changes.together():
        made()
    assert Change.objects.count() == 1


@pytest.mark.parametrize("statement", ["UPDATE core_change SET action = 'x'", "DELETE FROM core_change"])
def test_the_database_refuses_to_edit_the_audit(statement):
    made()
    with pytest.raises(DatabaseError, match="appended, never edited"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Change.objects.count() == 1
