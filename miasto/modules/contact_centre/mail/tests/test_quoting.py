"""What somebody wrote just now, over a corpus of the styles of mail programs; the table is in docs/letters.md."""

import pytest

from miasto.kernel.core.incoming.html_text import text_of
from miasto.modules.contact_centre.mail import quoting
from miasto.modules.contact_centre.mail.tests.corpus import CORPUS


def newest(text: str) -> str:
    return quoting.newest(text_of(text) if text.startswith("<") else text)


def same(found: str, wanted: str) -> bool:
    return " ".join(found.split()) == " ".join(wanted.split())


def test_the_corpus_is_cut_as_a_person_would_cut_it():
    assert len(CORPUS) >= 30
    missed = [style for style, text, wanted in CORPUS if not same(newest(text), wanted)]
    assert missed == []


@pytest.mark.parametrize(("style", "text", "wanted"), CORPUS, ids=[one[0] for one in CORPUS])
def test_nothing_that_was_written_just_now_is_lost(style, text, wanted):
    """A word too many is a flaw, a word too few may change what somebody says."""
    found = newest(text)
    assert set(wanted.split()) <= set(found.split())


@pytest.mark.parametrize("filler", ["On " * 3_000, "W dniu 1 " * 600, "Od: " * 1_000])
def test_an_endless_line_is_left_to_the_patterns_that_bear_it(filler):
    """The library's own pattern for "On … wrote:" takes seconds on such a line, so it is not asked."""
    assert quoting.newest(f"Moje słowa.\n\n{filler}").startswith("Moje słowa.")
    assert quoting._by_library(filler) == ""


def test_a_first_letter_keeps_what_it_forwards():
    text = "Przekazuję odpowiedź spółki:\n\n> Odmawiamy naprawy.\n\nJan\n\nWysłane z iPhone'a"
    assert quoting.unsigned(text) == "Przekazuję odpowiedź spółki:\n\n> Odmawiamy naprawy.\n\nJan"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Ala</p><p>ma <b>kota</b></p>", "Ala\nma kota"),
        ("Linia<br>druga", "Linia\ndruga"),
        ("<style>p{}</style><script>alert(1)</script>Treść", "Treść"),
        ("<ul><li>raz</li><li>dwa</li></ul>", "- raz\n- dwa"),
        ("<p>1 &lt; 2 &amp; 3</p>", "1 < 2 & 3"),
        ("<blockquote><p>cytat</p></blockquote>swoje", "> cytat\nswoje"),
        ("<div><p>niedomknięte", "niedomknięte"),
        ("<a href='javascript:alert(1)'>odsyłacz</a>", "odsyłacz"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
    ],
)
def test_html_becomes_plain_words(html, words):
    assert text_of(html) == words
