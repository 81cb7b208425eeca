"""Many cases at once: each by its own service call, with what was refused and why."""

import pytest
from django.core.exceptions import PermissionDenied

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.cases import services
from miasto.kernel.cases.models import AnswerTemplate, BulkRun, Case, CaseStep
from miasto.kernel.cases.services import Refused
from miasto.kernel.cases.testing import KEY, filer_of, give_competence, make_case, make_category

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(matter, tuesday_noon):
    return give_competence(make_unit(name="Zieleń"))


@pytest.fixture
def clerk(unit):
    return viewer_for_person(make_staff("cases.clerk", unit).pk)


def ids(cases):
    return [case.pk for case in cases]


def test_each_case_gets_its_own_history_and_what_is_refused_stops_nobody(unit, clerk):
    cases = [make_case() for _number in range(3)]
    services.take_step(case=cases[1], transition="drop", by=filer_of(cases[1]))
    result = services.bulk(case_ids=ids(cases), action="step", transition="take", by=clerk)
    assert result.done == [cases[0].number, cases[2].number]
    ((number, why),) = result.refused
    assert number == cases[1].number
    assert why == "Tego kroku nie można teraz wykonać."
    assert CaseStep.objects.filter(kind="transition", to_stage="working").count() == 2


def test_permission_is_asked_for_each_case(unit, clerk):
    mine, roads = make_case(), make_unit(name="Drogi")
    foreign = make_case(category=make_category(competence=_competence(roads)))
    result = services.bulk(case_ids=ids([mine, foreign]), action="unit", unit=str(roads.pk), by=clerk)
    assert (result.done, result.refused) == ([mine.number], [(foreign.number, "Nie masz uprawnień do tej sprawy.")])


def _competence(unit):
    give_competence(unit, "cases.other")
    return "cases.other"


def test_units_people_categories_and_merges_go_the_same_way(unit, clerk):
    cases, category = [make_case() for _number in range(2)], make_category()
    services.bulk(case_ids=ids(cases), action="assignee", assignee=str(clerk.person_id), by=clerk)
    services.bulk(case_ids=ids(cases), action="category", category=str(category.pk), by=clerk)
    for case in cases:
        case.refresh_from_db()
        assert (case.assignee_id, case.category_id) == (clerk.person_id, category.pk)
    main = make_case()
    services.bulk(case_ids=ids([*cases, main]), action="merge", into=main.number, by=clerk)
    assert sorted(Case.objects.values_list("stage", flat=True)) == ["merged", "merged", "new"]


def test_a_template_is_filled_in_for_each_case(unit, clerk, run_jobs, mailoutbox):
    template = AnswerTemplate.objects.create(case_type=KEY, slug="x", name="X", body="W sprawie {number}: jutro.")
    cases = [make_case() for _number in range(2)]
    values = {"transition": "solve", "template": str(template.pk), "reason": "Bez zdjęcia."}
    assert len(services.bulk(case_ids=ids(cases), action="step", by=clerk, **values).done) == 2
    run_jobs()
    for case in cases:
        assert any(f"W sprawie {case.number}: jutro." in message.body for message in mailoutbox)


@pytest.mark.parametrize(
    ("action", "values"),
    [("fly", {}), ("unit", {}), ("category", {"category": ""}), ("step", {}), ("merge", {"into": "XX-2026-000001"})],
)
def test_an_order_without_sense_is_refused_as_a_whole(unit, clerk, action, values):
    with pytest.raises(Refused):
        services.bulk(case_ids=ids([make_case()]), action=action, by=clerk, **values)


def test_a_few_are_done_at_once_and_many_by_a_job_with_progress(unit, clerk, run_jobs, monkeypatch):
    monkeypatch.setattr("miasto.kernel.cases.bulk.AT_ONCE", 2)
    few = services.start_run(case_ids=ids([make_case()]), action="step", transition="take", by=clerk)
    assert (few.state, few.position) == ("finished", 1)
    many = services.start_run(case_ids=ids([make_case() for _n in range(5)]), action="step", transition="take", by=clerk)
    assert (many.state, many.position) == ("waiting", 0)
    run_jobs(only="cases.bulk")
    many = BulkRun.objects.get(pk=many.pk)
    assert (many.state, many.position, len(many.done), many.refused) == ("finished", 5, 5, [])


def test_a_run_can_be_stopped_by_whoever_ordered_it(unit, clerk, run_jobs, monkeypatch):
    monkeypatch.setattr("miasto.kernel.cases.bulk.AT_ONCE", 1)
    run = services.start_run(case_ids=ids([make_case(), make_case()]), action="step", transition="take", by=clerk)
    with pytest.raises(PermissionDenied):
        services.cancel_run(run=run, by=viewer_for_person(make_staff("cases.clerk", unit).pk))
    services.cancel_run(run=run, by=clerk)
    run_jobs(only="cases.bulk")
    run = BulkRun.objects.get(pk=run.pk)
    assert (run.state, run.done) == ("cancelled", [])
    assert set(Case.objects.values_list("stage", flat=True)) == {"new"}


def test_from_the_queue_through_the_form_to_the_result(unit, clerk, client):
    from miasto.kernel.accounts.models import Person

    client.force_login(Person.objects.get(pk=clerk.person_id), backend="django.contrib.auth.backends.ModelBackend")
    cases = [make_case() for _number in range(2)]
    address = "/panel/sprawy/zbiorczo/"
    page = client.post(address, {"case": [str(cases[0].pk)], "query": ""})
    assert "1 sprawa do zmiany" in page.content.decode()
    sent = {"case": [str(cases[0].pk)], "query": "", "go": "1", "action": "step", "transition": "take"}
    page = client.post(address, sent, follow=True)
    assert cases[0].number in page.content.decode()
    assert [case.stage for case in Case.objects.order_by("number")] == ["working", "new"]
    page = client.post(
        address, {"all": "1", "query": "stan=open", "go": "1", "action": "step", "transition": "take"}, follow=True
    )
    text = page.content.decode()
    assert "Pominięte i dlaczego" in text
    assert set(Case.objects.values_list("stage", flat=True)) == {"working"}
    stranger = BulkRun.objects.exclude(person=None).first()
    client.force_login(make_staff("cases.clerk", unit), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/panel/sprawy/zbiorczo/{stranger.pk}/").status_code == 404
