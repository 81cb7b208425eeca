"""``python -m miasto places load FILE --as areas|places|streets|addresses|waterways``: real files into the city."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.accounts.viewer import SYSTEM
from miasto.kernel.places.services import ImportOptions, ImportRefused, ImportReport, import_features
from miasto.kernel.places.targets import TARGETS

EXAMPLES = """
Przykłady:
  python -m miasto places load powiaty.geojson --as areas --kind county --anywhere
  python -m miasto places load rozklad.zip --as places --kind stop
  python -m miasto places load ulice.geojson --as streets --name-field NAZWA
  python -m miasto places load adresy.geojson --as addresses --srid 2180
"""


class Command(BaseCommand):
    """Loads GeoJSON files and GTFS stops: all or nothing, with every fault named by line and feature."""

    requires_system_checks = []
    help = "Wczytuje obiekty miasta z plików GeoJSON i GTFS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        load = commands.add_parser(
            "load", help=_("wczytaj plik"), description=_("Wczytuje plik w całości albo wcale."), epilog=EXAMPLES
        )
        load.formatter_class = RawDescriptionHelpFormatter
        load.add_argument(
            "file", metavar="PLIK", help=_("GeoJSON, GeoJSON po jednym obiekcie w wierszu, stops.txt albo zip GTFS")
        )
        load.add_argument("--as", dest="target", choices=sorted(TARGETS), required=True, help=_("czym mają się stać obiekty"))
        load.add_argument(
            "--kind", default="", help=_("rodzaj wszystkich obiektów, na przykład stop, school, county, district")
        )
        load.add_argument("--name-field", default="", metavar="POLE", help=_("pole z nazwą"))
        load.add_argument(
            "--key-field", default="", metavar="POLE", help=_("pole z kluczem, po którym obiekt pozna następne wczytanie")
        )
        load.add_argument("--source", default="", metavar="NAZWA", help=_("nazwa źródła: rozdziela klucze różnych plików"))
        load.add_argument("--srid", type=int, metavar="EPSG", help=_("układ współrzędnych pliku, na przykład 2180"))
        load.add_argument("--swap-axes", action="store_true", help=_("w pliku szerokość stoi przed długością"))
        load.add_argument("--repair", action="store_true", help=_("napraw niepoprawne wielokąty"))
        load.add_argument("--anywhere", action="store_true", help=_("wczytaj także miejsca daleko od miasta"))
        load.add_argument("--skip-outside", action="store_true", help=_("pomiń miejsca daleko od miasta"))
        load.add_argument("--replace", action="store_true", help=_("wycofaj obiekty tego rodzaju, których nie ma w pliku"))
        load.add_argument("--encoding", metavar="NAZWA", help=_("kodowanie pliku, na przykład cp1250"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_features(
                source=options["file"],
                target=options["target"],
                by=SYSTEM,
                key=options["key_field"],
                options=_options(options, self._progress),
            )
        except ImportRefused as refused:
            raise CommandError("\n".join(self._refusal(options["file"], refused))) from refused
        self.stdout.write("\n".join(_told(report)))

    def _progress(self, read: int) -> None:
        self.stderr.write(_("… odczytano %(count)s obiektów") % {"count": f"{read:,}".replace(",", " ")})

    def _refusal(self, file: str, refused: ImportRefused) -> list[str]:
        head = ngettext(
            "Niczego nie wczytano. W pliku %(file)s jest %(count)d błąd:",
            "Niczego nie wczytano. W pliku %(file)s jest %(count)d błędów:",
            refused.total,
        )
        return [head % {"file": file, "count": refused.total}, *(f"  {line}" for line in refused.lines())]


def _options(options: dict[str, Any], progress: Callable[[int], None]) -> ImportOptions:
    return ImportOptions(
        kind=options["kind"],
        name_field=options["name_field"],
        source=options["source"],
        srid=options["srid"],
        swap_axes=options["swap_axes"],
        repair=options["repair"],
        anywhere=options["anywhere"],
        skip_outside=options["skip_outside"],
        replace=options["replace"],
        encoding=options["encoding"],
        progress=progress,
    )


def _told(report: ImportReport) -> list[str]:
    lines = [
        _("Wczytano. W pliku: %(read)d, nowych: %(created)d, zmienionych: %(changed)d, bez zmian: %(unchanged)d.")
        % {"read": report.read, "created": report.created, "changed": report.changed, "unchanged": report.unchanged}
    ]
    if report.skipped:
        lines.append(_("Pominięto miejsca daleko od miasta: %(count)d.") % {"count": report.skipped})
    if report.retired:
        lines.append(_("Wycofano obiekty, których nie ma w pliku: %(count)d.") % {"count": report.retired})
    return lines
