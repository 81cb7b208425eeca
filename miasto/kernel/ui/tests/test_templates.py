"""The content security policy refuses whatever is written into a page; so no template may hold it."""

import re
from pathlib import Path

import pytest

MIASTO = Path(__file__).parents[3]
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without an address": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>{]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an address of another server": re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"']https?://", re.IGNORECASE),
}


def page_templates() -> list[Path]:
    """Templates of pages; those of e-mails (in a folder ``mail``, or with a subject beside them) and of PDF files are none."""
    found = sorted(path for path in MIASTO.glob("**/templates/**/*.html") if path.parent.name != "mail" and path.stem != "pdf")
    return [path for path in found if not path.with_suffix("").with_suffix(".subject.txt").exists()]


@pytest.mark.parametrize("path", page_templates(), ids=lambda path: str(path.relative_to(MIASTO)))
def test_a_template_holds_nothing_that_the_policy_refuses(path):
    text = path.read_text("utf-8")
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ('<p style="color:red">', "a style attribute"),
        ("<script>alert(1)</script>", "a script without an address"),
        ('<a onclick="x()">', "an event attribute"),
        ('<img src="https://example.org/a.png">', "an address of another server"),
    ],
)
def test_the_scan_sees_what_it_looks_for(bad, name):
    assert FORBIDDEN[name].search(bad)


def test_every_source_string_of_a_template_that_people_read_is_translatable():
    plain = re.compile(r">\s*[A-ZŻŹĆĄŚĘŁÓŃ][a-ząćęłńóśźż]+ [a-ząćęłńóśźż]+[^<{]*<")
    own = MIASTO / "kernel/ui/templates"
    left = [
        f"{path.name}: {match.group()}" for path in own.glob("**/*.html") for match in plain.finditer(path.read_text("utf-8"))
    ]
    assert left == []
