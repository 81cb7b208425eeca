"""Keys of programs: issued by those who may, shown once, kept as a digest, written in the log."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, all_keys
from miasto.kernel.accounts.services import issue_key, recognise_key
from miasto.kernel.accounts.testing import make_staff
from miasto.kernel.core import changes
from miasto.modules.contact_centre.open311.keys import FILE

pytestmark = pytest.mark.django_db
PAGE = "/panel/centrum/klucze/"


def client_of(person):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(settings):
    return client_of(make_staff("accounts.admin"))


def test_a_key_is_shown_once_and_opens_the_service_afterwards(admin):
    answer = admin.post(PAGE + "nowy/", {"name": "Moja ulica", "rights": [FILE], "per_hour": "50"})
    plain = re.search(r"miasto_[\w-]{40}", answer.content.decode()).group()
    assert "no-store" in answer["Cache-Control"]
    key = recognise_key(plain)
    assert (key.name, key.rights, key.per_hour) == ("Moja ulica", [FILE], 50)
    listed = admin.get(PAGE).content.decode()
    assert "Moja ulica" in listed
    assert plain not in listed
    assert plain not in str(all_keys(SYSTEM).values().get())
    assert [row.action for row in changes.history(key.pk)] == ["accounts.key_issued"]


def test_a_key_is_switched_off_and_on_again(admin):
    key, plain = issue_key(name="Program", rights=[FILE], by=SYSTEM)
    admin.post(f"{PAGE}{key.pk}/wlacznik/")
    assert recognise_key(plain) is None
    admin.post(f"{PAGE}{key.pk}/wlacznik/")
    assert recognise_key(plain) == key
    assert [row.action for row in changes.history(key.pk)][1:] == [
        "accounts.key_switched_off",
        "accounts.key_switched_on",
    ]


def test_what_is_wrong_in_the_form_is_said(admin):
    answer = admin.post(PAGE + "nowy/", {"name": "", "per_hour": "0"}).content.decode()
    assert "Wpisz, czyj to program." in answer
    assert "Wybierz, co wolno temu programowi." in answer
    assert not all_keys(SYSTEM).exists()


@pytest.mark.parametrize("role", ["cases.clerk", "contact_centre.operator"])
def test_others_may_neither_see_nor_issue_keys(role):
    clerk = client_of(make_staff(role))
    assert clerk.get(PAGE).status_code == 403
    assert clerk.post(PAGE + "nowy/", {"name": "x", "rights": [FILE], "per_hour": "5"}).status_code == 403
    with pytest.raises(PermissionDenied):
        issue_key(name="x", rights=[FILE], by=ANONYMOUS)
    assert list(all_keys(ANONYMOUS)) == []


def test_a_wrong_key_is_counted_by_device_and_then_refused_unseen(settings):
    settings.RATE_LIMIT_FACTOR = 1
    client = Client()
    codes = [client.post("/api/open311/v2/requests.json", {"api_key": f"guess{index}"}).status_code for index in range(32)]
    assert codes[:30] == [403] * 30
    assert codes[31] == 429
