"""How a reader wants the pages: colours, contrast and size of text, kept in a cookie on the reader's device."""

from __future__ import annotations

from dataclasses import dataclass, fields

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from miasto.kernel.ui.colours import DARK_GROUNDS, LIGHT_GROUNDS

COOKIE = "czytanie"
COOKIE_AGE_S = 365 * 24 * 3600
THEMES = (("system", _("Jak w urządzeniu")), ("light", _("Jasne")), ("dark", _("Ciemne")))
CONTRASTS = (("system", _("Jak w urządzeniu")), ("high", _("Wysoki kontrast")))
TEXTS = (("100", _("Zwykły")), ("125", _("Większy")), ("150", _("Duży")), ("200", _("Bardzo duży")))


@dataclass(frozen=True)
class Reader:
    """The choices; each value is one of the first parts of ``THEMES``, ``CONTRASTS`` and ``TEXTS``."""

    theme: str = "system"
    contrast: str = "system"
    text: str = "100"

    @property
    def grounds(self) -> list[tuple[str, str]]:
        """The colour of the page for the browser's own frame: ``(#rrggbb, media query or "")`` for each theme that may hold."""
        found = {"light": LIGHT_GROUNDS[0], "dark": DARK_GROUNDS[0]}
        if self.theme in found:
            return [(found[self.theme], "")]
        return [(colour, f"(prefers-color-scheme: {name})") for name, colour in found.items()]

    @classmethod
    def of(cls, request: HttpRequest) -> Reader:
        """The reader's choices; whatever is unknown in the cookie falls back to the default."""
        given = request.COOKIES.get(COOKIE, "").split(".")
        allowed = ({key for key, _label in choices} for choices in (THEMES, CONTRASTS, TEXTS))
        names = [field.name for field in fields(cls)]
        known = zip(names, given, allowed, strict=False)
        return cls(**{name: value for name, value, options in known if value in options})

    def remember(self, response: HttpResponse, *, secure: bool) -> None:
        """Write the cookie; it holds no identifier of the person."""
        value = ".".join((self.theme, self.contrast, self.text))
        response.set_cookie(COOKIE, value, max_age=COOKIE_AGE_S, secure=secure, httponly=True, samesite="Lax")
