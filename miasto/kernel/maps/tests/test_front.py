"""The cache of public tiles: fresh within a second of a change, and never a place for anything that is not public."""

import asyncio
import gzip
import time

import pytest
from django.conf import settings
from django.db import connection

from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core.freshness import Listener
from miasto.kernel.maps import front as fronts
from miasto.kernel.maps.freshness import install_triggers, tables_of
from miasto.kernel.maps.layers import layers
from miasto.kernel.maps.testing import features_of, tile_at
from miasto.kernel.places.models import Place
from miasto.kernel.places.testing import make_place, point

pytestmark = pytest.mark.django_db(transaction=True)


class Application:
    """Stands for Django behind the front and counts what gets through."""

    def __init__(self):
        self.asked = 0

    async def __call__(self, scope, receive, send):
        self.asked += 1
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def front(schools):
    heard = Listener()
    heard.start()
    until = time.monotonic() + 30
    while heard.version(["x"]) is None and time.monotonic() < until:
        time.sleep(0.01)
    made = fronts.TileFront(Application(), heard=heard)
    yield made
    made.close()
    heard.stop()


def path_here(spec, z=14):
    where = point()
    return "/mapa/kafelki/{}/{}/{}/{}.mvt".format(spec.key, *tile_at(where.x, where.y, z))


def ask(front, path, *, method="GET", headers=()):
    """``(status, headers, body)`` of one request through the front."""
    sent = []

    async def send(message):
        sent.append(message)

    async def run():
        scope = {"type": "http", "method": method, "path": path, "scheme": "http", "headers": list(headers)}
        await front(scope, None, send)

    asyncio.run(run())
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(one.get("body", b"") for one in sent[1:])


def settle(front):
    """Wait until the notices of what was written before have come."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('miasto_tables', 'settled')")
    until = time.monotonic() + 30
    while front.heard.version(["settled"])[1] == 0:
        assert time.monotonic() < until, "no notice came"
        time.sleep(0.005)


def names(front, path):
    return {one["id"] for one in features_of(ask(front, path)[2])}


def counted(front, monkeypatch):
    """How many times the database is asked for a tile."""
    calls = []
    read = fronts.tiles.Reader.bytes
    monkeypatch.setattr(fronts.tiles.Reader, "bytes", lambda *given: calls.append(1) or read(*given))
    return calls


def test_a_tile_is_asked_of_the_database_once(front, schools, monkeypatch):
    make_place()
    settle(front)
    calls = counted(front, monkeypatch)
    first, second = ask(front, path_here(schools)), ask(front, path_here(schools))
    assert first == second
    assert first[0] == 200
    assert len(calls) == 1
    assert front.app.asked == 0


def test_a_change_is_seen_at_once_and_not_when_the_tile_is_old(front, schools):
    one = make_place()
    path = path_here(schools)
    assert names(front, path) == {str(one.pk)}
    other = make_place()
    wait_until(lambda: names(front, path) == {str(one.pk), str(other.pk)})
    Place.objects.filter(pk=one.pk).update(audience="private")
    wait_until(lambda: names(front, path) == {str(other.pk)})


def wait_until(holds):
    """Less than a tile is kept (``KEEP_S``), more than a busy machine takes for a notice."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until, "the tile is still the old one"
        time.sleep(0.02)


def test_a_session_leads_past_the_cache(front, schools):
    cookie = f"x=1; {settings.SESSION_COOKIE_NAME}=abc".encode()
    status, _headers, _body = ask(front, path_here(schools), headers=[(b"cookie", cookie)])
    assert status == 299
    assert front.app.asked == 1
    assert not front.cache.tiles
    front.close()


def test_a_connection_that_the_database_closed_is_replaced(front, schools):
    make_place()
    ask(front, path_here(schools))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND query LIKE '%ST_AsMVT%' AND pid <> pg_backend_pid()"
        )
        assert cursor.rowcount > 0
    make_place(geom=point(east_m=20))
    settle(front)
    assert len(features_of(ask(front, path_here(schools))[2])) == 2


def test_credentials_lead_past_the_cache(front, schools):
    assert ask(front, path_here(schools), headers=[(b"authorization", b"Bearer x")])[0] == 299


