"""Categories: the tree from the profile, and what a text speaks of."""

import pytest
from django.utils import translation

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.models import AnswerTemplate, Category
from miasto.kernel.cases.services import CatalogueError
from miasto.kernel.cases.testing import KEY

pytestmark = pytest.mark.django_db

TREE = [
    {
        "slug": "drogi",
        "name": "Drogi i chodniki",
        "competence": "roads.repair",
        "children": [
            {"slug": "dziura", "name": "Dziura w jezdni", "keywords": ["wyrwa", "ubytek asfaltu", "koło"], "deadline_days": 7},
            {"slug": "chodnik", "name": "Zniszczony chodnik", "keywords": ["płyta chodnikowa", "krawężnik"]},
            {"slug": "snieg", "name": "Śnieg i lód", "keywords": ["ślisko", "odśnieżanie", "gołoledź"]},
        ],
    },
    {
        "slug": "swiatlo",
        "name": "Oświetlenie",
        "children": [
            {"slug": "lampa", "name": "Lampa nie świeci", "keywords": ["latarnia", "ciemno", "oświetlenie uliczne"]},
            {"slug": "sygnalizacja", "name": "Sygnalizacja świetlna", "keywords": ["światła na skrzyżowaniu"]},
        ],
    },
    {
        "slug": "czystosc",
        "name": "Czystość",
        "children": [
            {"slug": "smieci", "name": "Śmieci i dzikie wysypiska", "keywords": ["odpady", "kosz", "gruz"]},
            {"slug": "zwierze", "name": "Martwe zwierzę", "keywords": ["potrącony pies", "kot", "sarna"], "danger": True},
        ],
    },
]


@pytest.fixture
def tree(matter):
    services.sync_categories(case_type=KEY, tree=TREE)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("dziura w jezdni", "dziura"),
        ("Ogromna dziura na ulicy, urwałem koło", "dziura"),
        ("dziury w asfalcie", "dziura"),
        ("nie swieci lampa", "lampa"),
        ("latarnie nie działają, ciemno", "lampa"),
        ("smieci", "smieci"),
        ("wysypisko smieci w lesie", "smieci"),
        ("slisko na chodniku, nieodsniezone", "snieg"),
        ("krawenznik polamany", "chodnik"),
        ("swiatla na skrzyzowaniu nie dzialaja", "sygnalizacja"),
        ("potrącona sarna leży przy drodze", "zwierze"),
        ("DZIORA W JEZDNI", "dziura"),
    ],
)
def test_a_text_finds_its_category_also_with_typos_and_without_polish_letters(tree, text, slug):
    found = selectors.suggest_categories(KEY, text)
    assert found[0].category.slug == slug
    assert all(0 < made.score <= 1 for made in found)


def test_a_known_word_is_not_taken_for_a_typing_error_of_another(tree):
    assert [made.category.slug for made in selectors.suggest_categories(KEY, "smieci")] == ["smieci"]


@pytest.mark.parametrize("text", ["", "   ", "qqqq xxxx", "??"])
def test_a_text_that_says_nothing_suggests_nothing(tree, text):
    assert selectors.suggest_categories(KEY, text) == []


def test_suggestions_ask_one_query_and_name_leaves_only(tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = selectors.suggest_categories(KEY, "drogi dziura lampa śmieci", limit=3)
    assert len(found) <= 3
    assert {made.category.slug for made in found}.isdisjoint({"drogi", "swiatlo", "czystosc"})


def test_the_tree_is_read_in_its_order_in_one_query(tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = selectors.categories(KEY)
    assert [node.category.slug for node in found] == ["drogi", "swiatlo", "czystosc"]
    assert [node.category.slug for node in found[0].children] == ["dziura", "chodnik", "snieg"]


def test_a_category_that_the_profile_no_longer_names_becomes_inactive_and_comes_back(tree):
    services.sync_categories(case_type=KEY, tree=TREE[:1])
    assert Category.objects.filter(case_type=KEY, active=True).count() == 4
    services.sync_categories(case_type=KEY, tree=TREE)
    assert Category.objects.filter(case_type=KEY, active=True).count() == Category.objects.filter(case_type=KEY).count() == 10


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ([{"slug": "a"}], "needs slug and name"),
        ([{"slug": "a", "name": "A"}, {"slug": "a", "name": "B"}], "twice"),
        ([{"slug": "a", "name": "A", "colour": "red"}], "unknown fields colour"),
        ([{"slug": "a", "name": "A", "questions": [{"key": "q"}]}], "a question needs"),
    ],
)
def test_a_wrong_tree_is_refused_whole_and_names_the_category(matter, tree, told):
    with pytest.raises(CatalogueError, match=told):
        services.sync_categories(case_type=KEY, tree=[{"slug": "good", "name": "Dobra"}, *tree])
    assert not Category.objects.exists()


