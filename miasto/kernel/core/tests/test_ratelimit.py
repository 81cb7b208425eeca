"""Rate limits are counted for each device and end with their window."""

import pytest
from django.db import connection

from miasto.kernel.core import ratelimit

pytestmark = pytest.mark.django_db


def use(who="192.0.2.1", limit=2):
    ratelimit.hit(name="report", who=who, limit=limit, per_s=60)


def test_uses_past_the_limit_are_refused_with_the_time_to_wait():
    use()
    use()
    with pytest.raises(ratelimit.TooMany) as refused:
        use()
    assert 1 <= refused.value.retry_after <= 60


def test_another_device_has_a_limit_of_its_own():
    use(limit=1)
    use("192.0.2.2", limit=1)


def test_a_new_window_begins_when_the_old_one_is_over():
    use(limit=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_ratelimit SET until = now() - interval '1 second'")
    use(limit=1)


def test_the_device_is_not_stored_in_clear():
    use()
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM core_ratelimit")
        assert "192.0.2.1" not in str(cursor.fetchall())
