"""The path of an idea: it never ends without an answer, and nobody is counted twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as casework
from miasto.kernel.core import clock
from miasto.kernel.participation import selectors as outcomes
from miasto.kernel.participation.services import close_process
from miasto.kernel.participation.testing import after_the_phases, make_process
from miasto.modules.idea.ideas import figures, jobs, privacy, selectors, services, supporting
from miasto.modules.idea.ideas.models import Idea, IdeaOpinion, IdeaStep, IdeaSupport, State
from miasto.modules.idea.naming import KIND

REASONS = "Miasto posadzi lipy jesienią."


def fresh(idea):
    return Idea.objects.get(pk=idea.pk)


def kinds(idea):
    return list(IdeaStep.objects.filter(idea=idea).values_list("kind", flat=True))


def by_email(idea, email):
    """Support by an address, up to the press of the button behind its link."""
    services.support(idea=idea, by=ANONYMOUS, email=email)
    row = IdeaSupport.objects.get(idea=idea, who=supporting.address_digest(email))
    return services.confirm_support(support_id=row.pk, by=replace(ANONYMOUS, links=frozenset({row.pk})))


def later(days):
    return clock.at(clock.now() + timedelta(days=days))


def supported(idea, resident, count=3):
    for _turn in range(count):
        services.support(idea=fresh(idea), by=resident())
    return fresh(idea)


def decided(idea, lead, state=State.ACCEPTED):
    return services.decide(idea=fresh(idea), state=state, reasons=REASONS, decided_by="Prezydent Miasta", by=lead)


def test_a_draft_keeps_anything_and_is_published_once_with_a_number_and_a_goal(author, resident):
    draft = services.keep_draft(row=services.IdeaRow(title="Lip", text="", topic=""), by=author)
    assert draft.number is None
    assert not Idea.objects.visible_to(resident()).filter(pk=draft.pk).exists()
    with pytest.raises(ValidationError) as wrong:
        services.publish_idea(idea=draft, by=author)
    assert {"title", "text", "topic", "name"} <= set(wrong.value.message_dict)
    row = services.IdeaRow(title="Lipy przy szkole", text="Cień i ławki. " * 8, topic="greenery", name="Ala")
    services.keep_draft(row=row, by=author, idea=draft)
    first = services.publish_idea(idea=draft, by=author)
    assert services.publish_idea(idea=draft, by=author).number == first.number == 1
    assert first.closes_on == clock.today() + timedelta(days=30)
    assert first.threshold == 3
    with pytest.raises(PermissionDenied):
        services.keep_draft(row=row, by=resident(), idea=draft)


def test_personal_data_keep_an_idea_from_being_published(author):
    row = services.IdeaRow(title="Lipy przy szkole", text="Dzwońcie 600 700 800. " * 5, topic="greenery", name="Ala")
    draft = services.keep_draft(row=row, by=author)
    with pytest.raises(ValidationError) as wrong:
        services.publish_idea(idea=draft, by=author)
    assert "600 700 800" in wrong.value.message_dict["text"][0]


def test_one_person_is_one_supporter_by_account_and_by_address(idea, author, resident):
    assert by_email(idea, "Ola@example.org").idea.supports == 1
    person = resident(email="ola@example.org")
    services.support(idea=fresh(idea), by=person)
    services.support(idea=fresh(idea), by=person)
    services.support(idea=fresh(idea), by=ANONYMOUS, email="ola@example.org")
    assert fresh(idea).supports == 1
    assert IdeaSupport.objects.count() == 1
    services.support(idea=fresh(idea), by=ANONYMOUS, email="nigdy@example.org")
    assert fresh(idea).supports == 1, "an address counts only after its link was used"
    with pytest.raises(services.Refused):
        services.support(idea=fresh(idea), by=author)
    with pytest.raises(PermissionDenied):
        services.confirm_support(support_id=IdeaSupport.objects.get(confirmed_at=None).pk, by=ANONYMOUS)
    services.withdraw_support(idea=fresh(idea), by=person)
    assert fresh(idea).supports == 0
    with later(9):
        assert services.forget_unconfirmed() == 1


def test_the_threshold_starts_the_citys_clock_and_support_stands_from_then_on(idea, resident):
    one = resident()
    services.support(idea=idea, by=one)
    reached = supported(idea, resident, 2)
    assert reached.state == State.EXAMINED
    assert reached.due_on == reached.promised_on
    assert reached.due_on >= clock.today() + timedelta(days=60)
    with pytest.raises(services.Refused):
        services.withdraw_support(idea=reached, by=one)
    assert fresh(idea).supports == 3
    assert kinds(idea) == ["published", "reached"]


def test_too_little_support_still_ends_with_an_answer(idea, resident, lead):
    supported(idea, resident, 1)
    jobs.close_gathering()
    assert fresh(idea).state == State.GATHERING
    with later(31):
        with pytest.raises(services.Refused):
            services.support(idea=fresh(idea), by=resident())
        jobs.close_gathering()
        jobs.close_gathering()
        assert kinds(idea) == ["published", "closed"]
        below = fresh(idea)
        assert below.state == State.BELOW
        assert below.due_on >= clock.today() + timedelta(days=30)
        with pytest.raises(ValidationError):
            decided(idea, lead, State.REJECTED)
        assert decided(idea, lead, State.ANSWERED).ended_at is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Idea.objects.filter(pk=idea.pk).update(reasons="")


def test_versions_show_what_changed_and_only_a_substantial_change_is_told(idea, author, resident, run_jobs):
    supporter = resident(email="popiera@example.org")
    services.support(idea=idea, by=supporter)
    run_jobs()
    mail.outbox.clear()
    row = services.row_of(idea, idea.versions.get())
    small = services.revise(idea=fresh(idea), row=replace(row, text=row.text.replace("dziesięć", "dwanaście")), by=author)
    assert not small.substantial
    run_jobs()
    assert not any("popiera@example.org" in one.to for one in mail.outbox)
    large = services.revise(idea=fresh(idea), row=replace(row, title="Platany przy szkole"), why="Lipy alergizują", by=author)
    run_jobs()
    assert large.substantial
    assert any("popiera@example.org" in one.to for one in mail.outbox)
    assert services.revise(idea=fresh(idea), row=replace(row, title="Platany przy szkole"), by=author).pk == large.pk
    newest, changes = selectors.versions_of(fresh(idea))[0]
    assert newest.number == 3
    assert changes[:2] == [("del", "Lipy i ławki "), ("ins", "Platany ")]
    with pytest.raises(PermissionDenied):
        services.revise(idea=fresh(idea), row=row, by=supporter)


def test_a_unit_answers_a_case_with_a_deadline_and_its_opinion_is_public(idea, resident, lead, experts, run_jobs):
    supported(idea, resident)
    unit, clerk = experts
    asked = services.ask_opinion(idea=fresh(idea), unit_id=unit.pk, question="Czy zmieszczą się tu lipy?", by=lead)
    assert services.ask_opinion(idea=fresh(idea), unit_id=unit.pk, question="Czy zmieszczą się?", by=lead).pk == asked.pk
    case = cases.case_for(asked.case.number, clerk)
    assert case.unit_id == unit.pk
    assert case.due_on == asked.due_on
    assert not case.public
    with pytest.raises(services.Refused):
        decided(idea, lead)
    casework.take_step(case=case, transition="conditional", answer="Tak, jeśli przesunie się kabel.", by=clerk)
    run_jobs()
    row = IdeaOpinion.objects.get()
    assert (row.stance, row.text) == ("conditional", "Tak, jeśli przesunie się kabel.")
    assert row.received_at
    services.estimate(idea=fresh(idea), cost=4_500_000, yearly=50_000, note="Zarząd Zieleni, sadzonki i praca.", by=lead)
    assert decided(idea, lead).due_on is not None
    assert kinds(idea)[2:] == ["opinion_asked", "opinion_given", "cost", "decided"]


def test_what_came_of_an_idea_is_followed_to_the_end(idea, resident, lead, unit, run_jobs):
    supported(idea, resident)
    decided(idea, lead)
    process = make_process(kind=KIND, unit_id=unit.pk)
    made = services.link_outcome(
        idea=fresh(idea), url=f"/idea/konsultacje/{process.slug}/", title="", text="", fate="under_way", by=lead
    )
    assert made.title == process.title
    assert made.target_id == process.pk
    assert fresh(idea).due_on is None
    assert outcomes.came_of(process.pk, ANONYMOUS)[0].pk == idea.pk
    with pytest.raises(ValidationError):
        services.link_outcome(idea=fresh(idea), url="javascript:alert(1)", title="x", text="", fate="done", by=lead)
    with after_the_phases(process):
        close_process(process=process, outcome="Będą lipy.", by=SYSTEM)
        run_jobs()
    assert fresh(idea).state == State.DONE
    assert kinds(idea)[-2:] == ["outcome", "done"]
    second = services.link_outcome(
        idea=fresh(idea), url="https://example.org/budowa", title="Nasadzenia", text="", fate="planned", by=lead
    )
    assert fresh(idea).state == State.ACCEPTED, "done means all of it"
    services.follow_outcome(idea=fresh(idea), outcome=second, fate="done", text="Posadzono 12 drzew.", by=lead)
    assert fresh(idea).state == State.DONE


def test_merging_counts_each_supporter_once(idea, published, resident, author, lead, run_jobs):
    other = published("Drzewa i siedzenia koło podstawówki", by=resident(email="druga@example.org"))
    Idea.objects.filter(pk=other.pk).update(threshold=9)
    both, only = resident(), resident(email="tylko@example.org")
    services.support(idea=idea, by=both)
    services.support(idea=other, by=both)
    services.support(idea=other, by=author)
    by_email(other, "adres@example.org")
    with pytest.raises(services.Refused):
        services.merge(idea=other, into=other, reason="To samo.", by=lead)
    main = services.merge(idea=fresh(other), into=fresh(idea), reason="Ten sam szkolny dziedziniec.", by=lead)
    assert main.supports == 2, "the one of both once, the author of the main idea never"
    assert fresh(other).state == State.MERGED
    assert fresh(other).merged_into_id == idea.pk
    with pytest.raises(services.Refused):
        services.support(idea=fresh(other), by=only)
    run_jobs()
    assert any("adres@example.org" in one.to for one in mail.outbox)
    services.support(idea=fresh(idea), by=only)
    assert fresh(idea).state == State.EXAMINED


def test_hiding_has_a_rule_and_gives_the_days_back(idea, lead, resident):
    reader = resident()
    assert services.flag(idea=idea, rule="off_topic", who="a", by=reader)
    assert not services.flag(idea=idea, rule="off_topic", who="a", by=reader)
    with pytest.raises(ValidationError):
        services.hide(idea=idea, rule="nie-podoba-sie", note="Nie.", by=lead)
    services.hide(idea=fresh(idea), rule="off_topic", note="To sprawa sąsiedniej gminy.", by=lead)
    assert not Idea.objects.visible_to(reader).filter(pk=idea.pk).exists()
    assert selectors.hidden(idea.number)[1] == "To sprawa sąsiedniej gminy."
    with pytest.raises(services.Refused):
        services.support(idea=fresh(idea), by=reader)
    with later(5):
        assert services.show(idea=fresh(idea), by=lead).closes_on == idea.closes_on + timedelta(days=5)
    with pytest.raises(PermissionDenied):
        services.hide(idea=fresh(idea), rule="off_topic", note="Nie moje.", by=reader)


def test_a_promise_may_be_moved_but_the_first_one_is_remembered(idea, resident, lead):
    first = supported(idea, resident).due_on
    with pytest.raises(ValidationError):
        services.extend(idea=fresh(idea), due_on=first, reason="Czekamy na mapę.", by=lead)
    moved = services.extend(idea=fresh(idea), due_on=first + timedelta(days=14), reason="Czekamy na mapę.", by=lead)
    assert (moved.promised_on, moved.due_on) == (first, first + timedelta(days=14))
    with later(80):
        assert fresh(idea).overdue
        assert figures.figures().overdue == 1
        decided(idea, lead, State.PARTLY)
        told = figures.figures()
    assert (told.decided, told.on_time, round(told.days_to_decide)) == (1, 0, 80)


def test_an_author_makes_a_petition_and_nobodys_support_is_carried_over(idea, resident, author):
    row = services.Petitioner(name="Anna Lipa", postal="ul. Próbna 1", email="autorka@example.org")
    with pytest.raises(services.Refused):
        services.make_petition(idea=idea, row=row, text="Proszę o lipy.", by=author)
    supported(idea, resident)
    with pytest.raises(PermissionDenied):
        services.make_petition(idea=fresh(idea), row=row, text="Proszę o lipy.", by=resident())
    filed = services.make_petition(idea=fresh(idea), row=row, text="Proszę o lipy.", by=author)
    again = services.make_petition(idea=fresh(idea), row=row, text="Proszę o lipy.", by=author)
    assert again.case.pk == filed.case.pk
    assert filed.case.case_type == "contact_centre.petition"
    assert filed.case.due_on == cases.due_on("contact_centre.petition", clock.today())
    assert filed.case.supporters == 0
    assert kinds(idea)[-1] == "petition"


def test_similar_ideas_are_found_by_other_forms_of_the_words(idea, published, resident):
    published(
        "Nocne autobusy w weekendy", by=resident(), text="Ostatni autobus odjeżdża przed północą, a kino kończy się później."
    )
    found = selectors.similar("Ławka pod lipą", "Dzieci ze szkoły nie mają cienia")
    assert [one.pk for one in found] == [idea.pk]
    assert selectors.similar("Basen", "") == []


def test_erasure_keeps_the_idea_and_the_count_but_not_the_person(idea, resident, author):
    one = resident(email="znika@example.org")
    services.support(idea=idea, by=one)
    services.keep_draft(row=services.IdeaRow(title="Drugi", text="", topic=""), by=author)
    assert len(privacy.export(author.person_id)) == 3
    privacy.erase(author.person_id)
    privacy.erase(one.person_id)
    left = fresh(idea)
    assert left.author_id is None
    assert left.supports == 1
    assert Idea.objects.count() == 1
    row = IdeaSupport.objects.get()
    assert row.person_id is None
    assert row.email == ""
    assert row.who.startswith("erased:")
    assert viewer_for_person(one.person_id)