def test_templates_come_those_of_the_category_first_and_may_be_read_again(tree):
    given = [
        {"slug": "ogolny", "name": "Przyjęto", "body": "Przyjęliśmy."},
        {"slug": "lampa", "name": "Wymiana lampy", "body": "Wymienimy.", "category": "lampa"},
    ]
    for _time in range(2):
        assert services.sync_templates(case_type=KEY, templates=given) == 2
    lamp = selectors.category(KEY, "lampa")
    assert [row.slug for row in selectors.answer_templates(KEY, category_id=lamp.pk)] == ["lampa", "ogolny"]
    assert [row.slug for row in selectors.answer_templates(KEY)] == ["ogolny"]
    assert AnswerTemplate.objects.count() == 2
    with pytest.raises(CatalogueError, match="no category"):
        services.sync_templates(case_type=KEY, templates=[{"slug": "x", "name": "X", "body": "x", "category": "nie-ma"}])


def test_reading_the_profile_again_leaves_what_staff_rewrote_or_switched_off(tree):
    given = [{"slug": slug, "name": slug, "body": "Z profilu."} for slug in ("przyjeto", "zrobiono", "odmowa")]
    services.sync_templates(case_type=KEY, templates=given)
    rows = {row.slug: row for row in AnswerTemplate.objects.all()}
    services.save_template(
        template=rows["przyjeto"], case_type=KEY, name="Przyjęto", body="Po naszemu.", category_id=None, by=SYSTEM
    )
    services.switch_template(template=rows["zrobiono"], active=False, by=SYSTEM)
    assert services.sync_templates(case_type=KEY, templates=[{**row, "body": "Z nowego profilu."} for row in given]) == 3
    left = AnswerTemplate.objects.values_list("slug", "body", "active")
    assert set(left) == {
        ("przyjeto", "Po naszemu.", True),
        ("zrobiono", "Z profilu.", False),
        ("odmowa", "Z nowego profilu.", True),
    }


def test_a_category_has_its_name_in_the_readers_language(tree):
    from django.utils.translation import override

    lamp = selectors.category(KEY, "lampa")
    lamp.translations = {"en": {"name": "Street lamp out"}}
    with override("en"):
        assert lamp.title == "Street lamp out"
        assert lamp.explanation == ""
    assert lamp.title == "Lampa nie świeci"


def test_a_question_is_read_in_the_readers_language_and_its_values_stay(matter):
    words = {"label": "How big is it?", "choices": {"small": "Small"}}
    question = {
        "key": "size",
        "label": "Jak duża?",
        "kind": "choice",
        "choices": [["small", "Mała"], ["large", "Duża"]],
        "translations": {"en": words},
    }
    services.sync_categories(case_type=KEY, tree=[{"slug": "dziura", "name": "Dziura", "questions": [question]}])
    category = Category.objects.get(case_type=KEY, slug="dziura")
    with translation.override("pl"):
        assert (category.asked[0]["label"], category.asked[0]["choices"]) == (
            "Jak duża?",
            [["small", "Mała"], ["large", "Duża"]],
        )
    with translation.override("en"):
        assert category.asked[0]["label"] == "How big is it?"
        assert category.asked[0]["choices"] == [["small", "Small"], ["large", "Duża"]], "the city's word where none is given"


def test_a_translated_answer_must_be_one_of_the_questions_own(matter):
    question = {
        "key": "size",
        "label": "Jak duża?",
        "kind": "choice",
        "choices": [["small", "Mała"]],
        "translations": {"en": {"choices": {"smal": "Small"}}},
    }
    with pytest.raises(CatalogueError, match=r"dziura: .*smal"):
        services.sync_categories(case_type=KEY, tree=[{"slug": "dziura", "name": "Dziura", "questions": [question]}])
