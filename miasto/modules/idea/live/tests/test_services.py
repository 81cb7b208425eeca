"""A vote from the agenda to the result: once for each person, secret where it says so, decided by its rule."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core import changes, clock
from miasto.kernel.participation import selectors as participation
from miasto.kernel.participation import services as engine
from miasto.kernel.participation.testing import declared, make_process
from miasto.kernel.places.testing import make_city_area
from miasto.modules.idea.live import chairing, privacy, selectors, services
from miasto.modules.idea.live.models import LiveBallot, LiveMeeting, LiveParticipant, LiveQuestion, LiveRollCall, LiveSpent


def vote(question, participant, *answer):
    return services.cast(question=question, participant=participant, answer=list(answer)).state


def close(question):
    return services.close_question(question=question, by=SYSTEM)


def test_a_secret_vote_counts_once_however_often_it_is_sent(council, ask):
    meeting, people = council
    question = ask(meeting, majority="simple")
    assert vote(question, people[0], 0) == "saved"
    assert vote(question, people[0], 1) == "again"
    assert vote(question, people[1], 0) == "saved"
    assert selectors.cast_count(question) == 2
    closed = close(question)
    assert closed.result["votes"] == [2, 0, 0]
    assert closed.result["verdict"] == "passed"


def test_nothing_ties_a_secret_ballot_to_its_voter(council, ask):
    meeting, people = council
    question = ask(meeting)
    for place, one in enumerate(people):
        vote(question, one, place % 3)
    written = set(LiveBallot.objects.values_list("pk", flat=True))
    close(question)
    assert LiveBallot.objects.filter(question=question).count() == 5
    assert not written & set(LiveBallot.objects.values_list("pk", flat=True)), "ballots are written anew at the close"
    for model in (LiveBallot, LiveSpent):
        kinds = {field.get_internal_type() for field in model._meta.get_fields()}
        assert not kinds & {"DateTimeField", "AutoField", "BigAutoField"}
    assert "participant" not in {field.name for field in LiveBallot._meta.get_fields()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM idea_liveballot WHERE question_id = %s ORDER BY ctid", [question.pk])
        order = [row[0].bytes for row in cursor.fetchall()]
    assert order == sorted(order), "they lie in the order of fresh random keys"
    assert changes.history(question.pk) == []


def test_a_roll_call_says_who_voted_how_and_may_be_changed_where_the_rule_says_so(council, ask):
    meeting, people = council
    question = ask(meeting, secret=False, changeable=True, majority="absolute", base="entitled")
    assert [vote(question, people[0], 0), vote(question, people[0], 0), vote(question, people[0], 1)] == [
        "saved",
        "again",
        "changed",
    ]
    services.cast_by_hand(question=question, participant=people[1], answer=[0], by=SYSTEM)
    close(question)
    found = selectors.result(LiveQuestion.objects.get(pk=question.pk))
    assert [(one.name, one.answer, one.by_hand) for one in found.names] == [
        ("Radna 1", "Przeciw", False),
        ("Radna 2", "Za", True),
    ]
    assert [one.action for one in changes.history(question.pk)] == ["idea.live_voted"] * 3


def test_a_vote_that_comes_after_the_close_is_told_so_and_not_counted(council, ask):
    meeting, people = council
    question = ask(meeting, limit_s=30)
    with clock.at(clock.now() + timedelta(seconds=31)), pytest.raises(services.Refused) as late:
        vote(question, people[0], 0)
    assert late.value.code == "closed"
    close(question)
    with pytest.raises(services.Refused) as closed:
        vote(question, people[1], 0)
    assert closed.value.code == "closed"
    assert not LiveSpent.objects.exists()
    assert not LiveBallot.objects.exists()


def test_the_job_closes_what_ran_out_of_time_and_nothing_else(council, ask):
    meeting, _people = council
    question = ask(meeting, limit_s=30)
    assert not services.close_due(question_id=question.pk)
    with clock.at(clock.now() + timedelta(seconds=31)):
        assert services.close_due(question_id=question.pk)
        assert not services.close_due(question_id=question.pk)
    assert LiveQuestion.objects.get(pk=question.pk).state == "closed"


@pytest.mark.parametrize("answer", [[], [7], [-1], ["za"], [0, 1], None])
def test_an_answer_that_is_not_on_offer_is_refused(council, ask, answer):
    meeting, people = council
    question = ask(meeting)
    with pytest.raises(services.Refused) as wrong:
        services.cast(question=question, participant=people[0], answer=answer)
    assert wrong.value.code == "wrong"


def test_without_a_quorum_nothing_is_decided_and_it_is_said_when(make_meeting, ask):
    meeting = make_meeting(admission="listed", quorum="number", quorum_number=2)
    made = services.list_people(meeting=meeting, names=["Ala", "Ola"], by=SYSTEM)
    first = services.join_by_secret(meeting=meeting, secret=made[0][1], remote=True)
    question = ask(meeting, majority="simple")
    second = services.join_by_secret(meeting=meeting, secret=made[1][1], remote=False)
    vote(question, first, 0)
    vote(question, second, 0)
    closed = close(question)
    assert closed.result["verdict"] == "no_quorum"
    assert closed.result["quorum"] == {"needed": 2, "open": False, "close": True}
    assert "na początku głosowania" in selectors.result(closed).verdict
    again = ask(meeting, majority="simple")
    vote(again, first, 0)
    assert close(again).result["verdict"] == "passed"


def test_who_has_not_been_seen_for_ten_minutes_is_no_longer_counted_unless_they_voted(council, ask):
    meeting, people = council
    question = ask(meeting, majority="simple")
    vote(question, people[0], 0)
    with clock.at(clock.now() + timedelta(minutes=11)):
        closed = close(question)
    assert (closed.present_open, closed.present_close) == (5, 1)
    assert closed.result["verdict"] == "no_quorum"


@pytest.mark.parametrize("way", ["button", "auto"])
def test_the_second_round_has_the_two_best_and_comes_right_after_the_first(council, ask, way):
    meeting, people = council
    question = ask(meeting, kind="one", options=["A", "B", "C"], majority="absolute", second_round=way)
    later = ask(meeting, opened=False, title="Później")
    for one, chosen in zip(people, (0, 0, 1, 1, 2), strict=True):
        vote(question, one, chosen)
    close(question)
    if way == "button":
        services.prepare_second_round(question=question, by=SYSTEM)
    second = services.prepare_second_round(question=question, by=SYSTEM)
    assert (second.options, second.round, second.majority) == (["A", "B"], 2, "simple")
    order = list(meeting.questions.values_list("pk", flat=True))
    assert order == [question.pk, second.pk, later.pk]
    with pytest.raises(services.Refused):
        services.prepare_second_round(question=later, by=SYSTEM)


def test_a_card_votes_in_secret_only_and_the_list_by_name_only(make_meeting, ask):
    meeting = make_meeting(admission="listed", cards=True)
    card = services.make_cards(meeting=meeting, count=3, by=SYSTEM)[0]
    named = services.list_people(meeting=meeting, names=["Ala"], by=SYSTEM)[0][1]
    holder = services.join_by_secret(meeting=meeting, secret=f" {card[:5].lower()}-{card[5:]}", remote=False)
    ala = services.join_by_secret(meeting=meeting, secret=named, remote=False)
    secret = ask(meeting)
    assert vote(secret, holder, 0) == "saved"
    with pytest.raises(services.Refused):
        vote(secret, ala, 0)
    close(secret)
    roll = ask(meeting, secret=False)
    with pytest.raises(services.Refused):
        vote(roll, holder, 0)
    assert vote(roll, ala, 0) == "saved"
    stored = " ".join(LiveParticipant.objects.values_list("secret", flat=True))
    assert card not in stored
    assert named not in stored
    assert services.withdraw_cards(meeting=meeting, by=SYSTEM) == 2


def test_a_new_code_makes_the_old_one_void(make_meeting):
    meeting = make_meeting(admission="listed")
    old = services.list_people(meeting=meeting, names=["Ala", "Ola"], by=SYSTEM)[0][1]
    fresh = dict(services.new_codes(meeting=meeting, by=SYSTEM))
    with pytest.raises(services.Refused):
        services.join_by_secret(meeting=meeting, secret=old, remote=False)
    assert services.join_by_secret(meeting=meeting, secret=fresh["Ala"], remote=False).name == "Ala"


def test_words_are_counted_as_typed_but_for_case_and_the_office_tidies_them(make_meeting, ask):
    meeting = make_meeting()
    question = ask(meeting, kind="words", most=2)
    for words in (("Park", "zieleń"), ("park ", "brzydkie"), ("parki",), ("PARK", "park")):
        guest = services.join_as_guest(meeting=meeting, remote=False)
        vote(question, guest, *words)
    closed = close(question)
    assert {one.text: one.votes for one in selectors.cloud(closed)} == {"park": 4, "zieleń": 1, "brzydkie": 1, "parki": 1}
    tidy = services.moderate_words(question=closed, hidden=["Brzydkie"], merged={"parki": "park"}, by=SYSTEM)
    assert {one.text: (one.votes, one.size) for one in selectors.cloud(tidy)} == {"park": (5, 6), "zieleń": (1, 1)}


def test_answers_in_own_words_are_shown_only_where_the_office_lets_them(make_meeting, ask):
    meeting = make_meeting()
    question = ask(meeting, kind="open")
    for text in ("Więcej drzew", "Mój sąsiad Jan"):
        vote(question, services.join_as_guest(meeting=meeting, remote=False), text)
    closed = close(question)
    assert selectors.admitted(closed) == []
    good = next(pk for pk, text, _shown in selectors.answers(closed) if text == "Więcej drzew")
    services.admit_answers(question=closed, shown={good}, by=SYSTEM)
    assert selectors.admitted(closed) == ["Więcej drzew"]


def test_the_wording_of_an_open_question_may_be_mended_its_answers_not(council, ask):
    meeting, _people = council
    question = ask(meeting, kind="one", options=["A", "B"])
    row = services.QuestionRow(kind="one", title="Lepiej zapytane", options=["C", "D"])
    mended = services.update_question(question=question, row=row, by=SYSTEM)
    assert (mended.title, mended.options, mended.version) == ("Lepiej zapytane", ["A", "B"], 2)
    close(question)
    with pytest.raises(services.Refused):
        services.update_question(question=question, row=row, by=SYSTEM)


def test_only_one_question_is_open_and_rules_stay_once_people_voted(council, ask):
    meeting, _people = council
    question = ask(meeting)
    with pytest.raises(services.Refused):
        ask(meeting)
    close(question)
    row = services.MeetingRow(title="Inna", starts_at=clock.now(), unit_id=meeting.unit_id, admission="listed", quorum="none")
    with pytest.raises(services.Refused):
        services.update_meeting(meeting=meeting, row=row, by=SYSTEM)
    with pytest.raises(ValidationError):
        ask(meeting, kind="one", options=["tylko jedna"])


def test_an_open_meeting_has_no_roll_call(make_meeting, ask):
    with pytest.raises(ValidationError):
        ask(make_meeting(), secret=False)


def test_whoever_leads_another_unit_may_do_nothing(council, ask):
    meeting, _people = council
    question = ask(meeting)
    stranger = viewer_for_person(make_staff("participation.coordinator", make_unit()).pk)
    for act in (services.close_question, services.show_results):
        with pytest.raises(PermissionDenied):
            act(question=question, by=stranger, **({"shown": True} if act is services.show_results else {}))
    with pytest.raises(PermissionDenied):
        services.make_cards(meeting=meeting, count=1, by=stranger)


def test_published_results_join_the_minutes_of_the_process_once(unit, make_meeting, ask):
    make_city_area()
    with declared():
        process = make_process(unit_id=unit.pk)
        hour = timedelta(hours=1)
        told = engine.MeetingRow(title="Warsztat", starts_at=clock.now() - hour, ends_at=clock.now(), place="Ratusz")
        tied = engine.save_meeting(process=process, row=told, by=SYSTEM)
        engine.publish_minutes(meeting=tied, minutes="Było miło.", by=SYSTEM)
        meeting = make_meeting(process_meeting_id=tied.pk)
        question = ask(meeting, majority="simple")
        vote(question, services.join_as_guest(meeting=meeting, remote=True), 0)
        close(question)
        with pytest.raises(services.Refused):
            services.publish_results(meeting=meeting, by=SYSTEM)
        services.end_meeting(meeting=meeting, by=SYSTEM)
        for _turn in range(2):
            services.publish_results(meeting=LiveMeeting.objects.get(pk=meeting.pk), by=SYSTEM)
    minutes = participation.meeting_for(process, tied.pk).minutes
    assert minutes.startswith("Było miło.")
    assert minutes.count("Wniosek przeszedł.") == 1


def test_a_year_later_nobody_knows_who_came_and_the_roll_call_stays(council, ask):
    meeting, people = council
    question = ask(meeting, secret=False)
    vote(question, people[0], 0)
    close(question)
    services.end_meeting(meeting=meeting, by=SYSTEM)
    assert privacy.expire(clock.now() - timedelta(days=1)) == 0
    assert privacy.expire(clock.now() + timedelta(days=1)) == 1
    assert sorted(LiveParticipant.objects.values_list("name", flat=True)) == ["Radna 1", *["[usunięto]"] * 4]
    assert not LiveParticipant.objects.exclude(secret=None).exists()


def test_an_erased_person_is_cut_off_from_their_votes(make_meeting, ask):
    meeting = make_meeting(admission="accounts")
    person = make_person(name="Zofia Testowa")
    me = services.join_by_account(meeting=meeting, remote=True, by=viewer_for_person(person.pk))
    question = ask(meeting, secret=False)
    vote(question, me, 1)
    assert privacy.export(person.pk)[0]["votes"] == [{"question": question.title, "answer": ["przeciw"]}]
    assert privacy.erase(person.pk) == 1
    close(question)
    assert [one.name for one in selectors.result(LiveQuestion.objects.get(pk=question.pk)).names] == ["[usunięto]"]


@pytest.mark.django_db(transaction=True)
def test_forty_sendings_at_once_of_ten_people_are_ten_votes_and_a_close_among_them_loses_none(make_meeting, ask):
    meeting = make_meeting()
    people = [services.join_as_guest(meeting=meeting, remote=False) for _one in range(10)]
    question = ask(meeting, kind="scale")
    told = []
    begin = threading.Barrier(41)

    def send(person):
        begin.wait()
        try:
            told.append(services.cast(question=question, participant=person, answer=[2]).state)
        except services.Refused as refused:
            told.append(refused.code)
        finally:
            connection.close()

    def end():
        begin.wait()
        try:
            chairing.close_question(question=question, by=SYSTEM)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(person,)) for person in people for _turn in range(4)]
    threads.append(threading.Thread(target=end))
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    counted = LiveQuestion.objects.get(pk=question.pk).result["cast"]
    assert told.count("saved") == counted == LiveSpent.objects.count() == LiveBallot.objects.count()
    assert len(told) == 40
    assert set(told) <= {"saved", "again", "closed"}


@pytest.mark.django_db(transaction=True)
def test_a_roll_call_vote_sent_twice_at_once_is_one(make_meeting, ask):
    meeting = make_meeting(admission="listed")
    secret = services.list_people(meeting=meeting, names=["Ala"], by=SYSTEM)[0][1]
    ala = services.join_by_secret(meeting=meeting, secret=secret, remote=False)
    question = ask(meeting, secret=False)
    told = []
    begin = threading.Barrier(4)

    def send(chosen):
        begin.wait()
        try:
            told.append(services.cast(question=question, participant=ala, answer=[chosen]).state)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(chosen,)) for chosen in (0, 1, 0, 1)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["again", "again", "again", "saved"]
    assert LiveRollCall.objects.count() == 1