def test_what_staff_see_never_reaches_the_next_anonymous_visitor(front, schools, client):
    unit = make_unit()
    public, internal = make_place(), make_place(audience="unit", unit=unit)
    path = path_here(schools)
    client.force_login(make_staff("cases.clerk", unit))
    assert {one["id"] for one in features_of(client.get(path).content)} == {str(public.pk), str(internal.pk)}
    assert names(front, path) == {str(public.pk)}
    client.logout()
    assert {one["id"] for one in features_of(client.get(path).content)} == {str(public.pk)}


def test_the_same_content_is_not_sent_twice(front, schools):
    make_place()
    _status, headers, _body = ask(front, path_here(schools))
    status, again, body = ask(front, path_here(schools), headers=[(b"if-none-match", headers[b"etag"])])
    assert (status, body) == (304, b"")
    assert again[b"etag"] == headers[b"etag"]
    assert b"Cookie" in headers[b"vary"]
    assert headers[b"cache-control"].startswith(b"public")
    assert headers[b"x-content-type-options"] == b"nosniff"


def test_a_large_tile_is_packed_for_those_who_can_unpack_it(front, schools):
    for metres in range(60):
        make_place(geom=point(east_m=metres))
    plain = ask(front, path_here(schools))
    packed = ask(front, path_here(schools), headers=[(b"accept-encoding", b"gzip, br")])
    assert packed[1][b"content-encoding"] == b"gzip"
    assert gzip.decompress(packed[2]) == plain[2]
    assert len(packed[2]) < len(plain[2])


def test_head_tells_the_length_without_the_body(front, schools):
    make_place()
    status, headers, body = ask(front, path_here(schools), method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers[b"content-length"]) > 0


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/mapa/kafelki/maps.schools/1/0/0.mvt"), ("GET", "/mapa/kafelki/maps.nowhere/1/0/0.mvt"),
     ("GET", "/mapa/kafelki/maps.schools/1/7/0.mvt"), ("GET", "/mapa/")],
)  # fmt: skip
def test_everything_else_is_left_to_the_application(front, method, path):
    assert ask(front, path, method=method)[0] == 299


def test_visitors_who_want_the_same_cold_tile_share_one_query(front, schools, monkeypatch):
    make_place()
    settle(front)
    calls = counted(front, monkeypatch)
    scope = {"type": "http", "method": "GET", "path": path_here(schools), "scheme": "http", "headers": []}

    async def send(_message):
        pass

    async def crowd():
        await asyncio.gather(*(front(dict(scope), None, send) for _ in range(20)))

    asyncio.run(crowd())
    assert len(calls) == 1


def test_nothing_is_kept_while_changes_cannot_be_heard(schools):
    class Deaf(Listener):
        def start(self):
            pass

    front = fronts.TileFront(Application(), heard=Deaf())
    make_place()
    assert ask(front, path_here(schools))[0] == 200
    assert not front.cache.tiles


def test_a_listener_that_lost_its_connection_makes_everything_new(front, schools):
    make_place()
    settle(front)
    ask(front, path_here(schools))
    before = front.heard.version(["places_place"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN miasto_tables' "
            "AND datname = current_database()"
        )
    wait_until(lambda: front.heard.version(["places_place"]) not in (None, before))
    assert ask(front, path_here(schools))[0] == 200


def test_old_tiles_leave_a_full_cache():
    cache = fronts.Cache(most_bytes=10_000)
    for x in range(20):
        cache.put(("maps.schools", 14, x, 0), fronts.Kept(b"x" * 1000, '"e"', (1,), 0))
    assert cache.held <= 10_000
    assert ("maps.schools", 14, 19, 0) in cache.tiles
    assert ("maps.schools", 14, 0, 0) not in cache.tiles


def test_the_tables_behind_a_layer_are_known(schools):
    assert tables_of(schools) == {"places_place"}


def test_migrating_makes_every_table_behind_a_layer_tell_of_its_changes():
    assert layers()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'core_touch'")
        telling = {name for (name,) in cursor.fetchall()}
    assert telling >= {table for spec in layers() for table in tables_of(spec)}
    assert install_triggers() == []
