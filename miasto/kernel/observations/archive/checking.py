"""Whether the archive is what its manifest says: every file there, every byte as written, no two files of one reading."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.observations.archive import place
from miasto.kernel.observations.archive.models import ArchiveFile

OVERLAPS = """
    SELECT one.name, other.name FROM observations_archivefile AS one JOIN observations_archivefile AS other
    ON other.day = one.day AND other.id > one.id
    AND other.least_series <= one.most_series AND one.least_series <= other.most_series
    WHERE one.replaced_at IS NULL AND other.replaced_at IS NULL ORDER BY one.day"""


def faults() -> Iterator[str]:
    """Sentences for the keeper, one for each fault, oldest day first. Reads every file. Raises ``place.Unreachable``."""
    for file, found in spoiled():
        if found:
            yield _("%(name)s: plik jest uszkodzony, a zawierał %(rows)s. Przywróć go z kopii zapasowej.") % _named(file)
        else:
            yield _("%(name)s: pliku nie ma, a powinien zawierać %(rows)s. Przywróć go z kopii zapasowej.") % _named(file)
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        for one, other in cursor.fetchall():
            yield _("%(one)s i %(other)s: spis podaje dwa pliki tych samych serii.") % {"one": one, "other": other}


def spoiled() -> Iterator[tuple[ArchiveFile, str]]:
    """Present files that are not what was written, with the sum of what is there now (empty where nothing is)."""
    where = place.place()
    for file in ArchiveFile.objects.filter(replaced_at=None).order_by("day", "least_series").iterator():
        found = where.digest(file.name)
        if found != file.sha256:
            yield file, found


def _named(file: ArchiveFile) -> dict[str, str]:
    rows = ngettext("%(count)s odczyt", "%(count)s odczytów", file.rows) % {"count": file.rows}
    return {"name": place.place().address(file.name), "rows": rows}


def told() -> str:
    """What was checked, in a sentence."""
    rows = ArchiveFile.objects.filter(replaced_at=None).values_list("rows", flat=True)
    total, files = sum(rows), len(rows)
    text = ngettext("Sprawdzono %(files)s plik", "Sprawdzono %(files)s plików", files) % {"files": files}
    return text + " " + ngettext("(%(rows)s odczyt).", "(%(rows)s odczytów).", total) % {"rows": total}
