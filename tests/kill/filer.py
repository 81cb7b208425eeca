"""A resident without JavaScript who tries again when the server does not answer."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

PATIENCE_S = 90
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
NUMBER = re.compile(r"[A-Z]+-\d{4}-\d{6}")


class Filer:
    """One person's way through the form; every request is repeated until it is answered."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.repeated = 0

    def file(self, *, words: str, category: str, lon: float, lat: float, email: str) -> str:
        """File one report and return its public number."""
        self._step("/zglos/", {"description": words, "category": category})
        self._step("/zglos/miejsce/", {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}", "place": ""})
        self._step("/zglos/kontakt/", {"email": email, "name": "", "phone": "", "language": "pl"})
        done = self._step("/zglos/sprawdz/", {})
        found = NUMBER.search(done)
        if found is None:
            raise AssertionError(done[:3000])
        return found.group()

    def _step(self, path: str, values: dict[str, str]) -> str:
        hidden = dict(HIDDEN.findall(self._ask(path)))
        return self._ask(path, {**hidden, **values})

    def _ask(self, path: str, values: dict[str, str] | None = None) -> str:
        data = urllib.parse.urlencode(values).encode() if values is not None else None
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                with self.opener.open(urllib.request.Request(self.base + path, data=data), timeout=20) as answer:
                    return answer.read().decode()
            except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
                gone = isinstance(error, urllib.error.HTTPError) and error.code < 500
                if gone or time.monotonic() > until:
                    raise
                self.repeated += 1
                time.sleep(0.3)
