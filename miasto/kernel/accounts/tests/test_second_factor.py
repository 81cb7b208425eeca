"""The secrets of the second factor lie encrypted, survive a change of the key, and open for nobody without it."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from miasto.kernel.accounts import second_factor
from miasto.kernel.accounts.testing import make_person

pytestmark = pytest.mark.django_db
OLD, NEW = "the key of yesterday", "the key of today"


@pytest.fixture(autouse=True)
def key(settings, monkeypatch):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    monkeypatch.setenv("MIASTO_SECRET_KEY", OLD)


def stored(row):
    row.refresh_from_db()
    return row.data.get("secret") or row.data.get("seed")


def test_neither_the_secret_nor_the_seed_is_stored_as_it_is():
    person, secret = make_person(), generate_totp_secret()
    row = TOTP.activate(person, secret).instance
    assert secret not in str(row.data)
    assert second_factor.decrypt(stored(row)) == secret
    codes = RecoveryCodes.activate(person)
    assert stored(codes.instance).startswith(second_factor.MARK)
    assert len(codes.get_unused_codes()) == 10


def test_what_was_stored_before_is_encrypted_once_and_its_codes_still_work():
    person, secret = make_person(), generate_totp_secret()
    row = Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})
    plain = Authenticator.objects.create(
        user=person, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "ab" * 40, "used_mask": 5}
    )
    before = RecoveryCodes(plain).get_unused_codes()
    assert second_factor.renew() == 2
    assert second_factor.decrypt(stored(row)) == secret
    assert stored(row) != secret
    plain.refresh_from_db()
    assert plain.data["used_mask"] == 5
    assert RecoveryCodes(plain).get_unused_codes() == before
    assert second_factor.renew() == 0


def test_a_former_key_among_the_fallbacks_still_opens_and_prepare_changes_to_the_present_one(settings):
    secret = generate_totp_secret()
    row = TOTP.activate(make_person(), secret).instance
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert second_factor.decrypt(stored(row)) == secret
    assert second_factor.renew() == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert second_factor.decrypt(stored(row)) == secret


def test_without_the_key_nothing_opens_and_nothing_is_lost(settings):
    secret = generate_totp_secret()
    row = TOTP.activate(make_person(), secret).instance
    settings.SECRET_KEY = NEW
    assert second_factor.decrypt(stored(row)) not in ("", secret)
    assert second_factor.renew() == 0
    settings.SECRET_KEY_FALLBACKS = [OLD]
    assert second_factor.decrypt(stored(row)) == secret


def test_a_key_that_ends_with_the_process_encrypts_nothing_that_lies_there(monkeypatch):
    monkeypatch.delenv("MIASTO_SECRET_KEY")
    secret = generate_totp_secret()
    row = Authenticator.objects.create(user=make_person(), type=Authenticator.Type.TOTP, data={"secret": secret})
    assert second_factor.renew() == 0
    assert stored(row) == secret
