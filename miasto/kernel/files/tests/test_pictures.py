"""What the decoder of pictures takes, refuses and removes."""

import io
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

from miasto.kernel.files import pictures
from miasto.kernel.files.pictures import BadPicture, clean
from miasto.kernel.files.testing import picture_bytes

MOST = 60_000_000


def taken(data: bytes) -> pictures.Picture:
    return clean(data, pixels_most=MOST)


def decoded(picture: pictures.Picture, variant: str = "large") -> Image.Image:
    found = Image.open(io.BytesIO(picture.variants[variant]))
    assert found.format == "JPEG"
    return found


def saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def heic(**picture) -> bytes:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return picture_bytes(kind="HEIF", **picture)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_common_format_becomes_jpeg_in_two_sizes(kind):
    picture = taken(picture_bytes(size=(2400, 1800), kind=kind))
    assert decoded(picture, "large").size == (1600, 1200)
    assert decoded(picture, "thumb").size == (480, 360)
    assert (picture.width, picture.height) == (1600, 1200)


def test_a_heic_photo_of_a_phone_is_taken_with_its_position():
    picture = taken(heic(size=(800, 600), position=(20.63, 50.87)))
    assert decoded(picture).size == (800, 600)
    assert picture.position == pytest.approx((20.63, 50.87), abs=1e-5)


def test_a_small_picture_is_not_blown_up():
    assert decoded(taken(picture_bytes(size=(30, 20)))).size == (30, 20)


@pytest.mark.parametrize(("lon", "lat"), [(20.6307, 50.8703), (-70.5, -33.4), (179.99, -0.0001)])
def test_the_exif_position_is_read_in_all_quarters_of_the_globe(lon, lat):
    assert taken(picture_bytes(position=(lon, lat))).position == pytest.approx((lon, lat), abs=1e-5)


@pytest.mark.parametrize("position", [(0.0, 0.0), (200.0, 50.0), (20.0, 95.0)])
def test_an_impossible_position_is_none(position):
    assert taken(picture_bytes(position=position)).position is None


def test_a_damaged_gps_block_does_not_spoil_the_picture():
    exif = Image.Exif()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (IFDRational(1, 0),) * 3, "E", (20.0, 37.0, 0.0)
    picture = taken(saved(Image.new("RGB", (50, 50)), "JPEG", exif=exif))
    assert picture.position is None


