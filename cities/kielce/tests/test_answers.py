"""Ninety questions as residents ask them: how many the first answer answers rightly. The number is in docs/content.md."""

import pytest

from cities.kielce.tests.test_profile import toml
from miasto.kernel.accounts.profile import sync_profile
from miasto.kernel.content import demo
from miasto.kernel.content.models import Service
from miasto.kernel.content.selectors import answers
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.content import ServiceLink

pytestmark = pytest.mark.django_db
LEAST_FIRST, LEAST_AMONG_THREE = 0.90, 0.95


@pytest.fixture
def knowledge():
    sync_profile()
    demo.load()


def test_nine_of_ten_questions_are_answered_by_the_first_answer(knowledge):
    asked = toml("tests/questions.toml")
    found = {text: [one.url.split("/")[2] for one in answers(text)] for text, _expected in asked["questions"]}
    first = [text for text, expected in asked["questions"] if found[text][:1] and found[text][0] in expected]
    three = [text for text, expected in asked["questions"] if set(found[text][:3]) & set(expected)]
    missed = {text: found[text][:2] for text, _expected in asked["questions"] if text not in first}
    assert len(asked["questions"]) >= 60
    assert len(first) / len(asked["questions"]) >= LEAST_FIRST, missed
    assert len(three) / len(asked["questions"]) >= LEAST_AMONG_THREE, missed
    assert {text for text in asked["unknown"] if answers(text)} == set()


def test_every_page_is_whole_and_leads_to_what_is_there(knowledge):
    leaves = {leaf["slug"] for group in toml("categories.toml")["categories"] for leaf in group["children"]}
    pages = list(Service.objects.filter(live=True))
    assert len(pages) >= 35
    for page in pages:
        assert page.title_en, page.slug
        assert page.line_en, page.slug
        assert page.unit_id, page.slug
        assert page.cost, page.slug
        assert len(page.keywords.splitlines()) >= 4, page.slug
        key, _colon, value = page.related.partition(":")
        assert not value or (registry().has(ServiceLink, key) and value in leaves), page.slug
