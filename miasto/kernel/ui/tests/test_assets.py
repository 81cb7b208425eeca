"""The built browser assets, as the web server will serve them: with fingerprints in their names."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage

ASSETS = Path(settings.STATICFILES_DIRS[0]) if settings.STATICFILES_DIRS else None
pytestmark = pytest.mark.skipif(ASSETS is None, reason="the browser assets are not built: npm run build")
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")
POLISH = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The folder that ``collectstatic`` makes of the assets."""
    folder = tmp_path_factory.mktemp("static")
    storage = ManifestStaticFilesStorage(location=str(folder), base_url="/static/")
    source = FileSystemStorage(location=str(ASSETS))
    names = [str(path.relative_to(ASSETS)) for path in ASSETS.rglob("*") if path.is_file()]
    paths = {name: (source, name) for name in names}
    for name in paths:
        storage.save(name, source.open(name))
    results = [outcome for _name, _hashed, outcome in storage.post_process(paths)]
    assert [outcome for outcome in results if isinstance(outcome, Exception)] == []
    return folder


def test_every_import_between_scripts_leads_to_a_file(collected):
    scripts = list(collected.glob("js/**/*.js"))
    wanted = [(path, target) for path in scripts for target in IMPORT.findall(path.read_text("utf-8"))]
    assert wanted
    assert [(path.name, target) for path, target in wanted if not (path.parent / target).resolve().exists()] == []


def test_the_style_sheet_asks_only_for_files_that_are_here(collected):
    sheet = next(collected.glob("css/app.*.css"))
    targets = re.findall(r"url\(\"?([^\")]+)\"?\)", sheet.read_text("utf-8"))
    assert targets
    assert [target for target in targets if not target.startswith("data:") and not (sheet.parent / target).exists()] == []


def test_nothing_of_the_brand_of_the_base_is_left():
    text = (ASSETS / "css/app.css").read_text("utf-8")
    assert [word for word in ("GDS Transport", "govuk-crest", "govuk-logotype", "govuk-header") if word in text] == []


def test_the_style_sheet_covers_the_polish_letters():
    ranges = re.findall(r"unicode-range:([^;}]+)", (ASSETS / "css/app.css").read_text("utf-8"))
    spans = [part.strip()[2:].split("-") for text in ranges for part in text.split(",")]
    covered = [(int(span[0], 16), int(span[-1], 16)) for span in spans]
    assert [letter for letter in POLISH if not any(low <= ord(letter) <= high for low, high in covered)] == []


def test_the_lock_names_no_address_of_a_registry():
    lock = (Path(__file__).parents[4] / "package-lock.json").read_text("utf-8")
    assert [word for word in ("resolved", "registry", ".tgz") if word in lock] == []
