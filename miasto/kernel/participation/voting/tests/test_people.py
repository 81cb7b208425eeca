"""Who is let to the box by account, by telephone and on paper; and that nothing of them is left after the close."""

import uuid
from datetime import date, timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_viewer
from miasto.kernel.core import clock
from miasto.kernel.core.ratelimit import TooMany
from miasto.kernel.participation.voting import closing, codes, confirming, paper, receipts, services, tickets
from miasto.kernel.participation.voting.casting import Refused
from miasto.kernel.participation.voting.models import Channel, DoubleVotes, Election, SealedBallot
from miasto.kernel.participation.voting.people_models import Confirmation, Paper, PhoneCode, VotingPoint
from miasto.kernel.participation.voting.testing import make_open_election
from miasto.kernel.participation.voting.voters import VoterRules, plausible

PHONE = "48600700800"


def admit(election, who, holder=PHONE, channel=Channel.IDENTITY):
    voter, mark = services.marks_of(election=election.pk, identity=who)
    return services.admit(election=election.pk, channel=channel, voter=voter, mark=mark, holder=holder)


def refusal(call, *arguments, **fields):
    with pytest.raises(Refused) as caught:
        call(*arguments, **fields)
    return caught.value.code


def cast(election, ticket, option=1):
    right = tickets.read(ticket, election=election.pk)
    return services.cast(
        election=election.pk, voter_key=right.voter, ballot={"1": [option]}, channel=right.channel, request=uuid.uuid4()
    )


def test_ages_are_those_of_the_day_of_voting():
    rules, today = VoterRules(least_age=6, guardian_under=13), date(2026, 9, 10)
    assert rules.too_young(date(2020, 9, 11), today)
    assert not rules.too_young(date(2020, 9, 10), today)
    assert rules.needs_guardian(date(2013, 9, 11), today)
    assert not rules.needs_guardian(date(2013, 9, 10), today)
    assert not plausible(date(2026, 9, 11), today)
    assert not plausible(date(1905, 1, 1), today)


def test_one_number_serves_as_many_of_a_family_as_the_rule_says(db):
    election, _shares = make_open_election(voters=VoterRules(most_per_phone=2))
    for who in ("anna", "bogdan", "anna"):
        assert cast(election, admit(election, who))
    assert refusal(admit, election, "celina") == "holder_used"
    assert refusal(admit, election, "anna", "48600700801") == "other_holder"
    assert SealedBallot.objects.count() == 2


def test_one_account_is_one_voter_who_also_meets_the_vote_by_telephone(db):
    election, _shares = make_open_election()
    cast(election, admit(election, "anna", "account 1", Channel.ACCOUNT))
    assert refusal(admit, election, "bogdan", "account 1", Channel.ACCOUNT) == "holder_used"
    assert refusal(admit, election, "anna", "account 2", Channel.ACCOUNT) == "other_holder"
    cast(election, admit(election, "anna"), option=2)
    assert SealedBallot.objects.get().channel == Channel.IDENTITY


def test_no_row_beside_the_box_can_be_joined_with_it(db):
    election, _shares = make_open_election()
    cast(election, admit(election, "anna"))
    row, ballot = Confirmation.objects.get(), SealedBallot.objects.get()
    assert bytes(ballot.voter) not in (bytes(row.voter), bytes(row.holder))


@pytest.fixture
def box(db, settings, tmp_path):
    settings.MAILBOX = str(tmp_path)
    election, _shares = make_open_election()

    def newest():
        text = max(tmp_path.glob("*.sms"), key=lambda one: one.stat().st_mtime_ns).read_text("utf-8")
        return "".join(letter for letter in text.splitlines()[1] if letter.isdigit())[:6]

    return election, newest


def wrong(election, name, typed):
    with pytest.raises(codes.WrongCode) as caught:
        services.check_code(election=election.pk, name=name, typed=typed)
    return caught.value.over


def test_a_code_confirms_while_it_is_young_and_twice_where_a_form_is_sent_twice(box, caplog):
    election, newest = box
    name = services.send_code(election=election.pk, number=PHONE)
    digits = newest()
    assert digits.encode() not in bytes(PhoneCode.objects.get().code)
    assert wrong(election, name, "x") is False
    for typed in (digits, f" {digits[:3]} {digits[3:]} "):
        services.check_code(election=election.pk, name=name, typed=typed)
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert wrong(election, name, digits) is True
        assert codes.forget_old() == 1
    assert caplog.records == []


def test_five_tries_and_the_code_is_over_even_for_the_right_one(box):
    election, newest = box
    name = services.send_code(election=election.pk, number=PHONE)
    assert [wrong(election, name, "000 00x") for _try in range(5)] == [False, False, False, False, True]
    assert wrong(election, name, newest()) is True


def test_one_number_gets_only_so_many_codes_an_hour(box, settings):
    election, _newest = box
    settings.RATE_LIMIT_FACTOR = 1
    for _code in range(codes.A_NUMBER_AN_HOUR):
        services.send_code(election=election.pk, number=PHONE)
    with pytest.raises(TooMany):
        services.send_code(election=election.pk, number=PHONE)
    assert services.send_code(election=election.pk, number="48600700801")


@pytest.fixture
def point(db):
    """A point of an election where the last electronic vote counts, with two officers."""
    return make_point()


