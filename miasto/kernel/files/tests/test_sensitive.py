"""Faces and number plates in photos: found on this machine, blurred for good, looked for by a job that bears being killed."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile
from PIL import Image

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.core.ids import uuid7
from miasto.kernel.files import jobs, pictures, sensitive, services, storage
from miasto.kernel.files.models import File
from miasto.kernel.files.services import Box
from miasto.kernel.files.testing import make_file, picture_bytes, plate_picture

REAL = (
    Path(os.environ.get("MIASTO_DATA") or Path(__file__).resolve().parents[5] / "shared" / "data")
    / "media/detector_fastestdet/data"
)
with_people = pytest.mark.skipif(not (REAL / "3.jpg").exists(), reason="the shared photos are not here")


def stored(data: bytes, **fields: object) -> File:
    return services.store_image(upload=ContentFile(data, name="auto.jpg"), by=ANONYMOUS, **fields).file


def pixels(file: File, variant: str = "large") -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(storage.read(file.id, variant))).convert("RGB")).astype(int)


@pytest.mark.django_db
def test_a_number_plate_is_found_where_it_is():
    file = stored(plate_picture())
    plates = [box for box in services.find_sensitive(file) if box.kind == "plate"]
    assert any(box.x <= 450 and box.x + box.w >= 660 and box.y <= 565 and box.y + box.h >= 613 for box in plates)


@pytest.mark.django_db
def test_a_photo_without_people_and_cars_has_nothing_to_hide():
    assert services.find_sensitive(stored(picture_bytes(size=(900, 700)))) == []


@with_people
def test_the_faces_of_a_real_photo_are_found_and_a_photo_of_a_cat_has_none():
    found = [box for box in sensitive.detect((REAL / "3.jpg").read_bytes()) if box.kind == "face"]
    assert len(found) >= 3
    assert all(10 < box.w < 60 for box in found)
    assert [box for box in sensitive.detect((REAL / "4.jpg").read_bytes()) if box.kind == "face"] == []


@with_people
@pytest.mark.django_db
def test_no_face_is_found_in_the_blurred_copy_and_the_original_keeps_its_own():
    file = stored((REAL / "3.jpg").read_bytes())
    boxes = services.find_sensitive(file)
    copy = services.blur(file=file, boxes=boxes, by=SYSTEM)
    assert [box for box in services.find_sensitive(copy) if box.kind == "face" and box.score > 0.6] == []
    assert services.find_sensitive(file) == boxes


@pytest.mark.django_db
@pytest.mark.parametrize("variant", list(pictures.VARIANTS))
def test_the_blurred_piece_holds_nothing_of_what_was_there_in_any_variant(variant):
    one, other = (stored(plate_picture(text)) for text in ("TK 11111", "TK 77777"))
    box = Box("plate", 410, 550, 280, 78)
    copies = [services.blur(file=file, boxes=[box], by=SYSTEM) for file in (one, other)]
    before = np.abs(pixels(one, variant) - pixels(other, variant))
    after = np.abs(pixels(copies[0], variant) - pixels(copies[1], variant))
    assert before.max() > 120
    assert after.max() < 40
    assert after.sum() < before.sum() / 2


@pytest.mark.django_db
def test_what_lies_outside_the_boxes_stays_as_it_was():
    file = stored(plate_picture())
    copy = services.blur(file=file, boxes=[Box("plate", 410, 550, 280, 78)], by=SYSTEM)
    assert np.abs(pixels(file)[:400] - pixels(copy)[:400]).mean() < 3


@pytest.mark.django_db
def test_a_blurred_copy_belongs_to_the_same_object_under_another_identifier():
    owner = uuid7()
    file = stored(plate_picture(), owner_id=owner)
    copy = services.blur(file=file, boxes=[Box("area", 0, 0, 50, 50)], by=SYSTEM)
    assert (copy.owner_id, copy.id != file.id, copy.digest != file.digest) == (owner, True, True)


@pytest.mark.django_db
def test_boxes_at_the_border_and_outside_do_no_harm():
    file = stored(picture_bytes())
    boxes = [Box("area", -20, -20, 30, 30), Box("area", 630, 470, 500, 500), Box("area", 5000, 5000, 10, 10)]
    assert services.blur(file=file, boxes=boxes, by=SYSTEM).width == 640


@pytest.mark.django_db
def test_the_job_looks_once_at_what_belongs_to_something_and_leaves_drafts_alone():
    draft, sent = stored(plate_picture()), stored(plate_picture(), owner_id=uuid7())
    assert jobs.look() == 1
    assert jobs.look() == 0
    draft.refresh_from_db()
    sent.refresh_from_db()
    assert (draft.to_look, draft.boxes) == (True, [])
    assert not sent.to_look
    assert {box.kind for box in services.boxes_of(sent)} == {"plate"}


@pytest.mark.django_db
def test_a_job_killed_between_two_photos_goes_on_with_the_second(monkeypatch):
    files = [make_file(owner_id=uuid7()) for _ in range(3)]
    seen = []

    def killed_at_the_second(data: bytes) -> list[Box]:
        seen.append(data)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return []

    with monkeypatch.context() as patched:
        patched.setattr(sensitive, "detect", killed_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            services.look_at_new(most=10)
    assert File.objects.filter(id__in=[file.id for file in files], to_look=True).count() == 2
    assert jobs.look() == 2


@pytest.mark.django_db
def test_a_photo_whose_bytes_are_gone_stops_nothing():
    file = make_file(owner_id=uuid7())
    storage.delete(file.id)
    assert jobs.look() == 1
    with pytest.raises(services.Refused):
        services.blur(file=file, boxes=[], by=SYSTEM)
