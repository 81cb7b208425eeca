"""The rules of a survey: once each, nobody known, questions frozen, results that reveal nobody."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.changes import history
from miasto.kernel.places.testing import line, point, square
from miasto.kernel.spec.questions import Question
from miasto.modules.idea.surveys import counting, privacy, selectors, services, structure
from miasto.modules.idea.surveys.models import Survey, SurveyResponse, SurveyText
from miasto.modules.idea.surveys.services import AnswerRow, MarkRow
from miasto.modules.idea.surveys.tests.conftest import ORDER, make_survey

pytestmark = pytest.mark.django_db


def mark(geom=None, **fields):
    return MarkRow(question="q2", geom=geom or point(), answers=fields.pop("answers", {"q3": "o1"}), **fields)


def row(**fields):
    return AnswerRow(**{"answers": {"q6": "o1"}, "marks": (mark(),), **fields})


def respond(survey, who, **fields):
    return services.respond(survey=survey, row=row(**fields), who=who, version=survey.version, client_key=f"k-{who}"[:40])


def yesterday(survey):
    SurveyResponse.objects.filter(survey=survey).update(day=clock.today() - timedelta(days=1))


def test_one_answer_each_and_a_form_sent_twice_is_one(survey):
    who = services.digest(survey, "device", "a")
    first = respond(survey, who)
    assert respond(survey, who).pk == first.pk
    with pytest.raises(services.Refused) as caught:
        services.respond(survey=survey, row=row(), who=who, version=survey.version, client_key="another")
    assert caught.value.code == "again"
    assert first.day == clock.today()
    assert who not in str([change.data for change in history(survey.pk)])


def test_the_end_erases_who_answered_and_the_key(survey):
    who = services.digest(survey, "device", "a")
    respond(survey, who)
    services.close_survey(survey=survey, by=SYSTEM)
    survey.refresh_from_db()
    assert survey.key == ""
    assert not SurveyResponse.objects.exclude(who=None, client_key=None).exists()
    with pytest.raises(services.Refused):
        services.digest(survey, "device", "a")
    with pytest.raises(services.Refused) as caught:
        respond(survey, "another")
    assert caught.value.code == "not_open"


def test_a_survey_past_its_last_day_takes_nothing_and_closes_itself(survey):
    with clock.at(clock.now() + timedelta(days=7)):
        with pytest.raises(services.Refused):
            respond(survey, "late")
        assert services.close_overdue() == 1
        assert services.close_overdue() == 0
    assert Survey.objects.get().closed_at is not None


def test_questions_of_a_published_survey_change_only_before_the_first_answer(survey):
    version = survey.version
    services.save_question(survey=survey, page="s1", row=ORDER, by=SYSTEM)
    with pytest.raises(services.Refused) as caught:
        respond(survey, "old")
    assert caught.value.code == "changed"
    survey.refresh_from_db()
    assert survey.version == version + 1
    respond(survey, "new")
    for change in (
        lambda: services.save_question(survey=survey, page="s1", row=ORDER, by=SYSTEM),
        lambda: services.drop_question(survey=survey, key="q6", by=SYSTEM),
        lambda: services.move_question(survey=survey, key="q6", way=1, by=SYSTEM),
        lambda: services.drop_page(survey=survey, key="s1", by=SYSTEM),
    ):
        with pytest.raises(services.Refused) as caught:
            change()
        assert caught.value.code == "frozen"


def test_a_draft_is_arranged_and_published_only_when_nothing_is_missing(unit):
    draft = make_survey(unit, published=False)
    order = [one.key for one in structure.questions_of(draft)]
    services.move_question(survey=draft, key=order[2], way=-1, by=SYSTEM)
    draft.refresh_from_db()
    assert [one.key for one in structure.questions_of(draft)][1:3] == [order[2], order[1]]
    assert structure.problems(draft.pages)
    with pytest.raises(services.Refused, match="wcześniej nie ma"):
        services.publish_survey(survey=draft, by=SYSTEM)
    services.drop_question(survey=draft, key=order[2], by=SYSTEM)
    draft.refresh_from_db()
    assert services.publish_survey(survey=draft, by=SYSTEM).open


def test_answers_that_the_questions_do_not_offer_are_refused(survey):
    for wrong in ({"answers": {"q6": "o9"}}, {"answers": {"q99": "o1"}}, {"marks": (mark(answers={"q3": "o7"}),)}):
        with pytest.raises(ValidationError):
            respond(survey, "x", **wrong)
    assert not SurveyResponse.objects.exists()


def test_other_units_neither_change_nor_read(survey, staff):
    stranger = viewer_for_person(make_staff("participation.coordinator", make_unit()).pk)
    for act in (services.close_survey, services.publish_results):
        with pytest.raises(PermissionDenied):
            act(survey=survey, by=stranger)
    respond(survey, "a", texts={"q10": "Sekret"})
    assert not selectors.words(survey, stranger).exists()
    assert not SurveyResponse.objects.visible_to(ANONYMOUS).exists()
    assert not SurveyResponse.objects.visible_to(stranger).exists()
    assert len(list(selectors.raw_rows(survey, stranger))) == 1
    assert len(list(selectors.raw_rows(survey, viewer_for_person(staff.pk)))) == 2


def test_a_place_is_shown_from_five_people_on_and_one_person_counts_once_in_a_cell(survey):
    for n in range(4):
        respond(survey, f"d{n}", marks=(mark(point(n, 0)), mark(point(0, n))))
    yesterday(survey)
    cells, hidden = selectors.cells(survey, "q2", exact=False)
    assert (cells, hidden >= 1) == ([], True)
    exact, _hidden = selectors.cells(survey, "q2", exact=True)
    assert exact[0].count == 4
    respond(survey, "d5", marks=(mark(line((-20, 0), (20, 0))[0]),))
    assert selectors.cells(survey, "q2", exact=False)[0] == []
    yesterday(survey)
    (cell,) = selectors.cells(survey, "q2", exact=False)[0]
    assert cell.count == 5
    respond(survey, "d6", marks=(mark(square(side_m=900)[0]),))
    many, _hidden = selectors.cells(survey, "q2", exact=True)
    assert len(many) > 5


def test_results_count_each_kind_and_hide_words_until_they_are_read(survey, staff):
    given = {"q6": "o2", "q7": "4", "q8": {"r1": "o2"}, "q9": ["o2", "o1"]}
    respond(survey, "a", answers=given, texts={"q10": "Zadzwoń do mnie: 600 700 800"})
    respond(survey, "b", answers={"q6": "o1", "q9": ["o1", "o2"]}, texts={"q10": "Więcej drzew"})
    found = {one.question.key: one for one in selectors.results(survey, exact=True)}
    assert dict(found["q6"].rows) == {"pieszo": 1, "autobusem": 1, "Inna odpowiedź": 0}
    assert found["q7"].middle == (4.0, 4.0)
    assert found["q8"].rows == [("ławki", [0, 1])]
    assert dict(found["q9"].rows) == {"drzewa": 1.5, "przystanki": 1.5}
    assert (found["q10"].words, found["q10"].waiting) == ([], 2)
    by = viewer_for_person(staff.pk)
    text = SurveyText.objects.get(body__startswith="Zadzwoń")
    services.decide_words(text=text, publish=True, edited="Zadzwoń do mnie: [telefon]", by=by)
    services.decide_words(text=SurveyText.objects.get(body="Więcej drzew"), publish=False, by=by)
    (last,) = [one for one in selectors.results(survey, exact=True) if one.question.key == "q10"]
    assert (last.words, last.waiting) == (["Zadzwoń do mnie: [telefon]"], 0)
    assert selectors.total(survey) == 0


def test_public_counts_are_rounded_and_what_few_answered_is_not_told(survey):
    for n in range(7):
        respond(survey, f"a{n}", answers={"q6": "o1" if n else "o2", "q8": {"r1": "o1"}, "q9": ["o1", "o2"]})
    for n in range(4):
        respond(survey, f"b{n}", answers={"q7": "4"})
    yesterday(survey)
    found = {one.question.key: one for one in selectors.results(survey, exact=False)}
    assert dict(found["q6"].rows) == {"pieszo": 5, "autobusem": 0, "Inna odpowiedź": 0}, "one person cannot be told"
    assert found["q8"].rows == [("ławki", [5, 0])]
    assert (found["q7"].few, found["q7"].rows, found["q7"].middle) == (True, [], None)
    exact = {one.question.key: one for one in selectors.results(survey, exact=True)}
    assert dict(exact["q6"].rows) == {"pieszo": 6, "autobusem": 1, "Inna odpowiedź": 0}
    assert exact["q7"].middle == (4.0, 4.0)


@pytest.mark.parametrize("n", [5, 9, 10, 23])
def test_no_edge_of_a_public_class_of_numbers_is_one_persons(n):
    question = Question(key="q", label="Ile?", kind="number")
    values = ["3", *("40" for _ in range(n - 2)), "999"]
    public = counting.result_of(question, values, exact=False)
    assert all(count % 5 == 0 for _label, count in public.rows)
    assert not any("999" in label or label.startswith("3–") for label, _count in public.rows)
    exact = counting.result_of(question, values, exact=True)
    assert sum(count for _label, count in exact.rows) == n
    assert exact.rows[0][0].startswith("3–")


def test_a_table_by_another_question_rounds_and_leaves_small_groups_out(survey):
    for n in range(7):
        respond(survey, f"a{n}", answers={"q6": "o1"})
    for n in range(3):
        respond(survey, f"b{n}", answers={"q6": "o2", "q7": "3"})
    yesterday(survey)
    (exact,) = selectors.cross_tables(survey, "q6", exact=True)
    assert exact.columns == [("pieszo", 7), ("autobusem", 3)]
    (public,) = selectors.cross_tables(survey, "q6", exact=False)
    assert public.columns == [("pieszo", 5)]
    assert selectors.cross_tables(survey, "q10", exact=True) == []


def test_a_paper_is_written_down_with_its_source_by_those_who_may(survey, staff):
    by = viewer_for_person(staff.pk)
    made = services.enter_paper(survey=survey, row=row(), received_on=clock.today(), by=by)
    assert (made.source, made.who) == ("paper", None)
    with pytest.raises(services.Refused):
        services.enter_paper(survey=survey, row=row(), received_on=clock.today() - timedelta(days=9), by=by)
    with pytest.raises(PermissionDenied):
        services.enter_paper(survey=survey, row=row(), received_on=clock.today(), by=ANONYMOUS)


def test_a_person_gets_and_erases_the_own_answer_while_the_survey_by_account_lasts(unit):
    one = make_survey(unit, access="account")
    person = make_person()
    who = services.digest(one, "person", str(person.pk))
    services.respond(survey=one, row=row(texts={"q10": "Moje słowa"}), who=who, version=one.version, client_key="k")
    (mine,) = privacy.export(person.pk)
    assert mine["words"] == ["Moje słowa"]
    assert privacy.erase(person.pk) == 1
    assert not SurveyText.objects.exists()
    assert privacy.export(person.pk) == []


def test_words_that_nobody_published_go_a_year_after_the_end(survey):
    respond(survey, "a", texts={"q10": "Sekret"})
    services.close_survey(survey=survey, by=SYSTEM)
    assert privacy.expire(clock.now() - timedelta(days=1)) == 0
    assert privacy.expire(clock.now() + timedelta(seconds=1)) == 1
    assert not SurveyText.objects.exists()
    assert privacy.due(clock.now()) == 0
