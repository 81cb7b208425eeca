"""Fixtures of the tests of accounts."""

import pytest


@pytest.fixture(autouse=True)
def _cheap_passwords(request, settings):
    """Passwords hashed by a cheap function, except where a test uses ``real_hasher``."""
    if "real_hasher" not in request.fixturenames:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def real_hasher():
    """The hasher of the settings stays."""
