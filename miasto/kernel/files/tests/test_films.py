"""Films and captions: told by content, without what the camera wrote, handed out in ranges."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.files import selectors, services, storage
from miasto.kernel.files.testing import box, drawn_film, make_upload

pytestmark = pytest.mark.django_db
WHERE = b"\xa9xyz+50.8703+020.6275/"
FILMED = (3_800_000_000).to_bytes(4, "big")


def phone_film() -> bytes:
    """A film as a telephone writes it: place and time in its boxes."""
    header = box(b"mvhd", bytes(4) + FILMED * 2 + bytes(88))
    handler = box(b"hdlr", bytes(8) + b"vide" + bytes(13))
    track = box(b"trak", box(b"mdia", handler))
    said = box(b"udta", WHERE) + box(b"uuid", b"<x:xmpmeta>Anna</x:xmpmeta>")
    return box(b"ftyp", b"isom\0\0\2\0isommp42") + box(b"moov", header + track + said) + box(b"mdat", b"picture" * 50)


def stored(data, name="film.mp4"):
    return services.store_film(upload=ContentFile(data, name=name), by=ANONYMOUS)


def read(response):
    return b"".join(response.streaming_content)


def test_place_and_time_of_a_film_are_overwritten_and_its_length_stays():
    data = phone_film()
    file = stored(data)
    kept = storage.path(file.pk, "mp4").read_bytes()
    assert len(kept) == len(data) == file.size
    assert kept.endswith(b"picture" * 50)
    for secret in (WHERE, b"xmpmeta", FILMED):
        assert secret in data
        assert secret not in kept


def test_a_real_film_is_still_played_after_its_metadata_are_gone():
    import cv2

    for kind in ("webm", "mp4"):
        file = stored(drawn_film(kind=kind), f"film.{kind}")
        assert selectors.kind_of(file) == kind
        # the reader tells the type by the ending
        copy = storage.path(file.pk, kind).with_name(f"look.{kind}")
        copy.write_bytes(storage.path(file.pk, kind).read_bytes())
        assert cv2.VideoCapture(str(copy)).read()[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script>",
        box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", b""),
        box(b"ftyp", b"isom\0\0\2\0isom") + box(b"mdat", b"x" * 40),
        phone_film()[:-200],
        b"\x1a\x45\xdf\xa3\x9fwebm" + bytes(60),
    ],
)
def test_what_is_no_film_is_refused_and_leaves_no_bytes(data):
    before = sum(1 for _file in storage.stored())
    with pytest.raises(ValidationError, match="film"):
        stored(data)
    assert sum(1 for _file in storage.stored()) == before


def test_a_picture_named_as_a_film_is_refused():
    with pytest.raises(ValidationError, match="nie jest filmem"):
        services.store_film(upload=make_upload("film.mp4"), by=ANONYMOUS)


def test_a_player_gets_the_range_it_asks_for(client):
    data = phone_film()
    url = services.link(stored(data).pk, "mp4")
    whole = client.get(url)
    assert (whole.status_code, whole["Accept-Ranges"], whole["Content-Type"]) == (200, "bytes", "video/mp4")
    kept = read(whole)
    assert len(kept) == len(data)
    for asked, start, end in (("bytes=0-9", 0, 10), ("bytes=100-", 100, len(kept)), ("bytes=-7", len(kept) - 7, len(kept))):
        part = client.get(url, headers={"Range": asked})
        assert part.status_code == 206
        assert part["Content-Range"] == f"bytes {start}-{end - 1}/{len(kept)}"
        assert read(part) == kept[start:end]
    beyond = client.get(url, headers={"Range": f"bytes={len(kept)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(kept)}")
    assert client.get(url, headers={"Range": "bytes=0-1,4-5"}).status_code == 200
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).status_code == 200
    assert client.head(url)["Content-Length"] == str(len(kept))
    assert client.get(url, headers={"If-None-Match": whole["ETag"]}).status_code == 304


def test_captions_are_webvtt_and_nothing_else(client):
    good = "WEBVTT\n\n00:00.000 --> 00:02.000\nDzień dobry.\n"
    file = services.store_captions(upload=ContentFile(good.encode("utf-8-sig"), name="napisy.vtt"), by=ANONYMOUS)
    answer = client.get(services.link(file.pk, "vtt"))
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert read(answer).decode() == good
    for bad in (b"1\n00:00:00,000 --> 00:00:02,000\nSRT\n", "WEBVTT\n\n--> \xff".encode("latin-1"), b"WEBVTT\n\nnothing"):
        with pytest.raises(ValidationError, match="WebVTT"):
            services.store_captions(upload=ContentFile(bad, name="napisy.vtt"), by=ANONYMOUS)
