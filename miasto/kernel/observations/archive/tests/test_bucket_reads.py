"""Many ranges at once: the right bytes, few requests, and an end when nobody waits."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from miasto.kernel.observations.archive import bucket, fetching, moving, place, series
from miasto.kernel.observations.archive.fetching import Span
from miasto.kernel.observations.archive.flow import Flow
from miasto.kernel.observations.archive.models import ArchiveFile
from miasto.kernel.observations.archive.tests.conftest import known_as, standing
from miasto.kernel.observations.archive.tests.test_reads import FAR, FIRST, _random_day
from miasto.kernel.observations.store import reading

pytestmark = pytest.mark.usefixtures("stored")
SIZE = 90_000


def fill(store, tmp_path, count, *, seed=1):
    """Objects of random bytes, by name."""
    dice, made = random.Random(seed), {}
    for number in range(count):
        file = tmp_path / f"{number}"
        made[f"{seed}-{number}.parquet"] = dice.randbytes(SIZE)
        file.write_bytes(made[f"{seed}-{number}.parquet"])
        store.keep(file, f"{seed}-{number}.parquet", place.digest_of(file)[1])
    return made


def read(store, asked, cuts=None):
    """As a job reads, which gives up no connection because the machine is busy."""
    with place.waiting(None):
        return [one for some in store.pieces(asked, cuts or [len(asked)]) for one in some]


def random_pieces(dice, objects):
    """Pieces by object and place, some close together, some not, and where a read is cut into stretches."""
    asked = []
    for name in sorted(objects):
        edges = sorted(dice.sample(range(SIZE), dice.choice([2, 4, 8])))
        asked += [(name, start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return asked, sorted({*dice.sample(range(1, len(asked)), 3), len(asked)})


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """The same over TLS, with a certificate of its own."""
    folder = tmp_path_factory.mktemp("tls")
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "store")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    (folder / "certificate").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    kinds = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *kinds))
    with standing(folder, "--tls", str(folder / "certificate"), str(folder / "key")) as port:
        yield f"https://127.0.0.1:{port}", str(folder / "certificate")


def test_pieces_of_many_objects_are_what_lies_there_whatever_goes_wrong_between(server, stored, tmp_path, monkeypatch):
    objects = fill(stored, tmp_path, 12)
    monkeypatch.setattr(bucket, "MEMORY_MB", 0)
    monkeypatch.setattr(bucket, "_buckets", {})
    for seed in range(25):
        dice = random.Random(seed)
        monkeypatch.setattr(fetching, "WIDTH", dice.choice([1, 3, 128]))
        for fault in ("slow", "cut"):
            server.goes_wrong(fault, dice.choice([0, 0, 0, 1]))
        asked, cuts = random_pieces(dice, objects)
        place.place().back_at = 0.0
        assert read(place.place(), asked, cuts) == [objects[name][start : start + length] for name, start, length in asked]


def test_the_same_comes_over_tls(secure, stored, tmp_path, monkeypatch):
    known_as(monkeypatch, secure[0])
    monkeypatch.setenv("AWS_CA_BUNDLE", secure[1])
    monkeypatch.setattr(bucket, "_buckets", {})
    store = place.place()
    objects = fill(store, tmp_path, 12)
    monkeypatch.setattr(store, "patiently", None)  # all of it by the connections that are kept
    for seed in range(3):
        asked, cuts = random_pieces(random.Random(seed), objects)
        assert read(store, asked, cuts) == [objects[name][start : start + length] for name, start, length in asked]


def test_pieces_that_lie_close_are_one_request_and_what_is_known_is_none(server, stored, tmp_path, monkeypatch):
    monkeypatch.setattr(bucket, "_buckets", {})
    store = place.place()
    objects = fill(store, tmp_path, 8, seed=2)
    asked = [(name, start, 500) for name in sorted(objects) for start in (0, 500, 30_000, 89_000)]
    server.asked()
    read(store, asked)
    assert len(server.asked()) == 8
    read(store, asked)
    assert server.asked() == []
    asked = [(name, start, 40) for name in sorted(objects) for start in (0, 100)]
    read(store, asked, [3, len(asked)])
    assert len(server.asked()) == 8


def test_reads_at_the_same_time_share_the_connections_that_a_process_may_have(server, stored, tmp_path, monkeypatch):
    objects = fill(stored, tmp_path, 4, seed=5)
    monkeypatch.setattr(fetching, "WIDTH", 8)
    monkeypatch.setattr(fetching, "MOST", 10)
    monkeypatch.setattr("miasto.kernel.observations.archive.flow.GAP", -1)
    monkeypatch.setattr(bucket, "_buckets", {})
    store, shares = place.place(), []
    server.is_far(15)
    asked = [[(name, place, 7) for place in range(number, 80_000, 1000)] for number, name in enumerate(sorted(objects))]
    begun = fetching._Run._more
    monkeypatch.setattr(fetching._Run, "_more", lambda run: shares.append(run.store._open) or begun(run))
    with ThreadPoolExecutor(4) as pool:
        for pieces, found in zip(asked, pool.map(lambda some: read(store, some), asked), strict=True):
            assert found == [objects[name][start : start + length] for name, start, length in pieces]
    assert max(shares) <= 10
    assert store._fetchers[0].wanting == 0


def test_a_file_that_is_read_on_and_on_comes_in_blocks_and_one_that_is_looked_into_by_what_is_wanted(
    server, stored, tmp_path, monkeypatch
):
    monkeypatch.setattr(bucket, "AHEAD", 10_000)
    monkeypatch.setattr(bucket, "TAIL", 1000)
    ((name, content),) = fill(stored, tmp_path, 1, seed=6).items()

    def opened():
        return bucket.Ranges(f"s3://readings/city/{name}", patient=True)

    server.asked()
    whole = opened()
    found, dice = b"", random.Random(6)
    while len(found) < SIZE:
        piece = whole.read(dice.choice([1, 900, 15_000]))
        assert piece
        found += piece
    assert found == content
    assert len(server.asked()) <= 2 + SIZE // 10_000
    looked = opened()
    for place_of_it in (70_000, 20_000, 45_000, 100):
        looked.seek(place_of_it)
        assert looked.read(50) == content[place_of_it : place_of_it + 50]
    assert [line.rpartition("=")[2] for line in server.asked()] == ["70000-70049", "20000-20049", "45000-45049", "100-149"]


def test_a_range_that_is_refused_for_good_is_told_and_the_store_is_not_asked_for_all_the_others(server, stored, tmp_path):
    objects = fill(stored, tmp_path, 3, seed=3)
    asked = [("3-0.parquet", 0, 10), ("absent.parquet", 0, 10), *((f"absent-{n}.parquet", 0, 10) for n in range(2000))]
    server.asked()
    with pytest.raises(place.Unreachable, match="NoSuchKey"):
        read(stored, asked)
    assert len(server.asked()) < 2 * fetching.WIDTH
    server.goes_wrong("deny", 9999)
    with pytest.raises(place.Unreachable, match="AccessDenied"):
        read(stored, [(name, 0, 10) for name in sorted(objects)])
    server.goes_wrong("deny", 0)
    with pytest.raises(place.Unreachable, match="uszkodzony"):
        read(stored, [("3-0.parquet", SIZE - 5, 10)])


def test_a_read_that_nobody_waits_for_any_more_asks_for_nothing_more(server, stored, tmp_path, monkeypatch):
    (name,) = fill(stored, tmp_path, 1, seed=4)
    monkeypatch.setattr(fetching, "WIDTH", 8)
    monkeypatch.setattr("miasto.kernel.observations.archive.flow.GAP", -1)
    spans = [Span(f"city/{name}", place, 1) for place in range(0, 80_000, 100)]
    server.is_far(20)
    server.asked()
    cut = Flow(stored, spans, 20.0)
    begun = cut.stretches([10, len(spans)])
    assert len(next(begun)) == 10
    begun.close()
    late = Flow(stored, spans[20:], 0.1)
    with pytest.raises(place.Unreachable):
        list(late.stretches([10, len(spans) - 20]))
    until = time.monotonic() + 30
    while not (cut.over and late.over):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert 10 <= len(server.asked()) < 200
    assert server.asked() == []


@pytest.mark.django_db
def test_series_out_of_a_bucket_are_those_out_of_a_folder(stored, archive_folder, monkeypatch):
    monkeypatch.setattr(bucket.Bucket, "stretch", 60_000)
    monkeypatch.setenv("MIASTO_ARCHIVE", str(archive_folder))
    days = [FIRST + timedelta(days=number) for number in range(6)]
    made = [one for seed, day in enumerate(days) for one in moving.write_parts(day, _random_day(day, seed), revision=1)]
    ArchiveFile.objects.bulk_create(made)
    questions = [(wanted, reading._everything(wanted, *FAR, 1)[0]) for wanted in ([10], [21], [9, 15, 30], list(range(9, 24)))]
    plain = [series.scan(files, wanted, *FAR) for wanted, files in questions]
    for one in made:
        stored.keep(archive_folder / one.name, one.name, one.sha256)
    monkeypatch.setenv("MIASTO_ARCHIVE", "s3://readings/city")
    for (wanted, files), before in zip(questions, plain, strict=True):
        assert [one.tolist() for one in series.scan(files, wanted, *FAR)] == [one.tolist() for one in before]
