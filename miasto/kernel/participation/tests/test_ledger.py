"""Nobody is lost: whatever is grouped, moved and decided, each remark of the ledger stands in the report exactly once."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core import clock
from miasto.kernel.core.registry import registry
from miasto.kernel.participation import confirming, listeners, reporting, selectors, services
from miasto.kernel.participation import events as happened
from miasto.kernel.participation.models import Contribution, Group, Process
from miasto.kernel.participation.testing import after_the_phases, make_process, remark

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kind")]


@pytest.fixture
def process():
    return make_process()


def read_all(process):
    for made in Contribution.objects.filter(process=process, text_state="waiting"):
        services.decide_text(contribution=made, publish=True, by=SYSTEM)


def close(process, outcome="Park będzie większy."):
    with after_the_phases(process):
        return services.close_process(process=process, outcome=outcome, by=SYSTEM)


def numbers_in_report(process):
    return sorted(made.number for one in reporting.answered(process.pk) for made in one.remarks)


def numbers_in_csv(process):
    rows = list(csv.reader(io.StringIO(reporting.csv_of(process).decode("utf-8-sig"))))
    assert rows[0] == list(reporting.HEAD)
    return sorted(int(row[0]) for row in rows[1:])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["remark", "group", "join", "leave", "decide_one", "decide_group"]),
        st.lists(st.integers(0, 11), min_size=1, max_size=4),
        st.sampled_from(["accepted", "partly", "rejected", "out_of_scope"]),
    ),
    min_size=1,
    max_size=14,
)


def take(process, what, chosen, outcome):
    rows = list(Contribution.objects.filter(process=process))
    groups = list(Group.objects.filter(process=process))
    picked = [rows[at % len(rows)].pk for at in chosen] if rows else []
    group = groups[chosen[0] % len(groups)] if groups else None
    if what == "remark":
        remark(process)
    elif what == "group" and picked:
        services.make_group(process=process, title="To samo", contribution_ids=picked, by=SYSTEM)
    elif what == "join" and group:
        services.add_to_group(group=group, contribution_ids=picked, by=SYSTEM)
    elif what == "leave":
        services.leave_group(process=process, contribution_ids=picked, by=SYSTEM)
    elif what == "decide_group" and group:
        services.decide(process=process, group=group, outcome=outcome, reasons="Bo tak.", by=SYSTEM)
    elif what == "decide_one" and picked:
        made = Contribution.objects.get(pk=picked[0])
        if made.group_id is None:
            services.decide(process=process, contribution=made, outcome=outcome, reasons="Bo tak.", by=SYSTEM)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_remark_is_lost_or_doubled_by_any_order_of_grouping_and_deciding(process, steps):
    point = transaction.savepoint()
    try:
        for _ in range(4):
            remark(process)
        for step in steps:
            take(process, *step)
        ledger = [made.number for made in Contribution.objects.filter(process=process)]
        assert ledger == list(range(1, len(ledger) + 1))
        assert not Group.objects.filter(process=process, contributions=None).exists()
        for made in Contribution.objects.filter(process=process, decision=None):
            services.leave_group(process=process, contribution_ids=[made.pk], by=SYSTEM)
            made.refresh_from_db()
            services.decide(process=process, contribution=made, outcome="rejected", reasons="Nie.", by=SYSTEM)
        read_all(process)
        closed = close(process)
        assert numbers_in_report(closed) == ledger
        assert numbers_in_csv(closed) == ledger
        assert closed.report.figures["remarks"] == len(ledger)
        assert sum(closed.report.figures["status"].values()) == len(ledger)
    finally:
        transaction.savepoint_rollback(point)


def test_a_process_is_not_closed_while_one_remark_has_no_answer(process):
    first, second = remark(process), remark(process)
    read_all(process)
    services.decide(process=process, contribution=first, outcome="accepted", reasons="Tak.", by=SYSTEM)
    with pytest.raises(ValidationError, match="1 uwaga nie ma odpowiedzi"):
        close(process)
    services.decide(process=process, contribution=second, outcome="rejected", reasons="Nie.", by=SYSTEM)
    assert close(process).closed_at is not None


def test_the_database_too_refuses_to_close_over_an_unanswered_remark(process):
    remark(process)
    with pytest.raises(IntegrityError), transaction.atomic():
        Process.objects.filter(pk=process.pk).update(closed_at=process.published_at)


def test_the_database_refuses_a_remark_without_an_answer_in_a_closed_process(process):
    made = remark(process)
    services.decide(process=process, contribution=made, outcome="accepted", reasons="Tak.", by=SYSTEM)
    read_all(process)
    close(process)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution.objects.filter(pk=made.pk).update(decision=None, status="waiting")


def test_a_decision_is_never_changed(process):
    made = remark(process)
    decision = services.decide(process=process, contribution=made, outcome="accepted", reasons="Tak.", by=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(decision).objects.filter(pk=decision.pk).update(reasons="Inaczej.")


def test_a_process_is_not_closed_while_remarks_may_still_be_sent(process):
    with pytest.raises(ValidationError, match="Zamknij po tym dniu"):
        services.close_process(process=process, outcome="Nic.", by=SYSTEM)


def test_one_decision_answers_the_whole_group_and_whoever_joins_it_later(process):
    rows = [remark(process) for _ in range(3)]
    group = services.make_group(process=process, title="Drzewa", contribution_ids=[row.pk for row in rows[:2]], by=SYSTEM)
    decision = services.decide(process=process, group=group, outcome="partly", reasons="Część.", by=SYSTEM)
    services.add_to_group(group=group, contribution_ids=[rows[2].pk], by=SYSTEM)
    assert {row.decision_id for row in Contribution.objects.filter(process=process)} == {decision.pk}
    with pytest.raises(ValidationError, match="w grupie"):
        services.decide(process=process, contribution=rows[0], outcome="accepted", reasons="Tak.", by=SYSTEM)


@pytest.mark.parametrize(("outcome", "reasons"), [("", "Tak."), ("waiting", "Tak."), ("accepted", "  ")])
def test_an_answer_needs_an_outcome_and_reasons(process, outcome, reasons):
    with pytest.raises(ValidationError):
        services.decide(process=process, contribution=remark(process), outcome=outcome, reasons=reasons, by=SYSTEM)


def test_every_author_is_told_once_and_nobody_at_an_address_that_is_not_confirmed(process):
    from django.apps import apps

    mails, notices = apps.get_model("core", "OutgoingMail"), apps.get_model("notifications", "Notice")
    person = make_person()
    mine = remark(process, by=viewer_for_person(person.pk))
    guest = remark(process, author=services.Author(email="gosc@przyklad.pl"))
    silent = remark(process, author=services.Author(email="cudzy@przyklad.pl"))
    for made in (mine, guest, silent):
        confirming.ask_to_confirm(happened.ContributionMade(process_id=process.pk, contribution_id=made.pk))
    assert sorted(mails.objects.values_list("to", flat=True)) == ["cudzy@przyklad.pl", "gosc@przyklad.pl"]
    services.confirm_contact(contribution_id=guest.pk, by=SYSTEM)
    ids = [mine.pk, guest.pk, silent.pk]
    group = services.make_group(process=process, title="Drzewa", contribution_ids=ids, by=SYSTEM)
    decision = services.decide(process=process, group=group, outcome="accepted", reasons="Posadzimy.", by=SYSTEM)
    for _ in range(2):
        listeners.tell_decided(happened.DecisionMade(process_id=process.pk, decision_id=decision.pk))
    told = sorted(mails.objects.filter(text__contains="Posadzimy.").values_list("to", flat=True))
    assert told == sorted([person.email, "gosc@przyklad.pl"])
    assert notices.objects.filter(person=person).count() == 1


def test_an_anonymous_reader_finds_published_words_only(process):
    remark(process, "Kanarek nad Silnicą")
    filters = selectors.LedgerFilters(text="kanarek")
    assert not selectors.ledger(process, ANONYMOUS, filters).exists()
    read_all(process)
    assert selectors.ledger(process, ANONYMOUS, filters).count() == 1


def test_the_csv_holds_no_formula_and_no_person(process):
    remark(process, "=HYPERLINK(1)", author=services.Author(name="Zofia Sekretna"))
    read_all(process)
    text = reporting.csv_of(process).decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "Sekretna" not in text


def test_a_decision_has_its_listener():
    assert registry().listeners(happened.DecisionMade)


def entered(process, day, **fields):
    row = services.RemarkRow(body="Proszę o ławki.", author_group="resident")
    return services.enter(process=process, row=row, by=SYSTEM, received_on=day, **{"channel": "letter", **fields})


def test_a_letter_posted_in_time_is_in_time_and_a_later_one_is_kept_as_late_and_answered_so(process):
    last = selectors.remarks_end(process)
    with after_the_phases(process):
        today = clock.today()
        in_time = entered(process, last)
        posted = entered(process, last + timedelta(days=4), posted_on=last)
        late = entered(process, last + timedelta(days=4), posted_on=last + timedelta(days=1))
        called = entered(process, last + timedelta(days=1), channel="phone", posted_on=last)
        assert [one.late for one in (in_time, posted, late, called)] == [False, False, True, True]
        with pytest.raises(services.Refused, match="nadany później"):
            entered(process, today, posted_on=today + timedelta(days=1))
        with pytest.raises(services.Refused, match="nie zbieramy"):
            entered(process, process.phases.first().starts_on - timedelta(days=1))

        def answer(outcome, **to):
            return services.decide(process=process, outcome=outcome, reasons="Bo tak.", by=SYSTEM, **to)

        with pytest.raises(services.Refused, match=f"uwaga nr {posted.number}"):
            answer("late", contribution=posted)
        both = services.make_group(process=process, title="Ławki", contribution_ids=[called.pk, posted.pk], by=SYSTEM)
        with pytest.raises(services.Refused):
            answer("late", group=both)
        services.leave_group(contribution_ids=[posted.pk], process=process, by=SYSTEM)
        answer("late", group=both)
        with pytest.raises(services.Refused):
            services.add_to_group(group=both, contribution_ids=[posted.pk], by=SYSTEM)
        services.add_to_group(group=both, contribution_ids=[late.pk], by=SYSTEM)
        for one in (in_time, posted):
            answer("accepted", contribution=one)
        read_all(process)
        services.close_process(process=process, outcome="Będą ławki.", by=SYSTEM)
    figures = Process.objects.get(pk=process.pk).report.figures
    assert (figures["late"], figures["status"]["late"], figures["remarks"]) == (2, 2, 4)
    assert ("po terminie", 2) in dict(reporting.sums(figures))["Termin"]
    rows = list(csv.DictReader(io.StringIO(reporting.csv_of(process).decode("utf-8-sig"))))
    assert [row["po_terminie"] for row in rows] == ["nie", "nie", "tak", "tak"]
    assert rows[1]["nadana"] == last.isoformat()


def test_the_database_refuses_to_call_a_remark_late_that_came_in_time(process):
    made = remark(process)
    decision = services.decide(process=process, contribution=made, outcome="accepted", reasons="Tak.", by=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution.objects.filter(pk=made.pk).update(status="late", decision=decision)
