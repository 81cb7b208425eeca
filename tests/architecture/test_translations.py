"""Every text has an English translation, every Polish plural its forms, and no placeholder is lost."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((ROOT / "miasto").rglob("locale/*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def test_code_and_templates_hold_no_text_that_the_catalogues_lack(tmp_path):
    for name in ("miasto", "cities"):
        shutil.copytree(ROOT / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-m", "miasto", "catalogues", "--check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_translations_keep_every_placeholder(path):
    wrong = []
    for entry in polib.pofile(str(path)):
        wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text and not set(PLACEHOLDER.findall(text)) <= wanted:
                wrong.append(f"{entry.msgid!r} -> {text!r}")
        if not entry.msgid_plural and set(PLACEHOLDER.findall(entry.msgstr)) != wanted:
            wrong.append(f"{entry.msgid!r} -> {entry.msgstr!r}")
    assert not wrong


def test_english_pages_show_no_polish_letters_in_translations():
    letters = re.compile(r"[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]")
    allowed = re.compile(r"„[^”]*”|Polski|e-Doręczenia|/\S*/")
    wrong = [
        f"{path.relative_to(ROOT)}: {entry.msgstr!r}"
        for path in CATALOGUES
        if "/en/" in str(path)
        for entry in polib.pofile(str(path))
        if letters.search(allowed.sub("", entry.msgstr))
    ]
    assert not wrong
