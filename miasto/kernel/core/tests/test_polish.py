"""Polish words are found by every form and without their diacritics."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.core import polish


def finds(query: str, text: str) -> bool:
    """Whether each term of the query has a form among the indexed words of the text."""
    indexed = set(polish.search_text(text).split())
    return all(term & indexed for term in polish.query_terms(query))


def test_folding_removes_every_polish_diacritic():
    assert polish.fold("ZAŻÓŁĆ GĘŚLĄ JAŹŃ") == "zazolc gesla jazn"


def test_folding_treats_composed_and_decomposed_letters_alike():
    assert polish.fold("z\u0307o\u0301l\u0301") == polish.fold("żóĺ")
    assert polish.words("s\u0301mieci") == ["śmieci"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("śmieci", "Worki ze śmieciami przy drodze"),
        ("smieciami", "Śmieci w lesie"),
        ("SMIECI", "góra śmieci"),
        ("dziura w jezdni", "Dziury na jezdniach"),
        ("zepsuta latarnia", "Nie świecą latarnie, są zepsute"),
        ("lawka", "połamane ławki"),
        ("niepelnosprawnosc", "Wydział do spraw niepełnosprawności"),
        ("Sienkiewicz", "ul. Sienkiewicza 5"),
        ("ulica Sienkiewicza", "ul. Sienkiewicza 5"),
        ("al. Solidarnosci", "Aleja Solidarności"),
        ("swietego Jana", "plac św. Jana"),
        ("12a", "Łąkowa 12A"),
    ],
)
def test_a_query_finds_other_forms_of_its_words(query, text):
    assert finds(query, text)


@pytest.mark.parametrize(("query", "text"), [("latarnia", "ławka"), ("dziura jezdnia", "dziura w chodniku"), ("12", "12a")])
def test_a_query_does_not_find_other_words(query, text):
    assert not finds(query, text)


def test_the_folded_word_itself_comes_first():
    assert polish.forms("Śmieciami")[0] == "smieciami"
    assert polish.lemmas("Śmieci, śmieci")[0] == "smieci"
    assert len(polish.lemmas("śmieci śmieci")) == len(set(polish.lemmas("śmieci")))


def test_function_words_count_only_when_nothing_else_is_asked():
    assert polish.query_terms("na") == [{"na"}]
    assert len(polish.query_terms("dziura na ulicy")) == 2
    assert polish.query_terms("  ,.- ") == []


@given(st.text(max_size=60))
def test_any_text_gives_words_that_postgresql_can_index(text):
    for form in polish.search_text(text).split():
        assert polish.WORD.fullmatch(form)
    assert all(polish.query_terms(text))


def test_threads_may_share_the_analyser():
    texts = [f"śmieciami{suffix} ławkach latarniom drogowych" for suffix in ("", "x", "y", "z")] * 50
    alone = [polish.search_text(text) for text in texts]
    polish._forms.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(polish.search_text, texts)) == alone


def test_the_dictionary_is_not_loaded_at_the_start():
    code = "import sys; import miasto.kernel.core.polish; sys.exit('morfeusz2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
