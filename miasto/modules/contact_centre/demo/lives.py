"""The life of a made-up report: who did what and when, from the filing to the last step before now."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from miasto.modules.contact_centre.case_type import CONFIRM_DAYS
from miasto.modules.contact_centre.demo.grammar import Grammar
from miasto.modules.contact_centre.demo.rhythm import office_time, shift_time

FORGOTTEN = timedelta(days=40)
READ_BY = timedelta(days=5)  # what is older no longer waits on the desk of publication
ENDS = ("resolve", "reject", "forward")
SPOKEN = ("comment", "added")
TALK = ("comment", "added", "assigned", "text_decided")


@dataclass(frozen=True)
class Happening:
    """One thing that happened. ``kind`` is step, assigned, comment, added, text_decided, linked or split.

    ``by`` is staff, filer, body or system. ``body`` is the slug of a body outside, ``other`` the other report of a relation.
    """

    at: datetime
    kind: str
    by: str
    staff: UUID | None = None
    transition: str = ""
    words: str = ""
    audience: str = ""
    unit: str = ""
    assignee: UUID | None = None
    photo: bool = False
    publish: bool = True
    body: str = ""
    other: Any = None


@dataclass
class Life:
    """A case without its place: filing, happenings in order of time, and what the public may read."""

    category: str
    filed_at: datetime
    first_unit: str
    unit: str
    happenings: list[Happening] = field(default_factory=list)


@dataclass(frozen=True)
class Crew:
    """Who works in a unit: clerks and the supervisor."""

    clerks: tuple[UUID, ...]
    supervisor: UUID


class Biographer:
    """Invents lives. ``crews`` by unit slug; ``triage`` is the unit that first reads what came to the wrong one."""

    def __init__(
        self,
        dice: random.Random,
        grammar: Grammar,
        now: datetime,
        crews: dict[str, Crew],
        operators: tuple[UUID, ...],
        triage: str,
    ) -> None:
        self.dice, self.grammar, self.now = dice, grammar, now
        self.crews, self.operators, self.triage = crews, operators, triage

    def live(self, *, category: str, filed_at: datetime, unit: str, days: int, danger: bool, private: bool) -> Life:
        """A life as long as there was time for: later happenings have not happened yet."""
        wrong = self.dice.random() < 0.09 and self.triage in self.crews and self.triage != unit
        life = Life(category, filed_at, self.triage if wrong else unit, unit)
        told = self._beginning(life, danger, private, wrong)
        if not (self._lately(filed_at) and self.dice.random() < 0.05):
            self._handling(life, told, days, danger)
        ended = min((item.at for item in life.happenings if item.transition in ENDS), default=self.now)
        idle = [item for item in life.happenings if item.kind in TALK and item.at > ended and item.by != "system"]
        kept = [item for item in life.happenings if item.at < self.now and item not in idle]
        kept = [item for item in kept if item.words or item.kind not in SPOKEN]  # a profile may have no words for them
        life.happenings = sorted(kept, key=lambda item: item.at)
        return life

    def _lately(self, moment: datetime) -> bool:
        """Whether something may still lie untouched: nothing is forgotten for longer than that."""
        return self.now - moment < FORGOTTEN

    def _staff(self, unit: str) -> UUID:
        crew = self.crews.get(unit)
        return self.dice.choice(crew.clerks) if crew else self.dice.choice(self.operators)

    def _later(self, moment: datetime, hours: float, at_once: bool = False) -> datetime:
        """About so many hours later, within office hours unless it is done at once."""
        found = moment + timedelta(hours=max(0.05, self.dice.lognormvariate(0, 0.7) * hours))
        return found if at_once else office_time(self.dice, found)

    def _beginning(self, life: Life, danger: bool, private: bool, wrong: bool) -> datetime:
        read = self._later(life.filed_at, 0.3 if danger else 1.2, at_once=True)
        read = read if danger else shift_time(self.dice, read)
        operator = self.dice.choice(self.operators)
        if wrong:
            life.happenings.append(Happening(read, "assigned", "staff", operator, unit=life.unit))
            read = self._later(read, 2, danger)
        roll = self.dice.random()
        if roll < 0.985 or self.now - life.filed_at > READ_BY:
            verdict = (roll < 0.96 or roll >= 0.985) and not (private and roll < 0.25)
            life.happenings.append(Happening(read, "text_decided", "staff", operator, publish=verdict))
        if self.dice.random() < 0.35:
            clerk = self._staff(life.unit)
            read += timedelta(minutes=self.dice.uniform(2, 30))
            life.happenings.append(Happening(read, "assigned", "staff", operator, unit=life.unit, assignee=clerk))
        return read

    def _handling(self, life: Life, told: datetime, days: int, danger: bool) -> None:
        clerk = self._staff(life.unit)
        start = self._later(told, 0.5 if danger else 14, danger)
        life.happenings.append(Happening(start, "step", "staff", clerk, transition="start"))
        self._chatter(life, start, clerk)
        moment = start
        if self.dice.random() < 0.1:
            moment = self._question(life, start, clerk)
            if moment is None:
                return
        share = min(4.0, self.dice.lognormvariate(-0.75, 0.65))
        end = office_time(self.dice, moment + timedelta(days=max(0.1, days * share)))
        self._ending(life, end, clerk)

    def _chatter(self, life: Life, start: datetime, clerk: UUID) -> None:
        if self.dice.random() < 0.3:
            at = self._later(start, 8)
            life.happenings.append(
                Happening(at, "comment", "staff", clerk, words=self.grammar.line("internal"), audience="internal")
            )
        if self.dice.random() < 0.14:
            at, words = self._later(start, 20), self.grammar.line("public")
            life.happenings.append(Happening(at, "comment", "staff", clerk, words=words, audience="public"))
        if self.dice.random() < 0.08:
            at = start + timedelta(hours=self.dice.uniform(3, 60))
            life.happenings.append(Happening(at, "added", "filer", words=self.grammar.line("additions"), audience="parties"))

    def _question(self, life: Life, start: datetime, clerk: UUID) -> datetime | None:
        asked = self._later(start, 3)
        life.happenings.append(
            Happening(asked, "step", "staff", clerk, transition="ask", words=self.grammar.line("questions"), audience="parties")
        )
        if self._lately(asked) and self.dice.random() < 0.25:
            return None
        if self.dice.random() < 0.85:
            back = asked + timedelta(hours=self.dice.lognormvariate(2.4, 0.9))
            life.happenings.append(
                Happening(back, "step", "filer", transition="reply", words=self.grammar.line("replies"), audience="parties")
            )
            return back
        back = office_time(self.dice, asked + timedelta(days=self.dice.uniform(5, 9)))
        words = "Brak odpowiedzi, sprawdzimy sami na miejscu."
        life.happenings.append(Happening(back, "step", "staff", clerk, transition="resume", words=words, audience="parties"))
        return back

    def _ending(self, life: Life, end: datetime, clerk: UUID) -> None:
        roll = self.dice.random()
        if roll < 0.06:
            words = self.grammar.answer(life.category, "no")
            life.happenings.append(Happening(end, "step", "staff", clerk, transition="reject", words=words, audience="public"))
        elif roll < 0.12:
            self._outside(life, end, clerk)
        else:
            self._solved(life, end, clerk, disputable=True)

    def _outside(self, life: Life, end: datetime, clerk: UUID) -> None:
        """Forwarded: most bodies answer in a week or two, some send the matter back, some stay silent."""
        body = self.grammar.outside()
        if body is None:
            words = self.grammar.answer(life.category, "out")
            life.happenings.append(Happening(end, "step", "staff", clerk, transition="reject", words=words, audience="public"))
            return
        said = self.dice.choice(body["say"])
        life.happenings.append(
            Happening(end, "step", "staff", clerk, transition="forward", words=said, audience="public", body=body["body"])
        )
        roll, days = self.dice.random(), self.dice.lognormvariate(2.0, 0.6)
        back = office_time(self.dice, end + timedelta(days=days))
        if roll < 0.3:
            silent = office_time(self.dice, end + timedelta(days=self.dice.uniform(30, 60)))
            words = "Instytucja prowadzi sprawę u siebie i tam odpowie. Kończymy ją po naszej stronie."
            ended = Happening(silent, "step", "staff", clerk, transition="hand_over", words=words, audience="public")
            life.happenings.append(ended)
        elif roll < 0.8:
            self._done_outside(life, back, body)
        else:
            words = self.dice.choice(body["no"])
            life.happenings.append(
                Happening(back, "step", "body", transition="outside_refused", words=words, audience="public", body=body["body"])
            )
            again = office_time(self.dice, back + timedelta(days=self.dice.uniform(1, 6)))
            self._solved(life, again, clerk, disputable=False)

    def _done_outside(self, life: Life, back: datetime, body: dict[str, Any]) -> None:
        words = self.dice.choice(body["done"])
        life.happenings.append(
            Happening(back, "step", "body", transition="outside_done", words=words, audience="public", body=body["body"])
        )
        at = office_time(self.dice, back + timedelta(days=CONFIRM_DAYS + 1))
        life.happenings.append(Happening(at, "step", "staff", self._supervisor(life.unit), transition="close"))

    def _solved(self, life: Life, end: datetime, clerk: UUID, *, disputable: bool) -> None:
        words = self.grammar.answer(life.category, "done")
        photo = self.dice.random() < 0.4
        life.happenings.append(
            Happening(end, "step", "staff", clerk, transition="resolve", words=words, audience="public", photo=photo)
        )
        roll = self.dice.random()
        if roll < 0.3:
            at = end + timedelta(hours=self.dice.lognormvariate(2.5, 1.0))
            if at < end + timedelta(days=CONFIRM_DAYS - 1):
                life.happenings.append(Happening(at, "step", "filer", transition="confirm"))
                return
        if roll < 0.39 and disputable:
            self._dispute(life, end, clerk)
            return
        at = office_time(self.dice, end + timedelta(days=CONFIRM_DAYS + self.dice.uniform(0.5, 3)))
        life.happenings.append(Happening(at, "step", "staff", self._supervisor(life.unit), transition="close"))

    def _dispute(self, life: Life, end: datetime, clerk: UUID) -> None:
        at = end + timedelta(hours=min(self.dice.lognormvariate(3, 0.9), (CONFIRM_DAYS - 1) * 24))
        life.happenings.append(
            Happening(at, "step", "filer", transition="dispute", words=self.grammar.line("disputes"), audience="parties")
        )
        judged = self._later(at, 30)
        supervisor = self._supervisor(life.unit)
        life.happenings.append(Happening(at, "assigned", "system", assignee=supervisor))
        if self.dice.random() < 0.7:
            words = self.grammar.line("redo")
            life.happenings.append(
                Happening(judged, "step", "staff", supervisor, transition="redo", words=words, audience="public")
            )
            life.happenings.append(Happening(judged, "assigned", "system", assignee=clerk))
            again = office_time(self.dice, judged + timedelta(days=self.dice.uniform(1, 6)))
            self._solved(life, again, clerk, disputable=False)
        else:
            words = self.grammar.line("upheld")
            life.happenings.append(
                Happening(judged, "step", "staff", supervisor, transition="uphold", words=words, audience="public")
            )

    def _supervisor(self, unit: str) -> UUID:
        crew = self.crews.get(unit)
        return crew.supervisor if crew else self.dice.choice(self.operators)
