"""What an object store means when it refuses, in words for who keeps the platform.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. The code stands behind the words, since it is what
one searches the store's documentation for; nothing else of its answer is told: it may repeat the key and what was signed.
"""

from __future__ import annotations

import logging
import re
import time

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from miasto.kernel.observations.archive.place import Unreachable

_log = logging.getLogger(__name__)
NO_KEY = "NoCredentials"
EXPIRED = gettext_lazy("Klucz do magazynu archiwum (%(place)s) stracił ważność. Administrator musi podać nowy (%(code)s).")
KEY = gettext_lazy(
    "Magazyn archiwum (%(place)s) nie uznaje klucza, który mu podajemy. Administrator musi go sprawdzić (%(code)s)."
)
DENIED = gettext_lazy("Magazyn archiwum (%(place)s) nie pozwala temu kluczowi na to, co trzeba zrobić (%(code)s).")
CLOCK = gettext_lazy(
    "Magazyn archiwum (%(place)s) odmawia, bo jego zegar i zegar tego serwera różnią się o więcej niż kwadrans. "
    "Administrator musi nastawić zegar (%(code)s)."
)
BUSY = gettext_lazy("Magazyn archiwum (%(place)s) ma za dużo zapytań i każe pytać rzadziej (%(code)s).")
ABSENT = gettext_lazy("W magazynie archiwum (%(place)s) nie ma pliku, który powinien tam być (%(code)s).")
NO_BUCKET = gettext_lazy(
    "Magazyn archiwum (%(place)s) nie ma takiego zasobnika. Administrator musi sprawdzić nazwę (%(code)s)."
)
MISSING = gettext_lazy("Do magazynu archiwum (%(place)s) nie podano klucza (%(code)s).")
OTHER = gettext_lazy("Magazyn archiwum (%(place)s) odmówił (%(code)s).")
SILENT = gettext_lazy("Magazyn archiwum (%(place)s) nie odpowiada.")
WORDS = {
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "TokenRefreshRequired": EXPIRED,
    "InvalidToken": KEY,
    "InvalidAccessKeyId": KEY,
    "SignatureDoesNotMatch": KEY,
    "AccessDenied": DENIED,
    "403": DENIED,
    "RequestTimeTooSkewed": CLOCK,
    "RequestExpired": CLOCK,
    "SlowDown": BUSY,
    "ServiceUnavailable": BUSY,
    "503": BUSY,
    "NoSuchKey": ABSENT,
    "404": ABSENT,
    "NoSuchBucket": NO_BUCKET,
    NO_KEY: MISSING,
}


TOLD = re.compile(r"\((?P<place>s3://[^)]*)\).*?(\((?P<code>\w+)\))?\.$")
QUIET_S = 60
_logged: dict[str, float] = {}


def _fill(words: object, values: dict[str, str]) -> str:
    return str(words) % values


_filled = lazy(_fill, str)  # in the language of who reads it, which the thread that fetches does not know


def refused(code: str, place: str) -> Unreachable:
    """What is to be raised where the store at ``place`` answered with an error's ``code``; the log tells it once a minute."""
    if time.monotonic() - _logged.get(code, -QUIET_S) >= QUIET_S:
        _logged[code] = time.monotonic()
        _log.warning("the archive's store %s refused: %s", place, code)
    return Unreachable(_filled(WORDS.get(code, OTHER), {"place": place, "code": code}))


def silent(place: str) -> Unreachable:
    """What is to be raised where it did not answer."""
    return Unreachable(_filled(SILENT, {"place": place}))


def again(said: str) -> str:
    """A sentence of this file that was kept in Polish, or went through DuckDB, in the language of the page."""
    if (found := TOLD.search(said)) is None:
        return said
    words = WORDS.get(found["code"], OTHER) if found["code"] else SILENT
    return _fill(words, found.groupdict())