def test_the_time_of_the_photo_is_read_on_the_citys_clock_unless_it_names_an_offset():
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:07:01 12:00:00"
    assert taken(saved(Image.new("RGB", (9, 9)), "JPEG", exif=exif)).taken_at == datetime(2026, 7, 1, 10, tzinfo=UTC)
    exif.get_ifd(0x8769)[0x9011] = "-05:00"
    assert taken(saved(Image.new("RGB", (9, 9)), "JPEG", exif=exif)).taken_at == datetime(2026, 7, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_turned_upright_by_its_orientation(orientation):
    upright = Image.new("RGB", (80, 40), "white")
    upright.paste("red", (0, 0, 40, 20))
    turn = Image.Transpose
    backwards = {
        2: turn.FLIP_LEFT_RIGHT, 3: turn.ROTATE_180, 4: turn.FLIP_TOP_BOTTOM, 5: turn.TRANSPOSE,
        6: turn.ROTATE_90, 7: turn.TRANSVERSE, 8: turn.ROTATE_270,
    }  # fmt: skip
    lying = upright.transpose(backwards[orientation]) if orientation in backwards else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decoded(taken(saved(lying, "JPEG", exif=exif, quality=95)))
    assert found.size == (80, 40)
    red, green, _blue = found.getpixel((10, 5))
    assert red > 200
    assert green < 80
    assert min(found.getpixel((70, 35))) > 200


def test_nothing_of_the_metadata_is_left():
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "a secret description", "Jan Kowalski"
    exif.get_ifd(0x8825).update({1: "N", 2: (50.0, 52.0, 0.0), 3: "E", 4: (20.0, 37.0, 0.0)})
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>a secret in XMP</x:xmpmeta>"
    data = saved(Image.new("RGB", (60, 60), "green"), "JPEG", exif=exif, xmp=xmp, icc_profile=srgb, comment=b"a secret comment")
    assert b"secret" in data
    picture = taken(data)
    for variant in pictures.VARIANTS:
        found = decoded(picture, variant)
        assert not dict(found.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment"} & {key for key, value in found.info.items() if value}
        for trace in (b"secret", b"Kowalski", b"EXIF", b"XMP ", b"ICCP"):
            assert trace not in picture.variants[variant]


def test_a_text_chunk_of_a_png_is_removed():
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "a secret place")
    assert b"secret" not in taken(saved(Image.new("RGB", (20, 20)), "PNG", pnginfo=info)).variants["large"]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_way_of_storing_colours_is_taken(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert decoded(taken(saved(Image.new(mode, (40, 30)), kind))).mode == "RGB"


def test_a_transparent_picture_stands_on_white():
    assert min(decoded(taken(saved(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))).getpixel((5, 5))) > 250


def test_of_an_animation_only_the_first_frame_is_left():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    for kind in ("WEBP", "PNG"):
        found = decoded(taken(saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)))
        assert getattr(found, "n_frames", 1) == 1
        assert found.getpixel((5, 5))[0] > 200


def test_a_script_hidden_behind_a_picture_does_not_survive():
    tail = b"<script>alert(1)</script><?php system('id') ?>"
    picture = taken(picture_bytes() + tail)
    assert all(tail[:8] not in data for data in picture.variants.values())


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04 a zip",
        saved(Image.new("RGB", (5, 5)), "GIF"),
        saved(Image.new("RGB", (5, 5)), "TIFF"),
        saved(Image.new("RGB", (5, 5)), "BMP"),
        saved(Image.new("RGB", (5, 5)), "ICO"),
    ],
    ids=["pdf", "svg", "html", "zip", "gif", "tiff", "bmp", "ico"],
)
def test_other_types_are_refused_by_content(data):
    with pytest.raises(BadPicture) as refused:
        taken(data)
    assert refused.value.reason == "type"


@pytest.mark.parametrize("printed", [False, True])
def test_a_picture_cut_off_in_the_middle_is_refused_also_where_a_pdf_was_printed(printed, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", printed)
    data = picture_bytes(size=(900, 900), kind="PNG")
    with pytest.raises(BadPicture) as refused:
        taken(data[: len(data) // 2])
    assert refused.value.reason == "broken"


def test_a_small_file_that_unpacks_into_a_huge_picture_is_refused_before_it_is_unpacked():
    bomb = saved(Image.new("1", (30_000, 20_000)), "PNG")
    assert len(bomb) < 200_000
    with pytest.raises(BadPicture) as refused:
        taken(bomb)
    assert refused.value.reason == "pixels"


def test_a_limit_of_pixels_is_kept_exactly():
    assert clean(picture_bytes(size=(100, 100)), pixels_most=10_000).width == 100
    with pytest.raises(BadPicture):
        clean(picture_bytes(size=(100, 101)), pixels_most=10_000)


SOUND = [picture_bytes(size=(64, 48), kind=kind, position=(20.6, 50.8)) for kind in ("JPEG", "PNG", "WEBP")] + [
    heic(size=(64, 48), position=(20.6, 50.8))
]


STARTS = [b"", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x01\x00\x00WEBPVP8L"]


@settings(max_examples=150)
@given(st.binary(max_size=400), st.sampled_from(STARTS))
def test_random_bytes_are_refused_and_never_break_anything(noise, start):
    with pytest.raises(BadPicture):
        taken(start + noise)


@settings(max_examples=250)
@given(st.sampled_from(SOUND), st.data())
def test_a_damaged_or_cut_picture_is_either_taken_or_refused(data, draw):
    damaged = bytearray(data[: draw.draw(st.integers(1, len(data)))])
    for place in draw.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=8)):
        damaged[place] = draw.draw(st.integers(0, 255))
    with suppress(BadPicture):
        picture = taken(bytes(damaged))
        assert decoded(picture).width == picture.width
