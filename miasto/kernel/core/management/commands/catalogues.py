"""``python -m miasto catalogues``: brings the message catalogues to the texts in code and templates (for developers).

Source strings are Polish. ``en`` is complete; ``pl`` holds only the plurals, which have more forms than the source has.
"""

import os
from pathlib import Path

from django.apps import apps
from django.core.management import BaseCommand, CommandError, call_command

PLURALS = {
    "pl": "nplurals=4; plural=(n==1 ? 0 : (n%10>=2 && n%10<=4) && (n%100<12 || n%100>14) ? 1 : "
    "n!=1 && (n%10>=0 && n%10<=1) || (n%10>=5 && n%10<=9) || (n%100>=12 && n%100<=14) ? 2 : 3);",
    "en": "nplurals=2; plural=(n != 1);",
}


class Command(BaseCommand):
    help = "Updates the catalogues of every part that has texts and says what is not translated."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="fail where a text has no translation")

    def handle(self, *args, **options):
        missing = [line for folder in parts() for line in self._update(folder)]
        for line in missing:
            self.stdout.write(line)
        if options["check"] and missing:
            raise CommandError(f"{len(missing)} texts have no translation")
        call_command("compilemessages", locale=["en", "pl"], ignore=["var", "node_modules"], verbosity=0)

    def _update(self, folder: Path) -> list[str]:
        import polib

        here = Path.cwd()
        (folder / "locale").mkdir(exist_ok=True)
        os.chdir(folder)
        try:
            call_command(
                "makemessages",
                locale=list(PLURALS),
                extensions=["html", "txt", "py"],
                ignore_patterns=["tests/*"],
                no_obsolete=True,
                no_location=True,
                verbosity=0,
            )
        finally:
            os.chdir(here)
        missing = []
        for language, rule in PLURALS.items():
            path = folder / "locale" / language / "LC_MESSAGES" / "django.po"
            if not path.exists():
                continue
            catalogue = polib.pofile(str(path), wrapwidth=120)
            tidy(catalogue, language, rule)
            if len(catalogue):
                catalogue.save()
            else:
                path.unlink()
            missing += [f"{path}: {entry.msgid!r}" for entry in catalogue if not entry.translated()]
        return missing


def parts() -> list[Path]:
    """The folders of our apps that have texts."""
    folders = [Path(config.path) for config in apps.get_app_configs() if config.name.startswith("miasto.")]
    return [folder for folder in sorted(folders) if (folder / "locale").exists() or has_texts(folder)]


def has_texts(folder: Path) -> bool:
    """Whether a folder's code or templates mark texts for translation."""
    marks = ("gettext", "{% translate", "{% blocktranslate")
    files = [path for kind in ("*.py", "*.html", "*.txt") for path in folder.rglob(kind) if "tests" not in path.parts]
    return any(mark in path.read_text("utf-8") for path in files for mark in marks)


def tidy(catalogue, language: str, rule: str) -> None:
    """A short, stable header; no guessed translations; in ``pl`` the plurals only."""
    catalogue.header = ""
    catalogue.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": rule,
    }
    catalogue.metadata_is_fuzzy = False
    for entry in list(catalogue):
        if language == "pl" and not entry.msgid_plural:
            catalogue.remove(entry)
        elif entry.fuzzy:
            entry.flags.remove("fuzzy")
            entry.previous_msgid = entry.previous_msgid_plural = None
            entry.msgstr, entry.msgstr_plural = "", dict.fromkeys(entry.msgstr_plural, "")
        if entry.msgid_plural and entry.msgid != "":
            forms = 4 if language == "pl" else 2
            entry.msgstr_plural = {number: entry.msgstr_plural.get(number, "") for number in range(forms)}
    catalogue.sort(key=lambda entry: (entry.msgctxt or "", entry.msgid))
