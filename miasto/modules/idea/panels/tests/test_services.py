"""A panel from the sign-up to the end: what is promised, and what is refused."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.participation.sortition import recount
from miasto.modules.idea.panels import drawing, jobs, privacy, services
from miasto.modules.idea.panels.models import Applicant, Fate, Panel, State

VALUES = {"Płeć": "kobieta", "Wiek": "40+"}


def viewer(person):
    return viewer_for_person(person.pk)


def sitting(panel):
    return [str(number) for number in panel.applicants.filter(state__in=services.SITTING).values_list("number", flat=True)]


def agrees(panel):
    told = drawing.draw_file(panel, list(panel.exchanges.all()))
    return all(right for _text, right in recount.check(panel.list_text.encode(), told))


def test_everyone_has_one_application_which_may_be_changed_and_taken_back(panel):
    person = viewer(make_person())
    services.apply(panel=panel, values=VALUES, by=person)
    services.apply(panel=panel, values={**VALUES, "Wiek": "16–39"}, phone="600700800", by=person)
    assert Applicant.objects.get().values["Wiek"] == "16–39"
    services.withdraw(panel=panel, by=person)
    assert not Applicant.objects.exists()


def test_a_group_that_the_panel_does_not_know_is_refused(panel):
    with pytest.raises(services.Refused):
        services.apply(panel=panel, values={**VALUES, "Wiek": "0–15"}, by=viewer(make_person()))


def test_nobody_signs_up_after_the_last_day_and_it_is_not_closed_before(panel, later):
    with pytest.raises(services.Refused):
        services.close_recruitment(panel=panel, by=SYSTEM)
    with later(4), pytest.raises(services.Refused):
        services.apply(panel=panel, values=VALUES, by=viewer(make_person()))


def test_the_list_is_published_before_the_draw_and_nothing_can_be_changed_after_it(panel, volunteers, later, staff):
    with later(4):
        services.close_recruitment(panel=panel, by=viewer(staff))
        made = services.publish_list(panel_id=panel.pk, by=SYSTEM)
        assert made.listed_at is not None
        assert len(made.commitment) == len(made.list_sha256) == 64
        assert "seed" not in drawing.draw_file(made, [])
        with pytest.raises(services.Refused):
            services.draw(panel=panel, public_value="1", by=SYSTEM)
        again = services.publish_list(panel_id=panel.pk, by=SYSTEM)
        assert (again.list_sha256, again.commitment) == (made.list_sha256, made.commitment)
    assert sum(lines for _number, lines in drawing.chances(made)) == 5 * 1000


def test_the_draw_invites_the_drawn_line_and_a_stranger_repeats_it(drawn):
    assert sorted(sitting(drawn)) == sorted(drawing.committee(drawn))
    assert drawn.applicants.filter(state=State.RESERVE).count() == 11
    assert agrees(drawn)
    with pytest.raises(services.Refused):
        services.draw(panel=drawn, public_value="6 5 4", by=SYSTEM)


def test_a_refusal_is_replaced_by_somebody_alike_and_the_quotas_stay(drawn):
    for _turn in range(3):
        gone = drawn.applicants.filter(state=State.INVITED).order_by("number").first()
        alike = drawn.applicants.filter(state=State.RESERVE, values=gone.values).exists()
        services.answer(panel=drawn, accepts=False, by=viewer(gone.person))
        exchange = drawn.exchanges.last()
        chosen = drawn.applicants.get(number=exchange.chosen)
        assert (chosen.values == gone.values) == alike
        assert drawing.problem_of(drawn, list(drawn.applicants.all())).keeps(sitting(drawn))
    assert agrees(drawn)


def test_when_nobody_alike_is_left_the_seat_stays_empty_and_it_is_said(drawn):
    kept = drawn.applicants.filter(state__in=services.SITTING)
    drawn.applicants.exclude(pk__in=kept).update(state=State.REFUSED)
    services.answer(panel=drawn, accepts=False, by=viewer(kept.first().person))
    assert drawn.exchanges.get().chosen == ""
    assert len(sitting(drawn)) == 4


def test_only_who_was_drawn_can_answer(drawn):
    reserve = drawn.applicants.filter(state=State.RESERVE).first()
    for person in (reserve.person, make_person()):
        with pytest.raises(services.Refused):
            services.answer(panel=drawn, accepts=True, by=viewer(person))


def test_until_the_draw_the_seed_lies_in_no_column_of_the_database(panel, volunteers, later):
    with later(4):
        services.close_recruitment(panel=panel, by=SYSTEM)
        made = services.publish_list(panel_id=panel.pk, by=SYSTEM, seed="ab" * 32)
        assert "ab" * 8 not in str(Panel.objects.values().get())
    with later(7):
        drawn = services.draw(panel=made, public_value="1", by=SYSTEM)
    assert (drawn.seed, drawn.sealed_seed) == ("ab" * 32, "")


def test_a_draw_with_a_seed_that_no_key_opens_is_refused_until_the_former_key_is_named(panel, volunteers, later, settings):
    with later(4):
        services.close_recruitment(panel=panel, by=SYSTEM)
        services.publish_list(panel_id=panel.pk, by=SYSTEM)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    with later(7):
        with pytest.raises(services.Refused, match="dawny klucz"):
            services.draw(panel=panel, public_value="1", by=SYSTEM)
        settings.SECRET_KEY_FALLBACKS = [former]
        assert services.renew_seeds() == 1
        settings.SECRET_KEY_FALLBACKS = []
        assert services.draw(panel=panel, public_value="1", by=SYSTEM).drawn_at


def test_a_list_whose_job_breaks_says_so_and_is_made_at_the_second_try(panel, volunteers, later, monkeypatch):
    monkeypatch.setattr(services.drawing, "lottery", lambda problem: 1 / 0)
    with later(4):
        services.close_recruitment(panel=panel, by=SYSTEM)
        with pytest.raises(ZeroDivisionError):
            jobs.make_list(panel_id=str(panel.pk), attempt=1)
        broken = Panel.objects.get()
        assert (services.works(broken), services.stuck(broken)) == (False, True)
        monkeypatch.undo()
        services.close_recruitment(panel=panel, by=SYSTEM)
        assert services.works(Panel.objects.get())
        jobs.make_list(panel_id=str(panel.pk), attempt=1)
        assert Panel.objects.get().listed_at is None, "the first try came too late"
        jobs.make_list(panel_id=str(panel.pk), attempt=2)
    made = Panel.objects.get()
    assert made.listed_at
    assert not services.stuck(made)


def test_a_list_whose_job_was_killed_may_be_begun_again_after_a_quarter_of_an_hour(panel, volunteers, later):
    with later(4):
        services.close_recruitment(panel=panel, by=SYSTEM)
        with pytest.raises(services.Refused):
            services.close_recruitment(panel=panel, by=SYSTEM)
    with later(5):
        assert services.stuck(Panel.objects.get())
        services.close_recruitment(panel=panel, by=SYSTEM)
        jobs.make_list(panel_id=str(panel.pk), attempt=2)
        assert Panel.objects.get().listed_at


def test_a_pool_that_cannot_give_a_panel_says_what_would_do_and_new_numbers_mend_it(panel, later, staff):
    for _place in range(8):
        services.apply(panel=panel, values=VALUES, by=viewer(make_person()))
    with later(4):
        services.close_recruitment(panel=panel, by=SYSTEM)
        stuck = services.publish_list(panel_id=panel.pk, by=SYSTEM)
        assert stuck.listed_at is None
        assert stuck.working_since is None
        assert any("mężczyzna" in line for line in drawing.problem_words(stuck, str))
        names = ("title", "question", "unit_id", "size", "recruit_until", "draw_on", "public_source", "min_age", "about")
        row = {name: getattr(stuck, name) for name in names}
        wide = [
            {**feature, "values": [{**value, "least": 0, "most": 5} for value in feature["values"]]}
            for feature in stuck.features
        ]
        services.update_panel(panel=stuck, row=services.PanelRow(**row, features=wide), by=viewer(staff))
        services.close_recruitment(panel=panel, by=SYSTEM)
        assert services.publish_list(panel_id=panel.pk, by=SYSTEM).listed_at


def test_too_few_people_is_said_plainly(panel, later):
    services.apply(panel=panel, values=VALUES, by=viewer(make_person()))
    with later(4):
        services.close_recruitment(panel=panel, by=SYSTEM)
        stuck = services.publish_list(panel_id=panel.pk, by=SYSTEM)
    assert drawing.problem_words(stuck, str) == ["Zgłosiło się mniej osób (1), niż ma liczyć panel (5)."]


def test_the_panel_ends_only_when_each_recommendation_has_an_answer_with_reasons(drawn):
    made = services.recommend(panel=drawn, text="Sadzić przy szkołach.", by=SYSTEM)
    with pytest.raises(services.Refused):
        services.finish(panel=drawn, by=SYSTEM)
    with pytest.raises(services.Refused):
        services.decide(recommendation=made, fate=Fate.REJECTED, reasons=" ", url="", by=SYSTEM)
    services.decide(recommendation=made, fate=Fate.PARTLY, reasons="Przy trzech.", url="", by=SYSTEM)
    assert services.finish(panel=drawn, by=SYSTEM).finished_at


def test_staff_of_another_unit_may_do_nothing(panel, drawn):
    other = viewer(make_staff("participation.coordinator", make_unit()))
    assert not Panel.objects.managed_by(other).exists()
    with pytest.raises(PermissionDenied):
        services.recommend(panel=drawn, text="x", by=other)


def test_applications_are_deleted_after_the_panel_and_the_draw_can_still_be_repeated(drawn):
    services.finish(panel=drawn, by=SYSTEM)
    assert privacy.due(clock.now() + timedelta(days=120)) == 1
    assert privacy.expire(clock.now() - timedelta(days=1)) == 0
    assert privacy.expire(clock.now() + timedelta(days=1)) == 1
    assert not drawn.applicants.exists()
    assert agrees(Panel.objects.get())


def test_a_person_gets_and_deletes_what_is_held_of_them(panel):
    person = make_person()
    services.apply(panel=panel, values=VALUES, phone="600700800", by=viewer(person))
    (held,) = privacy.export(person.pk)
    assert (held["values"], held["phone"]) == (VALUES, "600700800")
    assert privacy.erase(person.pk) == 1
    assert privacy.export(person.pk) == []


def test_the_draw_must_come_after_the_sign_up(panel):
    names = ("title", "question", "unit_id", "size", "recruit_until", "public_source", "features", "about", "min_age")
    row = services.PanelRow(draw_on=panel.recruit_until, **{name: getattr(panel, name) for name in names})
    with pytest.raises(ValidationError):
        services.update_panel(panel=panel, row=row, by=SYSTEM)
