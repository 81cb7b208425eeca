"""Drawings that stand for photos."""

import io

from PIL import Image

from miasto.kernel.core.city import city
from miasto.modules.contact_centre.demo.pictures import LABEL, SCENES, SIZE, drawing


def test_every_picture_that_the_words_name_can_be_drawn():
    named = {entry["picture"] for entry in city().toml("demo_reports.toml")["categories"].values()}
    assert named <= set(SCENES)
    for name in sorted(named):
        for mended in (False, True):
            with Image.open(io.BytesIO(drawing(name, "1", mended=mended))) as image:
                assert image.format == "JPEG"
                assert image.size == SIZE


def test_the_same_seed_draws_the_same_bytes_and_another_one_others():
    assert drawing("pothole", "a") == drawing("pothole", "a")
    assert drawing("pothole", "a") != drawing("pothole", "b")


def test_after_the_repair_the_same_place_looks_otherwise():
    for name in SCENES:
        assert drawing(name, "1", mended=True) != drawing(name, "1")


def test_the_label_is_written_on_every_drawing():
    for name in SCENES:
        with Image.open(io.BytesIO(drawing(name, "1"))) as image:
            band = image.crop((0, SIZE[1] - 44, *SIZE)).convert("RGB")
            gold = sum(1 for r, g, b in band.getdata() if r > 180 and g > 140 and b < 140)
            assert gold > 400, name
    assert LABEL.isascii()
