"""A question in anybody's words finds its page and the sentence that answers it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.content.models import Service
from miasto.kernel.content.selectors import answers
from miasto.kernel.content.testing import make_office, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(tuesday_noon):
    unit = make_unit(name="Referat Odpadów", phone="41 000 00 01")
    make_office(unit, directions="parter")
    make_service(
        slug="gabaryty", title="Odpady wielkogabarytowe", unit=unit, cost="Bezpłatnie.", duration="Do 3 dni.",
        keywords=["śmieci wielkogabarytowe", "stara kanapa"], documents=["dowód wpłaty", "adres"],
        title_en="Bulky waste", line_en="Bulky waste is taken free of charge.",
    )  # fmt: skip
    make_service(slug="paszport", title="Paszport", keywords=["wyrobić paszport"], cost="140 zł.")
    make_service(slug="dowod", title="Dowód osobisty", keywords=["nowy dowód"], place="W dowolnym urzędzie gminy.")


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("smieci wielkogabarytowe", "gabaryty"),
        ("śmieci wielkogabrytowe", "gabaryty"),
        ("co zrobić ze starą kanapą", "gabaryty"),
        ("STARYCH KANAP", "gabaryty"),
        ("dowodu osobistego", "dowod"),
        ("dowut osobisty", "dowod"),
        ("paszportów", "paszport"),
        ("bulky waste", "gabaryty"),
    ],
)
def test_inflection_missing_letters_and_typing_errors_are_borne(shelf, question, slug):
    assert answers(question)[0].url == f"/poradnik/{slug}/"


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("ile kosztuje paszport", "140 zł."),
        ("ile się czeka na odbiór starej kanapy", "Do 3 dni."),
        ("gdzie wyrobić dowód", "W dowolnym urzędzie gminy."),
        ("jakie dokumenty do odpadów wielkogabarytowych", "dowód wpłaty; adres"),
        ("stara kanapa godziny otwarcia", "Dziś otwarte do 15:30."),
        ("stara kanapa", "Odpady wielkogabarytowe w jednym zdaniu."),
        ("ile kosztuje dowód osobisty", "Dowód osobisty w jednym zdaniu."),
    ],
)
def test_the_sentence_answers_what_was_asked_and_else_the_page_speaks_for_itself(shelf, question, line):
    assert answers(question)[0].line == line


def test_the_answer_says_who_where_and_whether_it_is_open(shelf):
    detail = answers("gabaryty kanapa")[0].detail
    assert detail == "Referat Odpadów · 41 000 00 01 · Rynek 1, parter · Dziś otwarte do 15:30"


def test_in_english_the_translated_sentence_is_given_and_else_the_polish_one(shelf):
    assert answers("bulky waste", language="en")[0].line == "Bulky waste is taken free of charge."
    assert answers("paszport", language="en")[0].line == "Paszport w jednym zdaniu."


@pytest.mark.parametrize(
    "question", ["", "   ", "???", "przepis na bigos", "' OR 1=1 --", "\x00", "a" * 5000, "%", "ile", "🙂"]
)
def test_what_the_knowledge_base_does_not_know_gets_no_answer(shelf, question):
    assert answers(question) == []


def test_a_page_taken_down_answers_no_more(shelf):
    Service.objects.filter(slug="paszport").update(live=False)
    assert answers("paszport") == []


def test_an_answer_costs_few_queries(shelf):
    with CaptureQueriesContext(connection) as asked:
        assert answers("śmieci wielkogabrytowe i paszport")
    assert len(asked) <= 8
