"""What can be wrong with one place of a file, in words for the keeper who has to mend it."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

TIME, GAP, UNCLEAR, VALUE, WIDTH, SERIES = "time", "gap", "unclear", "value", "width", "series"
OFFSET, TELEGRAM, KEY, NO_KEY, NO_TIME, CHECKSUM = "offset", "telegram", "key", "no_key", "no_time", "checksum"
REASONS = {
    TIME: _("to nie jest data ani godzina w ustalonym zapisie"),
    GAP: _("takiej godziny nie było: wiosną zegar przeskakuje z 2.00 na 3.00"),
    UNCLEAR: _("ta godzina była jesienią dwa razy, a z kolejności wierszy nie wynika, o którą chodzi"),
    OFFSET: _("czas ma tu inną strefę niż ustalona dla pliku"),
    VALUE: _("to nie jest liczba"),
    WIDTH: _("w wierszu jest za mało kolumn"),
    SERIES: _("brakuje numeru albo nazwy serii"),
    TELEGRAM: _("to nie jest cały telegram M-Bus"),
    CHECKSUM: _("suma kontrolna telegramu się nie zgadza"),
    NO_KEY: _("telegram jest zaszyfrowany, a klucza tego licznika nie podano"),
    KEY: _("podany klucz nie otwiera telegramów tego licznika"),
    NO_TIME: _("ani wiersz, ani telegram nie mówi, kiedy odczytano licznik"),
}


class Fault(NamedTuple):
    """One refused place: number of the line (from 1), name of the column, what stands there, a key of ``REASONS``."""

    line: int
    column: str
    text: str
    why: str


class Unreadable(ValueError):
    """The file as a whole cannot be read; the message says why, in the reader's language."""


class NoRoom(Unreadable):
    """There is no room on the disk for the file, and nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__(gettext("Pliku nie zapisaliśmy, bo na serwerze skończyło się miejsce. Spróbuj ponownie później."))
