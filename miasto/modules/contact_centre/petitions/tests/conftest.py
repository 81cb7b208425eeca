"""The fixtures of letters: a petition is one of them."""

from miasto.modules.contact_centre.mail.tests.conftest import _inbox, by, operator, unit

__all__ = ["_inbox", "by", "operator", "unit"]
