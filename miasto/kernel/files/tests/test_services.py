"""Storing, attaching, removing and tidying files."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.files import personal, selectors, services, storage
from miasto.kernel.files.models import File
from miasto.kernel.files.services import Refused
from miasto.kernel.files.testing import make_file, make_upload, picture_bytes

pytestmark = pytest.mark.django_db


def on_disk() -> list[Path]:
    return sorted(path for path in Path(default_storage.path("")).rglob("*") if path.is_file())


def test_a_stored_photo_gives_back_its_position_and_keeps_none_of_it():
    stored = services.store_image(upload=make_upload(position=(20.63, 50.87)), by=ANONYMOUS)
    assert stored.position == pytest.approx((20.63, 50.87), abs=1e-5)
    assert [field.name for field in File._meta.get_fields() if "position" in field.name or "lat" in field.name] == []
    assert storage.read(stored.file.id, "large")[:3] == b"\xff\xd8\xff"
    assert (stored.file.width, stored.file.height) == (640, 480)


def test_the_name_given_by_a_person_is_stored_nowhere():
    services.store_image(upload=make_upload("Jan-Kowalski-ul-Polna-7.jpg"), by=ANONYMOUS)
    file = File.objects.get()
    assert file.name == f"{str(file.id)[-2:]}/{file.id}"
    assert all("Kowalski" not in str(path) for path in on_disk())
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM core_change")
        assert all("Kowalski" not in row[0] for row in cursor.fetchall())


def test_storing_is_in_the_audit_with_its_actor():
    viewer = make_viewer()
    file = make_file(by=viewer)
    assert [(row.action, row.actor_id) for row in changes.history(file.id)] == [("files.stored", viewer.person_id)]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (ContentFile(b"", name="pusty.jpg"), ["pusty.jpg", "jest pusty"]),
        (ContentFile(b"MZ program", name="wirus.jpg"), ["wirus.jpg", "nie jest zdjęciem"]),
        (ContentFile(picture_bytes()[:300], name="urwany.jpg"), ["urwany.jpg", "uszkodzony"]),
        (ContentFile(b"x", name="../../etc/pass\nwd"), ["„passwd”"]),
        (ContentFile(b"x", name="y" * 500 + ".png"), ["y" * 60 + "”"]),
    ],
)
def test_a_refusal_names_the_file_and_says_why(upload, words):
    with pytest.raises(Refused) as refused:
        services.store_image(upload=upload, by=ANONYMOUS)
    assert all(word in refused.value.messages[0] for word in words)
    assert not File.objects.exists()
    assert on_disk() == []


def test_a_file_over_the_citys_limit_is_refused_without_being_read_whole():
    class Endless:
        name = "wielki.jpg"
        given = 0

        def read(self, size):
            self.given += size
            return b"x" * size

    upload = Endless()
    with pytest.raises(Refused, match=r"wielki\.jpg.*za duży.*MB"):
        services.store_image(upload=upload, by=ANONYMOUS)
    assert upload.given < 100_000_000


@settings(max_examples=40)
@given(st.binary(max_size=300), st.text(max_size=20))
def test_whatever_is_uploaded_nothing_but_a_refusal_comes_back(noise, name):
    with pytest.raises(Refused):
        services.store_image(upload=ContentFile(noise, name=name), by=ANONYMOUS)


def test_files_are_attached_once_and_in_the_order_asked_for():
    first, second, owner = make_file(), make_file(), uuid7()
    services.attach(file_ids=[second.id, first.id], owner_id=owner, by=ANONYMOUS)
    services.attach(file_ids=[first.id], owner_id=owner, by=ANONYMOUS)
    assert selectors.files_of([owner])[owner] == [first, second]
    assert len(changes.history(first.id)) == 2


def test_a_file_of_another_object_cannot_be_attached_and_nothing_changes():
    taken, free = make_file(owner_id=uuid7()), make_file()
    with pytest.raises(LookupError), transaction.atomic():
        services.attach(file_ids=[free.id, taken.id], owner_id=uuid7(), by=ANONYMOUS)
    free.refresh_from_db()
    assert free.owner_id is None


def test_files_of_many_objects_take_one_query_and_of_none_no_query(django_assert_num_queries):
    owners = [make_file(owner_id=uuid7()).owner_id for _number in range(3)]
    with django_assert_num_queries(1):
        assert len(selectors.files_of(owners)) == 3
    with django_assert_num_queries(0):
        assert selectors.files_of([]) == {}
        assert selectors.files_by_id([]) == {}


def test_a_removed_file_loses_its_bytes_at_the_commit(django_capture_on_commit_callbacks):
    file = make_file()
    with django_capture_on_commit_callbacks() as callbacks:
        services.remove(file=file, by=SYSTEM)
    assert on_disk() != []
    for callback in callbacks:
        callback()
    assert on_disk() == []
    assert changes.history(file.id)[-1].action == "files.removed"


def test_when_the_row_cannot_be_written_the_bytes_are_taken_back(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(services, "_store_row", fail)
    with pytest.raises(RuntimeError):
        make_file()
    assert on_disk() == []


def _age(seconds: float) -> None:
    for path in Path(default_storage.path("")).glob("*/*"):
        os.utime(path, (time.time() - seconds,) * 2)


def test_bytes_whose_row_was_rolled_back_are_cleaned_up_after_an_hour_and_others_stay():
    kept = make_file()
    with transaction.atomic():
        lost = make_file()
        transaction.set_rollback(True)
    assert storage.read(lost.id, "thumb")
    assert services.discard_orphans() == 0
    _age(3700)
    assert services.discard_orphans() == 1
    assert storage.read(lost.id, "thumb") is None
    assert storage.read(kept.id, "thumb")


def test_an_upload_that_nothing_took_is_discarded_after_two_days(django_capture_on_commit_callbacks):
    left, attached = make_file(), make_file(owner_id=uuid7())
    with clock.at(clock.now() + timedelta(hours=47)):
        assert services.discard_unattached() == 0
    with clock.at(clock.now() + timedelta(hours=49)), django_capture_on_commit_callbacks(execute=True):
        assert services.discard_unattached() == 1
    assert list(File.objects.all()) == [attached]
    assert storage.read(left.id, "large") is None


def test_a_person_gets_the_list_of_uploads_and_erasure_removes_those_of_no_object(django_capture_on_commit_callbacks):
    viewer = make_viewer()
    mine, attached, foreign = make_file(by=viewer), make_file(by=viewer, owner_id=uuid7()), make_file()
    assert [row["id"] for row in personal.export(viewer.person_id)] == [str(mine.id), str(attached.id)]
    with django_capture_on_commit_callbacks(execute=True):
        assert personal.erase(viewer.person_id) == 1
    assert set(File.objects.all()) == {attached, foreign}