def make_point(**fields):
    election, shares = make_open_election(**fields)
    point = services.save_point(
        election=election.pk,
        name="Ratusz",
        address="Rynek 1",
        opens_at=clock.now() - timedelta(hours=1),
        closes_at=election.closes_at - timedelta(hours=1),
        by=SYSTEM,
    )
    officers = [make_viewer(roles={"participation.officer": None}) for _one in range(2)]
    services.set_officers(point=point.pk, people=[one.person_id for one in officers], by=SYSTEM)
    return VotingPoint.objects.select_related("election").get(pk=point.pk), officers, shares


def test_a_point_is_open_to_its_officers_alone(point):
    row, (one, _other), _shares = point
    assert paper.served(row.pk, one) == row
    assert paper.served(row.pk, make_viewer(roles={"participation.officer": None})) is None
    assert paper.served(row.pk, make_viewer(roles={"participation.committee": None})) is None


def test_a_point_ends_before_the_vote(point):
    row, *_rest = point
    hours = {"opens_at": row.opens_at, "closes_at": row.election.closes_at + timedelta(minutes=1)}
    assert refusal(services.save_point, election=row.election_id, name="B", address="C", by=SYSTEM, **hours) == "hours"


def test_an_envelope_is_opened_once_and_by_somebody_else(point):
    row, (one, other), _shares = point
    code = services.hand_out(point=row, identity="anna", by=one)
    assert not paper.standing(point=row, identity="anna").may
    assert refusal(services.hand_out, point=row, identity="anna", by=other) == "no_paper"
    assert refusal(services.enter, point=row, code=code, ballot={"1": [1]}, by=one) == "same_officer"
    assert refusal(services.enter, point=row, code="ABCD-EFGH-JKMN", ballot={"1": [1]}, by=other) == "no_envelope"
    for option in (1, 2):
        assert services.enter(point=row, code=code.lower(), ballot={"1": [option]}, by=other).state == Paper.State.ENTERED
    ballot, kept = SealedBallot.objects.get(), Paper.objects.get()
    assert (ballot.channel, len(ballot.requests), kept.sealed) == ("paper", 1, None)
    assert bytes(ballot.voter) != bytes(kept.voter)
    assert paper.counts(row.election_id)[row.pk] == {"handed": 1, "entered": 1, "returned": 0, "outvoted": 0, "missing": 0}


def test_a_vote_by_internet_after_the_paper_counts_where_the_last_electronic_does(point):
    row, (one, other), _shares = point
    code = services.hand_out(point=row, identity="anna", by=one)
    cast(row.election, admit(row.election, "anna"), option=3)
    assert services.enter(point=row, code=code, ballot={"1": [1]}, by=other).state == Paper.State.OUTVOTED
    assert SealedBallot.objects.get().channel == Channel.IDENTITY
    assert not paper.standing(point=row, identity="anna").may


def test_paper_takes_the_place_of_the_electronic_vote_where_paper_counts(db):
    row, (one, other), _shares = make_point(double_votes=DoubleVotes.PAPER)
    cast(row.election, admit(row.election, "anna"))
    assert paper.standing(point=row, identity="anna").replaces
    code = services.hand_out(point=row, identity="anna", by=one)
    services.enter(point=row, code=code, ballot={"1": [1]}, by=other)
    assert SealedBallot.objects.get().channel == Channel.PAPER


def test_who_took_a_paper_votes_on_it_where_the_first_way_counts(db):
    row, (one, other), _shares = make_point(double_votes=DoubleVotes.FIRST)
    code = services.hand_out(point=row, identity="anna", by=one)
    assert refusal(admit, row.election, "anna") == "paper_out"
    services.give_back(point=row, code=code, by=other)
    assert admit(row.election, "anna")
    assert paper.standing(point=row, identity="anna").may


def test_the_close_leaves_numbers_of_papers_and_nobody(point):
    row, (one, other), _shares = point
    election = row.election
    code = services.hand_out(point=row, identity="anna", by=one)
    services.enter(point=row, code=code, ballot={"1": [1]}, by=other)
    services.hand_out(point=row, identity="bogdan", by=one)
    admit(election, "celina")
    assert closing.close_due() == 0
    with clock.at(election.closes_at):
        assert (closing.close_due(), closing.close_due()) == (1, 0)
    assert [model.objects.count() for model in (Confirmation, PhoneCode, Paper)] == [0, 0, 0]
    row.refresh_from_db()
    assert row.counts == {"handed": 2, "entered": 1, "returned": 0, "outvoted": 0, "missing": 1}
    assert Election.objects.get().state == Election.State.CLOSED


def test_a_person_may_ask_for_the_use_of_the_account_and_have_it_forgotten(db):
    election, _shares = make_open_election()
    viewer = make_viewer()
    admit(election, "anna", str(viewer.person_id), Channel.ACCOUNT)
    assert confirming.export(viewer.person_id) == [{"election": election.title}]
    assert (confirming.erase(viewer.person_id), confirming.export(viewer.person_id)) == (1, [])


def test_a_receipt_is_read_back_from_its_json(db):
    election, _shares = make_open_election()
    given = cast(election, admit(election, "anna"))
    assert receipts.Receipt.from_json(given.as_json()) == given
    for broken in (None, {}, {**given.as_json(), "digest": "x"}, {**given.as_json(), "number": 1}, "text"):
        with pytest.raises(ValueError, match=r"receipt|hex|badly"):
            receipts.Receipt.from_json(broken)
