"""A running meeting with a list of people, and ways to come in and vote."""

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import clock
from miasto.modules.idea.live import services


@pytest.fixture
def unit(db):
    return make_unit()


@pytest.fixture
def staff(unit):
    return make_staff("participation.coordinator", unit)


@pytest.fixture
def make_meeting(unit):
    def make(*, started=True, **fields):
        row = services.MeetingRow(title="Sesja próbna", starts_at=clock.now(), unit_id=unit.pk, **fields)
        made = services.create_meeting(row=row, by=SYSTEM)
        return services.start_meeting(meeting=made, by=SYSTEM) if started else made

    return make


@pytest.fixture
def ask():
    """A question at the end of the agenda, opened unless said otherwise."""

    def put(meeting, *, opened=True, **fields):
        fields = {"kind": "yes_no", "title": "Czy przyjąć uchwałę?", **fields}
        made = services.add_question(meeting=meeting, row=services.QuestionRow(**fields), by=SYSTEM)
        return services.open_question(question=made, by=SYSTEM) if opened else made

    return put


@pytest.fixture
def council(make_meeting):
    """A council of five on a list, all come in: ``(meeting, participants)``."""
    meeting = make_meeting(admission="listed", quorum="share")
    made = services.list_people(meeting=meeting, names=[f"Radna {n}" for n in range(1, 6)], by=SYSTEM)
    people = [services.join_by_secret(meeting=meeting, secret=secret, remote=False) for _name, secret in made]
    return meeting, people
