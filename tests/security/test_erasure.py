"""A resident's export and erasure, verified against the whole database: every text column of every table is read.

So a new table with personal data and no declaration fails here without being listed.
"""

from __future__ import annotations

import json
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from miasto.kernel.accounts import exporting, services
from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.cases import selectors
from miasto.kernel.cases import services as cases
from miasto.kernel.cases.models import Case, CaseFile, Category
from miasto.kernel.core import clock
from miasto.kernel.core.city import city as profile
from miasto.kernel.core.module import Setup
from miasto.kernel.core.registry import registry
from miasto.kernel.files.models import File
from miasto.kernel.files.services import Box, store_image
from miasto.kernel.files.testing import plate_picture
from miasto.kernel.notifications.models import Notice
from miasto.kernel.participation import services as participation
from miasto.kernel.participation.testing import make_process, remark
from miasto.modules.contact_centre.models import Draft

EMAIL, NAME, PHONE = "zofia.czyzyk@przyklad.pl", "Zofia Czyżyk-Próbna", "600 700 801"
WORDS, ADDED, PRIVATE, DRAFTED = "opis-czyżyka", "dopisek-czyżyka", "list-do-czyżyka", "szkic-czyżyka"
REMARKED = "uwaga-czyżyka"
CANARIES = (EMAIL, NAME, PHONE, WORDS, ADDED, PRIVATE, DRAFTED, REMARKED)
# The queue of jobs and the sessions are emptied by their own daily jobs; a goodbye is the last message to the address.
NOT_KEPT = ("procrastinate_", "django_session", "core_outgoingmail", "core_cache")


@pytest.fixture
def person(db):
    for setup in registry().all(Setup):
        setup.run()
    return make_person(email=EMAIL, name=NAME, phone=PHONE)


@pytest.fixture
def case(person) -> Case:
    """A report with words, photos, messages both ways, an answer and a draft beside it."""
    viewer = viewer_for_person(person.id)
    photo = store_image(upload=ContentFile(plate_picture(), name="auto.jpg"), by=viewer).file
    category = Category.objects.filter(
        case_type="contact_centre.report", parent__isnull=False, questions=[], danger=False
    ).first()
    filed = cases.file_case(
        case_type="contact_centre.report",
        category=category,
        description=f"{WORDS}, {PHONE}",
        point=profile().centre,
        file_ids=[photo.id],
        contact=cases.Contact(name=NAME, email=EMAIL, phone=PHONE),
        by=viewer,
    ).case
    cases.decide_text(case=filed, publish=True, edited="Opis. [telefon]", by=SYSTEM)
    row = CaseFile.objects.get(case=filed)
    cases.decide_file(case_file=row, publish=True, boxes=[Box("plate", 400, 500, 300, 200)], by=SYSTEM)
    cases.add_from_filer(case=filed, body=ADDED, by=viewer)
    cases.comment(case=filed, body=f"{PRIVATE}, {NAME}", audience="parties", by=SYSTEM)
    Draft.objects.create(person=person, description=DRAFTED, email=EMAIL)
    consultation = make_process(kind="idea.consultation")
    sent = remark(consultation, f"{REMARKED}, {PHONE}", by=viewer, author=participation.Author(name=NAME, phone=PHONE))
    participation.decide_text(contribution=sent, publish=True, edited="Uwaga. [telefon]", by=SYSTEM)
    remark(consultation, REMARKED, by=viewer)
    guest = remark(consultation, REMARKED, author=participation.Author(name=NAME, email=EMAIL))
    participation.confirm_contact(contribution_id=guest.pk, by=SYSTEM)
    Notice.objects.create(person=person, topic="cases.step", title="Sprawa", url="/", created_at=clock.now())
    return filed


def columns() -> list[tuple[str, str]]:
    """Every column of the platform that may hold words."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, column_name FROM information_schema.columns
               WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'jsonb', 'bytea', 'tsvector')"""
        )
        return [row for row in cursor.fetchall() if not row[0].startswith(NOT_KEPT)]


def holding(words: str) -> set[str]:
    """The tables in which some words stand."""
    found = set()
    with connection.cursor() as cursor:
        for table, column in columns():
            cursor.execute(f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE %s LIMIT 1', [f"%{words}%"])
            if cursor.fetchone():
                found.add(f"{table}.{column}")
    return found


def test_the_export_holds_everything_the_person_gave(case, person):
    with ZipFile(exporting.archive(person.id)) as archive:
        text, page = archive.read("dane.json").decode(), archive.read("dane.html").decode()
        photos = [name for name in archive.namelist() if name.startswith("zdjecia/")]
        assert archive.read(photos[0])[:3] == b"\xff\xd8\xff"
    for words in (EMAIL, NAME, PHONE, WORDS, ADDED, DRAFTED, REMARKED, case.number):
        assert words in text, words
        assert words in page, words
    assert len(photos) == 1
    assert json.loads(text)["data"]["cases.filed"]["rows"]


def test_after_the_erasure_no_column_of_the_database_names_the_person(case, person):
    assert holding(EMAIL)
    assert holding(WORDS)
    services.erase_person(person=person, by=viewer_for_person(person.id))
    assert {words: tables for words in CANARIES if (tables := holding(words))} == {}


def test_the_erasure_takes_the_photos_and_keeps_the_case(case, person):
    services.erase_person(person=person, by=viewer_for_person(person.id))
    assert not File.objects.filter(owner_id=case.pk).exists()
    view = selectors.case_page(case.number, SYSTEM)
    assert (view.number, view.category.pk, view.lon is not None) == (case.number, case.category_id, True)
    kinds = [step.kind for step in view.history]
    assert (kinds[0], kinds[-1]) == ("filed", "erased")
