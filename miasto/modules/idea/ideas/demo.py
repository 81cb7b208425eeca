"""Made-up ideas: what the profile's ``demo_ideas.toml`` says, lived through by the services at their days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, unit_for, viewer_for_person
from miasto.kernel.cases import services as cases
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.kernel.places.selectors import districts, geocode
from miasto.modules.idea import demo_days
from miasto.modules.idea.ideas import rules, selectors, services
from miasto.modules.idea.ideas.models import Idea, IdeaOpinion, IdeaSupport, State
from miasto.modules.idea.ideas.supporting import recount
from miasto.modules.idea.ideas.writing import digest, lock

NAMES = ("Ogrodniczka", "Marta", "Wiktor", "Czytelnik", "Rolkarka", "Pani Halina")


def load(*, seed: int) -> None:
    """Each idea of the profile; deterministic."""
    people = [viewer_for_person(UUID(one)) for one in marks.get("demo.residents", [])]
    if not people:
        return
    areas = list(districts())
    for number, row in enumerate(city().toml("demo_ideas.toml").get("ideas", []), start=1):
        _Life(row, number, people, areas).live()


class _Life:
    """One idea of the profile, from its publication to today."""

    def __init__(self, row: dict[str, Any], number: int, people: list[Any], areas: list[Any]) -> None:
        self.row, self.number, self.people, self.areas = row, number, people, areas
        self.author = people[row["by"] % len(people)]
        self.idea: Any = None

    def live(self) -> None:
        with demo_days.at(self.row["published"], 9):
            self._publish()
        for name in ("revised", "withdrawn", "hidden", "merged"):
            if name in self.row:
                getattr(self, f"_{name}")(self.row[name])
        if "merged" not in self.row and "withdrawn" not in self.row:
            self._gather()
        self._comments()
        if "decided" in self.row or self.row.get("state") == State.EXAMINED:
            self._examine()
        for url, title, day, fate, text, news in self.row.get("outcomes", []):
            self._outcome(url, title, day, fate, text, news)

    def _fresh(self) -> Idea:
        return Idea.objects.get(pk=self.idea.pk)

    def _publish(self) -> None:
        row, found = self.row, None
        reach = row.get("reach", rules.CITY)
        if reach == rules.PLACE:
            found = next(iter(geocode(row["place"], limit=1)), None)
            reach = rules.PLACE if found else rules.CITY
        told = services.IdeaRow(
            title=row["title"],
            text=row["text"].strip(),
            topic=row["topic"],
            reach=reach,
            area_id=self.areas[row["area"] % len(self.areas)].pk if reach == rules.DISTRICT else None,
            point=(found.lon, found.lat) if found else None,
            place=row.get("place", ""),
            name=row.get("name", "") or selectors.own_name(self.author) or NAMES[row["by"] % len(NAMES)],
        )
        self.idea = services.publish_idea(idea=services.keep_draft(row=told, by=self.author), by=self.author)

    def _crowd(self, count: int) -> None:
        """Supporters who came by an address and asked not to be written to: a digest each."""
        now = clock.now()
        rows = [
            IdeaSupport(idea=self.idea, who=digest(f"demo:{self.number}:{turn}"), at=now, confirmed_at=now)
            for turn in range(count)
        ]
        IdeaSupport.objects.bulk_create(rows)
        recount(lock(self.idea.pk))

    def _gather(self) -> None:
        """The last supporter comes by account, so that the threshold is reached as in life."""
        many = self.row["support"]
        start = self.row["published"]
        last = min(start + 25, -1)
        if not many or self.row.get("hidden"):
            return
        with demo_days.at(last):
            self._crowd(min(many, self.idea.threshold) - 1)
            other = next(one for one in self.people if one.person_id != self.author.person_id)
            services.support(idea=self._fresh(), by=other)
            if many > self.idea.threshold:
                _more(self.idea, self.number, many - self.idea.threshold)
        idea = self._fresh()
        if idea.state == State.GATHERING and idea.closes_on < clock.today():
            with demo_days.at(start + 91, 1):
                services.close_gathering(idea_id=idea.pk, by=SYSTEM)

    def _comments(self) -> None:
        for turn, (who, name, body) in enumerate(self.row.get("comments", [])):
            with demo_days.at(self.row["published"] + 2 + turn, 18):
                person = self.people[who % len(self.people)]
                services.choose_name(name=name, by=person)
                services.comment(idea=self._fresh(), body=body, by=person)

    def _examine(self) -> None:
        row = self.row
        begun = min(row["published"] + 27, -1)
        if "taken_up" in row:
            day, why = row["taken_up"]
            with demo_days.at(day):
                services.take_up(idea=self._fresh(), reason=why, by=SYSTEM)
            begun = day + 1
        for competence, question, stance, text, days in row.get("opinions", []):
            with demo_days.at(begun):
                unit = unit_for(competence)
                asked = services.ask_opinion(idea=self._fresh(), unit_id=unit.pk, question=question, by=SYSTEM)
            if stance:
                with demo_days.at(begun + days):
                    _answer(asked, stance, text)
        if "cost" in row:
            cost, yearly, note = row["cost"]
            with demo_days.at(begun + 21):
                services.estimate(idea=self._fresh(), cost=cost, yearly=yearly or None, note=note, by=SYSTEM)
        if "extended" in row:
            days, why = row["extended"]
            with demo_days.at(begun + 30):
                due = self._fresh().due_on + timedelta(days=days)
                services.extend(idea=self._fresh(), due_on=due, reason=why, by=SYSTEM)
        if "decided" in row:
            with demo_days.at(row["decided"]):
                services.decide(
                    idea=self._fresh(), state=row["state"], reasons=row["reasons"], decided_by=row["decided_by"], by=SYSTEM
                )

    def _outcome(self, url: str, title: str, day: int, fate: str, text: str, news: list[Any]) -> None:
        with demo_days.at(day):
            made = services.link_outcome(idea=self._fresh(), url=url, title=title, text=text, fate=fate, by=SYSTEM)
        for later, then, words in news:
            with demo_days.at(later):
                services.follow_outcome(idea=self._fresh(), outcome=made, fate=then, text=words, by=SYSTEM)

    def _revised(self, told: list[Any]) -> None:
        day, title, why = told
        idea = self._fresh()
        row = services.row_of(idea, idea.versions.get())
        with demo_days.at(day):
            services.revise(idea=idea, row=replace(row, title=title), why=why, by=self.author)

    def _withdrawn(self, told: list[Any]) -> None:
        day, why = told
        with demo_days.at(self.row["published"] + 20):
            self._crowd(self.row["support"])
        with demo_days.at(day):
            services.withdraw_idea(idea=self._fresh(), reason=why, by=self.author)

    def _hidden(self, told: list[Any]) -> None:
        rule, day, note = told
        with demo_days.at(day):
            services.hide(idea=self._fresh(), rule=rule, note=note, by=SYSTEM)

    def _merged(self, told: list[Any]) -> None:
        into, day, why = told
        with demo_days.at(self.row["published"] + 3):
            self._crowd(self.row["support"])
        with demo_days.at(day):
            services.merge(idea=self._fresh(), into=Idea.objects.get(number=into), reason=why, by=SYSTEM)


def _more(idea: Idea, number: int, count: int) -> None:
    """Those who came on the day on which the threshold was reached, before the city took the idea up."""
    now = clock.now()
    rows = [IdeaSupport(idea=idea, who=digest(f"demo:more:{number}:{turn}"), at=now, confirmed_at=now) for turn in range(count)]
    IdeaSupport.objects.bulk_create(rows)
    recount(lock(idea.pk))


def _answer(asked: IdeaOpinion, stance: str, text: str) -> None:
    """What a unit did with the question: began to write (``start``), has no need to any more (``cancel``), or answered."""
    if stance == "cancel":
        services.withdraw_question(opinion=asked, reason=text, by=SYSTEM)
        return
    cases.take_step(case=asked.case, transition=stance, answer=text, by=SYSTEM)
    if stance != "start":
        services.receive_opinion(case_id=asked.case_id, stance=stance, text=text, by=SYSTEM)
