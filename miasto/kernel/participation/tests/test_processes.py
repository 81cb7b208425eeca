"""A process: the law's minimum of time, facts first, what is published stays, the numbers of the ledger."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.core import clock
from miasto.kernel.core.models import Change
from miasto.kernel.participation import law, selectors, services
from miasto.kernel.participation.models import DocumentVersion, Paragraph, Process
from miasto.kernel.participation.testing import KIND, after_the_phases, make_process, remark, row_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kind")]


@given(
    start=st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    days=st.integers(0, 60),
    basis=st.sampled_from([one.key for one in law.bases()]),
)
def test_exactly_the_times_that_the_law_allows_are_taken(start, days, basis):
    found, end = law.basis(basis), start + timedelta(days=days)
    if days < found.min_days:
        with pytest.raises(ValidationError) as refused:
            law.check_dates(found, start, end)
        assert str(found.min_days) in refused.value.messages[0]
        assert found.act in refused.value.messages[0]
    else:
        law.check_dates(found, start, end)


def test_the_profile_knows_the_four_times_of_the_issue():
    assert {one.key: one.min_days for one in law.bases()} == {
        "municipal": 21,
        "strategy": 35,
        "planning": 28,
        "planning_simplified": 14,
    }


@pytest.mark.parametrize("key", [one.key for one in law.bases()])
def test_the_service_refuses_one_day_less_than_the_law(key):
    good = row_of(basis=key, unit_id=make_unit().pk)
    phase = good.phases[0]
    short = services.PhaseRow(**{**phase.__dict__, "ends_on": phase.ends_on - timedelta(days=1)})
    row = services.ProcessRow(**{**good.__dict__, "phases": [short]})
    with pytest.raises(ValidationError, match="najwcześniejszy koniec"):
        services.create_process(process_kind=KIND, row=row, by=SYSTEM)
    services.create_process(process_kind=KIND, row=good, by=SYSTEM)


def test_a_second_round_exists_only_where_the_basis_has_it():
    with pytest.raises(ValidationError, match="tury"):
        services.create_process(process_kind=KIND, row=row_of(basis="municipal", round=2), by=SYSTEM)
    assert services.create_process(process_kind=KIND, row=row_of(basis="strategy", round=2), by=SYSTEM).round == 2


def test_nothing_is_published_before_the_facts():
    made = services.create_process(process_kind=KIND, row=row_of(), by=SYSTEM)
    with pytest.raises(ValidationError, match="faktami"):
        services.publish_process(process=made, by=SYSTEM)


def test_a_draft_is_seen_by_its_unit_alone():
    unit = make_unit()
    made = make_process(published=False, unit_id=unit.pk)
    own = make_viewer(roles={"participation.coordinator": unit})
    other = make_viewer(roles={"participation.coordinator": make_unit()})

    def seen(viewer):
        return Process.objects.visible_to(viewer).filter(pk=made.pk).exists()

    assert seen(own)
    assert not seen(other)
    assert not seen(ANONYMOUS)
    services.publish_process(process=made, by=own)
    assert seen(other)
    assert seen(ANONYMOUS)


def test_only_the_unit_prepares_and_answers():
    made = make_process()
    resident = make_viewer()
    with pytest.raises(PermissionDenied):
        services.add_document(process=made, title="X", role="subject", text="x", by=resident)
    with pytest.raises(PermissionDenied):
        services.decide(process=made, contribution=remark(made), outcome="accepted", reasons="Tak.", by=resident)


def test_announced_time_may_grow_and_never_shrink():
    made = make_process()
    row = row_of(unit_id=made.unit_id)
    phase = row.phases[0]
    longer = services.PhaseRow(**{**phase.__dict__, "ends_on": phase.ends_on + timedelta(days=7)})
    services.update_process(process=made, row=services.ProcessRow(**{**row.__dict__, "phases": [longer]}), by=SYSTEM)
    with pytest.raises(ValidationError, match="skrócić"):
        services.update_process(process=made, row=row, by=SYSTEM)


def test_a_document_is_cut_at_empty_lines_and_never_changed():
    made = make_process()
    version = DocumentVersion.objects.get(document__process=made, document__title="Projekt")
    assert [(one.number, one.heading, one.text) for one in version.paragraphs.all()] == [
        (1, True, "Rozdział 1"),
        (2, False, "Pierwszy akapit."),
        (3, False, "Drugi akapit."),
        (4, False, "Trzeci akapit."),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Paragraph.objects.filter(version=version).update(text="inaczej")
    later = services.add_version(document=version.document, text="Nowa treść.", note="Poprawka.", by=SYSTEM)
    assert later.number == 2
    assert Paragraph.objects.filter(version=version).count() == 4


def test_remarks_are_taken_only_on_the_days_of_their_phase():
    made = make_process(starts_on=clock.today() + timedelta(days=3))
    with pytest.raises(ValidationError, match="nie zbieramy"):
        remark(made)
    with after_the_phases(made), pytest.raises(ValidationError, match="nie zbieramy"):
        remark(made)


def test_a_remark_is_about_a_paragraph_of_this_process_only():
    made, other = make_process(), make_process()
    mine = Paragraph.objects.filter(version__document__process=made, heading=False).last()
    foreign = Paragraph.objects.filter(version__document__process=other, heading=False).last()
    assert remark(made, target=services.Target(paragraph_id=mine.pk)).paragraph == mine
    with pytest.raises(ValidationError, match="akapitu"):
        remark(made, target=services.Target(paragraph_id=foreign.pk))


def test_numbers_have_no_gap_and_the_same_form_sent_twice_is_one_remark():
    made = make_process()
    row = services.RemarkRow(body="Tak.", author_group="resident")
    once = services.contribute(process=made, row=row, by=ANONYMOUS, client_key="k1")
    twice = services.contribute(process=made, row=row, by=ANONYMOUS, client_key="k1")
    assert once.contribution == twice.contribution
    assert [remark(made).number for _ in range(3)] == [2, 3, 4]


def test_the_planning_form_wants_what_the_act_wants_and_a_paper_letter_is_a_remark_without_it():
    made = make_process(basis="planning")
    with pytest.raises(ValidationError) as refused:
        remark(made)
    assert set(refused.value.message_dict) == {"name", "postal_address", "owner"}
    author = services.Author(name="Anna Próbna", postal_address="Rynek 1")
    sent = remark(made, author=author, answers={"owner": "no"})
    assert sent.text.answers == {"owner": "no"}
    row = services.RemarkRow(body="List bez adresu.", author_group="resident")
    entered = services.enter(process=made, row=row, channel="letter", received_on=clock.today(), by=SYSTEM)
    assert entered.number == 2


def test_words_and_people_are_for_the_author_and_the_unit_until_a_person_approves_them():
    unit = make_unit()
    made, author = make_process(unit_id=unit.pk), make_viewer()
    sent = remark(made, "Dzwońcie: 600 700 800", by=author, author=services.Author(name="Zofia Sekretna"))
    clerk = make_viewer(roles={"participation.clerk": unit})
    for viewer, reads in ((author, True), (clerk, True), (make_viewer(), False), (ANONYMOUS, False)):
        view = selectors.remark(made, sent.number, viewer)
        assert (view.body != "") is reads
        assert (view.author is not None) is reads
    services.decide_text(contribution=sent, publish=True, edited="Dzwońcie.", by=clerk)
    assert selectors.remark(made, sent.number, ANONYMOUS).body == "Dzwońcie."
    assert "Sekretna" not in str(list(Change.objects.values()))
